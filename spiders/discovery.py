"""What feeds, sitemaps and section pages list: bytes in, addresses out; nothing is fetched here.

Dates stay as printed; a moment is told only where one can be read, with the zone of the source. Sizes are in bytes
and are those of notes/reliability.md 3.4, unless a line says otherwise.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cache, lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import feedparser
import lxml.html
from lxml import etree

from articles.dates import parse_machine
from articles.decoding import decode
from articles.records import Rejected
from articles.urls import fetch_url, url_key
from spiders.frontier import MAX_AHEAD, Candidate
from spiders.paging import next_page
from spiders.source import URL_LIMIT_CHARS, SourceFile

MAX_FEED_ITEMS = 2_000
MAX_JSON_BYTES = 4 << 20  # of empty lists, so much takes 100 MB and half a second
MAX_SITEMAP_URLS = 50_000  # the protocol's own limit
MAX_SITEMAP_BYTES = 50 << 20
MAX_SECTION_LINKS = 2_000
MAX_CHILD_SITEMAPS = 10  # of an index, the newest; archives are for a backfill
MAX_AGE = timedelta(days=30)  # before the newest of the same sitemap; older ones are for a backfill
DATE_CHARS = 64
TITLE_CHARS = 1_000

_HUGE_TAG = re.compile(rb"<[^<>!?][^<>]{65536}")  # 100,000 attributes cost feedparser more than 20 s
_FIRST_TAG = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<!--.*?-->|<\?.*?\?>)*<(?:!doctype\s+)?([\w:]+)", re.IGNORECASE | re.DOTALL
)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_PLAIN_MAP = re.compile(rb"(?:\xef\xbb\xbf)?\s*https?://", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_WHOLE_MOMENT = re.compile(
    r"20\d\d-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)"
)  # other years may be of other calendars, or none
_MAP_END = re.compile(rb"(?:</(?:\w+:)?(?:urlset|sitemapindex)\s*>|/>)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One address that a document lists, with what it says of it."""

    url: str  # absolute
    title: str | None = None
    published: str | None = None  # as printed
    updated: str | None = None  # as printed
    changed_at: datetime | None = None  # the newest of the two, where it can be read
    is_old: bool = False  # by MAX_AGE: not tonight's business


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one feed, sitemap or section page gave."""

    found: tuple[Found, ...] = ()
    sitemaps: tuple[str, ...] = ()  # further maps that an index names, the newest first
    sitemaps_changed_at: tuple[datetime | None, ...] = ()  # of each of these, where stated
    next_page: str | None = None  # of a section page: where the list goes on
    left_out: int = 0  # items beyond the limits above
    newest: str | None = None  # the newest date, as printed
    is_broken: bool = False  # there were faults, read around
    reason: str | None = None  # why it gave nothing, e.g. "html_not_feed"; None: it was read
    detail: str | None = None


def read_feed(body: bytes, *, url: str, zone: ZoneInfo) -> Document:
    """What an RSS, Atom or JSON feed lists, in its own order (which is no order in time).

    Args:
        body: as received; text would make feedparser open paths and addresses.
        url: the feed's own address; relative links are resolved against it.
        zone: of the source; for dates that state none or name it by letters.
    """
    if refused := _not_xml(body, "feed"):
        return refused
    if _JSON.match(body[:4096]):
        return _read_json_feed(body, url, zone)
    if _HUGE_TAG.search(body):
        return Document(reason="hostile_feed", detail="a tag is longer than 64 KiB")
    body, left_out = _first_items(body)
    try:
        feed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as problem:  # noqa: BLE001 - broken feeds make it raise anything from AssertionError to ValueError
        return Document(reason="not_a_feed", detail=f"feedparser gave up: {problem!r}")
    is_broken = bool(feed.bozo)
    if is_broken and not feed.entries:
        return Document(reason="not_a_feed", detail=f"no item can be read: {feed.get('bozo_exception')}")
    found = [item for entry in feed.entries if (item := _feed_item(entry, url, zone))]
    return Document(found=tuple(found), left_out=left_out, newest=_newest(found), is_broken=is_broken)


def _read_json_feed(body: bytes, url: str, zone: ZoneInfo) -> Document:
    """What a JSON Feed lists (jsonfeed.org, versions 1 and 1.1)."""
    if len(body) > MAX_JSON_BYTES:
        return Document(reason="too_large", detail=f"JSON of more than {MAX_JSON_BYTES >> 20} MiB")
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as problem:
        return Document(reason="not_a_feed", detail=f"JSON that cannot be read: {problem}")
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Document(reason="not_a_feed", detail="JSON without a list of items")
    found = []
    for item in items[:MAX_FEED_ITEMS]:
        said = (
            {name: value for name, value in item.items() if isinstance(value, str)}
            if isinstance(item, dict)
            else {}
        )
        address = _absolute(url, said.get("url") or said.get("external_url") or _address(said.get("id")))
        if address is not None:
            found.append(
                _dated(
                    address,
                    title=_short(said.get("title"), TITLE_CHARS),
                    published=said.get("date_published"),
                    updated=said.get("date_modified"),
                    zone=zone,
                    origin="feed",
                )
            )
    return Document(
        found=tuple(found),
        left_out=max(len(items) - MAX_FEED_ITEMS, 0),
        newest=_newest(found),
        is_broken=len(found) < min(len(items), MAX_FEED_ITEMS),
    )


def read_sitemap(
    body: bytes, *, url: str, zone: ZoneInfo, now: datetime | None = None, is_past: bool = False
) -> Document:
    """What a sitemap, news sitemap or sitemap index lists, gzipped or not; also a plain list of addresses.

    Args:
        body: as received.
        url: the sitemap's own address.
        zone: of the source; for dates that state none.
        now: dates beyond it do not tell which entries are old; None: any date does.
        is_past: read it as an archive: no entry is too old, and an index names all of its maps.
    """
    if body[:2] == b"\x1f\x8b":
        try:
            body = gzip.GzipFile(fileobj=BytesIO(body)).read(MAX_SITEMAP_BYTES + 1)
        except (OSError, EOFError, zlib.error) as problem:
            return Document(reason="broken_gzip", detail=str(problem))
        if len(body) > MAX_SITEMAP_BYTES:
            return Document(reason="too_large", detail=f"unpacks to more than {MAX_SITEMAP_BYTES >> 20} MiB")
    if refused := _not_xml(body, "sitemap"):
        return refused
    if _PLAIN_MAP.match(body[:4096]):
        return _read_plain_map(body)
    listing = _SitemapListing(url, zone, now, is_past)
    parser = etree.iterparse(
        BytesIO(body),
        tag=("{*}url", "{*}sitemap"),
        recover=True,  # an unescaped "&" in an address must not cost the rest
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        for _, element in parser:
            listing.add(element)
    except etree.XMLSyntaxError as problem:
        return Document(reason="not_a_sitemap", detail=str(problem))
    if parser.root is None or etree.QName(parser.root).localname not in ("urlset", "sitemapindex"):
        return Document(
            reason="not_a_sitemap", detail="its outermost element is neither urlset nor sitemapindex"
        )
    if parser.error_log:
        listing.is_broken = True
    if not _MAP_END.search(body[-200:]):
        listing.drop_last()
    return listing.document()


def read_section(body: bytes, *, url: str, content_type: str | None, source: SourceFile) -> Document:
    """The article links of a section page: those of the source's site that its patterns match.

    Args:
        body: as received.
        url: the page's own address.
        content_type: the header, for the charset.
        source: its `article_links` tells articles from other links.
    """
    text = decode(body, content_type=content_type)
    if isinstance(text, Rejected):
        return Document(reason="not_a_page", detail=text.detail)
    try:
        page = lxml.html.document_fromstring(
            text.text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError) as problem:
        return Document(reason="not_a_page", detail=str(problem))
    base = _absolute(url, page.xpath("string(//base/@href)")) or url
    wanted = re.compile(source.article_links or "")
    found: dict[str, Found] = {}
    left_out = 0
    for link in page.iter("a"):
        address = _absolute(base, link.get("href"))
        if address is None or not source.is_on_site(address) or not wanted.search(address):
            continue
        if address not in found and len(found) >= MAX_SECTION_LINKS:
            left_out += 1
        elif (
            address not in found or found[address].title is None
        ):  # the photo's link comes before the headline's
            found[address] = Found(url=address, title=_short(link.text_content(), TITLE_CHARS))
    if not found:
        return Document(reason="no_links", detail=f"no link on the page matches {wanted.pattern}")
    return Document(
        found=tuple(found.values()), left_out=left_out, next_page=next_page(page, base=base, url=url)
    )


def candidates(found: Iterable[Found], source: SourceFile, via: str) -> Iterator[Candidate]:
    """The addresses as the frontier keeps them, each with the reason to leave it alone where there is one."""
    for item in found:
        address = fetch_url(item.url, source.keep_query) or item.url
        skip = _reason_to_skip(item, address, source)
        # a video or tag page may bear an article's number, and is another thing
        number = source.publisher_number(address) if skip in (None, "too_old") else None
        yield Candidate(
            url_key=url_key(address, source.keep_query)[:URL_LIMIT_CHARS],
            url=address[:URL_LIMIT_CHARS],
            publisher_number=number,
            via=via,
            title=item.title,
            published=item.published,
            updated=item.updated,
            changed_at=item.changed_at,
            skip=skip,
        )


def twins(chain: Sequence[str], asked: str, source: SourceFile) -> list[Candidate]:
    """The addresses of a redirect that are the article's own under another key, and are known with it.

    A front page, a section above the article or an address of another shape may be where every lost page leads: it is
    no name of this one.

    Args:
        chain: where the redirects led, one after the other.
        asked: the address that was asked for.
        source: whose it is.
    """
    own, path = url_key(asked, source.keep_query), urlsplit(asked).path
    return [
        twin
        for twin in candidates([Found(url=url) for url in chain if url != asked], source, "redirect")
        if twin.skip is None
        and twin.url_key != own
        and not is_front(twin.url, source)
        and not path.startswith(urlsplit(twin.url).path.rstrip("/") + "/")
    ]


def is_front(url: str, source: SourceFile) -> bool:
    """Whether an address is a front page, or one of the lists that the source names: a page that is no article's."""
    parts = urlsplit(url)
    return (parts.path in ("", "/") and not parts.query) or url_key(url) in _list_keys(source)


