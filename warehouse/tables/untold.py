"""Whose story is still to be looked for: a queue, so that a night need not look through all groups for it."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

UNTOLD = Table(
    name="untold",
    one_row_per="copy group that is new, changed or gone since its story was looked for",
    key=("copy_group_id",),
    columns=(
        Column("copy_group_id", "varchar", "the group"),
        Column(
            "captured_at",
            "timestamptz",
            "of the newest version of the article with the group's id (UTC); null: the group is gone",
        ),
        Column(
            "day",
            "date",
            "day the group is counted to: of publication where it is known, else of our first sight",
        ),
    ),
)
