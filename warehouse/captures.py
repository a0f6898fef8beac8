"""Captures in the lake: stored once, never changed, read back in batches that fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from articles.errors import NightwireError
from articles.records import Capture, Rejected
from articles.urls import capture_id
from warehouse.connection import Lake
from warehouse.duck import Connection, connect_duckdb
from warehouse.rejections import Refusal, refusal_rows
from warehouse.spool import read_spooled
from warehouse.staging import arrow_ids, insert, insert_new, missing, staged
from warehouse.tables import CAPTURES, REJECTED, UNREAD

BATCH_BYTES = 32 * 2**20
BATCH_ROWS = 500  # a batch is lost to a kill and done again: small enough to repeat, big enough for Parquet

LISTED_ROWS = 10_000  # of the list of captures to read, held as Python values at a time

Condition = tuple[str, dict[str, str]]  # SQL over the columns of `captures`, and its parameters
_NEVER_READ = "capture_id in (select capture_id from unread)"

_FIELDS = tuple(name for name in CAPTURES.column_names if name != "body_bytes")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCounts:
    """What became of the captures handed over."""

    stored: int = 0  # new in the lake
    known: int = 0  # were there already
    unreadable: int = 0  # spool files set aside, with a row in `rejected`

    def __add__(self, other: StoreCounts) -> StoreCounts:
        """Both together."""
        return StoreCounts(
            stored=self.stored + other.stored,
            known=self.known + other.known,
            unreadable=self.unreadable + other.unreadable,
        )


class Unread(StrEnum):
    """Which captures to read."""

    NEVER_READ = "never read"
    BY_ANOTHER_READER = "not read by this version of the reader"  # never read ones included
    ALL = "all"


def store_captures(
    lake: Lake,
    captures: Iterable[Capture],
    *,
    batch_bytes: int = BATCH_BYTES,
    batch_rows: int = BATCH_ROWS,
) -> StoreCounts:
    """Keep captures; one transaction per batch, and a capture that is there already is left alone.

    A batch of which everything is there costs a question and no transaction, so that what was killed goes on quickly.

    Args:
        lake: the lake.
        captures: any number; no more than a batch is held in memory.
        batch_bytes: a batch ends when its bodies reach this.
        batch_rows: a batch ends at this many captures.
    """
    stored = total = 0
    for batch in _batches(captures, lambda capture: len(capture.body), batch_bytes, batch_rows):
        total += len(batch)
        known = known_captures(lake, [capture.capture_id for capture in batch])
        if new := [capture for capture in batch if capture.capture_id not in known]:
            stored += _store_batch(lake, new)
    return StoreCounts(stored=stored, known=total - stored)


def load_spool(lake: Lake, *, run_id: str, now: datetime, folder: Path | None = None) -> StoreCounts:
    """Bring what the crawler left into the lake and clear the spool.

    A file goes only after the transactions with its captures are committed: a kill in between leaves it there, and
    the next load finds the capture known. A file that is no whole capture gets a row in `rejected` and moves to
    the folder `unreadable` inside the spool.

    Args:
        lake: the lake.
        run_id: the run that loads, for the rejected rows.
        now: their moment (UTC).
        folder: the spool; the lake's own when not given.
    """
    folder = folder or lake.spool_path
    counts = StoreCounts()
    unreadable: list[tuple[Path, Rejected]] = []

    def whole() -> Iterator[tuple[Path, Capture]]:
        for path, found in read_spooled(folder):
            if isinstance(found, Capture):
                yield path, found
            else:
                unreadable.append((path, found))

    kept_back: set[Path] = set()  # files whose captures may go on in the next batch
    for batch in _batches(whole(), lambda found: len(found[1].body), BATCH_BYTES, BATCH_ROWS):
        stored = _store_batch(lake, [capture for _, capture in batch])
        last = batch[-1][0]
        _remove((kept_back | {path for path, _ in batch}) - {last}, unreadable)
        kept_back = {last}
        counts = StoreCounts(stored=counts.stored + stored, known=counts.known + len(batch) - stored)
    _remove(kept_back, unreadable)
    if unreadable:
        _set_aside(lake, unreadable, folder / "unreadable", run_id, now)
    return StoreCounts(stored=counts.stored, known=counts.known, unreadable=len(unreadable))


def _remove(paths: set[Path], unreadable: Sequence[tuple[Path, Rejected]]) -> None:
    for path in paths - {path for path, _ in unreadable}:
        path.unlink()


def unread_captures(
    lake: Lake, which: Unread, *, reader_version: str, batch_bytes: int = BATCH_BYTES
) -> Iterator[list[Capture]]:
    """Captures that are still to be read, in batches that fit in memory.

    What is unread is settled when the first batch is asked for; captures stored later come next time.

    Args:
        lake: the lake.
        which: a night reads what was never read; a reread what another version of the reader read, or all.
        reader_version: the reader that asks.
        batch_bytes: a batch ends when its bodies reach this; one larger body makes a batch alone.
    """
    return captures_where(lake, scope_condition(which, reader_version), batch_bytes=batch_bytes)


def count_unread(lake: Lake, which: Unread, *, reader_version: str) -> int:
    """How many captures `unread_captures` would give, for a progress bar."""
    return count_where(lake, scope_condition(which, reader_version))


def scope_condition(which: Unread, reader_version: str) -> Condition:
    """What `which` means to a version of the reader."""
    if which is Unread.NEVER_READ:
        return _NEVER_READ, {}
    if which is Unread.BY_ANOTHER_READER:
        return (
            "capture_id not in (select capture_id from readings where reader_version = $version)",
            {"version": reader_version},
        )
    return "true", {}


def captures_where(
    lake: Lake, wanted: Condition, *, batch_bytes: int = BATCH_BYTES
) -> Iterator[list[Capture]]:
    """The captures that meet a condition, as the files lie, in batches that fit in memory.

    Which they are is settled at the first batch. The list lies in a DuckDB of its own, within its limit of memory
    however old the archive is, and out of the way when the lake has to be opened anew.
    """
    return captures_on(lake.connection, wanted, batch_bytes=batch_bytes)


def captures_on(
    connected: Callable[[], AbstractContextManager[Connection]],
    wanted: Condition,
    *,
    batch_bytes: int = BATCH_BYTES,
) -> Iterator[list[Capture]]:
    """As `captures_where`, on whatever connection knows a lake's tables, such as that of a published copy."""
    listed = connect_duckdb(catalogs=())
    try:
        with connected() as connection:
            _list_captures(connection, wanted, listed)
        for batch in _batches(_read_list(listed), lambda row: row[3], batch_bytes, BATCH_ROWS):
            with connected() as connection:
                captures = _fetch(connection, [row[:3] for row in batch])
            yield captures
    finally:
        listed.close()


