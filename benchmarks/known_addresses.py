"""What a night costs the list of known addresses when it knows few, and when it knows millions.

    .venv/bin/python benchmarks/known_addresses.py [--known 10000 5000000] [--rounds 3]

Two files are made whose newest addresses are alike and whose past is not. Each is then given the same night, in turn:
120 sources list 25 addresses each, of which 20 are known; what is due is asked for, 5 new ones and 5 of the week to look
at again; each is marked as fetched, eight in a transaction as the crawl does; and the changes are read out for the lake.
Cold means that the file is not in memory when the night begins. The bar (issue 5): 1.5 or less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from spiders.frontier import Candidate, FeedState, Frontier, Verdict

SOURCES = 120
LISTED, NEW, AGAIN = 25, 5, 5  # of each source
TOGETHER = 8  # answers in one transaction
FIRST_NIGHT = date(2026, 11, 20)
_WORDS = [
    first + second
    for first in ("bor", "cri", "def", "mar", "pol", "tra")
    for second in ("der", "sis", "ence", "ket")
]


def address(source: int, number: int) -> tuple[str, str]:
    """An article's key and address; the slug makes the keys of one night lie far apart, as real ones do."""
    dice = crc32(f"{source} {number}".encode())
    slug = "-".join(_WORDS[dice // len(_WORDS) ** place % len(_WORDS)] for place in range(6))
    path = f"outlet-{source}.example/news/{slug}-{number}"
    return path, f"https://www.{path}"


def rows(known: int) -> Iterator[tuple[object, ...]]:
    """The past, oldest first; each source's newest are alike in a file of any size, but for their slugs' numbers."""
    for place in range(known):
        source, number = place % SOURCES, place // SOURCES
        left = (known - 1 - place) // SOURCES  # newer ones of the same source
        key, url = address(source, number)
        at = (datetime(2026, 11, 19, 3, tzinfo=UTC) - timedelta(minutes=10 * left)).isoformat(
            timespec="seconds"
        )
        due = FIRST_NIGHT.isoformat() if left < AGAIN else None
        yield (
            *(key, f"source_{source}", str(number) if source % 2 else None, url, "feed"),
            *(f"What is known of it so far, number {number} of this outlet", at, at, at, "fetched", 200),
            *(0, due, "2026-11-19", at, at, 1, "2026-11-19", '"5e1f-6f2a"', "0" * 64),
        )


_INSERT = """insert into seen_urls (url_key, source, publisher_number, url, via, title, published, updated, changed_at,
    state, status, attempts, due_night, last_night, first_seen_at, fetched_at, change, first_night, etag, body_sha256)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def make(path: Path, known: int) -> None:
    with Frontier.open(path) as frontier:
        database = frontier._database
        for pragma in ("synchronous = off", "journal_mode = off", "cache_size = -4000000"):
            database.execute(f"pragma {pragma}")
        database.execute("begin")
        database.executemany(_INSERT, rows(known))
        database.execute("update counters set value = 1")
        database.execute("commit")
        for pragma in ("journal_mode = wal", "wal_checkpoint(truncate)"):
            database.execute(f"pragma {pragma}")


def candidate(source: int, number: int, at: datetime) -> Candidate:
    key, url = address(source, number)
    return Candidate(
        url_key=key,
        url=url,
        publisher_number=str(number) if source % 2 else None,
        via="feed",
        title="As listed tonight",
        published=at.isoformat(),
        updated=None,
        changed_at=None,
        skip=None,
    )


def one_night(path: Path, known: int, night_number: int) -> tuple[int, int]:
    """The work of one night; how much was fetched, and how many changes the lake was told."""
    night = FIRST_NIGHT + timedelta(days=night_number)
    at = datetime(night.year, night.month, night.day, 3, tzinfo=UTC)
    fetched = 0
    with Frontier.open(path) as frontier:
        for source in range(SOURCES):
            name, feed = f"source_{source}", f"https://outlet-{source}.example/feed"
            newest = (known - 1 - source) // SOURCES + NEW * night_number
            listed = [candidate(source, newest + NEW - place, at) for place in range(LISTED)]
            frontier.feed_state(feed)
            verdicts = frontier.record(
                name, listed, night=night, at=at, endpoint=feed_state(feed, name, at, len(listed))
            )
            assert verdicts.count(Verdict.NEW) == NEW, verdicts
            due = frontier.due(name, night=night, limit=500).waiting
            for start in range(0, len(due), TOGETHER):
                with frontier.together():
                    for one in due[start : start + TOGETHER]:
                        frontier.fetched(
                            one.url_key, source=name, status=200, night=night, at=at, body_sha256="1" * 64
                        )
            fetched += len(due)
        changes = frontier.changes()
        told = sum(1 for _ in changes.urls) + sum(1 for _ in changes.feeds)
        frontier.mark_synced(changes)
    return fetched, told


def feed_state(url: str, source: str, at: datetime, items: int) -> FeedState:
    return FeedState(
        url=url,
        source=source,
        via="feed",
        status=200,
        reason=None,
        etag='"1"',
        last_modified=None,
        body_sha256="2" * 64,
        items=items,
        new_items=0,
        newest=at.isoformat(),
        fails=0,
        checked_at=at,
        last_ok_at=at,
        last_new_at=None,
    )


def forget(path: Path) -> None:
    """Have the system drop the file from its memory."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--known", type=int, nargs=2, default=[10_000, 5_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{datetime.now(UTC):%F %H:%M} UTC, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    spent: dict[tuple[int, str], list[tuple[float, float]]] = {}
    with TemporaryDirectory(prefix="nightwire-bench-") as folder:
        paths = {known: Path(folder) / f"{known}.sqlite" for known in given.known}
        for known, path in paths.items():
            begun = time.monotonic()
            make(path, known)
            print(
                f"{known:,} known: {path.stat().st_size >> 20} MiB, made in {time.monotonic() - begun:.0f} s",
                flush=True,
            )
        night_number = 0
        for state in ("cold", "warm"):
            for turn in range(given.rounds):
                work = set()
                for known in given.known[:: 1 if turn % 2 == 0 else -1]:
                    if state == "cold":
                        forget(paths[known])
                    cpu, wall = time.process_time(), time.monotonic()
                    work.add(one_night(paths[known], known, night_number))
                    figures = (time.process_time() - cpu, time.monotonic() - wall)
                    spent.setdefault((known, state), []).append(figures)
                assert len(work) == 1, work
                night_number += 1
            print(f"  a {state} night: {work.pop()} addresses fetched and changes told")
    few, many = given.known
    for state in ("warm", "cold"):
        for place, name in enumerate(("CPU", "wall")):
            small, large = (
                statistics.median(one[place] for one in spent[known, state]) for known in (few, many)
            )
            print(
                f"{state}, {name}: {few:,} known {small:.2f} s, {many:,} known {large:.2f} s, ratio {large / small:.2f}"
            )


if __name__ == "__main__":
    main()
