"""What a source that hangs, floods or dies costs the others: the same good sources alone and beside bad ones.

    .venv/bin/python benchmarks/bad_neighbours.py [--good 20] [--articles 30] [--delay 1.0] [--repeats 3]

The web is `benchmarks/outlets.py`; whole crawls by `spiders.launch.crawl`, in turns. Measured at the server: from the first
request of all to the last one for a good source. Bad are one that never answers for an article, one whose feed lists
50,000 items, whose sitemap weighs 50 MB and whose articles have no end, one that dies after twenty requests, and one
that takes two seconds for its robots.txt.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from crawl import NIGHT, children_cpu, hosts_of, source
from outlets import Outlets

from spiders import CrawlJob, SourceFile, crawl
from spiders.spider import summary

BAR = 1.10  # of the wall without them (issue 5)
BUDGET = 100


def bad_sources(articles: int, delay_s: float) -> list[SourceFile]:
    flood = source("flood-0.example", articles, delay_s=delay_s).model_copy(
        update={"feeds": ("http://flood-0.example/feed",), "sitemaps": ("http://flood-0.example/map.xml",)}
    )
    others = [source(f"{kind}-0.example", articles, delay_s=delay_s) for kind in ("hang", "dying", "wait")]
    return [flood, *others]


def one_crawl(good: list[SourceFile], bad: list[SourceFile]) -> float:
    """Seconds until the last good source had its last answer."""
    with Outlets() as web, tempfile.TemporaryDirectory(prefix="nightwire-bench-") as folder:
        job = CrawlJob(
            lake=Path(folder),
            run_id="bench",
            night=NIGHT,
            sources=(*bad, *good),
            newsroom=web.url,
            page_budget=BUDGET,
            answer_seconds=5.0,
        )
        before = children_cpu()
        result = crawl(job, timeout_s=300)
        print(f"    the crawl's CPU: {children_cpu() - before:.1f} s")
        asked = web.asked()
    assert result.is_finished, result.outcome
    for one in (*good, *bad):
        stats = result.stats[one.name]
        assert stats.asked == stats.stored + sum(stats.failed.values()) + sum(stats.skipped.values())
        if one in bad:
            print(f"    {summary(stats)}")
    return max(asked[one.site].last_at for one in good) - min(told.first_at for told in asked.values())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--good", type=int, default=20)
    parser.add_argument("--articles", type=int, default=30)
    parser.add_argument("--delay", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    print(f"{datetime.now(UTC):%F %H:%M} UTC, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    good = [source(host, given.articles, delay_s=given.delay) for host in hosts_of(given.good)]
    bad = bad_sources(given.articles, given.delay)
    alone: list[float] = []
    beside: list[float] = []
    for repeat in range(given.repeats):
        for into, company in ((alone, []), (beside, bad))[:: 1 if repeat % 2 == 0 else -1]:
            into.append(one_crawl(good, company))
            print(f"  {'beside bad ones' if company else 'alone'}: {into[-1]:.2f} s", flush=True)
    ratio = statistics.median(beside) / statistics.median(alone)
    print(
        f"{given.good} good sources of {given.articles} articles: wall beside bad ones / alone: {ratio:.3f} (bar {BAR:.2f})"
    )


if __name__ == "__main__":
    main()
