"""What a page says of itself: JSON-LD, Open Graph, meta elements, `time`, its address and its headings.

Everything read here is a claim of the page with its origin kept; read.py chooses. Whatever is broken, of the
wrong type or too long is passed over, because pages are written by strangers. Lengths are in characters.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import html

from articles import dates, people
from articles.lines import fold, squeeze
from articles.records import DatePrecision, Published

_MAX_TITLE_CHARS = 1_000  # limits of notes/reliability.md 3.4
_MAX_JSON_CHARS = 2_000_000
_MAX_JSON_NODES = 20_000
_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting|ScholarlyArticle)$")
_SITE_TYPES = frozenset({"AboutPage", "ContactPage", "FAQPage", "ProfilePage", "CheckoutPage"})
_LIST_TYPES = frozenset({"CollectionPage", "ItemList", "SearchResultsPage", "CategoryPage"})

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "pubdate", "publishdate", "publish-date", "publish_date",
    "article.published", "sailthru.date", "parsely-pub-date", "dc.date.issued", "dc.date", "dcterms.created", "dcterms.date", "cxenseparse:recs:publishtime",
    "originalpublicationdate", "article_date_original", "published_at", "publication_date", "date.created", "last-published",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "lastmod",
    "article:modified",
)
_AUTHOR_META = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "cxenseparse:author",
)
_TITLE_META = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title")
_SEPARATOR = re.compile(r"\s+(?:[|·•»«–—:/\\-]|::|\|\|)\s+|\s?[|]\s?")
_NAME_AND_COLON = re.compile(r"(?P<name>[^:]+ [^:]+): +")  # one word before a colon may be what it is about
_AUTHOR_BOX = re.compile(
    r"(?i)(?:(?:article|post|entry|story|news|item|page)[-_]*)*(?:by-?line|author|writer|reporter|journalist|autor|auteur|yazar)s?"
    r"(?:[-_]*(?:names?|links?))?"
)
_BEFORE_PLACE = re.compile(r"\s+[-–—|]\s.*")
_MAX_BOX_CHARS = 120  # names of some people with their places; a biography has more
_PUBLISHED_TIME = re.compile(r"(?i)publi|date-?created|pubdate|posted|entry-date|article-?date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a page's head, or a record, claims of its article; empty or None where it claims nothing."""

    title: str | None = None  # without the site's name
    dek: str | None = None
    authors: tuple[str, ...] = ()
    named: tuple[str, ...] = ()  # else whom the page names in a box that it calls "author" or the like
    published: tuple[Published, ...] = ()  # claims, the most trusted origin first
    modified: Published | None = None
    canonical_url: str | None = None  # of the same site as the page
    language: str | None = None  # ISO 639-1
    is_article: bool = False  # says that it is an article
    is_list: bool = False  # says that it is a list of articles
    is_site_page: bool = False  # says that it is a page about the site, such as "About us"
    is_website: bool = (
        False  # says so instead of naming itself an article; careless sites say so of every page
    )
    is_free: bool | None = None  # whether anybody may read it whole


def read_metadata(
    tree: html.HtmlElement,
    *,
    url: str | None,
    publisher: str | None = None,
    zone: ZoneInfo | None = None,
    captured_at: datetime | None = None,
) -> Stated:
    """Read what a page claims of itself.

    Args:
        tree: the parsed page.
        url: its address; None leaves relative and canonical addresses unread.
        publisher: the publisher's name, to cut it off the headline.
        zone: the source's zone, for times printed without one.
        captured_at: when the page was taken, for relative times.
    """
    meta = _read_meta(tree)
    nodes = list(_json_ld(tree))
    articles = [node for node in nodes if _is_type(node, _ARTICLE_TYPES)]
    node = articles[0] if articles else {}
    sites = [
        name
        for name in (publisher, meta.get("og:site_name"), *_publisher_names(node), _host_name(url))
        if name
    ]
    authors = _read_authors(node, meta, sites)
    return Stated(
        title=_choose_title(tree, meta, node, sites),
        dek=_text_of(node.get("description")) or meta.get("og:description") or meta.get("description"),
        authors=authors,
        published=tuple(_read_published(tree, node, meta, zone, captured_at)),
        modified=_read_modified(node, meta, zone),
        canonical_url=_read_canonical(tree, meta, url),
        language=_read_language(tree, node, meta),
        is_article=bool(articles) or meta.get("og:type", "").lower() == "article",
        named=() if authors else _read_named(tree, sites),
        is_site_page=any(_types(found) & _SITE_TYPES for found in nodes),
        is_website=meta.get("og:type", "").lower() == "website",
        is_list=not articles and any(_types(found) & _LIST_TYPES for found in nodes),
        is_free=_read_free(node),
    )


