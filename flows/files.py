"""Folders of the past: text, HTML and JSONL files become captures, whatever cannot be one becomes a rejected row.

A file's capture is identified by its bytes, source and address, so walking the same folder again, or a copy of it,
brings nothing new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from articles.records import Capture, Reason, Rejected
from articles.urls import capture_id, fetch_url

# What a file's name says of its bytes. No charset: decoding finds it.
MEDIA_TYPES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
}
RECORDS = frozenset({".jsonl", ".ndjson"})  # one article a line: source, url, title, text, published, …
RECORD_TYPE = "application/json"

# Pages are refused above 10 MB when they are read; files up to this size are kept all the same, as evidence.
MAX_FILE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A file or a line that became no capture, with what a person needs to find it."""

    path: str
    rejected: Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the caller knows of the files: the run that loads them, and where they come from."""

    run_id: str
    source: str | None  # for files and rows that do not name their own
    source_of: Callable[[str], str | None]  # source id of an address, None when no source file has its host
    now: datetime  # UTC


def find_files(paths: Iterable[Path]) -> list[Path]:
    """All files below the paths, sorted; hidden ones and their folders left out.

    A path that does not exist is listed too, so that reading it says so by name.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (one for one in path.rglob("*") if not _is_hidden(one.relative_to(path)))
            found.extend(sorted(one for one in inside if one.is_file() or not one.exists()))
        else:
            found.append(path)
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def read_file(path: Path, origin: Origin) -> Iterator[Capture | SetAside]:
    """The captures one file holds: one for a text or a page, one for each line of a JSONL file.

    Yields:
        Captures, and what was set aside: a file that vanished or may not be opened, one that is too large, one whose
        ending says nothing we read.
    """
    ending = path.suffix.casefold()
    try:
        size = path.stat().st_size
        if ending in RECORDS:
            yield from _read_records(path, origin)
        elif ending not in MEDIA_TYPES:
            known = " ".join(sorted({*MEDIA_TYPES, *RECORDS}))
            yield _set_aside(path, Reason.NOT_TEXT, f"the ending {ending or '(none)'} is none of {known}")
        elif size > MAX_FILE_BYTES:
            yield _set_aside(
                path, Reason.TOO_LARGE, f"{size:,} bytes, more than {MAX_FILE_BYTES:,}; split it"
            )
        else:
            yield _capture(
                path.read_bytes(),
                MEDIA_TYPES[ending],
                str(path),
                url=None,
                source=origin.source,
                origin=origin,
            )
    except OSError as error:
        yield _set_aside(
            path, Reason.UNREADABLE, f"{error.strerror or error}; check that it exists and may be read"
        )


def _read_records(path: Path, origin: Origin) -> Iterator[Capture | SetAside]:
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(MAX_FILE_BYTES + 1):
            number += 1
            if len(line) > MAX_FILE_BYTES:
                yield _set_aside(
                    path, Reason.TOO_LARGE, f"line {number} is longer than {MAX_FILE_BYTES:,} bytes"
                )
                return
            if line.strip():
                yield _record(line.strip(), f"{path}#{number}", origin)


def _record(line: bytes, place: str, origin: Origin) -> Capture:
    """A line is kept as it stands, even one that is no record: reading it says what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    declared = row if isinstance(row, dict) else {}
    url = _address(declared.get("url"))
    named = declared.get("source")
    source = named if isinstance(named, str) and named else origin.source
    return _capture(line, RECORD_TYPE, place, url=url, source=source, origin=origin)


def _address(value: object) -> str | None:
    return value if isinstance(value, str) and fetch_url(value) is not None else None


def _capture(
    body: bytes, media_type: str, place: str, *, url: str | None, source: str | None, origin: Origin
) -> Capture:
    body_sha256 = hashlib.sha256(body).hexdigest()
    if source is None and url is not None:
        source = origin.source_of(url)
    return Capture(
        capture_id=capture_id(source=source, url=url, body_sha256=body_sha256, captured_at=None),
        run_id=origin.run_id,
        source=source,
        url=url,
        requested_url=place,
        discovered_via="backfill",
        status=None,
        headers=(),
        media_type=media_type,
        body=body,
        body_sha256=body_sha256,
        captured_at=origin.now,
        fetch_ms=None,
    )


def _set_aside(path: Path, reason: Reason, detail: str) -> SetAside:
    return SetAside(
        path=str(path),
        rejected=Rejected(capture_id=None, stage="file", reason=reason, detail=f"{path}: {detail}"),
    )
