"""The disk's thread: many answers in one transaction, each with an outcome of its own, and none told too early."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, date, datetime

import pytest

from articles.records import Capture
from spiders.discovery import Found, candidates
from spiders.disk import Disk
from spiders.frontier import Frontier, State
from warehouse.spool import CaptureWriter, read_spooled

NIGHT = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def frontier(desk, tmp_path):
    source = desk.source("d.example")
    with Frontier.open(tmp_path / "frontier.sqlite") as frontier:
        found = [Found(url=f"http://d.example/{number}") for number in range(9)]
        frontier.record(source.name, list(candidates(found, source, "feed")), night=NIGHT, at=AT)
        frontier.mark_synced(frontier.changes())
        yield frontier


def capture(number: int) -> Capture:
    return Capture(
        capture_id=f"c{number}",
        run_id="run",
        source="zz_d",
        url=f"http://d.example/{number}",
        requested_url=f"http://d.example/{number}",
        discovered_via="feed",
        status=200,
        headers=(),
        media_type=None,
        body=b"page",
        body_sha256=hashlib.sha256(b"page").hexdigest(),
        captured_at=AT,
        fetch_ms=1,
    )


async def keep(disk: Disk, frontier: Frontier, number: int):
    return await disk.keep(
        capture(number),
        frontier.fetched,
        f"d.example/{number}",
        source="zz_d",
        status=200,
        night=NIGHT,
        at=AT,
    )


def outcomes(frontier: Frontier, writer: CaptureWriter, ask) -> list[object]:
    """What became of everything that `ask` makes of a disk, all of it at once."""

    async def all_of_it():
        disk = Disk(frontier, writer)
        try:
            return await asyncio.gather(*ask(disk), return_exceptions=True)
        finally:
            disk.close()

    return asyncio.run(all_of_it())


def fetched(frontier: Frontier) -> set[str]:
    return {row.url_key for row in frontier.changes().urls if row.state is State.FETCHED}


def test_what_comes_together_is_kept_in_one_transaction(frontier, tmp_path):
    writer = CaptureWriter(tmp_path / "spool")
    before = frontier.changes().upto
    told = outcomes(frontier, writer, lambda disk: [keep(disk, frontier, number) for number in range(8)])

    assert told == [[]] * 8
    assert frontier.changes().upto == before + 1  # a number for each transaction
    assert fetched(frontier) == {f"d.example/{number}" for number in range(8)}
    (path,) = (tmp_path / "spool").iterdir()  # one wait for the disk
    assert list(read_spooled(path.parent)) == [(path, capture(number)) for number in range(8)]


def test_work_that_fails_takes_none_of_the_others_with_it(frontier, tmp_path):
    def ask(disk):
        wrong = disk.keep(None, frontier.failed, "never met", reason="x", status=None, night=NIGHT)
        return [keep(disk, frontier, 0), wrong, keep(disk, frontier, 1)]

    told = outcomes(frontier, CaptureWriter(tmp_path / "spool"), ask)
    assert [type(one) for one in told] == [list, KeyError, list]
    assert fetched(frontier) == {"d.example/0", "d.example/1"}


def test_a_page_that_could_not_be_written_is_not_called_fetched(frontier, tmp_path):
    class Full(CaptureWriter):
        def write(self, *captures):
            raise OSError("no space left")

    told = outcomes(
        frontier,
        Full(tmp_path / "spool"),
        lambda disk: [keep(disk, frontier, 0), disk.do(frontier.due, "zz_d", night=NIGHT, limit=99)],
    )
    assert isinstance(told[0], OSError)
    assert len(told[1].waiting) == 9
    assert fetched(frontier) == set()


def test_what_was_given_is_done_before_the_disk_closes(frontier, tmp_path):
    async def leave():
        disk = Disk(frontier, CaptureWriter(tmp_path / "spool"))
        waits = asyncio.ensure_future(keep(disk, frontier, 0))
        await asyncio.sleep(0)
        disk.close()
        await waits

    asyncio.run(leave())
    assert fetched(frontier) == {"d.example/0"}
