"""A copy of the crawler's memory of addresses, so that it can be asked in SQL."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

SEEN_URLS = Table(
    name="seen_urls",
    one_row_per="address known",
    key=("url_key",),
    month_of="first_seen_at",
    columns=(
        Column("url_key", "varchar", "address reduced to what identifies the page"),
        Column("source", "varchar", "source id"),
        Column("url", "varchar", "address as first found"),
        Column("first_seen_at", "timestamptz", "when it was first found (UTC)"),
        Column(
            "via",
            "varchar",
            "feed, sitemap, section, archive (a list of the past), list (named by a person) or redirect",
        ),
        Column("lastmod", "varchar", "last change as the feed or sitemap states it; null where it does not"),
        Column("last_fetch_at", "timestamptz", "when it was last asked for (UTC); null before"),
        Column("status", "varchar", "what came of it, in the crawler's words; null before the first fetch"),
        Column("attempts", "integer", "times it was asked for"),
    ),
)
