"""What became of copy groups: merges and partings, so that an id that was noted leads to what it is now."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

COPY_GROUP_CHANGES = Table(
    name="copy_group_changes",
    one_row_per="group that went into another, or came out of one, and the run that saw it",
    key=("copy_group_id", "other_group_id", "run_id"),
    columns=(
        Column("copy_group_id", "varchar", "the group that went, or the one that came out"),
        Column("other_group_id", "varchar", "the group it went into, or came out of"),
        Column("change", "varchar", "merged or parted"),
        Column("changed_at", "timestamptz", "when (UTC)"),
        Column("run_id", "varchar", "run that saw it"),
    ),
)