@cache
def _list_keys(source: SourceFile) -> frozenset[str]:
    return frozenset(map(url_key, (source.home, *source.feeds, *source.sitemaps, *source.sections)))


def _reason_to_skip(item: Found, address: str, source: SourceFile) -> str | None:
    if not address.startswith(("http://", "https://")):
        return "not_http"
    if len(address) > URL_LIMIT_CHARS:
        return "too_long"
    if not source.is_on_site(address):
        return "off_site"
    if not source.is_article(address):
        return "not_article_url"
    return "too_old" if item.is_old else None


@dataclass(slots=True)
class _SitemapListing:
    """A sitemap while it is being read, element by element."""

    url: str
    zone: ZoneInfo
    now: datetime | None
    is_past: bool
    found: list[Found] = field(default_factory=list)
    children: list[tuple[datetime | None, str]] = field(default_factory=list)
    left_out: int = 0
    is_broken: bool = False

    def add(self, element: etree._Element) -> None:
        said = {
            etree.QName(child).localname: child.text
            for child in element.iter()
            if isinstance(child.tag, str) and child.text
        }
        is_child = etree.QName(element).localname == "sitemap"
        element.clear()
        while element.getprevious() is not None:  # a cleared element still holds its place in memory
            del element.getparent()[0]
        address = _absolute(self.url, said.get("loc"))
        if address is None:
            self.is_broken = True
        elif is_child:
            self.children.append((moment_of(said.get("lastmod"), self.zone, "sitemap"), address))
        elif len(self.found) >= MAX_SITEMAP_URLS:
            self.left_out += 1
        else:
            self.found.append(
                _dated(
                    address,
                    title=_short(said.get("title"), TITLE_CHARS),
                    published=said.get("publication_date"),
                    updated=said.get("lastmod"),
                    zone=self.zone,
                    origin="sitemap",
                )
            )

    def drop_last(self) -> None:
        """The map was cut off in the middle of an entry, whose address may be cut too."""
        self.is_broken = True
        if self.found or self.children:
            (self.found or self.children).pop()

    def document(self) -> Document:
        found = self.found if self.is_past else _age(self.found, self.now)
        children = sorted(self.children, key=lambda child: -child[0].timestamp() if child[0] else 0)
        most = MAX_SITEMAP_URLS if self.is_past else MAX_CHILD_SITEMAPS
        return Document(
            found=tuple(found),
            sitemaps=tuple(address for _, address in children[:most]),
            sitemaps_changed_at=tuple(moment for moment, _ in children[:most]),
            left_out=self.left_out + len(children[most:]),
            newest=_newest(found),
            is_broken=self.is_broken,
        )


