"""What is still to be read: a queue, so that a night need not look through all captures for it."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

UNREAD = Table(
    name="unread",
    one_row_per="capture that waits to be read",
    key=("capture_id",),
    columns=(
        Column("capture_id", "varchar", "the capture"),
        Column("source", "varchar", "its source; null where it is not known"),
        Column("captured_at", "timestamptz", "when it was taken (UTC)"),
        Column("body_bytes", "bigint", "length of its body in bytes"),
        Column(
            "is_again",
            "boolean",
            "it was read before and what that gave was taken back, so that rows of it may remain",
        ),
    ),
)
