"""HTML to pieces: every visible block of the page in reading order, and which of them are the article's text.

The blocks come from the page's own tree, so nothing visible is lost; trafilatura says which of them make the
article. It is asked for text only, and its answer is found again among the blocks by their letters and digits.
Never call it from threads: trafilatura over lxml has aborted whole processes (notes/reliability.md 0.2).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import trafilatura
from lxml import etree, html

from articles.lines import Piece, count_words, fold, is_paragraph, squeeze

MAX_ELEMENTS = 100_000  # the largest of 1,686 real pages had 10,112 (notes/reliability.md 3.4)

_BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd",
    "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
# Left out: what a reader does not see, and controls whose text is no text of the page.
_HIDDEN_TAGS = frozenset({
    "script", "style", "template", "noscript", "head", "title", "meta", "link", "svg", "math", "iframe",
    "object", "embed", "canvas", "audio", "video", "select", "option", "datalist", "textarea", "map",
    "noframes",
})  # fmt: skip
_EMPHASIS_TAGS = frozenset({"em", "i", "b", "strong"})
_HIDDEN_STYLE = re.compile(r"(?i)(?:display\s*:\s*none|visibility\s*:\s*hidden)")

# What a box is called, in the words that class names, ids and roles use everywhere. A trait is a hint that rules
# may ask for, never a verdict. Names are matched at the start of a word of the attribute.
TRAITS = {
    "caption": r"caption|cap\b|wp-caption|legend|bildunterschrift|image-?text|img-?(?:desc|text)",
    "credit": r"credit|photographer|fotograf|img-?source|image-?(?:source|credit)|photo-?(?:by|source)",
    "related": r"related|recommend|read-?more|readmore|more-?(?:on|from|stories|news)|also-?read|read-?(?:also|next)|"
    r"most-?(?:read|popular)|trending|teaser|outbrain|taboola|up-?next|recirc|see-?also|similar|promo|latest",
    "appeal": r"newsletter|subscri|donat|sign-?up|membership|regwall|support-us",
    "share": r"share|sharing|social|follow-?us|toolbar|article-?tools|bookmark|print-",
    "comment": r"comments?\b|disqus|respond|comment-?(?:form|list|area)",
    "bio": r"author-?(?:box|bio|info|card|desc|profile|about)|about-?(?:the-?)?author|bio\b|biography",
    "byline": r"byline|author|writer|journalist|reporter|autor|auteur|yazar",
    "dek": r"dek\b|standfirst|sub-?title|sub-?head(?:line)?\b|sapo|chapo|article-?(?:summary|excerpt|intro|lead)",
    "advert": r"ads?\b|ad-|advert|sponsor|anzeige|publicidad|gpt-",
    "date": r"date|time\b|timestamp|published|updated|pubdate",
    "tags": r"tags?\b|tag-|topics?\b|keywords|categor",
    "nav": r"nav|menu|breadcrumb|pagination|sidebar|site-?(?:header|footer)|masthead|footer|skip-",
    "notice": r"cookie|consent|gdpr|modal|popup|overlay|lightbox",
    "pull-quote": r"pull-?quote|pull_quote|quote-?box|zitat-?box",
}
# A box that holds this much of the article's text is no furniture, whatever it is called ("article-body-related").
_MANY_CHARS, _MANY_SHARE = 800, 0.25
_TRAIT = re.compile("|".join(f"({names})" for names in TRAITS.values()))
_TRAIT_NAMES = tuple(TRAITS)
_NAME_START = re.compile(r"(?:^|[\s_]|--|__)|(?<=[a-z0-9])(?=[A-Z])|-")
_TAG_TRAITS = {
    "nav": "nav", "footer": "footer", "aside": "aside", "figure": "figure", "figcaption": "caption",
    "form": "form", "button": "button", "header": "header", "blockquote": "quote", "table": "table",
    "ul": "list", "ol": "list", "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading",
    "h6": "heading", "time": "date", "address": "byline",
}  # fmt: skip

# Boxes that print date, author and section side by side, each in an inline element of its own; no paragraph is one.
_ROW_TAGS = frozenset({"div", "header", "section", "footer", "td"})
_ROW_ITEM_CHARS = 60  # the longest item of such a row, a date in two calendars, has about as many
_PROSE_WORDS = 20  # a paragraph this long shows how the page prints its text

_STORY_CHARS = 200  # less is no story worth looking for behind a page's own hiding
_MIN_SIBLINGS = 3  # paragraphs of the article in one box that make another one there text as well
# Boxes whose paragraphs are never counted in beside the article's.
_NOT_TEXT = frozenset({
    "nav", "footer", "comment", "related", "appeal", "share", "notice", "form", "advert", "bio", "tags", "caption",
    "figure", "credit", "pull-quote", "aside", "table",
})  # fmt: skip
_ANCHOR_CHARS = 40  # a line this long that stands once on the page fixes where its neighbours are looked for
_CHUNK_CHARS = 24  # a line the extractor put together from several places is looked for in pieces this long


@dataclass(slots=True)
class _Region:
    """A box of the page that has traits; how much of the article stands in it decides whether they count."""

    traits: frozenset[str]
    chosen_chars: int = 0


@dataclass(frozen=True, slots=True)
class _Level:
    """What holds for the text directly inside one open element."""

    tag: str  # of the nearest block element
    style: str  # its class attribute; "" for none
    path: tuple[int, ...]  # numbers of the block elements around that one, outermost first
    number: int  # of the nearest block element, in document order
    article: int  # number of the nearest <article> element; 0 for none
    regions: tuple[_Region, ...]  # boxes around the nearest block element, and itself
    inline: frozenset[str]  # traits of the inline elements inside it
    item: int  # number of the outermost inline element inside it; 0 for none
    is_link: bool
    is_emphasis: bool


@dataclass(slots=True)
class _Draft:
    """A block while its text is being collected."""

    level: _Level
    is_under_image: bool  # an image stands between it and the text before it
    parts: list[str] = field(default_factory=list)
    items: list[tuple[str, _Level]] = field(default_factory=list)  # the same texts, each where it stands
    link_chars: int = 0
    emphasis_chars: int = 0
    inline_chars: Counter[str] = field(default_factory=Counter)

    def add(self, text: str, level: _Level) -> None:
        self.parts.append(text)
        self.items.append((text, level))
        self.link_chars += len(text) * level.is_link
        self.emphasis_chars += len(text) * level.is_emphasis
        for trait in level.inline:
            self.inline_chars[trait] += len(text)


def parse(text: str) -> html.HtmlElement | None:
    """Parse a page; None where nothing of it can be parsed."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    return tree


