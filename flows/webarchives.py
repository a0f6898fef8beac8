"""Web archives of the past: the pages in WARC files become captures, everything else in them is accounted for.

It lies beside `files` and not in `spiders`: a file that a person names asks nobody, and what its records say is taken
as it stands. What the server had packed a page in is undone as the crawler does it (`spiders.unpacking`), so that a
capture from an archive has the bytes that a capture from the wire has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from articles.records import Capture, Reason, Rejected
from articles.urls import capture_id, fetch_url
from flows.warcfiles import Damage, Record, agrees, read_records
from spiders.source import site_host
from spiders.unpacking import CannotUnpack, undo_chunks, undo_content_encoding
from warehouse import HIDDEN_PREFIX, ORIGIN_FIELD

# The crawler refuses larger pages as well, packed or unpacked (notes/reliability.md 3.4).
MAX_BODY_BYTES = 10 << 20
MAX_BLOCK_BYTES = MAX_BODY_BYTES + (1 << 20)  # with room for the HTTP head and the sizes of chunks
MAX_OWN_BYTES = 65 << 20  # of a capture that another Nightwire made of a file: these are kept up to 64 MiB

CLOCK_SLACK = timedelta(days=1)  # what is dated later than this from now was not taken then
FIRST_PAGE = datetime(1991, 8, 6, tzinfo=UTC)  # of the web: what is dated earlier was not taken then either

# Archives that keep a body unpacked keep what is no longer true of it under another name: CC-NEWS since May 2019
# (commoncrawl/news-crawl#30), browser-based crawlers, replay tools and our own export.
_HIDING = (HIDDEN_PREFIX, "X-Crawler-", "X-Orig-")
_HIDDEN = {
    f"{prefix}{name}".lower(): name
    for prefix in _HIDING
    for name in ("Content-Encoding", "Transfer-Encoding", "Content-Length")
}

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?: [^\r\n]*)?(?:\r?\n|$)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_PROLOGUE = rb"(?is)(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,500}>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}"
_HTML_START = re.compile(_PROLOGUE + rb"<(?:!doctype\s+html|html\b|head\b|body\b)")
_FEED_START = re.compile(_PROLOGUE + rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pages of an archive to take, and for which run."""

    run_id: str
    now: datetime  # UTC
    source_of: Callable[[str], str | None]  # source id of an address, None when no source file has its host
    source: str | None = None  # this source's pages alone
    is_every_host: bool = False  # also pages of hosts that no source is at home at


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A record that is sound and no page for us: counted, never a row of its own."""

    reason: str  # "other host", "request", "status 404", "type image/png", …


Found = Capture | Rejected | LeftOut


def read_archive(
    path: Path, wanted: Wanted, *, on_position: Callable[[int], None] = lambda _: None
) -> Iterator[Found]:
    """The pages of one WARC file, and an account of every other record and of each damaged place.

    Memory stays within a few times `MAX_BODY_BYTES`, whatever the file holds. The same record read twice, or in two
    files, gives the same capture.

    Args:
        path: the file, plain or gzip.
        wanted: which pages to take.
        on_position: called with the number of bytes of the file that are behind us.

    Yields:
        Captures; `Rejected` (stage "file") with file, record and offset for what is damaged or cannot be taken as it
        is; a reason for each record that is none of ours.

    Raises:
        OSError: the file cannot be read.
    """

    def bytes_wanted(headers: Mapping[str, str]) -> int:
        if _why_left_out(headers, wanted) is not None:
            return 0
        return MAX_OWN_BYTES if ORIGIN_FIELD.lower() in headers else MAX_BLOCK_BYTES

    has_records = False
    for found in read_records(path, bytes_wanted, on_position=on_position):
        if isinstance(found, Damage):
            if not has_records and found.is_to_end:
                break
            yield _damaged(path, found)
            continue
        has_records = True
        yield _look_at(found, path, wanted)
    if not has_records:
        detail = (
            "it holds no WARC record; expected a file that begins with WARC/1.0 or WARC/1.1, plain or gzip"
        )
        yield Rejected(capture_id=None, stage="file", reason=Reason.UNREADABLE, detail=f"{path}: {detail}")


def _damaged(path: Path, damage: Damage) -> Rejected:
    place = f"from byte {damage.offset:,} to {'its end at ' if damage.is_to_end else ''}byte {damage.until:,}"
    after = (
        "get the file again"
        if damage.is_to_end
        else "what follows is loaded; get the file again for the rest"
    )
    return Rejected(
        capture_id=None,
        stage="file",
        reason=Reason.DAMAGED,
        detail=f"{path}: {place} ({damage.until - damage.offset:,} bytes) nothing can be read: {damage.what}; {after}",
    )


def _why_left_out(headers: Mapping[str, str], wanted: Wanted) -> str | None:
    """Why a record is none of ours, as its headers tell; None where it has to be read."""
    kind = headers.get("warc-type", "").lower()
    if kind not in ("response", "resource"):
        return kind or "no type"
    if ORIGIN_FIELD.lower() in headers:
        return None  # of another Nightwire: it says itself what it is
    url = _target(headers)
    if kind == "response" and not headers.get("content-type", "application/http").lower().startswith(
        "application/http"
    ):
        return f"response to no HTTP ({headers['content-type'].partition(';')[0]})"
    if not url.lower().startswith(("http://", "https://")):
        return "no address of a page"
    owner = wanted.source_of(url)
    if wanted.source is not None and owner != wanted.source:
        return "other source"
    if owner is None and not wanted.is_every_host:
        return "other host"
    if fetch_url(url) is None:
        return "no address of a page"
    if owner is None and not _is_public(url):
        return "no public host"
    if urlsplit(url).path.lower() == "/robots.txt":
        return "robots.txt"
    return None


def _target(headers: Mapping[str, str]) -> str:
    return (
        headers.get("warc-target-uri", "").removeprefix("<").removesuffix(">")
    )  # WARC 1.0 allowed the brackets


def _is_public(url: str) -> bool:
    """Whether an address can have been a publisher's: not this machine's, not one of an intranet."""
    from spiders.transport import is_public, literal_address  # pulls in Twisted, for --all-hosts alone

    host = site_host(url)
    literal = literal_address(host)
    if literal is not None:
        return is_public(literal)
    return "." in host and not host.endswith((".localhost", ".local", ".internal", ".home.arpa"))


def _look_at(record: Record, path: Path, wanted: Wanted) -> Found:
    reason = _why_left_out(record.headers, wanted)
    if reason is not None:
        return LeftOut(reason=reason)
    if record.block is None:
        return _set_aside(path, record, Reason.TOO_LARGE, f"it is too large: {record.length:,} bytes")
    if record.is_block_right is False:
        return _set_aside(
            path, record, Reason.DAMAGED, "its bytes do not have the WARC-Block-Digest it states"
        )
    if "warc-truncated" in record.headers:
        why = record.headers["warc-truncated"]
        return _set_aside(path, record, Reason.DAMAGED, f"whoever archived it cut it (WARC-Truncated: {why})")
    try:
        return _page(record, record.block, wanted)
    except CannotUnpack as problem:
        return _set_aside(
            path, record, Reason.TOO_LARGE if problem.is_too_large else Reason.DAMAGED, str(problem)
        )
    except _Unsound as problem:
        return _set_aside(path, record, problem.reason, str(problem))


class _Unsound(Exception):
    """A page that cannot be taken as it is."""

    def __init__(self, message: str, reason: Reason = Reason.DAMAGED) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Answer:
    """An HTTP answer as it is kept: headers as they were sent, the body unpacked."""

    status: int | None
    headers: tuple[tuple[str, str], ...]
    media_type: str | None
    body: bytes


def _page(record: Record, block: bytes, wanted: Wanted) -> Capture | LeftOut:
    origin = _origin(record)
    if record.headers["warc-type"].lower() == "response":
        answer = _answer(record, block, is_ours=origin is not None)
        if isinstance(answer, LeftOut):
            return answer
    else:
        media_type = record.headers.get("content-type")
        if origin is None and (reason := _why_no_page(None, media_type)) is not None:
            return LeftOut(reason=reason)
        _check_payload(record, [block])
        answer = _Answer(None, (), media_type, block)
    if origin is not None:
        return _capture_of_another(origin, answer, _moment(record, wanted.now), wanted)
    if (reason := _why_no_text(answer)) is not None:
        return LeftOut(reason=reason)
    if len(answer.body) > MAX_BODY_BYTES:
        raise _Unsound(f"it has {len(answer.body):,} bytes, more than {MAX_BODY_BYTES:,}", Reason.TOO_LARGE)
    url = _target(record.headers)
    source = wanted.source_of(url)
    body_sha256 = sha256(answer.body).hexdigest()
    captured_at = _moment(record, wanted.now)
    return Capture(
        capture_id=capture_id(source=source, url=url, body_sha256=body_sha256, captured_at=captured_at),
        run_id=wanted.run_id,
        source=source,
        url=url,
        requested_url=url,
        discovered_via="warc",
        status=answer.status,
        headers=answer.headers,
        media_type=answer.media_type,
        body=answer.body,
        body_sha256=body_sha256,
        captured_at=captured_at,
        fetch_ms=None,
    )


def _why_no_page(status: int | None, media_type: str | None) -> str | None:
    if status is not None and status != 200:
        return f"status {status}"
    plain = (media_type or "").partition(";")[0].strip().lower()
    return None if not plain or plain in PAGE_TYPES else f"type {plain[:50]}"


def _why_no_text(answer: _Answer) -> str | None:
    if _FEED_START.match(answer.body):
        return "feed or sitemap"
    if not answer.media_type and not _HTML_START.match(answer.body):
        return "no type, and no HTML"
    return None


def _answer(record: Record, block: bytes, *, is_ours: bool) -> _Answer | LeftOut:
    status_line = _STATUS_LINE.match(block)
    if status_line is None:
        raise _Unsound("it does not begin with an HTTP status line", Reason.UNREADABLE)
    status = int(status_line[1])
    head_end = _HEAD_END.search(block, status_line.end() - 2)
    end = len(block) if head_end is None else head_end.end()
    stored = _fields(block[status_line.end() : end])
    headers = _as_sent(stored)
    media_type = _values(headers, "content-type")[0] if _values(headers, "content-type") else None
    if not is_ours and (reason := _why_no_page(status, media_type)) is not None:
        return LeftOut(reason=reason)
    payload = block[end:]
    is_chunked = any("chunked" in one.lower() for one in _values(stored, "transfer-encoding"))
    whole = undo_chunks(payload) if is_chunked else payload
    packings = _values(stored, "content-encoding")
    body = undo_content_encoding(whole, packings, max_bytes=MAX_BODY_BYTES) if packings else whole
    _check_payload(record, [payload, whole, body])
    lengths = _values(headers, "content-length")
    is_as_sent = stored == headers and not packings and not is_chunked
    if is_as_sent and lengths and lengths[0].isdigit() and len(payload) < int(lengths[0][:18]):
        raise _Unsound(f"the server announced {lengths[0]} bytes, and {len(payload):,} were kept")
    return _Answer(status, headers, media_type, body)


def _fields(head: bytes) -> tuple[tuple[str, str], ...]:
    """Header lines in order; folded ones joined, lines without a colon left out, as the crawler does."""
    fields: list[tuple[str, str]] = []
    for line in head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
        elif colon and name.strip():
            fields.append((name.strip(), value.strip()))
    return tuple(fields)


def _values(headers: Sequence[tuple[str, str]], wanted: str) -> list[str]:
    return [value for name, value in headers if name.lower() == wanted]


def _as_sent(stored: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Headers under the names they were sent with, where an archive that unpacked the body has hidden them."""
    hidden = {name.lower(): _HIDDEN[name.lower()] for name, _ in stored if name.lower() in _HIDDEN}
    if not hidden:
        return stored
    is_length_the_archives = "Content-Length" in hidden.values()
    return tuple(
        (hidden.get(name.lower(), name), value)
        for name, value in stored
        if not (is_length_the_archives and name.lower() == "content-length")
    )


