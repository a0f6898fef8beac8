"""Checked pairs; the relation says how much of which is in the other."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

COPIES = Table(
    name="copies",
    one_row_per="pair of articles checked word by word and found to share text",
    key=("article_id", "of_article_id"),
    columns=(
        Column("article_id", "varchar", "the later article"),
        Column(
            "of_article_id", "varchar", "the earlier article, by publication where known, else by first sight"
        ),
        Column(
            "relation",
            "varchar",
            "identical, near, syndicated, or excerpt (shares a passage; never joins groups)",
        ),
        Column("jaccard", "double", "shared shingles over all shingles of both, 0 to 1"),
        Column("containment", "double", "share of the later article's shingles found in the earlier, 0 to 1"),
        Column(
            "containment_of", "double", "share of the earlier article's shingles found in the later, 0 to 1"
        ),
        Column("shared_words", "integer", "words of the later article covered by shared shingles"),
        Column("longest_run", "integer", "longest run of shared words"),
        Column("found_at", "timestamptz", "when the pair was checked (UTC)"),
        Column("run_id", "varchar", "run that checked it"),
    ),
)
