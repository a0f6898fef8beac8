"""The visible blocks of a page in reading order, each with what the page's tree knows of it.

One walk over the parsed page, in time and memory that grow with its elements alone, however deep they are nested.
Nothing visible is lost: the blocks' texts, put end to end, are the visible text of the page.
Lengths are in characters, shares 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

from lxml import etree, html

from articles.lines import squeeze
from articles.traits import NO_TRAITS, read_traits

_BOX_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_BREAKING_TAGS = _BOX_TAGS | {"br"}
# Left out: what a reader does not see, and controls whose text is no text of the page.
_HIDDEN_TAGS: frozenset[object] = frozenset({
    "script", "style", "template", "noscript", "head", "title", "meta", "link", "svg", "math", "iframe",
    "object", "embed", "canvas", "audio", "video", "select", "option", "datalist", "textarea", "map",
    "noframes", etree.Comment, etree.PI, etree.Entity,
})  # fmt: skip
_EMPHASIS_TAGS = frozenset({"em", "i", "b", "strong"})
_HIDDEN_STYLE = re.compile(r"(?i)(?:display\s*:\s*none|visibility\s*:\s*hidden)")

# Boxes that print date, author and section side by side, each in an inline element of its own; no paragraph is one.
_ROW_TAGS = frozenset({"div", "header", "section", "footer", "td"})
_ROW_ITEM_CHARS = 60  # the longest item of such a row, a date in two calendars, has about as many

# Boxes remembered around a block; pages of the corpus nest 43 at most, and the parser stops at 256 or 2,048.
_PATH_BOXES = 64
_PLACE_STEPS = 6  # of a place, counted from the block's own element
_PLACE_CLASS = re.compile(r"\s*([A-Za-z][\w-]{0,23})(?!\S)", re.ASCII)
_ROOTS = frozenset({"html", "body"})


@lru_cache(maxsize=20_000)
def _name(tag: str, names: str) -> str:
    first = _PLACE_CLASS.match(names)
    return f"{tag}.{first[1]}" if first else tag


@dataclass(slots=True, eq=False)
class Step:
    """An element as a step of the places inside it."""

    tag: str
    names: str | None  # its class attribute
    nth: int  # among the children of its parent that have its tag, from 1
    twins: dict[str, int]  # tags of its parent's children, with how many there are

    def name(self) -> str:
        """Say it as CSS."""
        name = _name(self.tag, self.names) if self.names else self.tag
        return f"{name}:nth-of-type({self.nth})" if self.twins[self.tag] > 1 else name


@dataclass(slots=True, eq=False)
class Box(Step):
    """A block element."""

    outer: Box | None  # the one around it
    between: tuple[Step, ...]  # inline elements between the two, outermost first
    number: int  # among the page's block elements, in document order: its place in Page.boxes
    path: tuple[int, ...]  # numbers of the block elements around it, outermost first
    depth: int  # how many stand around it
    article: int  # number of the nearest <article> element; 0 for none
    traits: frozenset[str]  # by its own tag and names
    has_image: bool = False  # an image stands directly in it
    inner_path: tuple[int, ...] = ()  # path of the boxes in it, once one was met
    trail: tuple[str, ...] = ()  # the last steps of its place, once it was asked for

    def place(self) -> str:
        """Where it stands, as a CSS selector of its last steps; html and body are left out."""
        unnamed: list[Box] = []
        box: Box | None = self
        while box is not None and not box.trail and box.tag not in _ROOTS:
            unnamed.append(box)
            box = box.outer
        trail = box.trail if box is not None else ()
        for inner in reversed(unnamed):
            trail = (*trail, *[step.name() for step in inner.between], inner.name())[-_PLACE_STEPS:]
            inner.trail = trail
        return " > ".join(trail) or self.tag


@dataclass(slots=True, eq=False)
class Inline:
    """What holds for text by the inline elements it stands in; one object for all text with the same answer."""

    item: html.HtmlElement | None = None  # the outermost inline element in the block
    link: html.HtmlElement | None = None  # the <a> element
    is_emphasis: bool = False
    traits: frozenset[str] = NO_TRAITS


_PLAIN = Inline()


@dataclass(slots=True, eq=False)
class RawBlock:
    """A block of text with what the tree alone says of it."""

    text: str  # white space squeezed, never empty
    box: Box
    is_under_image: bool
    traits: frozenset[str]  # of inline elements that hold most of it
    link_share: float
    emphasis_share: float
    link_count: int  # <a> elements with text in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The blocks of text of a page in reading order, and the block elements that they stand in or could have."""

    blocks: list[RawBlock]
    boxes: list[Box]  # in document order, so that each stands behind those around it


