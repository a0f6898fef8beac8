"""The one spider: it reads what the sources list, asks for what is due, and stores what comes. It judges nothing.

Each source runs in a lane of its own: first its feeds, sitemaps and section pages, then its due articles, a few at a
time. So a source that hangs, floods or dies takes nothing from the others, and no list of addresses grows in memory
beyond the source's budget; a crawl of the past takes what waits a chunk at a time. The disk has a thread of its own,
which does one thing after another.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
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
from spiders.discovery import (
    MAX_SITEMAP_BYTES,
    Document,
    Found,
    candidates,
    read_feed,
    read_section,
    read_sitemap,
)
from spiders.disk import Disk
from spiders.frontier import Candidate, FeedState, Frontier, Verdict, Waiting
from spiders.guards import IS_ARTICLE, SENT, SOURCE, TLS_FAILED, Refused, Sent, is_tls_failure
from spiders.records import CrawlFailure, CrawlJob, EndpointStats, SourceStats
from spiders.source import SourceFile, load_sources
from warehouse.spool import CaptureWriter

LOG = logging.getLogger("nightwire.crawl")

CHUNK = 200  # addresses of the past that a lane holds at once
WINDOW = 2  # articles of a source with the downloader at once: one on its way, one waiting for the delay
SITEMAP_DEPTH = 2  # an index of indexes is followed, no further
MAX_LIST_BYTES = 20 << 20  # of a feed or section page (notes/reliability.md 3.4)
DETAIL_CHARS = 500
PROGRESS_SECONDS = 0.5  # between two words of progress; counting what is left looks at every lane
VALIDATOR_BYTES = 512  # a longer ETag is not sent back
STOPPED = "stopped"

T = TypeVar("T")


@dataclass(slots=True)
class Lane:
    """A source while it is being crawled."""

    source: SourceFile
    documents: set[str] = field(default_factory=set)  # addresses of the lists asked for
    documents_left: int = 0  # lists not answered yet; articles begin when none is left
    endpoints: list[EndpointStats] = field(default_factory=list)
    asked: int = 0
    stored: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    met: dict[str, str | None] = field(default_factory=dict)  # keys not due tonight; why skipped, None: known
    known: int = 0
    waiting: deque[Waiting] = field(default_factory=deque)
    under_way: set[str] = field(default_factory=set)  # keys
    over_budget: int = 0
    corrections_left: int = 0  # checks of pages fetched before that found no room
    unread: int = 0  # addresses of the past still in the frontier
    after: tuple[str, int] | None = None  # where their next chunk begins
    refilling: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def left(self) -> int:
        """Articles still to be answered for tonight."""
        return len(self.waiting) + len(self.under_way) + self.unread

    def meet(self, listed: Sequence[Candidate], verdicts: Sequence[Verdict]) -> None:
        """Count what needs no asking: addresses newly met and left alone, and those known and not due."""
        for candidate, verdict in zip(listed, verdicts, strict=True):
            key = candidate.url_key
            if verdict is Verdict.KNOWN and key not in self.met:
                self.met[key] = None
                self.known += 1
            elif verdict is Verdict.NEW and candidate.skip is not None:
                self.met[key] = candidate.skip
                self.asked += 1
                self.skipped[candidate.skip] += 1
            elif verdict is Verdict.DUE and key in self.met:  # one list said otherwise: old, or unchanged
                reason = self.met.pop(key)
                if reason is None:
                    self.known -= 1
                else:
                    self.asked -= 1
                    self.skipped[reason] -= 1

    def release(self, key: str) -> None:
        """An address that turned out to be the page just stored is not asked for any more."""
        if key in self.under_way:
            return
        others = deque(one for one in self.waiting if one.url_key != key)
        if len(others) < len(self.waiting):
            self.waiting = others
        elif self.over_budget > 0:
            self.over_budget -= 1
        elif self.corrections_left > 0:
            self.corrections_left -= 1
        elif self.unread > 0:
            self.unread -= 1
        else:
            return  # it has been answered for
        self.skipped["same_page"] += 1

    def stats(self) -> SourceStats:
        """The counts; what nobody answered for any more was stopped."""
        unanswered = {"budget": self.over_budget, "corrections_wait": self.corrections_left}
        skipped = self.skipped + Counter({**unanswered, STOPPED: self.left})
        return SourceStats(
            source=self.source.name,
            asked=self.asked,
            stored=self.stored,
            failed=dict(self.failed),
            skipped=dict(skipped),
            known=self.known,
            endpoints=tuple(self.endpoints),
            insecure_tls=self.source.insecure_tls,
        )


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
        self.lanes = {source.name: Lane(source) for source in job.sources}
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
        if self.job.is_waiting_only or self.job.is_past:
            for lane in self.lanes.values():
                await self._open(lane)
                async for request in self._go_on(lane):
                    yield request
            return
        for lane in self.lanes.values():
            lane.documents.update(url for url, _ in _endpoints(lane.source))
            lane.documents_left = len(lane.documents)
        for lane in self.lanes.values():
            for url, via in _endpoints(lane.source):
                yield await self._document_request(lane, url, via, depth=0)

    async def on_document(
        self, response: Response, lane: Lane, url: str, via: str, depth: int, before: FeedState | None
    ) -> AsyncIterator[Request]:
        """Read a list, keep its addresses, follow a sitemap index, and let the lane go on."""
        body_sha256 = hashlib.sha256(response.body).hexdigest()
        is_known_body = before is not None and before.reason is None and before.body_sha256 == body_sha256
        document: Document | None = None  # None: it has not changed
        if response.status not in (200, 304):
            document = Document(reason=f"http_{response.status}", detail=f"HTTP {response.status}")
        elif response.status == 200 and not is_known_body:
            document = _read(response, via, lane.source)
        state = _next_state(before, url, via, lane.source, response, document, body_sha256)
        for child in document.sitemaps if document and depth < SITEMAP_DEPTH else ():
            address = fetch_url(child)
            if address is not None and address not in lane.documents:
                lane.documents.add(address)
                lane.documents_left += 1
                yield await self._document_request(lane, address, via, depth + 1)
        async for request in self._keep_document(lane, state, document):
            yield request

    async def on_document_failed(
        self, failure: Failure, lane: Lane, url: str, via: str, before: FeedState | None
    ) -> AsyncIterator[Request]:
        """A list that did not come is told, and the lane goes on without it."""
        reason, detail, _ = explain(failure)
        if reason == STOPPED:
            return
        document = Document(reason=reason, detail=detail)
        state = _next_state(before, url, via, lane.source, None, document, None)
        async for request in self._keep_document(lane, state, document):
            yield request

    async def _document_request(self, lane: Lane, url: str, via: str, depth: int) -> Request:
        before = await self._on_disk(self._disk.do, self._frontier.feed_state, url)
        headers = _conditions(before) if before is not None and before.reason is None else {}
        known = {"lane": lane, "url": url, "via": via, "before": before}
        return Request(
            url,
            headers=headers,
            callback=partial(self.on_document, **known, depth=depth),
            errback=partial(self.on_document_failed, **known),
            dont_filter=True,
            priority=10,
            meta={
                SOURCE: lane.source,
                "download_maxsize": MAX_SITEMAP_BYTES if via == "sitemap" else MAX_LIST_BYTES,
            },
        )

    async def _keep_document(
        self, lane: Lane, state: FeedState, document: Document | None
    ) -> AsyncIterator[Request]:
        listed = list(candidates(document.found, lane.source, state.via)) if document else []
        verdicts = await self._on_disk(
            self._disk.do,
            self._frontier.record,
            lane.source.name,
            listed,
            night=self.job.night,
            at=state.checked_at,
            endpoint=state,
        )
        lane.meet(listed, verdicts)
        lane.endpoints.append(
            EndpointStats(
                url=state.url,
                via=state.via,
                status=state.status,
                reason=state.reason,
                items=len(listed) if document and document.reason is None else None,
                new_items=verdicts.count(Verdict.NEW),
                left_out=document.left_out if document else 0,
                newest=state.newest,
                is_broken=document.is_broken if document else False,
            )
        )
        if state.reason is not None:
            LOG.warning("%s: %s gave nothing: %s", lane.source.name, state.url, document and document.detail)
        lane.documents_left -= 1
        if lane.documents_left == 0:
            await self._open(lane)
            async for request in self._go_on(lane):
                yield request

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
        capture = self._capture(response, lane.source, one) if response.status == 200 else None
        is_conditional = one.etag is not None or one.last_modified is not None
        if capture is not None and capture.body_sha256 != one.body_sha256:
            chain = [*response.meta.get("redirect_urls", [])[1:], response.url]
            also = [
                twin
                for twin in candidates(
                    [Found(url=url) for url in chain if url != one.url], lane.source, "redirect"
                )
                if twin.url_key != one.url_key
            ]
            etag, last_modified = _validators(response)
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
            etag, last_modified = _validators(response)
            await self._on_disk(
                self._disk.keep,
                None,
                self._frontier.unchanged,
                one.url_key,
                night=self.job.night,
                etag=etag,
                last_modified=last_modified,
            )
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
                headers=_conditions(one),
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


def summary(stats: SourceStats) -> str:
    """One line about a source's night."""
    text = f"{stats.source}: asked {stats.asked}, stored {stats.stored}, known {stats.known}"
    for name, counts in (("failed", stats.failed), ("skipped", stats.skipped)):
        if counts:
            reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))
            text += f", {name} {sum(counts.values())} ({reasons})"
    return text


