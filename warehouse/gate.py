"""Which statements an analyst may run: one that reads the lake's tables, and nothing else.

DuckDB's own read-only mode still writes files, deletes them and reads any SQLite file it finds, so the statement
is taken apart before it is run: one select, tables of the lake, and of the functions that read from somewhere
only those that read nothing but their arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from articles.errors import NightwireError
from warehouse.duck import Connection, first_line

TABLE_FUNCTIONS = frozenset(
    {"unnest", "range", "generate_series", "generate_subscripts", "json_each", "json_tree"}
)
_REFUSED_FUNCTION = re.compile(
    r"^(ducklake|sqlite|postgres|read|write|duckdb|pragma|parquet|arrow|pandas|python|iceberg|delta)_"
    r"|^(glob|getenv|query|query_table|sniff_csv|seq_scan|index_scan|nextval|currval|checkpoint|force_checkpoint)$"
)
_SCHEMAS = frozenset({"", "main", "information_schema", "lake"})
_EXPLAIN = re.compile(r"\s*explain\b(?:\s+analyze\b)?(?:\s*\([a-z\s_,]*\))?", re.IGNORECASE)
_NEXT_STEP = 'give one select; the tables are listed by: nightwire sql "show tables"'


def check_statement(connection: Connection, sql: str) -> None:
    """Let one reading statement pass: select (with, from, values …), describe, show, summarize, or explain of these.

    Args:
        connection: any; only its parser is used.
        sql: what the analyst typed.

    Raises:
        NightwireError: anything else, named in one sentence.
    """
    try:
        statements = [one for one in connection.extract_statements(sql) if one.type is not None]
    except duckdb.Error as error:
        raise NightwireError(
            f"this is no SQL that DuckDB knows: {first_line(error)}; {_NEXT_STEP}"
        ) from error
    if len(statements) != 1:
        raise NightwireError(f"one statement at a time, this holds {len(statements)}; {_NEXT_STEP}")
    statement = statements[0]
    if statement.type == duckdb.StatementType.EXPLAIN:
        check_statement(connection, _EXPLAIN.sub("", sql, count=1))
        return
    if statement.type != duckdb.StatementType.SELECT:
        raise NightwireError(f"the lake is for reading, and this is {statement.type.name}; {_NEXT_STEP}")
    row = connection.execute("select json_serialize_sql($1)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree["error"]:
        raise NightwireError(f"the lake is for reading, and this is more than a select; {_NEXT_STEP}")
    for node in _nodes(tree):
        _check_node(node)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _check_node(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise NightwireError(
                f"{name}() may not be used here, it could read or change files; {_NEXT_STEP}"
            )
    if kind == "BASE_TABLE":
        _check_table(node)
    name = node.get("function_name")
    if isinstance(name, str) and _REFUSED_FUNCTION.search(name.lower()):
        raise NightwireError(f"{name}() may not be used here, it could read or change files; {_NEXT_STEP}")


def _check_table(node: dict[str, Any]) -> None:
    catalog, schema, table = (
        str(node.get(part) or "").lower() for part in ("catalog_name", "schema_name", "table_name")
    )
    if catalog not in ("", "lake") or schema not in _SCHEMAS:
        raise NightwireError(
            f"{'.'.join(filter(None, (catalog, schema, table)))} is not of this lake; {_NEXT_STEP}"
        )
    if re.search(r"[./\\*:]", table):
        raise NightwireError(f"{table!r} is a file, not a table; {_NEXT_STEP}")
