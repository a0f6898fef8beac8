"""Every article is in exactly one group, perhaps alone."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

COPY_MEMBERS = Table(
    name="copy_members",
    one_row_per="article, with its copy group",
    key=("article_id",),
    columns=(
        Column("article_id", "varchar", "the article"),
        Column("copy_group_id", "varchar", "the group"),
        Column(
            "text_sha256",
            "varchar",
            "the text that was compared; another one in articles means: to be compared again",
        ),
        Column(
            "method_version",
            "varchar",
            "normalisation and hash it was compared with; 'again': is being compared anew",
        ),
        Column("member_source", "varchar", "of the article; null where it is not known"),
        Column(
            "member_day",
            "date",
            "day of publication; null where it is not known, or lies ahead of the capture",
        ),
        Column(
            "member_ordered_at", "timestamptz", "publication where it is known, else our first sight (UTC)"
        ),
        Column("member_first_seen_at", "timestamptz", "our first sight of the article (UTC)"),
        Column("member_captured_at", "timestamptz", "of the article's newest version (UTC)"),
        Column("joined_at", "timestamptz", "when it joined the group (UTC)"),
        Column("run_id", "varchar", "run that placed it"),
    ),
)
