"""Invented pages, and how a night puts them into a lake."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from articles import urls
from articles.records import (
    Article,
    Block,
    BlockKind,
    Capture,
    DatePrecision,
    Evidence,
    Reading,
    Rejected,
)
from warehouse import KnownSource, Lake, LoadCounts, find_copies, store_captures, store_readings

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
VOCABULARY = [
    f"{start}{end}"
    for start in ("tar", "mel", "kos", "ver", "lin", "dra")
    for end in ("vo", "ne", "shi", "rak", "utu", "ba")
]


def prose(seed: int, *, paragraphs: int = 3, words: int = 40) -> str:
    """Invented sentences; another seed shares no five words in a row with this one."""
    chance = random.Random(seed)
    return "\n".join(
        " ".join(f"{chance.choice(VOCABULARY)}{chance.randrange(50)}" for _ in range(words))
        for _ in range(paragraphs)
    )


def page(
    name: str,
    text: str | Sequence[str] = "",
    *,
    source: str = "zz_post",
    hours: float = 0,
    reader: str = "1",
    rejected: Sequence[Rejected] = (),
    furniture: Sequence[str] = ("Menu",),
    **fields: object,
) -> tuple[Capture, Reading]:
    """A capture and what was read out of it.

    `text` is one article, or several by parts, or "" for a page without one; `hours` moves the capture away from
    NOW; `fields` overwrite those of the articles.
    """
    url = f"http://{source.replace('_', '-')}.example/{name}"
    texts = [text] if isinstance(text, str) else list(text)
    body = "\n\n".join([*texts, *furniture]).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    captured_at = NOW + timedelta(hours=hours)
    capture = Capture(
        capture_id=urls.capture_id(source=source, url=url, body_sha256=sha256, captured_at=captured_at),
        run_id="crawl",
        source=source,
        url=url,
        requested_url=url,
        discovered_via="feed",
        status=200,
        headers=(("Content-Type", "text/html"), ("X-Twice", "a"), ("X-Twice", "b")),
        media_type="text/html",
        body=body,
        body_sha256=sha256,
        captured_at=captured_at,
        fetch_ms=12,
    )
    articles, position = [], 0
    for part, one in enumerate(text for text in texts if text):
        article = _article(capture, one, part, position, reader, fields)
        position += len(article.blocks)
        articles.append(article)
    chrome = tuple(
        Block(position=position + place, text=line, kind=BlockKind.CHROME, rule="chrome.menu", confidence=0.9)
        for place, line in enumerate(furniture)
    )
    reading = Reading(
        articles=tuple(articles),
        chrome=chrome,
        rejected=tuple(rejected),
        encoding="utf-8",
        encoding_from="header",
        reader_version=reader,
    )
    return capture, reading


def _article(
    capture: Capture, text: str, part: int, position: int, reader: str, fields: Mapping[str, object]
) -> Article:
    title = f"Headline {part}"
    lines = [(title, BlockKind.TITLE), *((line, BlockKind.BODY) for line in text.split("\n"))]
    blocks = tuple(
        Block(
            position=position + place,
            text=line,
            kind=kind,
            rule=f"{kind}.default",
            confidence=1.0,
            path=f"article:nth-of-type({part + 1}) > p:nth-of-type({place + 1})",
        )
        for place, (line, kind) in enumerate(lines)
    )
    values: dict[str, object] = {
        "article_id": hashlib.sha256(f"{capture.source} {capture.url} {part}".encode()).hexdigest()[:32],
        "source": capture.source,
        "url": capture.url,
        "canonical_url": None,
        "part": part,
        "is_start_unsure": False,
        "title": title,
        "dek": None,
        "authors": ("Ada Brook",),
        "published_at": None,
        "published_date": date(2026, 11, 20),
        "published_precision": DatePrecision.DAY,
        "published_calendar": None,
        "published_from": "meta",
        "published_text": "20 November 2026",
        "modified_at": None,
        "language": "en",
        "dateline": None,
        "agency": None,
        "agency_rule": None,
        "text": text,
        "blocks": blocks,
        "word_count": len(text.split()),
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "capture_id": capture.capture_id,
        "reader_version": reader,
        "evidence": (
            claim("title", "og", title),
            claim("published", "meta", "2026-11-20"),
            claim("published", "url", "2026-11-19", is_chosen=False),
        ),
    }
    return Article(**(values | dict(fields)))  # type: ignore[arg-type]


def claim(field: str, origin: str, value: str, *, is_chosen: bool = True) -> Evidence:
    """One claim of a page, printed as it is understood."""
    return Evidence(field=field, origin=origin, value=value, text=value, is_chosen=is_chosen)


def known_source(name: str, publisher: str, country: str) -> KnownSource:
    """A source as the lake keeps it."""
    return KnownSource(
        source=name,
        publisher=publisher,
        home=f"http://{name.replace('_', '-')}.example/",
        country=country,
        languages=("en",),
        timezone="UTC",
        state="none",
        access="open",
        source_group="sample",
        is_enabled=True,
        verified_on=None,
        delay_s=1.0,
        keep_query=(),
        note="",
    )


def store(lake: Lake, *pages: tuple[Capture, Reading], run_id: str = "run") -> LoadCounts:
    """Captures and readings of some pages."""
    store_captures(lake, [capture for capture, _ in pages])
    return store_readings(lake, pages, run_id=run_id, now=NOW)


def load(lake: Lake, *pages: tuple[Capture, Reading], run_id: str = "run") -> None:
    """Captures, readings and copies of some pages, as a night leaves them."""
    store(lake, *pages, run_id=run_id)
    find_copies(lake, run_id=run_id, now=NOW)


def rows(lake: Lake, sql: str) -> list[tuple[object, ...]]:
    """What a select on the live lake gives."""
    with lake.connection() as connection:
        return connection.execute(sql).fetchall()
