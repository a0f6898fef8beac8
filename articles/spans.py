"""Which runs of an HTML page's blocks are articles: from the headline to the last block of the text.

Most pages hold one. Pages that scroll on hold more: a heading that opens a box of its own, with paragraphs that
tell another story. Lengths are in blocks unless a name says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from articles.facts import Facts
from articles.lines import fold, shape_of

_TITLE_REACH = 60  # between a headline and its text: byline, dates, share buttons, picture
_NOTES_REACH = 12  # below the text: about the author, who else reported, rights
_TAKEN = 0.5  # of a block's letters, in the extractor's answer
_MIN_PARAGRAPHS = 3  # that a further article must have; a teaser has one or two
_MIN_BEFORE, _MIN_BEFORE_UNMARKED = 4, 8  # and the text before it; more where no <article> marks the cut
_ONE_BOX = 0.6  # share of the text before that stands in one box: boxed sections of one article are not cut

# Share of a section's longer words that the text before it has used as well, above which it is the same story:
# where the heading stands in an <article> of its own, and where it may be any section. Sections of one article on
# publishers and wide have 0.12 to 0.84, the foreign articles of the injection test mostly less than 0.12.
_SAME_STORY, _SAME_STORY_UNMARKED = 0.3, 0.12
_STEM_CHARS = 5
_HEADINGS = frozenset({"h1", "h2", "h3"})
_OPENING_TAGS = frozenset({"h1", "h2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of the page's pieces that makes one article."""

    start: int
    end: int  # exclusive
    is_start_unsure: bool = False
    is_headless: bool = False  # starts with its first paragraph; no headline is to be looked for


def find_spans(facts: Sequence[Facts], *, title: str | None) -> tuple[list[Facts], list[Span]]:
    """Find the runs of blocks that are articles.

    Args:
        facts: the page's blocks, with what was chosen as text.
        title: the headline as the metadata state it.

    Returns:
        The blocks, with the text of further articles counted in where it was left out; and the spans in order, not
        overlapping, none where there is no article.
    """
    found = list(facts)
    chosen = [n for n, block in enumerate(found) if block.piece.is_chosen]
    if not chosen:
        return found, []
    starts = [Span(start=_find_headline(found, chosen[0], title), end=_find_end(found, chosen[-1]) + 1)]
    for n in range(starts[0].start + 1, len(found)):
        if found[n].piece.tag not in _OPENING_TAGS:
            continue
        own, is_unsure = _opens_another(found, starts[-1].start, n)
        if not own:
            continue
        for k in (n, *own):
            found[k] = replace(found[k], piece=replace(found[k].piece, is_chosen=True), belief=None)
        starts[-1] = replace(starts[-1], end=n)
        end = max(own[-1], *(k for k in chosen if k >= n), n) + 1
        starts.append(Span(start=n, end=end, is_start_unsure=is_unsure))
    return found, starts


def _find_headline(facts: Sequence[Facts], first: int, title: str | None) -> int:
    """The headline's place: a heading near above the text that says what the metadata say, the page's h1, or any such line."""
    above = range(first, max(0, first - _TITLE_REACH) - 1, -1)
    wanted = fold(title) if title else None
    said = [n for n in above if wanted and facts[n].fold == wanted]
    headings = [n for n in said if facts[n].piece.tag in _HEADINGS]
    is_h1 = [n for n in headings or above if facts[n].piece.tag == "h1"]
    return next(iter([*is_h1, *headings, *said, first]))


def _find_end(facts: Sequence[Facts], last: int) -> int:
    """The last block that belongs to the article: notes under the text that the extractor took for text are its own."""
    end = last
    for n in range(last + 1, min(last + 1 + _NOTES_REACH, len(facts))):
        if facts[n].piece.chosen_share >= _TAKEN:
            end = n
    return end


def _opens_another(facts: Sequence[Facts], begin: int, n: int) -> tuple[list[int], bool]:
    """The paragraphs of the further article that a heading opens, none if it opens none; and whether that is unsure."""
    opening = facts[n].piece
    if not opening.traits.isdisjoint({"nav", "related"}):
        return [], False
    before = [k for k in range(begin, n) if facts[k].piece.is_chosen and facts[k].is_paragraph]
    is_marked = bool(before) and opening.article != facts[before[-1]].piece.article
    if len(before) < (_MIN_BEFORE if is_marked else _MIN_BEFORE_UNMARKED):
        return [], False
    box, count = Counter(facts[k].piece.path[-1] for k in before).most_common(1)[0]
    if count < len(before) * _ONE_BOX or box in opening.path:
        return [], False
    own = _own_paragraphs(facts, n, before)
    if not own or _resumes(facts, before, own):
        return [], False
    known = set(_stems(facts, before))
    stems = _stems(facts, own)
    limit = _SAME_STORY if is_marked else _SAME_STORY_UNMARKED
    if not stems or sum(stem in known for stem in stems) > len(stems) * limit:
        return [], False
    return own, not is_marked


def _resumes(facts: Sequence[Facts], before: Sequence[int], own: Sequence[int]) -> bool:
    """The text before goes on below: what lies between is a part of it, or a box put into it.

    It goes on in the innermost box that holds all of it, or in boxes named like its own where the box between is not.
    """
    shared = facts[before[0]].piece.path
    for k in before[1:]:
        path = facts[k].piece.path
        shared = tuple(box for box, other in zip(shared, path, strict=False) if box == other)
    shape, own_shape = _common_shape(facts, before), _common_shape(facts, own)
    return any(
        (bool(shared) and shared[-1] in facts[k].piece.path)
        or (shape != own_shape and shape_of(facts[k].piece) == shape)
        for k in range(own[-1] + 1, len(facts))
        if facts[k].piece.is_chosen and facts[k].is_paragraph
    )


def _common_shape(facts: Sequence[Facts], places: Sequence[int]) -> str:
    return Counter(shape_of(facts[k].piece) for k in places).most_common(1)[0][0]


def _stems(facts: Sequence[Facts], places: Sequence[int]) -> list[str]:
    """The beginnings of longer words, so that endings do not make two words of one."""
    return [word[:_STEM_CHARS] for k in places for word in facts[k].tokens if len(word) > _STEM_CHARS]


def _own_paragraphs(facts: Sequence[Facts], heading: int, before: Sequence[int]) -> list[int]:
    """The paragraphs in the box that a heading opens; none if the text before it stands in the same box."""
    for box in reversed(facts[heading].piece.path[-2:]):
        if any(box in facts[k].piece.path for k in before):
            return []
        own = []
        for k in range(heading + 1, len(facts)):
            if box not in facts[k].piece.path:
                break
            if facts[k].is_paragraph:
                own.append(k)
        if len(own) >= _MIN_PARAGRAPHS:
            return own
    return []
