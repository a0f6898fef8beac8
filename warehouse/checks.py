"""The promises of the lake, each a view that returns the rows which break it; empty means that it holds.

The files are `sql/checks/<promise>_<part>.sql`; they hold after a run that went through (articles read, copies and
stories found). `whole_files` is the one check that looks at the disk; where it fails the others are not asked.

A check of large tables says in its third line by which columns they may be looked at month by month; it is then asked
once for each month (or some thin ones), as if the tables held nothing else, so that it needs the memory of a month however old the lake
is, and a night asks for the months that it wrote alone (docs/decisions/0010). Rows that belong together and lie in
different months are taken for lost by such a check: it joins on the moment, too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from warehouse.connection import Lake
from warehouse.duck import Connection
from warehouse.months import Month, Place, is_of, months_kept, months_written
from warehouse.verify import torn_files
from warehouse.views import View, all_views

BROKEN_PROMISES = "broken_promises"  # in the counts of a run that asked: the names of those that did not hold
ROWS_TOGETHER = (
    1_000_000  # of a check's tables, looked at in one go: thin months cost a question each otherwise
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that does not hold."""

    name: str  # of the check: "once_articles"
    asks: str  # the question it answers, for a person
    rows: int  # how many rows break it
    sample: str  # the first of them: "article_id=…, source=…"


def run_checks(
    lake: Lake, *, run_id: str | None = None, on_progress: Callable[[int, int], None] | None = None
) -> list[Broken]:
    """Run every check; an empty list means that all promises hold.

    Args:
        lake: the lake; no other run may be writing to it.
        run_id: look, in tables that are looked at month by month, only at the months in which this run wrote, and
            those before it that nobody has checked since (killed, say); None looks at all of them.
        on_progress: told how many questions of how many are answered.
    """
    torn = torn_files(lake)
    if torn:  # the other checks would stumble over it
        sample = f"file={torn[0].path}, expected_bytes={torn[0].expected_bytes}, bytes={torn[0].bytes}"
        asks = "promise 2, all or nothing: is every file of the lake as long as the catalog says?"
        return [Broken(name="whole_files", asks=asks, rows=len(torn), sample=sample)]
    with lake.connection() as connection:
        connection.execute("begin")  # one snapshot for all
        try:
            return ask(connection, all_checks(), run_id=run_id, on_progress=on_progress)
        finally:
            connection.execute("rollback")


def all_checks() -> list[View]:
    """Every check there is a file for."""
    return [view for view in all_views() if view.layer == "checks"]


def ask(
    connection: Connection,
    checks: Sequence[View],
    *,
    run_id: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Broken]:
    """Ask some checks on a connection that knows the lake's tables; the rest is that of `run_checks`."""
    places = {place for check in checks for place in check.by_month}
    if run_id is None:
        kept = months_kept(connection, places)
        questions = [(check, cut) for check in checks for cut in _cuts(check, _together(check, kept))]
    else:
        written = months_written(connection, _unchecked_runs(connection, run_id))
        questions = [(check, cut) for check in checks for cut in _cuts(check, _apart(check, written))]
    broken: dict[str, Broken] = {}
    for done, (check, cut) in enumerate(questions):
        if on_progress is not None:
            on_progress(done, len(questions))
        rows = _count(connection, check, cut)
        if rows and check.name in broken:
            broken[check.name] = replace(broken[check.name], rows=broken[check.name].rows + rows)
        elif rows:
            sample = _sample(connection, check, cut)
            broken[check.name] = Broken(name=check.name, asks=check.answers, rows=rows, sample=sample)
    return list(broken.values())


def _together(check: View, kept: Mapping[Place, Mapping[Month, int]]) -> list[list[Month]]:
    """The months that a check's tables hold, in order; neighbours together while they are thin."""
    rows = Counter[Month]()
    for place in check.by_month:
        rows.update(kept[place])
    spans: list[list[Month]] = []
    for month in sorted(rows, key=_in_order):
        held = sum(rows[one] for one in spans[-1]) if spans else 0
        if spans and spans[-1][0] is not None and held + rows[month] <= ROWS_TOGETHER:
            spans[-1].append(month)
        else:
            spans.append([month])
    return spans


def _apart(check: View, written: Mapping[str, Iterable[Month]]) -> list[list[Month]]:
    """The months a check is asked of, where they are known by the column that says when."""
    months = {month for _, column in check.by_month for month in written[column]}
    return [[month] for month in sorted(months, key=_in_order)]


def _in_order(month: Month) -> date:
    return month or date.min


def _cuts(check: View, spans: Iterable[Sequence[Month]]) -> list[str]:
    """What goes before a check's select: nothing, or for each span of months CTEs that stand for its tables."""
    if not check.by_month:
        return [""]
    return [
        "with "
        + ", ".join(
            # materialized, a month of captures would lie in memory with its bodies
            f"{place[0]} as not materialized (select * from lake.{place[0]} where {is_of(place, months)})"
            for place in check.by_month
        )
        for months in spans
    ]


def _count(connection: Connection, check: View, cut: str) -> int:
    row = connection.execute(f"{cut} select count(*) from (\n{check.select}\n)").fetchone()
    return int(row[0]) if row else 0


def _sample(connection: Connection, check: View, cut: str) -> str:
    answer = connection.execute(f"{cut} select * from (\n{check.select}\n) order by all limit 1")
    names = [column[0] for column in answer.description or ()]
    row = answer.fetchone() or ()
    return ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=False))


def _unchecked_runs(connection: Connection, run_id: str) -> set[str]:
    """A run, and those before it that wrote what nobody has checked: all since the last that found its promises kept."""
    rows = connection.execute(
        "select run_id, counts from runs where run_id <> $1 order by started_at desc, run_id", [run_id]
    )
    unchecked = {run_id}
    while row := rows.fetchone():
        if row[1] is not None and json.loads(row[1]).get(BROKEN_PROMISES) == []:
            break
        unchecked.add(row[0])
    return unchecked
