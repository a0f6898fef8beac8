"""Housekeeping: fewer and fuller files, old snapshots forgotten, files nobody names removed.

Everything runs under the writer's lock. Never CHECKPOINT and never a clean-up of everything: both have removed
files of a night that was being written. DuckLake compares times in a SQLite catalog as text, so that the whole
day of a cut-off counts as older: every cut-off here lies a day further back than was asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

from articles.errors import NightwireError
from warehouse.connection import Lake
from warehouse.duck import Connection, connect_duckdb, quoted
from warehouse.locks import writer_lock
from warehouse.schema import transaction

LEAST_DAYS = 2  # a reader that is open may need what was current when it began
ORPHAN_DAYS = 3
DELETED_SHARE = 0.2  # of a file's rows, before it is written anew (notes/warehouse.md 11)


def compact(lake: Lake) -> dict[str, int]:
    """Join small files and write out those with many deleted rows anew; what was replaced stays until `clean`.

    Returns:
        Numbers of data files: "files_before" and "files_after".
    """
    before = _count_files(lake)
    _rewrite(lake, "call ducklake_flush_inlined_data('lake')")
    _rewrite(lake, f"call ducklake_rewrite_data_files('lake', delete_threshold => {DELETED_SHARE})")
    _rewrite(lake, "call ducklake_merge_adjacent_files('lake')")
    return {"files_before": before, "files_after": _count_files(lake)}


def expire(lake: Lake, *, keep_days: int) -> dict[str, int]:
    """Forget snapshots older than `keep_days`: queries can no longer be asked as of those nights.

    Returns:
        The number of "snapshots" forgotten.

    Raises:
        NightwireError: fewer than two days are to be kept.
    """
    if keep_days < LEAST_DAYS:
        raise NightwireError(
            f"snapshots are kept for {LEAST_DAYS} days at least, not {keep_days}; ask for more days"
        )
    cut_off = _cut_off(datetime.now(UTC), keep_days)
    with writer_lock(lake.home), lake.connection() as connection:
        rows = connection.execute(
            f"call ducklake_expire_snapshots('lake', older_than => {cut_off})"
        ).fetchall()
    return {"snapshots": len(rows)}


def clean(lake: Lake, *, now: datetime) -> dict[str, int]:
    """Remove files that no snapshot names any more, files that a killed writer left, and unfinished spool files.

    Replaced files wait for as long as the published copy still names one of them.

    Returns:
        Numbers of files removed: "replaced", "orphaned", "unfinished".
    """
    cut_off = _cut_off(now, ORPHAN_DAYS)
    with writer_lock(lake.home), lake.connection() as connection:
        unused = connection.execute(
            f"call ducklake_cleanup_old_files('lake', older_than => {cut_off}, dry_run => true)"
        ).fetchall()
        is_published = not _published_names(lake).isdisjoint(_base_name(row[0]) for row in unused)
        if not is_published:
            connection.execute(f"call ducklake_cleanup_old_files('lake', older_than => {cut_off})").fetchall()
        orphaned = connection.execute(
            f"call ducklake_delete_orphaned_files('lake', older_than => {cut_off})"
        ).fetchall()
    return {
        "replaced": 0 if is_published else len(unused),
        "orphaned": len(orphaned),
        "unfinished": _remove_unfinished(lake, now),
    }


def _rewrite(lake: Lake, statement: str) -> None:
    """Run one compaction; DuckLake lets a transaction compact or change rows, so there is no claim here."""
    with writer_lock(lake.home), lake.connection() as connection:
        before = lake.data_files()
        with transaction(connection):
            connection.execute(statement).fetchall()
            lake.make_new_files_durable(before)


def _cut_off(now: datetime, days: int) -> str:
    return f"timestamptz {quoted((now - timedelta(days=days + 1)).isoformat())}"


def _count_files(lake: Lake) -> int:
    with lake.connection() as connection:
        row = connection.execute("select sum(file_count) from ducklake_table_info('lake')").fetchone()
    return int(row[0] or 0) if row else 0


def _published_names(lake: Lake) -> set[str]:
    """The base names of the files the published copy may read; they are unique in a lake."""
    if not lake.published_path.exists():
        return set()
    connection: Connection = connect_duckdb(catalogs=())
    try:
        connection.execute(f"attach {quoted(str(lake.published_path))} as published (read_only)")
        rows = connection.execute(
            "select path from published.ducklake_data_file union all select path from published.ducklake_delete_file"
        ).fetchall()
    except duckdb.CatalogException:
        return set()
    finally:
        connection.close()
    return {_base_name(path) for (path,) in rows}


def _base_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _remove_unfinished(lake: Lake, now: datetime) -> int:
    oldest = (now - timedelta(days=ORPHAN_DAYS)).timestamp()
    stale = [
        path
        for folder in (lake.home, lake.spool_path)
        for path in folder.glob(".*.unfinished")
        if path.stat().st_mtime < oldest
    ]
    for path in stale:
        path.unlink()
    return len(stale)
