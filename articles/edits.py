"""What an editor did between two states of one text: another headline, a figure, a paragraph dropped or added.

Paragraphs and words come from `alignment`. A figure is a numeral or a number word of the language; "5" written out as
"five" is no change. What is neither is counted in words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from articles.alignment import Change, Paragraph, Piece, Row, align
from articles.fingerprints import normalise
from articles.letters import even_out

PLACE_WORDS = 4  # kept words shown before and after a figure
ONE = {"en": "one", "fa": "یک", "ur": "ایک"}  # no count in a happening (tellings.toml), but one that changes

_TOKEN = re.compile(r"\d+(?:[.,٬]\d+)*|[^\W\d_]+")
_GROUPED = re.compile(r"[.,٬](?=\d{3}(?!\d))")


class EditKind(StrEnum):
    """One thing an editor does."""

    HEADLINE = "headline"
    FIGURE = "figure"
    DROPPED = "dropped"  # a whole paragraph
    ADDED = "added"  # a whole paragraph
    WORDS = "words"  # anything else inside paragraphs that stand in both


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change, as printed on the page."""

    kind: EditKind
    before: str | None  # headline, figure or paragraph; None where there was none, and of words
    after: str | None  # likewise
    place: str | None = None  # of a figure: the words it stands among now
    word_count: int  # of a paragraph; of words: cut, added or changed, whichever side has more


def find_edits(
    before: tuple[str | None, str], after: tuple[str | None, str], language: str | None
) -> list[Edit]:
    """Say what was done to a text.

    Args:
        before: headline and text of the earlier state, a paragraph a line.
        after: likewise of the later one.
        language: ISO 639-1, tells which words are numbers; None: numerals alone are figures.

    Returns:
        The headline first, then figures, then paragraphs in reading order, last the words; empty where the two read
        the same but for quotes, accents and letter forms.
    """
    rows = align(before[1], after[1])
    whole = [edit for row in rows for edit in _paragraphs(row)]
    shared = [row for row in rows if row.first and row.second]
    figures = [edit for row in shared for edit in _figures(row, language)]
    reworded = sum(_reworded(row) for row in shared)
    edits = [*_headline(before[0], after[0]), *figures, *whole]
    if reworded:
        edits.append(Edit(kind=EditKind.WORDS, before=None, after=None, word_count=reworded))
    return edits


def _headline(before: str | None, after: str | None) -> Iterator[Edit]:
    if normalise(before or "") != normalise(after or ""):
        yield Edit(kind=EditKind.HEADLINE, before=before, after=after, word_count=len((after or "").split()))


def _paragraphs(row: Row) -> Iterator[Edit]:
    """Of a row with one side: its paragraphs, but for one that only moved."""
    if row.first and row.second:
        return
    kind = EditKind.DROPPED if row.first else EditKind.ADDED
    for paragraph in row.first or row.second:
        words = sum(piece.word_count for piece in paragraph)
        moved = sum(piece.word_count for piece in paragraph if piece.change is Change.MOVED)
        if 2 * moved < words:
            text = _printed(paragraph)
            is_dropped = kind is EditKind.DROPPED
            yield Edit(
                kind=kind,
                before=text if is_dropped else None,
                after=None if is_dropped else text,
                word_count=words,
            )


def _figures(row: Row, language: str | None) -> Iterator[Edit]:
    """Numbers that stand where another stood; places that only one text changed are counted as words."""
    was, now = (list(_changed_figures(paragraphs, language)) for paragraphs in (row.first, row.second))
    if len(was) != len(now):
        return
    for (old, _), (new, place) in zip(was, now, strict=True):
        if len(old) == len(new):
            for before, after in zip(old, new, strict=True):
                if before.value != after.value:
                    yield Edit(
                        kind=EditKind.FIGURE,
                        before=before.printed,
                        after=after.printed,
                        place=place,
                        word_count=1,
                    )


def _changed_figures(
    paragraphs: Iterable[Paragraph], language: str | None
) -> Iterator[tuple[list[Figure], str]]:
    """For each changed piece of one side the figures it touches, whole, and the words it stands among."""
    for paragraph in paragraphs:
        text = "".join(piece.text for piece in paragraph)
        figures = figures_in(text, language)
        start = 0
        for piece in paragraph:
            end = start + len(piece.text)
            if piece.change is Change.CHANGED:
                touched = [one for one in figures if one.start < end and one.end > start]
                first = min([start, *(one.start for one in touched)])
                last = max([end, *(one.end for one in touched)])
                around = (text[:first].split()[-PLACE_WORDS:], text[last:].split()[:PLACE_WORDS])
                yield touched, " ".join([*around[0], *text[first:last].split(), *around[1]])
            start = end


def _reworded(row: Row) -> int:
    was, now = (
        sum(
            piece.word_count
            for paragraph in paragraphs
            for piece in paragraph
            if piece.change in (Change.CUT, Change.ADDED, Change.CHANGED)
        )
        for paragraphs in (row.first, row.second)
    )
    return max(was, now)


def _printed(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text."""

    value: float
    start: int
    end: int
    printed: str


def figures_in(text: str, language: str | None) -> list[Figure]:
    """Numerals and number words in order.

    "23 million" and "twenty-three" are one figure each; "ten to twelve" are two.
    """
    words, scales = _numbers().get(language or "", ({}, {}))
    found: list[Figure] = []
    for hit in _TOKEN.finditer(text):
        token = even_out(hit[0]).casefold()
        value = float(_plain(token)) if hit[0][0].isdecimal() else words.get(token)
        last = found[-1] if found and not text[found[-1].end : hit.start()].strip(" -") else None
        if last is not None and token in scales:
            value, start = last.value * scales[token], last.start
            found.pop()
        elif value is None:
            continue
        elif last is not None and _adds_up(last.value, value):
            value, start = last.value + value, last.start
            found.pop()
        else:
            start = hit.start()
        found.append(Figure(value, start, hit.end(), text[start : hit.end()]))
    return found


def _plain(numeral: str) -> str:
    """A numeral as a computer reads it: "1,200" is 1200, "4.5" and "4,5" are 4.5, "19.11.26" is 191126."""
    plain = _GROUPED.sub("", numeral).replace(",", ".").replace("٬", "")
    return plain if plain.count(".") < 2 else plain.replace(".", "")


def _adds_up(tens: float, units: float) -> bool:
    """Whether two number words are one: "twenty three"."""
    return 20 <= tens < 100 and tens % 10 == 0 and 0 < units < 10


@cache
def _numbers() -> Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]]:
    """By language: number words, and those that multiply the one before ("million")."""
    table = tomllib.loads(resources.files("articles").joinpath("rules", "tellings.toml").read_text("utf-8"))
    scales = _values(table["scales"])
    return {
        language: (_values({"1": [ONE[language]] if language in ONE else [], **rows}), scales)
        for language, rows in table["numbers"].items()
    }


def _values(rows: Mapping[str, Iterable[str]]) -> dict[str, float]:
    return {even_out(word).casefold(): float(value) for value, spelled in rows.items() for word in spelled}
