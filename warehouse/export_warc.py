"""Captures as web archives: WARC 1.1, one gzip member a record, for every tool that reads them and for `backfill`.

A body is kept unpacked, so the headers that say how it was packed or how long it then was would be untrue of it: they
go under a name with `X-Archive-Orig-` in front, as replay tools and crawlers do (pywb; CC-NEWS with a prefix of its own
since commoncrawl/news-crawl#30), and the true length is stated. What WARC has no field for is in `WARC-Nightwire-Capture`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

from articles.errors import NightwireError
from articles.records import Capture
from warehouse.captures import Condition, captures_on
from warehouse.duck import Connection
from warehouse.export import export_target
from warehouse.publish import published

SPLIT_BYTES = 10**9  # of a file in a folder; the usual size of an archive's files
GZIP_LEVEL = 6

ORIGIN_FIELD = "WARC-Nightwire-Capture"  # a JSON object: what a capture is besides its answer
HIDDEN_PREFIX = "X-Archive-Orig-"

_ORIGIN = ("capture_id", "source", "url", "requested_url", "discovered_via", "media_type", "fetch_ms")
_NO_LINE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")  # what would end a header's line
_FOR_URI = "!#$%&'()*+,-./:;=?@_~[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcCounts:
    """What was written."""

    files: int
    captures: int
    bytes: int  # of the files


def export_warc(
    home: Path,
    target: Path,
    *,
    force: bool = False,
    source: str | None = None,
    since: date | None = None,
    until: date | None = None,
    split_bytes: int = SPLIT_BYTES,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> WarcCounts:
    """Write captures of the published lake as WARC: a file for a name in `.warc.gz`, else a folder of files.

    Args:
        home: the lake folder.
        target: the file or folder; it appears when it is whole.
        force: replace what is there.
        source: this source's captures alone.
        since: taken on this day (UTC) or later.
        until: taken on this day (UTC) or earlier.
        split_bytes: a file of a folder ends when it has reached this; a single file is never split.
        on_progress: called with captures written and how many there are.

    Raises:
        NightwireError: no lake, no such capture, or the target is there or cannot be written.
    """
    wanted = _condition(source, since, until)
    with export_target(target, force) as unfinished, published(home) as (connection, _):
        total = _count(connection, wanted)
        if total == 0:
            raise NightwireError(
                f"the lake {home} holds no such capture, so {target} was not written; ask for another source or other days"
            )
        is_one_file = target.name.endswith(".gz")
        if not is_one_file:
            unfinished.mkdir()
        batches = captures_on(lambda: nullcontext(connection), wanted)
        captures = (capture for batch in batches for capture in batch)
        counts = WarcCounts(files=0, captures=0, bytes=0)
        waiting = next(captures, None)
        while waiting is not None:
            name = target.name if is_one_file else f"nightwire-{counts.files:05}.warc.gz"
            with (unfinished if is_one_file else unfinished / name).open("wb") as file:
                file.write(_warcinfo(name))
                written = counts.captures
                while waiting is not None and (is_one_file or file.tell() < split_bytes):
                    file.write(warc_record(waiting))
                    written += 1
                    on_progress(written, total)
                    waiting = next(captures, None)
                counts = WarcCounts(
                    files=counts.files + 1, captures=written, bytes=counts.bytes + file.tell()
                )
    return counts


def warc_record(capture: Capture) -> bytes:
    """One capture as a gzip member: a `response` with the server's answer, or a `resource` for what no server sent."""
    origin = {name: getattr(capture, name) for name in _ORIGIN}
    is_answer = capture.status is not None
    block = _http_head(capture) + capture.body if is_answer else capture.body
    media_type = "application/http; msgtype=response" if is_answer else capture.media_type
    return _member(
        [
            ("WARC-Type", "response" if is_answer else "resource"),
            ("WARC-Record-ID", f"<urn:uuid:{_uuid(capture.capture_id)}>"),
            ("WARC-Date", _moment(capture.captured_at)),
            ("WARC-Target-URI", quote(capture.url or f"file:{capture.requested_url}", safe=_FOR_URI)),
            ("Content-Type", media_type or "application/octet-stream"),
            ("WARC-Payload-Digest", _digest(capture.body)),
            ("WARC-Block-Digest", _digest(block)),
            (ORIGIN_FIELD, json.dumps(origin, ensure_ascii=True)),
        ],
        block,
    )


