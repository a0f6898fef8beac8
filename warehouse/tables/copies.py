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
            "identical, near, syndicated (trimmed or framed by another publisher), update (another state of it, by the same publisher), or excerpt (shares a passage; never joins groups)",
        ),
        Column("jaccard", "double", "shared shingles over all shingles of both, 0 to 1"),
        Column("containment", "double", "share of the later article's shingles found in the earlier, 0 to 1"),
        Column(
            "containment_of", "double", "share of the earlier article's shingles found in the later, 0 to 1"
        ),
        Column("shared_words", "integer", "words of the later article covered by shared shingles"),
        Column("longest_run", "integer", "longest run of shared words"),
        Column(
            "novelty",
            "double",
            "share of the sampled shingles both have that nobody had printed three days before the older text, 0 to 1; null where dates are not known or none is sampled",
        ),
        Column("is_uniting", "boolean", "both belong to one copy group, for what this pair says"),
        Column(
            "origin_article_id",
            "varchar",
            "which of the two the other took the text from, as far as the pages tell; null where they do not",
        ),
        Column("origin_from", "varchar", "what tells: agency, dateline or published; null likewise"),
        Column("origin_confidence", "double", "how far it can be relied on, 0 to 1; null likewise"),
        Column("found_at", "timestamptz", "when the pair was checked (UTC)"),
        Column("run_id", "varchar", "run that checked it"),
    ),
)