def _age(found: Sequence[Found], now: datetime | None) -> list[Found]:
    """The same, with those marked that are old beside the newest that is not ahead of its time."""
    moments = [item.changed_at for item in found if item.changed_at and not is_ahead(item.changed_at, now)]
    if not moments:
        return list(found)
    oldest = max(moments) - MAX_AGE
    return [
        replace(item, is_old=True) if item.changed_at and item.changed_at < oldest else item for item in found
    ]


def is_ahead(moment: datetime, now: datetime | None) -> bool:
    """Whether a stated moment cannot be right, as it has not come yet; without a clock nothing is ahead."""
    return now is not None and moment > now + MAX_AHEAD


def newest(found: Iterable[Found], *, now: datetime) -> str | None:
    """The newest date stated, as printed, of those that can be right."""
    return _newest([item for item in found if item.changed_at and not is_ahead(item.changed_at, now)])


def _read_plain_map(body: bytes) -> Document:
    """A sitemap as plain text: one address a line, in UTF-8 (sitemaps.org, "Text file")."""
    lines = [line.strip() for line in body.decode("utf-8-sig", errors="replace").splitlines() if line.strip()]
    addresses = dict.fromkeys(line for line in lines if _ADDRESS.match(line) and len(line.split()) == 1)
    kept = list(addresses)[:MAX_SITEMAP_URLS]
    return Document(
        found=tuple(Found(url=address) for address in kept),
        left_out=len(addresses) - len(kept),
        is_broken=any(line not in addresses for line in lines),
    )


