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
from warehouse.duck import MEMORY_LIMIT, Connection, connect_duckdb, first_line, make_durable, quoted
from warehouse.folder import LakeFolder
from warehouse.locks import writer_lock


def publish(lake: LakeFolder) -> Path:
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
def published(home: Path, *, memory_limit: str = MEMORY_LIMIT) -> Iterator[tuple[Connection, LakeFolder]]:
    """A connection on which the published tables are known by their plain names, for reading.

    Raises:
        NightwireError: there is no lake, nothing is published, it cannot be read, or a newer program wrote it.
    """
    lake = LakeFolder(home)
    if not lake.catalog_path.exists():
        raise NightwireError(
            f"there is no lake in {lake.home}; run `nightwire nightly` or `nightwire backfill` to make one, "
            f"or name the right folder in NIGHTWIRE_LAKE"
        )
    if not lake.published_path.exists():
        raise NightwireError(
            f"nothing of the lake {lake.home} is published; run `nightwire nightly` or `nightwire backfill` once"
        )
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
                f"remove it, and the next night makes it anew"
            ) from error
        yield connection, lake
    finally:
        connection.close()
