"""The analysts' door: one select at a time over the published lake, with limits on time and memory.

It works while a night is being written, because it reads the copy that the last good night left.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from articles.errors import NightwireError
from warehouse.duck import Connection, first_line, quoted
from warehouse.gate import check_statement
from warehouse.publish import published

TIMEOUT_S = 60.0
MEMORY_LIMIT = "1GB"
SPILL_LIMIT = "4GB"  # on the disk, for sorts that do not fit; more is a mistake in the statement
FETCH_ROWS = 1000

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Answer:
    """Columns and rows of one statement; rows are fetched as they are asked for, once."""

    def __init__(self, connection: Connection, limit: int | None, timeout_s: float) -> None:
        self.columns = tuple(str(column[0]) for column in connection.description or ())
        self._connection = connection
        self._limit = limit
        self._timeout_s = timeout_s

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows, as Python values; times are aware and in UTC."""
        return islice(self._all_rows(), self._limit)

    def batches(self) -> pa.RecordBatchReader:
        """All rows as Arrow batches; the limit does not apply."""
        return self._connection.to_arrow_reader(FETCH_ROWS)

    def _all_rows(self) -> Iterator[tuple[object, ...]]:
        with _in_one_sentence(self._timeout_s):
            while rows := self._connection.fetchmany(FETCH_ROWS):
                yield from rows


class PublishedLake:
    """The published lake, open for one question after another; opening it costs as much as several answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def ask(self, sql: str, *, limit: int | None = None, timeout_s: float = TIMEOUT_S) -> Iterator[Answer]:
        """Ask one question; the answer before it must have been read.

        Args:
            sql: one select (also with, from, values, describe, show, summarize, explain).
            limit: give no more rows than this; None for all.
            timeout_s: seconds for running and fetching together.

        Raises:
            NightwireError: a statement that does more than read, a mistake in it, or a limit reached.
        """
        timer = threading.Timer(timeout_s, self._connection.interrupt)
        timer.daemon = True
        try:
            with _in_one_sentence(timeout_s):
                check_statement(self._connection, sql)
                timer.start()
                self._connection.execute(sql)
                answer = Answer(self._connection, limit, timeout_s)
                yield answer
        finally:
            timer.cancel()


@contextmanager
def opened(home: Path, *, memory_limit: str = MEMORY_LIMIT) -> Iterator[PublishedLake]:
    """Open the published lake for several questions.

    Args:
        home: the lake folder.
        memory_limit: what DuckDB may hold, as it writes sizes: "500MB".

    Raises:
        NightwireError: there is no lake, or none that can be read.
    """
    with _open(home, memory_limit) as connection:
        yield PublishedLake(connection)


@contextmanager
def query(
    home: Path,
    sql: str,
    *,
    limit: int | None = None,
    timeout_s: float = TIMEOUT_S,
    memory_limit: str = MEMORY_LIMIT,
) -> Iterator[Answer]:
    """Ask the published lake one question; as `opened` and `PublishedLake.ask`, which say more."""
    with (
        opened(home, memory_limit=memory_limit) as lake,
        lake.ask(sql, limit=limit, timeout_s=timeout_s) as answer,
    ):
        yield answer


def write_csv(home: Path, sql: str, stream: IO[str], *, timeout_s: float = TIMEOUT_S) -> int:
    """Write an answer as CSV; text that a spreadsheet would run as a formula gets an apostrophe in front.

    Returns:
        The number of rows.
    """
    with query(home, sql, timeout_s=timeout_s) as answer:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([_harmless(name) for name in answer.columns])
        count = 0
        for row in answer.rows():
            writer.writerow([_csv_cell(value) for value in row])
            count += 1
    return count


def write_json(home: Path, sql: str, stream: IO[str], *, timeout_s: float = TIMEOUT_S) -> int:
    """Write an answer as a JSON array with one object a line; times as ISO 8601, bytes as hexadecimal.

    Returns:
        The number of rows.
    """
    with query(home, sql, timeout_s=timeout_s) as answer:
        stream.write("[")
        count = 0
        for row in answer.rows():
            stream.write(",\n" if count else "\n")
            stream.write(_json(dict(zip(answer.columns, row, strict=True))))
            count += 1
        stream.write("\n]\n" if count else "]\n")
    return count


def write_parquet(home: Path, sql: str, file: Path, *, timeout_s: float = TIMEOUT_S) -> int:
    """Write an answer to a Parquet file, which is whole or not there.

    Returns:
        The number of rows.

    Raises:
        NightwireError: as `query`, or the file cannot be written.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    count = 0
    try:
        with query(home, sql, timeout_s=timeout_s) as answer:
            batches = answer.batches()
            with pq.ParquetWriter(unfinished, batches.schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
                    count += batch.num_rows
        unfinished.rename(file)
    except OSError as error:
        raise NightwireError(
            f"{file} cannot be written: {error.strerror or error}; name a file in a folder you may write to"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return count


@contextmanager
def _open(home: Path, memory_limit: str) -> Iterator[Connection]:
    with (
        published(home, memory_limit=memory_limit) as (connection, lake),
        tempfile.TemporaryDirectory(prefix="nightwire-") as spill,
    ):
        for setting in (
            f"temp_directory = {quoted(spill)}",
            f"max_temp_directory_size = '{SPILL_LIMIT}'",
            f"allowed_directories = [{quoted(f'{lake.data_path}/')}, {quoted(f'{spill}/')}]",
            "enable_external_access = false",
            "python_enable_replacements = false",
            "lock_configuration = true",
        ):
            connection.execute(f"set {setting}")
        yield connection


@contextmanager
def _in_one_sentence(timeout_s: float) -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException as error:
        raise NightwireError(
            f"the statement took longer than {timeout_s:g} s and was stopped; ask for fewer days or columns"
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise NightwireError(
            "the statement needs more memory than it may have; ask for fewer days or columns, "
            "or export the lake and ask there"
        ) from error
    except duckdb.Error as error:
        raise NightwireError(
            f"the statement was not answered: {first_line(error)}; "
            f'tables are listed by: nightwire sql "show tables", columns by: nightwire sql "describe articles"'
        ) from error


def _csv_cell(value: object) -> object:
    if isinstance(value, str):
        return _harmless(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, (list, dict, bytes)):
        return _harmless(_json(value))
    return value


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str | Sequence[object]:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