def _read_meta(tree: html.HtmlElement) -> dict[str, str]:
    """The first content of each named meta element, names in lower case."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = squeeze(element.get("content") or "")
        if name and content and len(content) <= 10_000:
            found.setdefault(name.strip().lower(), content)
    return found


# -- JSON-LD ------------------------------------------------------------------------------------------------


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, object]]:
    """Every object of every JSON-LD script, outer ones first; what does not parse is passed over."""
    left = _MAX_JSON_NODES
    for element in tree.iter("script"):
        if "ld+json" not in (element.get("type") or "").lower():
            continue
        raw = (element.text or "").strip()
        queue = deque([_load_json(raw)] if len(raw) <= _MAX_JSON_CHARS else [])
        while queue and left:
            left -= 1
            node = queue.popleft()
            if isinstance(node, dict):
                yield node
                queue.extend(node.values())
            elif isinstance(node, list):
                queue.extend(node)


def _load_json(raw: str) -> object:
    """Parse JSON as leniently as is safe; None for what is none, nests too deep or has absurd numbers."""
    raw = (
        raw.removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>").strip()
    )
    for attempt in (raw, re.sub(r",\s*([}\]])", r"\1", raw)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _types(node: dict[str, object]) -> set[str]:
    value = node.get("@type")
    return {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}


def _is_type(node: dict[str, object], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(name) for name in _types(node))


def _text_of(value: object) -> str | None:
    """A short text, as markup-free text; None for anything else."""
    if not isinstance(value, str) or not value.strip() or len(value) > 10_000:
        return None
    if "<" in value or "&" in value:
        try:
            value = html.fromstring(f"<div>{value}</div>").text_content()
        except (ValueError, AssertionError, html.etree.ParserError):
            return None
    return squeeze(value) or None


def _names(value: object) -> Iterator[str]:
    """Names in a Person, an Organization, a list of them or a plain string."""
    for item in value[:50] if isinstance(value, list) else [value]:
        name = _text_of(item.get("name") if isinstance(item, dict) else item)
        if name and len(name) <= 500:
            yield name
        elif isinstance(item, dict) and isinstance(item.get("name"), list):
            yield from (name for part in item["name"] if (name := _text_of(part)))


def _publisher_names(node: dict[str, object]) -> list[str]:
    return [name for key in ("publisher", "sourceOrganization") for name in _names(node.get(key))]


def _read_free(node: dict[str, object]) -> bool | None:
    value = node.get("isAccessibleForFree")
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


# -- headline -----------------------------------------------------------------------------------------------


def _choose_title(
    tree: html.HtmlElement, meta: dict[str, str], node: dict[str, object], sites: list[str]
) -> str | None:
    """The headline as printed on the page where one of its headings says what the metadata say, else the latter."""
    headings = [
        text
        for element in tree.iter("h1")
        if 0 < len(text := squeeze(element.text_content())) <= _MAX_TITLE_CHARS
    ]
    element = next(tree.iter("title"), None)
    claims = [meta.get(name) for name in _TITLE_META[:2]]
    claims += [_text_of(node.get("headline")), *(meta.get(name) for name in _TITLE_META[2:])]
    claims.append(squeeze(element.text_content()) if element is not None else None)
    stated = [cut_site_name(claim, sites) for claim in claims if claim and len(claim) <= _MAX_TITLE_CHARS]
    for claim in stated:
        for heading in headings:
            if _say_the_same(heading, claim):
                return cut_site_name(heading, sites)
    if stated:
        return stated[0]
    return headings[0] if len(headings) == 1 else None


def _say_the_same(heading: str, claim: str) -> bool:
    """Headings are believed over metadata when most of their words are the same: metadata are often shortened."""
    left, right = fold(heading), fold(claim)
    if not left or not right:
        return False
    if left == right or (min(len(left), len(right)) >= 12 and (left in right or right in left)):
        return True
    ours, theirs = set(heading.casefold().split()), set(claim.casefold().split())
    return len(ours & theirs) >= 0.7 * max(len(ours), len(theirs))


def cut_site_name(title: str, sites: Iterable[str]) -> str:
    """Cut the publisher's name, and the sections between it and the headline, off either end of a title.

    >>> cut_site_name("Bridge reopens - World - Valley Post", ["Valley Post"])
    'Bridge reopens'
    """
    names = {folded for site in sites if (folded := fold(site))}
    if (opening := _NAME_AND_COLON.match(title)) and fold(opening["name"]) in names:
        return title[opening.end() :].strip()
    marks = list(_SEPARATOR.finditer(title))
    if not marks or not names:
        return title
    last = title[marks[-1].end() :]
    if _names_site(last, names):
        keep = title[: marks[-1].start()]
        head = keep[: cut.start()] if (cut := _last_mark(keep)) else keep
        is_section = cut is not None and len(keep[cut.end() :].split()) <= 2 and len(head.split()) >= 4
        return (head if is_section else keep).strip()
    if _names_site(title[: marks[0].start()], names):
        return title[marks[0].end() :].strip()
    return title


def _last_mark(text: str) -> re.Match[str] | None:
    return list(_SEPARATOR.finditer(text))[-1] if _SEPARATOR.search(text) else None


def _names_site(part: str, names: set[str]) -> bool:
    folded = fold(part)
    if not folded or len(part.split()) > 6:
        return False
    return any(
        folded == name or (len(name) >= 4 and (name in folded or (len(folded) >= 4 and folded in name)))
        for name in names
    )


def _host_name(url: str | None) -> str | None:
    """The telling part of an address: "valley-post" of https://www.valley-post.example/news."""
    host = _host(url)
    parts = [
        part for part in host.split(".")[:-1] if part not in {"www", "m", "co", "com", "org", "net", "gov"}
    ]
    return max(parts, key=len) if parts else None