def count_elements(tree: html.HtmlElement) -> int:
    """Count the page's elements, to refuse a page before any costly work on it."""
    return int(tree.xpath("count(//*)"))


def read_blocks(tree: html.HtmlElement) -> list[Piece]:
    """Collect every visible block of a page in reading order, with what the tree says of it, the choice made.

    Args:
        tree: the parsed page; left as it is.

    Returns:
        Pieces whose texts, put end to end, are the visible text of the page.
    """
    lines = _ask_trafilatura(tree)
    kept = _collect_texts(tree, with_hidden=False)
    line_chars = sum(map(len, lines))
    if line_chars >= _STORY_CHARS and sum(len(text) for _, text in kept) < line_chars / 2:
        kept = _collect_texts(tree, with_hidden=True)  # pages that hide their text until a script shows it
    texts = [text for _, text in kept]
    shares = _chosen_shares(texts, lines)
    for (draft, text), share in zip(kept, shares, strict=True):
        for region in draft.level.regions:
            region.chosen_chars += round(share * len(text))
    all_chosen = sum(round(share * len(text)) for text, share in zip(texts, shares, strict=True))
    pieces = _with_siblings(
        [
            _finish(draft, text, is_chosen=share >= 0.5, all_chosen=all_chosen)
            for (draft, text), share in zip(kept, shares, strict=True)
        ]
    )
    return _with_styles(pieces, [draft for draft, _ in kept])


def _with_styles(pieces: list[Piece], drafts: Sequence[_Draft]) -> list[Piece]:
    """Give the traits "picture-text" and "other-style" to blocks of a class in which no paragraph of the text stands.

    A block is picture text when it follows an image; it has another style when every paragraph has some class and
    it stands between two of them.

    Source: publishers and a third of wide, blocks to 40 words that nothing else claimed: of picture texts 41 are
    no text and 5 are, none of these a sentence.
    """
    prose = [
        n
        for n, piece in enumerate(pieces)
        if piece.is_chosen and is_paragraph(piece) and count_words(piece.text) >= _PROSE_WORDS
    ]
    classes = {drafts[n].level.style for n in prose if not drafts[n].is_under_image} or {""}
    found = list(pieces)
    for n, (piece, draft) in enumerate(zip(pieces, drafts, strict=True)):
        if draft.level.style in classes | {""}:
            continue
        if draft.is_under_image:
            found[n] = replace(piece, traits=piece.traits | {"picture-text"})
        elif prose and prose[0] < n < prose[-1] and "" not in classes:
            found[n] = replace(piece, traits=piece.traits | {"other-style"})
    return found


