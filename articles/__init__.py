"""Understand: bytes in, articles out. Pure: no network, disk, clock, logger or database.

`read_page` is the one door.
"""

from articles.read import READER_VERSION, read_page
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