def _endpoints(source: SourceFile) -> Iterator[tuple[str, str]]:
    """The addresses of a source's lists, each once, with the word for their kind."""
    kinds = (("feed", source.feeds), ("sitemap", source.sitemaps), ("section", source.sections))
    yield from {url: via for via, urls in reversed(kinds) for url in urls}.items()


def _read(response: Response, via: str, source: SourceFile) -> Document:
    if via == "feed":
        return read_feed(response.body, url=response.url, zone=source.zone)
    if via == "sitemap":
        return read_sitemap(response.body, url=response.url, zone=source.zone)
    content_type = response.headers.get(b"Content-Type")
    return read_section(
        response.body,
        url=response.url,
        content_type=content_type.decode("latin-1") if content_type else None,
        source=source,
    )


def _next_state(
    before: FeedState | None,
    url: str,
    via: str,
    source: SourceFile,
    response: Response | None,
    document: Document | None,
    body_sha256: str | None,
) -> FeedState:
    """What to remember of a list; `document` None says that it has not changed."""
    now = datetime.now(UTC)
    state = before or FeedState(
        url=url,
        source=source.name,
        via=via,
        status=None,
        reason=None,
        etag=None,
        last_modified=None,
        body_sha256=None,
        items=None,
        new_items=0,
        newest=None,
        fails=0,
        checked_at=now,
        last_ok_at=None,
        last_new_at=None,
    )
    state = replace(state, status=response.status if response else None, checked_at=now)
    if document is None:
        return replace(state, reason=None, fails=0, last_ok_at=now)
    if document.reason is not None or response is None:
        return replace(state, reason=document.reason, fails=state.fails + 1)
    etag, last_modified = _validators(response)
    can_stand_still = not document.sitemaps  # the maps of an index change without the index
    return replace(
        state,
        reason=None,
        fails=0,
        last_ok_at=now,
        etag=etag if can_stand_still else None,
        last_modified=last_modified if can_stand_still else None,
        body_sha256=body_sha256 if can_stand_still else None,
        items=len(document.found),
        newest=document.newest,
    )


def _conditions(last: FeedState | Waiting) -> dict[str, str]:
    """How to ask only for what has changed since: by one of the two validators, as some servers err over both."""
    if last.etag is not None:
        return {"If-None-Match": last.etag}
    return {} if last.last_modified is None else {"If-Modified-Since": last.last_modified}


def _validators(response: Response) -> tuple[str | None, str | None]:
    """ETag and Last-Modified: by what a server can tell later whether this answer is still the newest."""
    found = (response.headers.get(name) for name in (b"ETag", b"Last-Modified"))
    etag, last_modified = (
        value.decode("latin-1") if value and len(value) <= VALIDATOR_BYTES else None for value in found
    )
    return etag, last_modified


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
