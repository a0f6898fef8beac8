"""Rows on their way into the lake: as Arrow tables, registered on the connection, never row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.tables import Table

_ARROW_TYPES = {
    "varchar": pa.string(),
    "varchar[]": pa.list_(pa.string()),
    "struct(name varchar, value varchar)[]": pa.list_(
        pa.struct([("name", pa.string()), ("value", pa.string())])
    ),
    "map(varchar, integer)": pa.map_(pa.string(), pa.int32()),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "ubigint": pa.uint64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "blob": pa.binary(),
}


def arrow_rows(table: Table, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows for one table of the lake; every column must be given, an unknown one is an error."""
    schema = pa.schema([(column.name, _ARROW_TYPES[column.type]) for column in table.columns])
    columns = []
    for field in schema:
        columns.append(pa.array([row[field.name] for row in rows], type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def arrow_ids(**columns: Sequence[object]) -> pa.Table:
    """Plain named columns to join against, such as a batch's keys; types follow the values, text when empty."""
    arrays = {
        name: pa.array(values) if values else pa.array([], type=pa.string())
        for name, values in columns.items()
    }
    return pa.table(arrays)


@contextmanager
def staged(
    connection: DuckDBPyConnection, rows: pa.Table | pa.RecordBatchReader, name: str = "staged"
) -> Iterator[None]:
    """Make an Arrow table readable under `name` while the block runs."""
    connection.register(name, rows)
    try:
        yield
    finally:
        connection.unregister(name)


def insert(connection: DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Append rows whose keys are known not to be in the table."""
    if not rows:
        return
    with staged(connection, arrow_rows(table, rows)):
        connection.execute(f"insert into {table.name} by name select * from staged")


def insert_new(connection: DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
    """Append the rows whose key the table does not hold yet; returns how many there were."""
    if not rows:
        return 0
    first = {tuple(row[name] for name in table.key): row for row in reversed(rows)}
    with staged(connection, arrow_rows(table, list(first.values()))):
        answer = connection.execute(
            f"insert into {table.name} by name select * from staged anti join {table.name} "
            f"using ({', '.join(table.key)})"
        ).fetchone()
    return int(answer[0]) if answer else 0


def upsert(
    connection: DuckDBPyConnection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    but_for: Sequence[str] = (),
) -> int:
    """Put rows in place of those with the same key; rows that are there already are left alone.

    Of several rows with one key the last wins. A row that differs in the columns `but_for` alone (when and by
    whom it was written) counts as there already.

    Returns:
        How many rows were new or different.
    """
    if not rows:
        return 0
    last = {tuple(row[name] for name in table.key): row for row in rows}
    key = ", ".join(table.key)
    compared = ", ".join(name for name in table.column_names if name not in but_for)
    with staged(connection, arrow_rows(table, list(last.values()))):
        changed = connection.execute(
            f"select * from staged semi join (select {compared} from staged except "
            f"select {compared} from {table.name} semi join staged using ({key})) using ({key})"
        ).to_arrow_table()
    if changed.num_rows == 0:
        return 0
    with staged(connection, changed):
        delete_keys(connection, table)
        connection.execute(f"insert into {table.name} by name select * from staged")
    return int(changed.num_rows)


def delete_keys(connection: DuckDBPyConnection, table: Table) -> None:
    """Delete the rows whose key is among those staged."""
    key = ", ".join(table.key)
    row = f"({key})" if len(table.key) > 1 else key
    connection.execute(f"delete from {table.name} where {row} in (select {row} from staged)")
