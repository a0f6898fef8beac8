"""A piece with what is asked of it again and again: its words, whether it closes a sentence, how it reads folded.

Measured once, for rules, labels and the judge alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from articles.lines import PARAGRAPH_WORDS, Piece, count_words, ends_sentence

_WORD = re.compile(r"\w+")
_LINKED = 0.5


@dataclass(frozen=True, slots=True)
class Facts:
    """A piece, measured."""

    piece: Piece
    tokens: tuple[str, ...]  # its runs of letters and digits, without case
    fold: str  # the same put together, so that two printings of one line are equal
    words: int  # in scripts written without blanks two characters count as one
    is_sentence: bool  # closes a sentence
    has_idea: bool = True  # some word of it may belong to furniture; the judge knows better
    belief: float | None = None  # the judge's, that it is text; None where nobody was asked, as in plain text

    @property
    def is_paragraph(self) -> bool:
        """Reads like a paragraph of a story: closed sentences of some length, not mostly a link."""
        return self.is_sentence and self.words >= PARAGRAPH_WORDS and self.piece.link_share < _LINKED


def facts_of(piece: Piece) -> Facts:
    """Measure a piece."""
    tokens = tuple(_WORD.findall(piece.text.casefold()))
    return Facts(piece, tokens, "".join(tokens), count_words(piece.text, tokens), ends_sentence(piece.text))
