"""The door between crawling and the lake: files of captures, each file whole or not there.

A capture is one line of compact JSON with every field but the body, a newline, and the body's bytes. A file
`<capture_id>.capture` holds one; captures that came together share a file `<first capture_id>.<count>.captures`, one
after another: a file of its own, synced, costs as much CPU as the page cost to fetch. The crawler writes; the load
reads, and removes a file only after all its captures are committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from articles.records import Capture, Reason, Rejected

SUFFIX, SHARED_SUFFIX = ".capture", ".captures"
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


class CaptureWriter:
    """Writes captures into a spool folder, durably."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def write(self, *captures: Capture) -> Path:
        """Keep captures, in one file; when this returns, a power cut does not take one back.

        Raises:
            ValueError: a capture's id cannot be a file name.
            OSError: the disk is full or the folder gone; nothing is left under the file's name.
        """
        for capture in captures:
            if not _SAFE_NAME.fullmatch(capture.capture_id):
                raise ValueError(f"capture id {capture.capture_id!r} cannot name a file")
        name, count = captures[0].capture_id, len(captures)
        path = self.folder / (f"{name}{SUFFIX}" if count == 1 else f"{name}.{count}{SHARED_SUFFIX}")
        unfinished = self.folder / f".{name}.{os.getpid()}.unfinished"
        try:
            with unfinished.open("wb") as file:
                for capture in captures:
                    file.write(_header(capture))
                    file.write(b"\n")
                    file.write(capture.body)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return path


def read_spooled(folder: Path) -> Iterator[tuple[Path, Capture | Rejected]]:
    """Read what the crawler left, in the order of the file names.

    A file that is torn, altered or none of ours comes back as `Rejected` (stage "spool"), never silently left out;
    after the captures in it that are whole. Files still being written (their names start with a dot) are not there yet.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            try:
                for capture in _read(path):
                    yield path, capture
            except (OSError, ValueError, KeyError, TypeError) as error:
                yield (
                    path,
                    Rejected(
                        capture_id=path.stem if path.suffix == SUFFIX else None,
                        stage="spool",
                        reason=Reason.UNREADABLE,
                        detail=f"{path.name} in the spool is not whole ({error}); fetch its address again",
                    ),
                )


def _header(capture: Capture) -> bytes:
    fields = {name: getattr(capture, name) for name in Capture.__dataclass_fields__ if name != "body"}
    fields["captured_at"] = capture.captured_at.astimezone(UTC).isoformat()
    fields["body_bytes"] = len(capture.body)
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _read(path: Path) -> Iterator[Capture]:
    """The captures of a file that are whole; then a ValueError where others are not."""
    name, _, count = path.stem.partition(".")
    faults: list[str] = []
    seen = 0
    with path.open("rb") as file:
        while line := file.readline():
            fields = (
                json.loads(line) if line.endswith(b"\n") and path.suffix in (SUFFIX, SHARED_SUFFIX) else None
            )
            if not isinstance(fields, dict):
                raise ValueError("it does not open with a capture's header")
            capture = _capture(
                fields, file.read(fields.pop("body_bytes", -1))
            )  # written before files were shared
            if hashlib.sha256(capture.body).hexdigest() != capture.body_sha256:
                faults.append("its body is not the one that was received")
            elif seen == 0 and name != capture.capture_id:
                faults.append("its name is not its capture's id")
            else:
                yield capture
            seen += 1
    if seen != int(count or 1):
        raise ValueError(f"it holds {seen} captures where its name says {count or 1}")
    if faults:
        raise ValueError("; ".join(faults))


def _capture(fields: dict[str, Any], body: bytes) -> Capture:
    fields["headers"] = tuple((str(name), str(value)) for name, value in fields["headers"])
    fields["captured_at"] = datetime.fromisoformat(fields["captured_at"])
    return Capture(body=body, **fields)
