"""A flood of one text in one night: what twice as many copies of it cost.

    .venv/bin/python benchmarks/flood_copies.py [--copies 2500 5000 10000] [--kinds equal near trimmed]

One text of 380 words comes at so many outlets in one night, into a lake that holds nothing else: equal to the letter; each
with a first sentence of its own; each cut after 45 to 75 % of the words, with a first sentence of its own. Every flood is a
process of its own. Printed are the CPU seconds of `find_copies` alone, of each copy, the pairs kept for each copy, the
groups, and by how much the memory of the process grew while it searched. Linear means: as much a copy, whatever their number.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.old_archive import TONIGHT, page, texts
from warehouse import Lake, find_copies, store_captures, store_readings

OUTLETS = 400
AT_ONCE = 1_000  # articles stored in a transaction
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def equal(text: str, _: int) -> str:
    return text


def near(text: str, n: int) -> str:
    return f"Outlet {n} of {n % 97} towns, {n * 31 % 1009} streets and {n * 17 % 503} lamps brings this report today.\n{text}"


def trimmed(text: str, n: int) -> str:
    words = text.split()
    kept = words[: int(len(words) * random.Random(n).uniform(0.45, 0.75))]
    return near(" ".join(kept), n)


KINDS: dict[str, Callable[[str, int], str]] = {"equal": equal, "near": near, "trimmed": trimmed}


def flood(kind: str, count: int) -> None:
    """Print one line of the table."""
    (text,) = texts(7, 1)
    with TemporaryDirectory(prefix="nightwire-") as folder:
        lake = Lake.create_or_open(Path(folder, "lake"))
        for start in range(0, count, AT_ONCE):
            pages = [
                page(KINDS[kind](text, n), f"copy-{n}", TONIGHT, f"zz_{n % OUTLETS}", "flood")
                for n in range(start, min(start + AT_ONCE, count))
            ]
            store_captures(lake, [capture for capture, _ in pages])
            store_readings(lake, pages, run_id="flood", now=NOW)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        counts = find_copies(lake, run_id="flood", now=NOW)
        spent = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        with lake.connection() as connection:
            (groups,) = connection.execute(
                "select count(distinct copy_group_id) from copy_members"
            ).fetchone() or (0,)
        lake.close()
    print(
        f"| {kind} | {count:,} | {spent:.1f} | {spent / count * 1000:.2f} | {counts.pairs / count:.2f} | {groups:,} "
        f"| {before >> 10} + {grown >> 10} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--copies", type=int, nargs="+", default=[2500, 5000, 10000])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    given = parser.parse_args()
    print("| flood | copies | s CPU | ms a copy | pairs a copy | groups | memory before + grown, MiB |")
    for kind in given.kinds:
        for count in given.copies:
            process = get_context("spawn").Process(target=flood, args=(kind, count))
            process.start()
            process.join()
            if process.exitcode != 0:
                raise SystemExit(f"the flood of {count} {kind} copies ended with {process.exitcode}")


if __name__ == "__main__":
    main()
