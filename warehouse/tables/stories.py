"""All copy groups about one happening."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

STORIES = Table(
    name="stories",
    one_row_per="story, merged ones included",
    key=("story_id",),
    columns=(
        Column(
            "story_id",
            "varchar",
            "the copy group that was the earliest when the story was formed; stays when an earlier one is found later",
        ),
        Column(
            "merged_into",
            "varchar",
            "story that took its groups over; null while the story stands, or is empty",
        ),
        Column("merged_at", "timestamptz", "when it went into another (UTC); null while it stands"),
        Column("title", "varchar", "headline of the earliest article; null where it has none"),
        Column(
            "first_published_at",
            "timestamptz",
            "earliest publication stated (UTC); null where none states a moment",
        ),
        Column("first_seen_at", "timestamptz", "our first sight of it (UTC); null once merged or empty"),
        Column(
            "first_day",
            "date",
            "earliest day of publication, of first sight where it is not known; null once merged or empty",
        ),
        Column("last_day", "date", "latest such day of a copy group's own text"),
        Column("languages", "varchar[]", "ISO 639 codes of its articles, in order of the alphabet"),
        Column("group_count", "integer", "copy groups: independent texts; 0 once merged or empty"),
        Column("article_count", "integer", "articles of these groups"),
    ),
)