def _check_payload(record: Record, readings: Sequence[bytes]) -> None:
    """Tools differ in what they call the payload: as sent, without its chunks, or unpacked. One must agree."""
    stated = record.headers.get("warc-payload-digest")
    if stated is not None and all(agrees(stated, one) is False for one in dict.fromkeys(readings)):
        raise _Unsound("its bytes do not have the WARC-Payload-Digest it states")


def _moment(record: Record, now: datetime) -> datetime:
    """When it was taken. A record that does not say so is not dated by guessing: "yesterday" on it would be wrong."""
    stated = record.headers.get("warc-date", "")
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        moment = None
    if moment is None or not re.match(r"\d{4}-?\d\d-?\d\d[T ]", stated):
        raise _Unsound(
            f"its WARC-Date {stated[:40]!r} is no moment; expected one such as 2026-11-20T01:02:03Z",
            Reason.UNREADABLE,
        )
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not FIRST_PAGE <= moment <= now + CLOCK_SLACK:
        raise _Unsound(
            f"its WARC-Date {stated[:40]!r} cannot be when it was taken; correct it", Reason.UNREADABLE
        )
    return moment


# ---- captures that another Nightwire wrote out


def _origin(record: Record) -> Mapping[str, object] | None:
    """What an exported capture says of itself."""
    stated = record.headers.get(ORIGIN_FIELD.lower())
    if stated is None:
        return None
    try:
        origin = json.loads(stated)
    except (ValueError, RecursionError):
        origin = None
    if not isinstance(origin, dict):
        raise _Unsound(f"its {ORIGIN_FIELD} is no JSON object", Reason.UNREADABLE)
    return origin


