"""A lake: a folder with Parquet files and the catalog that makes them tables.

Every write goes through `Lake.transact`: one pen at a time, one claim row that lets two writers collide rather
than both succeed, and files that are on the disk before the catalog names them. Reading takes no lock.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

import duckdb

from articles.errors import NightwireError
from warehouse import schema
from warehouse.duck import Connection, connect_duckdb, first_line, make_durable, quoted
from warehouse.folder import LAKE_FILES, LakeFolder
from warehouse.locks import writer_lock
from warehouse.publish import publish

T = TypeVar("T")

MAX_TRIES = (
    10  # a busy catalog refuses up to 30 % of commits (notes/warehouse.md 3); ten in a row do not happen
)


class Lake(LakeFolder):
    """A lake that is open. Safe to use from several threads; not across a fork."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._database: Connection | None = None
        self._opening = threading.Lock()
        self._writing = threading.local()

    @classmethod
    def create_or_open(cls, home: Path) -> Self:
        """Open the lake in `home`, building what is missing; safe to call from several processes at once.

        Raises:
            NightwireError: the folder holds something else, cannot be written, or a newer program's lake.
        """
        lake = cls(home)
        try:
            lake.home.mkdir(parents=True, exist_ok=True)
            foreign = sorted(
                entry.name
                for entry in lake.home.iterdir()
                if entry.name not in LAKE_FILES and not entry.name.startswith(".")
            )
            if foreign and not lake.catalog_path.exists():
                raise NightwireError(
                    f"{lake.home} is no lake and holds other things ({', '.join(foreign[:3])}); "
                    f"name an empty or a new folder in NIGHTWIRE_LAKE"
                )
            for folder in (lake.data_path, lake.spool_path):
                folder.mkdir(exist_ok=True)
            with writer_lock(lake.home), lake.connection() as connection:
                schema.create(connection)
            if not lake.published_path.exists():
                publish(lake)  # an empty one, so that analysts can ask from the first moment
        except OSError as error:
            raise NightwireError(
                f"the lake folder {lake.home} cannot be used: {error.strerror}; "
                f"name a folder you may write to in NIGHTWIRE_LAKE"
            ) from error
        except duckdb.Error as error:
            raise lake._broken(error) from error
        return lake

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open a lake that must exist.

        Raises:
            NightwireError: there is none, its catalog is broken, or a newer program wrote it.
        """
        lake = cls(home)
        if not lake.catalog_path.exists():
            raise NightwireError(
                f"there is no lake in {lake.home}; run `nightwire nightly` or `nightwire backfill` to make one, "
                f"or name the right folder in NIGHTWIRE_LAKE"
            )
        try:
            with lake.connection() as connection:
                schema.check_version(connection)
        except duckdb.Error as error:
            raise lake._broken(error) from error
        return lake

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection on which the lake's tables are known by their plain names, for reading."""
        with self._opening:
            if self._database is None:
                self._database = self._attach()
            cursor = self._database.cursor()
        try:
            cursor.execute("use lake")
            yield cursor
        finally:
            cursor.close()

    def transact(self, work: Callable[[Connection], T], *, message: str) -> T:
        """Do `work` in one transaction: all of it is in the lake afterwards, or nothing.

        Args:
            work: may be called again, on a new connection, when another writer came in between; it must not
                keep anything from a call that failed. It may not call `transact`.
            message: kept with the snapshot, so that a night can be found again: "load readings, run-…".

        Returns:
            What `work` returned.

        Raises:
            NightwireError: the catalog stayed locked for ten tries.
        """
        if getattr(self._writing, "now", False):
            raise RuntimeError("transact was called inside transact; do both in one piece of work")
        self._writing.now = True
        try:
            with writer_lock(self.home):
                return self._transact_with_pen(work, message)
        finally:
            self._writing.now = False

    def data_files(self) -> set[str]:
        """The path of every file under `data_path`, named by the catalog or not.

        Plain text, as a transaction asks twice and there may be tens of thousands: paths as objects take four times as long.
        """
        return {f"{parent}/{name}" for parent, _, names in os.walk(self.data_path) for name in names}

    def make_new_files_durable(self, before: set[str]) -> None:
        """Bring the files that came since `before` to the disk.

        DuckLake leaves this to the system, so that a power cut could leave a catalog that names a torn file.
        """
        make_durable([Path(path) for path in self.data_files() - before], self.data_path)

    def close(self) -> None:
        """Let go of the catalog."""
        with self._opening:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _transact_with_pen(self, work: Callable[[Connection], T], message: str) -> T:
        for attempt in range(MAX_TRIES):
            try:
                with self.connection() as connection:
                    return self._try_once(connection, work, message)
            except duckdb.Error as error:
                if not _is_contention(error):
                    raise
                last = error
            self.close()  # after a lost race the old connection may stay unusable (notes/warehouse.md 3)
            time.sleep(random.uniform(0.5, 1.0) * min(0.05 * 2**attempt, 5.0))
        raise NightwireError(
            f"the catalog of {self.home} stayed locked for {MAX_TRIES} tries ({first_line(last)}); "
            f"another program has {self.catalog_path} open: close it and run again"
        ) from last

    def _try_once(self, connection: Connection, work: Callable[[Connection], T], message: str) -> T:
        before = self.data_files()
        with schema.transaction(connection):
            connection.execute("update claim set turn = turn + 1")
            connection.execute(f"call lake.set_commit_message('nightwire', {quoted(message)})")
            result = work(connection)
            self.make_new_files_durable(before)
        return result

    def _attach(self) -> Connection:
        database = connect_duckdb(catalogs=("ducklake", "sqlite_scanner"))
        # Rows inlined into a SQLite catalog cannot be read from its published copy: DuckDB aborts the query.
        database.execute(
            f"attach {quoted(f'ducklake:sqlite:{self.catalog_path}')} as lake ("
            f"data_path {quoted(f'{self.data_path}/')}, override_data_path true, data_inlining_row_limit 0, "
            f"meta_journal_mode 'WAL', meta_busy_timeout 30000)"
        )
        return database

    def _broken(self, error: duckdb.Error) -> NightwireError:
        return NightwireError(
            f"the catalog {self.catalog_path} cannot be read as a lake: {first_line(error)}; put back a copy of it, "
            f"or name another folder in NIGHTWIRE_LAKE"
        )


def _is_contention(error: duckdb.Error) -> bool:
    text = str(error).lower()
    return "database is locked" in text or "conflict" in text
