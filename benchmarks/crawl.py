"""What a page costs to fetch: the whole spider beside bare Scrapy and beside aiohttp, on the same web.

    .venv/bin/python benchmarks/crawl.py [--pages 2400] [--hosts 120] [--repeats 3]

The web is `benchmarks/outlets.py`. All three ask through it as a proxy for the same addresses, at most one at a time per
host. Ours is the real child process of `spiders.launch.crawl` with everything on: robots.txt, guards, the list of
known addresses, a durable file per page; it finds the addresses in sitemaps. The others are given them, look at no
robots.txt and keep nothing; Scrapy has our limits (sizes, timeout, no cookies, compression on).

CPU is user and system time of the client's process with all its threads. Each client also makes a run of a tenth of the
pages, and a page's cost is the difference of both runs by the difference of their pages, in CPU as in seconds: the start
costs nobody anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from outlets import Outlets, article_urls

from articles.records import Capture
from spiders import CrawlJob, SourceFile, crawl
from warehouse.spool import read_spooled

BAR = 1.3  # of bare Scrapy's CPU (issue 5)
NIGHT = date(2026, 11, 20)


def hosts_of(count: int) -> list[str]:
    return [f"outlet-{number}.example" for number in range(count)]


def source(host: str, pages: int, *, via: str = "sitemap", delay_s: float = 0.01) -> SourceFile:
    address = f"http://{host}/map.xml?n={pages}" if via == "sitemap" else f"http://{host}/feed?n={pages}"
    return SourceFile(
        name="zz_" + host.removesuffix(".example").replace("-", "_"),
        publisher=host,
        home=f"http://{host}/",
        country="zz",
        languages=("en",),
        timezone="UTC",
        delay_s=delay_s,
        article_url="/news/",
        **{f"{via}s": (address,)},
    )


# ---- the clients; each says how many answers it had


def nightwire(web: Outlets, hosts: list[str], pages: int, via: str = "sitemap") -> int:
    with tempfile.TemporaryDirectory(prefix="nightwire-bench-") as folder:
        each = pages // len(hosts)
        job = CrawlJob(
            lake=Path(folder),
            run_id="bench",
            night=NIGHT,
            sources=tuple(source(host, each, via=via) for host in hosts),
            newsroom=web.url,
            page_budget=each,
        )
        result = crawl(job, timeout_s=900)
        stored = sum(isinstance(found, Capture) for _, found in read_spooled(job.lake / "spool"))
    failed = sum(sum(stats.failed.values()) for stats in result.stats.values())
    assert result.is_finished, result.outcome
    assert stored == sum(stats.stored for stats in result.stats.values())
    assert stored + failed == each * len(hosts), result.stats
    return stored + failed


def peer(name: str) -> Callable[[Outlets, list[str], int], int]:
    def run(web: Outlets, hosts: list[str], pages: int) -> int:
        task = {"proxy": web.url, "urls": [article_urls(host, pages // len(hosts)) for host in hosts]}
        done = subprocess.run(
            [sys.executable, __file__, "--as", name],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            check=True,
        )
        answers = int(done.stdout.splitlines()[-1])
        assert answers == sum(map(len, task["urls"])), done.stderr[-2000:]
        return answers

    return run


CLIENTS: dict[str, Callable[[Outlets, list[str], int], int]] = {
    "nightwire": nightwire,
    "scrapy": peer("scrapy"),
    "aiohttp": peer("aiohttp"),
}


def be_scrapy(task: dict[str, Any]) -> None:
    """The least that fetches these addresses with Scrapy."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    from spiders import settings

    answers = 0

    class Bare(Spider):
        name = "bare"

        async def start(self):  # type: ignore[no-untyped-def]
            for urls in zip(*task["urls"], strict=True):
                for url in urls:
                    yield Request(url, meta={"proxy": task["proxy"]}, dont_filter=True, errback=self.parse)

        def parse(self, _answer):  # type: ignore[no-untyped-def]
            nonlocal answers
            answers += 1

    same = [
        "DOWNLOAD_TIMEOUT",
        "DOWNLOAD_MAXSIZE",
        "DOWNLOAD_WARNSIZE",
        "RETRY_TIMES",
        "HTTPERROR_ALLOW_ALL",
        "COOKIES_ENABLED",
        "CONCURRENT_ITEMS",
        "CONCURRENT_REQUESTS_PER_DOMAIN",
        "TELNETCONSOLE_ENABLED",
        "REMOTE_CONTROL_ENABLED",
        "METAREFRESH_ENABLED",
        "DUPEFILTER_CLASS",
    ]
    process = AsyncCrawlerProcess(
        {name: getattr(settings, name) for name in same}
        | {"CONCURRENT_REQUESTS": max(128, 4 * len(task["urls"])), "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "INFO"}
    )
    process.crawl(Bare)
    process.start()
    print(answers)


def be_aiohttp(task: dict[str, Any]) -> None:
    """One task per host, its pages one after another; a 429 is asked again."""
    import aiohttp

    async def run() -> int:
        answers = 0
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def one(urls: list[str]) -> None:
                nonlocal answers
                for url in urls:
                    for _ in range(3):
                        async with session.get(url, proxy=task["proxy"]) as response:
                            await response.read()
                        if response.status not in (429, 500):
                            break
                    answers += 1

            await asyncio.gather(*map(one, task["urls"]))
        return answers

    print(asyncio.run(run()))


def children_cpu() -> float:
    """Seconds of CPU of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2400)
    parser.add_argument("--hosts", type=int, default=120)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clients", default=",".join(CLIENTS))
    parser.add_argument("--as", dest="role", choices=["scrapy", "aiohttp"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role:
        task = json.load(sys.stdin)
        be_scrapy(task) if given.role == "scrapy" else be_aiohttp(task)
        return

    hosts, names = hosts_of(given.hosts), given.clients.split(",")
    long, short = (max(1, pages // given.hosts) * given.hosts for pages in (given.pages, given.pages // 10))
    print(
        f"{datetime.now(UTC):%F %H:%M} UTC, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; {long} pages of {given.hosts} hosts"
    )
    ms, rate = defaultdict(list), defaultdict(list)
    for repeat in range(given.repeats):
        for name in names if repeat % 2 == 0 else reversed(names):
            spent = []
            for pages in (short, long):
                with Outlets() as web:
                    cpu, begun = children_cpu(), time.monotonic()
                    CLIENTS[name](web, hosts, pages)
                    spent.append((children_cpu() - cpu, time.monotonic() - begun))
            (short_cpu, short_seconds), (long_cpu, long_seconds) = spent
            ms[name].append((long_cpu - short_cpu) / (long - short) * 1000)
            rate[name].append((long - short) / (long_seconds - short_seconds))
            print(
                f"  {name}: {ms[name][-1]:.2f} ms CPU a page, {rate[name][-1]:.0f} pages/s ({short_cpu:.1f} s for {short} with the start)",
                flush=True,
            )
    for name in names:
        print(
            f"{name}: {statistics.median(ms[name]):.2f} ms CPU a page, {statistics.median(rate[name]):.0f} pages/s"
        )
    if {"nightwire", "scrapy"} <= set(names):
        ratio = statistics.median(ms["nightwire"]) / statistics.median(ms["scrapy"])
        print(f"nightwire / scrapy: {ratio:.2f} of its CPU a page (bar {BAR})")


if __name__ == "__main__":
    main()
