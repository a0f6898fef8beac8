"""Everything that was read, with what it is and which rule said so. An article's rows are those of its newest version."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

BLOCKS = Table(
    name="blocks",
    one_row_per="block of a page: the ledger",
    key=("capture_id", "position"),
    month_of="captured_at",
    columns=(
        Column(
            "article_id",
            "varchar",
            "article the block belongs to; null for furniture outside every article of the page",
        ),
        Column("capture_id", "varchar", "capture the block was read from"),
        Column("source", "varchar", "source id"),
        Column("position", "integer", "order on the page, from 0"),
        Column(
            "path",
            "varchar",
            "where it stood on an HTML page, CSS-like: main > article > p:nth-of-type(3); null for plain text, and for what a reader before tables of version 2 read",
        ),
        Column(
            "kind",
            "varchar",
            "body and subhead make the text; the rest is title, dek, byline, published, caption, credit, repeat, related, appeal, bio, contribution, wire, chrome",
        ),
        Column("rule", "varchar", "id of the rule that decided the kind"),
        Column("confidence", "double", "0 to 1"),
        Column("text", "varchar", "the block's words"),
        Column("captured_at", "timestamptz", "when the capture was taken (UTC)"),
        Column("reader_version", "varchar", "reader that labelled it"),
    ),
)
