"""Who wrote what, with which settings and versions."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

RUNS = Table(
    name="runs",
    one_row_per="flow run",
    key=("run_id",),
    columns=(
        Column("run_id", "varchar", "the run"),
        Column("flow", "varchar", "nightly, backfill, reread, maintain or verify"),
        Column("night", "date", "the night it was for; null where it is for none"),
        Column("started_at", "timestamptz", "UTC"),
        Column(
            "ended_at",
            "timestamptz",
            "UTC; null while it runs, and for a killed run the moment it was found dead",
        ),
        Column("outcome", "varchar", "running, ok, broken (a promise does not hold), failed or killed"),
        Column("parameters", "varchar", "JSON object"),
        Column("versions", "varchar", "JSON object: program, reader, libraries"),
        Column("counts", "varchar", "JSON object; null until it ends"),
        Column("message", "varchar", "one line for a person; null where there is nothing to say"),
    ),
)
