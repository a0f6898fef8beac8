"""What ideas of furniture a line's words belong to: subscribing, sharing, photographs, rights, and so on.

The words are data (rules/words.toml). They decide nothing; judge.py weighs them beside place and shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from articles.rules import load_table

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"\w+")
_INDEX_CHARS = 2  # stems are looked up by their first characters
_MOST_WORD_CHARS = 60  # a longer run of letters is no word of a language


@cache
def _rows() -> dict[str, list[str]]:
    return load_table("words")


@cache
def ideas() -> tuple[str, ...]:
    """The names of the ideas, in the order of the bits that `find_ideas` sets."""
    return tuple(_rows())


@cache
def _stems() -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[tuple[tuple[str, ...], int]]]]:
    """Single stems, and rows of several, with their bit, each by its first characters; "$" closes a whole word."""
    single: dict[str, list[tuple[str, int]]] = {}
    several: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for n, rows in enumerate(_rows().values()):
        for row in rows:
            words = tuple(_WORD.findall(row.casefold()))
            if len(words) > 1:
                several.setdefault(words[0][:_INDEX_CHARS], []).append((words, 1 << n))
            else:
                stem = words[0] + "$" * row.endswith("$")
                single.setdefault(stem[:_INDEX_CHARS], []).append((stem, 1 << n))
    return single, several


@lru_cache(maxsize=50_000)
def _read_word(word: str) -> tuple[int, tuple[tuple[tuple[str, ...], int], ...]]:
    """The bits that a word sets alone, and the rows of several words that it may open."""
    single, several = _stems()
    if _UNSPACED.search(word):
        found = [(stem, bit) for rows in single.values() for stem, bit in rows if stem in word]
    else:
        closed = word + "$"
        found = [
            (stem, bit)
            for stem, bit in single.get(word[:_INDEX_CHARS], ())
            if (closed == stem if stem[-1] == "$" else word.startswith(stem))
        ]
    bits = 0
    for _, bit in found:
        bits |= bit
    opens = tuple(row for row in several.get(word[:_INDEX_CHARS], ()) if word.startswith(row[0][0]))
    return bits, opens


def find_ideas(tokens: Sequence[str]) -> int:
    """The ideas that the words of a line belong to, as a set of bits in the order of `ideas`.

    Args:
        tokens: the line's words without case, see Facts.
    """
    bits = 0
    for n, word in enumerate(tokens):
        if len(word) > _MOST_WORD_CHARS:
            continue
        alone, opens = _read_word(word)
        bits |= alone
        for row, bit in opens:
            rest = tokens[n + 1 : n + len(row)]
            if len(rest) == len(row) - 1 and all(map(str.startswith, rest, row[1:])):
                bits |= bit
    return bits