def _feed_item(entry: Any, url: str, zone: ZoneInfo) -> Found | None:
    """One entry; None for one without a link. `dict.get`: feedparser's own passes `published` off as `updated`.

    The guid stands in for a missing link where it is an address; feedparser takes it for one whatever it is.
    """
    link = dict.get(entry, "feedburner_origlink") or (dict.get(entry, "link") or "").strip()
    if not link or (dict.get(entry, "guidislink") and not link.startswith("/")):
        link = _address(link or dict.get(entry, "id"))
    address = _absolute(url, link)
    if address is None:
        return None
    return _dated(
        address,
        title=_short(dict.get(entry, "title"), TITLE_CHARS),
        published=dict.get(entry, "published"),
        updated=dict.get(entry, "updated"),
        zone=zone,
        origin="feed",
    )


def _dated(
    address: str,
    *,
    title: str | None,
    published: str | None,
    updated: str | None,
    zone: ZoneInfo,
    origin: str,
) -> Found:
    published, updated = _short(published, DATE_CHARS), _short(updated, DATE_CHARS)
    moments = [moment for text in (published, updated) if (moment := moment_of(text, zone, origin))]
    return Found(
        url=address,
        title=title,
        published=published,
        updated=updated,
        changed_at=max(moments, default=None),
    )


def moment_of(text: str | None, zone: ZoneInfo, origin: str) -> datetime | None:
    """The moment that a date states; for a day alone its beginning, as a later day is a later change."""
    if text and _WHOLE_MOMENT.fullmatch(text):  # a hundred times quicker, and a sitemap has 50,000 of them
        with suppress(ValueError):
            moment = datetime.fromisoformat(text).replace(microsecond=0)
            if moment.time() != time():  # midnight to the second says the day alone
                return moment
    return _read_moment(text, zone, origin)


@lru_cache(maxsize=1024)  # of days alone, a sitemap repeats a few
def _read_moment(text: str | None, zone: ZoneInfo, origin: str) -> datetime | None:
    read = parse_machine(text, zone=zone, origin=origin) if text else None
    if read is None or read.day is None:
        return None
    return read.at or datetime.combine(read.day, time(), zone)


def _newest(found: Sequence[Found]) -> str | None:
    dated = [item for item in found if item.changed_at]
    newest = max(dated, key=lambda item: item.changed_at.timestamp() if item.changed_at else 0, default=None)
    return (newest.updated or newest.published) if newest else None


def _address(text: str | None) -> str | None:
    """A text that is a web address by itself; None for any other."""
    return text if text and _ADDRESS.match(text) else None


def _absolute(base: str, link: str | None) -> str | None:
    """A link as an address of its own; None for an empty or impossible one."""
    link = (link or "").strip()
    try:
        return urljoin(base, link) if link and link == _whole(link) else None
    except ValueError:  # such as a bracket that is no IPv6 address
        return None


def _short(text: str | None, limit: int) -> str | None:
    return " ".join(_whole(text).split())[:limit] or None if text else None


def _whole(text: str) -> str:
    """Text that can be stored: JSON can hold halves of characters, and nothing else takes them."""
    return text.encode("utf-8", "replace").decode()


def _first_items(body: bytes) -> tuple[bytes, int]:
    """The feed up to its item number MAX_FEED_ITEMS, and how many items that leaves out."""
    ends = list(re.finditer(rb"</(?:item|entry)\s*>", body))
    if len(ends) <= MAX_FEED_ITEMS:
        return body, 0
    return body[: ends[MAX_FEED_ITEMS - 1].end()], len(ends) - MAX_FEED_ITEMS


def _not_xml(body: bytes, what: str) -> Document | None:
    """Why bytes cannot be a feed or sitemap; None when they may be one."""
    if not body.strip():
        return Document(reason="empty", detail="the answer has no content")
    first = _FIRST_TAG.match(body[:4096])
    if first and first[1].lower() in (b"html", b"head", b"body"):
        return Document(reason=f"html_not_{what}", detail="the server sent a web page, such as an app shell")
    return None
