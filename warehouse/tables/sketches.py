"""Sampled five-word shingles: two articles sharing two of them are candidates for being copies."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

SKETCHES = Table(
    name="sketches",
    one_row_per="article and sampled shingle hash",
    key=("article_id", "shingle_hash"),
    month_of="day",
    sorted_by=("day",),
    columns=(
        Column("article_id", "varchar", "the article"),
        Column(
            "shingle_hash",
            "ubigint",
            "hash of five normalised words in a row, kept because it fell under the sampling limit",
        ),
        Column("source", "varchar", "its source; null where it is not known"),
        Column(
            "day",
            "date",
            "day of publication where it is known, else of the capture: the nightly window reads only its days",
        ),
        Column("is_dated", "boolean", "the day is that of publication"),
        Column("captured_at", "timestamptz", "of the article's newest version (UTC)"),
        Column("method_version", "varchar", "normalisation and hash that made it; only equal ones compare"),
    ),
)
