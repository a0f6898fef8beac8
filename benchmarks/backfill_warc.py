"""A web archive of 1 GB into a lake: records and memory, what going on after a kill costs, and the way out again.

    python -m benchmarks.backfill_warc --megabytes 1000

Pages are invented, about 120 kB each with an article of 600 words, half of that packed; one in twenty belongs to a source, as in a file
of all the world's news. Rates are of CPU seconds and stand beside a bare fastwarc loop over the same file in the same
run; memory is that of the whole process tree. The kill is a real SIGKILL, half-way through the file.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator

from articles.records import Capture
from benchmarks.processes import PeakMemory
from flows.sources import source_of_url
from flows.webarchives import Wanted, read_archive
from tests.flows.warcs import http, record
from warehouse import export_warc, query

PAGE_BYTES = 120_000
ARTICLE_PARAGRAPHS = 10  # of 60 words; the rest of a page is scripts, as it is on real ones
SCRIPTS = 9
OURS = ("karsan-post.example", "valley-desk.example", "oshan-herald.example")
GZIP_LEVEL = 1  # making the file is not what is measured


def pages(seed: int) -> Iterator[tuple[str, bytes]]:
    """Address and body of pages without end, each with words of its own."""
    chance = random.Random(seed)
    words = [f"{chance.getrandbits(40):x}" for _ in range(20_000)]
    number = 0
    while True:
        number += 1
        host = chance.choice(OURS) if number % 20 == 0 else f"paper-{number % 997}.example"
        lines = "".join(
            f"<p>{' '.join(chance.choices(words, k=60))}, said the district office of Sangar.</p>"
            for _ in range(ARTICLE_PARAGRAPHS)
        )
        scripts = "".join(f"<script>data({chance.choices(words, k=900)})</script>" for _ in range(SCRIPTS))
        title = f"Well {number} reopens"
        yield (
            f"http://{host}/news/{number}",
            f"<!DOCTYPE html><html><head><title>{title}</title>{scripts}</head><body><article><h1>{title}</h1>{lines}"
            "</article></body></html>".encode(),
        )


def write_archive(file: Path, size: int, *, seed: int = 1) -> int:
    """Write pages until the file has `size` bytes; returns how many there are."""
    number = 0
    with file.open("wb") as out:
        for url, body in pages(seed):
            number += 1
            out.write(gzip.compress(record(http(body), url, number=number, is_packed=False), GZIP_LEVEL))
            if out.tell() >= size:
                return number
    raise AssertionError("pages have no end")


@dataclass(frozen=True)
class Reading:
    """One way through the file."""

    records: int
    pages: int  # of these, taken
    bytes: int  # of blocks or bodies
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.records:,} records, {self.pages:,} pages, {self.records / self.cpu_s:,.0f} records per CPU second"


def bare(file: Path) -> Reading:
    """fastwarc alone: every block is read, nothing is checked."""
    started, records, size = time.process_time(), 0, 0
    for one in ArchiveIterator(str(file), parse_http=False):
        size += len(one.reader.read())
        records += 1
    return Reading(records, 0, size, time.process_time() - started)


def ours(file: Path, *, is_every_host: bool) -> Reading:
    """As a backfill reads: lengths, digests, hosts and types looked at, captures made."""
    source_of = source_of_url()
    wanted = Wanted(run_id="run", now=datetime.now(UTC), source_of=source_of, is_every_host=is_every_host)
    started, records, taken, size = time.process_time(), 0, 0, 0
    for found in read_archive(file, wanted):
        records += 1
        if isinstance(found, Capture):
            taken += 1
            size += len(found.body)
    return Reading(records, taken, size, time.process_time() - started)


_LOAD = "import sys; from flows.backfill import backfill; print(backfill.fn([sys.argv[1]], lake=sys.argv[2]))"
_STORE = (
    "import sys; from pathlib import Path; from flows import steps; from flows.run import opened_run\n"
    "with opened_run('backfill', sys.argv[2], night=None, parameters={}, wait=False) as run:\n"
    "    print(steps.store_files(run, [Path(sys.argv[1])], None, is_every_host=True))"
)


def run(
    program: str, *arguments: Path, until: Callable[[], bool] | None = None
) -> tuple[str, float, float, PeakMemory]:
    """A program in a process of its own; killed with all it started when `until` says so.

    Returns:
        What it printed, its wall and CPU seconds, its memory.
    """
    before = os.times()
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)], stdout=out, start_new_session=True
        )
        with PeakMemory(child.pid) as peak:
            while child.poll() is None:
                if until is not None and until():
                    os.killpg(child.pid, signal.SIGKILL)
                time.sleep(0.05)
        out.seek(0)
        said = out.read()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return said, time.monotonic() - started, cpu, peak


def stored(lake: Path) -> int:
    """Captures in a lake."""
    with query(lake, "select count(*) from captures") as answer:
        ((count,),) = answer.rows()
    return int(str(count))


def main() -> None:
    parser = argparse.ArgumentParser(description="A web archive into a lake and out again.")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--every-host", action="store_true", help="store every page, which takes long")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nightwire-", dir=os.environ.get("NIGHTWIRE_SCRATCH")) as folder:
        file, lake = Path(folder) / "news.warc.gz", Path(folder) / "lake"
        number = write_archive(file, asked.megabytes * 10**6)
        print(f"file: {file.stat().st_size / 1e6:,.0f} MB, {number:,} records of {PAGE_BYTES / 1e3:.0f} kB")

        peer = bare(file)
        print(f"fastwarc alone: {peer}, {peer.bytes / 1e6 / peer.cpu_s:,.0f} MB of blocks per CPU second")
        for is_every_host in (False, True):
            mine = ours(file, is_every_host=is_every_host)
            print(
                f"read, {'every host' if is_every_host else 'hosts of sources'}: {mine}, "
                f"{mine.cpu_s / peer.cpu_s:.2f} times fastwarc's CPU"
            )

        _, wall, cpu, peak = run(_LOAD, file, lake)
        print(
            f"backfill of the sources' pages: {stored(lake):,} captures, wall {wall:.0f} s, CPU {cpu:.0f} s without the readers, "
            f"peak RSS {peak.rss / 2**20:,.0f} MiB, PSS {peak.pss / 2**20:,.0f} MiB"
        )
        _, wall, cpu, peak = run(_LOAD, file, lake)
        print(
            f"the same again, all known: wall {wall:.0f} s, CPU {cpu:.0f} s, peak RSS {peak.rss / 2**20:,.0f} MiB"
        )
        started = time.process_time()
        out = export_warc(lake, Path(folder) / "out.warc.gz")
        spent = time.process_time() - started
        print(
            f"export: {out.captures:,} captures, {out.bytes / 1e6:,.0f} MB, {out.captures / spent:,.0f} per CPU second"
        )
        if asked.every_host:
            _every_page(file, Path(folder) / "all", number)


def _every_page(file: Path, lake: Path, number: int) -> None:
    _, _, whole_cpu, peak = run(_STORE, file, lake.with_name("whole"))
    print(
        f"every page stored: {number:,} captures, CPU {whole_cpu:.0f} s, peak RSS {peak.rss / 2**20:,.0f} MiB, "
        f"PSS {peak.pss / 2**20:,.0f} MiB"
    )

    half = _written(lake.with_name("whole")) / 2

    _, _, first_cpu, _ = run(_STORE, file, lake, until=lambda: _written(lake) > half)
    said, _, second_cpu, _ = run(_STORE, file, lake)
    known = int(re.search(r"known=(\d+)", said)[1]) if "known=" in said else 0
    print(
        f"killed half-way and begun again: {known:,} of {number:,} were there; CPU {first_cpu:.0f} s and {second_cpu:.0f} s, "
        f"together {(first_cpu + second_cpu) / whole_cpu:.2f} times that of a run that was not killed"
    )


def _written(lake: Path) -> int:
    return sum(one.stat().st_size for one in lake.rglob("captures/**/*.parquet"))


if __name__ == "__main__":
    main()
