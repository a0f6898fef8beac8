"""Reading in worker processes: a page that hangs, eats memory or kills its worker costs itself alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from articles.records import Capture, Reason, Source
from flows.reading import Limits, read_all

ARTICLE = b"""Ferry returns to Umm Sidr

The ferry between Umm Sidr and Rafiya sailed again on Thursday after three weeks of low water, the port office said.

Its captain said that forty people and two lorries had crossed before noon, and that the queue was still long.
"""


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


def test_a_page_that_hangs_is_set_aside_and_the_others_are_read():
    attributes = b" ".join(
        b"a%d=1" % number for number in range(100_000)
    )  # minutes in C, which nothing interrupts
    hostile = b"<html><body><p " + attributes + b">A page.</p></body></html>"
    found = read(
        capture("first.txt", ARTICLE),
        capture("hostile.html", hostile, "text/html"),
        capture("last.txt", ARTICLE + b" "),
        page_seconds=5,
    )
    assert [found[name].rejected for name in ("first.txt", "last.txt")] == [(), ()]
    (aside,) = found["hostile.html"].rejected
    assert aside.reason is Reason.TIMED_OUT
    assert aside.capture_id == "hostile.html"


def test_readings_carry_the_capture_they_came_from():
    reading = read(capture("one.txt", ARTICLE), capture("none.txt", b""))
    assert [one.capture_id for one in reading["one.txt"].articles] == ["one.txt"]
    assert [one.capture_id for one in reading["none.txt"].rejected] == ["none.txt"]


@pytest.mark.parametrize("named", [None, "gb_other"])
def test_a_text_that_prints_its_address_is_its_publishers_unless_the_caller_says_otherwise(named):
    text = ARTICLE + b"\nhttps://ferrypost.example/2026/11/19/ferry-returns-to-umm-sidr\n"
    reading = read(
        capture("one.txt", text, source=named),
        source_of_url=lambda url: "zz_ferrypost" if "ferrypost.example" in url else None,
        sources={"zz_ferrypost": Source(name="zz_ferrypost", publisher="The Ferry Post")},
    )["one.txt"]
    assert [one.source for one in reading.articles] == [named or "zz_ferrypost"]
