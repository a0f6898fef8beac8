"""Sampled five-word shingles: two articles sharing two of them are candidates for being copies."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

SKETCHES = Table(
    name="sketches",
    one_row_per="article and sampled shingle hash",
    key=("article_id", "shingle_hash"),
    month_of="captured_at",
    columns=(
        Column("article_id", "varchar", "the article"),
        Column(
            "shingle_hash",
            "ubigint",
            "hash of five normalised words in a row, kept because it fell under the sampling limit",
        ),
        Column("captured_at", "timestamptz", "of the article's newest version (UTC)"),
        Column("method_version", "varchar", "normalisation and hash that made it; only equal ones compare"),
    ),
)
