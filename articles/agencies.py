"""Whose copy a text is: the news agency that the page's own words credit, with the rule that decided.

Names and wordings are rows in rules/agencies.toml. A photo credit or a caption never counts, and a newspaper's
own name is no agency. Where a page credits two agencies for one text the answer is not known.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from articles.letters import even_out
from articles.records import TEXT_KINDS, BlockKind

_SHORT_NAME_LETTERS = (
    5  # "MAP" or "بنا" alone says nothing; such names count in brackets, datelines and bylines only
)
_SEVERAL = (  # no agency's name, but still the mark of a wire line
    *(
        "agencies",
        "news agencies",
        "wire services",
        "wire service",
        "wires",
        "wire reports",
        "newswires",
        "agency reports",
    ),
    *(
        "وكالات",
        "الوكالات",
        "خبرگزاری‌ها",
        "خبرگزاریها",
        "ایجنسیاں",
        "ایجنسیز",
        "خبر رساں ایجنسیاں",
    ),
)
_BYLINE_SPLIT = re.compile(
    r"\s*(?:[,/|&·•;+:()]|\s-\s|\b(?:and|with|for|et|avec|und|mit|y|con|ve|и|с)\b|(?<!\w)(?:و|اور)(?!\w))\s*",
    re.IGNORECASE,
)
_BYLINE_OPENING = re.compile(
    r"^(?:(?:written |reported |story |text )?by|from|source|par|von|por|بقلم|کتب|تحریر|رپورٹ|نوشته|نویسنده|گزارش|اعداد|المصدر|منبع)"
    r"\b ?[:\-]? ?",
    re.IGNORECASE,
)
_BYLINE_REST = re.compile(
    r"(?: news agency| newswire| staff| correspondents?| reporters?| writers?| in [\w ]+)+$",
    re.IGNORECASE,
)


_ARABIC_LETTER = re.compile(r"[\u0621-\u06d5]")
_LEAD_CHARS = 40  # all wordings of leads are in Arabic script
_CAPITALISED = re.compile(r"\b[A-ZÀ-ÞĀ-ſА-ЯЁІЇЄ]\w*")
_WORD = re.compile(r"\w+")
_PHOTO_RULES = frozenset({"wire.name-alone", "wire.copyright-of"})  # above the text they credit a photo
_PHOTO = re.compile(  # a line about a picture; "Text and photos: AFP" is about both
    r"^(?!.*\b(?:text|story|words)\b).*(?:\b(?:photos?|images?|pictures?|foto\w*|video|getty)\b|фото|تصویر|صوره|عکس|عدسه|فوٹو)",
    re.IGNORECASE,
)
_REGIONAL = re.compile(r"(?<=\w)/[a-z]{2,3}$")  # an agency's regional service: "dpa/lno"
_TAIL_CHARS = 120  # closing brackets with three agencies have 60


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency credited with a text."""

    name: str  # as in rules/agencies.toml, e.g. "AFP"
    rule: str  # what decided, e.g. "dateline.agency" or "clause.told"
    text: str = field(default="", compare=False)  # the line or paragraph that names it, as printed


@dataclass(frozen=True, slots=True)
class Wording:
    """One row of rules about lines, leads or clauses."""

    id: str
    pattern: re.Pattern[str]  # on text evened out
    example: str
    counter_example: str


@dataclass(frozen=True, slots=True)
class Credits:
    """All rows of rules/agencies.toml, compiled."""

    names: dict[str, str]  # evened-out alias -> agency; aliases in capitals as they are, others in lower case
    examples: dict[str, tuple[str, str]]  # agency -> example, counter-example
    arabic_keys: frozenset[str]  # the letters that names in Arabic script have in every form
    by_first_word: dict[str, list[str]]  # all other names, their case folded
    any_name: re.Pattern[str]
    lines: tuple[Wording, ...]
    leads: tuple[Wording, ...]
    clauses: tuple[Wording, ...]


def find_agency(
    blocks: Sequence[tuple[BlockKind, str]],
    *,
    authors: Sequence[str] = (),
    dateline_agency: str | None = None,
) -> Agency | None:
    """Find the agency that one article's own words credit.

    Asked in this order, and the first that names any decides: a wire line, byline or authors, dateline, the end of
    the text, its opening words, and last a clause such as "told Reuters" where no reporter of the outlet signs.

    Args:
        blocks: kind and text of every block of the article in reading order, what was taken out included.
        authors: as structured data states them, if any; agencies among them count.
        dateline_agency: what `datelines.read_dateline` found at the head of the text.

    Returns:
        None when nobody is credited, or two at once.
    """
    found = find_credits(blocks, authors=authors, dateline_agency=dateline_agency)
    return found[0] if len({agency.name for agency in found}) == 1 else None


