"""What a page holds of claims about itself, gathered in one walk: meta elements, JSON-LD, headings, `time`, links.

Nothing is judged here. Whatever is broken, of the wrong type or too long is passed over, because pages are
written by strangers. Lengths are in characters.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from lxml import html

from articles.lines import fold, squeeze

MAX_TITLE_CHARS = 1_000  # limits of notes/reliability.md 3.4
_MAX_META_CHARS = 10_000
_MAX_JSON_CHARS = 2_000_000
_MAX_JSON_NODES = 20_000
_MAX_ARTICLES = 50
_MAX_HEADINGS = 20  # a page has one or two headlines; more are a page that sets everything in h1
_MAX_TIMES = 60  # a live report has hundreds, and states its own date before them

_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting|ScholarlyArticle)$")
_COMMA_TOO_MANY = re.compile(r",\s*([}\]])")
_SOFT = str.maketrans(dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff")))
_PLACES = ("meta", "script", "title", "h1", "time", "link")

Node = dict[str, object]  # one object of JSON-LD


@dataclass(frozen=True, slots=True)
class Heading:
    """One h1, and the pieces of text that its elements part it into: a kicker is often a piece of its own."""

    text: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """All that a page claims, as it stands there."""

    root: html.HtmlElement
    meta: dict[str, str]  # the first content of each named meta element, names in lower case
    nodes: tuple[Node, ...]  # every JSON-LD object, outer ones first
    article: tuple[
        Node, ...
    ]  # those that speak of the page's own article, the fullest first; empty where none does
    title: str | None  # of the title element
    headings: tuple[Heading, ...]
    heading_elements: tuple[html.HtmlElement, ...]  # in the order of `headings`
    times: tuple[html.HtmlElement, ...]
    canonical: str | None  # address in the link element, as written


def read_head(tree: html.HtmlElement, *, url_path: str) -> Head:
    """Gather a page's claims.

    Args:
        tree: the parsed page.
        url_path: host and path of the page's address, empty where it is not known: tells its own article among
            several in JSON-LD.
    """
    meta: dict[str, str] = {}
    scripts: list[str] = []
    title: str | None = None
    canonical: str | None = None
    headings: list[Heading] = []
    heading_elements: list[html.HtmlElement] = []
    times: list[html.HtmlElement] = []
    for element in tree.iter(*_PLACES):
        tag = element.tag
        if tag == "meta":
            name = element.get("property") or element.get("name") or element.get("itemprop")
            content = squeeze(element.get("content") or "")
            if name and content and len(content) <= _MAX_META_CHARS:
                meta.setdefault(name.strip().lower(), content)
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower():
                scripts.append(element.text or "")
        elif tag == "title":
            if title is None:  # those that follow name drawings
                title = clean_text(element.text_content())
        elif tag == "h1":
            heading = _read_heading(element) if len(headings) < _MAX_HEADINGS else None
            if heading is not None:
                headings.append(heading)
                heading_elements.append(element)
        elif tag == "time":
            if len(times) < _MAX_TIMES:
                times.append(element)
        elif canonical is None and (element.get("rel") or "").strip().lower() == "canonical":
            canonical = element.get("href")
    nodes = tuple(_objects(scripts))
    said = [heading.text for heading in headings] + [meta.get("og:title") or "", title or ""]
    return Head(
        root=tree,
        meta=meta,
        nodes=nodes,
        article=_own_article(nodes, said, url_path),
        title=title or None,
        headings=tuple(headings),
        heading_elements=tuple(heading_elements),
        times=tuple(times),
        canonical=canonical,
    )


def _read_heading(element: html.HtmlElement) -> Heading | None:
    """The text of a heading; a word that ends in one element does not run into the one that opens the next."""
    parts = [raw.translate(_SOFT) for raw in element.itertext()]
    has_breaks = element.find(".//br") is not None
    text = ""
    for part in parts:
        is_new_word = (
            text[-1:].strip()
            and part[:1].strip()
            and (has_breaks or (part[0].isupper() and not text[-1].isupper()))
        )
        text += f" {part}" if is_new_word else part
    text = squeeze(text)
    pieces = tuple(piece for part in parts if (piece := squeeze(part)))
    return Heading(text, pieces) if 0 < len(text) <= MAX_TITLE_CHARS else None


def clean_text(value: object) -> str | None:
    """A short text without markup, entities and soft hyphens; None for anything else."""
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_META_CHARS:
        return None
    if "<" in value:
        try:
            value = html.fromstring(f"<div>{value}</div>").text_content()
        except (ValueError, AssertionError, html.etree.ParserError):
            return None
    if "&" in value:
        value = unescape(unescape(value))  # templates escape what was escaped before
    return squeeze(value.translate(_SOFT)) or None


# -- JSON-LD ------------------------------------------------------------------------------------------------


def _objects(scripts: Sequence[str]) -> Iterator[Node]:
    """Every object of every script, outer ones first; what does not parse is passed over."""
    left = _MAX_JSON_NODES
    for script in scripts:
        raw = script.strip()
        queue = deque([_load(raw)] if len(raw) <= _MAX_JSON_CHARS else [])
        while queue and left:
            left -= 1
            node = queue.popleft()
            if isinstance(node, dict):
                yield node
                queue.extend(node.values())
            elif isinstance(node, list):
                queue.extend(node)


def _load(raw: str) -> object:
    """Parse JSON as leniently as is safe; None for what is none, nests too deep or has absurd numbers."""
    raw = (
        raw.removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>").strip()
    )
    for attempt in (raw, _COMMA_TOO_MANY.sub(r"\1", raw)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def types(node: Node) -> set[str]:
    """What an object says it is."""
    value = node.get("@type")
    return {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}


def _own_article(nodes: Sequence[Node], said: Sequence[str], url_path: str) -> tuple[Node, ...]:
    """The object about the page's own article: of the same address or headline as the page, else the first one.

    Related stories, and the entries of a live report, are articles in JSON-LD too. Others of the same headline
    follow, as plugins that do not know of each other each describe the article.
    """
    articles = [node for node in nodes if any(_ARTICLE_TYPES.search(name) for name in types(node))]
    if len(articles) < 2:
        return tuple(articles)
    folded = {fold(text) for text in said if text}

    def headline(node: Node) -> str:
        return fold(clean_text(node.get("headline")) or "")

    def is_own(node: Node) -> bool:
        is_here = bool(url_path) and any(strip_address(address) == url_path for address in _addresses(node))
        return is_here or headline(node) in folded

    main = next((node for node in articles[:_MAX_ARTICLES] if is_own(node)), articles[0])
    twins = [
        node for node in articles[:_MAX_ARTICLES] if node is not main and headline(node) == headline(main)
    ]
    return main, *twins[:2]


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = node.get(key)
        value = value.get("@id") if isinstance(value, dict) else value
        if isinstance(value, str):
            yield value


def strip_address(address: str) -> str:
    """Host and path of an address, to compare two of one site without regard to what does not matter."""
    bare = re.sub(r"^https?://(?:www\.|m\.|amp\.)?|[?#].*$", "", address.strip(), flags=re.IGNORECASE)
    return bare.rstrip("/").casefold()
