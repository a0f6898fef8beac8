"""What one night's captures and addresses cost in a lake that knows few addresses, and in one that knows millions.

    .venv/bin/python benchmarks/old_lake.py [--known 10000 5000000] [--rounds 3]

Two lakes are made with so many addresses fetched over 36 months, each with its capture (of a few bytes) and its
reading. Then each is given the same work, in turn, as often as there are rounds: a night's change of the crawler's
memory (600 addresses met for the first time, 2,000 of the last week asked for again, 5 of last year), 600 captures
out of the spool, and the list of what is to be read, with the captures. Figures are CPU seconds of this process and
seconds by the wall; what counts is their ratio between the lakes. The bar (issue 5): 1.5 or less.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from articles.records import Capture, Reading
from articles.urls import capture_id
from warehouse import (
    CaptureWriter,
    Lake,
    SeenUrl,
    Unread,
    compact,
    load_spool,
    store_readings,
    sync_seen,
    unread_captures,
)

TONIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)
MONTHS = 36
SOURCES = 120
NEW, AGAIN, OLD = 600, 2_000, 5


def make_lake(home: Path, known: int) -> Lake:
    """A lake as three years of nights left it, compacted."""
    lake = Lake.create_or_open(home)
    seconds = MONTHS * 30 * 86_400
    rows = (
        f"from (select range as n, md5(cast(range as varchar)) as id, 'zz_source_' || range % {SOURCES} as source, "
        f"timestamptz '{TONIGHT.isoformat()}' - to_seconds({seconds} - range * {seconds // known or 1}) as moment "
        f"from range({known}))"
    )
    statements = (
        "insert into seen_urls by name select source || '.example/news/' || n as url_key, source, "
        "'https://' || source || '.example/news/' || n as url, moment as first_seen_at, 'feed' as via, "
        f"moment as last_fetch_at, 'fetched' as status, 0 as attempts {rows}",
        "insert into captures by name select id as capture_id, 'run' as run_id, source, "
        "'https://' || source || '.example/news/' || n as url, 'feed' as discovered_via, 200 as status, "
        "'text/html' as media_type, encode(id) as body, 32 as body_bytes, sha256(id) as body_sha256, "
        f"moment as captured_at, 100 as fetch_ms {rows} order by moment",
        "insert into readings by name select id as capture_id, '2' as reader_version, [id] as article_ids, "
        "1 as article_count, 9 as chrome_count, 0 as rejected_count, sha256(id) as reading_sha256, 'utf-8' as encoding, "
        f"'header' as encoding_from, moment as read_at, 'run' as run_id {rows}",
    )
    for statement in statements:
        lake.transact(lambda connection, text=statement: connection.execute(text), message="make an old lake")
    compact(lake)
    return lake


def address(source: str, name: str, first_seen_at: datetime, status: str | None) -> SeenUrl:
    return SeenUrl(
        url_key=f"{source}.example/news/{name}",
        source=source,
        url=f"https://{source}.example/news/{name}",
        first_seen_at=first_seen_at,
        via="feed",
        lastmod=None,
        last_fetch_at=None,
        status=status,
        attempts=0,
    )


def night_of_addresses(lake: Lake, turn: int) -> list[SeenUrl]:
    """The night's rows; those that are known are read back beforehand, as the frontier knows their moments."""
    at = TONIGHT + timedelta(days=turn)
    span = "first_seen_at > $1 order by first_seen_at desc limit $2", "first_seen_at < $1 limit $2"
    with lake.connection() as connection:
        found = [
            row
            for where, moment, count in zip(
                span, (at - timedelta(days=30), at - timedelta(days=365)), (AGAIN, OLD), strict=True
            )
            for row in connection.execute(
                f"select source, url_key, first_seen_at from seen_urls where {where}", [moment, count]
            ).fetchall()
        ]
    again = [
        address(source, key.rpartition("/")[2], moment, f"asked on night {turn}")
        for source, key, moment in found
    ]
    new = [address(f"zz_source_{n % SOURCES}", f"night-{turn}-{n}", at, None) for n in range(NEW)]
    return [*new, *again]


def night_of_captures(folder: Path, turn: int) -> None:
    writer = CaptureWriter(folder)
    for n in range(NEW):
        source, at = f"zz_source_{n % SOURCES}", TONIGHT + timedelta(days=turn, seconds=n)
        url, body = f"https://{source}.example/news/night-{turn}-{n}", f"<p>{turn} {n}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        writer.write(
            Capture(
                capture_id=capture_id(source=source, url=url, body_sha256=sha256, captured_at=at),
                run_id=f"night-{turn}",
                source=source,
                url=url,
                requested_url=url,
                discovered_via="feed",
                status=200,
                headers=(),
                media_type="text/html",
                body=body,
                body_sha256=sha256,
                captured_at=at,
                fetch_ms=1,
            )
        )


def read_all(lake: Lake, turn: int) -> None:
    """List and fetch what is unread; the readings are empty, as reading is not what is measured."""
    empty = Reading(
        articles=(), chrome=(), rejected=(), encoding=None, encoding_from=None, reader_version="2"
    )
    for batch in unread_captures(lake, Unread.NEVER_READ, reader_version="2"):
        store_readings(lake, [(one, empty) for one in batch], run_id=f"night-{turn}", now=TONIGHT)


class Stopwatch:
    """CPU and wall seconds by what was done, for one lake."""

    def __init__(self) -> None:
        self.spent: dict[str, list[tuple[float, float]]] = {}

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        spent = time.process_time() - cpu, time.perf_counter() - wall
        self.spent.setdefault(what, []).append(spent)

    def median(self, what: str) -> tuple[float, float]:
        cpus, walls = zip(*self.spent[what], strict=True)
        return statistics.median(cpus), statistics.median(walls)


def measure(lake: Lake, turn: int, watch: Stopwatch) -> None:
    addresses = night_of_addresses(lake, turn)
    night_of_captures(lake.spool_path, turn)
    work: dict[str, Callable[[], object]] = {
        "addresses": lambda: sync_seen(lake, addresses, []),
        "captures": lambda: load_spool(lake, run_id=f"night-{turn}", now=TONIGHT),
        "unread": lambda: read_all(lake, turn),
    }
    for what, do in work.items():
        with watch.on(what):
            do()


def main() -> None:
    parser = argparse.ArgumentParser(description="What a night costs in a small lake and in a large one.")
    parser.add_argument("--known", type=int, nargs=2, default=(10_000, 5_000_000))
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="nightwire-") as folder:
        lakes = {}
        for known in asked.known:
            started = time.perf_counter()
            lakes[known] = make_lake(Path(folder, f"lake-{known}"), known), Stopwatch()
            print(
                f"{known:>11,} addresses, captures and readings: made in {time.perf_counter() - started:.0f} s"
            )
        for turn in range(1, asked.rounds + 1):
            for lake, watch in lakes.values():
                measure(lake, turn, watch)
        print(
            f"{'median seconds':14}"
            + "".join(f"{known:>13,} CPU {'wall':>7}" for known in asked.known)
            + "     ratios"
        )
        for what in ("addresses", "captures", "unread"):
            (few_cpu, few_wall), (many_cpu, many_wall) = (watch.median(what) for _, watch in lakes.values())
            print(
                f"{what:14}{few_cpu:17.2f} {few_wall:7.2f}{many_cpu:17.2f} {many_wall:7.2f}"
                f"     {many_cpu / few_cpu:.2f} {many_wall / few_wall:.2f}"
            )
        for lake, _ in lakes.values():
            lake.close()


if __name__ == "__main__":
    main()