def find_credits(
    blocks: Sequence[tuple[BlockKind, str]],
    *,
    authors: Sequence[str] = (),
    dateline_agency: str | None = None,
) -> tuple[Agency, ...]:
    """Every agency credited where the first credit stands, as `find_agency` asks; several contradict each other."""
    credited = _credited(blocks, authors, dateline_agency)
    return next((tuple(dict.fromkeys(found)) for found in credited if found), ())


def _credited(
    blocks: Sequence[tuple[BlockKind, str]],
    authors: Sequence[str],
    dateline_agency: str | None,
) -> Iterator[list[Agency]]:
    """What each place credits, in the order in which they are asked."""
    body = [text for kind, text in blocks if kind is BlockKind.BODY]
    last_body = max((n for n, (kind, _) in enumerate(blocks) if kind in TEXT_KINDS), default=-1)
    for n, (kind, text) in enumerate(blocks):
        rule = is_wire_line(text) if kind is BlockKind.WIRE else None
        if rule is not None and (rule not in _PHOTO_RULES or n > last_body):
            yield [Agency(name, rule, text) for name in _named_in(even_out(text))]
    signed = [*authors, *(text for kind, text in blocks if kind is BlockKind.BYLINE)]
    yield [Agency(name, "byline.agency", text) for text in signed for name in _named_in_byline(text)]
    opening = body[0] if body else ""
    yield ([Agency(dateline_agency, "dateline.agency", opening)] if dateline_agency else [])
    if not body:
        return
    tail = body[-1][-_TAIL_CHARS:]
    yield [Agency(name, "tail.agency", tail) for name in _named_at_end(even_out(tail))]
    leads = [text for text in body[:2] if _ARABIC_LETTER.search(text[:_LEAD_CHARS])]
    yield _said_by(_credits().leads, leads, _needles(" ".join(leads)), only_at_start=True)
    if not any(_is_person(text) for text in signed):
        yield _said_by(_credits().clauses, body, _needles(" ".join(body)))


def _needles(text: str) -> list[str]:
    """Letters of agencies' names that stand in a text: where none do, no sentence of it has to be searched."""
    credits = _credits()
    found: list[str] = []
    if _ARABIC_LETTER.search(text):
        evened = even_out(text)
        found += [key for key in credits.arabic_keys if key in evened]
    lowered = text.casefold()
    for first in credits.by_first_word.keys() & set(map(str.casefold, _CAPITALISED.findall(text))):
        found += [name for name in credits.by_first_word[first] if name in lowered]
    return found


def _said_by(
    wordings: Sequence[Wording],
    paragraphs: Sequence[str],
    needles: Sequence[str],
    *,
    only_at_start: bool = False,
) -> list[Agency]:
    """All agencies that one kind of wording names anywhere, with the rule and paragraph that name them."""
    found: list[Agency] = []
    for text in paragraphs if needles else ():
        evened = even_out(text)
        lowered = evened.casefold()
        if not any(needle in lowered for needle in needles):
            continue
        for wording in wordings:
            hits = [wording.pattern.match(evened)] if only_at_start else wording.pattern.finditer(evened)
            found += [Agency(name, wording.id, text) for hit in hits if hit for name in _named_in(hit[0])]
    return found


def is_wire_line(text: str) -> str | None:
    """The id of the rule by which a whole line credits an agency ("This dispatch was written by Reuters.").

    A byline ("By Reuters") is none; a line crediting "agencies" without a name is.
    """
    evened = even_out(text).strip(" .*[]")
    if len(evened.split()) > 25:  # the longest wordings have half as many
        return None
    for wording in _credits().lines:
        if wording.pattern.fullmatch(evened) or wording.pattern.fullmatch(evened.strip("()")):
            return wording.id
    return None


def agency_named(text: str) -> str | None:
    """The agency, when a text is the name of one and nothing else ("رويترز" is "Reuters")."""
    return _name(_REGIONAL.sub("", even_out(text).strip(" .()[]")))


def _name(evened: str) -> str | None:
    bare = re.sub(r"^the ", "", evened, flags=re.IGNORECASE)
    names = _credits().names
    return names.get(bare) or names.get(bare.casefold())


def _named_in(evened: str) -> list[str]:
    """Every agency named in a text that has been evened out."""
    parted = re.sub(r"\bلل", "ل ال", evened)  # "to" and the article, written as one
    return [name for hit in _credits().any_name.finditer(parted) if (name := _name(hit["name"]))]


def _named_in_byline(text: str) -> list[str]:
    if _PHOTO.search(even_out(text)):
        return []
    return [name for piece in _byline_pieces(text) if (name := _byline_agency(piece))]


