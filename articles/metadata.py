"""What a page says of its article: JSON-LD, Open Graph, meta elements, `time`, its address and its headings.

Everything read here is a claim of the page with its origin kept; assemble.py chooses. Whatever is broken, of the
wrong type or too long is passed over, because pages are written by strangers. Lengths are in characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import html

from articles import dates, people
from articles.head import Head, Node, clean_text, read_head, strip_address, types
from articles.lines import fold, squeeze
from articles.records import DatePrecision, Evidence, Published
from articles.titles import choose_title, find_heading, read_titles

_SITE_TYPES = frozenset({"AboutPage", "ContactPage", "FAQPage", "ProfilePage", "CheckoutPage"})
_LIST_TYPES = frozenset({"CollectionPage", "ItemList", "SearchResultsPage", "CategoryPage"})
_HOUSE_TYPES = frozenset({"Organization", "NewsMediaOrganization", "WebSite", "Corporation", "Brand"})
_PAGE_TYPES = frozenset({"WebPage", "MedicalWebPage", "CreativeWork"})
_MAX_NAMED = 50
_MIN_HOUSE_LETTERS = 4  # of a site's name, to be looked for inside an author's
_MIN_HEADLINE_WORDS = 5  # a site's name that is this long and also the headline is a mistake of the template
_MAX_NAME_CHARS = 500
_MAX_DATE_CHARS = 64

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "date", "pubdate", "publishdate", "publish-date", "publish_date",
    "article.published", "sailthru.date", "parsely-pub-date", "dc.date.issued", "dc.date", "dcterms.created", "dcterms.date", "cxenseparse:recs:publishtime",
    "originalpublicationdate", "article_date_original", "published", "published_at", "publication_date", "date.created", "last-published",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "og:modified_time",
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
    "og:article:author",
)
_SECTION_META = ("article:section", "og:article:section", "parsely-section", "section")
_NO_HOST_NAMES = frozenset({"www", "m", "co", "com", "org", "net", "gov"})
_AUTHOR_BOX = re.compile(
    r"(?i)(?:(?:article|post|entry|story|news|item|page)[-_]*)*(?:by-?line|author|writer|reporter|journalist|autor|auteur|yazar)s?"
    r"(?:[-_]*(?:names?|links?))?"
)
_MARKED_AUTHORS = html.etree.XPath("//*[@itemprop='author' or @rel='author']")
_BOX_TAGS = ("span", "a", "div", "p", "address", "li", "cite", "strong")
_BEFORE_PLACE = re.compile(r"\s+[-–—|]\s.*")
_MAX_BOX_CHARS = 120  # names of some people with their places; a biography has more
_PUBLISHED_TIME = re.compile(r"(?i)publi|date-?created|pubdate|posted|entry-date|article-?date")


_MODIFIED_TIME = re.compile(r"(?i)updated|modif")
_HEADER_LEVELS = 3  # boxes around a headline that may hold its date line too


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a page's head, or a record, claims of its article; empty or None where it claims nothing."""

    title: str | None = None  # without the site's name
    heading: str | None = None  # the headline as the page prints it, where that can be told
    dek: str | None = None
    authors: tuple[str, ...] = ()  # the people named
    signed: tuple[str, ...] = ()  # all who sign as they are named: people, desks and agencies
    named: tuple[str, ...] = ()  # else whom the page names in a box that it calls "author" or the like
    house: tuple[str, ...] = ()  # the publisher, where its article record names nobody else as author
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
    evidence: tuple[Evidence, ...] = ()  # every claim read, as it was printed; none of them chosen yet


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
    head = read_head(tree, url_path=strip_address(url or ""))
    meta = head.meta
    sites = _site_names(head, url, publisher)
    title_claims = read_titles(head, sites, _sections(head))
    title = choose_title(title_claims, head.headings, sites)
    author_claims = list(_read_authors(head))
    houses = {fold(site) for site in sites}
    signed, house = _choose_authors(author_claims, houses)
    named = () if signed else _read_named(tree, sites)
    published = list(_read_published(head, zone, captured_at))
    modified = list(_read_modified(head, zone, captured_at))
    canonical = list(_read_canonical(head, url))
    language = list(_read_language(head))
    evidence = [
        *title_claims,
        *(_author_evidence(origin, names, text) for origin, names, text, _ in author_claims),
        *([_author_evidence("box", named, "; ".join(named))] if named else []),
        *(date_evidence("published", claim) for claim in published),
        *(date_evidence("modified", claim) for claim in modified),
        *canonical,
        *language,
    ]
    return Stated(
        title=title,
        heading=find_heading(title, head.headings),
        dek=_first_text(head, "description") or meta.get("og:description") or meta.get("description"),
        authors=tuple(name for name in signed if people.is_person(name) and fold(name) not in houses),
        signed=signed,
        named=named,
        house=house,
        published=tuple(claim for claim in published if claim.precision is not DatePrecision.UNKNOWN),
        modified=next((claim for claim in modified if claim.at or claim.day), None),
        canonical_url=canonical[0].value if canonical else None,
        language=language[0].value if language else None,
        is_article=bool(head.article) or meta.get("og:type", "").lower() == "article",
        is_site_page=any(types(found) & _SITE_TYPES for found in head.nodes),
        is_website=meta.get("og:type", "").lower() == "website",
        is_list=not head.article and any(types(found) & _LIST_TYPES for found in head.nodes),
        is_free=_read_free(head),
        evidence=tuple(evidence),
    )


