"""What a report says about which happening it tells of: its words, phrases, names, places and numbers.

Two outlets tell of one happening in words of their own, so no run of words is shared; what is shared are the people,
the towns, the figures, and the rarer words. They are read from the headline, the standfirst and the opening, where
news stands. Words are folded as `fingerprints` folds them, and cut to their stems lightly in English and Arabic.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from babel import Locale

from articles.fingerprints import normalise, words
from articles.letters import even_out

METHOD_VERSION = "2"  # raise it with any change that moves a term: stored terms are then made again

LEDE_PARAGRAPHS = 3
LEDE_WORDS = 120  # many outlets of the stream print one paragraph a page
TITLE_WEIGHT = 2.0
LEAST_WORDS = (
    12  # distinct ones that say something; a shorter text tells of no happening that could be recognised
)

_CASELESS = re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]")  # Hebrew and Arabic script
_TOKEN = re.compile(r"[^\W_](?:[\w'’.-]*[^\W_])?")
_CAPITAL = "A-ZÀ-ÖØ-ÞĞİŞŻŚŠŽĆČŁА-ЯЁІЇЄ"
_CAPITALISED = rf"(?:(?:al|el|ash|an|ad|ar|as)-)?[{_CAPITAL}][\w'’]*"
_NAME = re.compile(
    rf"(?<!\w){_CAPITALISED}(?:(?:[ -]| (?:al|el|bin|ibn|de|da|du|la|von|van|der|ul) )(?:{_CAPITALISED}))*"
)
_SHORTEST_NAME = 3
_SHORTEST_PLACE = 3
_SENTENCE_END = re.compile(r"[.!?:…«»\"“”‘(\n]\s*$")
_NUMBER = re.compile(r"\d+(?:[.,٬،]\d{3})*(?:[.,٫]\d+)?")
_YEARS = ((1350, 1460), (1900, 2100))  # solar and lunar Hijri, common era
_LONGEST_PLACE = 3  # words
_PLACE_LOCALES = ("en", "ar", "fa", "ur", "ps", "ckb", "ru", "fr", "de", "es", "tr")


class Kind(StrEnum):
    """What a term is."""

    WORD = "word"  # of the headline or the opening, folded and cut to its stem
    PHRASE = "phrase"  # two such words in a row: stands in for names where a script has no capitals
    NAME = "name"  # a run of capitalised words
    PLACE = "place"  # by its English name, or as the dateline prints it
    NUMBER = "number"  # in ASCII digits


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a report says."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a report tells, as far as it can be compared."""

    weights: dict[
        Term, float
    ]  # how often, the headline counted double; to be multiplied by how rare the term is
    places: frozenset[str]

    @property
    def is_telling(self) -> bool:
        """Whether there is enough to recognise a happening by."""
        return sum(term.kind is Kind.WORD for term in self.weights) >= LEAST_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """rules/tellings.toml and rules/places.toml, folded."""

    common: dict[str, frozenset[str]]
    front: dict[str, tuple[str, ...]]
    back: dict[str, tuple[str, ...]]
    least: dict[str, int]
    numbers: dict[str, int]
    scales: dict[str, int]
    months: frozenset[str]
    weekdays: frozenset[str]
    places: dict[str, str]  # folded words -> the place's English name
    place_heads: frozenset[str]  # first words of them


