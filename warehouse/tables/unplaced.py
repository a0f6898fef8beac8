"""What is still to be compared: a queue, so that a night need not look through all articles for it."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

UNPLACED = Table(
    name="unplaced",
    one_row_per="article that is new, changed or gone since its copies were looked for",
    key=("article_id",),
    columns=(
        Column("article_id", "varchar", "the article"),
        Column("captured_at", "timestamptz", "of its newest version (UTC); null for one that is gone"),
        Column("published_date", "date", "day of publication; null where it is not known"),
        Column("is_new", "boolean", "it was never placed, so that nothing has to be taken back"),
    ),
)