def date_evidence(field: str, claim: Published) -> Evidence:
    """A date as evidence: the moment in UTC, the day, or how little was understood."""
    return Evidence(
        field=field, origin=claim.origin, value=date_value(claim), text=claim.text, is_chosen=False
    )


def date_value(claim: Published) -> str:
    """A date in one spelling: "2026-11-20T04:15:00Z", "2026-11-20", or "month" and "unknown" for less than a day."""
    if claim.at is not None:
        return claim.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return claim.day.isoformat() if claim.day is not None else claim.precision.value


def _author_evidence(origin: str, names: Iterable[str], text: str) -> Evidence:
    return Evidence(field="authors", origin=origin, value="; ".join(names), text=text, is_chosen=False)


# -- fields of the article's own records --------------------------------------------------------------------


def _first_text(head: Head, *keys: str) -> str | None:
    """The first text that the article's own JSON-LD states under any of these keys."""
    return next((text for node in head.article for key in keys if (text := clean_text(node.get(key)))), None)


def _names(value: object, named: dict[str, Node]) -> Iterator[tuple[str, bool]]:
    """Names in a Person, an Organization, a list of them or a plain string, and whether it is an Organization.

    Args:
        value: as JSON-LD has it.
        named: objects of the page by "@id", for references.
    """
    for item in value[:_MAX_NAMED] if isinstance(value, list) else [value]:
        is_house = False
        found: object = item
        if isinstance(item, dict):
            reference = item.get("@id")
            if not item.get("name") and isinstance(reference, str):
                item = named.get(reference, item)
            is_house = bool(types(item) & _HOUSE_TYPES)
            found = item.get("name") or " ".join(
                part for key in ("givenName", "familyName") if (part := clean_text(item.get(key)))
            )
        for name in found[:_MAX_NAMED] if isinstance(found, list) else [found]:
            text = clean_text(name)
            if text and len(text) <= _MAX_NAME_CHARS:
                yield text, is_house


def _site_names(head: Head, url: str | None, publisher: str | None) -> list[str]:
    """What the publisher and its site call themselves."""
    found = [publisher, head.meta.get("og:site_name"), head.meta.get("application-name")]
    for node in head.article:
        found += [
            name for key in ("publisher", "sourceOrganization") for name, _ in _names(node.get(key), {})
        ]
    for node in head.nodes:
        if types(node) & {"WebSite", "NewsMediaOrganization"}:
            found.append(clean_text(node.get("name")))
    found.append(_host_name(url))
    headlines = {
        fold(text) for text in (_first_text(head, "headline"), *(h.text for h in head.headings)) if text
    }
    return [
        name
        for name in dict.fromkeys(found)
        if name and (fold(name) not in headlines or len(name.split()) < _MIN_HEADLINE_WORDS)
    ]


def _sections(head: Head) -> list[str]:
    found = [head.meta.get(name) for name in _SECTION_META]
    for node in head.article:
        found += [name for name, _ in _names(node.get("articleSection"), {})]
    return [name for name in found if name]


