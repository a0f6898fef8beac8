"""What each place of a page claimed of an article: the claims the article follows, and those it does not."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

EVIDENCE = Table(
    name="evidence",
    one_row_per="claim of one place on a page about one field of an article, newest version",
    key=("article_id", "position"),
    month_of="captured_at",
    columns=(
        Column("article_id", "varchar", "the article"),
        Column("capture_id", "varchar", "capture the claim stands on"),
        Column("source", "varchar", "source id"),
        Column("position", "integer", "order among the article's claims, from 0"),
        Column(
            "field",
            "varchar",
            "what is claimed: title, authors, published, modified, language, canonical_url or agency",
        ),
        Column(
            "origin",
            "varchar",
            "the place: json-ld, og, meta, link, html (its lang), time, url, heading, title-element, text, box (one that names the author), record",
        ),
        Column(
            "value",
            "varchar",
            "as understood: a moment as ISO 8601 in UTC, a day as YYYY-MM-DD, several authors joined with '; '",
        ),
        Column("text", "varchar", "as printed"),
        Column("is_chosen", "boolean", "the article's field says what this claim says"),
        Column("captured_at", "timestamptz", "when the capture was taken (UTC)"),
        Column("reader_version", "varchar", "reader that found it"),
    ),
)
