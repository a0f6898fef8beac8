"""Pages read again on trial: what a reader would say of them, beside what the lake holds."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

REREAD_PAGES = Table(
    name="reread_pages",
    one_row_per="capture and reader that read it again",
    key=("reader_sha256", "capture_id"),
    columns=(
        Column(
            "reader_sha256",
            "varchar",
            "SHA-256 over all that decides a reading: the reader's code, rules, libraries, and what is known of the sources",
        ),
        Column("capture_id", "varchar", "the capture"),
        Column("source", "varchar", "source id; null where a backfill does not say"),
        Column("reader_version", "varchar", "the reader's version"),
        Column("before_version", "varchar", "version of the reader whose reading the lake held"),
        Column("before_run_id", "varchar", "run that stored the reading it was compared with"),
        Column(
            "reading_sha256",
            "varchar",
            "SHA-256 over all that the reader says now; see readings.reading_sha256",
        ),
        Column("is_changed", "boolean", "it says something else than the reading the lake held"),
        Column(
            "is_repeatable",
            "boolean",
            "false where a limit of time or memory decided, so that it may read otherwise the next time",
        ),
        Column("run_id", "varchar", "run that read it"),
        Column("read_at", "timestamptz", "when it was read (UTC)"),
    ),
)
