"""The views of the lake: one `.sql` file each, named like the file.

A file opens with two comment lines: `-- One row per …` and `-- Answers: …`; then comes one select. Folders are
created in the order of `LAYERS`, so that a view may use those of the layers before it and, inside its layer,
those that sort before it. A check may have a third line, `-- By month: blocks.captured_at, articles.captured_at`: its
rows can be had month by month, looking in these tables at what has that month in that column (`warehouse.checks`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from duckdb import DuckDBPyConnection

BY_MONTH = "-- By month: "
LAYERS = ("staging", "intermediate", "marts", "report", "checks")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view, as its file says."""

    name: str
    layer: str
    one_row_per: str
    answers: str
    select: str  # the whole file
    by_month: tuple[
        tuple[str, str], ...
    ] = ()  # tables that may be looked at month by month, each with its column


@cache
def all_views() -> tuple[View, ...]:
    """Every view, in the order in which they can be created.

    Raises:
        ValueError: a file does not open with its two lines; a fault of the program, not of its user.
    """
    found = []
    for layer in LAYERS:
        folder = files("warehouse") / "sql" / layer
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".sql"):
                found.append(_read(file.name.removesuffix(".sql"), layer, file.read_text(encoding="utf-8")))
    return tuple(found)


def fingerprint() -> str:
    """SHA-256 over all views; another value means that they have to be created anew."""
    return hashlib.sha256(
        "\0".join(f"{view.name}\0{view.select}" for view in all_views()).encode()
    ).hexdigest()


def create_all(connection: DuckDBPyConnection) -> None:
    """Create or replace every view, and drop those that have no file any more."""
    for view in all_views():
        connection.execute(f"create or replace view {view.name} as {view.select}")
    names = {view.name for view in all_views()}
    existing = connection.execute(
        "select view_name from duckdb_views() where database_name = 'lake' and not internal"
    ).fetchall()
    for (name,) in existing:
        if name not in names:
            connection.execute(f'drop view "{name}"')


def _read(name: str, layer: str, text: str) -> View:
    lines = text.splitlines()
    if (
        len(lines) < 3
        or not lines[0].startswith("-- One row per ")
        or not lines[1].startswith("-- Answers: ")
    ):
        raise ValueError(f"sql/{layer}/{name}.sql must open with '-- One row per …' and '-- Answers: …'")
    columns = lines[2].removeprefix(BY_MONTH).split(", ") if lines[2].startswith(BY_MONTH) else []
    return View(
        name=name,
        layer=layer,
        one_row_per=lines[0].removeprefix("-- One row per ").rstrip("."),
        answers=lines[1].removeprefix("-- Answers: "),
        select=text.strip(),
        by_month=tuple((table, column) for table, _, column in (one.partition(".") for one in columns)),
    )
