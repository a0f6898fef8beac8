"""What each copy group's text says, in terms: which texts are about one happening is counted from these."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

STORY_TERMS = Table(
    name="story_terms",
    one_row_per="copy group x term of its text",
    key=("copy_group_id", "kind", "term"),
    month_of="day",
    sorted_by=("day",),
    columns=(
        Column("copy_group_id", "varchar", "the group; its text is that of the article with this id"),
        Column(
            "day",
            "date",
            "day of publication of that article where it is known, else of its first sight (UTC)",
        ),
        Column("source", "varchar", "source id of that article; null where a backfill does not say"),
        Column("language", "varchar", "ISO 639 code; empty where not recognised"),
        Column("kind", "varchar", "word, phrase, name, place or number"),
        Column("term", "varchar", "folded; a place by its English name, a number in ASCII digits"),
        Column("times", "double", "how often the headline (counted double) and the opening say it"),
        Column("method_version", "varchar", "reading of terms it was made with"),
    ),
)
