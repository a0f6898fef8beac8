"""The spider of a look: a few addresses of each source, and what they lead to by a plan. It keeps no memory."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure
from typing_extensions import override

from spiders import checking, proposing
from spiders.discovery import MAX_SITEMAP_BYTES
from spiders.guards import IS_ARTICLE, IS_ROBOTS, ROBOTS_BYTES, SENT, SOURCE, Sent
from spiders.looking import Answer, Ask, LookJob, Plan, save_answers, sha256
from spiders.source import SourceFile
from spiders.spider import MAX_LIST_BYTES, explain, give_back_waiting

LOG = logging.getLogger("nightwire.crawl")

# How Twisted prints the cause of a failed connection: its own words are enough for a person.
_FAILURE = re.compile(r"\[<twisted\.python\.failure\.Failure [\w.]+: (.*?)>\]", re.DOTALL)

_Planner = Callable[[SourceFile, Sequence[Answer], int], Sequence[Ask]]  # the last: requests left


def _nothing_more(*_: object) -> Sequence[Ask]:
    return ()


PLANS: dict[Plan, _Planner] = {
    "page": _nothing_more,
    "check": checking.next_asks,
    "propose": proposing.next_asks,
}


@dataclass(slots=True)
class Visit:
    """A source while it is being looked at."""

    source: SourceFile
    asked: list[Ask] = field(default_factory=list)
    left: int = 0  # asked, and not answered yet
    answers: list[Answer] = field(default_factory=list)
    is_over: bool = False


class LookSpider(Spider):
    """Looks at the sources of one job.

    Args:
        job: whom to ask for what.
        say: called with "visited" for a source that is done; its answers are then in a folder of its name.
    """

    name = "look"

    def __init__(self, job: LookJob, say: Callable[..., None]) -> None:
        super().__init__()
        self.job = job
        self.is_stopping = False
        self.visits = {source.name: Visit(source) for source in job.crawl.sources}
        self._say = say
        self._robots: dict[str, Answer] = {}  # by scheme and host

    @override
    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> LookSpider:
        """As Scrapy makes it; the robots guard's own answers are listened for."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        assert isinstance(spider, LookSpider)
        crawler.signals.connect(spider.on_any_response, signals.response_received)
        return spider

    @override
    async def start(self) -> AsyncIterator[Request]:
        """Ask every source for what comes first."""
        for visit in self.visits.values():
            for request in self._requests(visit, self.job.asks[visit.source.name]):
                yield request

    def on_any_response(self, response: Response, request: Request) -> None:
        """Keep a robots.txt, which the guards ask for themselves."""
        if request.meta.get(IS_ROBOTS):
            source: SourceFile = request.meta[SOURCE]
            asked = [*response.meta.get("redirect_urls", []), response.url][0]
            self._robots[_site(asked)] = _answer(source, Ask(url=asked, via="robots"), response)

    async def on_answer(self, response: Response, visit: Visit, ask: Ask) -> AsyncIterator[Request]:
        """Any status is an answer."""
        for request in self._answered(visit, _answer(visit.source, ask, response)):
            yield request

    async def on_failure(self, failure: Failure, visit: Visit, ask: Ask) -> AsyncIterator[Request]:
        """So is none."""
        reason, detail, _ = explain(failure)
        detail = _FAILURE.sub(r"\1", detail)
        answer = Answer(
            source=visit.source.name,
            url=ask.url,
            via=ask.via,
            answered_at=datetime.now(UTC),
            reason=reason,
            detail=detail,
        )
        for request in self._answered(visit, answer):
            yield request

    def stop_asking(self) -> None:
        """Give back what only waits for its host's delay."""
        self.is_stopping = True
        give_back_waiting(self.crawler)

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Tell also of the sources that a stop cut off."""
        for visit in self.visits.values():
            if not visit.is_over:
                self._end(visit, is_whole=False)

    def _requests(self, visit: Visit, asks: Sequence[Ask]) -> list[Request]:
        """Those of the addresses that the source's few requests leave room for."""
        known = {ask.url for ask in visit.asked}
        fresh = [ask for ask in dict.fromkeys(asks) if ask.url not in known][: self._room(visit)]
        visit.asked += fresh
        visit.left += len(fresh)
        return [self._request(visit, ask) for ask in fresh]

    def _room(self, visit: Visit) -> int:
        """Requests left; one was the source's robots.txt."""
        return max(self.job.most - 1 - len(visit.asked), 0)

    def _request(self, visit: Visit, ask: Ask) -> Request:
        known = {"visit": visit, "ask": ask}
        meta: dict[str, Any] = {SOURCE: visit.source}
        if ask.via == "article":
            meta[IS_ARTICLE] = True
        else:
            meta["download_maxsize"] = MAX_SITEMAP_BYTES if ask.via == "sitemap" else MAX_LIST_BYTES
        return Request(
            ask.url,
            callback=partial(self.on_answer, **known),
            errback=partial(self.on_failure, **known),
            dont_filter=True,
            meta=meta,
        )

    def _answered(self, visit: Visit, answer: Answer) -> list[Request]:
        visit.answers.append(answer)
        visit.left -= 1
        if visit.left:
            return []
        more: Sequence[Ask] = ()
        if not self.is_stopping:
            more = PLANS[self.job.plan](visit.source, self._all_answers(visit), self._room(visit))
        requests = self._requests(visit, more)
        if not requests:
            self._end(visit, is_whole=not self.is_stopping)
        return requests

    def _all_answers(self, visit: Visit) -> list[Answer]:
        """The robots.txt of every host that was asked, then the answers in the order they were asked for."""
        addresses = [ask.url for ask in visit.asked] + [one.final_url or one.url for one in visit.answers]
        sites = dict.fromkeys(map(_site, addresses))
        order = {ask.url: number for number, ask in enumerate(visit.asked)}
        robots = [self._robots[site] for site in sites if site in self._robots]
        return robots + sorted(visit.answers, key=lambda answer: order[answer.url])

    def _end(self, visit: Visit, *, is_whole: bool) -> None:
        visit.is_over = True
        answers = self._all_answers(visit)
        save_answers(self.job.crawl.lake / visit.source.name, answers)
        visit.answers.clear()
        LOG.debug("%s: %d answers", visit.source.name, len(answers))
        self._say("visited", source=visit.source.name, is_whole=is_whole)


def _answer(source: SourceFile, ask: Ask, response: Response) -> Answer:
    sent = response.meta[SENT]
    assert isinstance(sent, Sent)
    body = response.body[:ROBOTS_BYTES] if ask.via == "robots" else response.body
    return Answer(
        source=source.name,
        url=ask.url,
        via=ask.via,
        status=response.status,
        final_url=response.url,
        redirects=tuple(
            zip(
                response.meta.get("redirect_reasons", []),
                response.meta.get("redirect_urls", []),
                strict=True,
            )
        ),
        headers=sent.headers,
        body=body,
        body_sha256=sha256(body),
        answered_at=sent.captured_at,
        fetch_ms=sent.fetch_ms,
    )


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
