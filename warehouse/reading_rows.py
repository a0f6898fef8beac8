"""What a reading becomes in the lake's tables. Pure: records in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from articles.records import Article, Block, Capture, Reading, Reason, Rejected

Row = dict[str, object]


def article_fields(article: Article, wanted: Sequence[str]) -> Row:
    """The fields of an article that are columns of the same name."""
    return {name: getattr(article, name) for name in wanted if name in Article.__dataclass_fields__}


def block_row(block: Block, capture: Capture, article_id: str | None, reader_version: str) -> Row:
    """A block as a row of `blocks`; `article_id` is None for furniture outside every article."""
    return {
        "article_id": article_id,
        "capture_id": capture.capture_id,
        "source": capture.source,
        "position": block.position,
        "path": block.path,
        "kind": block.kind.value,
        "rule": block.rule,
        "confidence": block.confidence,
        "text": block.text,
        "captured_at": capture.captured_at,
        "reader_version": reader_version,
    }


def evidence_rows(article: Article, capture: Capture) -> list[Row]:
    """What the page claimed of an article as rows of `evidence`, in the order in which the reader gives it."""
    return [
        {
            "article_id": article.article_id,
            "capture_id": capture.capture_id,
            "source": capture.source,
            "position": position,
            "field": claim.field,
            "origin": claim.origin,
            "value": claim.value,
            "text": claim.text,
            "is_chosen": claim.is_chosen,
            "captured_at": capture.captured_at,
            "reader_version": article.reader_version,
        }
        for position, claim in enumerate(article.evidence)
    ]


def one_article_per_id(capture: Capture, reading: Reading) -> tuple[Capture, Reading]:
    """Keep the first of two articles with one id in one capture; the other is set aside, its blocks kept as chrome.

    A file of records may give one address twice; without this, each load would add the two as versions again.
    """
    kept: dict[str, Article] = {}
    chrome: list[Block] = []
    rejected: list[Rejected] = []
    for article in reading.articles:
        if article.article_id not in kept:
            kept[article.article_id] = article
            continue
        chrome += article.blocks
        rejected.append(
            Rejected(
                capture_id=capture.capture_id,
                stage="load",
                reason=Reason.NOT_AN_ARTICLE,
                detail=f"part {article.part} has the id of an article before it, {article.article_id}; "
                f"give each its own address",
            )
        )
    if not rejected:
        return capture, reading
    return capture, replace(
        reading,
        articles=tuple(kept.values()),
        chrome=(*reading.chrome, *chrome),
        rejected=(*reading.rejected, *rejected),
    )
