"""How fast pages are read, what that costs, and whether memory holds still.

    .venv/bin/python benchmarks/read_pages.py speed [--pages 400]        beside trafilatura in a plain process pool
    .venv/bin/python benchmarks/read_pages.py parts [--pages 200]        what a page costs, part by part
    .venv/bin/python benchmarks/read_pages.py memory [--pages 20000]     whether memory grows

Pages are those of `publishers` and `wide` in the shared corpus, in a fixed shuffled order, repeated as needed. Every
contender reads the same few pages in turn before the next few come, so that ratios survive a busy machine; compare
these, not rates. CPU is user and system time of all processes taking part, those that have ended too; each contender
has read some pages before the clock starts, so that loading libraries and models is left out.
"""

from __future__ import annotations

import argparse
import gzip
import logging
import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

import trafilatura
from processes import cpu_seconds, memory, tree

from articles.records import Capture
from flows.reading import read_all
from flows.workers import Limits, read_capture

WORKERS = 2
TURN = 50  # pages that one contender reads before the next one's turn
BATCH_BYTES = 32 << 20  # as captures come out of the lake
SAMPLE_SECONDS = 0.002
SHOWN_AT = (0.1, 0.5, 1.0)  # of all pages, when memory is looked at

Pages = Sequence[Capture]


def load_pages(shared: Path) -> list[Capture]:
    files = [
        path
        for name in ("publishers", "wide")
        for path in sorted((shared / "corpus" / name).glob("*.html.gz"))
    ]
    random.Random(1).shuffle(files)
    return [
        Capture(
            capture_id=str(number),
            run_id="benchmark",
            source=None,
            url=f"https://daily.example/news/{number}",
            requested_url=path.name,
            discovered_via="backfill",
            status=200,
            headers=(),
            media_type="text/html",
            body=gzip.decompress(path.read_bytes()),
            body_sha256=str(number),
            captured_at=datetime(2026, 11, 20, tzinfo=UTC),
            fetch_ms=None,
        )
        for number, path in enumerate(files)
    ]


def repeated(pages: Pages, count: int) -> Iterator[Capture]:
    for number in range(count):
        yield replace(pages[number % len(pages)], capture_id=str(number))


def in_turns(pages: Iterator[Capture], size: int = TURN) -> Iterator[list[Capture]]:
    turn: list[Capture] = []
    for page in pages:
        turn.append(page)
        if len(turn) == size:
            yield turn
            turn = []
    if turn:
        yield turn


# -- speed --------------------------------------------------------------------------------------------------


class Pool:
    """`read_all`, kept open between turns."""

    def __init__(self) -> None:
        self._batches: SimpleQueue[Pages | None] = SimpleQueue()
        self._answers = read_all(iter(self._batches.get, None), {}, lambda _: None, Limits(workers=WORKERS))

    def read(self, pages: Pages) -> None:
        self._batches.put(pages)
        self._batches.put([])  # it reads one batch ahead: behind an empty one the answers come out
        for answers in self._answers:
            if answers:
                return

    def close(self) -> None:
        self._batches.put(None)
        for _ in self._answers:
            pass


def read_inline(pages: Pages) -> None:
    for page in pages:
        read_capture(page, None)


def hush() -> None:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without an article


def show_speed(pages: Pages, count: int) -> None:
    hush()
    pool = Pool()
    with ProcessPoolExecutor(WORKERS, initializer=hush) as executor:

        def extract_all(pages: Pages) -> None:
            list(executor.map(trafilatura.extract, [page.body for page in pages]))

        contenders: dict[str, Callable[[Pages], None]] = {
            f"trafilatura, ProcessPoolExecutor({WORKERS})": extract_all,
            f"nightwire, pool of {WORKERS}": pool.read,
            "nightwire, in line": read_inline,
        }
        for contender in contenders.values():
            contender(pages[:TURN])
        walls, cpus = Counter[str](), Counter[str]()
        for turn in in_turns(repeated(pages, count)):
            for name, contender in contenders.items():
                wall, cpu = time.perf_counter(), cpu_seconds(os.getpid())
                contender(turn)
                walls[name] += time.perf_counter() - wall
                cpus[name] += cpu_seconds(os.getpid()) - cpu
        pool.close()
    size = sum(len(page.body) for page in repeated(pages, count)) / 1e6
    peer, ours, inline = contenders
    print(f"{count:,} pages, {size:,.0f} MB\n{'':40s} pages/s    MB/s   rate  CPU a page")
    for name in contenders:
        print(
            f"{name:40s} {count / walls[name]:7.1f} {size / walls[name]:7.2f} {walls[peer] / walls[name]:6.2f} {cpus[name] / cpus[peer]:11.2f}"
        )
    print(f"what the pool adds to the CPU of reading in line: {cpus[ours] / cpus[inline] - 1:+.1%}")


