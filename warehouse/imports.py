"""Captures that another Nightwire kept: its lake, or a folder of Parquet files it exported. They are only read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import NightwireError
from articles.records import Capture, Reason, Rejected
from warehouse.captures import is_own_id
from warehouse.folder import LakeFolder
from warehouse.publish import published
from warehouse.tables import CAPTURES

ROWS_AT_ONCE = 64  # bodies in memory; a page of the file is unpacked whole beside them

T = TypeVar("T")

_FIELDS = tuple(name for name in CAPTURES.column_names if name not in ("body_bytes", "run_id"))


def is_lake(folder: Path) -> bool:
    """Whether a folder holds a lake."""
    return LakeFolder(folder).catalog_path.exists()


def capture_files(home: Path) -> list[Path]:
    """The files that hold the captures of a lake, as it was last published. The lake is not locked, and not written to.

    Raises:
        NightwireError: nothing is published, it cannot be read, or a newer program wrote it.
    """
    with published(home) as (connection, _):
        rows = connection.execute(
            "select data_file, delete_file from ducklake_list_files('lake', 'captures') order by data_file"
        ).fetchall()
    if any(deleted is not None for _, deleted in rows):
        raise NightwireError(
            f"captures of the lake {home} were taken out with another program, and which ones cannot be told from its "
            "files; export it with `nightwire export parquet --bodies FOLDER` and give that folder"
        )
    return [Path(name) for name, _ in rows]


def read_captures(
    path: Path, *, run_id: str, on_position: Callable[[int], None] = lambda _: None
) -> Iterator[Capture | Rejected]:
    """The captures of one Parquet file, as they are, but for the run: that is the one that takes them in.

    A row whose body does not hash to what it states, or whose id is not that of its source, address, bytes and moment,
    comes back as a rejected (stage "file").

    Args:
        path: with the columns of `captures`; others are left unread.
        run_id: the run that takes them in.
        on_position: called with the number of bytes of the file that are behind us, about.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        yield _rejected(f"{path}: it cannot be read as Parquet ({_first_line(error)}); get it again")
        return
    with file:
        missing = sorted({*_FIELDS} - {*file.schema_arrow.names})
        if missing:
            how = "; export it with --bodies" if missing == ["body"] else ""
            yield _rejected(f"{path}: it holds no captures: no column {', '.join(missing)}{how}")
            return
        number = 0
        try:
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(_FIELDS), use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield _capture(row, f"{path}: row {number}", run_id)
                on_position(path.stat().st_size * number // max(1, file.metadata.num_rows))
        except (pa.ArrowException, OSError) as error:
            yield _rejected(
                f"{path}: behind row {number} nothing can be read ({_first_line(error)}); get it again"
            )


def _capture(row: dict[str, object], place: str, run_id: str) -> Capture | Rejected:
    try:
        listed = [_need(one, dict) for one in _need(row["headers"] or [], list)]
        moment = _need(row["captured_at"], datetime)
        capture = Capture(
            capture_id=_need(row["capture_id"], str),
            run_id=run_id,
            source=_may(row["source"], str),
            url=_may(row["url"], str),
            requested_url=_need(row["requested_url"], str),
            discovered_via=_need(row["discovered_via"], str),
            status=_may(row["status"], int),
            headers=tuple((_need(one["name"], str), _need(one["value"], str)) for one in listed),
            media_type=_may(row["media_type"], str),
            body=_need(row["body"], bytes),
            body_sha256=_need(row["body_sha256"], str),
            captured_at=moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC),
            fetch_ms=_may(row["fetch_ms"], int),
        )
    except (TypeError, KeyError, ValueError) as error:
        return _rejected(f"{place} is no capture ({error}); it is not loaded")
    said = f"{place} (capture {capture.capture_id}, {capture.url or capture.requested_url})"
    if hashlib.sha256(capture.body).hexdigest() != capture.body_sha256:
        return _rejected(f"{said}: its body does not have the SHA-256 it states; it is not loaded")
    # files are known by their bytes, whenever they were loaded
    if not any(is_own_id(capture, moment) for moment in (capture.captured_at, None)):
        return _rejected(
            f"{said}: its id is not that of its source, address, bytes and moment; it is not loaded"
        )
    return capture


def _need(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.40} stands where {kind.__name__} must")
    return value


def _may(value: object, kind: type[T]) -> T | None:
    return None if value is None else _need(value, kind)


def _rejected(detail: str) -> Rejected:
    return Rejected(capture_id=None, stage="file", reason=Reason.DAMAGED, detail=detail)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]
