"""The visible blocks of a page in reading order, each with what the page's tree knows of it.

One walk over the parsed page, in time and memory that grow with its elements alone, however deep they are nested.
Nothing visible is lost: the blocks' texts, put end to end, are the visible text of the page.
Lengths are in characters, shares 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile

from lxml import etree, html

from articles.lines import squeeze
from articles.traits import NO_TRAITS, read_traits

_BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd",
    "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
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
_PLACE_CLASS = re.compile(r"[A-Za-z][\w-]{0,23}(?!\S)", re.ASCII)
_ROOTS = frozenset({"html", "body"})


@dataclass(slots=True, eq=False)
class Step:
    """An element as a step of the places inside it."""

    tag: str
    names: str | None  # its class attribute
    nth: int  # among the children of its parent that have its tag, from 1
    twins: dict[str, int]  # tags of its parent's children, with how many there are

    def __str__(self) -> str:
        first = _PLACE_CLASS.match(self.names.lstrip()) if self.names else None
        name = f"{self.tag}.{first[0]}" if first else self.tag
        return f"{name}:nth-of-type({self.nth})" if self.twins[self.tag] > 1 else name


@dataclass(slots=True, eq=False)
class Box:
    """A block element."""

    outer: Box | None
    steps: tuple[
        Step, ...
    ]  # from the block element around it to itself: its own, after inline elements between
    tag: str
    names: str | None  # its class attribute
    number: int  # among the page's block elements, in document order: its place in Page.boxes
    path: tuple[int, ...]  # numbers of the block elements around it, outermost first
    depth: int  # how many stand around it
    article: int  # number of the nearest <article> element; 0 for none
    traits: frozenset[str]  # by its own tag and names
    has_image: bool = False  # an image stands directly in it

    def place(self) -> str:
        """Where it stands, as a CSS selector of its last steps; html and body are left out."""
        steps: list[Step] = []
        box: Box | None = self
        while box is not None and len(steps) < _PLACE_STEPS:
            steps[:0] = box.steps
            box = box.outer
        named = [str(step) for step in steps[-_PLACE_STEPS:] if step.tag not in _ROOTS]
        return " > ".join(named) or self.tag


@dataclass(slots=True, eq=False)
class Inline:
    """What holds for text by the inline elements it stands in; one object for all text with the same answer."""

    item: int = 0  # number of the outermost inline element in the block; 0 for none
    link: int = 0  # number of the <a> element; 0 for none
    is_emphasis: bool = False
    traits: frozenset[str] = NO_TRAITS


_PLAIN = Inline()


@dataclass(slots=True, eq=False)
class Draft:
    """A block of text, as its parts stand in the tree."""

    box: Box  # nearest block element
    is_under_image: bool  # an image stands between it and the text before it
    parts: list[str] = field(default_factory=list)
    inlines: list[Inline] = field(default_factory=list)  # of each part


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
    walk = _Walk(with_hidden=with_hidden)
    walk.read(tree)
    blocks = [_measure(part) for draft in walk.drafts for part in _cut_row(draft)]
    return Page(blocks=blocks, boxes=walk.boxes)


@dataclass(slots=True, eq=False)
class _Level:
    """An element whose children are being read, and what holds for the text directly in it."""

    element: html.HtmlElement
    children: Iterator[html.HtmlElement]
    box: Box
    inline: Inline
    step: Step | None  # of an inline element; None where the element is the box itself
    twins: dict[str, int] = field(default_factory=dict)  # tags of its children read so far, with how many


class _Walk:
    """One walk over a page; a block ends where another block element begins or ends, or at a line break."""

    def __init__(self, *, with_hidden: bool) -> None:
        self.drafts: list[Draft] = []
        self.boxes = [Box(None, (), "body", None, 0, (), 0, 0, NO_TRAITS)]
        self._with_hidden = with_hidden
        self._levels: list[_Level] = []  # open elements, by a stack of our own: nesting may be deep
        self._open: Draft | None = None  # the draft that still takes text
        self._is_under_image = False
        self._inline_number = 0

    def read(self, tree: html.HtmlElement) -> None:
        """Collect the texts under an element."""
        levels = self._levels
        levels.append(_Level(tree, iter((tree,)), self.boxes[0], _PLAIN, None))
        while levels:
            level = levels[-1]
            for element in level.children:
                inner = self._enter(element, level)
                if inner is not None:
                    levels.append(inner)
                    break
                tail = element.tail
                if tail and (self._open is not None or not tail.isspace()):
                    self._add(tail, level.box, level.inline)
            else:
                levels.pop()
                if level.step is None:
                    self._open = None
                tail = level.element.tail
                if tail and levels and (self._open is not None or not tail.isspace()):
                    self._add(tail, levels[-1].box, levels[-1].inline)

    def _enter(self, element: html.HtmlElement, outer: _Level) -> _Level | None:
        """Read an element up to its first child; None where nothing of it is left to read."""
        tag = element.tag
        if tag in _HIDDEN_TAGS:
            return None
        nth = outer.twins[tag] = outer.twins.get(tag, 0) + 1
        text = element.text
        is_leaf = len(element) == 0
        is_block = tag in _BLOCK_TAGS
        if is_leaf and not text and not is_block and tag != "img":
            return None
        if not self._with_hidden and _is_hidden(element):
            return None
        if tag == "img":
            self._is_under_image = outer.box.has_image = True
        if is_block:
            self._open = None
        if is_leaf and (not text or (self._open is None and text.isspace())):
            return None
        get = element.get
        names = get("class")
        traits = read_traits(tag, names, get("id"), get("role"), get("itemprop"))
        step = None
        if is_block and tag != "br":
            box = self._open_box(Step(tag, names, nth, outer.twins), outer, traits)
            inline = _carry(outer.inline)
        else:
            box = outer.box
            inline = self._nest(outer.inline, tag, traits)
            step = None if is_leaf else Step(tag, names, nth, outer.twins)
        if text and (self._open is not None or not text.isspace()):
            self._add(text, box, inline)
        if not is_leaf:
            return _Level(element, element.iterchildren(), box, inline, step)
        if is_block:
            self._open = None
        return None

    def _open_box(self, step: Step, level: _Level, traits: frozenset[str]) -> Box:
        steps = (step,)
        if level.step is not None:
            around = takewhile(lambda one: one.step is not None, reversed(self._levels))
            steps = (*[one.step for one in islice(around, _PLACE_STEPS) if one.step][::-1], step)
        outer = level.box
        number = len(self.boxes)
        path = (*outer.path[1 - _PATH_BOXES :], outer.number)
        article = number if step.tag == "article" else outer.article
        box = Box(outer, steps, step.tag, step.names, number, path, outer.depth + 1, article, traits)
        self.boxes.append(box)
        return box

    def _nest(self, outer: Inline, tag: str, traits: frozenset[str]) -> Inline:
        """What holds in an inline element; the outer answer itself where the element changes nothing."""
        is_link = tag == "a"
        is_emphasis = tag in _EMPHASIS_TAGS and not outer.is_emphasis
        if outer.item and not (is_link or is_emphasis or traits):
            return outer
        self._inline_number += 1
        return Inline(
            outer.item or self._inline_number,
            self._inline_number if is_link else outer.link,
            is_emphasis or outer.is_emphasis,
            outer.traits | traits if traits else outer.traits,
        )

    def _add(self, text: str, box: Box, inline: Inline) -> None:
        if self._open is None:
            self._open = Draft(box, self._is_under_image)
            self.drafts.append(self._open)
        self._is_under_image = False
        self._open.parts.append(text)
        self._open.inlines.append(inline)


def _is_hidden(element: html.HtmlElement) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def _carry(inline: Inline) -> Inline:
    """What still holds in a block element inside inline ones."""
    if not inline.item:
        return inline
    return Inline(0, inline.link, inline.is_emphasis) if inline.link or inline.is_emphasis else _PLAIN


def _cut_row(draft: Draft) -> list[Draft]:
    """Cut a row of short inline elements, with nothing between them, into its items; else the block as it is."""
    if len(draft.parts) < 2 or draft.box.tag not in _ROW_TAGS:
        return [draft]
    rows: dict[int, Draft] = {}
    for text, inline in zip(draft.parts, draft.inlines, strict=True):
        if text.isspace():
            continue
        if not inline.item:
            return [draft]
        row = rows.get(inline.item)
        if row is None:
            row = rows[inline.item] = Draft(draft.box, draft.is_under_image)
        row.parts.append(text)
        row.inlines.append(inline)
    is_row = len(rows) > 1 and all(sum(map(len, row.parts)) <= _ROW_ITEM_CHARS for row in rows.values())
    return list(rows.values()) if is_row else [draft]


def _measure(draft: Draft) -> RawBlock:
    chars = link_chars = emphasis_chars = 0
    links: set[int] = set()
    named: dict[str, int] = {}
    for text, inline in zip(draft.parts, draft.inlines, strict=True):
        count = len(text)
        chars += count
        if inline.link:
            link_chars += count
            if not text.isspace():
                links.add(inline.link)
        if inline.is_emphasis:
            emphasis_chars += count
        for trait in inline.traits:
            named[trait] = named.get(trait, 0) + count
    return RawBlock(
        squeeze("".join(draft.parts)),
        draft.box,
        draft.is_under_image,
        frozenset(trait for trait, count in named.items() if count > chars / 2) if named else NO_TRAITS,
        link_chars / chars,
        emphasis_chars / chars,
        len(links),
    )
