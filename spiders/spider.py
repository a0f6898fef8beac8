"""The one spider: it reads what the sources list, asks for what is due, and stores what comes. It judges nothing.

Each source runs in a lane of its own: first its feeds, sitemaps and section pages, then its due articles, a few at a
time. So a source that hangs, floods or dies takes nothing from the others, and no list of addresses grows in memory
beyond the source's budget; a crawl of the past takes what waits a chunk at a time. The disk has a thread of its own,
which does one thing after another.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from sqlite3 import Error as DatabaseError
from time import monotonic
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    CloseSpider,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure
from typing_extensions import override

from articles.errors import NightwireError
from articles.records import Capture
from articles.urls import capture_id, fetch_url
from spiders.archives import MISSING, ArchiveList, Series, Span, choose, maps_for, page_after
from spiders.aside import LARGE_BYTES, LARGE_ITEMS, aside
from spiders.discovery import MAX_SITEMAP_BYTES, Document, candidates, is_front, twins
from spiders.disk import Disk
from spiders.frontier import FeedState, Frontier, Verdict, Waiting, brings_new
from spiders.guards import IS_ARTICLE, SENT, SOURCE, TLS_FAILED, Refused, Sent, is_tls_failure
from spiders.lane import STOPPED, Lane, Listing, archive_summary, summary
from spiders.lists import (
    conditions,
    has_said_all,
    is_allowed_map,
    list_conditions,
    lists_of_past,
    lists_of_tonight,
    next_state,
    of_archive,
    read_list,
    validators,
)
from spiders.records import CrawlFailure, CrawlJob, EndpointStats
from spiders.source import SourceFile, load_sources
from warehouse.spool import CaptureWriter

LOG = logging.getLogger("nightwire.crawl")

CHUNK = 200  # addresses of the past that a lane holds at once
LIST_WINDOW = 3  # lists of a source with the downloader at once
WINDOW = 2  # articles of a source with the downloader at once: one on its way, one waiting for the delay
SITEMAP_DEPTH = 2  # an index of indexes is followed, no further
MAX_LIST_BYTES = 20 << 20  # of a feed or section page (notes/reliability.md 3.4)
DETAIL_CHARS = 500
PROGRESS_SECONDS = 0.5  # between two words of progress; counting what is left looks at every lane

T = TypeVar("T")


class NewsSpider(Spider):
    """Crawls the sources of one job.

    Args:
        job: what to crawl.
        say: called with a kind and its fields for what is worth telling at once: "progress" and "failure".
    """

    name = "news"

    def __init__(self, job: CrawlJob, say: Callable[..., None]) -> None:
        super().__init__()
        self.job = job
        self.is_stopping = False
        self.asked_span: Span | None = None  # of archives
        if job.since is not None and job.until is not None:
            self.asked_span = Span(since=job.since, until=job.until)
        self.lanes = {source.name: Lane(source, is_past=job.is_past) for source in job.sources}
        self._say = say
        self._done = 0
        self._told_at = 0.0  # monotonic; when progress was told last
        self._frontier = Frontier.open(job.lake / "frontier.sqlite")
        self._disk = Disk(self._frontier, CaptureWriter(job.lake / "spool"))

    @override
    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        """As Scrapy makes it. Without a job (`scrapy crawl news -a sources=us_csmonitor`) for the lake of the settings."""
        if "job" not in kwargs:
            kwargs = {"job": _job_of_settings(crawler, **kwargs), "say": lambda _kind, **_fields: None}
        return super().from_crawler(crawler, *args, **kwargs)

    def stop_asking(self) -> None:
        """Give back what only waits for its host's delay, so that a stop need not wait for it too."""
        self.is_stopping = True
        give_back_waiting(self.crawler)

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """The disk has done what it was given; then the frontier can go."""
        self._disk.close()
        self._frontier.close()

    # ---- what the sources list

    @override
    async def start(self) -> AsyncIterator[Request]:
        """Ask every source for its lists, or go straight to the articles that wait."""
        for lane in self.lanes.values():
            await self._plan(lane)
        for lane in self.lanes.values():
            async for request in self._ask_lists(lane):
                yield request

    async def _plan(self, lane: Lane) -> None:
        """Which lists the source is asked for."""
        if self.job.is_waiting_only:
            return
        if self.asked_span is not None:
            if not lane.source.archives:
                LOG.warning(
                    "%s names no archives: only what waits already is asked for; add archives to its file",
                    lane.source.name,
                )
            for listing in lists_of_past(lane.source, self.asked_span):
                lane.will_ask(listing)
            return
        for listing in lists_of_tonight(lane.source):
            lane.will_ask(listing)
        for page in await self._on_disk(self._disk.do, self._frontier.owed, lane.source.name):
            lane.will_ask(Listing(url=page.url, via=page.via, page=page.owed))

    async def _ask_lists(self, lane: Lane) -> AsyncIterator[Request]:
        """Ask for a few lists at once; when all are in, it is the articles' turn."""
        while lane.lists and lane.lists_under_way < LIST_WINDOW and not self.is_stopping:
            listing = lane.lists.popleft()
            lane.lists_under_way += 1
            before = await self._on_disk(self._disk.do, self._frontier.feed_state, listing.url)
            archive, asked = listing.archive, self.asked_span
            if archive is None or asked is None:
                yield self._list_request(lane, listing, before)
            elif has_said_all(before, archive, asked, lane.source.zone):
                lane.lists_under_way -= 1
                lane.lists_known += 1
                self._ask_page_after(lane, archive, Document())
            else:
                yield self._list_request(lane, listing, before)
        if not (lane.lists or lane.lists_under_way or lane.is_open or self.is_stopping):
            lane.is_open = True
            if self.asked_span is not None:
                LOG.info("%s", archive_summary(lane))
            await self._open(lane)
            async for request in self._go_on(lane):
                yield request

    def _list_request(self, lane: Lane, listing: Listing, before: FeedState | None) -> Request:
        known = {"lane": lane, "listing": listing, "before": before}
        is_feed = listing.via in ("feed", "section")
        return Request(
            listing.url,
            headers=list_conditions(before, now=datetime.now(UTC)) if listing.archive is None else {},
            callback=partial(self.on_list, **known),
            errback=partial(self.on_list_failed, **known),
            dont_filter=True,
            priority=10,
            meta={
                SOURCE: lane.source,
                "download_maxsize": MAX_LIST_BYTES if is_feed else MAX_SITEMAP_BYTES,
            },
        )

    async def on_list(
        self, response: Response, lane: Lane, listing: Listing, before: FeedState | None
    ) -> AsyncIterator[Request]:
        """Read a list and keep its addresses; then ask for the lists it leads to, or let the lane go on."""
        assert response.request is not None
        body_sha256 = hashlib.sha256(response.body).hexdigest()
        is_conditional = {b"If-None-Match", b"If-Modified-Since"} & response.request.headers.keys()
        is_known_body = (
            listing.archive is None
            and before is not None
            and before.reason is None
            and before.body_sha256 == body_sha256
        )
        document: Document | None = None  # None: it has not changed
        if response.status != 200 and not (response.status == 304 and is_conditional):
            document = Document(reason=f"http_{response.status}", detail=f"HTTP {response.status}")
        elif response.status == 200 and not is_known_body:
            is_large = len(response.body) > LARGE_BYTES
            document = await aside(is_large, read_list, response, listing, lane.source)
        state = next_state(before, listing, lane.source, response, document, body_sha256, self.asked_span)
        if listing.archive is not None:
            await self._keep_archive_list(lane, listing.archive, state, document or Document())
        else:
            await self._keep_list(lane, listing, before, state, document, response.url)
        lane.lists_under_way -= 1
        async for request in self._ask_lists(lane):
            yield request

    async def on_list_failed(
        self, failure: Failure, lane: Lane, listing: Listing, before: FeedState | None
    ) -> AsyncIterator[Request]:
        """A list that did not come is told, and the lane goes on without it."""
        reason, detail, _ = explain(failure)
        if reason == STOPPED:
            return
        document = Document(reason=reason, detail=detail)
        state = next_state(before, listing, lane.source, None, document, None)
        if listing.archive is not None:
            await self._keep_archive_list(lane, listing.archive, state, document)
        else:
            await self._keep_list(lane, listing, before, state, document, listing.url)
        lane.lists_under_way -= 1
        async for request in self._ask_lists(lane):
            yield request

    async def _keep_list(
        self,
        lane: Lane,
        listing: Listing,
        before: FeedState | None,
        state: FeedState,
        document: Document | None,
        url: str,
    ) -> None:
        """Keep what a list of tonight named, and have the maps and the page it leads to asked for."""
        found = document.found if document else ()
        listed = await aside(len(found) > LARGE_ITEMS, list, candidates(found, lane.source, state.via))
        page = fetch_url(document.next_page or "") if document and listing.via == "section" else None
        has_room = listing.page < lane.source.section_pages
        next_page = (page, listing.page + 1) if page and has_room and page not in lane.documents else None
        verdicts = await self._on_disk(
            self._disk.do,
            self._frontier.record,
            lane.source.name,
            listed,
            night=self.job.night,
            at=state.checked_at,
            endpoint=state,
            next_page=next_page,
        )
        lane.meet(listed, verdicts)
        goes_on = next_page is not None and brings_new(listed, verdicts)
        if goes_on and next_page is not None:
            lane.will_ask(Listing(url=next_page[0], via=listing.via, page=next_page[1]))
        left_out = document.left_out if document else 0
        if document is not None and listing.depth < SITEMAP_DEPTH:
            for child in document.sitemaps:
                address = _map_address(child, named_by=url, source=lane.source)
                if address is None:
                    left_out += 1
                else:
                    lane.will_ask(Listing(url=address, via=listing.via, depth=listing.depth + 1))
        all_new = (
            before is not None
            and before.via == state.via
            and before.last_ok_at is not None
            and bool(before.items and listed)
            and not goes_on
            and {Verdict.NEW} <= set(verdicts) <= {Verdict.NEW, Verdict.TWIN}
        )
        if all_new and before is not None:
            LOG.warning(
                "%s: all %d entries of %s are new, none of those of %s is left: articles came and went in between; "
                "visit the source more often, or add its news sitemap",
                *(lane.source.name, len(listed), state.url, before.last_ok_at),
            )
        self._tell_list(lane, state, document, verdicts, left_out=left_out, all_new=all_new)

    async def _keep_archive_list(
        self, lane: Lane, archive: ArchiveList, state: FeedState, document: Document
    ) -> None:
        """Keep what a list of an archive named of the days asked for, and have those it leads to asked for."""
        asked = self.asked_span
        assert asked is not None
        chosen = choose(document, archive, asked, lane.source.zone)
        series = lane.series.setdefault(archive.series, Series())
        if not series.goes_on(archive, document, chosen, asked):
            state = replace(
                state, since=None, until=None
            )  # asked again, or the next crawl would go on behind it
        is_large = len(chosen.found) > LARGE_ITEMS
        listed = await aside(is_large, list, candidates(chosen.found, lane.source, state.via))
        verdicts = await self._on_disk(
            self._disk.do,
            self._frontier.record,
            lane.source.name,
            listed,
            night=self.job.night,
            at=state.checked_at,
            endpoint=state,
            is_past=True,
        )
        lane.meet(listed, verdicts)
        left_out = document.left_out
        for one in maps_for(document, archive, asked) if archive.depth < SITEMAP_DEPTH else ():
            address = _map_address(one.url, named_by=state.url, source=lane.source)
            if address is None:
                left_out += 1
            else:
                lane.will_ask(of_archive(replace(one, url=address)))
        if series.why_ended is None:
            self._ask_page_after(lane, archive, document)
        elif archive.page > 1:
            say = LOG.warning if series.is_cut else LOG.info
            say(
                "%s: %s ends at page %d: %s", lane.source.name, archive.series, archive.page, series.why_ended
            )
        self._tell_list(
            lane,
            state,
            document,
            verdicts,
            left_out=left_out,
            outside_span=chosen.outside_span,
            undated=chosen.undated,
        )

    def _ask_page_after(self, lane: Lane, archive: ArchiveList, document: Document) -> None:
        following = page_after(archive, document)
        if following is not None and lane.source.is_on_site(following.url):
            lane.will_ask(of_archive(following))

    def _tell_list(
        self,
        lane: Lane,
        state: FeedState,
        document: Document | None,
        verdicts: Sequence[Verdict],
        **counts: Any,
    ) -> None:
        is_read = document is not None and document.reason is None
        lane.endpoints.append(
            EndpointStats(
                url=state.url,
                via=state.via,
                status=state.status,
                reason=state.reason,
                items=len(document.found) if document is not None and is_read else None,
                new_items=verdicts.count(Verdict.NEW),
                newest=state.newest,
                is_broken=document.is_broken if document else False,
                **counts,
            )
        )
        if state.reason is not None:
            is_an_end = (
                state.via == "archive" and state.reason in MISSING
            )  # a day without news, or the last page
            say = LOG.info if is_an_end else LOG.warning
            say("%s: %s gave nothing: %s", lane.source.name, state.url, document and document.detail)

    async def _open(self, lane: Lane) -> None:
        """All lists of the lane are in: see what is due."""
        lane.met.clear()
        if self.job.is_past:
            lane.unread = await self._next_chunk(lane)
            lane.asked += lane.unread
            lane.unread -= len(lane.waiting)
            return
        due = await self._on_disk(
            self._disk.do,
            self._frontier.due,
            lane.source.name,
            night=self.job.night,
            limit=self.job.page_budget,
            correction_share=self.job.correction_share,
            lists=len(lane.documents),
        )
        lane.waiting.extend(due.waiting)
        lane.asked += due.total
        lane.skipped["check_dropped"] += due.dropped
        lane.corrections_left = due.corrections_left
        lane.over_budget = due.total - due.dropped - len(due.waiting) - due.corrections_left

    async def _next_chunk(self, lane: Lane) -> int:
        """Take the next addresses of the past into the lane; returns the frontier's count."""
        due = await self._on_disk(
            self._disk.do,
            self._frontier.due,
            lane.source.name,
            night=self.job.night,
            limit=CHUNK,
            is_past=True,
            after=lane.after,
        )
        lane.after = due.after
        lane.waiting.extend(due.waiting)
        return due.total

    # ---- articles

    async def on_article(self, response: Response, lane: Lane, one: Waiting) -> AsyncIterator[Request]:
        """Store a page, durably, before it is called fetched."""
        redirects: list[str] = response.meta.get("redirect_urls", [])
        is_lost = (
            bool(redirects) and is_front(response.url, lane.source) and not is_front(one.url, lane.source)
        )
        capture = (
            self._capture(response, lane.source, one) if response.status == 200 and not is_lost else None
        )
        is_conditional = one.etag is not None or one.last_modified is not None
        if capture is not None and capture.body_sha256 != one.body_sha256:
            also = twins([*redirects[1:], response.url], one.url, lane.source) if redirects else []
            etag, last_modified = validators(response)
            released = await self._on_disk(
                self._disk.keep,
                capture,
                self._frontier.fetched,
                one.url_key,
                source=lane.source.name,
                status=200,
                night=self.job.night,
                at=capture.captured_at,
                also=also,
                etag=etag,
                last_modified=last_modified,
                body_sha256=capture.body_sha256,
            )
            for key in released:
                lane.release(key)
            lane.stored += 1
        elif capture is not None or (response.status == 304 and is_conditional):
            lane.skipped["unchanged"] += 1
            etag, last_modified = validators(response)
            await self._on_disk(
                self._disk.keep,
                None,
                self._frontier.unchanged,
                one.url_key,
                night=self.job.night,
                etag=etag,
                last_modified=last_modified,
            )
        elif is_lost:
            detail = f"it leads to {response.url}, which lists articles and is none"
            await self._fail(lane, one, "redirect_to_front", detail, status=None)
        else:
            reason, detail = f"http_{response.status}", f"the server answers HTTP {response.status}"
            await self._fail(lane, one, reason, detail, status=response.status)
        async for request in self._answered(lane, one):
            yield request

    async def on_article_failed(self, failure: Failure, lane: Lane, one: Waiting) -> AsyncIterator[Request]:
        """A page that did not come: left for another time, skipped for good, or failed."""
        reason, detail, fate = explain(failure)
        if fate is Fate.FAILED:
            await self._fail(lane, one, reason, detail, status=None)
        else:
            lane.skipped[reason] += 1
            LOG.debug("%s: skipped %s: %s", lane.source.name, one.url, detail)
            if fate is Fate.SKIPPED:
                await self._on_disk(
                    self._disk.keep,
                    None,
                    self._frontier.skipped,
                    one.url_key,
                    reason=reason,
                    night=self.job.night,
                )
        async for request in self._answered(lane, one):
            yield request

    async def _answered(self, lane: Lane, one: Waiting) -> AsyncIterator[Request]:
        lane.under_way.discard(one.url_key)
        self._done += 1
        now = monotonic()
        if lane.left == 0 or now - self._told_at >= PROGRESS_SECONDS:
            self._told_at = now
            left = sum(each.left for each in self.lanes.values())
            self._say("progress", done=self._done, queued=left, source=lane.source.name)
        async for request in self._go_on(lane):
            yield request

    async def _go_on(self, lane: Lane) -> AsyncIterator[Request]:
        """Keep the lane's window full; at its end, say in one line what it brought."""
        if lane.unread and not lane.waiting and not self.is_stopping:
            await self._refill(lane)
        while lane.waiting and len(lane.under_way) < WINDOW and not self.is_stopping:
            one = lane.waiting.popleft()
            lane.under_way.add(one.url_key)
            yield Request(
                one.url,
                headers=conditions(one),
                callback=partial(self.on_article, lane=lane, one=one),
                errback=partial(self.on_article_failed, lane=lane, one=one),
                dont_filter=True,
                meta={SOURCE: lane.source, IS_ARTICLE: True},
            )
        if lane.left == 0:
            LOG.info("%s", summary(lane.stats()))

    async def _refill(self, lane: Lane) -> None:
        """The next chunk of the past. Two pages may end at once, and only one of them may take it."""
        async with lane.refilling:
            if not lane.unread or lane.waiting:
                return
            if count := await self._next_chunk(lane):
                lane.unread = max(lane.unread - count, 0)
            else:  # fewer waited than were counted
                lane.asked -= lane.unread
                lane.unread = 0

    def _capture(self, response: Response, source: SourceFile, one: Waiting) -> Capture:
        sent = response.meta[SENT]
        assert isinstance(sent, Sent)
        body_sha256 = hashlib.sha256(response.body).hexdigest()
        return Capture(
            capture_id=capture_id(
                source=source.lake_id, url=response.url, body_sha256=body_sha256, captured_at=sent.captured_at
            ),
            run_id=self.job.run_id,
            source=source.lake_id,
            url=response.url,
            requested_url=one.url,
            discovered_via=one.via,
            status=response.status,
            headers=sent.headers,
            media_type=next((value for name, value in sent.headers if name.lower() == "content-type"), None),
            body=response.body,
            body_sha256=body_sha256,
            captured_at=sent.captured_at,
            fetch_ms=sent.fetch_ms,
        )

    async def _fail(self, lane: Lane, one: Waiting, reason: str, detail: str, *, status: int | None) -> None:
        lane.failed[reason] += 1
        LOG.debug("%s: failed %s: %s", lane.source.name, one.url, detail)
        failure = CrawlFailure(
            source=lane.source.name, url=one.url, via=one.via, status=status, reason=reason, detail=detail
        )
        self._say("failure", **asdict(failure))
        await self._on_disk(
            self._disk.keep,
            None,
            self._frontier.failed,
            one.url_key,
            reason=reason,
            status=status,
            night=self.job.night,
        )

    async def _on_disk(self, keep: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """Have the disk do something. A disk that fails ends the crawl: nothing could be kept."""
        try:
            return await keep(*args, **kwargs)
        except (OSError, DatabaseError) as problem:
            LOG.error(
                "cannot keep what is fetched under %s: %s; the crawl stops here", self.job.lake, problem
            )
            raise CloseSpider("cannot_store") from problem


def give_back_waiting(crawler: Crawler) -> None:
    """Let every request that waits for its host's delay end at once, as stopped."""
    assert crawler.engine is not None
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(Failure(Refused(STOPPED, "the crawl was stopped", is_for_tonight=True)))


def _map_address(url: str, *, named_by: str, source: SourceFile) -> str | None:
    """The address of a map as it is asked for; None, and a line in the log, where it may not be."""
    address = fetch_url(url)
    if address is not None and is_allowed_map(address, named_by=named_by, source=source):
        return address
    LOG.info("%s: %s names a map elsewhere, left out: %s", source.name, named_by, url)
    return None


class Fate(StrEnum):
    """What becomes of an address that was not had."""

    FAILED = "failed"  # tried again on the next nights, up to a limit
    SKIPPED = "skipped"  # we may not fetch it
    WAITS = "waits"  # nothing is known against it: the next run asks again


def explain(failure: Failure) -> tuple[str, str, Fate]:
    """Why a page did not come: a word to count by, a sentence, and what becomes of the address."""
    problem = failure.value
    assert problem is not None
    if isinstance(problem, Refused):
        if problem.is_for_tonight:
            return problem.reason, problem.detail, Fate.WAITS
        fate = Fate.SKIPPED if problem.reason == "robots" else Fate.FAILED
        return problem.reason, problem.detail, fate
    if is_tls_failure(problem):
        return "tls", TLS_FAILED, Fate.FAILED
    for kind, reason in _REASONS:
        if isinstance(problem, kind):
            return reason, f"{type(problem).__name__}: {problem}"[:DETAIL_CHARS], Fate.FAILED
    return "error", f"{type(problem).__name__}: {problem}"[:DETAIL_CHARS], Fate.FAILED


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "timed_out"),
    (CannotResolveHostError, "unknown_host"),
    (DownloadConnectionRefusedError, "connection_refused"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too_large"),  # Scrapy cancels for no other reason
    (
        IgnoreRequest,
        "too_large",
    ),  # likewise, of what is unpacked; our own refusals have been told apart above
    (DownloadFailedError, "connection_lost"),
    (OSError, "broken_encoding"),  # a Content-Encoding that does not unpack
)


def _job_of_settings(crawler: Crawler, sources: str = "") -> CrawlJob:
    known = load_sources()
    names = [name for name in sources.split(",") if name]
    if not names or not known.keys() >= set(names):
        raise NightwireError(
            f"-a sources={sources}: expected ids of sources, separated by commas: {', '.join(known)}"
        )
    now = datetime.now(UTC)
    return CrawlJob(
        lake=Path(crawler.settings["NIGHTWIRE_LAKE"]),
        run_id=f"scrapy-{now:%Y%m%dT%H%M%S}",
        night=now.date(),
        sources=tuple(known[name] for name in names),
    )
