"""All articles that carry one text."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

COPY_GROUPS = Table(
    name="copy_groups",
    one_row_per="copy group, merged ones included",
    key=("copy_group_id",),
    columns=(
        Column(
            "copy_group_id",
            "varchar",
            "article_id of the earliest member when the group was formed; stays when an earlier one is found later",
        ),
        Column("merged_into", "varchar", "group that took its members over; null while the group stands"),
        Column(
            "core_article_id",
            "varchar",
            "the member that most others share text with; null once merged, or without members",
        ),
        Column("article_count", "integer", "members; 0 once merged"),
        Column("source_count", "integer", "different sources among the members"),
        Column(
            "agency",
            "varchar",
            "agency named by most members, the earliest on a tie; null where none names one",
        ),
        Column(
            "first_published_at",
            "timestamptz",
            "earliest publication stated by a member (UTC); null where none states a moment",
        ),
        Column("first_seen_at", "timestamptz", "our first sight of a member (UTC); null once merged"),
    ),
)