# -- parts --------------------------------------------------------------------------------------------------

# What a file of the reader does; a file that is not named here stands under its own name. Work that a helper such as
# lines.py does is its caller's.
PARTS = {
    "decoding": "charset",
    "parsing": "parse",
    "extract": "blocks",
    "blocks": "blocks",
    "traits": "blocks",
    "metadata": "metadata",
    "head": "metadata",
    "titles": "metadata",
    "assemble": "metadata",
    "people": "metadata",
    "agencies": "metadata",
    "datelines": "metadata",
    "dates": "dates",
    "languages": "language",
    "split": "splitting",
    "spans": "splitting",
    "cohesion": "splitting",
    "boilerplate": "labels",
    "furniture": "labels",
    "rules": "labels",
    "facts": "labels",
    "judge": "labels",
    "verdicts": "labels",
}
HELPERS = frozenset({"lines", "letters", "fingerprints", "urls", "records", "errors"})


class Sampler:
    """Sees every few milliseconds of CPU which part is at work, and gives it the time since it looked last.

    The clock runs on between pages, or every page's first milliseconds would go unseen.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.is_reading = False
        self._last = 0.0

    def __enter__(self) -> Sampler:
        self._last = time.process_time()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, _: int, frame: FrameType | None) -> None:
        now = time.process_time()
        if self.is_reading:
            self.seconds[part_of(frame)] += now - self._last
        self._last = now


def part_of(frame: FrameType | None) -> str:
    while frame is not None:
        package, _, module = frame.f_globals.get("__name__", "").partition(".")
        if package == "trafilatura":
            return "trafilatura"
        if package == "articles" and module not in HELPERS:
            return PARTS.get(module, module)
        frame = frame.f_back
    return "(around it)"


def show_parts(pages: Pages, count: int) -> None:
    hush()
    read_inline(pages[:TURN])
    ratios = []
    with Sampler() as sampler:
        for page in repeated(pages, count):
            began = time.process_time()
            sampler.is_reading = True
            read_inline([page])
            sampler.is_reading = False
            between = time.process_time()
            trafilatura.extract(page.body)
            ratios.append((between - began, time.process_time() - between))
    ours, theirs = (sum(column) for column in zip(*ratios, strict=True))
    print(f"{count:,} pages; trafilatura.extract is 1\n{'part':20s} share  ratio")
    for part, seconds in sampler.seconds.most_common():
        share = seconds / sampler.seconds.total()
        print(f"{part:20s} {share:5.1%} {share * ours / theirs:6.2f}")
    each = sorted(mine / max(peer, 1e-4) for mine, peer in ratios)
    p95 = [sorted(column)[int(0.95 * count)] for column in zip(*ratios, strict=True)]
    medians = [statistics.median(column) for column in zip(*ratios, strict=True)]
    print(f"{'all':20s}  100% {ours / theirs:6.2f}")
    print(
        f"median page {medians[0] / medians[1]:.2f}, 95th percentile {p95[0] / p95[1]:.2f}, "
        f"median of the ratios {statistics.median(each):.2f}"
    )


# -- memory -------------------------------------------------------------------------------------------------


def show_memory(pages: Pages, count: int) -> None:
    def batches() -> Iterator[list[Capture]]:
        batch: list[Capture] = []
        size = 0
        for page in repeated(pages, count):
            batch.append(page)
            size += len(page.body)
            if size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
        yield batch

    shown = [int(count * share) for share in SHOWN_AT]
    largest = [0, 0, 0]  # since the last line: this process, one worker, all together (PSS)
    done = 0
    print("MiB, the most since the line before\n   pages  parent  a worker  all (PSS)")
    for batch in read_all(batches(), {}, lambda _: None, Limits(workers=WORKERS)):
        done += len(batch)
        sizes = {process: memory(process) for process in tree(os.getpid())}
        parent = sizes.pop(os.getpid())
        seen = (
            parent[0],
            max(rss for rss, _ in sizes.values()),
            parent[1] + sum(pss for _, pss in sizes.values()),
        )
        largest = [max(pair) for pair in zip(largest, seen, strict=True)]
        while shown and done >= shown[0]:
            print(f"{shown.pop(0):8,d} {largest[0] >> 20:7d} {largest[1] >> 20:9d} {largest[2] >> 20:10d}")
            largest = [0, 0, 0]


MODES: dict[str, tuple[Callable[[Pages, int], None], int]] = {
    "speed": (show_speed, 400),
    "parts": (show_parts, 200),
    "memory": (show_memory, 20_000),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--pages", type=int, help="how many pages are read")
    parser.add_argument("--shared", type=Path, default=os.environ.get("NIGHTWIRE_SHARED", "../shared"))
    options = parser.parse_args()
    show, count = MODES[options.mode]
    show(load_pages(Path(options.shared)), options.pages or count)


if __name__ == "__main__":
    main()
