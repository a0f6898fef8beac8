"""The pages as they were sent: the source of truth from which everything else can be rebuilt."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

CAPTURES = Table(
    name="captures",
    one_row_per="response kept, with its body",
    key=("capture_id",),
    month_of="captured_at",
    sorted_by=("source", "captured_at"),
    row_group_rows=1000,
    columns=(
        Column("capture_id", "varchar", "stable id of the response"),
        Column(
            "run_id", "varchar", "run that fetched it, or took it in from a file, an archive or another lake"
        ),
        Column("source", "varchar", "source id, such as zz_karsan_post; null where a backfill does not say"),
        Column("url", "varchar", "address after redirects; null for a file whose address is not known"),
        Column(
            "requested_url",
            "varchar",
            "what was asked for; for a file its path as given, for an archived page its address",
        ),
        Column(
            "discovered_via",
            "varchar",
            "feed, sitemap or section; archive (of the publisher, by date) or list (of addresses) for a crawl of the past; "
            "backfill (a file) or warc (a web archive) where nobody was asked",
        ),
        Column("status", "integer", "HTTP status code; null for a file"),
        Column(
            "headers",
            "struct(name varchar, value varchar)[]",
            "response headers as sent, in order, under the names they were sent with; empty for a file",
        ),
        Column("media_type", "varchar", "Content-Type as sent, or what a file's name says"),
        Column("body", "blob", "the bytes, transfer encoding undone and nothing else"),
        Column("body_bytes", "bigint", "length of the body in bytes"),
        Column("body_sha256", "varchar", "SHA-256 of the body, hexadecimal"),
        Column("captured_at", "timestamptz", "when the last byte arrived (UTC)"),
        Column("fetch_ms", "integer", "milliseconds the fetch took; null for a file or an archived page"),
    ),
)
