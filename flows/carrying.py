"""Who carries a text, made ready to be looked at: what was asked, who was found, and two texts put side by side."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from articles import Article
from articles.agencies import agency_named
from articles.alignment import Paragraph, Row, Shares, align, shares
from articles.copies import Relation
from articles.errors import NightwireError
from articles.urls import url_key
from flows.looking import read_things
from flows.sources import all_sources
from warehouse import Carrier, CarrierLookup, Carriers, KnownArticle, Searched, carrier_lookup

SHOWN = 40  # carriers of a text, and as many of each other list; the rest are counted

_ARTICLE_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_BARE_ADDRESS = re.compile(
    r"[\w-]+(?:\.[\w-]+)+/\S*"
)  # as some browsers show it; only where no file has the name
_MOMENTS = {"second": "%Y-%m-%d %H:%M", "minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H h"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A text with what is known of it."""

    article_id: str | None  # None: not an article of the lake
    url: str | None
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
class Listed:
    """One list of articles, the earliest first."""

    shown: Sequence[Shown]
    more: int  # found, and not among `shown`


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """An agency that pages with this text name as its origin."""

    agency: str
    rules: Sequence[str]  # what told it, the most frequent first
    page_count: int  # that name it, the text asked about included
    own_page: str | None  # article_id of the agency's own page, where it is one of them


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """Two texts, on the left the one that the other was taken from where that is known, else the earlier one."""

    left: Entry
    right: Entry
    left_is: str  # why it stands there, as printed
    rows: Sequence[Row]
    shares: Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """Everything to be shown of one text."""

    asked: Entry
    credited: Sequence[
        Credited
    ]  # by it and those that carry it, the most frequent first; two are a disagreement
    carriers: Listed
    grouped: Listed  # in its copy group by another member's text
    excerpts: Listed
    searched: Searched
    compared: SideBySide | None  # None: nobody carries it

    @property
    def carrier_count(self) -> int:
        """How many articles carry it."""
        return len(self.carriers.shown) + self.carriers.more


def who_carries(
    home: Path, what: str, *, against: str | None, newsroom: str | None, shown: int | None = SHOWN
) -> Iterator[Carrying]:
    """Look up who carries a text; nothing is stored.

    Args:
        home: the lake's folder; its published state is asked.
        what: an article's id, an address the lake knows, or a file.
        against: the carrier to be put beside the text: its id, or its number as shown; None for the one it was
            taken from, else the earliest that differs from it.
        newsroom: address of the sample web, for files that are read as its pages.
        shown: of each list no more than this; None for all.

    Yields:
        One for an article or an address; one for each article of a file.

    Raises:
        NightwireError: no lake or an empty one, no such article or address, an address of several articles, a file
            that cannot be read or holds no article, nobody of the name `against`.
    """
    with carrier_lookup(home) as lookup:
        yield from carriers_in(lookup, what, against=against, newsroom=newsroom, shown=shown)


def carriers_in(
    lookup: CarrierLookup, what: str, *, against: str | None, newsroom: str | None, shown: int | None = SHOWN
) -> Iterator[Carrying]:
    """As `who_carries`, in a lake that is open already."""
    searched = lookup.searched()
    for asked, found in _asked(lookup, what.strip(), newsroom):
        yield _carrying(lookup, asked, found, against, searched, shown)


def _asked(lookup: CarrierLookup, what: str, newsroom: str | None) -> Iterator[tuple[Entry, Carriers]]:
    if _ARTICLE_ID.fullmatch(what):
        yield _known(lookup, lookup.find_article(what.lower()))
        return
    if _ADDRESS.fullmatch(what):
        yield _known(lookup, lookup.find_url(what, _url_keys(what)))
        return
    if not Path(what).exists() and _BARE_ADDRESS.fullmatch(what):
        address = f"http://{what}"
        yield _known(lookup, lookup.find_url(address, _url_keys(address)))
        return
    if not Path(what).exists() and not Path(what).suffix:
        raise NightwireError(
            f"{what} is no article's id (32 hexadecimal digits), no address (http://…), and there is no such file; "
            'find ids with: nightwire sql "select article_id, title from articles limit 10"'
        )
    articles = [article for reading in read_things([what], newsroom) for article in reading.articles]
    if not articles:
        raise NightwireError(f"{what} holds no article; see why with: nightwire explain {what}")
    for article in articles:
        yield _entry_of_file(article), lookup.carriers_of_text(article.text)


def _known(lookup: CarrierLookup, article: KnownArticle) -> tuple[Entry, Carriers]:
    return _entry(article, lookup.texts([article])[article.article_id]), lookup.carriers_of(article)


def _url_keys(url: str) -> set[str]:
    """What an address may be known as: a source may say which parameters alone count."""
    return {url_key(url), *(url_key(url, one.keep_query) for one in all_sources().values() if one.keep_query)}


