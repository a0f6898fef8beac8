"""Files of the past: what becomes a capture, and what is set aside with a word a person can act on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from articles import read_page
from articles.records import Capture, Reason
from flows.files import Origin, SetAside, find_files, read_file

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ORIGIN = Origin(
    run_id="run-1",
    source=None,
    source_of=lambda url: "zz_karsan_post" if "karsan-post.example" in url else None,
    now=NOW,
)


def found_in(path, origin=ORIGIN):
    return list(read_file(path, origin))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.txt", "text/plain"), ("b.HTML", "text/html"), ("c.xhtml", "application/xhtml+xml")],
)
def test_a_file_is_one_capture_with_its_bytes_untouched(tmp_path, name, media_type):
    body = "The bridge at Karsan is open.\r\n".encode("utf-16")
    (tmp_path / name).write_bytes(body)

    (capture,) = found_in(tmp_path / name)

    assert isinstance(capture, Capture)
    assert (capture.body, capture.media_type, capture.url, capture.status) == (body, media_type, None, None)
    assert capture.requested_url == str(tmp_path / name)


def test_the_same_bytes_under_another_name_are_the_same_capture(tmp_path):
    (tmp_path / "a.txt").write_text("One text.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("One text.", encoding="utf-8")
    assert found_in(tmp_path / "a.txt")[0].capture_id == found_in(tmp_path / "b.txt")[0].capture_id


def test_each_line_of_a_jsonl_file_is_a_capture_even_one_that_is_no_record(tmp_path):
    rows = [
        {"source": "us_paper", "url": "https://paper.example/1", "text": "One."},
        {"url": "http://karsan-post.example/news/2", "text": "Two."},
        {"url": "javascript:alert(1)", "text": "Three."},
    ]
    lines = [json.dumps(row) for row in rows] + ["", "{ this is no JSON", '"a string"']
    (tmp_path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")

    captures = found_in(tmp_path / "rows.jsonl")

    assert [(one.source, one.url) for one in captures] == [
        ("us_paper", "https://paper.example/1"),
        ("zz_karsan_post", "http://karsan-post.example/news/2"),
        (None, None),
        (None, None),
        (None, None),
    ]
    assert captures[3].requested_url.endswith("rows.jsonl#5"), "the line can be found again"


def test_half_a_surrogate_pair_in_a_record_takes_nothing_else_down(tmp_path):
    """JSON can spell what no encoding holds; one such address ended a whole backfill."""
    row = {"source": "zz_\ud800", "url": "https://paper.example/\ud800", "text": "The \x00ferry \ud83d of Karsan \ud83d\ude92 runs at night again from Friday on, the harbour office said on Thursday. It had been laid up since the flood, when the pier gave way under the ice and two boats were lost."}  # fmt: skip
    (tmp_path / "rows.jsonl").write_text(json.dumps({**row, "title": "\udc00", "authors": ["Ada \ud800"]}))

    (capture,) = found_in(tmp_path / "rows.jsonl")
    (article,) = read_page(capture.body, url=capture.url, content_type=capture.media_type).articles

    assert (capture.source, capture.url) == ("zz_\ufffd", "https://paper.example/\ufffd")
    assert article.text.startswith("The ferry \ufffd of Karsan 🚒 runs")
    assert repr(article).encode()


def test_what_no_capture_can_be_made_of_is_set_aside_by_name(tmp_path):
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "folder.txt").mkdir()

    for name, reason in (
        ("letter.docx", Reason.NOT_TEXT),
        ("gone.txt", Reason.UNREADABLE),
        ("folder.txt", Reason.UNREADABLE),
        ("never-was.txt", Reason.UNREADABLE),
    ):
        (aside,) = found_in(tmp_path / name)
        assert isinstance(aside, SetAside)
        assert aside.rejected.reason is reason
        assert name in aside.rejected.detail


def test_a_folder_is_walked_in_order_without_what_is_hidden(tmp_path):
    for name in ("b/2.txt", "a/1.txt", ".git/config", "a/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "dangling.txt").symlink_to("nowhere")

    found = find_files([tmp_path, tmp_path / "missing.txt"])

    names = [str(one.relative_to(tmp_path)) for one in found]
    assert names == ["a/1.txt", "a/dangling.txt", "b/2.txt", "missing.txt"]
