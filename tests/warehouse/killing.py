"""Kill the loader with SIGKILL at random moments, again and again, and count what was lost, doubled or left half.

A child does what a night does after the crawl: spool captures, bring them into the lake, load their readings, find
copies, a few pages at a time. It acknowledges a page once it is in the spool and a batch once it is loaded. After
every kill the lake is looked at; the next child takes up where the last one was cut. At the end the lake must equal
one that was loaded without a kill, row for row.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from articles.records import Capture, Reading
from tests.warehouse.pages import NOW, page, prose
from warehouse import (
    CaptureWriter,
    Lake,
    Unread,
    find_copies,
    load_spool,
    run_checks,
    store_readings,
    unread_captures,
)
from warehouse.tables import CLAIM, TABLES

BATCH_PAGES = 4
LONGEST_LIFE = 1.1  # in batches: every step is hit, and what one child leaves the next one finishes
HOLDS_AT_ANY_MOMENT = (
    "whole_articles",
    "whole_readings",
    "whole_copy_groups",
    "explained_text",
    "explained_evidence",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the killing brought to light; everything but the first three must be zero."""

    kills: int
    pages: int
    acknowledged: int  # pages and batches
    lost: int  # acknowledged, and not there after the kill
    half: int  # looks at the lake that found half a batch, or something twice
    different_tables: int  # from a lake that was loaded in peace


def batch(number: int) -> list[tuple[Capture, Reading]]:
    """The pages of one batch: new ones, a copy of an earlier one, two in one page, and a correction."""
    hours = number * 10.0
    return [
        page(f"new-{number}", prose(number * 3), hours=hours),
        page(f"copy-{number}", prose(max(0, number - 1) * 3), source="zz_wire", hours=hours + 1),
        page(f"two-{number}", [prose(number * 3 + 1), prose(number * 3 + 2)], hours=hours + 2),
        page("corrected", prose(number + 10_000), hours=hours + 3),
    ][:BATCH_PAGES]


def load_until_killed(home: Path, first: int, says: Connection) -> None:
    """The child: do batch after batch from `first` on, saying a line for each thing that is done."""
    lake = Lake.open(home)
    says.send_bytes(b"ready")
    writer = CaptureWriter(lake.spool_path)
    for number in count(first):
        pages = batch(number)
        for capture, _ in pages:
            writer.write(capture)
            says.send_bytes(f"page {capture.capture_id}".encode())
        finish(lake, number)
        says.send_bytes(f"batch {number}".encode())


def load_in_peace(lake: Lake, number: int) -> None:
    """One batch, as the child does it."""
    writer = CaptureWriter(lake.spool_path)
    for capture, _ in batch(number):
        writer.write(capture)
    finish(lake, number)


def finish(lake: Lake, newest: int) -> None:
    """Load whatever the spool and the lake hold that is not loaded yet, up to batch `newest`."""
    load_spool(lake, run_id="run", now=NOW)
    readings = {
        capture.capture_id: reading for number in range(newest + 1) for capture, reading in batch(number)
    }
    for captures in unread_captures(lake, Unread.NEVER_READ, reader_version="1"):
        store_readings(
            lake, [(capture, readings[capture.capture_id]) for capture in captures], run_id="run", now=NOW
        )
    find_copies(lake, run_id="run", now=NOW)


def kill_repeatedly(folder: Path, *, kills: int, seed: int) -> Figures:
    """Kill `kills` children, then finish in peace and compare."""
    chance = random.Random(seed)
    lake, peaceful = (Lake.create_or_open(folder / name) for name in ("killed", "peaceful"))
    started = time.monotonic()
    load_in_peace(peaceful, 0)
    batch_s = time.monotonic() - started
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    pages: set[str] = set()
    done = acknowledged = lost = half = 0
    for _ in range(kills):
        heard, says = context.Pipe(duplex=False)
        child = context.Process(target=load_until_killed, args=(lake.home, done, says))
        child.start()
        says.close()
        lines = _lines(heard)
        if next(lines, None) == "ready":
            time.sleep(chance.uniform(0, LONGEST_LIFE) * batch_s)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        for line in lines:
            acknowledged += 1
            kind, name = line.split()
            if kind == "page":
                pages.add(name)
            else:
                done = int(name) + 1
        lost += len(pages - _kept(lake))
        half += not _is_whole(lake)
    load_in_peace(lake, done)  # what the last kill cut short
    half += bool(run_checks(lake))

    for number in range(1, done + 1):
        for capture, _ in batch(number):
            CaptureWriter(peaceful.spool_path).write(capture)
    finish(peaceful, done)
    hashes, expected = table_hashes(lake), table_hashes(peaceful)
    lake.close()
    peaceful.close()
    return Figures(
        kills=kills,
        pages=(done + 1) * BATCH_PAGES,
        acknowledged=acknowledged,
        lost=lost,
        half=half,
        different_tables=sum(hashes[name] != expected[name] for name in hashes),
    )


def table_hashes(lake: Lake) -> dict[str, str]:
    """One hash per table over its sorted rows, the claim left out."""
    with lake.connection() as connection:
        return {
            table.name: hashlib.sha256(
                repr(connection.execute(f"from {table.name} order by all").fetchall()).encode()
            ).hexdigest()
            for table in TABLES
            if table is not CLAIM
        }


def _lines(heard: Connection) -> Iterator[str]:
    """What the child said, until it fell silent; a line cut short by the kill counts as not said."""
    while True:
        try:
            yield heard.recv_bytes().decode()
        except (EOFError, OSError):
            return


def _kept(lake: Lake) -> set[str]:
    with lake.connection() as connection:
        stored = {row[0] for row in connection.execute("select capture_id from captures").fetchall()}
    return stored | {path.stem for path in lake.spool_path.glob("*.capture")}


def _is_whole(lake: Lake) -> bool:
    counts = " + ".join(f"(select count(*) from {name})" for name in HOLDS_AT_ANY_MOMENT)
    with lake.connection() as connection:
        return connection.execute(f"select {counts}").fetchone() == (0,)
