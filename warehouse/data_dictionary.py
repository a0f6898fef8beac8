"""The data dictionary: what every table and view holds, rendered from the definitions themselves."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from warehouse.tables import TABLES
from warehouse.views import LAYERS, View, all_views

_LAYER_TITLES = {
    "marts": "Marts: what most questions ask",
    "report": "Report: what the nightly report shows",
    "intermediate": "Intermediate: steps between staging and marts",
    "staging": "Staging: tables with their types and names settled",
    "checks": "Checks: the promises; each returns the rows that break it",
}


def data_dictionary() -> str:
    """All tables and views of the lake as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Written by `nightwire docs` from `warehouse/tables/` and `warehouse/sql/`; edit those, not this file.",
        "Times are in UTC. Null means: not known.",
    ]
    connection = _empty_copy()
    try:
        for layer in ("marts", "report"):
            lines += _layer(connection, layer)
        lines += ["", "## Tables: what is stored"]
        for table in TABLES:
            lines += [
                "",
                f"### {table.name}",
                "",
                f"One row per {table.one_row_per}. Key: {_code(table.key)}.",
            ]
            lines += ["", "| column | type | meaning |", "|---|---|---|"]
            lines += [
                f"| `{column.name}` | {column.type} | {_cell(column.meaning)} |" for column in table.columns
            ]
        for layer in LAYERS:
            if layer not in ("marts", "report"):
                lines += _layer(connection, layer)
    finally:
        connection.close()
    return "\n".join(lines) + "\n"


def _layer(connection: duckdb.DuckDBPyConnection, layer: str) -> list[str]:
    lines = ["", f"## {_LAYER_TITLES[layer]}"]
    for view in all_views():
        if view.layer == layer:
            lines += [
                "",
                f"### {view.name}",
                "",
                f"One row per {view.one_row_per}.",
                f"Answers: {view.answers}",
            ]
            lines += ["", f"Columns: {_columns(connection, view)}."]
    return lines


def _columns(connection: duckdb.DuckDBPyConnection, view: View) -> str:
    rows = connection.execute(f"describe {view.name}").fetchall()
    return ", ".join(f"`{name}` {kind.lower()}" for name, kind, *_ in rows)


def _empty_copy() -> duckdb.DuckDBPyConnection:
    """Tables and views without rows in memory, to read the views' columns from."""
    connection = duckdb.connect()
    for table in TABLES:
        columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        connection.execute(f"create table {table.name} ({columns})")
    for view in all_views():
        connection.execute(f"create view {view.name} as {view.select}")
    return connection


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
