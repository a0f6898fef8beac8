"""The outlets as data: one folder each, an `outlet.toml` and one `.md` file per page.

`newsroom/README.md` describes the form of both. Everything that the server sends and everything that `truth()`
says comes from these records, so a page and the truth about it cannot drift apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from newsroom.errors import ContentError
from newsroom.printed_dates import printed_date

OUTLETS_FOLDER = Path(__file__).parent / "outlets"
NIGHTS = (1, 2)

TEXT_KINDS = frozenset({"body", "subhead"})
LINE_KINDS = TEXT_KINDS | {
    *("title", "dek", "byline", "published", "caption", "credit", "repeat"),
    *("related", "appeal", "bio", "contribution", "wire", "chrome"),
}
OUTCOMES = frozenset({"article", "not_an_article", "challenge_page", "disallowed", "not_found"})
DISCOVERY_KINDS = frozenset({"rss", "atom", "sitemap", "news-sitemap", "sitemap-index", "section"})

_LINE = re.compile(r"\[(?P<kind>[a-z]+)(?: (?P<link>\S+))?\] (?P<text>.*)", re.DOTALL)
_NEXT_PART = "====="

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One paragraph-like piece of a page, with what it truly is."""

    kind: str  # one of LINE_KINDS
    text: str
    link: str | None = None  # where a `related` line points


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One article of a page; most pages have one."""

    title: str | None  # None where the page prints no headline for it
    lines: tuple[Line, ...]  # in reading order

    @property
    def body(self) -> tuple[str, ...]:
        """Its text: paragraphs and subheads, nothing else."""
        return tuple(line.text for line in self.lines if line.kind in TEXT_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hero:
    """The photo at the head of an article."""

    caption: str
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page as it stands from one night on; a correction is a second record under the same `stem`."""

    stem: str  # file name without night and suffix; the same over both nights
    path: str  # percent-encoded, with query where the outlet's addresses have one
    night: int  # the first night on which the page reads like this
    title: str
    parts: tuple[Part, ...]
    dek: str | None
    authors: tuple[str, ...]
    byline: str | None  # as printed, where it names no person ("By Reuters") or follows no pattern
    published: datetime | None  # in the outlet's zone; None where the page states no moment
    modified: datetime | None
    printed: str | None  # the date line as the page prints it; None where it prints none
    section: str | None  # breadcrumb
    hero: Hero | None
    agency: str | None  # whose copy it is, from the page's own words
    wire_group: str | None  # pages with one value carry one text
    happening: str | None  # pages with one value tell of one happening, in whatever words
    outcome: str  # what a polite crawler with a good reader ends with; one of OUTCOMES
    listed: tuple[str, ...]  # the addresses that discovery shows for it; usually its path
    moved_from: tuple[str, ...]  # addresses that answer 301 to its path
    amp: str | None  # address of its AMP twin
    busy_first: bool  # the first request is answered 429
    content_type: str  # header as sent, true or not
    charset: str  # of the bytes
    template: str

    @property
    def body(self) -> tuple[str, ...]:
        """The text of all its parts."""
        return tuple(text for part in self.parts for text in part.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """One document by which the outlet's pages are found."""

    kind: str  # one of DISCOVERY_KINDS
    path: str
    title: str | None = None  # of a section page
    children: tuple[str, ...] = ()  # paths of the sitemaps that an index names
    extra: tuple[str, ...] = ()  # addresses it lists beside the articles: an about page, a dead link


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """Lines that the template prints on every article page of the outlet, under the name the template knows."""

    name: str
    kind: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One invented publisher."""

    stem: str  # folder name
    host: str
    name: str
    language: str  # ISO 639-1
    zone: ZoneInfo
    country: str  # the invented one, for readers of the index page
    tagline: str
    sections: tuple[tuple[str, str], ...]  # name as articles give it, path of the page that lists them
    calendar: str  # of the dates it prints: "gregorian" "jalali" "hijri"
    is_machine_dated: bool  # its pages carry an ISO date in their markup
    byline: str  # str.format pattern with {names}
    name_joiner: str
    title_copies: int  # how often the template prints the headline again inside the article
    caption_copies: int  # the same for the caption of the first photo
    feed_zone_label: str | None  # what its feed writes in place of a numeric offset, e.g. "PKT"
    robots: str | None  # None: robots.txt is a 404
    discovery: tuple[Discovery, ...]
    furniture: tuple[Furniture, ...]
    articles: tuple[Article, ...]  # every state of every page, by stem and night

    @property
    def folder(self) -> Path:
        """Where its templates lie."""
        return OUTLETS_FOLDER / self.stem

    def on(self, night: int) -> tuple[Article, ...]:
        """Its pages as they stand on one night, newest first; those without a date come last."""
        standing = {article.stem: article for article in self.articles if article.night <= night}
        dated = sorted(
            (article for article in standing.values() if article.published),
            key=lambda article: (article.published, article.stem),
            reverse=True,
        )
        return (*dated, *(article for article in standing.values() if not article.published))

    def byline_of(self, article: Article) -> str | None:
        """The byline as printed, or None where there is none."""
        if article.byline is not None or not article.authors:
            return article.byline
        *first, last = article.authors
        joined = f"{', '.join(first)}{self.name_joiner}{last}" if first else last
        return self.byline.format(names=joined)


@cache
def outlets() -> tuple[Outlet, ...]:
    """Every outlet of the sample web, by folder name.

    Raises:
        ContentError: a file is not in the form that `newsroom/README.md` describes.
    """
    return tuple(read_outlet(path.parent) for path in sorted(OUTLETS_FOLDER.glob("*/outlet.toml")))


def read_outlet(folder: Path) -> Outlet:
    """Read one outlet's folder.

    Raises:
        ContentError: a file is not in the documented form; the message names file and key.
    """
    path = folder / "outlet.toml"
    table = _toml(path.read_text("utf-8"), path)
    dates = _take(table, "dates", dict, path)
    zone = ZoneInfo(_take(table, "zone", str, path))
    discovery = tuple(_record(Discovery, row, path) for row in _take(table, "discovery", list, path))
    for row in discovery:
        if row.kind not in DISCOVERY_KINDS:
            raise ContentError(
                f"{path}: discovery kind {row.kind!r} is unknown; use one of {sorted(DISCOVERY_KINDS)}"
            )
    furniture = tuple(_record(Furniture, row, path) for row in table.pop("furniture", []))
    outlet = {
        "stem": folder.name,
        "zone": zone,
        "calendar": _take(dates, "calendar", str, path),
        "is_machine_dated": _take(dates, "in_markup", bool, path),
        "feed_zone_label": dates.pop("feed_zone_label", None),
        "name_joiner": table.pop("name_joiner", " and "),
        "title_copies": table.pop("title_copies", 0),
        "caption_copies": table.pop("caption_copies", 0),
        "robots": table.pop("robots", None),
        "sections": tuple(table.pop("sections", {}).items()),
        "discovery": discovery,
        "furniture": furniture,
        "articles": tuple(read_article(file, zone, dates) for file in sorted(folder.glob("*.md"))),
    }
    return _record(Outlet, {**table, **outlet}, path)


def read_article(path: Path, zone: ZoneInfo, dates: Mapping[str, Any]) -> Article:
    """Read one page file: TOML between two lines of `+++`, then its lines, parted by empty lines.

    Args:
        path: `<stem>.md`, or `<stem>.night2.md` for how the page stands from the second night on.
        zone: of the outlet.
        dates: what is left of the outlet's `[dates]`: `pattern`, `locale`, `digits`.

    Raises:
        ContentError: the file is not in the documented form; the message names file and key.
    """
    head, separator, text = path.read_text("utf-8").removeprefix("+++\n").partition("\n+++\n")
    if not separator:
        raise ContentError(f"{path}: no TOML between two lines of +++; see newsroom/README.md")
    table = _toml(head, path)
    stem, _, night = path.stem.partition(".night")
    published = _moment(table, "published", zone, path)
    printed = table.pop("printed", None)
    if printed is None and published is not None:
        printed = printed_date(published, **dates)
    address = _take(table, "path", str, path)
    title = _take(table, "title", str, path)
    article = {
        "stem": stem,
        "path": _encoded(address),
        "night": int(night) if night else table.pop("night", 1),
        "title": title,
        "parts": _parts(text, title, path),
        "dek": table.pop("dek", None),
        "authors": table.pop("authors", ()),
        "byline": table.pop("byline", None),
        "published": published,
        "modified": _moment(table, "modified", zone, path),
        "printed": printed,
        "section": table.pop("section", None),
        "hero": _record(Hero, table.pop("hero"), path) if "hero" in table else None,
        "agency": table.pop("agency", None),
        "wire_group": table.pop("wire_group", None),
        "happening": table.pop("happening", None),
        "outcome": table.pop("outcome", "article"),
        "listed": tuple(map(_encoded, table.pop("listed", (address,)))),
        "moved_from": tuple(map(_encoded, table.pop("moved_from", ()))),
        "amp": table.pop("amp", None),
        "busy_first": table.pop("busy_first", False),
        "content_type": table.pop("content_type", "text/html; charset=utf-8"),
        "charset": table.pop("charset", "utf-8"),
        "template": table.pop("template", "article.html"),
    }
    read = _record(Article, {**table, **article}, path)
    if read.outcome not in OUTCOMES:
        raise ContentError(f"{path}: outcome {read.outcome!r} is unknown; use one of {sorted(OUTCOMES)}")
    if read.night not in NIGHTS:
        raise ContentError(f"{path}: night {read.night} does not exist; use 1 or 2")
    return read


def _parts(text: str, title: str, path: Path) -> tuple[Part, ...]:
    parts = []
    for chunk in re.split(rf"^{_NEXT_PART}$", text, flags=re.MULTILINE):
        lines = tuple(_line(piece, path) for piece in re.split(r"\n\s*\n", chunk.strip()) if piece)
        own_title = next((line.text for line in lines if line.kind == "title"), None)
        parts.append(Part(title=own_title if parts else title, lines=lines))
    return tuple(parts)


def _line(piece: str, path: Path) -> Line:
    text = " ".join(piece.split())
    marked = _LINE.fullmatch(text)
    if marked is None:
        return Line(kind="body", text=text)
    if marked["kind"] not in LINE_KINDS:
        raise ContentError(
            f"{path}: a line is marked [{marked['kind']}]; the kinds are {', '.join(sorted(LINE_KINDS))}"
        )
    return Line(kind=marked["kind"], text=marked["text"], link=marked["link"])


def _encoded(address: str) -> str:
    """As links carry it; the files hold addresses in plain letters."""
    return quote(address, safe="/?=&")


def _moment(table: dict[str, Any], key: str, zone: ZoneInfo, path: Path) -> datetime | None:
    value = table.pop(key, None)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ContentError(f"{path}: {key} must be a TOML date-time with an offset, not {value!r}")
    return value.astimezone(zone)


def _toml(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path}: this is not TOML: {error}") from error


def _take(table: dict[str, Any], key: str, kind: type[T], path: Path) -> T:
    value = table.pop(key, None)
    if not isinstance(value, kind):
        raise ContentError(f"{path}: {key} must be there and be a {kind.__name__}, not {value!r}")
    return value


def _record(kind: type[T], row: Mapping[str, Any], path: Path) -> T:
    """Build a frozen record from a table; lists become tuples, an unknown or missing key is an error."""
    known = set(signature(kind).parameters)
    unknown = sorted(row.keys() - known)
    if unknown:
        raise ContentError(
            f"{path}: unknown key {unknown[0]!r}; {kind.__name__} knows {', '.join(sorted(known))}"
        )
    try:
        return kind(**{key: _frozen(value) for key, value in row.items()})
    except TypeError as error:
        raise ContentError(f"{path}: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else value
