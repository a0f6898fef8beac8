"""Where each article of a page starts, for pages that hold several put end to end.

Infinite scroll and careless dumps glue articles together. A head whose headline is printed again around a
repeated caption is sure evidence of a new article. A cut that the evidence does not carry is not made.
Positions are indexes into the lines given; a word is a run of letters or digits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")

# Publishers print a head twice within a handful of lines: headline, captions, a share button, headline again
# (seeds/truth.json, kind "repeat"). Further apart, a repeated line is a running title or a pull quote.
_HEAD_REACH = 8
_HEAD_CHARS = 300  # the longest headline we have seen printed twice has 130; a repeated paragraph is longer
_LABEL_WORDS = 3  # a line between head and head that need not repeat: "TT", "Share", "5 min read"
_PROSE_WORDS = 20  # a line this long is a paragraph rather than a label, a credit or a headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One article's first line."""

    index: int  # into the lines given
    confidence: float  # 0 to 1, that an article starts here
    is_unsure: bool  # the cut is more likely right than wrong, but may be wrong
    rule: str  # what decided, e.g. "split.repeated-head"


def find_starts(
    lines: Sequence[str], *, noise: Collection[int] = (), is_declared_single: bool = False
) -> list[Start]:
    """Find the line at which each article of a page starts.

    Args:
        lines: the page in reading order, one paragraph-like piece each; blank ones are passed over.
        noise: indexes of lines known to be no prose (an appeal, a share button); they are no evidence.
        is_declared_single: the page or its record says that it is one article, so only a repeated head cuts it.

    Returns:
        Starts in order; the first is always line 0. Empty only where no line was given.
    """
    if not lines:
        return []
    skipped = frozenset(noise)
    kept = [i for i, line in enumerate(lines) if i not in skipped and not line.isspace() and line]
    starts = [Start(index=0, confidence=1.0, is_unsure=False, rule="split.page-start")]
    for n in _repeated_heads([lines[i] for i in kept]):
        starts.append(Start(index=kept[n], confidence=0.99, is_unsure=False, rule="split.repeated-head"))
    return starts


def _repeated_heads(lines: Sequence[str]) -> list[int]:
    """Find lines that open an article by being printed again around a repeated caption.

    The line is new on the page, comes again within a few lines, at least one line between is printed twice as
    well, and prose stands before the first and after the second printing.

    Source: seeds 000 (headline, caption twice, button, headline, caption twice); a title that merely returns
    between paragraphs (seed 001) has prose between its printings and is none.
    """
    readings = [" ".join(line.casefold().split()) for line in lines]
    counts = Counter(readings)
    is_prose = [len(_WORD.findall(reading)) >= _PROSE_WORDS for reading in readings]
    seen: set[str] = set()
    heads: list[int] = []
    has_prose = False  # since the start of the article
    n = 0
    while n < len(lines):
        end = _end_of_head(readings, counts, n) if has_prose and readings[n] not in seen else None
        if end is not None and any(is_prose[end + 1 : end + 1 + _HEAD_REACH]):
            heads.append(n)
            seen.update(readings[n : end + 1])
            has_prose = False
            n = end + 1
            continue
        seen.add(readings[n])
        has_prose = has_prose or (is_prose[n] and counts[readings[n]] == 1)
        n += 1
    return heads


def _end_of_head(readings: Sequence[str], counts: Counter[str], first: int) -> int | None:
    """Find the line that closes a repeated head opened at `first`; None where none is opened."""
    if counts[readings[first]] < 2 or len(readings[first]) > _HEAD_CHARS:
        return None
    for last in range(first + 2, min(first + _HEAD_REACH, len(readings) - 1) + 1):
        between = readings[first + 1 : last]
        if readings[last] != readings[first]:
            continue
        is_furniture = all(counts[r] > 1 or len(_WORD.findall(r)) <= _LABEL_WORDS for r in between)
        return last if is_furniture and any(counts[r] > 1 for r in between) else None
    return None
