"""The records that pass from room to room, and nothing else.

A Capture is a page as the server sent it; an Article is what we understood from it; a Rejected is what we
could not, with a reason. Times are aware and in UTC; lengths are in characters; anything else says its unit in
its name. `None` always means "not known", never "nothing".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class BlockKind(StrEnum):
    """What a block is. `body` and `subhead` make the text; every other kind is kept in the ledger."""

    BODY = "body"
    SUBHEAD = "subhead"
    TITLE = "title"
    DEK = "dek"  # standfirst under the headline
    BYLINE = "byline"
    PUBLISHED = "published"  # a printed date
    CAPTION = "caption"
    CREDIT = "credit"  # who took the photo
    REPEAT = "repeat"  # says again what an earlier block of the page said
    RELATED = "related"  # link to another article
    APPEAL = "appeal"  # subscribe, donate, newsletter, metering
    BIO = "bio"  # about the author
    CONTRIBUTION = "contribution"  # who else reported
    WIRE = "wire"  # agency line
    CHROME = "chrome"  # site furniture: share, comments, menus, "Scroll to Top"


TEXT_KINDS = frozenset({BlockKind.BODY, BlockKind.SUBHEAD})


class DatePrecision(StrEnum):
    """How much of a date the page stated."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    UNKNOWN = "unknown"


class Calendar(StrEnum):
    """The calendar a date was printed in."""

    GREGORIAN = "gregorian"
    JALALI = "jalali"
    HIJRI = "hijri"


class Reason(StrEnum):
    """Why something was set aside instead of becoming an article."""

    NOT_AN_ARTICLE = "not_an_article"
    TOO_SHORT = "too_short"
    PAYWALLED = "paywalled"
    CHALLENGE_PAGE = "challenge_page"
    NOT_TEXT = "not_text"
    EMPTY = "empty"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"  # a file that vanished or may not be opened; a row that is no record
    DAMAGED = "damaged"  # not the bytes that were written: a wrong checksum, a cut file
    HTTP_ERROR = "http_error"  # the server answered, with a status that is no page
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    WORKER_DIED = "worker_died"
    READER_FAILED = "reader_failed"  # a fault of ours; the detail names the exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of a publisher before a page of theirs is read; filled by the caller."""

    name: str | None = None  # our id, e.g. "us_csmonitor"; None for text of unknown origin
    publisher: str | None = None  # as readers know it, e.g. "The Christian Science Monitor"
    zone: ZoneInfo | None = None  # the zone their printed times are in
    language: str | None = None  # ISO 639-1, where the source prints one language only
    article_id_pattern: str | None = None  # regex; group 1 on the URL is the publisher's own article number


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One response, exactly as received; never edited after it is written."""

    capture_id: str  # from `articles.urls.capture_id`
    run_id: str
    source: str | None  # source id, e.g. "us_csmonitor"; None where a backfill does not say
    url: str | None  # after redirects; None for a file whose address is not known
    requested_url: str  # what was asked for; for a file its path as the user gave it
    discovered_via: str  # "feed" "sitemap" "section" "archive" "list" "backfill" "warc"
    status: int | None  # HTTP status code; None for a file
    headers: tuple[tuple[str, str], ...]  # as sent, in order; empty for a file
    media_type: str | None  # the Content-Type header, or what a file's name says
    body: bytes  # transfer encoding undone, nothing else
    body_sha256: str
    captured_at: datetime  # UTC, when the last byte arrived
    fetch_ms: int | None  # None for a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A date with its evidence: what was read, how much of it was stated, and where."""

    at: datetime | None  # UTC; None where only a day or month is known
    day: date | None  # the day in the source's own zone; None where only a month is known
    precision: DatePrecision
    calendar: Calendar
    origin: str  # "json-ld" "meta" "time" "feed" "sitemap" "url" "text" "record"
    text: str  # as printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph-like piece of a page, with what it is and which rule said so."""

    position: (
        int  # order on the page, from 0; blocks of all the page's articles and its chrome share one count
    )
    text: str
    kind: BlockKind
    rule: str  # id of the rule that decided, e.g. "appeal.free-articles" or "body.default"
    confidence: float  # 0 to 1
    path: str | None = None  # where it stood on an HTML page, CSS-like: "main > article > p:nth-of-type(3)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One claim of one place on a page about one field of an article; the chosen ones and the losers are kept."""

    field: str  # "title" "authors" "published" "modified" "language" "canonical_url" "agency"
    origin: str  # where it stood: "json-ld" "og" "meta" "time" "url" "heading" "title-element" "text" "box" "record"
    value: str  # as understood, e.g. "2026-11-20T04:15:00Z"; several authors joined with "; "
    text: str  # as printed
    is_chosen: bool  # the article's field says what this claim says


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as understood by one version of the reader. Its text is its body and subhead blocks."""

    article_id: str  # the same publisher article keeps it over nights, formats and twins of its address
    source: str | None
    url: str | None
    canonical_url: str | None
    part: int  # 0, 1, … : which article of the page
    is_start_unsure: bool  # the cut before this article may be wrong
    title: str | None
    dek: str | None
    authors: tuple[str, ...]  # empty when none is named
    published_at: datetime | None  # see Published
    published_date: date | None
    published_precision: DatePrecision
    published_calendar: Calendar | None
    published_from: str | None
    published_text: str | None
    modified_at: datetime | None
    language: str | None  # ISO 639 code
    dateline: str | None  # "ISLAMABAD, Pakistan"
    agency: str | None  # "Reuters": whose copy this is, from the page's own words
    agency_rule: str | None
    text: str  # blocks of kind body and subhead, one per line
    blocks: tuple[Block, ...]
    word_count: int
    text_sha256: str  # of the text, UTF-8
    capture_id: str | None
    reader_version: str
    evidence: tuple[Evidence, ...] = ()  # what the page claimed of title, authors, dates, …, by field
    is_cut: bool = False  # the parser gave up before the page's end, so that text may be missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that did not become an article: a value, not an exception, and never lost."""

    capture_id: str | None
    stage: str  # "fetch" "file" "decode" "read"
    reason: Reason
    detail: str  # one sentence a person can act on


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one page gave: its articles, the blocks that belong to none of them, and what was set aside."""

    articles: tuple[Article, ...]
    chrome: tuple[Block, ...]  # blocks of the page that stand outside every article
    rejected: tuple[Rejected, ...]
    encoding: str | None  # how the bytes were decoded
    encoding_from: str | None  # "header" "bom" "meta" "utf-8" "detected"
    reader_version: str