def _is_person(text: str) -> bool:
    """Whether a byline names somebody, or the outlet's own reporter: then "told Reuters" is a quotation."""
    return any(" " in piece and _byline_agency(piece) is None for piece in _byline_pieces(text))


def _byline_pieces(text: str) -> list[str]:
    pieces = _BYLINE_SPLIT.split(_BYLINE_OPENING.sub("", even_out(text)))
    return [_BYLINE_OPENING.sub("", piece.strip(" .()")) for piece in pieces]


def _byline_agency(piece: str) -> str | None:
    return _name(piece) or _name(_BYLINE_REST.sub("", piece))


def _named_at_end(evened: str) -> list[str]:
    """The agencies in the closing brackets of a text or after its closing dash, when nothing else stands there."""
    closing = re.search(
        r"(?:\((?P<bracketed>[^()]{2,60})\)|(?<=[.!?\"'۔]) ?[-/] ?(?P<dashed>[^-.]{2,40}))[\s.]*$",
        evened,
    )
    if closing is None:
        return []
    pieces = [piece for piece in _BYLINE_SPLIT.split(closing["bracketed"] or closing["dashed"]) if piece]
    names = [name for piece in pieces if (name := _name(piece.strip()))]
    return names if len(names) == len(pieces) else []


@cache
def _credits() -> Credits:
    table = tomllib.loads(resources.files("articles").joinpath("rules", "agencies.toml").read_text("utf-8"))
    names: dict[str, str] = {}
    unclear: set[str] = set()  # in a sentence: a short name not in capitals, or a word of its own
    for row in table["agency"]:
        words = row.get("only_in_credits", [])
        for alias in map(even_out, row["aliases"] + words):
            name = alias if alias.isupper() else alias.casefold()
            names[name] = row["name"]
            if alias in map(even_out, words) or not (name.isupper() or len(name) >= _SHORT_NAME_LETTERS):
                unclear.add(name)
    clear = [name for name in names if name not in unclear]
    by_first_word: dict[str, list[str]] = {}
    for name in names:
        if not _ARABIC_LETTER.match(name):
            plain = name.casefold().removeprefix("the ")
            by_first_word.setdefault(_WORD.findall(plain)[0], []).append(plain)
    several = [even_out(word) for word in _SEVERAL]
    long_names = [name for name in names if len(name) >= _SHORT_NAME_LETTERS]

    def wordings(kind: str, agency: Sequence[str]) -> tuple[Wording, ...]:
        marks = {
            "{agency}": agency,
            "{long_agency}": [*long_names, *several],
            "{to_agency}": _with_arabic_to(names, clear),
        }
        compiled = []
        for row in table[kind]:
            pattern = re.sub(r"[؀-ۿ]+", lambda word: even_out(word[0]), row["pattern"])
            for mark, alternatives in marks.items():
                pattern = pattern.replace(mark, _alternatives(alternatives))
            compiled.append(
                Wording(
                    row["id"],
                    re.compile(pattern, re.IGNORECASE),
                    row["example"],
                    row["counter_example"],
                )
            )
        return tuple(compiled)

    return Credits(
        names=names,
        examples={row["name"]: (row["example"], row["counter_example"]) for row in table["agency"]},
        arabic_keys=frozenset(name.removeprefix("ال") for name in names if _ARABIC_LETTER.match(name)),
        by_first_word=by_first_word,
        any_name=re.compile(
            rf"(?:(?<=\bل)|(?<!\w))(?P<name>{_alternatives(list(names), bounded=False)})(?!\w)",
            re.IGNORECASE,
        ),
        lines=wordings("line", [*names, *several]),
        leads=wordings("lead", list(names)),
        clauses=wordings("clause", clear),
    )


def _with_arabic_to(names: Iterable[str], clear: Sequence[str]) -> list[str]:
    """Arabic names behind "to": written together, "لرويترز"; the article melts into it, "للأناضول"."""
    forms: list[str] = []
    for name in filter(re.compile(r"[ء-ی]").match, names):
        if name in clear:
            forms.append(f"لل{name[2:]}" if name.startswith("ال") else f"ل{name}")
        forms += [f"لوکاله {name}", f"لوکاله انباء {name}"]
    return forms


def _alternatives(names: Sequence[str], *, bounded: bool = True) -> str:
    """One group of names, the longest first; those in capitals without regard to the pattern's flags."""
    ordered = sorted(set(names), key=len, reverse=True)
    group = "|".join(f"(?-i:{re.escape(name)})" if name.isupper() else re.escape(name) for name in ordered)
    return rf"(?<!\w)(?:{group})(?!\w)" if bounded else f"(?:{group})"