# -- authors, dates, address, language ----------------------------------------------------------------------


def _read_authors(node: dict[str, object], meta: dict[str, str], sites: list[str]) -> tuple[str, ...]:
    """Who is named as author, the publisher itself left out; the first place that names a person wins."""
    house = {fold(site) for site in sites}
    for raw in (list(_names(node.get("author"))), *([meta[name]] for name in _AUTHOR_META if name in meta)):
        stated = [name for name in raw if not name.lower().startswith(("http://", "https://", "@"))]
        found = tuple(name for name in people.clean_authors(stated) if fold(name) not in house)
        if found:
            return found
    return ()


def _read_named(tree: html.HtmlElement, sites: Iterable[str]) -> tuple[str, ...]:
    """Whom the first element names that is called after its author; a name and a dash may stand before a place."""
    house = {fold(site) for site in sites}
    for element in tree.iter("span", "a", "div", "p", "address", "li", "cite", "strong"):
        names = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('rel') or ''}"
        if names.isspace() or not any(_AUTHOR_BOX.fullmatch(name) for name in names.split()):
            continue
        text = squeeze(element.text_content())
        if not text or len(text) > _MAX_BOX_CHARS:
            continue
        found = people.read_byline(text)
        if not found and not people.is_byline(text) and len(list(filter(str.strip, element.itertext()))) == 1:
            found = people.clean_authors(_BEFORE_PLACE.sub("", text))
        is_house = any(site in fold(name) or fold(name) in site for name in found for site in house if site)
        if found and not is_house and all(" " in name for name in found):
            return found
    return ()


def _read_published(
    tree: html.HtmlElement,
    node: dict[str, object],
    meta: dict[str, str],
    zone: ZoneInfo | None,
    captured_at: datetime | None,
) -> Iterator[Published]:
    claims = [(_text_of(node.get(key)), "json-ld") for key in ("datePublished", "dateCreated", "uploadDate")]
    claims += [(meta.get(name), "meta") for name in _PUBLISHED_META]
    claims += [(value, "time") for value in _published_times(tree)]
    for text, origin in claims:
        if not text or len(text) > 64:
            continue
        found = dates.parse_machine(text, zone=zone, origin=origin, captured_at=captured_at)
        if found is not None and found.precision is not DatePrecision.UNKNOWN:
            yield found


def _published_times(tree: html.HtmlElement) -> Iterator[str]:
    """What `time` elements state that call themselves the publication date, or the page's only one."""
    elements = [element for element in tree.iter("time") if element.get("datetime")]
    for element in elements[:20]:
        names = " ".join(element.get(key) or "" for key in ("class", "itemprop", "id", "pubdate"))
        if len(elements) == 1 or "pubdate" in element.attrib or _PUBLISHED_TIME.search(names):
            yield squeeze(element.get("datetime") or "")


def _read_modified(node: dict[str, object], meta: dict[str, str], zone: ZoneInfo | None) -> Published | None:
    for text, origin in (
        (_text_of(node.get("dateModified")), "json-ld"),
        *((meta.get(name), "meta") for name in _MODIFIED_META),
    ):
        if (
            text
            and len(text) <= 64
            and (found := dates.parse_machine(text, zone=zone, origin=origin)) is not None
        ):
            return found
    return None


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""


def _read_canonical(tree: html.HtmlElement, meta: dict[str, str], url: str | None) -> str | None:
    """The address the page calls its own, if it is one of the same site and not merely the front page."""
    link = next((e for e in tree.iter("link") if (e.get("rel") or "").strip().lower() == "canonical"), None)
    for href in (link.get("href") if link is not None else None, meta.get("og:url")):
        if not href or not href.strip():
            continue
        try:
            found = urljoin(url or "", squeeze(href))
        except ValueError:
            continue
        if same_site(found, url) and (
            urlsplit(found).path.strip("/") or not urlsplit(url or "").path.strip("/")
        ):
            return found
    return None


def same_site(left: str | None, right: str | None) -> bool:
    """Tell whether two addresses belong to one publisher: the same host but for "www", "m" and the like."""
    hosts = [re.sub(r"^(?:www\d?|m|mobile|amp|edition)\.", "", _host(url)) for url in (left, right)]
    return bool(hosts[0]) and hosts[0] == hosts[1]


def _read_language(tree: html.HtmlElement, node: dict[str, object], meta: dict[str, str]) -> str | None:
    root = tree if tree.tag == "html" else None
    for value in (
        root.get("lang") if root is not None else None,
        _text_of(node.get("inLanguage")),
        meta.get("og:locale"),
    ):
        if value and (found := re.match(r"([A-Za-z]{2})(?:[-_]|$)", value.strip())):
            return found.group(1).lower()
    return None
