"""DuckDB as we use it: in memory, in UTC, with extensions from their wheels; and what bringing files to the disk takes."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

Connection = duckdb.DuckDBPyConnection

_CHECKED: set[Path] = set()  # extensions whose signature DuckDB has checked in this process

MEMORY_LIMIT = "2GB"  # of one process; row groups are small enough for a quarter of it (notes/warehouse.md 2)


def connect_duckdb(
    *, memory_limit: str = MEMORY_LIMIT, catalogs: tuple[str, ...] = ("ducklake",)
) -> Connection:
    """An empty DuckDB in memory, in UTC, with the extensions loaded from their wheels: no network, no home folder.

    DuckDB hashes all 35 MB of an extension to check who signed it, whenever one is loaded: .13 s, more than all else
    that opening a lake takes. So the first in a process is checked, and those after it take the library that is
    loaded already; nothing unsigned can be loaded later.
    """
    extensions = [_extension(name) for name in catalogs]
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_unsigned_extensions": "true" if _CHECKED.issuperset(extensions) else "false",
            "memory_limit": memory_limit,
            "threads": str(os.cpu_count() or 1),
        }
    )
    connection.execute("set global TimeZone = 'UTC'")
    # DuckDB takes a program started without a file (`python -c`, a worker process) for a notebook, and prints bars.
    connection.execute("set enable_progress_bar = false")
    for path in extensions:
        connection.execute(f"load {quoted(str(path))}")
    _CHECKED.update(extensions)
    connection.execute("set allow_unsigned_extensions = false")
    return connection


@cache
def _extension(name: str) -> Path:
    wheel = Path(str(files(f"duckdb_extension_{name}")))
    return wheel / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"


def quoted(text: str) -> str:
    """A SQL string literal, for the statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """What DuckDB says, without its pointer to the place and its hints."""
    return str(error).strip().split("\n", 1)[0]


def make_durable(paths: list[Path], root: Path) -> None:
    """Bring files, and the names in their folders up to `root`, to the disk."""
    folders = {folder for path in paths for folder in path.parents if folder.is_relative_to(root)}
    for path in (*paths, *sorted(folders)):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
