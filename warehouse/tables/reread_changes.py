"""What another reading would change in the lake, capture by capture; see reread_pages for whether it was accepted."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

REREAD_CHANGES = Table(
    name="reread_changes",
    one_row_per="capture, reader that read it again, and kind of change",
    key=("reader_sha256", "capture_id", "change", "was", "becomes"),
    columns=(
        Column("reader_sha256", "varchar", "the reader, as in reread_pages"),
        Column("capture_id", "varchar", "the capture"),
        Column("source", "varchar", "source id; null where a backfill does not say"),
        Column(
            "change",
            "varchar",
            "block (a block has another kind), words (of the text, wherever they stand now), article (one appears or disappears), article_id, rejected, or a field: title, dek, authors, published, language, dateline, agency",
        ),
        Column(
            "was",
            "varchar",
            "the block's kind, the reason it was rejected, or text or article, before; null where it was not there",
        ),
        Column("becomes", "varchar", "the same afterwards; null where it is gone"),
        Column("block_count", "integer", "blocks that change so"),
        Column("word_count", "integer", "words of these blocks, of the text or of the article"),
        Column("article_count", "integer", "articles that change so"),
        Column(
            "example",
            "varchar",
            "the first such block, or the field before and after; at most 200 characters",
        ),
        Column("place", "varchar", "where the example stands: its path on the page, or its position"),
    ),
)
