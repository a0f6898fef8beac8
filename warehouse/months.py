"""Months of the lake's rows: tables are partitioned by month, so that a question about one reads its files alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from warehouse.duck import Connection
from warehouse.staging import arrow_ids, staged
from warehouse.tables import TABLES

Month = date | None  # its first day (UTC); None: the moment or day is not known
Place = tuple[str, str]  # a table, and the column that says when

_TYPES = {(table.name, column.name): column.type for table in TABLES for column in table.columns}


def months_kept(connection: Connection, places: Collection[Place]) -> dict[Place, dict[Month, int]]:
    """How many rows tables have in each month."""
    kept: dict[Place, dict[Month, int]] = {place: {} for place in places}
    if places:
        counts = " union all ".join(
            f"select '{table}', '{column}', {_month(column)} as month, count(*) from {table} group by month"
            for table, column in places
        )
        for table, column, month, rows in connection.execute(counts).fetchall():
            kept[table, column][month] = rows
    return kept


def months_written(connection: Connection, run_ids: Iterable[str]) -> dict[str, set[Month]]:
    """Where some runs wrote or took away, by the column that says when: `captured_at`, and `day` of sketches and terms.

    An article that changed was written at its new moment and taken away at those of its earlier versions; where its
    sketch and terms lie follows its publication, or its capture.
    """
    with staged(connection, arrow_ids(run_id=sorted(run_ids)), "wrote"):
        rows = connection.execute(_WRITTEN).fetchall()
    months: dict[str, set[Month]] = {"captured_at": set(), "day": set()}
    for column, month in rows:
        months[column].add(month)
    return months


def is_of(place: Place, months: Sequence[Month]) -> str:
    """A condition that holds for the rows from the first of these months to the last, written so that DuckLake opens
    only their files; or for those whose month is not known.
    """
    table, column = place
    first, last = months[0], months[-1]
    if first is None or last is None:
        return f"{column} is null"
    kind = _TYPES[table, column]
    following = f"{last.year + last.month // 12}-{last.month % 12 + 1:02}-01"
    return f"{column} >= {kind} '{first.isoformat()}' and {column} < {kind} '{following}'"


def _month(column: str) -> str:
    return f"cast(date_trunc('month', {column}) as date)"


_WRITTEN = f"""
    with touched as (
        select article_id from articles semi join wrote using (run_id)
        union select article_id from article_versions semi join wrote using (run_id)
    ),

    versions as (
        select captured_at, published_date from article_versions semi join touched using (article_id)
    ),

    members as (select member_day, member_captured_at from copy_members semi join wrote using (run_id)),

    seen as (
        select captured_at from versions
        union all select captured_at from captures semi join wrote using (run_id)
        union all
        select captured_at from captures
        semi join (select capture_id from readings semi join wrote using (run_id)) as read using (capture_id)
    ),

    filed as (
        select cast(captured_at as date) as day from versions
        union all select published_date from versions where published_date is not null
        union all select coalesce(member_day, cast(member_captured_at as date)) from members
        union all select day from story_members semi join wrote using (run_id)
    )

    select distinct 'captured_at', {_month("captured_at")} from seen
    union all select distinct 'day', {_month("day")} from filed
"""