def read_telling(
    *, title: str | None, dek: str | None, text: str, dateline: str | None, language: str | None
) -> Telling:
    """Read what a report tells.

    Args:
        title: the headline, if any.
        dek: the standfirst, if any.
        text: body and subheads, a paragraph a line.
        dateline: the place before the first sentence, if any.
        language: ISO 639-1 code; None where it is not known: then words of every language count as common.

    Returns:
        Terms with weights above zero; empty for an empty text.
    """
    rules = _rules()
    lede = " \n ".join(_opening(text))
    weights: dict[Term, float] = {}

    def count(kind: Kind, found: Iterable[str], weight: float) -> None:
        for one in found:
            term = Term(kind, one)
            weights[term] = weights.get(term, 0.0) + weight

    for part, weight in ((title, TITLE_WEIGHT), (dek, 1.0), (lede, 1.0)):
        if not part:
            continue
        folded = words(part)
        stems = [_stem(word, language, rules) for word in folded]
        count(Kind.WORD, filter(None, stems), weight)
        if _CASELESS.search(part):
            count(
                Kind.PHRASE,
                (f"{one} {next_one}" for one, next_one in pairwise(stems) if one and next_one),
                weight,
            )
        count(Kind.PLACE, _places_in(folded, rules), weight)
        count(Kind.NUMBER, _numbers_in(part, rules), weight)
    if dateline:
        folded_dateline = words(dateline)
        count(Kind.PLACE, list(_places_in(folded_dateline, rules)) or [" ".join(folded_dateline)], 1.0)
    count(Kind.NAME, _names_in("\n".join(filter(None, (_in_sentence_case(title), dek, lede)))), 1.0)
    places = frozenset(term.text for term in weights if term.kind is Kind.PLACE)
    return Telling(weights=weights, places=places)


def _opening(text: str) -> Iterator[str]:
    """The first paragraphs, up to `LEDE_WORDS` words together."""
    left = LEDE_WORDS
    for line in text.split("\n")[:LEDE_PARAGRAPHS]:
        cut = line.split()[:left]
        if not cut:
            return
        left -= len(cut)
        yield " ".join(cut)


def _stem(word: str, language: str | None, rules: _Rules) -> str | None:
    """The word without its endings; None where it is common, a single letter, or a numeral."""
    common = rules.common.get(language or "", rules.common[""])
    if word in common or len(word) < 2 or word.isdigit():
        return None
    stem = _cut(word, language, rules)
    return None if stem in common else stem


def _cut(word: str, language: str | None, rules: _Rules) -> str:
    if language not in rules.least:
        return word
    least = rules.least[language]
    for piece in rules.front[language]:
        if word.startswith(piece) and len(word) - len(piece) >= least + (len(piece) == 1):
            word = word[len(piece) :]
            break
    for piece in rules.back[language]:
        if word.endswith(piece) and len(word) - len(piece) >= least:
            return word[: -len(piece)]
    return word


def _places_in(folded: Sequence[str], rules: _Rules) -> Iterator[str]:
    """Known places among folded words, the longest name first; Arabic ones also behind a particle."""
    at = 0
    while at < len(folded):
        head = next((one for one in _without_particle(folded[at]) if one in rules.place_heads), None)
        for length in range(_LONGEST_PLACE, 0, -1) if head else ():
            place = rules.places.get(" ".join([head or "", *folded[at + 1 : at + length]]))
            if place is not None and at + length <= len(folded):
                yield place
                at += length - 1
                break
        at += 1


def _without_particle(word: str) -> Iterator[str]:
    yield word
    for particle in ("و", "ب", "ل", "ف", "وب", "ول"):
        if word.startswith(particle) and len(word) - len(particle) >= _SHORTEST_PLACE:
            yield word[len(particle) :]
            if particle.endswith("ل") and not word.startswith("ال"):
                yield f"ا{word[len(particle) - 1 :]}"  # "للرياض": the article melts into "to"


def _numbers_in(text: str, rules: _Rules) -> Iterator[str]:
    """Counts and amounts, as numerals or written out; not the days and years of dates."""
    tokens = _NUMBER_OR_WORD.findall(_evened(text))
    value: float | None = None
    last_was_month = False
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        is_dated = last_was_month or following in rules.months or following in rules.weekdays
        last_was_month = token in rules.months
        numeral = _value(token)
        word = rules.numbers.get(token, rules.numbers.get(token.removeprefix("و")))
        if token in rules.scales:
            value = (value or 1.0) * rules.scales[token] if value is not None else None
            continue
        if value is not None and word is not None and _adds_up(value, word):
            value += word
            continue
        if value is not None and token not in _AND:
            yield from _printed(value)
            value = None
        if numeral is not None and not is_dated:
            value = numeral
        elif word is not None and not is_dated:
            value = float(word)
    if value is not None:
        yield from _printed(value)


_NUMBER_OR_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_AND = frozenset(("and", "و", "et", "und", "y", "ve"))


