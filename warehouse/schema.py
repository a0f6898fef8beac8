"""Building a lake's tables and views, and refusing a lake that a newer program has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import duckdb
from duckdb import DuckDBPyConnection

from articles.errors import NightwireError
from warehouse import views
from warehouse.tables import CLAIM, SEEN_URLS, SKETCHES, TABLES, Table

# Raised when a table changes. New tables and new columns are added to older lakes as they are (`_grow`), null for the
# rows that are there; a change of another kind needs a step of its own there, and a lake of the version before it in
# tests/warehouse/lakes. 2: places of blocks, evidence, pages cut short. 3: the queue of what is unread, addresses by
# month, more of sources and lists. 4: the queue of groups whose story is to be looked for.
SCHEMA_VERSION = 4
ROW_GROUP_ROWS = 16_384  # the default of 122,880 would mean 550 MB of text a group (notes/warehouse.md 2)


def create(connection: DuckDBPyConnection) -> None:
    """Bring tables, options and views up to what this program knows; does nothing where they are.

    The caller holds the writer's lock. The claim row is written last: a creation that was cut short has none and
    is taken up again.

    Raises:
        NightwireError: a newer program has written to this lake, or the catalog is another program's.
    """
    version = _version(connection)
    if version is not None:
        _refuse_newer(version)
        if version < SCHEMA_VERSION:
            _grow(connection)
        if connection.execute("select views_sha256 from claim").fetchone() != (views.fingerprint(),):
            with transaction(connection):
                connection.execute(
                    "update claim set turn = turn + 1, views_sha256 = $1", [views.fingerprint()]
                )
                views.create_all(connection)
        return
    _refuse_foreign(tables_present(connection))
    with transaction(connection):
        for table in TABLES:
            if table is not CLAIM:
                connection.execute(_create_statement(table))
    _set_options(connection)
    _set_layout(connection, TABLES)  # DuckLake takes options for committed tables only
    with transaction(connection):
        connection.execute(_create_statement(CLAIM))
        views.create_all(connection)
        connection.execute(
            "insert into claim by name select 0 as turn, $version as schema_version, $views as views_sha256",
            {"version": SCHEMA_VERSION, "views": views.fingerprint()},
        )


def _grow(connection: DuckDBPyConnection) -> None:
    """Bring the tables of an older lake up to those of this program.

    The version is raised last: a growth that was cut short is taken up again, and every step may be done twice.
    """
    present = tables_present(connection)
    added = [table for table in TABLES if table.name not in present]
    with transaction(connection):
        for table in TABLES:
            connection.execute(_create_statement(table))
            for column in table.columns:
                connection.execute(
                    f"alter table {table.name} add column if not exists {column.name} {column.type}"
                )
    _set_layout(connection, [*added, SEEN_URLS, SKETCHES])
    with transaction(connection):
        connection.execute(
            "insert into unread by name select capture_id, source, captured_at, body_bytes, false as is_again "
            "from captures anti join readings using (capture_id) anti join unread using (capture_id)"
        )
    with transaction(connection):
        connection.execute("update claim set turn = turn + 1, schema_version = $1", [SCHEMA_VERSION])


def check_version(connection: DuckDBPyConnection) -> None:
    """Refuse a catalog that is not ours, or that is newer than this program.

    Raises:
        NightwireError: naming both versions and the way out.
    """
    version = _version(connection)
    if version is None:
        raise NightwireError(
            "this catalog holds no complete Nightwire lake; run `nightwire nightly` to finish it, "
            "or name another folder in NIGHTWIRE_LAKE"
        )
    _refuse_newer(version)


def _version(connection: DuckDBPyConnection) -> int | None:
    """The version of the lake's tables; None where no lake was made whole."""
    try:
        row = connection.execute("select schema_version from claim").fetchone()
    except duckdb.CatalogException:  # there is no such table; to list all there are costs ten times as much
        return None
    return row[0] if row else None


def _refuse_newer(version: int) -> None:
    if version > SCHEMA_VERSION:
        raise NightwireError(
            f"this lake has tables of version {version}, and this program knows versions up to {SCHEMA_VERSION}; "
            f"bring Nightwire up to date, or name another folder in NIGHTWIRE_LAKE"
        )


def tables_present(connection: DuckDBPyConnection) -> set[str]:
    """The names of the lake's tables on this connection."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'lake'"
    ).fetchall()
    return {name for (name,) in rows}


def _refuse_foreign(present: set[str]) -> None:
    foreign = sorted(present - {table.name for table in TABLES})
    if foreign:
        raise NightwireError(
            f"this catalog holds another program's tables ({', '.join(foreign[:3])}); "
            f"name another folder in NIGHTWIRE_LAKE"
        )


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end of the block, or take back what it did and let its error through."""
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # the first error is the one to tell
            connection.execute("rollback")
        raise


def _set_options(connection: DuckDBPyConnection) -> None:
    connection.execute("call lake.set_option('parquet_compression', 'zstd')")
    connection.execute(f"call lake.set_option('parquet_row_group_size', {ROW_GROUP_ROWS})")


def _set_layout(connection: DuckDBPyConnection, tables: Iterable[Table]) -> None:
    with transaction(connection):
        for table in tables:
            if table.row_group_rows is not None:
                connection.execute(
                    f"call lake.set_option('parquet_row_group_size', {table.row_group_rows}, "
                    f"table_name => '{table.name}')"
                )
            if table.month_of is not None:
                connection.execute(
                    f"alter table {table.name} "
                    f"set partitioned by (year({table.month_of}), month({table.month_of}))"
                )
            if table.sorted_by:
                connection.execute(f"alter table {table.name} set sorted by ({', '.join(table.sorted_by)})")


def _create_statement(table: Table) -> str:
    columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
    return f"create table if not exists {table.name} ({columns})"
