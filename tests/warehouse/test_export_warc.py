"""Captures as web archives: read by another program, true about the bytes they hold, whole or not there."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from articles.errors import NightwireError
from tests.warehouse.pages import NOW, page, prose
from warehouse import Lake, export_warc, publish, store_captures
from warehouse.export_warc import warc_record


@pytest.fixture(scope="module")
def lake(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = new_lake(tmp_path_factory.mktemp("warc") / "lake")
    pages = [page(f"p{number}", prose(number), hours=24 * number)[0] for number in range(5)]
    other = page("other", prose(9), source="zz_other")[0]
    store_captures(lake, [*pages, other])
    publish(lake)
    return lake


def archived(file: Path) -> list[tuple[dict[str, str], list[tuple[str, str]], bytes]]:
    """Headers of the record, headers of the answer, body: as warcio has them, with its own check of the digests."""
    with file.open("rb") as stream:
        return [
            (
                dict(record.rec_headers.headers),
                list(record.http_headers.headers) if record.http_headers else [],
                record.content_stream().read(),
            )
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_another_program_reads_what_was_stored(lake: Lake, tmp_path: Path):
    counts = export_warc(lake.home, tmp_path / "wire.warc.gz", source="zz_post")

    info, *records = archived(tmp_path / "wire.warc.gz")
    assert info[0]["WARC-Type"] == "warcinfo"
    assert b"format: WARC File Format 1.1" in info[2]
    assert (counts.files, counts.captures) == (1, 5)
    assert counts.bytes == (tmp_path / "wire.warc.gz").stat().st_size
    for number, (said, headers, body) in enumerate(records):
        capture = page(f"p{number}", prose(number), hours=24 * number)[0]
        assert (said["WARC-Type"], said["WARC-Target-URI"]) == ("response", capture.url)
        assert said["WARC-Date"] == (NOW + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert (tuple(headers), body) == (capture.headers, capture.body)


HEADERS = [  # as sent, and as they are true of an unpacked body of 4 bytes
    ([("Content-Encoding", "br")], [("X-Archive-Orig-Content-Encoding", "br")]),
    ([("Content-Encoding", "identity")], [("Content-Encoding", "identity")]),
    ([("Content-Length", "4"), ("A", "b")], [("Content-Length", "4"), ("A", "b")]),
    (
        [("content-length", "2"), ("A", "b"), ("Transfer-Encoding", "chunked")],
        [
            ("X-Archive-Orig-content-length", "2"),
            ("A", "b"),
            ("X-Archive-Orig-Transfer-Encoding", "chunked"),
            ("Content-Length", "4"),
        ],
    ),
    ([("X", "caf\xe9"), ("X", "two")], [("X", "caf\xe9"), ("X", "two")]),
    ([("X", "a\r\nInjected: b")], [("X", "a Injected: b")]),
    ([("X", "نص")], [("X", "نص".encode().decode("latin-1"))]),
]


@pytest.mark.parametrize(("sent", "true"), HEADERS)
def test_headers_say_nothing_untrue_of_the_body(tmp_path: Path, sent, true):
    capture = replace(page("p")[0], headers=tuple(sent), body=b"text", status=299)
    (tmp_path / "one.warc.gz").write_bytes(warc_record(capture))
    (record,) = archived(tmp_path / "one.warc.gz")
    block = gzip.decompress(warc_record(capture)).partition(b"\r\n\r\n")[2]
    head = block.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    assert head == ["HTTP/1.1 299 ", *(f"{name}: {value}" for name, value in true)]
    assert record[2] == b"text"


def test_a_file_is_a_resource_under_its_own_name(tmp_path: Path):
    body = "متن\n".encode()
    capture = replace(
        page("p")[0], url=None, status=None, headers=(), requested_url="old news/a.txt", media_type="text/plain", body=body
    )  # fmt: skip
    (tmp_path / "one.warc.gz").write_bytes(warc_record(capture))
    ((said, _, content),) = archived(tmp_path / "one.warc.gz")
    assert (said["WARC-Type"], said["Content-Type"], content) == ("resource", "text/plain", body)
    assert said["WARC-Target-URI"] == "file:old%20news/a.txt"


def test_the_same_capture_gives_the_same_bytes():
    capture = page("p", prose(1))[0]
    assert warc_record(capture) == warc_record(capture)


def test_days_and_sources_choose_and_nothing_to_write_is_said(lake: Lake, tmp_path: Path):
    first = NOW.date()
    chosen = export_warc(
        lake.home, tmp_path / "a", since=first + timedelta(days=1), until=first + timedelta(days=2)
    )
    assert chosen.captures == 2
    assert export_warc(lake.home, tmp_path / "b", source="zz_other").captures == 1
    with pytest.raises(NightwireError, match="holds no such capture"):
        export_warc(lake.home, tmp_path / "c", source="zz_nobody")
    with pytest.raises(NightwireError, match="is there already"):
        export_warc(lake.home, tmp_path / "a", since=date(2020, 1, 1))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


def test_a_folder_is_split_into_files_that_are_each_whole(lake: Lake, tmp_path: Path):
    said: list[tuple[int, int]] = []
    counts = export_warc(
        lake.home,
        tmp_path / "wire",
        split_bytes=2000,
        on_progress=lambda done, total: said.append((done, total)),
    )
    files = sorted((tmp_path / "wire").iterdir())
    assert counts.files == len(files) > 1
    assert files[0].name == "nightwire-00000.warc.gz"
    assert said == [(number, 6) for number in range(1, 7)]
    bodies = [record[2] for file in files for record in archived(file)[1:]]
    assert len({hashlib.sha256(body).digest() for body in bodies}) == counts.captures == 6


def test_what_cannot_be_finished_leaves_nothing(lake: Lake, tmp_path: Path):
    def fail(done: int, _total: int) -> None:
        if done == 3:
            raise OSError(28, "No space left on device")

    with pytest.raises(NightwireError, match="No space left"):
        export_warc(lake.home, tmp_path / "wire.warc.gz", on_progress=fail)
    assert list(tmp_path.iterdir()) == []
