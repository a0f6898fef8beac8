"""The counts of a lane, the words for failures, and the line at its end; whole crawls are in test_crawl.py."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from OpenSSL import SSL
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from twisted.python.failure import Failure

from spiders import CrawlJob
from spiders.discovery import Found, candidates
from spiders.frontier import Frontier, Verdict, Waiting
from spiders.guards import Refused
from spiders.lane import Lane, summary
from spiders.spider import WINDOW, Fate, NewsSpider, explain
from tests.spiders.conftest import NIGHT


@pytest.fixture
def lane(desk):
    return Lane(desk.source("d.example", article_url="/news/"))


def met(lane, url: str, verdict: Verdict, *, is_old: bool = False) -> None:
    lane.meet(list(candidates([Found(url=url, is_old=is_old)], lane.source, "feed")), [verdict])


def test_an_address_in_several_lists_is_counted_once(lane):
    for _ in range(3):
        met(lane, "http://d.example/news/known", Verdict.KNOWN)
    met(lane, "http://d.example/video/1", Verdict.NEW)
    met(lane, "http://d.example/video/1", Verdict.KNOWN)
    met(lane, "http://d.example/news/twin", Verdict.TWIN)
    met(lane, "http://d.example/news/new", Verdict.NEW)  # counted when the lane opens, with all that is due

    stats = lane.stats()
    assert (stats.known, stats.asked, stats.skipped) == (1, 1, {"not_article_url": 1})


def test_the_list_that_knows_more_wins(lane):
    met(lane, "http://d.example/news/1", Verdict.NEW, is_old=True)
    met(lane, "http://d.example/news/1", Verdict.DUE)
    met(lane, "http://d.example/news/2", Verdict.KNOWN)
    met(lane, "http://d.example/news/2", Verdict.DUE)

    stats = lane.stats()
    assert (stats.known, stats.asked, stats.skipped) == (0, 0, {})


def test_a_page_that_a_redirect_brought_is_answered_for_wherever_it_waits(lane):
    lane.asked = 4
    lane.waiting.append(Waiting(url_key="a", url="http://d.example/a", via="feed"))
    lane.under_way.add("b")
    lane.over_budget = 1
    for key in ("a", "b", "c", "d"):  # waiting, on its way, over the budget, answered already
        lane.release(key)

    stats = lane.stats()
    assert (list(lane.waiting), lane.over_budget) == ([], 0)
    assert stats.skipped == {"same_page": 2, "stopped": 1}


def test_the_past_is_streamed_through_a_lane(desk, tmp_path, monkeypatch):
    """However many addresses wait, the lane holds a chunk of them, and each is answered for once."""
    monkeypatch.setattr("spiders.spider.CHUNK", 7)
    source = desk.source("d.example")
    listed = candidates((Found(url=f"http://d.example/{number}") for number in range(50)), source, "archive")
    with Frontier.open(tmp_path / "frontier.sqlite") as frontier:
        frontier.record(source.name, list(listed), night=NIGHT, at=datetime.now(UTC), is_past=True)
    job = CrawlJob(
        lake=tmp_path,
        run_id="past",
        night=NIGHT,
        sources=(source,),
        is_past=True,
        is_waiting_only=True,
    )
    spider = NewsSpider(job, lambda *_args, **_fields: None)
    (lane,) = spider.lanes.values()
    most, asked = 0, []

    async def all_of(answers) -> list[Request]:
        return [request async for request in answers]

    async def crawl() -> None:
        nonlocal most
        requests = await all_of(spider.start())
        while requests:
            most = max(most, len(lane.waiting) + len(lane.under_way))
            asked.extend(request.url for request in requests)
            problems = (Refused("host_dead", "x", is_for_tonight=True), DownloadTimeoutError("slow"))
            ended = [
                request.errback(Failure(problems[number % 2])) for number, request in enumerate(requests)
            ]
            followed = await asyncio.gather(*map(all_of, ended))  # all of a window end at once
            requests = [request for some in followed for request in some]
        spider.closed("finished")

    asyncio.run(crawl())
    assert sorted(asked) == sorted({f"http://d.example/{number}" for number in range(50)})
    assert most <= 7 + WINDOW
    stats = lane.stats()
    assert (stats.asked, stats.failed["timed_out"] + stats.skipped["host_dead"]) == (50, 50)


def test_the_line_at_the_end_names_every_reason(lane):
    lane.asked, lane.stored = 6, 1
    lane.failed.update({"http_404": 2, "timed_out": 1})
    lane.skipped.update({"robots": 2})
    assert summary(lane.stats()) == (
        "zz_d: asked 6, stored 1, known 0, failed 3 (http_404 2, timed_out 1), skipped 2 (robots 2)"
    )


def caused(problem: Exception, cause: BaseException) -> Exception:
    problem.__cause__ = cause
    return problem


class ResponseFailed(Exception):
    def __init__(self, *problems: Exception) -> None:
        self.reasons = [Failure(problem) for problem in problems]


@pytest.mark.parametrize(
    ("problem", "reason", "fate"),
    [
        (Refused("robots", "no"), "robots", Fate.SKIPPED),
        (Refused("host_dead", "no", is_for_tonight=True), "host_dead", Fate.WAITS),
        (Refused("private_address", "no"), "private_address", Fate.FAILED),
        (DownloadTimeoutError("slow"), "timed_out", Fate.FAILED),
        (CannotResolveHostError("who"), "unknown_host", Fate.FAILED),
        (DownloadConnectionRefusedError("no"), "connection_refused", Fate.FAILED),
        (IgnoreRequest("exceeded DOWNLOAD_MAXSIZE"), "too_large", Fate.FAILED),
        (DownloadFailedError("lost"), "connection_lost", Fate.FAILED),
        (caused(DownloadFailedError("tls"), ResponseFailed(SSL.Error())), "tls", Fate.FAILED),
        (OSError("Not a gzipped file"), "broken_encoding", Fate.FAILED),
        (ZeroDivisionError("of ours"), "error", Fate.FAILED),
    ],
)
def test_every_failure_has_a_word_and_a_fate(problem, reason, fate):
    said, detail, became = explain(Failure(problem))
    assert (said, became) == (reason, fate)
    assert detail
