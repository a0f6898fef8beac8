"""When a reading of an article is a new version of it. Pure: known versions in, decisions out.

Versions are ordered by the moment their page was captured, not by when they were loaded: an old capture that is
loaded late takes its place in the past and never replaces what was seen later.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right, insort
from dataclasses import astuple, dataclass, field
from datetime import datetime

from articles.records import Article, Reading

CONTENT_FIELDS = ("title", "dek", "authors", "published", "text", "language", "dateline", "agency")
_DIGITS = 16  # 64 bits a field
WITHDRAWN, RESTORED = "withdrawn", "restored"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One version that is known, in the order in which the page was captured."""

    captured_at: datetime
    capture_id: str
    number: int
    fingerprint: str | None  # None: the article was withdrawn


@dataclass(slots=True)
class History:
    """All versions known of one article, oldest capture first."""

    versions: list[Version] = field(default_factory=list)

    @property
    def newest(self) -> Version | None:
        """The version that `articles` shows; None before the first."""
        return self.versions[-1] if self.versions else None

    def state_at(self, captured_at: datetime, capture_id: str) -> tuple[Version | None, Version | None]:
        """The version that held when a capture was taken, and the one that came after it."""
        place = bisect_right(
            self.versions, (captured_at, capture_id), key=lambda known: (known.captured_at, known.capture_id)
        )
        before = self.versions[place - 1] if place else None
        after = self.versions[place] if place < len(self.versions) else None
        return before, after

    def add(self, captured_at: datetime, capture_id: str, fingerprint: str | None) -> Version:
        """Take in a version, numbered in the order of arrival."""
        number = max((known.number for known in self.versions), default=0) + 1
        version = Version(captured_at, capture_id, number, fingerprint)
        insort(self.versions, version, key=lambda known: (known.captured_at, known.capture_id, known.number))
        return version


def fingerprint(article: Article) -> str:
    """One hash per content field; two readings with equal fingerprints are one version."""
    values = (
        article.title,
        article.dek,
        article.authors,
        (_text(article.published_at), _text(article.published_date), article.published_precision.value),
        article.text,
        article.language,
        article.dateline,
        article.agency,
    )
    return "".join(hashlib.sha256(json.dumps(value).encode()).hexdigest()[:_DIGITS] for value in values)


def changed_fields(before: str | None, after: str) -> list[str]:
    """The content fields in which two fingerprints differ; `restored` when the article had been withdrawn."""
    if before is None:
        return [RESTORED]
    return [
        name
        for place, name in enumerate(CONTENT_FIELDS)
        if before[place * _DIGITS : (place + 1) * _DIGITS] != after[place * _DIGITS : (place + 1) * _DIGITS]
    ]


def reading_sha256(article: Article) -> str:
    """SHA-256 over everything the reader said but its own version: tells a re-read that changed nothing."""
    said = [
        value
        for name, value in zip(Article.__dataclass_fields__, astuple(article), strict=True)
        if name != "reader_version"
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def page_sha256(reading: Reading) -> str:
    """SHA-256 over everything the reader said of a capture but its own version."""
    said = [
        [(article.article_id, reading_sha256(article)) for article in reading.articles],
        [astuple(block) for block in reading.chrome],
        [astuple(one) for one in reading.rejected],
        reading.encoding,
        reading.encoding_from,
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def _text(moment: object) -> str | None:
    return None if moment is None else str(moment)