def count_where(lake: Lake, wanted: Condition) -> int:
    """How many captures meet a condition."""
    condition, parameters = wanted
    with lake.connection() as connection:
        row = connection.execute(
            f"select count(*) from {_place(condition)} where {condition}", parameters
        ).fetchone()
    return int(row[0]) if row else 0


def _place(condition: str) -> str:
    """Where to look: the queue alone, where that is what is asked for, so that the archive's age costs nothing."""
    return "unread" if condition == _NEVER_READ else "captures"


def _list_captures(connection: Connection, wanted: Condition, listed: Connection) -> None:
    condition, parameters = wanted
    found = connection.execute(
        f"select capture_id, source, captured_at, body_bytes from {_place(condition)} where {condition} "
        f"order by date_trunc('month', captured_at), source, captured_at, capture_id",
        parameters,
    ).to_arrow_reader(LISTED_ROWS)
    with staged(listed, found, "found"):
        listed.execute("create table waiting as select * from found")


def _read_list(listed: Connection) -> Iterator[tuple[str, str | None, datetime, int]]:
    first = 0
    while rows := listed.execute(
        "select * from waiting where rowid >= $1 and rowid < $1 + $2 order by rowid", [first, LISTED_ROWS]
    ).fetchall():
        yield from rows
        first += LISTED_ROWS


def known_captures(lake: Lake, capture_ids: Sequence[str]) -> set[str]:
    """Those of the ids that the lake holds already."""
    with lake.connection() as connection, staged(connection, arrow_ids(capture_id=capture_ids), "asked"):
        rows = connection.execute(
            "select capture_id from captures semi join asked using (capture_id)"
        ).fetchall()
    return {row[0] for row in rows}


def capture_of_article(lake: Lake, article_id: str) -> Capture:
    """The capture that the newest version of an article was read from.

    Raises:
        NightwireError: the lake holds no such article.
    """
    with lake.connection() as connection:
        row = connection.execute(
            "select capture_id from articles where article_id = $1", [article_id]
        ).fetchone()
    if row is None:
        raise NightwireError(
            f"the lake {lake.home} holds no article {article_id}; "
            f'find one with: nightwire sql "select article_id, title from articles limit 10"'
        )
    return fetch_capture(lake, row[0])


