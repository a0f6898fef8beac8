"""Rules that say what a piece of a page is, kept as data: one row per rule in `rules/<kind>.toml`.

Writing a row. Say what makes such a line furniture, not what one line says: where it stands, how long it is,
whether it closes a sentence, what its box is called, how much of it is a link. Words come last, in every
language of the desk at once, and never a sentence, headline or name from a page. Body text lost is worse than a
caption left: when a pattern could open a paragraph of news, bound it by `place` and `max_words`.

    [[rule]]
    id = "caption.archive-photo"       # kind, dot, what it looks for
    pattern = ["(?:file|archive) photo", "foto d.archivio"]  # alternatives; without regard to case unless `case = true`
    match = "end"                      # "anywhere", or at the "start", at the "end", or the "whole" line;
                                       # marks that are no letters may stand around it. Default: anywhere
    place = ["head", "middle"]         # "head" before the text, "middle" in it, "tail" after it; default: all
    max_words = 60                     # and min_words
    stop = false                       # whether it closes a sentence; default: no matter
    traits = ["caption"]               # stands in a box of one of these names (HTML only)
    without = ["list"]                 # and in none of these
    tags = ["figcaption"]              # or in one of these elements
    min_link_share = 0.5               # of its characters inside links
    min_emphasis_share = 0.9           # of its characters in italics or bold
    chosen = false                     # whether the extractor counted it to the article
    confidence = 0.9
    example = "..."                    # must match at the first of its places
    counter_example = "..."            # must not

An example that starts with "<" is read as HTML. The tests run every example of every row.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from articles.errors import NightwireError
from articles.facts import Facts
from articles.records import BlockKind

Place = Literal["head", "middle", "tail"]
PLACES: tuple[Place, ...] = ("head", "middle", "tail")

# In this order the kinds are asked; the first rule that matches decides. What is told by structure or by exact
# wording comes before what is told by shape.
_ORDER = (
    BlockKind.CHROME,
    BlockKind.CREDIT,
    BlockKind.APPEAL,
    BlockKind.RELATED,
    BlockKind.CONTRIBUTION,
    BlockKind.BIO,
    BlockKind.CAPTION,
    BlockKind.DEK,
    BlockKind.BYLINE,
)


_MOST_CHARS = 20_000  # no line that a rule knows by its words is longer; a hostile one may have megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: all stated conditions must hold."""

    id: str
    kind: BlockKind
    example: str
    counter_example: str
    confidence: float
    pattern: re.Pattern[str] | None = None
    place: tuple[Place, ...] = PLACES
    min_words: int = 0
    max_words: int = 10_000
    stop: bool | None = None
    traits: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    min_link_share: float = 0.0
    min_emphasis_share: float = 0.0
    chosen: bool | None = None

    def matches(self, facts: Facts) -> bool:
        """Tell whether the rule holds for a piece whose place, element and box it asks for."""
        piece = facts.piece
        return (
            self.min_words <= facts.words <= self.max_words
            and (self.chosen is None or piece.is_chosen is self.chosen)
            and piece.link_share >= self.min_link_share
            and piece.emphasis_share >= self.min_emphasis_share
            and (self.stop is None or facts.is_sentence is self.stop)
            and (
                self.pattern is None
                or (len(piece.text) <= _MOST_CHARS and self.pattern.search(piece.text) is not None)
            )
        )


class RuleSet:
    """Rules in the order in which they are asked; which of them a place, an element and a box leave is remembered."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._candidates = lru_cache(maxsize=4_000)(self._select)

    def find(self, facts: Facts, place: Place) -> Rule | None:
        """The first rule that holds for a piece at a place; None where none does."""
        piece = facts.piece
        candidates = self._candidates(place, piece.tag, piece.traits)
        return next((rule for rule in candidates if rule.matches(facts)), None)

    def _select(self, place: Place, tag: str, traits: frozenset[str]) -> tuple[Rule, ...]:
        return tuple(
            rule
            for rule in self._rules
            if place in rule.place
            and (not rule.tags or tag in rule.tags)
            and (not rule.traits or not rule.traits.isdisjoint(traits))
            and rule.without.isdisjoint(traits)
        )


@cache
def load_rules() -> tuple[Rule, ...]:
    """All rows of all kinds, in the order in which they are asked.

    Raises:
        NightwireError: a row has an unknown key, a wrong value or a pattern that does not compile.
    """
    return tuple(rule for kind in _ORDER for rule in _load_kind(kind))


def _load_kind(kind: BlockKind) -> list[Rule]:
    rows = load_table(str(kind)).get("rule", [])
    name = f"articles/rules/{kind}.toml"
    return [read_rule(row, kind=kind, where=f"{name}, rule {n}") for n, row in enumerate(rows, start=1)]


def load_table(stem: str) -> dict[str, list[Any]]:
    """Read `rules/<stem>.toml`; an empty table where there is no such file.

    Raises:
        NightwireError: the file is not valid TOML.
    """
    file = resources.files("articles").joinpath("rules", f"{stem}.toml")
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise NightwireError(
            f"articles/rules/{stem}.toml is not valid TOML: {error}; correct the file"
        ) from error


class _Row(BaseModel):
    """One `[[rule]]` table as it may be written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    example: str
    counter_example: str
    confidence: float = Field(gt=0, le=1)
    pattern: list[str] = []
    match: Literal["anywhere", "start", "end", "whole"] = "anywhere"
    case: bool = False
    place: list[Place] = list(PLACES)
    min_words: int = 0
    max_words: int = 10_000
    stop: bool | None = None
    traits: list[str] = []
    without: list[str] = []
    tags: list[str] = []
    min_link_share: float = 0.0
    min_emphasis_share: float = 0.0
    chosen: bool | None = None


def read_rule(row: object, *, kind: BlockKind, where: str) -> Rule:
    """Read one row.

    Args:
        row: the keys and values of one `[[rule]]` table.
        kind: the kind its file is named after.
        where: file and row, for the error.

    Raises:
        NightwireError: naming the row, the key and what was expected.
    """
    try:
        given = _Row.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise NightwireError(
            f"{where}: {key}: {first['msg']}; correct the row (see articles/rules.py)"
        ) from error
    if not given.id.startswith(f"{kind}."):
        raise NightwireError(f"{where}: id {given.id!r} must start with {f'{kind}.'!r}; rename it")
    return Rule(
        id=given.id,
        kind=kind,
        example=given.example,
        counter_example=given.counter_example,
        confidence=given.confidence,
        pattern=_compile(given, where),
        place=tuple(given.place),
        min_words=given.min_words,
        max_words=given.max_words,
        stop=given.stop,
        traits=frozenset(given.traits),
        without=frozenset(given.without),
        tags=frozenset(given.tags),
        min_link_share=given.min_link_share,
        min_emphasis_share=given.min_emphasis_share,
        chosen=given.chosen,
    )


_FRAMES = {
    "anywhere": "(?:{})",
    "start": r"^[^\w<]*(?:{})",
    "end": r"(?:{})\W*$",
    "whole": r"^\W*(?:{})\W*$",
}


def _compile(row: _Row, where: str) -> re.Pattern[str] | None:
    if not row.pattern:
        return None
    frame = _FRAMES[row.match]
    try:
        return re.compile(frame.format("|".join(row.pattern)), 0 if row.case else re.IGNORECASE)
    except re.error as error:
        raise NightwireError(f"{where}: the pattern does not compile ({error}); correct it") from error
