"""Folders of the past: what lies in them becomes captures, whatever cannot be one becomes a rejected row.

Text, HTML and JSONL files, web archives, lakes and exports of another Nightwire. A file's capture is identified by its
bytes, source and address, an archived page's by its moment too, so walking the same folder again, or a copy of it, brings
nothing new.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from articles.decoding import readable
from articles.errors import NightwireError
from articles.records import Capture, Reason, Rejected
from articles.urls import capture_id, fetch_url
from flows.watching import advance
from flows.webarchives import LeftOut, Wanted, read_archive
from warehouse import capture_files, is_lake, read_captures

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
EXPORTED = ".parquet"
CAPTURES_FILE = (
    "captures.parquet"  # as `nightwire export parquet` names it; the tables beside it are made of it
)
ARCHIVES = (".warc", ".warc.gz")

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
    is_every_host: bool = False  # take archived pages of hosts that no source is at home at, too


def find_files(paths: Iterable[Path]) -> list[Path]:
    """All files below the paths, sorted; hidden ones and their folders left out.

    A path that does not exist is listed too, so that reading it says so by name. A lake is one thing, listed as its
    folder; of an exported folder only the captures are listed, because the other tables come from them.
    """
    found: list[Path] = []
    for path in paths:
        found.extend(_walk(path) if path.is_dir() else [path])
    return found


def _walk(folder: Path) -> list[Path]:
    if is_lake(folder):
        return [folder]
    found: list[Path] = []
    try:
        inside = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError:
        return [folder]  # reading it says why
    is_export = any(one.name == CAPTURES_FILE for one in inside)
    for one in inside:
        if one.is_dir():
            found.extend([] if one.is_symlink() else _walk(one))
        elif not (is_export and one.suffix == EXPORTED and one.name != CAPTURES_FILE):
            found.append(one)
    return found


def size_of(path: Path) -> int:
    """How many bytes reading a file or a lake goes through; 0 where that cannot be told."""
    try:
        if path.is_dir():
            return sum(one.stat().st_size for one in capture_files(path))
        return path.stat().st_size
    except (OSError, NightwireError):
        return 0


@dataclass(slots=True)
class Tally:
    """What was met on the way, besides captures."""

    left_out: Counter[str] = field(default_factory=Counter)  # by reason
    set_aside: Counter[Reason] = field(default_factory=Counter)


def read_files(files: Sequence[Path], origin: Origin, tally: Tally) -> Iterator[Capture | SetAside]:
    """All that the files hold, one after another; how far it is, in bytes, is told to whoever watches the run."""
    sizes = [size_of(file) for file in files]
    total, behind = sum(sizes), 0
    for file, size in zip(files, sizes, strict=True):
        done = partial(_tell, behind, total)
        for found in read_file(file, origin, on_position=done):
            if isinstance(found, LeftOut):
                tally.left_out[found.reason] += 1
                continue
            if isinstance(found, SetAside):
                tally.set_aside[found.rejected.reason] += 1
            yield found
        done(size)
        behind += size


def _tell(behind: int, total: int, position: int) -> None:
    advance("taking files in", behind + position, total, unit="bytes")


def read_file(
    path: Path, origin: Origin, *, on_position: Callable[[int], None] = lambda _: None
) -> Iterator[Capture | SetAside | LeftOut]:
    """The captures one file holds: one for a text or a page, one for each line of a JSONL file or page of an archive.

    Args:
        path: a file, or the folder of a lake.
        origin: what the caller knows of it.
        on_position: called with the number of bytes behind us, while a large file is read.

    Yields:
        Captures; what was set aside: a file that vanished or may not be opened, one that is too large or damaged, one
        whose ending says nothing we read; and what an archive holds beside pages of ours.
    """
    try:
        for found in _read(path, origin, on_position):
            yield SetAside(path=str(path), rejected=found) if isinstance(found, Rejected) else found
    except OSError as error:
        yield _set_aside(
            path, Reason.UNREADABLE, f"{error.strerror or error}; check that it exists and may be read"
        )


def _read(
    path: Path, origin: Origin, on_position: Callable[[int], None]
) -> Iterator[Capture | SetAside | Rejected | LeftOut]:
    ending = path.suffix.casefold()
    if path.is_dir() and is_lake(path):
        yield from _read_lake(path, origin, on_position)
    elif path.is_dir():
        yield _set_aside(
            path, Reason.UNREADABLE, "it is a folder that may not be listed; see its permissions"
        )
    elif path.name.casefold().endswith(ARCHIVES):
        wanted = Wanted(
            run_id=origin.run_id,
            now=origin.now,
            source_of=origin.source_of,
            source=origin.source,
            is_every_host=origin.is_every_host,
        )
        yield from read_archive(path, wanted, on_position=on_position)
    elif ending == EXPORTED:
        yield from read_captures(path, run_id=origin.run_id, on_position=on_position)
    elif ending in RECORDS:
        yield from _read_records(path, origin, on_position)
    elif ending not in MEDIA_TYPES:
        known = " ".join(sorted({*MEDIA_TYPES, *RECORDS, *ARCHIVES, EXPORTED}))
        yield _set_aside(path, Reason.NOT_TEXT, f"the ending {ending or '(none)'} is none of {known}")
    elif (size := path.stat().st_size) > MAX_FILE_BYTES:
        yield _set_aside(path, Reason.TOO_LARGE, f"{size:,} bytes, more than {MAX_FILE_BYTES:,}; split it")
    else:
        yield _capture(
            path.read_bytes(), MEDIA_TYPES[ending], str(path), url=None, source=origin.source, origin=origin
        )


def _read_lake(
    home: Path, origin: Origin, on_position: Callable[[int], None]
) -> Iterator[Capture | SetAside | Rejected]:
    try:
        files = capture_files(home)
    except NightwireError as problem:
        yield _set_aside(home, Reason.UNREADABLE, str(problem))
        return
    behind = 0
    for file in files:
        size = size_of(file)
        yield from read_captures(
            file,
            run_id=origin.run_id,
            on_position=partial(_add, on_position, behind),
        )
        behind += size
        on_position(behind)


def _add(on_position: Callable[[int], None], behind: int, position: int) -> None:
    on_position(behind + position)


def _read_records(
    path: Path, origin: Origin, on_position: Callable[[int], None]
) -> Iterator[Capture | SetAside]:
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(MAX_FILE_BYTES + 1):
            number += 1
            on_position(lines.tell())
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
    source = readable(named) if isinstance(named, str) and named else origin.source
    return _capture(line, RECORD_TYPE, place, url=url, source=source, origin=origin)


def _address(value: object) -> str | None:
    return readable(value) if isinstance(value, str) and fetch_url(value) is not None else None


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