def _http_head(capture: Capture) -> bytes:
    """Status line and headers in their order. Only the code of the status line was kept; its words are the standard's."""
    assert capture.status is not None
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {capture.status} {phrase}"]
    is_length_hidden = False
    for name, value in capture.headers:
        if _is_untrue(name, value, len(capture.body)):
            is_length_hidden = is_length_hidden or name.lower() == "content-length"
            lines.append(f"{HIDDEN_PREFIX}{name}: {value}")
        else:
            lines.append(f"{name}: {value}")
    if is_length_hidden:
        lines.append(f"Content-Length: {len(capture.body)}")
    return b"".join(_line(one) for one in lines) + b"\r\n"


def _is_untrue(name: str, value: str, body_bytes: int) -> bool:
    name, value = name.lower(), value.strip().lower()
    if name == "content-length":
        return value != str(body_bytes)
    return name in ("content-encoding", "transfer-encoding") and value not in ("", "identity")


def _line(text: str) -> bytes:
    text = _NO_LINE.sub(" ", text)
    try:
        return text.encode("latin-1") + b"\r\n"
    except UnicodeEncodeError:  # not from a server: headers are read as Latin-1
        return text.encode("utf-8", "replace") + b"\r\n"


def _warcinfo(name: str) -> bytes:
    fields = {
        "software": f"Nightwire/{version('nightwire')}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": f"captures of a lake; bodies are unpacked, untrue headers begin with {HIDDEN_PREFIX}",
    }
    block = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    return _member(
        [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<urn:uuid:{uuid4()}>"),
            ("WARC-Date", _moment(datetime.now(UTC))),
            ("WARC-Filename", name),
            ("Content-Type", "application/warc-fields"),
            ("WARC-Block-Digest", _digest(block)),
        ],
        block,
    )


def _member(fields: Sequence[tuple[str, str]], block: bytes) -> bytes:
    head = b"".join(_NO_LINE.sub(" ", f"{name}: {value}").encode() + b"\r\n" for name, value in fields)
    length = f"Content-Length: {len(block)}\r\n\r\n".encode()
    return gzip.compress(b"WARC/1.1\r\n" + head + length + block + b"\r\n\r\n", GZIP_LEVEL, mtime=0)


def _digest(data: bytes) -> str:
    return f"sha256:{base64.b32encode(hashlib.sha256(data).digest()).decode()}"


def _uuid(capture_id: str) -> UUID:
    """The same record of the same capture, whenever it is exported."""
    try:
        return UUID(capture_id)
    except ValueError:  # an id of an older form
        return UUID(hashlib.sha256(capture_id.encode()).hexdigest()[:32])


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _condition(source: str | None, since: date | None, until: date | None) -> Condition:
    conditions = ["true"]
    parameters: dict[str, str] = {}
    if source is not None:
        conditions.append("source = $source")
        parameters["source"] = source
    if since is not None:
        conditions.append("captured_at >= cast($since as timestamptz)")
        parameters["since"] = f"{since.isoformat()} 00:00:00+00"
    if until is not None:
        conditions.append("captured_at < cast($until as timestamptz)")
        parameters["until"] = f"{(until + timedelta(days=1)).isoformat()} 00:00:00+00"
    return " and ".join(conditions), parameters


def _count(connection: Connection, wanted: Condition) -> int:
    row = connection.execute(f"select count(*) from captures where {wanted[0]}", wanted[1]).fetchone()
    return int(row[0]) if row else 0
