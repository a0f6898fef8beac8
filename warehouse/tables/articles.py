"""The articles as they stand now; what they were before is in article_versions."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

PUBLISHED = (
    Column(
        "published_at",
        "timestamptz",
        "moment of publication as the publisher states it (UTC); null where only a day or less is known",
    ),
    Column(
        "published_date",
        "date",
        "day of publication in the source's own zone; null where not even the day is known",
    ),
    Column(
        "published_precision",
        "varchar",
        "how much of the date was stated: second, minute, hour, day, month, unknown",
    ),
)

IS_CUT = Column(
    "is_cut",
    "boolean",
    "the parser gave up before the page's end, so that text may be missing; null where a reader before tables of version 2 read it",
)

ARTICLES = Table(
    name="articles",
    one_row_per="article, newest version",
    key=("article_id",),
    month_of="captured_at",
    columns=(
        Column(
            "article_id",
            "varchar",
            "stable id: the same publisher article keeps it over nights, formats and twins of its address",
        ),
        Column("version", "integer", "number of the version shown here, from 1"),
        Column("source", "varchar", "source id; null where a backfill does not say"),
        Column("url", "varchar", "address of the page; null where unknown"),
        Column(
            "url_key",
            "varchar",
            "the address reduced to what identifies the page, so that twins compare equal; null where unknown",
        ),
        Column("canonical_url", "varchar", "address the page names as its own; null where it names none"),
        Column("part", "integer", "0, 1, …: which article of the page"),
        Column("is_start_unsure", "boolean", "the cut before this article may be wrong"),
        IS_CUT,
        Column("title", "varchar", "headline; null where none was found"),
        Column("dek", "varchar", "standfirst under the headline; null where there is none"),
        Column("authors", "varchar[]", "people named in the byline, in order; empty when none is named"),
        *PUBLISHED,
        Column(
            "published_calendar",
            "varchar",
            "calendar the date was printed in: gregorian, jalali, hijri; null where no date was found",
        ),
        Column(
            "published_from",
            "varchar",
            "where the date was read: json-ld, meta, time, feed, sitemap, url, text, record",
        ),
        Column("published_text", "varchar", "the date as printed"),
        Column(
            "modified_at",
            "timestamptz",
            "last change as the publisher states it (UTC); null where not stated",
        ),
        Column("language", "varchar", "ISO 639 code; null where not recognised"),
        Column("dateline", "varchar", "place named before the first sentence; null where there is none"),
        Column(
            "agency",
            "varchar",
            "news agency whose copy this is, from the page's own words; null where none is named",
        ),
        Column("agency_rule", "varchar", "id of the rule that found the agency"),
        Column("text", "varchar", "body and subhead blocks, one per line"),
        Column("word_count", "integer", "words in the text"),
        Column("text_sha256", "varchar", "SHA-256 of the text in UTF-8, hexadecimal"),
        Column(
            "reading_sha256",
            "varchar",
            "SHA-256 over all that the reader said, blocks included; tells a re-read that changed nothing",
        ),
        Column("capture_id", "varchar", "capture this version was read from"),
        Column(
            "reader_version",
            "varchar",
            "reader that wrote this row; a newer reader that read the same leaves it",
        ),
        Column(
            "first_seen_at",
            "timestamptz",
            "our first sight of the article: earliest captured_at (UTC); never the publisher's date",
        ),
        Column("captured_at", "timestamptz", "when the capture of this version was taken (UTC)"),
        Column("run_id", "varchar", "run that loaded this version"),
    ),
)
