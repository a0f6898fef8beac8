"""Rows on their way into the lake: as Arrow tables, registered on the connection, never row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

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


def among_moments(moments: Collection[datetime], column: str = "captured_at") -> str:
    """A condition under which DuckDB opens only the files and row groups that hold one of these moments.

    Ids alone, or a join on the moments, read a whole table; a list of constants reads the few row groups that hold
    them: 25 times as fast for twenty texts of a million (notes/warehouse.md 6).
    """
    listed = ", ".join(f"timestamptz '{moment.isoformat()}'" for moment in sorted(set(moments)))
    return (
        f"{column} between timestamptz '{min(moments).isoformat()}' and timestamptz '{max(moments).isoformat()}' "
        f"and {column} in ({listed})"
    )


def among_days(days: Collection[date], column: str = "day") -> str:
    """As `among_moments`, of days."""
    listed = ", ".join(f"date '{day.isoformat()}'" for day in sorted(set(days)))
    return f"{column} between date '{min(days).isoformat()}' and date '{max(days).isoformat()}' and {column} in ({listed})"


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


def insert_new(
    connection: DuckDBPyConnection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
) -> int:
    """Append the rows whose key the table does not hold yet; returns how many there were."""
    new = missing(connection, table, rows)
    insert(connection, table, new)
    return len(new)


def missing(
    connection: DuckDBPyConnection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    fixed: str | None = None,
) -> list[Mapping[str, object]]:
    """The rows whose key the table does not hold yet; of several with one key the first.

    Args:
        connection: where the table is known.
        table: where to look.
        rows: with all columns of the table's key, and `fixed`.
        fixed: a moment of the row that its key decides: then only the span of these rows, month by month, is looked
            through and not the whole table.
    """
    first = {_key(table, row): row for row in reversed(rows)}
    for together in _by_month(list(first.values()), fixed):
        keys = {name: [row[name] for row in together] for name in table.key}
        with staged(connection, arrow_ids(**keys)):
            there = connection.execute(
                f"select {', '.join(table.key)} from {table.name} semi join staged "
                f"using ({', '.join(table.key)}){_where(together, fixed)}"
            ).fetchall()
        for key in there:
            del first[key]
    return list(reversed(first.values()))


def upsert(
    connection: DuckDBPyConnection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    but_for: Sequence[str] = (),
    fixed: str | None = None,
    near: str | None = None,
) -> int:
    """Put rows in place of those with the same key; rows that are there already are left alone.

    Of several rows with one key the last wins. A row that differs in the columns `but_for` alone (when and by
    whom it was written) counts as there already. `fixed` is that of `missing`. `near` is a moment by which the table
    is roughly in order: then keys are looked up in narrow columns, and only the parts of the table that hold them are
    read and written.

    Returns:
        How many rows were new or different.
    """
    last = {_key(table, row): row for row in rows}
    if near is not None:
        there = _where_known(connection, table, list(last.values()), near) if last else None
        if there is None:
            insert(connection, table, list(last.values()))
            return len(last)
        return _upsert_together(connection, table, list(last.values()), but_for, there)
    return sum(
        _upsert_together(connection, table, together, but_for, _where(together, fixed))
        for together in _by_month(list(last.values()), fixed)
    )


def _where_known(
    connection: DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, object]], near: str
) -> str | None:
    """A condition that leads to those of the keys that the table holds; None when it holds none."""
    key = ", ".join(table.key)
    with staged(connection, arrow_ids(**{name: [row[name] for row in rows] for name in table.key})):
        found = connection.execute(
            f"select distinct {near} from {table.name} semi join staged using ({key})"
        ).fetchall()
    if not found:
        return None
    moments = [moment for (moment,) in found if moment is not None]
    conditions = [f"({among_moments(moments, near)})"] if moments else []
    if len(moments) < len(found):
        conditions.append(f"{near} is null")
    return f" where ({' or '.join(conditions)})"


def _upsert_together(
    connection: DuckDBPyConnection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    but_for: Sequence[str],
    where: str,
) -> int:
    key = ", ".join(table.key)
    compared = ", ".join(name for name in table.column_names if name not in but_for)
    with staged(connection, arrow_rows(table, rows)):
        changed = connection.execute(
            f"select * from staged semi join (select {compared} from staged except "
            f"select {compared} from (from {table.name}{where}) semi join staged using ({key})) using ({key})"
        ).to_arrow_table()
    if changed.num_rows == 0:
        return 0
    with staged(connection, changed):
        delete_keys(connection, table, where)
        connection.execute(f"insert into {table.name} by name select * from staged")
    return int(changed.num_rows)


def delete_keys(
    connection: DuckDBPyConnection,
    table: Table,
    where: str = " where true",
    *,
    key: Sequence[str] | None = None,
) -> None:
    """Delete the rows whose key, or the columns given in its place, is among those staged."""
    names = ", ".join(key or table.key)
    row = f"({names})" if "," in names else names
    connection.execute(f"delete from {table.name}{where} and {row} in (select {row} from staged)")


def _key(table: Table, row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in table.key)


def _by_month(
    rows: Sequence[Mapping[str, object]], fixed: str | None
) -> Iterator[Sequence[Mapping[str, object]]]:
    """The rows, together where their moments lie in one month: one old row must not widen the span of all."""
    if fixed is None:
        if rows:
            yield rows
        return
    months: dict[tuple[int, int], list[Mapping[str, object]]] = {}
    for row in rows:
        moment = row[fixed]
        assert isinstance(moment, datetime)
        months.setdefault((moment.year, moment.month), []).append(row)
    yield from months.values()


def _where(rows: Sequence[Mapping[str, object]], fixed: str | None) -> str:
    """A condition that lets DuckDB leave out files and row groups: the span of the rows' own moments."""
    if fixed is None:
        return " where true"
    moments = [moment for row in rows if isinstance(moment := row[fixed], datetime)]
    return f" where {fixed} between timestamptz '{min(moments).isoformat()}' and timestamptz '{max(moments).isoformat()}'"
