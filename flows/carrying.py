"""Who carries a text, made ready to be looked at: what was asked, who was found, and two texts put side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from articles import Article
from articles.alignment import Row, Shares, align, shares
from articles.errors import NightwireError
from articles.urls import url_key
from flows.looking import read_things
from flows.sources import all_sources
from warehouse import Carrier, CarrierLookup, Carriers, KnownArticle, Searched, carrier_lookup

SHOWN = 40  # carriers of a text, and as many excerpts; the rest are counted

_ARTICLE_ID = re.compile(r"[0-9a-f]{32}")
_ADDRESS = ("http://", "https://")
_MOMENTS = {"second": "%Y-%m-%d %H:%M", "minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H h"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A text with what is known of it."""

    article_id: str | None  # None: not an article of the lake
    headline: str | None
    publisher: str | None
    country: str | None
    when: str  # as printed: "2026-11-18 14:40 UTC", "2026-11-18 (day)", "seen 2026-11-19 03:00 UTC", "not dated"
    ordered_at: (
        datetime | None
    )  # None: nothing says how old it is; then what the lake holds is taken to be older
    word_count: int
    agency: str | None
    agency_rule: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One that carries the text, with how it differs."""

    number: int  # names it to --against
    entry: Entry
    carrier: Carrier
    shares: Shares  # first the text asked about, then this one's


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """Two texts, the one that the other took first where that is known, else the earlier one."""

    left: Entry
    right: Entry
    rows: Sequence[Row]
    shares: Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """Everything to be shown of one text."""

    asked: Entry
    carriers: Sequence[Shown]
    excerpts: Sequence[Shown]
    more_carriers: int  # found, but not among `carriers`
    more_excerpts: int
    searched: Searched
    compared: SideBySide | None  # None: nobody carries it


def who_carries(home: Path, what: str, *, against: str | None, newsroom: str | None) -> Iterator[Carrying]:
    """Look up who carries a text; nothing is stored.

    Args:
        home: the lake's folder; its published state is asked.
        what: an article's id, an address the lake knows, or a file.
        against: the carrier to be put beside the text: its id, or its number as shown; None for the one it was
            taken from, else the earliest.
        newsroom: address of the sample web, for files that are read as its pages.

    Yields:
        One for an article or an address; one for each article of a file.

    Raises:
        NightwireError: no lake or an empty one, no such article or address, an address of several articles, a file
            that cannot be read or holds no article, nobody of the name `against`.
    """
    with carrier_lookup(home) as lookup:
        yield from carriers_in(lookup, what, against=against, newsroom=newsroom)


def carriers_in(
    lookup: CarrierLookup, what: str, *, against: str | None, newsroom: str | None
) -> Iterator[Carrying]:
    """As `who_carries`, in a lake that is open already."""
    searched = lookup.searched()
    for asked, found in _asked(lookup, what, newsroom):
        yield _carrying(lookup, asked, found, against, searched)


def _asked(lookup: CarrierLookup, what: str, newsroom: str | None) -> Iterator[tuple[Entry, Carriers]]:
    if _ARTICLE_ID.fullmatch(what) or what.startswith(_ADDRESS):
        known = (
            lookup.find_url(what, _url_keys(what)) if what.startswith(_ADDRESS) else lookup.find_article(what)
        )
        yield _entry(known, lookup.texts([known])[known.article_id]), lookup.carriers_of(known)
        return
    articles = [article for reading in read_things([what], newsroom) for article in reading.articles]
    if not articles:
        raise NightwireError(f"{what} holds no article; see why with: nightwire explain {what}")
    for article in articles:
        yield _entry_of_file(article), lookup.carriers_of_text(article.text)


def _url_keys(url: str) -> set[str]:
    """What an address may be known as: a source may say which parameters alone count."""
    return {url_key(url), *(url_key(url, one.keep_query) for one in all_sources().values() if one.keep_query)}


def _carrying(
    lookup: CarrierLookup, asked: Entry, found: Carriers, against: str | None, searched: Searched
) -> Carrying:
    chosen = _chosen(found, against)
    wanted = [*found.carriers[:SHOWN], *found.excerpts[:SHOWN], *([chosen] if chosen else [])]
    texts = lookup.texts({one.article.article_id: one.article for one in wanted}.values())

    def shown(carriers: Sequence[Carrier], before: int) -> list[Shown]:
        return [
            _shown(asked, number, one, texts[one.article.article_id])
            for number, one in enumerate(carriers[:SHOWN], start=before + 1)
        ]

    return Carrying(
        asked=asked,
        carriers=shown(found.carriers, 0),
        excerpts=shown(found.excerpts, len(found.carriers)),
        more_carriers=max(0, len(found.carriers) - SHOWN),
        more_excerpts=max(0, len(found.excerpts) - SHOWN),
        searched=searched,
        compared=None if chosen is None else _beside(asked, chosen, texts[chosen.article.article_id]),
    )


def _chosen(found: Carriers, against: str | None) -> Carrier | None:
    """The one to be put beside the text: the one named, else the one it was taken from, else the earliest."""
    listed = [*found.carriers, *found.excerpts]
    if against is None:
        origins = [one for one in found.carriers if one.is_origin]
        return next(iter([*origins, *listed]), None)
    for number, one in enumerate(listed, start=1):
        if against in (one.article.article_id, str(number)):
            return one
    raise NightwireError(
        f"--against {against} is nobody that carries this text; "
        + (f"give a number from 1 to {len(listed)}, or an article's id" if listed else "nobody carries it")
    )


def _shown(asked: Entry, number: int, carrier: Carrier, text: str) -> Shown:
    return Shown(
        number=number,
        entry=_entry(carrier.article, text),
        carrier=carrier,
        shares=shares(align(asked.text, text)),
    )


def _beside(asked: Entry, carrier: Carrier, text: str) -> SideBySide:
    other = _entry(carrier.article, text)
    is_later = asked.ordered_at is None or carrier.article.ordered_at < asked.ordered_at
    is_taken = is_later if carrier.is_origin is None else carrier.is_origin
    left, right = (other, asked) if is_taken else (asked, other)
    rows = align(left.text, right.text)
    return SideBySide(left=left, right=right, rows=rows, shares=shares(rows))


def _entry(article: KnownArticle, text: str) -> Entry:
    return Entry(
        article_id=article.article_id,
        headline=article.title,
        publisher=article.publisher,
        country=article.country,
        when=_when(article.published_at, article.published_date, article.published_precision)
        or f"seen {article.first_seen_at:{_MOMENTS['minute']}} UTC",
        ordered_at=article.ordered_at,
        word_count=article.word_count,
        agency=article.agency,
        agency_rule=article.agency_rule,
        text=text,
    )


def _entry_of_file(article: Article) -> Entry:
    known = all_sources().get(article.source or "")
    return Entry(
        article_id=None,
        headline=article.title,
        publisher=article.source if known is None else known.publisher,
        country=None if known is None else known.country,
        when=_when(article.published_at, article.published_date, article.published_precision.value)
        or "not dated",
        ordered_at=article.published_at,
        word_count=article.word_count,
        agency=article.agency,
        agency_rule=article.agency_rule,
        text=article.text,
    )


def _when(moment: datetime | None, day: date | None, precision: str) -> str | None:
    """A publication as far as it is known: a moment in UTC, or a day or month with that word; None where it is not."""
    if moment is not None:
        return f"{moment:{_MOMENTS.get(precision, _MOMENTS['minute'])}} UTC"
    if day is None:
        return None
    return f"{day:%Y-%m} (month)" if precision == "month" else f"{day} ({precision})"