def collect_blocks(tree: html.HtmlElement, *, with_hidden: bool) -> Page:
    """Collect the blocks of a page.

    Args:
        tree: the parsed page; left as it is.
        with_hidden: whether to read what the page's attributes hide, too.
    """
    texts = _walk(tree, with_hidden=with_hidden)
    blocks: list[RawBlock] = []
    end = len(texts.parts)
    for start, box, is_under_image in reversed(texts.starts):
        parts, inlines = texts.parts[start:end], texts.inlines[start:end]
        end = start
        rows = _cut_row(parts, inlines) if len(parts) > 1 and box.tag in _ROW_TAGS else []
        for row in reversed(rows or [(parts, inlines)]):
            blocks.append(_measure(*row, box, is_under_image=is_under_image))
    blocks.reverse()
    return Page(blocks=blocks, boxes=texts.boxes)


@dataclass(slots=True, eq=False)
class _Texts:
    """All texts of a page in reading order, and where among them a block starts."""

    boxes: list[Box]
    parts: list[str]
    inlines: list[Inline]  # of each part
    starts: list[
        tuple[int, Box, bool]
    ]  # number of its first part, nearest block element, is it under an image


# An open element: itself, its children not read yet, and for the text directly in it the box, what holds by inline
# elements, the element as a step where it is inline, and the tags of the children read so far with their counts.
_Level = tuple[html.HtmlElement, Iterator[html.HtmlElement], Box, Inline, Step | None, dict[str, int]]


def _walk(tree: html.HtmlElement, *, with_hidden: bool) -> _Texts:
    """Read the tree once; a block ends where another block element begins or ends, or at a line break.

    One long loop over a stack of its own: nesting may be deep, and each call in it would be made once for every
    element of every page.
    """
    boxes = [Box("body", None, 1, {}, None, (), 0, (), 0, 0, NO_TRAITS)]
    parts: list[str] = []
    inlines: list[Inline] = []
    starts: list[tuple[int, Box, bool]] = []
    levels: list[_Level] = [(tree, iter((tree,)), boxes[0], _PLAIN, None, {})]
    is_under_image = False
    is_open = False  # the last block still takes text

    def add(text: str, box: Box, inline: Inline) -> None:
        nonlocal is_open, is_under_image
        if not is_open:
            starts.append((len(parts), box, is_under_image))
            is_open = True
        parts.append(text)
        inlines.append(inline)
        is_under_image = False

    while levels:
        owner, children, box, inline, step, twins = levels[-1]
        for element in children:
            tag = element.tag
            if tag not in _HIDDEN_TAGS:
                nth = twins[tag] = twins.get(tag, 0) + 1
                text = element.text
                is_leaf = not len(element)
                is_breaking = tag in _BREAKING_TAGS
                if (text or is_breaking or not is_leaf or tag == "img") and (
                    with_hidden or not _is_hidden(element.get)
                ):
                    if is_breaking:
                        is_open = False
                    elif tag == "img":
                        is_under_image = box.has_image = True
                    has_text = text and (is_open or not text.isspace())
                    if has_text or not is_leaf:
                        get = element.get
                        names = get("class")
                        traits = read_traits(tag, names, get("id"), get("role"), get("itemprop"))
                        if tag in _BOX_TAGS:
                            inner, held = (
                                _open_box(tag, names, nth, traits, levels, len(boxes)),
                                _carry(inline),
                            )
                            boxes.append(inner)
                        else:
                            inner, held = box, _nest(inline, tag, traits, element)
                        if text and has_text:
                            add(text, inner, held)
                        if not is_leaf:
                            own = None if inner is not box else Step(tag, names, nth, twins)
                            levels.append((element, iter(element), inner, held, own, {}))
                            break
                    if is_breaking:
                        is_open = False
            tail = element.tail
            if tail and (is_open or not tail.isspace()):
                add(tail, box, inline)
        else:
            levels.pop()
            if step is None:
                is_open = False
            tail = owner.tail
            if tail and levels and (is_open or not tail.isspace()):
                add(tail, levels[-1][2], levels[-1][3])
    return _Texts(boxes, parts, inlines, starts)


