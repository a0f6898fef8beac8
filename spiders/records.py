"""What goes into a crawl and what comes out of it: the job, the counts of each source, and each failure.

A crawl runs in a process of its own; these records travel there and back as JSON. Addresses are counted once per
crawl and source: asked = stored + failed + skipped, the last two by reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from articles.errors import NightwireError
from articles.records import Reason, Rejected
from spiders.source import SourceFile

STOPPED = "stopped"  # the reason of what a crawl that was stopped left waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlJob:
    """One crawl: which sources, into which lake, on which night.

    The night decides what is tried again: an address that failed is asked for once per night, so a second crawl of
    the same night fetches nothing twice.

    A crawl of the past works off a queue of its own, which no night touches: what waits there is asked for, newest
    first by the dates stated, without a budget, until `run_seconds` are over; the next crawl of the past goes on from
    there. With `since` and `until` it reads the sources' archives for those days first.

    Raises:
        NightwireError: `newsroom` is no plain address of this machine with a port, or the days of a crawl of the past
            are missing or the wrong way round.
    """

    lake: Path  # spool, frontier and logs lie below it
    run_id: str
    night: date
    sources: tuple[SourceFile, ...]
    newsroom: str | None = None  # "http://127.0.0.1:PORT" of the sample web; None: its hosts are not asked
    page_budget: int = 500  # articles asked for per source and night; what is over waits for the next one
    correction_share: float = (
        0.2  # at most this part of a source's requests goes to pages fetched before (notes/crawling.md 3)
    )
    answer_seconds: float = 30.0  # for a whole answer, so that hangs and slow drips end
    is_waiting_only: bool = False  # ask for addresses that wait in the frontier already; read no list
    is_past: bool = False  # work off the queue of the past, not the night's
    since: date | None = (
        None  # with `is_past`: read the archives for these days, the first and the last included
    )
    until: date | None = None
    run_seconds: int = 4 * 3600  # then the crawl stops politely and keeps what it has

    def __post_init__(self) -> None:
        self._check_days()
        if self.newsroom is None:
            return
        parts = urlsplit(self.newsroom)
        if (
            parts.scheme != "http" or parts.hostname != "127.0.0.1" or not parts.port
        ):  # a name could be linked to
            raise NightwireError(
                f'the sample web\'s address is "{self.newsroom}"; expected http://127.0.0.1 with a port; '
                "start it with `nightwire newsroom` and give the address it prints"
            )

    def _check_days(self) -> None:
        reads_archives = self.is_past and not self.is_waiting_only
        has_days = self.since is not None and self.until is not None and self.since <= self.until
        if reads_archives != has_days or (self.since is None) != (self.until is None):
            raise NightwireError(
                f"the crawl {self.run_id} is asked for the days {self.since} to {self.until}; expected a first and a last "
                "day, in this order, for a crawl that reads archives, and none for any other; give both days"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStats:
    """What one feed, sitemap or section page gave this time."""

    url: str
    via: str  # "feed" "sitemap" "section" "archive"
    status: int | None = None  # HTTP status; 304: nothing changed since last time; None: no answer
    reason: str | None = (
        None  # why it gave nothing, e.g. "html_not_feed"; None: it was read, or had not changed
    )
    items: int | None = None  # addresses in it, before any choice; None: it was not read
    new_items: int = 0  # of these, never seen before; all of them new means that some were missed
    left_out: int = 0  # items beyond the limit of one document
    newest: str | None = None  # the newest date stated in it, as printed
    is_broken: bool = False  # it had faults and was read around them
    all_new: bool = (
        False  # it had items before, and now every one is new: some came and went between the visits
    )
    outside_span: int = 0  # of an archive: entries of other days than those asked for, left out
    undated: int = 0  # of an archive: entries that cannot be told to be of those days, left out


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStats:
    """One source's part of a crawl: asked = stored + sum(failed) + sum(skipped)."""

    source: str
    asked: int = 0  # addresses that were new, or due again
    stored: int = 0  # captures written
    failed: dict[str, int] = field(default_factory=dict)  # by reason, e.g. {"http_404": 2}
    skipped: dict[str, int] = field(default_factory=dict)  # by reason, e.g. {"robots": 3}
    known: int = 0  # addresses met again that were not due: not asked
    endpoints: tuple[EndpointStats, ...] = ()
    insecure_tls: bool = False  # its certificate was not checked, as its file allows

    def and_then(self, later: SourceStats) -> SourceStats:
        """The counts of two crawls, the later of which went on where the earlier was stopped."""
        stopped = self.skipped.get(STOPPED, 0)
        skipped = Counter(self.skipped) + Counter(later.skipped) - Counter({STOPPED: stopped})
        return SourceStats(
            source=self.source,
            asked=self.asked - stopped + later.asked,
            stored=self.stored + later.stored,
            failed=dict(Counter(self.failed) + Counter(later.failed)),
            skipped=dict(skipped),
            known=self.known + later.known,
            endpoints=self.endpoints + later.endpoints,
            insecure_tls=self.insecure_tls or later.insecure_tls,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFailure:
    """An article that was asked for and not had."""

    source: str
    url: str
    via: str
    status: int | None  # HTTP status; None: no answer came
    reason: str  # as in `SourceStats.failed`
    detail: str

    def as_rejected(self) -> Rejected:
        """The same as a row that other rooms keep."""
        if self.status is not None:
            reason = Reason.HTTP_ERROR
        else:
            reason = _REASONS.get(self.reason, Reason.UNREADABLE)
        return Rejected(capture_id=None, stage="fetch", reason=reason, detail=f"{self.url}: {self.detail}")


_REASONS = {"timed_out": Reason.TIMED_OUT, "too_large": Reason.TOO_LARGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """What a crawl brought. An unfinished one kept what it had; the next crawl does the rest."""

    run_id: str
    is_finished: bool
    outcome: str  # "finished", or what stopped it: "stopped" "out_of_time" "memusage_exceeded" "died" …
    stats: dict[str, SourceStats]  # by source id; empty for a crawl that died
    failures: tuple[CrawlFailure, ...]
    log_file: Path

    def and_then(self, later: CrawlResult) -> CrawlResult:
        """What this crawl and the one that went on from it brought together."""
        stats = self.stats | {
            name: self.stats[name].and_then(one) if name in self.stats else one
            for name, one in later.stats.items()
        }
        return replace(later, stats=stats, failures=self.failures + later.failures)


JOB_JSON = TypeAdapter(CrawlJob)
STATS_JSON = TypeAdapter(SourceStats)
FAILURE_JSON = TypeAdapter(CrawlFailure)
