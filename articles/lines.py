"""Pieces: what a page is made of before anyone has said what each piece is; and how plain text gives them.

A piece is one paragraph-like unit with what is known of its place: for a line of plain text its words alone,
for a block of HTML also its tag, the names of the boxes it stands in and how much of it is a link.
Lengths are in characters, shares 0 to 1. One model for both, so that one set of rules reads both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_NO_WORD = {
    code: None for code in range(128) if not _WORD.match(chr(code))
}  # ASCII that is no letter or digit
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_UNSPACED_CHARS_PER_WORD = 2  # a Chinese or Thai word has about two characters
PARAGRAPH_WORDS = (
    12  # a paragraph has at least this many words and closes its sentence; labels rarely do both
)
_POSITION = re.compile(r":nth-of-type\(\d+\)")
_LINKED = 0.5
_CLOSERS = "\"'”’»›)]}*_ \u200e\u200f"
_JOINED, _APART = frozenset({"joined"}), frozenset[str]()
_APART_SHARE = (
    0.5  # of the lines, those with a blank line above them, on a page that sets its paragraphs apart
)
_STOPS = ".!?…。！？．؟۔।॥"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One paragraph-like unit of a page."""

    text: str  # white space squeezed, never empty
    tag: str = "line"  # the block element it stands in, e.g. "p", "figcaption"; "line" in plain text
    traits: frozenset[str] = frozenset()  # what the boxes around it are called, see traits.py
    link_share: float = 0.0  # of its characters, those inside links
    emphasis_share: float = 0.0  # those in italics or bold
    path: tuple[int, ...] = ()  # the block elements around it, outermost first, numbered in document order
    article: int = 0  # number of the nearest <article> element around it; 0 where there is none
    is_chosen: bool = True  # the extractor counts it to the article; always true in plain text
    chosen_share: float = 1.0  # of its letters and digits, those in the extractor's answer
    style: str = ""  # class attribute of its block element, white space squeezed; "" for none
    place: str | None = None  # CSS-like path of its block element; None in plain text
    depth: int = 0  # how many block elements stand around its own
    link_count: int = 0  # links with text in it
    is_under_image: bool = False  # an image stands between it and the text before it
    has_image: bool = False  # an image stands directly in its block element
    box_chars: int = 0  # letters and digits in the block element around its own, its own text included
    box_link_share: float = 0.0  # of the characters in there, those inside links


def shape_of(piece: Piece) -> str:
    """The names of the boxes a block stands in, without their numbers: blocks of one kind of a page share it."""
    return _POSITION.sub("", piece.place) if piece.place else ""


def squeeze(text: str) -> str:
    """Text with each run of white space as one blank and none at its ends."""
    return " ".join(text.split())


def fold(text: str) -> str:
    """Reduce text to its letters and digits without case, so that two printings of one line are equal."""
    if text.isascii():
        return text.lower().translate(_NO_WORD)
    return "".join(_WORD.findall(text.casefold()))


def count_words(text: str, tokens: Sequence[str] | None = None) -> int:
    """Count words; in scripts written without blanks two characters count as one.

    Args:
        text: the line.
        tokens: its runs of letters and digits, where they are known already.
    """
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    if unspaced > len(text) // 3:
        return unspaced // _UNSPACED_CHARS_PER_WORD
    return len(_WORD.findall(text) if tokens is None else tokens)


def ends_sentence(text: str) -> bool:
    """Tell whether the line closes a sentence, looking through quotes and brackets that close after the stop."""
    return text.rstrip(_CLOSERS)[-1:] in _STOPS if text else False


def paragraph_words(piece: Piece) -> int:
    """Count the words of a piece that reads like a paragraph of a story; 0 for any other."""
    if piece.link_share >= _LINKED or not ends_sentence(piece.text):
        return 0
    words = count_words(piece.text)
    return words if words >= PARAGRAPH_WORDS else 0


def read_lines(text: str) -> list[Piece]:
    """Take each line that is not blank as a piece.

    Where the page sets its paragraphs apart by blank lines, a line without one above it has the trait "joined".
    """
    pieces: list[Piece] = []
    gaps = 0
    is_apart = True
    for raw in text.splitlines():
        line = squeeze(raw)
        if line:
            pieces.append(Piece(text=line, traits=_APART if is_apart else _JOINED))
            gaps += is_apart
        is_apart = not line
    if gaps <= len(pieces) * _APART_SHARE:
        return [Piece(text=piece.text) for piece in pieces]
    return pieces