def _is_hidden(get: Callable[[str], str | None]) -> bool:
    if get("hidden") is not None:
        return True
    style = get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def _open_box(
    tag: str, names: str | None, nth: int, traits: frozenset[str], levels: list[_Level], number: int
) -> Box:
    _, _, outer, _, step, twins = levels[-1]
    between: tuple[Step, ...] = ()
    if step is not None:
        steps = takewhile(lambda one: one is not None, (level[4] for level in reversed(levels)))
        between = tuple(one for one in islice(steps, _PLACE_STEPS) if one)[::-1]
    if not outer.inner_path:
        outer.inner_path = (*outer.path[1 - _PATH_BOXES :], outer.number)
    article = number if tag == "article" else outer.article
    depth = outer.depth + 1
    return Box(tag, names, nth, twins, outer, between, number, outer.inner_path, depth, article, traits)


def _nest(outer: Inline, tag: str, traits: frozenset[str], element: html.HtmlElement) -> Inline:
    """What holds in an inline element; the outer answer itself where the element changes nothing."""
    is_link = tag == "a"
    is_emphasis = tag in _EMPHASIS_TAGS
    if outer.item is not None and not is_link and not traits and (outer.is_emphasis or not is_emphasis):
        return outer
    return Inline(
        element if outer.item is None else outer.item,
        element if is_link else outer.link,
        is_emphasis or outer.is_emphasis,
        outer.traits | traits if traits else outer.traits,
    )


def _carry(inline: Inline) -> Inline:
    """What still holds in a block element inside inline ones."""
    if inline.item is None:
        return inline
    return (
        Inline(None, inline.link, inline.is_emphasis)
        if inline.link is not None or inline.is_emphasis
        else _PLAIN
    )


def _cut_row(parts: list[str], inlines: list[Inline]) -> list[tuple[list[str], list[Inline]]]:
    """Cut a row of short inline elements, with nothing between them, into its items; none where it is no row."""
    rows: dict[html.HtmlElement, tuple[list[str], list[Inline]]] = {}
    for text, inline in zip(parts, inlines, strict=True):
        if text.isspace():
            continue
        if inline.item is None:
            return []
        row = rows.setdefault(inline.item, ([], []))
        row[0].append(text)
        row[1].append(inline)
    is_row = len(rows) > 1 and all(sum(map(len, texts)) <= _ROW_ITEM_CHARS for texts, _ in rows.values())
    return list(rows.values()) if is_row else []


def _measure(parts: list[str], inlines: list[Inline], box: Box, *, is_under_image: bool) -> RawBlock:
    if len(parts) == 1:
        inline = inlines[0]
        is_link = inline.link is not None
        return RawBlock(
            squeeze(parts[0]),
            box,
            is_under_image,
            inline.traits,
            float(is_link),
            float(inline.is_emphasis),
            int(is_link),
        )
    text = squeeze("".join(parts))
    chars = link_chars = emphasis_chars = 0
    links: set[html.HtmlElement] = set()
    named: dict[str, int] = {}
    for part, inline in zip(parts, inlines, strict=True):
        count = len(part)
        chars += count
        if inline is _PLAIN:
            continue
        if inline.link is not None:
            link_chars += count
            if not part.isspace():
                links.add(inline.link)
        if inline.is_emphasis:
            emphasis_chars += count
        for trait in inline.traits:
            named[trait] = named.get(trait, 0) + count
    traits = frozenset(trait for trait, count in named.items() if count > chars / 2) if named else NO_TRAITS
    return RawBlock(text, box, is_under_image, traits, link_chars / chars, emphasis_chars / chars, len(links))
