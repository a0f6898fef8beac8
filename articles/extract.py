"""HTML to pieces: every visible block of the page in reading order, and which of them are the article's text.

The blocks come from the page's own tree, so nothing visible is lost; trafilatura says which of them make the
article. It is asked for text only, and its answer is found again among the blocks by their letters and digits.
Never call it from threads: trafilatura over lxml has aborted whole processes (notes/reliability.md 0.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import trafilatura
from lxml import etree, html

from articles.blocks import Box, Page, collect_blocks
from articles.lines import Piece, fold, paragraph_words, squeeze
from articles.traits import NO_TRAITS

# A box that holds this much of the article's text is no furniture, whatever it is called ("article-body-related").
_MANY_CHARS, _MANY_SHARE = 800, 0.25

# The extractor leaves these out as well, but only after it has copied and searched them: a twelfth of its time.
_TEXTLESS_TAGS = (
    "audio", "canvas", "datalist", "embed", "head", "iframe", "input", "link", "map", "math", "meta", "noscript",
    "object", "script", "select", "source", "style", "svg", "template", "textarea", "video",
)  # fmt: skip
_PROSE_WORDS = 20  # a paragraph this long shows how the page prints its text

_CHOSEN_SHARE = 0.5  # of a block's letters in the extractor's answer, from which it counts as chosen
_LINE_CHARS, _LEFT_OUT_SHARE = 80, 0.6  # a <p> longer than a line is a paragraph
_STORY_CHARS = 200  # less is no story worth looking for behind a page's own hiding
_MIN_SIBLINGS = 3  # paragraphs of the article in one box that make another one there text as well
# Boxes whose paragraphs are never counted in beside the article's.
_NOT_TEXT = frozenset({
    "nav", "footer", "comment", "related", "appeal", "share", "notice", "form", "advert", "bio", "tags", "caption",
    "figure", "credit", "pull-quote", "aside", "table",
})  # fmt: skip
_ANCHOR_CHARS = 40  # a line this long that stands once on the page fixes where its neighbours are looked for
# Letters of the page passed while looking for the answer's lines, about 0.1 s; on the corpus at most 12 million.
_MOST_SEARCHED = 300_000_000
_CHUNK_CHARS = 24  # a line the extractor put together from several places is looked for in pieces this long


def read_blocks(tree: html.HtmlElement) -> list[Piece]:
    """Collect every visible block of a page in reading order, with what the tree says of it, the choice made.

    Args:
        tree: the parsed page; what shows no text, such as scripts, is taken out of it.

    Returns:
        Pieces whose texts, put end to end, are the visible text of the page.
    """
    page = collect_blocks(tree, with_hidden=False)
    etree.strip_elements(tree, *_TEXTLESS_TAGS, with_tail=False)
    lines = _ask_trafilatura(tree, page)
    keys = [fold(block.text) for block in page.blocks]
    known = {block.text: key for block, key in zip(page.blocks, keys, strict=True)}
    wanted = [key for line in lines if (key := known.get(line) or fold(line))]
    wanted_chars = sum(map(len, wanted))
    shares = _chosen_shares(keys, wanted)
    found_chars = sum(share * len(key) for share, key in zip(shares, keys, strict=True))
    if wanted_chars >= _STORY_CHARS and found_chars < wanted_chars / 2:
        page = collect_blocks(tree, with_hidden=True)  # pages that hide their text until a script shows it
        keys = [fold(block.text) for block in page.blocks]
        shares = _chosen_shares(keys, wanted)
    pieces = _make_pieces(page, keys, shares)
    paragraphs = {
        n: words for n, piece in enumerate(pieces) if piece.is_chosen and (words := paragraph_words(piece))
    }
    pieces = _with_siblings(pieces, paragraphs)
    return _with_styles(pieces, prose=sorted(n for n, words in paragraphs.items() if words >= _PROSE_WORDS))


def _make_pieces(page: Page, keys: Sequence[str], shares: Sequence[float]) -> list[Piece]:
    """Settle what the boxes around a block say of it."""
    boxes = page.boxes
    chosen, letters = [0] * len(boxes), [0] * len(boxes)  # of the article, of all text
    linked = [0.0] * len(boxes)  # letters in links
    for block, key, share in zip(page.blocks, keys, shares, strict=True):
        number = block.box.number
        letters[number] += len(key)
        if share:
            chosen[number] += round(share * len(block.text))
        if block.link_share:
            linked[number] += block.link_share * len(key)
    for box in reversed(boxes):
        number = box.number
        if box.outer is not None and letters[number]:
            outer = box.outer.number
            chosen[outer] += chosen[number]
            letters[outer] += letters[number]
            linked[outer] += linked[number]
    traits = _box_traits(boxes, chosen)
    pieces = []
    for block, share in zip(page.blocks, shares, strict=True):
        box = block.box
        around = box.outer.number if box.outer is not None else box.number
        inside = traits[box.number]
        pieces.append(
            Piece(
                text=block.text,
                tag=box.tag,
                traits=inside | block.traits if block.traits else inside,
                link_share=block.link_share,
                emphasis_share=block.emphasis_share,
                path=box.path,
                article=box.article,
                is_chosen=share >= _CHOSEN_SHARE,
                chosen_share=share,
                style=squeeze(box.names) if box.names else "",
                place=box.place(),
                depth=box.depth,
                link_count=block.link_count,
                is_under_image=block.is_under_image,
                has_image=box.has_image,
                box_chars=letters[around],
                box_link_share=linked[around] / letters[around] if linked[around] else 0.0,
            )
        )
    return pieces


def _box_traits(boxes: Sequence[Box], chosen: Sequence[int]) -> list[frozenset[str]]:
    """The traits of each box and those around it; one around most of the article says nothing about a single block.

    Args:
        boxes: in document order.
        chosen: for each box, how many characters of the article stand in it; the first box holds them all.
    """
    limit = min(_MANY_CHARS, chosen[0] * _MANY_SHARE)
    found: list[frozenset[str]] = []
    for box, chars in zip(boxes, chosen, strict=True):
        around = found[box.outer.number] if box.outer is not None else NO_TRAITS
        counts = box.traits and (chars < limit or not chosen[0])
        found.append(around | box.traits if counts else around)
    return found


def _with_siblings(pieces: list[Piece], paragraphs: dict[int, int]) -> list[Piece]:
    """Count paragraphs in that the extractor left out between others of the same box.

    Args:
        pieces: the page's blocks.
        paragraphs: which of them are paragraphs that the extractor chose, with their words; those counted in are
            added.

    Source: `score_extraction.py` on publishers: sections it drops whole, because a link or a name looked like
    furniture to it.
    """
    if not paragraphs:
        return pieces
    boxes = Counter((pieces[n].tag, box) for n in paragraphs for box in pieces[n].path[-2:])
    common = {key for key, count in boxes.items() if count >= _MIN_SIBLINGS}
    found = list(pieces)
    for n in range(min(paragraphs), max(paragraphs)):
        piece = pieces[n]
        if (
            not piece.is_chosen
            and any((piece.tag, box) in common for box in piece.path[-2:])
            and piece.traits.isdisjoint(_NOT_TEXT)
            and (words := paragraph_words(piece))
        ):
            found[n] = replace(piece, is_chosen=True)
            paragraphs[n] = words
    return found


def _with_styles(pieces: list[Piece], *, prose: Sequence[int]) -> list[Piece]:
    """Give the traits "picture-text" and "other-style" to blocks of a class in which no paragraph of the text stands.

    A block is picture text when it follows an image; it has another style when every paragraph has some class and
    it stands between two of them.

    Args:
        pieces: the page's blocks.
        prose: which of them are long paragraphs of the text, in reading order.

    Source: publishers and a third of wide, blocks to 40 words that nothing else claimed: of picture texts 41 are
    no text and 5 are, none of these a sentence.
    """
    styles = {pieces[n].style for n in prose if not pieces[n].is_under_image} or {""}
    known = styles | {""}
    found = list(pieces)
    for n, piece in enumerate(pieces):
        if piece.style in known:
            continue
        if piece.is_under_image:
            found[n] = replace(piece, traits=piece.traits | {"picture-text"})
        elif prose and prose[0] < n < prose[-1] and "" not in styles:
            found[n] = replace(piece, traits=piece.traits | {"other-style"})
    return found


def _ask_trafilatura(tree: html.HtmlElement, page: Page) -> list[str]:
    """Ask trafilatura for the article's text, as lines in the order it gives them; empty where it finds none.

    Its fast mode first, and its default, with the other extractors it falls back to, only where that left out much of
    what stands in paragraphs. Source: publishers and wide read by folds not trained on: the default is asked on 29 of
    501 pages, and the text is as good as with the default everywhere (F1 0.9766 and 0.9569).
    """
    lines = _run_trafilatura(tree, is_fast=True)
    paragraph_chars = sum(
        len(block.text) for block in page.blocks if block.box.tag == "p" and len(block.text) > _LINE_CHARS
    )
    if sum(map(len, lines)) < paragraph_chars * _LEFT_OUT_SHARE:
        return _run_trafilatura(tree, is_fast=False)
    return lines


def _run_trafilatura(tree: html.HtmlElement, *, is_fast: bool) -> list[str]:
    document = trafilatura.bare_extraction(tree, include_comments=False, fast=is_fast)
    text = getattr(document, "text", None)
    return text.split("\n") if text else []


class _Letters:
    """The letters of a page, searched only so far: a page must not buy hours with an answer that is not on it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._left = _MOST_SEARCHED

    def find(self, key: str, start: int, end: int) -> int | None:
        """Where a key stands first between two places; None where it does not, or too much was searched."""
        if self._left < 0 or start > end:
            return None
        place = self.text.find(key, start, end)
        self._left -= (place if place >= 0 else end) - start
        return place if place >= 0 else None


