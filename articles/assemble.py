"""An article put together: its labelled blocks, and its metadata chosen among what page, record and text state.

Page-level claims (`Stated`) speak of the page's first article only; what the blocks print belongs to each.
Pure: the same blocks and claims give the same article.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from articles import agencies, datelines, dates, fingerprints, languages, people, urls
from articles.metadata import Stated, same_site
from articles.records import (
    TEXT_KINDS,
    Article,
    Block,
    BlockKind,
    DatePrecision,
    Published,
    Source,
)


def make_article(
    blocks: Sequence[Block],
    *,
    stated: Stated,
    url: str | None,
    source: Source,
    captured_at: datetime | None,
    part: int,
    is_start_unsure: bool,
    reader_version: str,
) -> Article:
    """Choose an article's metadata among what the page states and what its own blocks print.

    Args:
        blocks: the article's blocks in reading order, what was taken out included.
        stated: what the page claims; believed for its first article (part 0) alone.
        url: the page's address; None where it is not known.
        source: what is known of the publisher.
        captured_at: when the page was taken (aware), to understand "3 hours ago".
        part: which article of the page, from 0.
        is_start_unsure: the cut before it may be wrong.
        reader_version: for `Article.reader_version`.
    """
    stated = stated if part == 0 else Stated()
    text = "\n".join(block.text for block in blocks if block.kind in TEXT_KINDS)
    authors = stated.authors or _printed_authors(blocks) or stated.named
    canonical = (stated.canonical_url or _printed_url(blocks, url)) if part == 0 else None
    address = canonical or url
    published, modified = _choose_dates(
        blocks, stated, address=address if part == 0 else None, source=source, captured_at=captured_at
    )
    key = urls.url_key(address) if address else None
    number = urls.publisher_number(address, source.article_id_pattern)
    text_sha256 = fingerprints.text_sha256(text)
    first = next((block for block in blocks if block.kind is BlockKind.BODY), None)
    dateline = datelines.read_dateline(first.text) if first else None
    agency = agencies.find_agency(
        [(block.kind, block.text) for block in blocks],
        authors=authors,
        dateline_agency=dateline.agency if dateline else None,
    )
    return Article(
        article_id=urls.article_id(
            source=source.name, url_key=key, publisher_number=number, body_sha256=text_sha256, part=part
        ),
        source=source.name,
        url=url,
        canonical_url=canonical,
        part=part,
        is_start_unsure=is_start_unsure,
        title=stated.title or _printed(blocks, BlockKind.TITLE),
        dek=_printed(blocks, BlockKind.DEK) or stated.dek,
        authors=authors,
        published_at=published.at if published else None,
        published_date=published.day if published else None,
        published_precision=published.precision if published else DatePrecision.UNKNOWN,
        published_calendar=published.calendar if published else None,
        published_from=published.origin if published else None,
        published_text=published.text if published else None,
        modified_at=modified.at if modified else None,
        language=languages.identify(text) or stated.language or source.language,
        dateline=dateline.place if dateline else None,
        agency=agency.name if agency else None,
        agency_rule=agency.rule if agency else None,
        text=text,
        blocks=tuple(blocks),
        word_count=len(fingerprints.words(text)),
        text_sha256=text_sha256,
        capture_id=None,
        reader_version=reader_version,
    )


def _printed(blocks: Sequence[Block], kind: BlockKind) -> str | None:
    return next((block.text for block in blocks if block.kind is kind), None)


def _printed_authors(blocks: Sequence[Block]) -> tuple[str, ...]:
    found = [
        name for block in blocks if block.kind is BlockKind.BYLINE for name in people.read_byline(block.text)
    ]
    return tuple(dict.fromkeys(found))


def _printed_url(blocks: Sequence[Block], url: str | None) -> str | None:
    """The address that the article prints of itself, of the page's own site where that is known."""
    found = urls.find_url("\n".join(block.text for block in blocks if block.kind not in TEXT_KINDS))
    return found if found and (url is None or same_site(found, url)) else None


def _choose_dates(
    blocks: Sequence[Block],
    stated: Stated,
    *,
    address: str | None,
    source: Source,
    captured_at: datetime | None,
) -> tuple[Published | None, Published | None]:
    """Choose when it was published and changed, among what is stated, printed and in the address."""
    printed = [
        found
        for block in blocks
        if block.kind is BlockKind.PUBLISHED
        and (found := dates.read_date_line(block.text, zone=source.zone, captured_at=captured_at)) is not None
    ]
    candidates = [
        *stated.published,
        *(line.published for line in printed),
        dates.from_url(address) if address else None,
    ]
    modified = stated.modified or next((line.modified for line in printed if line.modified), None)
    return dates.choose(candidates), modified
