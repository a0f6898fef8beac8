"""Reading in worker processes: a page that hangs, eats memory or kills its worker costs itself alone."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from articles.records import Capture, Reason, Source
from flows.reading import read_all
from flows.workers import Limits

ARTICLE = b"""Ferry returns to Umm Sidr

The ferry between Umm Sidr and Rafiya sailed again on Thursday after three weeks of low water, the port office said.

Its captain said that forty people and two lorries had crossed before noon, and that the queue was still long.
"""

# Minutes in C, which nothing in Python interrupts; the bracket hides the attributes from whoever counts them first.
HANGS = b"<html><body><p " + b" ".join(b"a%d='>'" % n for n in range(100_000)) + b">A page.</p></body></html>"
LARGE = b"<html><body><p>" + b"One more word. " * 600_000 + b"</p></body></html>"


def capture(name: str, body: bytes, media_type: str = "text/plain", source: str | None = None) -> Capture:
    return Capture(
        capture_id=name,
        run_id="run-1",
        source=source,
        url=None,
        requested_url=name,
        discovered_via="backfill",
        status=None,
        headers=(),
        media_type=media_type,
        body=body,
        body_sha256=name,
        captured_at=datetime(2026, 11, 20, tzinfo=UTC),
        fetch_ms=None,
    )


def read(*captures: Capture, source_of_url=lambda _: None, sources=None, **limits):
    (batch,) = read_all([captures], sources or {}, source_of_url, Limits(**limits))
    return {one.capture_id: reading for one, reading in batch}


def readers() -> set[int]:
    """Processes that read for this one: children of the process that it forks them from."""
    parents = {
        int(folder.name): int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and (folder / "stat").exists()
    }
    ours = {pid for pid, parent in parents.items() if parent == os.getpid()}
    return {pid for pid, parent in parents.items() if parent in ours}


@pytest.mark.parametrize(
    ("hostile", "limits", "reason", "said"),
    [
        (HANGS, {"page_cpu_seconds": 1}, Reason.TIMED_OUT, "1 s of CPU"),
        (HANGS, {"page_seconds": 2}, Reason.TIMED_OUT, "longer than 2 s"),
        (LARGE, {"page_bytes": 48 << 20}, Reason.OUT_OF_MEMORY, "48 MiB"),
    ],
)
def test_exactly_the_page_that_breaks_a_limit_is_set_aside(hostile, limits, reason, said):
    names = [f"{n}.txt" for n in range(6)]
    pages = [capture(name, ARTICLE + name.encode()) for name in names]
    found = read(*pages[:3], capture("hostile.html", hostile, "text/html"), *pages[3:], **limits)
    assert [found[name].rejected for name in names] == [()] * 6
    (aside,) = found["hostile.html"].rejected
    assert aside.reason is reason
    assert said in aside.detail
    assert aside.capture_id == "hostile.html"


def test_a_page_over_which_a_worker_was_killed_is_read_again():
    """The kernel takes whoever has the most memory; the page in his hands may have done nothing."""
    before = readers()

    def kill_first() -> None:
        while not (found := readers() - before):
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(found.pop(), signal.SIGKILL)

    killer = Thread(target=kill_first)
    killer.start()
    found = read(capture("hangs.html", HANGS, "text/html"), workers=1, page_cpu_seconds=2)
    killer.join()
    (aside,) = found["hangs.html"].rejected
    assert aside.reason is Reason.TIMED_OUT  # what its second reading came to


def test_processes_are_replaced_after_their_pages_and_none_is_left_behind():
    pages = [capture(f"{n}.txt", ARTICLE + b"%d" % n) for n in range(7)]
    before = readers()
    seen = set()
    for batch in read_all([[page] for page in pages], {}, lambda _: None, Limits(pages_per_process=2)):
        seen |= readers()
        assert batch[0][1].rejected == ()
    assert len(seen - before) >= 3
    assert readers() <= before


def test_whoever_stops_listening_leaves_nothing_running():
    before = readers()
    batches = read_all(
        [[capture("one.txt", ARTICLE)], [capture("hangs.html", HANGS, "text/html")] * 3],
        {},
        lambda _: None,
        Limits(),
    )
    next(batches)
    started = time.monotonic()
    batches.close()
    assert time.monotonic() - started < 5
    assert readers() <= before


def test_readings_carry_the_capture_they_came_from():
    reading = read(
        capture("one.txt", ARTICLE), capture("none.txt", b""), capture("big.txt", b"a" * 11_000_000)
    )
    assert [one.capture_id for one in reading["one.txt"].articles] == ["one.txt"]
    assert [one.capture_id for one in reading["none.txt"].rejected] == ["none.txt"]
    assert [(one.capture_id, one.reason) for one in reading["big.txt"].rejected] == [
        ("big.txt", Reason.TOO_LARGE)
    ]


@pytest.mark.parametrize("named", [None, "gb_other"])
def test_a_text_that_prints_its_address_is_its_publishers_unless_the_caller_says_otherwise(named):
    text = ARTICLE + b"\nhttps://ferrypost.example/2026/11/19/ferry-returns-to-umm-sidr\n"
    reading = read(
        capture("one.txt", text, source=named),
        source_of_url=lambda url: "zz_ferrypost" if "ferrypost.example" in url else None,
        sources={"zz_ferrypost": Source(name="zz_ferrypost", publisher="The Ferry Post")},
    )["one.txt"]
    assert [one.source for one in reading.articles] == [named or "zz_ferrypost"]
