"""Web archives: pages as the crawler would have stored them, and every damage named with its place."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from articles.records import Capture, Reason, Rejected
from articles.urls import capture_id
from flows.webarchives import Found, LeftOut, Wanted, read_archive
from tests.flows.warcs import http, page, record, sha1, story

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SOURCE = "zz_karsan_post"
STORY = story(1)
PLAIN = {"is_packed": False}


def wanted(**changes) -> Wanted:
    def source_of(url: str) -> str | None:
        return SOURCE if "karsan-post.example" in url else None

    return Wanted(**{"run_id": "run-1", "now": NOW, "source_of": source_of} | changes)


def read(tmp_path: Path, content: bytes, **changes) -> list[Found]:
    file = tmp_path / "night.warc.gz"
    file.write_bytes(content)
    return list(read_archive(file, wanted(**changes)))


def numbers(found: list[Found]) -> list[str]:
    return [one.url.rpartition("/")[2] for one in found if isinstance(one, Capture)]


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in (body[:half], body[half:])) + b"0\r\n\r\n"


def test_a_page_is_the_capture_that_a_crawl_would_have_stored(tmp_path):
    block = http(STORY, headers=[("Set-Cookie", "a=1"), ("X-Seen", "caf\xe9"), ("Set-Cookie", "b=2")])
    (found,) = read(tmp_path, record(block, WARC_Date="2026-11-19T04:05:06.123456Z", form="WARC/1.1"))

    moment = datetime(2026, 11, 19, 4, 5, 6, 123456, tzinfo=UTC)
    url, body_sha256 = "http://karsan-post.example/news/1", hashlib.sha256(STORY).hexdigest()
    assert isinstance(found, Capture)
    assert (found.source, found.url, found.status, found.body) == (SOURCE, url, 200, STORY)
    assert found.headers[1:] == (("Set-Cookie", "a=1"), ("X-Seen", "caf\xe9"), ("Set-Cookie", "b=2"))
    assert (found.media_type, found.captured_at) == ("text/html; charset=utf-8", moment)
    assert (found.discovered_via, found.requested_url, found.fetch_ms) == ("warc", url, None)
    assert found.capture_id == capture_id(source=SOURCE, url=url, body_sha256=body_sha256, captured_at=moment)


PACKED = {  # what a body was packed in, undone; or said to be packed in, and is not
    "chunked": (chunked(STORY), [("Transfer-Encoding", "chunked")]),
    "gzip": (gzip.compress(STORY), [("Content-Encoding", "gzip")]),
    "x-gzip": (gzip.compress(STORY), [("Content-Encoding", "x-gzip")]),
    "deflate": (zlib.compress(STORY), [("Content-Encoding", "deflate")]),
    "brotli": (brotli.compress(STORY), [("Content-Encoding", "br")]),
    "gzip in chunks": (chunked(gzip.compress(STORY)), [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]),
    "gzip twice": (gzip.compress(gzip.compress(STORY)), [("Content-Encoding", "gzip, gzip")]),
    "said to be chunked": (STORY, [("Transfer-Encoding", "chunked")]),
    "said to be gzip": (STORY, [("Content-Encoding", "gzip"), ("Content-Length", "99")]),
    "said to be brotli": (STORY, [("Content-Encoding", "br")]),
    "hidden by the archive": (STORY, [("X-Crawler-Content-Encoding", "gzip")]),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKED)
def test_a_body_is_kept_unpacked(tmp_path, name):
    body, headers = PACKED[name]
    (found,) = read(tmp_path, record(http(body, headers=headers)))
    assert isinstance(found, Capture), found
    assert found.body == STORY


def test_headers_hidden_by_an_archive_come_back_under_their_own_names(tmp_path):
    sent = [
        ("X-Orig-Content-Encoding", "br"),
        ("x-orig-content-length", "77"),
        ("Content-Length", str(len(STORY))),
    ]
    (found,) = read(tmp_path, record(http(STORY, headers=sent)))
    assert found.headers[1:] == (("Content-Encoding", "br"), ("Content-Length", "77"))


DIGESTS = {
    "base 32": sha1(STORY),
    "base 16": f"sha1:{hashlib.sha1(STORY).hexdigest()}",
    "capitals": f"SHA-1:{hashlib.sha1(STORY).hexdigest().upper()}",
    "SHA-256": f"sha256:{hashlib.sha256(STORY).hexdigest()}",
    "SHA-256, base 32": f"sha256:{base64.b32encode(hashlib.sha256(STORY).digest()).decode()}",
    "SHA-256, base 64": f"sha256:{base64.b64encode(hashlib.sha256(STORY).digest()).decode()}",
    "MD5": f"md5:{hashlib.md5(STORY).hexdigest()}",
    "none": None,
    "of a kind we do not know": "xyz:123",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest_is_understood_however_it_is_written(tmp_path, name):
    digest = DIGESTS[name]
    right = record(http(STORY), WARC_Payload_Digest=digest)
    wrong = record(http(STORY.replace(b"Thursday", b"Saturday")), WARC_Payload_Digest=digest)
    is_checked = digest is not None and not digest.startswith("xyz")
    assert isinstance(read(tmp_path, right)[0], Capture)
    assert isinstance(read(tmp_path, wrong)[0], Rejected if is_checked else Capture)


LEFT_OUT = {
    "other host": record(http(STORY), "http://elsewhere.example/1"),
    "request": record(b"GET /news/1 HTTP/1.1\r\n\r\n", kind="request"),
    "revisit": record(http(b""), kind="revisit"),
    "metadata": record(b"via: x", kind="metadata"),
    "warcinfo": record(b"software: x", None, kind="warcinfo"),
    "conversion": record(b"text", kind="conversion"),
    "no address of a page": record(b"20261119 dns answer", "dns:karsan-post.example", kind="resource"),
    "response to no HTTP (text/dns)": record(b"20261119", "dns:karsan-post.example", Content_Type="text/dns"),
    "status 301": record(http(b"", status="HTTP/1.1 301 Moved", headers=[("Location", "/x")])),
    "type image/png": record(http(b"\x89PNG", media_type="image/png")),
    "robots.txt": record(http(b"User-agent: *", media_type="text/html"), "http://karsan-post.example/robots.txt"),
    "feed or sitemap": record(http(b"<?xml version='1.0'?>\n<rss version='2.0'></rss>")),
    "no type, and no HTML": record(http(b"\x00\x01\x02", media_type=None)),
}  # fmt: skip


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_what_is_no_page_of_ours_is_counted_by_reason(tmp_path, reason):
    assert read(tmp_path, LEFT_OUT[reason]) == [LeftOut(reason=reason)]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://elsewhere.example/1", None),
        ("http://127.0.0.1/1", "no public host"),
        ("http://2130706433/1", "no public host"),
        ("http://[::1]/1", "no public host"),
        ("http://localhost/1", "no public host"),
        ("http://intranet/1", "no public host"),
        ("file:///etc/hostname", "no address of a page"),
        (None, "no address of a page"),
    ],
)
def test_of_every_host_those_of_a_private_network_are_left_out(tmp_path, url, reason):
    (found,) = read(tmp_path, record(http(STORY), url), is_every_host=True)
    if reason is None:
        assert isinstance(found, Capture)
        assert found.source is None
    else:
        assert found == LeftOut(reason=reason)


def test_a_page_of_another_source_is_not_that_of_the_one_asked_for(tmp_path):
    assert read(tmp_path, page(1), source="zz_other") == [LeftOut(reason="other source")]
    assert numbers(read(tmp_path, page(1), source=SOURCE)) == ["1"]


def test_a_page_without_an_answer_around_it_is_taken_as_a_resource(tmp_path):
    (found,) = read(tmp_path, record(STORY, kind="resource", form="WARC/0.18"))
    assert isinstance(found, Capture)
    assert (found.status, found.headers, found.body) == (None, (), STORY)


BOMB = gzip.compress(bytes(40 << 20))


@dataclass(frozen=True)
class Refused:
    """A record that is read and not taken."""

    content: bytes
    reason: Reason
    said: str


REFUSED = {
    "a wrong block digest": Refused(record(http(STORY), WARC_Block_Digest=sha1(b"x")), Reason.DAMAGED, "WARC-Block-Digest"),
    "a wrong payload digest": Refused(record(http(STORY), WARC_Payload_Digest=sha1(b"x")), Reason.DAMAGED, "WARC-Payload-Digest"),
    "a digest that is none": Refused(record(http(STORY), WARC_Block_Digest="sha1:?é?"), Reason.DAMAGED, "WARC-Block-Digest"),
    "no status line": Refused(record(STORY), Reason.UNREADABLE, "status line"),
    "an empty answer": Refused(record(b""), Reason.UNREADABLE, "status line"),
    "no date": Refused(record(http(STORY), WARC_Date=None), Reason.UNREADABLE, "WARC-Date"),
    "a date that is none": Refused(record(http(STORY), WARC_Date="2026"), Reason.UNREADABLE, "'2026'"),
    "a date to come": Refused(record(http(STORY), WARC_Date="2027-01-01T00:00:00Z"), Reason.UNREADABLE, "cannot be when"),
    "a date before the web": Refused(record(http(STORY), WARC_Date="1970-01-01T00:00:00Z"), Reason.UNREADABLE, "1970"),
    "a page cut by its archiver": Refused(record(http(STORY), WARC_Truncated="length"), Reason.DAMAGED, "WARC-Truncated: length"),
    "a page shorter than announced": Refused(record(http(STORY, headers=[("Content-Length", "99999")])), Reason.DAMAGED, "99999"),
    "chunks that break off": Refused(record(http(chunked(STORY)[:-50], headers=[("Transfer-Encoding", "chunked")])), Reason.DAMAGED, "break off"),
    "gzip that is none": Refused(record(http(b"\x1f\x8b\x08" + bytes(50), headers=[("Content-Encoding", "gzip")])), Reason.DAMAGED, "does not unpack"),
    "a packing nobody knows": Refused(record(http(b"\x07\x07", headers=[("Content-Encoding", "compress")])), Reason.DAMAGED, "compress"),
    "a bomb": Refused(record(http(BOMB, headers=[("Content-Encoding", "gzip")])), Reason.TOO_LARGE, "larger than"),
    "a bomb in a bomb": Refused(record(http(gzip.compress(BOMB), headers=[("Content-Encoding", "gzip, gzip")])), Reason.TOO_LARGE, "larger than"),
    "a page too large": Refused(record(http(bytes(10 << 20) + b" ")), Reason.TOO_LARGE, "10,485,761"),
    "a record too large": Refused(record(http(bytes(12 << 20))), Reason.TOO_LARGE, "too large"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_record_that_cannot_be_taken_is_named_with_its_file_and_place(tmp_path, name):
    case = REFUSED[name]
    before = page(8)
    tracemalloc.start()
    first, found, last = read(tmp_path, before + case.content + page(9))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert isinstance(found, Rejected)
    assert (found.stage, found.reason, found.capture_id) == ("file", case.reason, None)
    for word in ("night.warc.gz", f"at byte {len(before):,}", "00000001>", case.said):
        assert word in found.detail
    assert numbers([first, last]) == ["8", "9"]
    assert peak < 100 << 20


def flipped(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 0xFF
    return bytes(changed)


PAGES = [page(number) for number in range(1, 6)]
FLAT = [page(number, is_packed=False) for number in range(1, 6)]
STARTS = [sum(map(len, PAGES[:number])) for number in range(6)]
FLAT_STARTS = [sum(map(len, FLAT[:number])) for number in range(6)]


@dataclass(frozen=True)
class Broken:
    """A file that is wrong somewhere: what is read of it all the same, and what is said of the rest."""

    content: bytes
    read: str  # numbers of the pages
    said: tuple[str, ...]  # of the one damage


def bytes_from(start: int, end: int) -> str:
    return f"from byte {start:,} to byte {end:,} ({end - start:,} bytes)"


def cut_at(start: int, end: int) -> str:
    return f"from byte {start:,} to its end at byte {end:,}"


ALL, ONE_GZIP = b"".join(PAGES), gzip.compress(b"".join(FLAT))
BROKEN = {
    "cut in a gzip member": Broken(ALL[: STARTS[3] + 200], "123", (cut_at(STARTS[3], STARTS[3] + 200), "the file ends")),
    "cut in the first bytes of a member": Broken(ALL[: STARTS[3] + 1], "123", (cut_at(STARTS[3], STARTS[3] + 1),)),
    "cut in a member's check sum": Broken(ALL[: STARTS[3] - 3], "123", (cut_at(STARTS[2], STARTS[3] - 3),)),
    "cut in a plain file": Broken(b"".join(FLAT)[: FLAT_STARTS[4] - 99], "123", (cut_at(FLAT_STARTS[3], FLAT_STARTS[4] - 99), "are there")),
    "cut in a plain record's head": Broken(b"".join(FLAT)[: FLAT_STARTS[3] + 80], "123", (cut_at(FLAT_STARTS[3], FLAT_STARTS[3] + 80),)),
    "cut in one gzip for all": Broken(ONE_GZIP[:-30], "1234", (cut_at(0, len(ONE_GZIP) - 30),)),
    "a wrong byte in a member": Broken(flipped(ALL, STARTS[2] + 90), "1245", (bytes_from(STARTS[2], STARTS[3]), "gzip data")),
    "a wrong byte in a member's start": Broken(flipped(ALL, STARTS[2] + 1), "1245", (bytes_from(STARTS[2], STARTS[3]),)),
    "garbage between members": Broken(PAGES[0] + b"garbage" * 9 + PAGES[1], "12", (bytes_from(STARTS[1], STARTS[1] + 63),)),
    "garbage behind the last": Broken(PAGES[0] + b"garbage" * 9, "1", (cut_at(STARTS[1], STARTS[1] + 63),)),
    "garbage in a member": Broken(PAGES[0] + gzip.compress(b"garbage" * 9) + PAGES[1], "12", ("Invalid WARC header",)),
    "garbage in a plain file": Broken(FLAT[0] + b"garbage\r\n" * 9 + FLAT[1], "12", ("behind the record",)),
    "two damages side by side": Broken(PAGES[0] + b"x" * 50 + gzip.compress(b"y" * 50) + PAGES[1], "12", (f"from byte {STARTS[1]:,}",)),
    "a length too long": Broken(page(1, Content_Length="99999") + PAGES[1], "2", ("it has 99,999 bytes",)),
    "a length past all memory": Broken(page(1, Content_Length="9" * 15, **PLAIN) + FLAT[1], "2", ("are there",)),
    "a length that is none": Broken(page(1, Content_Length="many", **PLAIN) + FLAT[1], "2", ("no length or type",)),
    "a length below zero": Broken(page(1, Content_Length="-5") + PAGES[1], "2", ("no length or type",)),
    "no digest and a length too short": Broken(page(1, Content_Length="50", WARC_Block_Digest=None, **PLAIN) + FLAT[1], "2", ("cannot be told to be whole",)),
    "no type": Broken(page(1, WARC_Type=None) + PAGES[1], "2", ("no length or type",)),
    "a head without end": Broken(page(1, X=40_000 * "x", **PLAIN) + FLAT[1], "2", ("header length",)),
    "a version to come": Broken(page(1, form="WARC/2.0") + PAGES[1], "2", ("Invalid WARC header",)),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_damage_costs_what_lies_in_it_and_is_said_with_its_place(tmp_path, name):
    case = BROKEN[name]
    found = read(tmp_path, case.content)
    assert "".join(numbers(found)) == case.read
    (damage,) = (one for one in found if isinstance(one, Rejected))
    assert (damage.stage, damage.reason) == ("file", Reason.DAMAGED)
    for word in ("night.warc.gz", *case.said):
        assert word in damage.detail


def test_a_length_too_short_is_a_wrong_digest_and_the_rest_of_it_a_damage(tmp_path):
    found = read(tmp_path, page(1, Content_Length="50", **PLAIN) + FLAT[1])
    assert numbers(found) == ["2"]
    assert [one.reason for one in found if isinstance(one, Rejected)] == [Reason.DAMAGED, Reason.DAMAGED]


SOUND: dict[str, Callable[[], bytes]] = {
    "one gzip member a record": lambda: ALL,
    "one gzip member for all": lambda: ONE_GZIP,
    "plain under the name of gzip": lambda: b"".join(FLAT),
    "the standard's older and newer forms": lambda: b"".join(
        page(number, form=f"WARC/{form}")
        for number, form in enumerate(("0.17", "0.18", "1.0", "1.1", "1.1"), 1)
    ),
    "records of 0 bytes between": lambda: record(b"", None, kind="metadata") + ALL,
    "no digests": lambda: b"".join(
        page(n, WARC_Block_Digest=None, WARC_Payload_Digest=None) for n in range(1, 6)
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_read_in_whatever_form(tmp_path, name):
    found = read(tmp_path, SOUND[name]())
    assert "".join(numbers(found)) == "12345"
    assert not [one for one in found if isinstance(one, Rejected)]


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n" * 99, gzip.compress(b"hello"), b"\x1f\x8b\x08", bytes(99_999)],
    ids=["empty", "text", "gzip of text", "gzip's first bytes", "nothing but zeros"],
)
def test_a_file_that_is_no_archive_is_said_to_be_none(tmp_path, content):
    (found,) = read(tmp_path, content)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.UNREADABLE
    assert "holds no WARC record" in found.detail


def test_a_file_that_is_damaged_all_over_is_left_in_the_end(tmp_path):
    found = read(tmp_path, b"".join(page(1) + b"garbage" for _ in range(150)))
    damages = [one for one in found if isinstance(one, Rejected)]
    assert len(damages) == 100
    assert "the rest of the file is left" in damages[-1].detail


def test_the_same_record_twice_is_one_capture(tmp_path):
    first, second = read(tmp_path, page(1) + page(1))
    assert first == second


def test_a_reader_is_told_how_far_it_is(tmp_path):
    for content in (ALL, b"".join(FLAT), ALL[:-9]):
        (tmp_path / "night.warc").write_bytes(content)
        places: list[int] = []
        list(read_archive(tmp_path / "night.warc", wanted(), on_position=places.append))
        assert places == sorted(places)
        assert places[-1] == len(content)


def test_whatever_is_changed_in_a_file_it_is_read_without_an_error(tmp_path):
    chance = random.Random(7)
    for _ in range(150):
        content = bytearray(chance.choice([ALL, b"".join(FLAT), ONE_GZIP]))
        for _ in range(chance.randint(1, 5)):
            place, other = chance.randrange(len(content)), chance.randrange(len(content))
            change = chance.randrange(4)
            if change == 0:
                content[place] = chance.randrange(256)
            elif change == 1:
                del content[place : place + chance.randint(1, 200)]
            elif change == 2:
                content[place:place] = content[other : other + chance.randint(1, 500)]
            else:
                del content[max(1, place) :]
        for found in read(tmp_path, bytes(content)):
            assert not isinstance(found, Rejected) or "night.warc.gz" in found.detail
