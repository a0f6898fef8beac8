"""The archives of a source by date: which of its lists to ask for some days, and what of them belongs to these days.

An archive is a sitemap, an index of sitemaps, a feed or a page of links; its first bytes tell which. Days are those of
the publisher's own zone, spans hold both of their ends. Nothing is fetched here.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from spiders.discovery import Document, Found, moment_of, read_feed, read_section, read_sitemap
from spiders.source import SourceFile

MAX_PAGES = 500  # of one archive that is counted through, or goes on from page to page
MAX_FAILURES = 3  # pages of it in a row that did not come; the next crawl of these days asks them again
MISSING = frozenset({"http_404", "http_410", "empty", "no_links"})  # said by a page after the last one

_FEED = re.compile(
    rb"[^<]*(?:<\?.*?\?>|<!--.*?-->|\s)*<(?:\w+:)?(?:rss|feed|rdf)\b|\s*\{", re.IGNORECASE | re.DOTALL
)
_MAP = re.compile(
    rb"\x1f\x8b|\s*https?://|[^<]*(?:<\?.*?\?>|<!--.*?-->|\s)*<(?:\w+:)?(?:urlset|sitemapindex)\b",
    re.IGNORECASE | re.DOTALL,
)
_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})(?:[/-](\d{1,2}))?(?=[/-]|$)")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some days, the first and the last included."""

    since: date
    until: date

    def holds(self, other: Span) -> bool:
        """Whether all of the other's days are among these."""
        return self.since <= other.since and other.until <= self.until

    def meets(self, other: Span) -> bool:
        """Whether any of the other's days is among these."""
        return self.since <= other.until and other.since <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveList:
    """One list of an archive, to be asked for."""

    url: str
    span: Span | None = None  # the days it is for, where its address says so
    template: str | None = None  # with `{n}`: where its further pages are
    page: int = 1
    series: str = ""  # what it is a page of
    depth: int = 0  # below how many indexes it was named


def expand(template: str, asked: Span) -> Iterator[ArchiveList]:
    """The lists of a template for some days, the newest first; of a counted one its first page.

    Args:
        template: an address with `{yyyy}`, `{mm}`, `{dd}` where its day stands, and `{n}` where it counts from 1.
        asked: the days wanted.
    """
    has_day, has_month = "{dd}" in template, "{mm}" in template
    if not (has_day or has_month or "{yyyy}" in template):
        yield _first_page(template, None)
        return
    last = asked.until
    while last >= asked.since:
        if has_day:
            first = last
        else:
            first = last.replace(day=1) if has_month else last.replace(month=1, day=1)
            last = _end_of(last.year, last.month if has_month else 12)
        filled = template.replace("{yyyy}", f"{first.year:04}").replace("{mm}", f"{first.month:02}")
        yield _first_page(filled.replace("{dd}", f"{first.day:02}"), Span(since=first, until=last))
        last = first - timedelta(days=1)


def _first_page(template: str, span: Span | None) -> ArchiveList:
    is_counted = "{n}" in template
    url = template.replace("{n}", "1")
    return ArchiveList(url=url, span=span, template=template if is_counted else None, series=template)


