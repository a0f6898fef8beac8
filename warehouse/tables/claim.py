"""Touched first by every writing transaction, so that two writers always collide; holds the version of the tables."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

CLAIM = Table(
    name="claim",
    one_row_per="lake: exactly one",
    key=("schema_version",),
    columns=(
        Column("turn", "bigint", "raised by one in every writing transaction"),
        Column("schema_version", "integer", "version of the tables"),
        Column(
            "copies_method",
            "varchar",
            "version of the method that copies were last looked for with; null before",
        ),
        Column("stories_method", "varchar", "likewise of stories"),
        Column("views_sha256", "varchar", "SHA-256 over the views as they were last created"),
    ),
)
