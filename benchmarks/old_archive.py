"""What a night's 2,000 new articles cost against an archive of 100 thousand articles, and against one of a million.

    .venv/bin/python benchmarks/old_archive.py [--archive 100000 1000000] [--rounds 2] [--articles 2000]

Two lakes are made with so many articles of some 380 words, 2,000 to a day, up to yesterday; texts are drawn from a
vocabulary by chance, one in five is a trimmed copy of its neighbour, and all are stored with their captures, readings,
versions, sketches, pairs and groups as nights leave them, but without blocks and stories, which nothing here looks at.
Then each is given the same nights: 2,000 articles, one in ten a trimmed copy of one of the last month, one in ten of
one of the same night. Measured are the load of the readings, the search for copies, and both together: CPU seconds,
seconds by the wall, and the largest memory of the process. Bars (issue 6): 20 s and 1 GiB at a million, and 1.5 times
the smaller archive.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import numpy as np
import pyarrow as pa

from articles.fingerprints import METHOD_VERSION, sketches, text_sha256
from articles.records import Article, Block, BlockKind, Capture, DatePrecision, Reading
from articles.urls import article_id, capture_id
from warehouse import CopyCounts, Lake, LoadCounts, compact, find_copies, store_captures, store_readings
from warehouse.staging import staged
from warehouse.versions import fingerprint

TONIGHT = date(2026, 11, 20)
A_DAY = 2_000
SOURCES = 120
WORDS = 380
CHUNK = 20_000
_VOCABULARY = np.array([f"{a}{b}{c}" for a in ("ka", "to", "mer", "su", "bel", "di", "ga", "no") for b in "aeiouy" for c in range(90)])  # fmt: skip


def texts(seed: int, count: int) -> list[str]:
    """Texts of five paragraphs; words come as often as they do in a language, the n-th most frequent 1/n as often."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(2, len(_VOCABULARY) + 2)
    drawn = rng.choice(_VOCABULARY, size=(count, 5, WORDS // 5), p=weights / weights.sum())
    return ["\n".join(" ".join(paragraph) for paragraph in text) for text in drawn]


def trimmed(text: str, own: str) -> str:
    """Three of five paragraphs, and one of the outlet's own."""
    return "\n".join([*text.split("\n")[:3], own.split("\n")[0]])


def archive_texts(first: int, count: int) -> list[str]:
    """Texts of the archive by their place; each fifth carries the one before it."""
    made = texts(first, count)
    for n in range(1, count, 5):
        made[n] = trimmed(made[n - 1], made[n])
    return made


def day_of(place: int, total: int) -> date:
    """When an article of the archive was printed, by its place: the last ones yesterday."""
    return TONIGHT - timedelta(days=(total - place) // A_DAY + 1)


def page(text: str, name: str, day: date, source: str, run_id: str) -> tuple[Capture, Reading]:
    """An article as the reader hands it over."""
    url = f"https://{source}.example/{name}"
    body = text.encode()
    sha256 = text_sha256(text)
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC) + timedelta(
        microseconds=crc32(name.encode()) * 2
    )
    capture = Capture(
        capture_id=capture_id(source=source, url=url, body_sha256=sha256, captured_at=at),
        run_id=run_id,
        source=source,
        url=url,
        requested_url=url,
        discovered_via="feed",
        status=200,
        headers=(),
        media_type="text/plain",
        body=body[:64],
        body_sha256=sha256,
        captured_at=at,
        fetch_ms=1,
    )
    article = Article(
        article_id=article_id(source=source, url_key=url, publisher_number=None, body_sha256=sha256, part=0),
        source=source,
        url=url,
        canonical_url=None,
        part=0,
        is_start_unsure=False,
        title=text[:40],
        dek=None,
        authors=(),
        published_at=None,
        published_date=day,
        published_precision=DatePrecision.DAY,
        published_calendar="gregorian",
        published_from="meta",
        published_text=day.isoformat(),
        modified_at=None,
        language="en",
        dateline=None,
        agency=None,
        agency_rule=None,
        text=text,
        blocks=tuple(
            Block(position=n, text=line, kind=BlockKind.BODY, rule="body.default", confidence=1.0, path=None)
            for n, line in enumerate(text.split("\n"))
        ),
        word_count=WORDS,
        text_sha256=sha256,
        capture_id=capture.capture_id,
        reader_version="3",
    )
    reading = Reading(articles=(article,), chrome=(), rejected=(), encoding="utf-8", encoding_from="header", reader_version="3")  # fmt: skip
    return capture, reading


def bulk_tables(first: int, count: int, total: int) -> Iterator[tuple[str, pa.Table]]:
    """The rows of some articles of the archive, table by table."""
    made = archive_texts(first, count)
    pages = []
    for n, text in enumerate(made):
        day = day_of(first + n, total)
        pages.append(page(text, f"old-{first + n}", day, f"zz_source_{n % SOURCES}", "old"))
    ids = [reading.articles[0].article_id for _, reading in pages]
    taken = pa.array([capture.captured_at for capture, _ in pages], pa.timestamp("us", tz="UTC"))
    days = pa.array([reading.articles[0].published_date for _, reading in pages], pa.date32())
    sources = pa.array([capture.source for capture, _ in pages])
    captures = pa.array([capture.capture_id for capture, _ in pages])
    hashes = pa.array([capture.body_sha256 for capture, _ in pages])
    urls = pa.array([capture.url for capture, _ in pages])
    key = pa.array(ids)
    copies = range(1, count, 5)
    groups = [ids[n - 1] if n in copies else one for n, one in enumerate(ids)]
    sizes = Counter(groups)
    cores = pa.array(list(sizes))

    def same(value: object, kind: pa.DataType | None = None) -> pa.Array:
        return pa.array([value] * count, kind)

    yield "articles", pa.table({"article_id": key, "version": same(1, pa.int32()), "source": sources, "url": urls, "part": same(0, pa.int32()), "title": pa.array([text[:40] for text in made]), "published_date": days, "text": pa.array(made), "text_sha256": hashes, "word_count": same(WORDS, pa.int32()), "capture_id": captures, "first_seen_at": taken, "captured_at": taken, "reading_sha256": hashes, "run_id": same("old")})  # fmt: skip
    yield "article_versions", pa.table({"article_id": key, "version": same(1, pa.int32()), "fingerprint": pa.array([fingerprint(reading.articles[0]) for _, reading in pages]), "source": sources, "capture_id": captures, "captured_at": taken, "run_id": same("old")})  # fmt: skip
    yield "captures", pa.table({"capture_id": captures, "run_id": same("old"), "source": sources, "url": urls, "captured_at": taken, "body": pa.array([b"x"] * count), "body_bytes": same(1, pa.int64()), "body_sha256": hashes})  # fmt: skip
    yield "readings", pa.table({"capture_id": captures, "reader_version": same("3"), "article_ids": pa.array([[one] for one in ids]), "article_count": same(1, pa.int32()), "chrome_count": same(0, pa.int32()), "rejected_count": same(0, pa.int32()), "run_id": same("old")})  # fmt: skip
    yield "copy_members", pa.table({"article_id": key, "copy_group_id": pa.array(groups), "text_sha256": hashes, "method_version": same(METHOD_VERSION), "member_source": sources, "member_day": days, "member_ordered_at": taken, "member_first_seen_at": taken, "member_captured_at": taken, "joined_at": taken, "run_id": same("old")})  # fmt: skip
    yield "copy_groups", pa.table({"copy_group_id": cores, "core_article_id": cores, "article_count": pa.array(list(sizes.values()), pa.int32()), "source_count": pa.array(list(sizes.values()), pa.int32()), "first_seen_at": taken.filter(pa.array([one in sizes for one in ids]))})  # fmt: skip
    pairs = pa.array(list(copies))
    yield "copies", pa.table({"article_id": key.take(pairs), "of_article_id": key.take(pa.array([n - 1 for n in copies])), "relation": pa.array(["syndicated"] * len(pairs)), "jaccard": pa.array([0.4] * len(pairs)), "containment": pa.array([0.6] * len(pairs)), "containment_of": pa.array([0.6] * len(pairs)), "shared_words": pa.array([228] * len(pairs), pa.int32()), "longest_run": pa.array([228] * len(pairs), pa.int32()), "novelty": pa.array([1.0] * len(pairs)), "is_uniting": pa.array([True] * len(pairs)), "found_at": taken.take(pairs), "run_id": pa.array(["old"] * len(pairs))})  # fmt: skip
    samples = sketches(made)
    places = pa.array(np.repeat(np.arange(count), [len(sample) for sample in samples]))
    yield "sketches", pa.table({"article_id": key.take(places), "source": sources.take(places), "shingle_hash": pa.array(np.concatenate(samples), pa.uint64()), "day": days.take(places), "is_dated": same(True).take(places), "captured_at": taken.take(places), "method_version": same(METHOD_VERSION).take(places)})  # fmt: skip


def make_lake(home: Path, total: int) -> None:
    lake = Lake.create_or_open(home)
    for first in range(0, total, CHUNK):
        tables = list(bulk_tables(first, min(CHUNK, total - first), total))

        def work(connection, tables=tables) -> None:
            for name, rows in tables:
                with staged(connection, rows):
                    connection.execute(f"insert into {name} by name select * from staged")

        lake.transact(work, message="make an old archive")
    lake.transact(lambda connection: connection.execute(f"update claim set copies_method = '{METHOD_VERSION}'"), message="its method")  # fmt: skip
    compact(lake)
    lake.close()


def night(turn: int, count: int, total: int) -> list[tuple[Capture, Reading]]:
    """New articles; one in ten is a trimmed copy of an article of the last month, one in ten of one of the night."""
    day = TONIGHT + timedelta(days=turn)
    fresh = texts(10_000_000 + turn, count)
    first = total - (total // CHUNK > 0) * CHUNK
    older = archive_texts(first, min(CHUNK, total))
    for n in range(0, count, 10):
        fresh[n] = trimmed(older[(turn * count + n) % len(older)], fresh[n])
        fresh[n + 5] = trimmed(fresh[n + 4], fresh[n + 5])
    return [page(text, f"night-{turn}-{n}", day, f"zz_source_{(n * 7) % SOURCES}", f"night-{turn}") for n, text in enumerate(fresh)]  # fmt: skip


def measure(home: Path, total: int, rounds: int, count: int) -> None:
    """The nights of one lake, in a process of their own, so that making the lake leaves no memory behind."""
    lake = Lake.open(home)
    for turn in range(rounds):
        pages = night(turn, count, total)
        store_captures(lake, [capture for capture, _ in pages])
        run_id = f"night-{turn}"
        spent = []
        for work in (load, compare):
            cpu, wall = time.process_time(), time.perf_counter()
            said = work(lake, pages, run_id)
            spent.append((time.process_time() - cpu, time.perf_counter() - wall))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        (load_cpu, load_wall), (copy_cpu, copy_wall) = spent
        print(
            f"  night {turn}: load {load_cpu:.1f} s CPU {load_wall:.1f} s, copies {copy_cpu:.1f} s CPU {copy_wall:.1f} s, "
            f"together {load_cpu + copy_cpu:.1f} s CPU {load_wall + copy_wall:.1f} s; {said}; peak {peak} MiB",
            flush=True,
        )
    lake.close()


def load(lake: Lake, pages: list[tuple[Capture, Reading]], run_id: str) -> LoadCounts:
    counts = LoadCounts()
    for first in range(0, len(pages), 500):
        counts += store_readings(lake, pages[first : first + 500], run_id=run_id, now=datetime.now(UTC))
    return counts


def compare(lake: Lake, pages: list[tuple[Capture, Reading]], run_id: str) -> CopyCounts:
    counts = find_copies(lake, run_id=run_id, now=datetime.now(UTC))
    assert counts.articles == len(pages)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description="A night's copies against a small archive and a large one.")
    parser.add_argument("--archive", type=int, nargs="+", default=(100_000, 1_000_000))
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="nightwire-") as folder:
        for total in asked.archive:
            home = Path(folder, f"lake-{total}")
            for target, given in (
                (make_lake, (home, total)),
                (measure, (home, total, asked.rounds, asked.articles)),
            ):
                started = time.perf_counter()
                child = get_context("spawn").Process(target=target, args=given)
                child.start()
                child.join()
                if child.exitcode != 0:
                    raise SystemExit(f"{target.__name__} of {total:,} articles failed")
                if target is make_lake:
                    print(f"{total:>9,} articles: made in {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