def _end_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def read_archive(body: bytes, *, url: str, content_type: str | None, source: SourceFile) -> Document:
    """What a list of an archive names, whichever kind of list it is."""
    start = body[:4096]
    if _MAP.match(start):
        return read_sitemap(body, url=url, zone=source.zone, is_past=True)
    if _FEED.match(start):
        return read_feed(body, url=url, zone=source.zone)
    if not body.strip():
        return Document(reason="empty", detail="the answer has no content")
    if source.article_links is None:
        return Document(
            reason="no_pattern",
            detail="a page of links needs section_links, article_url or article_id in the source's file",
        )
    return read_section(body, url=url, content_type=content_type, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What of a list belongs to the days asked for, and how much does not."""

    found: tuple[Found, ...]
    outside_span: int  # entries of other days
    undated: int  # entries that nothing dates
    days: Span | None  # from the oldest to the newest entry that says its day; None: none does


def choose(document: Document, listed: ArchiveList, asked: Span, zone: ZoneInfo) -> Chosen:
    """The entries of the days asked for.

    The first of these that settles it dates an entry: the day of publication the list states, a day or month in the
    entry's address, the days the list is for, the last change the list states. So an article that was changed later is
    found under its own day, and an undated one is taken only from a list whose days are all asked for.

    Args:
        document: the list, as read.
        listed: what it was asked for as.
        asked: the days wanted.
        zone: of the source.
    """
    found: list[Found] = []
    outside = undated = 0
    days: list[Span] = []
    for item in document.found:
        published, updated = _moments(item, zone)
        own = list(_own_days(item, published, zone))
        days += own[:1]
        last_change = _day(updated, zone)
        evidence = [*own, *([listed.span] if listed.span else []), *([last_change] if last_change else [])]
        if not own and last_change:
            days.append(last_change)
        is_wanted = next(
            (asked.holds(one) for one in evidence if asked.holds(one) or not asked.meets(one)), None
        )
        if is_wanted is None:
            undated += 1
        elif not is_wanted:
            outside += 1
        else:
            moment = item.changed_at or _last_moment(evidence[0], zone)
            found.append(replace(item, changed_at=moment, is_old=False))
    return Chosen(
        found=tuple(found),
        outside_span=outside,
        undated=undated,
        days=Span(since=min(day.since for day in days), until=max(day.until for day in days))
        if days
        else None,
    )


def _moments(item: Found, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """When an entry was published and last changed, as stated; of one alone, `changed_at` is the moment."""
    if item.published and item.updated:
        return moment_of(item.published, zone, "sitemap"), moment_of(item.updated, zone, "sitemap")
    return (item.changed_at, None) if item.published else (None, item.changed_at)


def _own_days(item: Found, published: datetime | None, zone: ZoneInfo) -> Iterator[Span]:
    day = _day(published, zone)
    if day is not None:
        yield day
    match = _DAY_IN_PATH.search(item.url)
    if match is not None:
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        span = _span_of(year, month, day)
        if span is not None:
            yield span


def _day(moment: datetime | None, zone: ZoneInfo) -> Span | None:
    if moment is None:
        return None
    day = moment.astimezone(zone).date()
    return Span(since=day, until=day)


def _span_of(year: int, month: int | None, day: int | None) -> Span | None:
    """The days of a year, a month or a day; None where there is no such day."""
    try:
        if month is None:
            return Span(since=date(year, 1, 1), until=date(year, 12, 31))
        first = date(year, month, day or 1)
    except ValueError:
        return None
    return Span(since=first, until=first if day else _end_of(year, month))


def _last_moment(span: Span, zone: ZoneInfo) -> datetime:
    return datetime.combine(span.until, time.max, zone)


def maps_for(document: Document, listed: ArchiveList, asked: Span) -> list[ArchiveList]:
    """The maps that an index names and that may hold the days asked for.

    A map whose newest change lies before the first of these days cannot; nor can one whose name says other days.
    """
    spans = _named_spans(document.sitemaps)
    kept = []
    for url, changed_at, span in zip(document.sitemaps, document.sitemaps_changed_at, spans, strict=True):
        # a day's grace: the moment may be printed in another zone than the publisher's
        is_older = changed_at is not None and changed_at.date() + timedelta(days=1) < asked.since
        if not is_older and (span is None or span.meets(asked)):
            kept.append(ArchiveList(url=url, span=span, series=url, depth=listed.depth + 1))
    return kept


def _named_spans(urls: Sequence[str]) -> list[Span | None]:
    """The days that each map's name says it is for: a year, a year and a month, or a day.

    A number is a year only where all names of the same make have one there: in `posts-2020.xml` beside `posts-17.xml`
    it counts. A month, likewise, is two digits everywhere.
    """
    makes: dict[str, list[list[str]]] = {}
    for url in urls:
        makes.setdefault(_DIGITS.sub("#", url), []).append(_DIGITS.findall(url))
    places = {make: _places(numbers) for make, numbers in makes.items()}
    spans: list[Span | None] = []
    for url in urls:
        numbers = _DIGITS.findall(url)
        year, *rest = places[_DIGITS.sub("#", url)] or (None,)
        if year is None:
            spans.append(None)
        elif len(numbers[year]) == 4:
            spans.append(
                _span_of(
                    int(numbers[year]), *[int(numbers[place]) for place in rest], *[None] * (2 - len(rest))
                )
            )
        else:
            packed = numbers[year]
            spans.append(
                _span_of(int(packed[:4]), int(packed[4:6]), int(packed[6:8]) if packed[6:] else None)
            )
    return spans


def _places(names: Sequence[Sequence[str]]) -> list[int] | None:
    """Where the year, the month and the day stand among the numbers of names of one make; None: they do not."""
    columns = list(zip(*names, strict=True))
    for place, column in enumerate(columns):
        if all(
            re.fullmatch(r"(?:19[89]|20\d)\d(?:(?:0[1-9]|1[0-2])(?:[0-3]\d)?)?", number) for number in column
        ):
            if len({len(number) for number in column}) > 1:
                return None
            found = [place]
            if len(column[0]) == 4:
                for offset, form in ((1, r"0[1-9]|1[0-2]"), (2, r"0[1-9]|[12]\d|3[01]")):
                    beside = columns[place + offset] if place + offset < len(columns) else ()
                    if not beside or not all(re.fullmatch(form, number) for number in beside):
                        break
                    found.append(place + offset)
            return found
    return None


@dataclass(slots=True)
class Series:
    """A counted archive while it is being asked through, page by page."""

    failures: int = 0  # in a row
    days: Span | None = None  # of the page before that said its days
    addresses: int | None = None  # of the page before, in one number: a map may hold 50,000
    why_ended: str | None = None
    is_cut: bool = False  # there may be more, and it is not asked for

    def goes_on(self, listed: ArchiveList, document: Document, chosen: Chosen, asked: Span) -> bool:
        """Whether the page after this one may hold any of the days asked for; `why_ended` says why not.

        The archive ends where a page is missing or says what the page before said, and where it has left the days
        asked for behind: pages grow older or newer from one to the next, and which of the two two pages tell.
        """
        addresses = hash(frozenset(item.url for item in document.found)) if document.found else None
        before, self.days = self.days, chosen.days or self.days
        self.failures = self.failures + 1 if document.reason else 0
        if document.reason in MISSING or (document.reason is None and addresses is None):
            self.why_ended = "at its end"
        elif self.failures >= MAX_FAILURES:
            self.why_ended = f"{MAX_FAILURES} pages in a row did not come, the last: {document.reason}"
            self.is_cut = True
        elif addresses is not None and addresses == self.addresses:
            self.why_ended = "it repeats itself"
        elif before and chosen.days and _has_left(before, chosen.days, asked):
            self.why_ended = "past the days asked for"
        elif listed.page >= MAX_PAGES:
            self.why_ended = (
                f"no more than {MAX_PAGES} are asked for; ask for fewer days, or name a dated archive"
            )
            self.is_cut = True
        self.addresses = self.addresses if addresses is None else addresses
        return self.why_ended is None


def _has_left(before: Span, days: Span, asked: Span) -> bool:
    grows_newer = (days.since, days.until) > (before.since, before.until)
    grows_older = (days.since, days.until) < (before.since, before.until)
    return (grows_newer and days.since > asked.until) or (grows_older and days.until < asked.since)


def page_after(listed: ArchiveList, document: Document) -> ArchiveList | None:
    """The page after this one: the next number, or the page that it names as its next; None where there is none."""
    if listed.template is not None:
        url: str | None = listed.template.replace("{n}", str(listed.page + 1))
    else:
        url = document.next_page
    return None if url is None else replace(listed, url=url, page=listed.page + 1)
