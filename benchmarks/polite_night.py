"""A night of 120 sources at a polite pace: does the slowest host set the run time, or do we?

    .venv/bin/python benchmarks/polite_night.py [--hosts 120] [--delay 1.0] [--most 60]

The web is `benchmarks/outlets.py`; one whole crawl by `spiders.launch.crawl`. Sources list from a few articles to the
most, few of them many, as outlets do. A delay of 1 s instead of the 2 s of a real night asks twice as much of the CPU;
latencies are scaled with it. The slowest host needs (its requests - 1) x delay; all that the crawl takes beyond that is ours.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from crawl import NIGHT, children_cpu, hosts_of, source
from outlets import Outlets

from spiders import CrawlJob, crawl

REAL_DELAY = 2.0  # seconds, of a source file that says nothing


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hosts", type=int, default=120)
    parser.add_argument("--delay", type=float, default=1.0)
    parser.add_argument("--most", type=int, default=60)
    given = parser.parse_args()
    hosts = hosts_of(given.hosts)
    counts = {
        host: max(3, round(given.most / (1 + place * 4 / len(hosts)))) for place, host in enumerate(hosts)
    }
    print(f"{datetime.now(UTC):%F %H:%M} UTC, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    scale = given.delay / REAL_DELAY
    with Outlets(latency=scale) as web, tempfile.TemporaryDirectory(prefix="nightwire-bench-") as folder:
        job = CrawlJob(
            lake=Path(folder),
            run_id="bench",
            night=NIGHT,
            sources=tuple(source(host, count, delay_s=given.delay) for host, count in counts.items()),
            newsroom=web.url,
        )
        cpu, begun = children_cpu(), time.monotonic()
        result = crawl(job, timeout_s=3600)
        seconds = time.monotonic() - begun
        cpu = children_cpu() - cpu
        asked = web.asked()
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the web has not ended yet
    assert result.is_finished, result.outcome
    stored = sum(stats.stored for stats in result.stats.values())
    needed = (max(told.count for told in asked.values()) - 1) * given.delay
    taken = max(told.last_at for told in asked.values()) - min(told.first_at for told in asked.values())
    print(
        f"{given.hosts} sources, {sum(counts.values())} articles listed ({min(counts.values())} to {given.most}), {stored} stored"
    )
    print(
        f"first to last request / what the slowest host needs: {taken / needed:.3f} ({taken:.1f} s / {needed:.1f} s)"
    )
    print(f"whole run with its start and end / the same: {seconds / needed:.3f} ({seconds:.1f} s)")
    print(
        f"CPU: {cpu / seconds:.0%} of one core, of the machine's {os.cpu_count()}; at a real night's pace {cpu / seconds * scale:.0%}"
    )
    print(f"memory: {peak_kib >> 10} MiB at most, of the crawl's process")


if __name__ == "__main__":
    main()