def _host_name(url: str | None) -> str | None:
    """The telling part of an address: "valley-post" of https://www.valley-post.example/news."""
    parts = [part for part in _host(url).split(".")[:-1] if part not in _NO_HOST_NAMES]
    return max(parts, key=len) if parts else None


def _read_free(head: Head) -> bool | None:
    for node in head.article:
        value = node.get("isAccessibleForFree")
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return {"true": True, "false": False}.get(value.strip().lower())
    return None


# -- authors ------------------------------------------------------------------------------------------------

_AuthorClaim = tuple[str, tuple[str, ...], str, bool]  # origin, names, as printed, is an organisation


def _read_authors(head: Head) -> Iterator[_AuthorClaim]:
    """Every place that states who wrote the article, JSON-LD first."""
    named = {
        node["@id"]: node
        for node in head.nodes
        if isinstance(node.get("@id"), str) and (node.get("name") or node.get("familyName"))
    }
    for node in head.article or [node for node in head.nodes if types(node) & _PAGE_TYPES]:
        found = list(_names(node.get("author") or node.get("creator"), named))
        if names := people.signed_names(name for name, _ in found):
            yield (
                "json-ld",
                names,
                "; ".join(name for name, _ in found),
                all(is_house for _, is_house in found),
            )
    for key in _AUTHOR_META:
        text = clean_text(head.meta.get(key))
        if text and (names := people.signed_names([text])):
            yield "meta", names, text, False


