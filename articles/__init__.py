"""Understand: bytes in, articles out. Pure: no network, disk, clock, logger or database.

`read_page` is the one door. What it reads with is loaded when the first page comes: libraries and tables take half a
second, and most who need a record, a version or an address key never read a page.
"""

from __future__ import annotations

from datetime import datetime

from articles.records import (
    TEXT_KINDS,
    Article,
    Block,
    BlockKind,
    Calendar,
    Capture,
    DatePrecision,
    Evidence,
    Published,
    Reading,
    Reason,
    Rejected,
    Source,
)
from articles.version import READER_VERSION

__all__ = [
    "READER_VERSION",
    "TEXT_KINDS",
    "Article",
    "Block",
    "BlockKind",
    "Calendar",
    "Capture",
    "DatePrecision",
    "Evidence",
    "Published",
    "Reading",
    "Reason",
    "Rejected",
    "Source",
    "read_page",
]


def read_page(
    body: bytes,
    *,
    url: str | None,
    content_type: str | None,
    source: Source | None = None,
    captured_at: datetime | None = None,
) -> Reading:
    """Read one page, file or record.

    Args:
        body: its bytes, transfer encoding undone.
        url: its address after redirects; None where it is not known.
        content_type: the Content-Type header or what the file's name says; `application/json` is an article
            record; None to judge by the bytes.
        source: what is known of the publisher.
        captured_at: when it was taken (aware), to understand "3 hours ago".

    Returns:
        The articles in reading order, the blocks that stand outside every article, and why anything was set
        aside. Texts and ledgers together are everything visible on the page. Bad input is a Rejected, never an
        exception; a page that needs too much time or memory is the caller's to stop.
    """
    from articles import read

    return read.read_page(
        body, url=url, content_type=content_type, source=source or Source(), captured_at=captured_at
    )
