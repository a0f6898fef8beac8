"""An article put together: its labelled blocks, and its metadata chosen among what page, record and text state.

Page-level claims (`Stated`) speak of the page's first article only; what the blocks print belongs to each. Every
claim is kept as evidence, the losers too. Pure: the same blocks and claims give the same article.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from articles import agencies, datelines, dates, fingerprints, languages, people, urls
from articles.lines import fold
from articles.metadata import Stated, date_evidence, date_value, same_site
from articles.records import (
    TEXT_KINDS,
    Article,
    Block,
    BlockKind,
    DatePrecision,
    Evidence,
    Source,
)

_MAX_CLAIMS = 8  # kept of one field; a page rarely makes more that differ
_MAX_CLAIM_CHARS = 300


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
    headlines = [_claim("title", block.text, block.text) for block in blocks if block.kind is BlockKind.TITLE]
    title = stated.title or (headlines[0].value if headlines else None)
    bylines = [
        (names, block.text)
        for block in blocks
        if block.kind is BlockKind.BYLINE and (names := people.read_byline(block.text))
    ]
    printed_names = tuple(dict.fromkeys(name for names, _ in bylines for name in names))
    authors = stated.signed or stated.authors or printed_names or stated.named or stated.house
    printed_url = _printed_url(blocks, url)
    canonical = (stated.canonical_url or printed_url) if part == 0 else None
    address = canonical or url
    printed = _printed_dates(blocks, source, captured_at)
    addressed = dates.from_url(address) if address and part == 0 else None
    modified = stated.modified or next((line.modified for line in printed if line.modified), None)
    stated_dates = [*stated.published, *(line.published for line in printed), addressed]
    published = dates.choose(stated_dates, modified=modified)
    identified = languages.identify(text, stated=stated.language)
    language = identified or stated.language or source.language
    first = next((block for block in blocks if block.kind is BlockKind.BODY), None)
    dateline = datelines.read_dateline(first.text) if first else None
    credits = agencies.find_credits(
        [(block.kind, block.text) for block in blocks],
        authors=authors,
        dateline_agency=dateline.agency if dateline else None,
    )
    agency = credits[0] if len({credit.name for credit in credits}) == 1 else None
    key = urls.url_key(address) if address else None
    pattern = source.article_id_pattern
    # an address without a number that a numbered page calls its own is no article's, such as its section
    number = urls.publisher_number(address, pattern) or urls.publisher_number(url, pattern)
    text_sha256 = fingerprints.text_sha256(text)
    evidence = _weigh(
        [
            *stated.evidence,
            *headlines,
            *(_claim("authors", "; ".join(names), line) for names, line in bylines),
            *(
                date_evidence(field, found)
                for line in printed
                for field, found in (("published", line.published), ("modified", line.modified))
                if found is not None
            ),
            *([date_evidence("published", addressed)] if addressed else []),
            *([_claim("language", identified, text)] if identified else []),
            *([_claim("canonical_url", printed_url, printed_url)] if printed_url else []),
            *(_claim("agency", credit.name, credit.text) for credit in credits),
        ],
        chosen={
            "title": title,
            "authors": "; ".join(authors) or None,
            "published": date_value(published) if published else None,
            "modified": date_value(modified) if modified else None,
            "language": language,
            "canonical_url": canonical,
            "agency": agency.name if agency else None,
        },
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
        title=title,
        dek=next((block.text for block in blocks if block.kind is BlockKind.DEK), None) or stated.dek,
        authors=authors,
        published_at=published.at if published else None,
        published_date=published.day if published else None,
        published_precision=published.precision if published else DatePrecision.UNKNOWN,
        published_calendar=published.calendar if published else None,
        published_from=published.origin if published else None,
        published_text=published.text if published else None,
        modified_at=modified.at if modified else None,
        language=language,
        dateline=dateline.place if dateline else None,
        agency=agency.name if agency else None,
        agency_rule=agency.rule if agency else None,
        text=text,
        blocks=tuple(blocks),
        word_count=sum(fingerprints.word_count(block.text) for block in blocks if block.kind in TEXT_KINDS),
        text_sha256=text_sha256,
        capture_id=None,
        reader_version=reader_version,
        evidence=evidence,
    )


def _printed_url(blocks: Sequence[Block], url: str | None) -> str | None:
    """The address that the article prints of itself, of the page's own site where that is known."""
    found = urls.find_url("\n".join(block.text for block in blocks if block.kind not in TEXT_KINDS))
    return found if found and (url is None or same_site(found, url)) else None


def _printed_dates(
    blocks: Sequence[Block], source: Source, captured_at: datetime | None
) -> list[dates.DateLine]:
    """What the lines say that are dates."""
    return [
        found
        for block in blocks
        if block.kind is BlockKind.PUBLISHED
        and (found := dates.read_date_line(block.text, zone=source.zone, captured_at=captured_at)) is not None
    ]


# -- evidence -----------------------------------------------------------------------------------------------


def _claim(field: str, value: str, text: str) -> Evidence:
    """What the article's own text states."""
    return Evidence(field=field, origin="text", value=value, text=text, is_chosen=False)


def _weigh(claims: Iterable[Evidence], *, chosen: Mapping[str, str | None]) -> tuple[Evidence, ...]:
    """Say of each claim whether it was chosen; each is kept once, a few of a field, short, the chosen ones first."""
    by_field: dict[str, dict[tuple[str, str], Evidence]] = {field: {} for field in chosen}
    for claim in claims:
        wanted = chosen[claim.field]
        is_chosen = wanted is not None and _says(claim, wanted)
        short = Evidence(
            field=claim.field,
            origin=claim.origin,
            value=_shortened(claim.value),
            text=_shortened(claim.text),
            is_chosen=is_chosen,
        )
        by_field[claim.field].setdefault((claim.origin, short.value), short)
    return tuple(
        claim
        for found in by_field.values()
        for claim in sorted(found.values(), key=lambda claim: not claim.is_chosen)[:_MAX_CLAIMS]
    )


def _says(claim: Evidence, wanted: str) -> bool:
    if claim.field == "title":
        return fold(claim.value) == fold(wanted)
    return claim.value == wanted


def _shortened(text: str) -> str:
    """At most as much as is kept, without a letter torn from its accents."""
    if len(text) <= _MAX_CLAIM_CHARS:
        return text
    end = _MAX_CLAIM_CHARS
    while end > 1 and (unicodedata.combining(text[end]) or text[end] in "\u200c\u200d\ufe0f"):
        end -= 1
    return text[:end]
