"""What the crawler knows, brought into the lake: sources, their nights, addresses and feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from articles.agencies import agency_named
from warehouse.connection import Lake
from warehouse.duck import Connection
from warehouse.staging import upsert
from warehouse.tables import FEED_STATE, SEEN_URLS, SOURCE_NIGHTS, SOURCES

SYNCED_TOGETHER = 20_000  # rows in one transaction and in memory
SILENT_AFTER_NIGHTS = 5  # with news on each of five nights, one empty night is worth a look (DESIGN 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A source as its TOML file describes it; see the table `sources`."""

    source: str
    publisher: str
    home: str
    country: str
    languages: tuple[str, ...]
    timezone: str
    state: str | None = None
    access: str = "open"
    source_group: str = "region"
    is_enabled: bool = True
    verified_on: date | None = None
    delay_s: float | None = None
    keep_query: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCrawl:
    """What one run asked of one source: asked = stored + failed + skipped."""

    source: str
    asked: int
    stored: int
    failed: int
    skipped: int
    failed_by_reason: Mapping[str, int]
    skipped_by_reason: Mapping[str, int]
    lists_asked: int = 0  # feeds, sitemaps and section pages
    lists_failed: int = 0  # of these, how many gave nothing for a fault
    overflowed_lists: tuple[str, ...] = ()  # of these, those whose every item was new though read before
    over_budget: int = 0  # of those skipped, how many wait because the budget was spent
    is_tls_unchecked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenUrl:
    """An address the crawler knows; see the table `seen_urls`."""

    url_key: str
    source: str
    url: str
    first_seen_at: datetime
    via: str
    lastmod: str | None
    last_fetch_at: datetime | None
    status: str | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the crawler remembers of a feed; see the table `feed_state`."""

    source: str
    feed_url: str
    via: str
    status: int | None
    reason: str | None
    items: int | None
    new_items: int
    newest: str | None
    checked_at: datetime
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    fails: int


def store_sources(lake: Lake, sources: Sequence[KnownSource]) -> int:
    """Bring the sources up to their files; returns how many were new or different."""
    rows = [asdict(source) | {"agency": agency_named(source.publisher)} for source in sources]
    return lake.transact(lambda connection: upsert(connection, SOURCES, rows), message="store sources")


def sync_seen(lake: Lake, seen: Iterable[SeenUrl], feeds: Iterable[FeedState]) -> int:
    """Copy what changed in the crawler's memory of addresses and feeds, a batch at a time.

    A run that is killed in between copies the same again.

    Returns:
        How many rows were new or different.
    """
    written = 0
    for rows in _chunks(map(asdict, seen)):
        written += lake.transact(
            lambda connection, rows=rows: upsert(connection, SEEN_URLS, rows, fixed="first_seen_at"),
            message=f"sync {len(rows)} addresses",
        )
    for rows in _chunks(map(asdict, feeds)):
        written += lake.transact(
            lambda connection, rows=rows: upsert(connection, FEED_STATE, rows),
            message=f"sync {len(rows)} feeds",
        )
    return written


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while together := list(islice(waiting, SYNCED_TOGETHER)):
        yield together


def record_source_nights(lake: Lake, crawls: Sequence[SourceCrawl], *, night: date, run_id: str) -> None:
    """Write what was asked of each source and what came of it; call it after the readings are loaded.

    New and changed articles, rejected things, the newest date and the source's health come from the lake, by
    `run_id`. Recording the same run again replaces its rows.
    """

    def work(connection: Connection) -> None:
        loaded = _loaded(connection, run_id)
        refused = dict(
            connection.execute(
                "select source, count(*) from rejected where run_id = $1 group by source", [run_id]
            ).fetchall()
        )
        streaks = _nights_with_news(connection, night)
        earlier = _earlier_news(connection, night, run_id)
        rows = []
        for crawl in crawls:
            new, changed, newest = loaded.get(crawl.source, (0, 0, None))
            rows.append(
                {
                    **asdict(crawl),
                    "failed_by_reason": list(crawl.failed_by_reason.items()),
                    "skipped_by_reason": list(crawl.skipped_by_reason.items()),
                    "night": night,
                    "run_id": run_id,
                    "new_articles": new,
                    "changed_articles": changed,
                    "rejected": refused.get(crawl.source, 0),
                    "newest_published_at": newest,
                    "health": _health(
                        crawl, new + earlier.get(crawl.source, 0), streaks.get(crawl.source, 0)
                    ),
                }
            )
        upsert(connection, SOURCE_NIGHTS, rows)

    lake.transact(work, message=f"record {len(crawls)} source nights, {run_id}")


def silent_sources(lake: Lake, run_id: str) -> list[str]:
    """Sources that brought this run nothing new, though each of their last nights had news."""
    with lake.connection() as connection:
        rows = connection.execute(
            "select source from source_nights where run_id = $1 and health = 'silent' order by source",
            [run_id],
        ).fetchall()
    return [source for (source,) in rows]


def _loaded(connection: Connection, run_id: str) -> dict[str, tuple[int, int, datetime | None]]:
    rows = connection.execute(
        "select source, count(distinct article_id) filter (where version = 1), "
        "count(distinct article_id) filter (where version > 1), max(published_at) "
        "from article_versions where run_id = $1 and source is not null group by source",
        [run_id],
    ).fetchall()
    return {source: (new, changed, newest) for source, new, changed, newest in rows}


def _earlier_news(connection: Connection, night: date, run_id: str) -> dict[str, int]:
    """New articles by source that other runs of this night brought: a second run finds nothing new, and that is well."""
    rows = connection.execute(
        "select source, sum(new_articles) from source_nights where night = $1 and run_id <> $2 group by source",
        [night, run_id],
    ).fetchall()
    return dict(rows)


def _nights_with_news(connection: Connection, night: date) -> dict[str, int]:
    """For each source how many nights in a row before this one brought news; nights called silent are passed over.

    So a source that went silent stays silent, night after night, until it brings news or is switched off.
    """
    rows = connection.execute(
        "with nights as (select source, night, sum(new_articles) as news from source_nights "
        "where night < $1 group by source, night having not bool_or(health = 'silent')), "
        "aged as (select *, row_number() over (partition by source order by night desc) as age from nights) "
        "select source, coalesce(min(age) filter (where news = 0) - 1, count(*)) from aged group by source",
        [night],
    ).fetchall()
    return dict(rows)


def _health(crawl: SourceCrawl, news_tonight: int, nights_with_news: int) -> str:
    if crawl.lists_asked > 0 and crawl.lists_failed == crawl.lists_asked:
        return "unreachable"
    if crawl.stored == 0 and crawl.failed > 0:
        return "failing"
    if news_tonight > 0:
        return "ok"
    return "silent" if nights_with_news >= SILENT_AFTER_NIGHTS else "quiet"