def _choose_authors(
    claims: Iterable[_AuthorClaim], houses: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who signs: the first place that names anybody but the house; and the house, where JSON-LD names it alone.

    A meta element often holds the site's name in some fuller form, and gives way to a printed name.
    """
    alone: tuple[str, ...] = ()
    for origin, names, _, is_house in claims:
        is_house = is_house or all(_is_house(name, houses, is_loose=origin == "meta") for name in names)
        if not is_house:
            return names, ()
        if not alone and (origin == "json-ld" or not all(fold(name) in houses for name in names)):
            alone = names
    return (), alone


def _is_house(name: str, houses: set[str], *, is_loose: bool) -> bool:
    folded = fold(name)
    if folded in houses or not is_loose:
        return folded in houses
    return any(len(house) >= _MIN_HOUSE_LETTERS and house in folded for house in houses)


def _author_boxes(tree: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Elements called after an author: marked so for machines first, then by the names of their class."""
    yield from (element for element in _MARKED_AUTHORS(tree) if element.tag in _BOX_TAGS)
    for element in tree.iter(*_BOX_TAGS):
        names = element.get("class")
        if names and _is_author_box(names):
            yield element


@lru_cache(maxsize=4096)  # the boxes of a site are called alike
def _is_author_box(names: str) -> bool:
    return any(map(_AUTHOR_BOX.fullmatch, names.split()))


def _read_named(tree: html.HtmlElement, sites: Iterable[str]) -> tuple[str, ...]:
    """Whom the first element names that is called after its author; a name and a dash may stand before a place."""
    house = {fold(site) for site in sites}
    for element in _author_boxes(tree):
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


# -- dates, address, language -------------------------------------------------------------------------------


def _read_published(head: Head, zone: ZoneInfo | None, captured_at: datetime | None) -> Iterator[Published]:
    nodes = head.article or [node for node in head.nodes if types(node) & _PAGE_TYPES]
    claims = [
        (clean_text(node.get(key)), "json-ld")
        for key in ("datePublished", "dateCreated", "uploadDate")
        for node in nodes
    ]
    claims += [(head.meta.get(name), "meta") for name in _PUBLISHED_META]
    claims += [(text, "time") for text in _published_times(head)]
    yield from _read_dates(claims, zone, captured_at)


def _read_modified(head: Head, zone: ZoneInfo | None, captured_at: datetime | None) -> Iterator[Published]:
    claims = [(clean_text(node.get("dateModified")), "json-ld") for node in head.article]
    claims += [(head.meta.get(name), "meta") for name in _MODIFIED_META]
    yield from _read_dates(claims, zone, captured_at)


def _read_dates(
    claims: Iterable[tuple[str | None, str]], zone: ZoneInfo | None, captured_at: datetime | None
) -> Iterator[Published]:
    """Read each claim once, and what two places state in the same words too."""
    read: dict[str, Published | None] = {}
    for text, origin in dict.fromkeys(claims):
        if text and len(text) <= _MAX_DATE_CHARS:
            if text not in read:
                read[text] = dates.parse_machine(text, zone=zone, origin=origin, captured_at=captured_at)
            found = read[text]
            if found is not None:
                yield found if found.origin == origin else replace(found, origin=origin)


def _published_times(head: Head) -> Iterator[str]:
    """What the `time` states that stands alone, at the headline, or first calls itself the publication date."""
    stated = [element for element in head.times if _time_text(element)]
    named = [
        (element, " ".join(element.get(key) or "" for key in ("class", "itemprop", "id", "pubdate")))
        for element in stated
    ]
    published = [
        element for element, names in named if "pubdate" in element.attrib or _PUBLISHED_TIME.search(names)
    ]
    others = [element for element, names in named if not _MODIFIED_TIME.search(names)]
    if len(stated) == 1:
        yield from map(_time_text, published or others)
    elif (element := _at_headline(head, published or others)) is not None:
        yield _time_text(element)
    else:
        yield from map(_time_text, published[:1])  # those that follow date related stories


def _time_text(element: html.HtmlElement) -> str:
    """What a `time` element states for machines, or prints where it states nothing."""
    return squeeze(element.get("datetime") or "") or squeeze(element.text_content())


def _at_headline(head: Head, stated: list[html.HtmlElement]) -> html.HtmlElement | None:
    """The one `time` that stands in the box of the page's one headline; None where several days stand there."""
    if len(head.heading_elements) != 1:
        return None
    box = head.heading_elements[0]
    for _ in range(_HEADER_LEVELS):
        box = box.getparent()
        if box is None or box.tag in ("body", "main", "html"):
            return None
        inside = [element for element in stated if any(above is box for above in element.iterancestors())]
        if inside:
            return inside[0] if len({_time_text(element)[:10] for element in inside}) == 1 else None
    return None


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""


def _read_canonical(head: Head, url: str | None) -> Iterator[Evidence]:
    """The addresses the page calls its own, if of the same site and not a front page or a section above it."""
    for href, origin in ((head.canonical, "link"), (head.meta.get("og:url"), "og")):
        if not href or not href.strip():
            continue
        try:
            found = urljoin(url or "", squeeze(href))
        except ValueError:
            continue
        if same_site(found, url) and not _is_above(urlsplit(found).path, urlsplit(url or "").path):
            yield Evidence(
                field="canonical_url", origin=origin, value=found, text=squeeze(href), is_chosen=False
            )


def _is_above(path: str, own: str) -> bool:
    """Whether a path is a front page or section that the page's own path lies below: all of its articles would be one.

    What is below may also be another form of the same page (`/amp`, `/print`), or a further page of an article whose
    address ends as those of articles do.
    """
    path, own = path.strip("/"), own.strip("/")
    if not own or path == own or not f"{own}/".startswith(f"{path}/" if path else ""):
        return False
    if not path:
        return True
    rest, last = own.removeprefix(path).strip("/"), path.rpartition("/")[2]
    if _SAME_PAGE.fullmatch(rest):
        return False
    is_article = any(char.isdigit() for char in last) or last.count("-") >= 2
    return not (is_article and _FURTHER_PAGE.fullmatch(rest))


_SAME_PAGE = re.compile(r"amp|print|index\.\w+", re.IGNORECASE)
_FURTHER_PAGE = re.compile(r"(?:page/)?\d{1,2}|full|all", re.IGNORECASE)


def same_site(left: str | None, right: str | None) -> bool:
    """Tell whether two addresses belong to one publisher: the same host but for "www", "m" and the like."""
    hosts = [re.sub(r"^(?:www\d?|m|mobile|amp|edition)\.", "", _host(url)) for url in (left, right)]
    return bool(hosts[0]) and hosts[0] == hosts[1]


def _read_language(head: Head) -> Iterator[Evidence]:
    for value, origin in (
        (head.root.get("lang") if head.root.tag == "html" else None, "html"),
        (_first_text(head, "inLanguage"), "json-ld"),
        (head.meta.get("og:locale"), "og"),
    ):
        if value and (found := re.match(r"([A-Za-z]{2})(?:[-_]|$)", value.strip())):
            yield Evidence(
                field="language", origin=origin, value=found.group(1).lower(), text=value, is_chosen=False
            )
