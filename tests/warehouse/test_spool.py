"""The spool: what is called fetched is on the disk, whole, and goes only when it is in the lake."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

import warehouse.captures
from articles.errors import NightwireError
from articles.records import Capture, Reason, Rejected
from tests.warehouse.pages import NOW, page, prose, rows, store
from warehouse import (
    CaptureWriter,
    Lake,
    capture_of_article,
    fetch_capture,
    known_captures,
    load_spool,
    read_spooled,
    store_captures,
)


def a_capture(name: str = "a", **fields: object) -> Capture:
    return replace(page(name, prose(1))[0], **fields)


CAPTURES = [
    a_capture(),
    a_capture("binary", body=bytes(range(256)) * 3 + b"\n{}\n"),
    a_capture("empty", body=b""),
    a_capture(
        "file",
        source=None,
        url=None,
        status=None,
        headers=(),
        media_type=None,
        fetch_ms=None,
        requested_url="خبر\n/نص.txt",
    ),
]


def with_its_hash(capture: Capture) -> Capture:
    return replace(capture, body_sha256=hashlib.sha256(capture.body).hexdigest())


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.requested_url[-6:])
def test_a_capture_comes_back_from_the_spool_and_from_the_lake_as_it_was(
    lake: Lake, tmp_path: Path, capture: Capture
):
    capture = with_its_hash(capture)
    path = CaptureWriter(tmp_path / "spool").write(capture)
    assert list(read_spooled(tmp_path / "spool")) == [(path, capture)]
    load_spool(lake, run_id="r", now=NOW, folder=tmp_path / "spool")
    assert fetch_capture(lake, capture.capture_id) == capture
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_spooled_file_is_whole_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Written, synced, renamed, and the folder synced, in this order."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def watched_fsync(descriptor: int) -> None:
        steps.append("sync " + Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    def watched_rename(self: Path, target: Path) -> Path:
        steps.append(f"rename to {target.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "rename", watched_rename)
    capture = with_its_hash(a_capture())
    CaptureWriter(tmp_path / "spool").write(capture)
    unfinished, renamed, folder = steps
    assert unfinished.startswith(f"sync .{capture.capture_id}")
    assert renamed == f"rename to {capture.capture_id}.capture"
    assert folder == "sync spool"


@pytest.mark.parametrize("fault", ["cut body", "cut header", "changed body", "renamed", "foreign", "empty"])
def test_a_torn_or_foreign_file_is_set_aside_with_a_row_and_kept(lake: Lake, tmp_path: Path, fault: str):
    spool = tmp_path / "spool"
    good = CaptureWriter(spool).write(with_its_hash(a_capture("good")))
    bad = CaptureWriter(spool).write(with_its_hash(a_capture("bad")))
    content = bad.read_bytes()
    if fault == "cut body":
        bad.write_bytes(content[:-1])
    elif fault == "cut header":
        bad.write_bytes(content[:40])
    elif fault == "changed body":
        bad.write_bytes(content[:-1] + b"?")
    elif fault == "renamed":
        bad = bad.rename(spool / "another.capture")
    elif fault == "foreign":
        bad = bad.rename(spool / "notes.txt")
    else:
        bad.write_bytes(b"")
    ((_, found),) = [pair for pair in read_spooled(spool) if pair[0] != good]
    assert isinstance(found, Rejected)
    assert found.reason is Reason.UNREADABLE

    counts = load_spool(lake, run_id="r", now=NOW, folder=spool)

    assert (counts.stored, counts.unreadable) == (1, 1)
    assert rows(lake, "select stage, reason, requested_url from rejected") == [
        ("spool", "unreadable", str(bad))
    ]
    assert [path.name for path in spool.iterdir()] == ["unreadable"]
    assert [path.name for path in (spool / "unreadable").iterdir()] == [bad.name]


def shared_file(spool: Path) -> tuple[Path, list[Capture]]:
    captures = [with_its_hash(a_capture(f"shared{number}", body=b"%d" % number * 50)) for number in range(5)]
    return CaptureWriter(spool).write(*captures), captures


def test_captures_of_one_file_come_back_in_their_order(tmp_path: Path):
    path, captures = shared_file(tmp_path)
    assert path.name == f"{captures[0].capture_id}.5.captures"
    assert list(read_spooled(tmp_path)) == [(path, capture) for capture in captures]


@pytest.mark.parametrize(("fault", "stored"), [("changed body", 4), ("cut body", 4), ("cut off", 4)])
def test_a_fault_in_a_shared_file_costs_one_capture_and_the_file_is_kept(
    lake: Lake, tmp_path: Path, fault: str, stored: int
):
    path, _ = shared_file(tmp_path)
    content = path.read_bytes()
    if fault == "changed body":
        path.write_bytes(content.replace(b"2" * 50, b"2" * 49 + b"?"))
    else:
        path.write_bytes(content[:-1] if fault == "cut body" else content[: content.rindex(b"{")])
    counts = load_spool(lake, run_id="r", now=NOW, folder=tmp_path)
    assert (counts.stored, counts.unreadable) == (stored, 1)
    assert [one.name for one in (tmp_path / "unreadable").iterdir()] == [path.name]
    assert not path.exists()


def test_a_shared_file_goes_only_when_its_last_capture_is_committed(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, captures = shared_file(tmp_path)
    monkeypatch.setattr("warehouse.captures.BATCH_ROWS", 2)
    committed: list[int] = []
    store_batch = warehouse.captures._store_batch

    def watched(lake: Lake, batch: list[Capture]) -> int:
        assert path.exists()
        committed.append(len(batch))
        return store_batch(lake, batch)

    monkeypatch.setattr("warehouse.captures._store_batch", watched)
    load_spool(lake, run_id="r", now=NOW, folder=tmp_path)
    assert committed == [2, 2, 1]
    assert not path.exists()
    assert all(fetch_capture(lake, capture.capture_id) == capture for capture in captures)


def test_a_file_of_the_form_before_is_still_read(tmp_path: Path):
    capture = with_its_hash(a_capture())
    path = CaptureWriter(tmp_path).write(capture)
    content = path.read_bytes()
    path.write_bytes(content.replace(b',"body_bytes":%d' % len(capture.body), b""))
    assert path.read_bytes() != content
    assert list(read_spooled(tmp_path)) == [(path, capture)]


def test_a_capture_id_that_is_a_path_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="cannot name a file"):
        CaptureWriter(tmp_path).write(a_capture(capture_id="../../etc/passwd"))


def test_a_kill_between_commit_and_removal_is_made_good_by_the_next_load(lake: Lake, tmp_path: Path):
    capture = with_its_hash(a_capture())
    store_captures(lake, [capture])
    CaptureWriter(tmp_path / "spool").write(capture)
    counts = load_spool(lake, run_id="r", now=NOW, folder=tmp_path / "spool")
    assert (counts.stored, counts.known) == (0, 1)
    assert rows(lake, "select count(*) from captures") == [(1,)]
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_batch_that_cannot_be_committed_stays_in_the_spool(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = CaptureWriter(tmp_path / "spool").write(with_its_hash(a_capture()))

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Lake, "make_new_files_durable", no_space)
    with pytest.raises(OSError, match="No space left"):
        load_spool(lake, run_id="r", now=NOW, folder=tmp_path / "spool")
    assert path.exists()
    assert rows(lake, "select count(*) from captures") == [(0,)]


def test_batches_end_at_their_bytes_and_a_doubled_capture_is_stored_once(lake: Lake):
    captures = [with_its_hash(a_capture(f"p{number}")) for number in range(5)]
    turns = rows(lake, "select turn from claim")[0][0]
    counts = store_captures(lake, [*captures, captures[0]], batch_bytes=len(captures[0].body) * 3)
    assert (counts.stored, counts.known) == (5, 1)
    assert rows(lake, "select turn from claim") == [(turns + 2,)]


def test_captures_are_found_by_id_and_by_article_and_missing_ones_are_named(lake: Lake):
    capture, reading = page("a", prose(1))
    store(lake, (capture, reading))
    assert capture_of_article(lake, reading.articles[0].article_id) == capture
    assert known_captures(lake, [capture.capture_id, "another"]) == {capture.capture_id}
    for find in (fetch_capture, capture_of_article):
        with pytest.raises(NightwireError, match=r"holds no \w+ nobody; find one with"):
            find(lake, "nobody")
