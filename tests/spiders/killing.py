"""Kill crawls at random moments, over and over, while their feeds grow: is an address lost, or fetched twice?

The servers count: every article must have been answered in full once, and none more often than kills found it on its way.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from spiders import CrawlJob, SourceFile
from spiders.spider import WINDOW
from tests.spiders.conftest import Asked, Reply, Web
from tests.spiders.forking import ForkedCrawl
from warehouse.spool import read_spooled

NIGHT = date(2026, 11, 20)
FIRST = 10  # articles in a feed before the first kill
MORE = 2  # new ones before each further crawl, at every second outlet: the others answer 304
SHOWN = 30  # the longest a feed gets; older entries fall out


@dataclass(frozen=True, kw_only=True)
class KillFigures:
    """What came of it; the last two count mistakes."""

    kills: int
    unchanged: int  # lists that answered 304
    articles: int
    asked_again: int  # articles caught on their way by a kill
    lost: int
    asked_too_often: int  # beyond what a kill can have caught


class _Outlet:
    """A host whose feed grows; it answers 304 where nothing has been added."""

    def __init__(self, web: Web, host: str) -> None:
        self.web, self.host, self.count = web, host, 0
        self.unchanged = 0
        web.put(f"http://{host}/feed", self._feed)
        self.source = SourceFile(
            name="zz_" + host.removesuffix(".example"),
            publisher=host,
            home=f"http://{host}/",
            country="zz",
            languages=("en",),
            timezone="UTC",
            feeds=(f"http://{host}/feed",),
            delay_s=0.01,
        )

    def print_more(self, count: int) -> None:
        for number in range(self.count, self.count + count):
            self.web.put(f"http://{self.host}/news/{number}", f"<p>{self.host} {number}</p>".encode())
        self.count += count

    def _feed(self, asked: Asked) -> Reply:
        tag = f'"{self.count}"'
        if asked.headers.get("if-none-match") == tag:
            self.unchanged += 1
            return Reply(status=304, headers=(("ETag", tag),))
        items = "".join(
            f"<item><link>http://{self.host}/news/{number}</link></item>"
            for number in range(max(0, self.count - SHOWN), self.count)
        )
        body = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
        return Reply(body, headers=(("Content-Type", "application/rss+xml"), ("ETag", tag)))


def kill_repeatedly(folder: Path, *, kills: int, seed: int, outlets: int = 3) -> KillFigures:
    """Crawl, kill, and crawl again; the last crawl may end.

    Args:
        folder: the lake of all of them.
        kills: how many crawls to kill.
        seed: of the moments.
        outlets: sources in the crawl.
    """
    draw = random.Random(seed)
    web = Web()
    try:
        begun: list[int] = []  # the first request of each crawl
        hosts = [_Outlet(web, f"killed{number}.example") for number in range(outlets)]
        for host in hosts:
            host.print_more(FIRST)
        for number in range(kills + 1):
            job = CrawlJob(
                lake=folder,
                run_id=f"killed-{number}",
                night=NIGHT,
                sources=tuple(host.source for host in hosts),
                newsroom=web.url,
            )
            asked_before = len(web.asked)
            begun.append(asked_before)
            crawl = ForkedCrawl(job)
            if number == kills:
                told = crawl.wait()
                assert told.code == 0, told.warnings
                break
            wait_for(lambda asked_before=asked_before: len(web.asked) > asked_before)
            time.sleep(draw.random() * 0.4)
            crawl.kill()
            for host in hosts[:: 1 + number % 2]:
                host.print_more(MORE)
        stored = {capture.requested_url for _, capture in read_spooled(folder / "spool")}
        printed = {f"http://{host.host}/news/{number}" for host in hosts for number in range(host.count)}
        caught = _caught(web.asked, begun)
        return KillFigures(
            kills=kills,
            unchanged=sum(host.unchanged for host in hosts),
            articles=len(printed),
            asked_again=sum(caught.values()),
            lost=len(printed - stored),
            asked_too_often=sum(max(0, count - WINDOW) for count in caught.values()),
        )
    finally:
        web.close()


def _caught(asked: Sequence[Asked], begun: Sequence[int]) -> Counter[tuple[int, str]]:
    """By crawl and host: the articles asked for in this crawl that were asked for again later."""
    caught: Counter[tuple[int, str]] = Counter()
    seen: set[tuple[str, str]] = set()
    for crawl, (first, after) in reversed(list(enumerate(pairwise((*begun, len(asked)))))):
        articles = [(one.host, one.path) for one in asked[first:after] if one.path.startswith("/news/")]
        caught.update((crawl, article[0]) for article in articles if article in seen)
        seen.update(articles)
    return caught


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