def fetch_capture(lake: Lake, capture_id: str) -> Capture:
    """One capture with its body.

    Raises:
        NightwireError: the lake does not hold it.
    """
    with lake.connection() as connection:
        places = connection.execute(
            "select capture_id, source, captured_at from captures where capture_id = $1", [capture_id]
        ).fetchall()
        found = _fetch(connection, places) if places else []
    if not found:
        raise NightwireError(
            f"the lake {lake.home} holds no capture {capture_id}; "
            f'find one with: nightwire sql "select capture_id, url from captures limit 10"'
        )
    return found[0]


def capture_row(capture: Capture) -> dict[str, object]:
    """A capture as a row of `captures`."""
    row: dict[str, object] = {name: getattr(capture, name) for name in Capture.__dataclass_fields__}
    row["headers"] = [{"name": name, "value": value} for name, value in capture.headers]
    row["body_bytes"] = len(capture.body)
    return row


def _store_batch(lake: Lake, batch: Sequence[Capture]) -> int:
    """Keep a batch, and put what is new of it into the queue."""
    dated: list[Mapping[str, object]] = []
    undated: list[Mapping[str, object]] = []
    for capture in batch:
        # where the id holds the moment too, its twin can only lie at the same moment
        is_dated = is_own_id(capture, capture.captured_at)
        (dated if is_dated else undated).append(capture_row(capture))

    def work(connection: Connection) -> int:
        new = [
            *missing(connection, CAPTURES, dated, fixed="captured_at"),
            *missing(connection, CAPTURES, undated),
        ]
        insert(connection, CAPTURES, new)
        insert(connection, UNREAD, [{**row, "is_again": False} for row in new])
        return len(new)

    return lake.transact(work, message=f"store {len(batch)} captures")


def is_own_id(capture: Capture, moment: datetime | None) -> bool:
    """Whether a capture's id is that of its source, address and bytes, taken at `moment`; None for a file's."""
    return capture.capture_id == capture_id(
        source=capture.source, url=capture.url, body_sha256=capture.body_sha256, captured_at=moment
    )


def _set_aside(
    lake: Lake, unreadable: Sequence[tuple[Path, Rejected]], folder: Path, run_id: str, now: datetime
) -> None:
    rows = refusal_rows(
        [Refusal(rejected=rejected, requested_url=str(path)) for path, rejected in unreadable],
        run_id=run_id,
        now=now,
    )
    lake.transact(
        lambda connection: insert_new(connection, REJECTED, rows),
        message=f"set aside {len(rows)} spool files",
    )
    folder.mkdir(exist_ok=True)
    for path, _ in unreadable:
        path.rename(folder / path.name)


def _fetch(connection: Connection, places: Sequence[tuple[str, str | None, datetime]]) -> list[Capture]:
    """Captures with their bodies, in the order of `places` (id, source, captured_at)."""
    # The ranges let DuckDB leave out files and row groups; ids alone would read every body of the lake.
    moments = [place[2] for place in places]
    sources = [place[1] or "" for place in places]
    with staged(connection, arrow_ids(capture_id=[place[0] for place in places]), "wanted"):
        rows = connection.execute(
            f"select {', '.join(_FIELDS)} from captures semi join wanted using (capture_id) "
            f"where captured_at between $1 and $2 and (source is null or source between $3 and $4)",
            [min(moments), max(moments), min(sources), max(sources)],
        ).fetchall()
    captures = {row[0]: _capture(dict(zip(_FIELDS, row, strict=True))) for row in rows}
    return [captures[place[0]] for place in places]


def _capture(row: Mapping[str, object]) -> Capture:
    fields = dict(row)
    headers = fields.pop("headers")
    assert isinstance(headers, list)
    return Capture(headers=tuple((header["name"], header["value"]) for header in headers), **fields)  # pyrefly: ignore


def _batches(
    items: Iterable[Item], size_of: Callable[[Item], int], limit_bytes: int, limit_rows: int
) -> Iterator[list[Item]]:
    """Cut a stream into lists that stay under both limits; an item over the limit makes a list alone."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (size + size_of(item) > limit_bytes or len(batch) == limit_rows):
            yield batch
            batch = []
            size = 0
        batch.append(item)
        size += size_of(item)
    if batch:
        yield batch