def _with_siblings(pieces: list[Piece]) -> list[Piece]:
    """Count paragraphs in that the extractor left out between others of the same box.

    Source: `score_extraction.py` on publishers: sections it drops whole, because a link or a name looked like
    furniture to it.
    """
    chosen = [n for n, piece in enumerate(pieces) if piece.is_chosen and is_paragraph(piece)]
    if not chosen:
        return pieces
    boxes = Counter((piece.tag, box) for n in chosen if (piece := pieces[n]).path for box in piece.path[-2:])
    found = list(pieces)
    for n in range(chosen[0], chosen[-1]):
        piece = pieces[n]
        if piece.is_chosen or not is_paragraph(piece) or not piece.traits.isdisjoint(_NOT_TEXT):
            continue
        if any(boxes[piece.tag, box] >= _MIN_SIBLINGS for box in piece.path[-2:]):
            found[n] = replace(piece, is_chosen=True)
    return found


def _finish(draft: _Draft, text: str, *, is_chosen: bool, all_chosen: int) -> Piece:
    """Settle a block's traits; a box around most of the article says nothing about a single block of it."""
    chars = sum(map(len, draft.parts))
    traits = {trait for trait, count in draft.inline_chars.items() if count > chars / 2}
    for region in draft.level.regions:
        if region.chosen_chars < min(_MANY_CHARS, all_chosen * _MANY_SHARE) or not all_chosen:
            traits |= region.traits
    return Piece(
        text=text,
        tag=draft.level.tag,
        traits=frozenset(traits),
        link_share=draft.link_chars / chars,
        emphasis_share=draft.emphasis_chars / chars,
        path=draft.level.path,
        article=draft.level.article,
        is_chosen=is_chosen,
    )


def _collect_texts(tree: html.HtmlElement, *, with_hidden: bool) -> list[tuple[_Draft, str]]:
    return [
        (part, text)
        for draft in _collect(tree, with_hidden=with_hidden)
        for part in _cut_row(draft)
        if (text := squeeze("".join(part.parts)))
    ]


def _cut_row(draft: _Draft) -> list[_Draft]:
    """Cut a row of short inline elements, with nothing between them, into its items; else the block as it is."""
    if draft.level.tag not in _ROW_TAGS or len(draft.items) < 2:
        return [draft]
    rows: dict[int, _Draft] = {}
    for text, level in draft.items:
        if text.isspace():
            continue
        if not level.item:
            return [draft]
        row = rows.setdefault(level.item, _Draft(draft.level, draft.is_under_image))
        row.add(text, level)
    is_row = all(sum(map(len, row.parts)) <= _ROW_ITEM_CHARS for row in rows.values())
    return list(rows.values()) if len(rows) > 1 and is_row else [draft]


def _collect(tree: html.HtmlElement, *, with_hidden: bool) -> list[_Draft]:
    """Walk the tree once; a block ends where another block element begins or ends, or at a line break."""
    drafts: list[_Draft] = []
    levels = [_Level("body", "", (), 0, 0, (), frozenset(), 0, False, False)]
    is_open = False  # the last draft still takes text
    is_under_image = False
    hidden_depth = 0
    number = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = str(element.tag)
        if event == "start":
            if hidden_depth or tag in _HIDDEN_TAGS or (not with_hidden and _is_hidden(element)):
                hidden_depth += 1
                continue
            number += 1
            is_under_image = is_under_image or tag == "img"
            is_open = is_open and tag not in _BLOCK_TAGS
            levels.append(_enter(levels[-1], element, tag, number))
            text = element.text
        else:
            if hidden_depth:
                hidden_depth -= 1
            else:
                levels.pop()
                is_open = is_open and tag not in _BLOCK_TAGS
            text = None if hidden_depth else element.tail
        if text and (is_open or not text.isspace()):
            if not is_open:
                drafts.append(_Draft(levels[-1], is_under_image))
                is_open = True
            is_under_image = False
            drafts[-1].add(text, levels[-1])
    return drafts


