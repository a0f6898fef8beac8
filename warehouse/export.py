"""The lake as plain files, for readers who know nothing of catalogs: one DuckDB file, or a folder of Parquet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from articles.errors import NightwireError
from warehouse import schema
from warehouse.duck import Connection, make_durable, quoted
from warehouse.publish import published
from warehouse.tables import CAPTURES, CLAIM, TABLES, Table
from warehouse.views import all_views

STORAGE_VERSION = "v1.2.0"  # compresses long texts, and every DuckDB since February 2025 opens it
ROW_GROUP_ROWS = 16_384


def export_duckdb(home: Path, file: Path, *, force: bool = False, bodies: bool = False) -> dict[str, int]:
    """Write the published lake into one DuckDB file: every table, and the views but for the checks.

    Args:
        home: the lake folder.
        file: the file to write; it appears when it is whole.
        force: replace a file that is there.
        bodies: keep the bodies of captures too; they are most of a lake's size.

    Returns:
        Rows per table.

    Raises:
        NightwireError: no lake, or the file is there and `force` is false, or it cannot be written.
    """
    with export_target(file, force) as unfinished, published(home) as (connection, _):
        connection.execute(f"attach {quoted(str(unfinished))} as copy (storage_version '{STORAGE_VERSION}')")
        counts = {}
        for table in _exported(connection):
            connection.execute(f"create table copy.{table.name} as {_select(table, bodies)}")
            counts[table.name] = _count(connection, f"copy.{table.name}")
        views = _published_views(connection)
        connection.execute("use copy")
        for view in all_views():
            if view.layer != "checks" and view.name in views:
                connection.execute(views[view.name])
        connection.execute("use lake")
        connection.execute("detach copy")
    return counts


def export_parquet(home: Path, folder: Path, *, force: bool = False, bodies: bool = False) -> dict[str, int]:
    """Write the published lake as Parquet: one file per table, and one per view of the layer `marts`.

    Args:
        home: the lake folder.
        folder: the folder to make; it appears when it is whole.
        force: replace a folder that is there.
        bodies: keep the bodies of captures too.

    Returns:
        Rows per file.

    Raises:
        NightwireError: no lake, or the folder is there and `force` is false, or it cannot be written.
    """
    with export_target(folder, force) as unfinished, published(home) as (connection, _):
        unfinished.mkdir()
        selects = {table.name: _select(table, bodies) for table in _exported(connection)}
        views = _published_views(connection)
        selects |= {
            view.name: f"select * from {view.name}"
            for view in all_views()
            if view.layer == "marts" and view.name in views
        }
        counts = {}
        for name, select in selects.items():
            row = connection.execute(
                f"copy ({select}) to {quoted(str(unfinished / f'{name}.parquet'))} "
                f"(format parquet, compression zstd, row_group_size {_group_rows(name, bodies)})"
            ).fetchone()
            counts[name] = int(row[0]) if row else 0
    return counts


def _exported(connection: Connection) -> list[Table]:
    """The tables that were published: an older program's lake has fewer until the next run brings it up."""
    present = schema.tables_present(connection)
    return [table for table in TABLES if table is not CLAIM and table.name in present]


def _published_views(connection: Connection) -> dict[str, str]:
    """The statement that makes each view, by name, as they were published: they fit the tables beside them."""
    rows = connection.execute(
        "select view_name, sql from duckdb_views() where database_name = 'lake' and not internal"
    ).fetchall()
    return dict(rows)


def _select(table: Table, bodies: bool) -> str:
    left_out = " exclude (body)" if table is CAPTURES and not bodies else ""
    return f"select *{left_out} from lake.{table.name}"


def _group_rows(name: str, bodies: bool) -> int:
    """Rows a group: a reader holds one at a time, and a page is a thousand times as large as other rows."""
    return CAPTURES.row_group_rows or ROW_GROUP_ROWS if bodies and name == CAPTURES.name else ROW_GROUP_ROWS


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def export_target(path: Path, force: bool) -> Iterator[Path]:
    """A name beside `path` to write under; it becomes `path` when all went well, and is removed when not."""
    if path.exists() and not force:
        raise NightwireError(f"{path} is there already; name another one, or replace it with --force")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield unfinished
            written = [unfinished] if unfinished.is_file() else list(unfinished.iterdir())
            make_durable(written, unfinished.parent)
            if path.is_dir():
                shutil.rmtree(path)
            unfinished.rename(path)
        finally:
            if unfinished.is_dir():
                shutil.rmtree(unfinished)
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise NightwireError(
            f"{path} cannot be written: {error.strerror or error}; name a place you may write to"
        ) from error
