"""Every state an article was seen in, withdrawn ones included. The newest by captured_at is the row in articles."""

from __future__ import annotations

from warehouse.tables.articles import IS_CUT, PUBLISHED
from warehouse.tables.definition import Column, Table

ARTICLE_VERSIONS = Table(
    name="article_versions",
    one_row_per="version of an article",
    key=("article_id", "version"),
    month_of="captured_at",
    columns=(
        Column("article_id", "varchar", "the article"),
        Column("version", "integer", "from 1, in the order in which versions were loaded"),
        Column(
            "changes",
            "varchar[]",
            "fields that differ from the version before (title, dek, authors, published, text, language, dateline, agency), or withdrawn, or restored; empty for the first",
        ),
        Column("source", "varchar", "source id"),
        Column("url", "varchar", "address of the page"),
        IS_CUT,
        Column("title", "varchar", "headline"),
        Column("dek", "varchar", "standfirst"),
        Column("authors", "varchar[]", "people named in the byline"),
        *PUBLISHED,
        Column("language", "varchar", "ISO 639 code"),
        Column("dateline", "varchar", "place named before the first sentence"),
        Column("agency", "varchar", "news agency whose copy this is"),
        Column("text", "varchar", "the text of this version; null when withdrawn"),
        Column("word_count", "integer", "words in the text"),
        Column("text_sha256", "varchar", "SHA-256 of the text in UTF-8, hexadecimal"),
        Column(
            "fingerprint",
            "varchar",
            "hashes of title, dek, authors, published, text, language, dateline and agency, 16 digits each; null when withdrawn",
        ),
        Column("capture_id", "varchar", "capture this version was read from"),
        Column("reader_version", "varchar", "reader that read it"),
        Column("captured_at", "timestamptz", "when the capture was taken (UTC)"),
        Column("run_id", "varchar", "run that loaded this version"),
    ),
)