def _enter(outer: _Level, element: html.HtmlElement, tag: str, number: int) -> _Level:
    """Find what holds inside an element from what holds around it."""
    get = element.get
    traits = _traits(tag, get("class"), get("id"), get("role"), get("itemprop"))
    if tag not in _BLOCK_TAGS or tag == "br":
        return _Level(
            tag=outer.tag,
            style=outer.style,
            path=outer.path,
            number=outer.number,
            article=outer.article,
            regions=outer.regions,
            inline=outer.inline | traits if traits else outer.inline,
            item=outer.item or number,
            is_link=outer.is_link or tag == "a",
            is_emphasis=outer.is_emphasis or tag in _EMPHASIS_TAGS,
        )
    return _Level(
        tag=tag,
        style=squeeze(get("class") or ""),
        path=(*outer.path, outer.number),
        number=number,
        article=number if tag == "article" else outer.article,
        regions=(*outer.regions, _Region(traits)) if traits else outer.regions,
        inline=frozenset(),
        item=0,
        is_link=outer.is_link,
        is_emphasis=outer.is_emphasis,
    )


def _is_hidden(element: html.HtmlElement) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


@lru_cache(maxsize=20_000)
def _traits(tag: str, *names: str | None) -> frozenset[str]:
    """Read the traits that an element's tag and names give it."""
    found = {_TAG_TRAITS[tag]} if tag in _TAG_TRAITS else set()
    for name in names:
        if not name or len(name) > 1000:
            continue
        for start in _NAME_START.finditer(name):
            hit = _TRAIT.match(name.lower(), start.end())
            if hit and hit.lastindex:
                found.add(_TRAIT_NAMES[hit.lastindex - 1])
    return frozenset(found)


def _ask_trafilatura(tree: html.HtmlElement) -> list[str]:
    """Ask trafilatura for the article's text, as lines in the order it gives them; empty where it finds none.

    Its default mode, not its precise one: under our own labels the default keeps more text and lets no more noise
    through (publishers: F1 0.968 against 0.960).
    """
    document = trafilatura.bare_extraction(tree, include_comments=False)
    text = getattr(document, "text", None)
    return text.split("\n") if text else []


def _chosen_shares(texts: Sequence[str], lines: Sequence[str]) -> list[float]:
    """Find what share of each block's letters stands in the extractor's answer.

    The answer's long lines that occur once on the page are placed first; each other line is looked for between
    its placed neighbours, so that a headline in a menu is not taken for the one above the text.

    Args:
        texts: the page's blocks in reading order.
        lines: the extractor's answer, in its order.

    Returns:
        A share from 0 to 1 for each block.
    """
    keys = [fold(text) for text in texts]
    page = "".join(keys)
    covered = bytearray(len(page))
    wanted = [key for line in lines if (key := fold(line))]
    anchors = [_only_place(page, key) for key in wanted]
    after = 0
    for key, anchor, limit in zip(wanted, anchors, _next_anchors(anchors, len(page)), strict=True):
        place = anchor if anchor is not None else _find(page, key, after, limit)
        pieces = [(place, key)] if place is not None else _find_chunks(page, key, after, limit)
        for start, piece in pieces:
            covered[start : start + len(piece)] = b"\x01" * len(piece)
            after = start + len(piece)
    shares = []
    end = 0
    for key in keys:
        start, end = end, end + len(key)
        shares.append(sum(covered[start:end]) / len(key) if key else 0.0)
    return shares


def _only_place(page: str, key: str) -> int | None:
    """Where a long line stands, if it stands on the page exactly once."""
    if len(key) < _ANCHOR_CHARS:
        return None
    place = page.find(key)
    return place if place >= 0 and page.find(key, place + 1) < 0 else None


def _next_anchors(anchors: Sequence[int | None], end: int) -> list[int]:
    """For each line, where the next placed line after it starts."""
    limits = []
    for anchor in reversed(anchors):
        limits.append(end)
        end = anchor if anchor is not None else end
    return limits[::-1]


def _find(page: str, key: str, after: int, limit: int) -> int | None:
    place = page.find(key, after, max(after, limit))
    return place if place >= 0 else None


def _find_chunks(page: str, key: str, after: int, limit: int) -> list[tuple[int, str]]:
    found = []
    for start in range(0, len(key), _CHUNK_CHARS):
        chunk = key[start : start + _CHUNK_CHARS]
        place = _find(page, chunk, after, limit)
        if place is not None:
            found.append((place, chunk))
            after = place + len(chunk)
    return found
