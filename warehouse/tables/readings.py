"""What one reading of a capture gave; tells which captures the current reader has still to read."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

READINGS = Table(
    name="readings",
    one_row_per="capture read, by the newest reader that read it",
    key=("capture_id",),
    columns=(
        Column("capture_id", "varchar", "the capture"),
        Column("reader_version", "varchar", "reader that read it last"),
        Column("article_ids", "varchar[]", "articles it gave, in page order"),
        Column("article_count", "integer", "length of article_ids"),
        Column("chrome_count", "integer", "blocks outside every article"),
        Column("rejected_count", "integer", "things set aside"),
        Column(
            "reading_sha256",
            "varchar",
            "SHA-256 over all that the reader said of the capture, its own version left out; null where a reader before tables of version 2 read it",
        ),
        Column("encoding", "varchar", "how the bytes were decoded; null where they were not"),
        Column("encoding_from", "varchar", "header, bom, meta, utf-8 or detected"),
        Column("read_at", "timestamptz", "when it was loaded (UTC)"),
        Column("run_id", "varchar", "run that read it"),
    ),
)