def _chosen_shares(keys: Sequence[str], wanted: Sequence[str]) -> list[float]:
    """Find what share of each block's letters stands in the extractor's answer.

    The answer's long lines that occur once on the page are placed first; each other line is looked for between
    its placed neighbours, so that a headline in a menu is not taken for the one above the text.

    Args:
        keys: the letters and digits of the page's blocks, in reading order.
        wanted: those of the lines of the extractor's answer, in its order; none empty.

    Returns:
        A share from 0 to 1 for each block.
    """
    page = _Letters("".join(keys))
    length = len(page.text)
    covered = bytearray(length)
    anchors = [_only_place(page, key) for key in wanted]
    after = 0
    for key, anchor, limit in zip(wanted, anchors, _next_anchors(anchors, length), strict=True):
        place = anchor if anchor is not None else page.find(key, after, limit)
        pieces = [(place, key)] if place is not None else _find_chunks(page, key, after, limit)
        for start, piece in pieces:
            covered[start : start + len(piece)] = b"\x01" * len(piece)
            after = start + len(piece)
    shares = []
    end = 0
    for key in keys:
        start, end = end, end + len(key)
        shares.append(covered.count(1, start, end) / len(key) if key else 0.0)
    return shares


def _only_place(page: _Letters, key: str) -> int | None:
    """Where a long line stands, if it stands on the page exactly once."""
    if len(key) < _ANCHOR_CHARS:
        return None
    end = len(page.text)
    place = page.find(key, 0, end)
    return place if place is not None and page.find(key, place + 1, end) is None else None


def _next_anchors(anchors: Sequence[int | None], end: int) -> list[int]:
    """For each line, where the next placed line after it starts."""
    limits = []
    for anchor in reversed(anchors):
        limits.append(end)
        end = anchor if anchor is not None else end
    return limits[::-1]


def _find_chunks(page: _Letters, key: str, after: int, limit: int) -> list[tuple[int, str]]:
    found = []
    for start in range(0, len(key), _CHUNK_CHARS):
        chunk = key[start : start + _CHUNK_CHARS]
        place = page.find(chunk, after, limit)
        if place is not None:
            found.append((place, chunk))
            after = place + len(chunk)
    return found
