"""Every copy group is in exactly one story, perhaps alone; why, is kept with it."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

STORY_MEMBERS = Table(
    name="story_members",
    one_row_per="copy group, with its story",
    key=("copy_group_id",),
    columns=(
        Column("copy_group_id", "varchar", "the group"),
        Column("story_id", "varchar", "the story"),
        Column(
            "version",
            "integer",
            "version of the article with the group's id that was compared; another one means: to be compared again",
        ),
        Column("day", "date", "day it is counted to, as in story_terms"),
        Column("captured_at", "timestamptz", "of that version (UTC)"),
        Column(
            "nearest_group_id",
            "varchar",
            "the group of the story it was most like when it joined; null: it began the story, or is alone",
        ),
        Column("score", "double", "how alike the two are, 0 to 1; null where nearest_group_id is"),
        Column("shared_names", "varchar[]", "names that both have, the rarest first"),
        Column("shared_places", "varchar[]", "places that both have, by their English names"),
        Column("shared_numbers", "varchar[]", "counts and amounts that both have"),
        Column(
            "shared_terms", "varchar[]", "words and phrases that count most for it, folded; at most eight"
        ),
        Column("method_version", "varchar", "reading of terms and rules it was placed with"),
        Column("joined_at", "timestamptz", "when it was placed (UTC)"),
        Column("run_id", "varchar", "run that placed it"),
    ),
)
