"""The door between crawling and the lake: one file per capture, whole or not there.

A file `<capture_id>.capture` is one line of compact JSON with every field but the body, a newline, and the body's
bytes. The crawler writes; the load reads, and removes a file only after its capture is committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from articles.records import Capture, Reason, Rejected

SUFFIX = ".capture"
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


class CaptureWriter:
    """Writes captures into a spool folder, durably."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def write(self, capture: Capture) -> Path:
        """Keep one capture; see `write_all`."""
        (path,) = self.write_all([capture])
        return path

    def write_all(self, captures: Sequence[Capture]) -> list[Path]:
        """Keep captures; when this returns, a power cut does not take one back.

        Raises:
            ValueError: a capture's id cannot be a file name.
            OSError: the disk is full or the folder gone; whatever has a capture's name by then is whole.
        """
        paths: list[Path] = []
        unfinished: dict[Path, Path] = {}
        try:
            for capture in captures:
                if not _SAFE_NAME.fullmatch(capture.capture_id):
                    raise ValueError(f"capture id {capture.capture_id!r} cannot name a file")
                path = self.folder / f"{capture.capture_id}{SUFFIX}"
                paths.append(path)
                unfinished[path] = self.folder / f".{capture.capture_id}.{os.getpid()}.unfinished"
                _write(unfinished[path], capture)
            for path, written in unfinished.items():
                written.rename(path)
        except BaseException:
            for written in unfinished.values():
                written.unlink(missing_ok=True)
            raise
        if paths:
            descriptor = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return paths


def _write(path: Path, capture: Capture) -> None:
    with path.open("wb") as file:
        file.write(_header(capture))
        file.write(b"\n")
        file.write(capture.body)
        file.flush()
        os.fsync(file.fileno())


def read_spooled(folder: Path) -> Iterator[tuple[Path, Capture | Rejected]]:
    """Read what the crawler left, in the order of the file names.

    A file that is torn, altered or none of ours comes back as `Rejected` (stage "spool"), never silently left out.
    Files still being written (their names start with a dot) are not there yet.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            try:
                yield path, _read(path)
            except (OSError, ValueError, KeyError, TypeError) as error:
                yield (
                    path,
                    Rejected(
                        capture_id=path.stem if path.suffix == SUFFIX else None,
                        stage="spool",
                        reason=Reason.UNREADABLE,
                        detail=f"{path.name} in the spool is no whole capture ({error}); fetch its address again",
                    ),
                )


def _header(capture: Capture) -> bytes:
    fields = {name: getattr(capture, name) for name in Capture.__dataclass_fields__ if name != "body"}
    fields["captured_at"] = capture.captured_at.astimezone(UTC).isoformat()
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _read(path: Path) -> Capture:
    header, newline, body = path.read_bytes().partition(b"\n")
    if path.suffix != SUFFIX or not newline:
        raise ValueError("it does not open with a capture's header")
    fields = json.loads(header)
    fields["headers"] = tuple((str(name), str(value)) for name, value in fields["headers"])
    fields["captured_at"] = datetime.fromisoformat(fields["captured_at"])
    capture = Capture(body=body, **fields)
    if hashlib.sha256(body).hexdigest() != capture.body_sha256:
        raise ValueError("its body is not the one that was received")
    if path.stem != capture.capture_id:
        raise ValueError("its name is not its capture's id")
    return capture
