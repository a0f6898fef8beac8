"""A backfill of a million articles, end to end: loaded, compared, put in stories; killed once on the way and begun anew.

    .venv/bin/python -m benchmarks.million_articles [--articles 1000000] [--folder DIR] [--no-stories]

Articles of some 380 words, 2,000 to a day, one in five a trimmed copy of its neighbour (see `old_archive`), come in as
readings, 500 to a transaction, and small files are put together on the way, as `nightwire backfill` does; then copies
and stories are looked for. Each piece runs in a process of its own; each is ended once by SIGKILL on the way, and
begun anew.
Printed are articles per CPU second, the largest memory of each process, and at the end what the lake holds: every
article once, every copy found, no promise broken. Reading pages is not part of it (see `read_pages`).
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from articles.records import Capture, Reading
from benchmarks.old_archive import CHUNK, SOURCES, archive_texts, day_of, page
from flows.steps import COMPACT_AFTER
from warehouse import Lake, compact, find_copies, find_stories, run_checks, store_captures, store_readings

BATCH = 500  # as `nightwire backfill` has it


def pages(first: int, count: int, total: int) -> list[tuple[Capture, Reading]]:
    made = archive_texts(first, count)
    return [
        page(text, f"old-{first + n}", day_of(first + n, total), f"zz_source_{n % SOURCES}", "backfill")
        for n, text in enumerate(made)
    ]


def load(home: Path, total: int) -> None:
    lake = Lake.create_or_open(home)
    for first in range(0, total, CHUNK):
        chunk = pages(first, min(CHUNK, total - first), total)
        for start in range(0, len(chunk), BATCH):
            batch = chunk[start : start + BATCH]
            store_captures(lake, [capture for capture, _ in batch])
            with lake.connection() as connection:
                waiting = {row[0] for row in connection.execute("select capture_id from unread").fetchall()}
            unread = [pair for pair in batch if pair[0].capture_id in waiting]
            store_readings(lake, unread, run_id="backfill", now=datetime.now(UTC))
            if (first + start) // BATCH % COMPACT_AFTER == COMPACT_AFTER - 1:
                compact(lake)
    compact(lake)
    lake.close()


def compare(home: Path, _: int) -> None:
    lake = Lake.open(home)
    find_copies(lake, run_id="backfill", now=datetime.now(UTC))
    lake.close()


def tell(home: Path, _: int) -> None:
    lake = Lake.open(home)
    find_stories(lake, run_id="backfill", now=datetime.now(UTC))
    compact(lake)
    lake.close()


def check(home: Path, _: int) -> None:
    lake = Lake.open(home)
    broken = run_checks(lake)
    for one in broken:
        print(f"  broken: {one}", flush=True)
    lake.close()
    raise SystemExit(1 if broken else 0)


def run(piece: Callable[[Path, int], None], home: Path, total: int, spent: list[float]) -> None:
    """In a process of its own; its CPU seconds, wall seconds and largest memory are printed."""
    started = time.perf_counter()
    child = get_context("spawn").Process(target=_measured, args=(piece, home, total))
    child.start()
    if spent:
        child.join(spent[0])
        if child.is_alive():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            print(f"  {piece.__name__}: killed after {time.perf_counter() - started:.0f} s, with {held(home)}", flush=True)  # fmt: skip
            return
    child.join()
    if child.exitcode != 0:
        raise SystemExit(f"{piece.__name__} failed")


def _measured(piece: Callable[[Path, int], None], home: Path, total: int) -> None:
    started = time.perf_counter()
    piece(home, total)
    spent = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"  {piece.__name__}: {time.perf_counter() - started:.0f} s, {spent:.0f} s CPU, "
        f"{total / spent:,.0f} articles of the whole per CPU second, peak {peak} MiB",
        flush=True,
    )


def held(home: Path) -> str:
    lake = Lake.open(home)
    with lake.connection() as connection:
        row = connection.execute(
            "select (select count(*) from articles), (select count(*) from unplaced), "
            "(select count(*) from copy_members), (select count(*) from copies), (select count(*) from untold)"
        ).fetchone()
    lake.close()
    assert row is not None
    return "{:,} articles, {:,} waiting, {:,} placed, {:,} pairs, {:,} groups without a story".format(*row)


def main() -> None:
    parser = argparse.ArgumentParser(description="A million articles, loaded, compared and put in stories.")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where to make the lake; it is left there")
    parser.add_argument(
        "--kill-after", type=float, default=60.0, help="seconds until each piece is killed once"
    )
    parser.add_argument("--no-stories", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="nightwire-") as temporary:
        home = (asked.folder or Path(temporary)) / "lake"
        pieces = (load, compare) if asked.no_stories else (load, compare, tell)
        for piece in pieces:
            for spent in ([asked.kill_after], []):
                run(piece, home, asked.articles, spent)
            print(f"  {held(home)}", flush=True)
        run(check, home, asked.articles, [])
    lake_copies = sum(
        len(range(1, min(CHUNK, asked.articles - first), 5)) for first in range(0, asked.articles, CHUNK)
    )
    print(f"  every promise holds; {lake_copies:,} articles carry their neighbour's text")


if __name__ == "__main__":
    main()
