"""The analysts' copy of the catalog: renamed into place after each good night.

Any number of readers may have it open; none of them can lock or harm the writer. It names the same Parquet files
as the lake, so it is a second's work and a few megabytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from articles.errors import NightwireError
from warehouse import schema
from warehouse.connection import (
    MEMORY_LIMIT,
    Connection,
    Lake,
    connect_duckdb,
    first_line,
    make_durable,
    quoted,
)
from warehouse.locks import writer_lock


def publish(lake: Lake) -> Path:
    """Let analysts see the lake as it is now; those who have the earlier copy open keep it.

    Returns:
        The path of the copy, a DuckLake catalog in a DuckDB file.
    """
    unfinished = lake.home / f".published.{os.getpid()}.unfinished"
    unfinished.unlink(missing_ok=True)
    connection = connect_duckdb(catalogs=("sqlite_scanner",))
    try:
        with writer_lock(lake.home):
            connection.execute(f"attach {quoted(str(lake.catalog_path))} as catalog (type sqlite, read_only)")
            connection.execute(f"attach {quoted(str(unfinished))} as copy")
            connection.execute("copy from database catalog to copy")
            connection.execute("detach copy")
        make_durable([unfinished], lake.home)
        unfinished.rename(lake.published_path)
        make_durable([lake.published_path], lake.home)
    finally:
        connection.close()
        unfinished.unlink(missing_ok=True)
    return lake.published_path


@contextmanager
def published(home: Path, *, memory_limit: str = MEMORY_LIMIT) -> Iterator[tuple[Connection, Lake]]:
    """A connection on which the published tables are known by their plain names, for reading.

    Where no night has left an analysts' copy yet, one is made.

    Raises:
        NightwireError: there is no lake, it cannot be read, or a newer program wrote it.
    """
    lake = Lake(home)
    if not lake.published_path.exists():
        lake = Lake.open(home)
        publish(lake)
        lake.close()
    connection = connect_duckdb(memory_limit=memory_limit)
    try:
        try:
            connection.execute(
                f"attach {quoted(f'ducklake:{lake.published_path}')} as lake "
                f"(read_only, data_path {quoted(f'{lake.data_path}/')}, override_data_path true)"
            )
            connection.execute("use lake")
            schema.check_version(connection)
        except duckdb.Error as error:
            raise NightwireError(
                f"the published catalog {lake.published_path} cannot be read: {first_line(error)}; "
                f"remove it, and the next question or night makes it anew"
            ) from error
        yield connection, lake
    finally:
        connection.close()