def _capture_of_another(
    origin: Mapping[str, object], answer: _Answer, captured_at: datetime, wanted: Wanted
) -> Capture | LeftOut:
    """The capture as it was, if its id is the one that its bytes, source, address and moment give."""
    body_sha256 = sha256(answer.body).hexdigest()
    source, url = _text(origin, "source"), _text(origin, "url")
    if wanted.source is not None and source != wanted.source:
        return LeftOut(reason="other source")
    ids = {
        capture_id(source=source, url=url, body_sha256=body_sha256, captured_at=moment)
        for moment in (captured_at, None)  # files are known by their bytes, whenever they were loaded
    }
    stated = _text(origin, "capture_id")
    if stated not in ids:
        raise _Unsound(
            f"its bytes, source, address and moment are not those of the capture {stated} it says it is"
        )
    fetch_ms = origin.get("fetch_ms")
    return Capture(
        capture_id=stated,
        run_id=wanted.run_id,
        source=source,
        url=url,
        requested_url=_text(origin, "requested_url") or url or stated,
        discovered_via=_text(origin, "discovered_via") or "warc",
        status=answer.status,
        headers=answer.headers,
        media_type=_text(origin, "media_type"),
        body=answer.body,
        body_sha256=body_sha256,
        captured_at=captured_at,
        fetch_ms=fetch_ms if isinstance(fetch_ms, int) else None,
    )


def _text(origin: Mapping[str, object], name: str) -> str | None:
    value = origin.get(name)
    return value if isinstance(value, str) else None


def _set_aside(path: Path, record: Record, reason: Reason, what: str) -> Rejected:
    address = _target(record.headers)
    said = f"{path}: {record.name} ({address[:200]}): {what}; it is not loaded"
    return Rejected(capture_id=None, stage="file", reason=reason, detail=said)
