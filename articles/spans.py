"""Which runs of an HTML page's blocks are articles: from the headline to the last block of the text.

Most pages hold one. Pages that scroll on hold more: a heading that opens a box of its own, with paragraphs that
tell another story. Lengths are in blocks unless a name says otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from articles.lines import Piece, fold, is_paragraph

_TITLE_REACH = 60  # between a headline and its text: byline, dates, share buttons, picture
_MIN_PARAGRAPHS = 3  # that a further article must have; a teaser has one or two
_MIN_BEFORE, _MIN_BEFORE_UNMARKED = 4, 8  # and the text before it; more where no <article> marks the cut
_ONE_BOX = 0.6  # share of the text before that stands in one box: boxed sections of one article are not cut

# Share of a section's longer words that the text before it has used as well, above which it is the same story:
# where the heading stands in an <article> of its own, and where it may be any section. Sections of one article on
# publishers and wide have 0.12 to 0.84, the foreign articles of the injection test mostly less than 0.12.
_SAME_STORY, _SAME_STORY_UNMARKED = 0.3, 0.12
_STEM = re.compile(r"\b\w{5}(?=\w)")
_HEADINGS = frozenset({"h1", "h2", "h3"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of the page's pieces that makes one article."""

    start: int
    end: int  # exclusive
    is_start_unsure: bool = False
    is_headless: bool = False  # starts with its first paragraph; no headline is to be looked for


def find_spans(pieces: Sequence[Piece], *, title: str | None) -> tuple[list[Piece], list[Span]]:
    """Find the runs of blocks that are articles.

    Args:
        pieces: the page's blocks, with the extractor's choice.
        title: the headline as the metadata state it.

    Returns:
        The pieces, with the text of further articles counted in where the extractor left it out; and the spans in
        order, not overlapping, none where there is no article.
    """
    found = list(pieces)
    chosen = [n for n, piece in enumerate(found) if piece.is_chosen]
    if not chosen:
        return found, []
    starts = [Span(start=_find_headline(found, chosen[0], title), end=chosen[-1] + 1)]
    for n in range(starts[0].start + 1, len(found)):
        own, is_unsure = _opens_another(found, starts[-1].start, n)
        if not own:
            continue
        for k in (n, *own):
            found[k] = replace(found[k], is_chosen=True)
        starts[-1] = replace(starts[-1], end=n)
        end = max(own[-1], *(k for k in chosen if k >= n), n) + 1
        starts.append(Span(start=n, end=end, is_start_unsure=is_unsure))
    return found, starts


def _find_headline(pieces: Sequence[Piece], first: int, title: str | None) -> int:
    """The headline's place: a heading near above the text that says what the metadata say, the page's h1, or any such line."""
    above = range(first, max(0, first - _TITLE_REACH) - 1, -1)
    said = [n for n in above if title and fold(pieces[n].text) == fold(title)]
    headings = [n for n in said if pieces[n].tag in _HEADINGS]
    is_h1 = [n for n in headings or above if pieces[n].tag == "h1"]
    return next(iter([*is_h1, *headings, *said, first]))


def _opens_another(pieces: Sequence[Piece], begin: int, n: int) -> tuple[list[int], bool]:
    """The paragraphs of the further article that a heading opens, none if it opens none; and whether that is unsure."""
    if pieces[n].tag not in {"h1", "h2"} or not pieces[n].traits.isdisjoint({"nav", "related"}):
        return [], False
    before = [k for k in range(begin, n) if pieces[k].is_chosen and is_paragraph(pieces[k])]
    is_marked = bool(before) and pieces[n].article != pieces[before[-1]].article
    if len(before) < (_MIN_BEFORE if is_marked else _MIN_BEFORE_UNMARKED):
        return [], False
    box, count = Counter(pieces[k].path[-1] for k in before).most_common(1)[0]
    if count < len(before) * _ONE_BOX or box in pieces[n].path:
        return [], False
    own = _own_paragraphs(pieces, n, before)
    known = set(_stems(pieces, before))
    stems = _stems(pieces, own)
    limit = _SAME_STORY if is_marked else _SAME_STORY_UNMARKED
    if not stems or sum(stem in known for stem in stems) > len(stems) * limit:
        return [], False
    return own, not is_marked


def _stems(pieces: Sequence[Piece], places: Sequence[int]) -> list[str]:
    """The beginnings of longer words, so that endings do not make two words of one."""
    return [stem for k in places for stem in _STEM.findall(pieces[k].text.casefold())]


def _own_paragraphs(pieces: Sequence[Piece], heading: int, before: Sequence[int]) -> list[int]:
    """The paragraphs in the box that a heading opens; none if the text before it stands in the same box."""
    for box in reversed(pieces[heading].path[-2:]):
        if any(box in pieces[k].path for k in before):
            return []
        own = []
        for k in range(heading + 1, len(pieces)):
            if box not in pieces[k].path:
                break
            if is_paragraph(pieces[k]):
                own.append(k)
        if len(own) >= _MIN_PARAGRAPHS:
            return own
    return []