def _adds_up(value: float, word: int) -> bool:
    """Whether two number words are one: "twenty three", "ثلاثة وعشرين", "ثلاثة عشر"."""
    return (20 <= value < 100 and value % 10 == 0 and word < 10) or (value < 10 and 10 <= word < 100)


def _value(token: str) -> float | None:
    """A numeral's value; a year's and a one's are none."""
    if not token[0].isdigit():
        return None
    plain = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", token).replace(",", ".")
    if plain.count(".") > 1 or len(plain) > 12:
        return None
    value = float(plain)
    is_year = plain == token and any(first <= value <= last for first, last in _YEARS)
    return None if is_year or value <= 1 else value


def _printed(value: float) -> Iterator[str]:
    if value > 2:  # "two" is in every second report
        yield f"{value:.10g}"


@lru_cache(maxsize=64)
def _evened(text: str) -> str:
    return even_out(text).casefold()


def _in_sentence_case(title: str | None) -> str | None:
    """The headline, unless it capitalises every word: then capitals say nothing about names."""
    if title is None:
        return None
    long_ones = [token for token in _TOKEN.findall(title) if len(token) > 3]
    capitals = sum(token[0].isupper() for token in long_ones)
    return title if capitals * 2 <= len(long_ones) else None


def _names_in(text: str) -> list[str]:
    """Runs of capitalised words, folded; one word at the head of a sentence counts where it stands inside one too."""
    common = _rules().common[""]
    inside: list[str] = []
    heads: list[str] = []
    for match in _NAME.finditer(text):
        folded = words(match[0])
        is_head = _SENTENCE_END.search(text[max(0, match.start() - 4) : match.start()] or "\n") is not None
        while folded and folded[0] in common:
            folded = folded[1:]
        name = " ".join(folded)
        if len(name) < _SHORTEST_NAME or name.isdigit():
            continue
        (heads if is_head and len(folded) == 1 else inside).append(name)
    return inside + [name for name in heads if name in inside]


@cache
def _rules() -> _Rules:
    folder = resources.files("articles").joinpath("rules")
    table = tomllib.loads(folder.joinpath("tellings.toml").read_text("utf-8"))
    common = {language: frozenset(words(text)) for language, text in table["common"].items()}
    everywhere = frozenset().union(*common.values())
    places: dict[str, str] = {}
    for name, alias in _places(tomllib.loads(folder.joinpath("places.toml").read_text("utf-8"))["towns"]):
        folded = words(alias)
        key = " ".join(folded)
        if len(folded) <= _LONGEST_PLACE and len(key) >= _SHORTEST_PLACE and key not in everywhere:
            places.setdefault(key, name)
    endings = table["endings"]
    return _Rules(
        common={**common, "": everywhere},
        front={language: _folded(row["front"]) for language, row in endings.items()},
        back={language: _folded(row["back"]) for language, row in endings.items()},
        least={language: row["least"] for language, row in endings.items()},
        numbers={
            _evened(word): int(value)
            for row in table["numbers"].values()
            for value, spelled in row.items()
            for word in spelled
        },
        scales={_evened(word): int(value) for value, spelled in table["scales"].items() for word in spelled},
        months=frozenset(_evened(" ".join(table["months"].values())).split()),
        weekdays=frozenset(_evened(" ".join(table["weekdays"].values())).split()),
        places=places,
        place_heads=frozenset(key.split()[0] for key in places),
    )


def _places(towns: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Every place's English name with each way it is printed: our rows first, then CLDR's countries and cities."""
    for name, *others in towns:
        yield from ((name, alias) for alias in (name, *others))
    english = Locale.parse("en")
    for code in _PLACE_LOCALES:
        locale = Locale.parse(code)
        for territory, alias in locale.territories.items():
            if territory.isalpha():  # a number is a continent or a part of one
                yield english.territories[territory], alias
        for zone, names in locale.time_zones.items():
            if "city" in names and "/" in zone:
                yield zone.rsplit("/", 1)[1].replace("_", " "), names["city"]


def _folded(pieces: Iterable[str]) -> tuple[str, ...]:
    """Longest first, each once: folding makes some of them equal."""
    return tuple(dict.fromkeys(sorted((normalise(piece) for piece in pieces), key=len, reverse=True)))