def _carrying(
    lookup: CarrierLookup,
    asked: Entry,
    found: Carriers,
    against: str | None,
    searched: Searched,
    shown: int | None,
) -> Carrying:
    chosen = _chosen(found, against)
    lists = (found.carriers, found.grouped, found.excerpts)
    wanted = [one.article for carriers in lists for one in carriers[:shown]]
    wanted += [chosen.article] if chosen else []
    texts = lookup.texts({one.article_id: one for one in wanted}.values())
    listed: list[Listed] = []
    before = 0
    for carriers in lists:
        drawn = [
            _shown(asked, number, one, texts[one.article.article_id])
            for number, one in enumerate(carriers[:shown], start=before + 1)
        ]
        listed.append(Listed(shown=drawn, more=len(carriers) - len(drawn)))
        before += len(carriers)
    return Carrying(
        asked=asked,
        credited=_credited(asked, found.carriers),
        carriers=listed[0],
        grouped=listed[1],
        excerpts=listed[2],
        searched=searched,
        compared=None if chosen is None else _beside(asked, chosen, texts[chosen.article.article_id]),
    )


def _credited(asked: Entry, carriers: Sequence[Carrier]) -> list[Credited]:
    """Whose text it is, in the words of the pages that print it; a page names one agency or none."""
    pages = [
        (asked.agency, asked.agency_rule, asked.article_id, asked.publisher),
        *(
            (one.article.agency, one.article.agency_rule, one.article.article_id, one.article.publisher)
            for one in carriers
        ),
    ]
    credited = []
    for agency, count in Counter(page[0] for page in pages if page[0]).most_common():
        rules = Counter(rule for named, rule, _, _ in pages if named == agency and rule)
        own = [name for _, _, name, publisher in pages if publisher and agency_named(publisher) == agency]
        credited.append(
            Credited(
                agency=agency,
                rules=[rule for rule, _ in rules.most_common()],
                page_count=count,
                own_page=own[0] if own else None,
            )
        )
    return credited


def _chosen(found: Carriers, against: str | None) -> Carrier | None:
    """The one to be put beside the text: the one named, else its origin, else the earliest that differs from it."""
    listed = [*found.carriers, *found.grouped, *found.excerpts]
    if against is None:
        origins = [one for one in found.carriers if one.is_origin]
        others = [one for one in found.carriers if one.relation != Relation.IDENTICAL]
        return next(iter([*origins, *others, *listed]), None)
    for number, one in enumerate(listed, start=1):
        if against.strip().lower() in (one.article.article_id, str(number)):
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
    if carrier.is_origin is not None:
        left_is = "the one it was taken from, as far as the pages tell"
    else:
        left_is = "the earlier" if asked.ordered_at is not None else "in the lake; the other is not dated"
    return SideBySide(left=left, right=right, left_is=left_is, rows=rows, shares=shares(rows))


def _entry(article: KnownArticle, text: str) -> Entry:
    has_name = article.publisher is not None and article.publisher != article.source
    known = None if has_name else all_sources().get(article.source or "")  # a backfilled lake knows ids alone
    return Entry(
        article_id=article.article_id,
        url=article.url,
        headline=article.title,
        publisher=article.publisher if known is None else known.publisher,
        country=article.country if known is None else known.country,
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
        url=article.url,
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


def carrying_json(found: Carrying) -> str:
    """All that was found of one text, for programs; texts are those of the two side by side alone.

    Times as ISO 8601, `null` for what is not known, shares from 0 to 1.
    """
    pair = found.compared
    lists = {"carriers": found.carriers, "grouped": found.grouped, "excerpts": found.excerpts}
    said = {
        "asked": _facts_of(found.asked),
        "credited": [asdict(one) for one in found.credited],
        **{name: [_shown_facts(one) for one in listed.shown] for name, listed in lists.items()},
        "not_shown": {name: listed.more for name, listed in lists.items()},
        "searched": asdict(found.searched),
        "side_by_side": None
        if pair is None
        else {
            "left": _facts_of(pair.left),
            "right": _facts_of(pair.right),
            "left_is": pair.left_is,
            "shares": {**asdict(pair.shares), "kept_share": pair.shares.kept_share},
            "rows": [{"left": _paragraphs(row.first), "right": _paragraphs(row.second)} for row in pair.rows],
        },
    }
    return json.dumps(said, ensure_ascii=False, indent=1, default=datetime.isoformat)


def _facts_of(entry: Entry) -> dict[str, object]:
    return {name: value for name, value in asdict(entry).items() if name != "text"}


def _shown_facts(one: Shown) -> dict[str, object]:
    carrier = one.carrier
    return {
        "number": one.number,
        **_facts_of(one.entry),
        "relation": carrier.relation,
        "is_origin": carrier.is_origin,
        "origin_from": carrier.origin_from,
        "origin_confidence": carrier.origin_confidence,
        "kept_share": one.shares.kept_share,
        "kept_words": one.shares.kept[0],
        "own_words": one.shares.own_words,
    }


def _paragraphs(paragraphs: Sequence[Paragraph]) -> list[list[dict[str, str]]]:
    return [
        [{"change": piece.change.value, "text": piece.text} for piece in paragraph]
        for paragraph in paragraphs
    ]
