"""A copy of the crawler's memory of feeds: validators and when they last brought something."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

FEED_STATE = Table(
    name="feed_state",
    one_row_per="feed, sitemap or section page",
    key=("source", "feed_url"),
    columns=(
        Column("source", "varchar", "source id"),
        Column("feed_url", "varchar", "the feed's address"),
        Column("via", "varchar", "feed, sitemap or section"),
        Column("status", "integer", "HTTP status of the last answer; null where none came"),
        Column(
            "reason",
            "varchar",
            "why it gave nothing, such as html_not_feed; null where it was read or had not changed",
        ),
        Column("items", "integer", "addresses in it when it was last read; null before"),
        Column("new_items", "integer", "of these, how many were not known, on the last visit"),
        Column("newest", "varchar", "the newest date it stated, as printed"),
        Column("checked_at", "timestamptz", "last visit (UTC)"),
        Column("etag", "varchar", "validator for the next visit"),
        Column("last_modified", "varchar", "validator for the next visit"),
        Column("body_sha256", "varchar", "SHA-256 of its last body"),
        Column("last_ok_at", "timestamptz", "last good answer (UTC)"),
        Column("last_new_at", "timestamptz", "last time it named an address not known (UTC)"),
        Column("fails", "integer", "failures in a row"),
    ),
)
