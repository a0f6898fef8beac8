"""Propose a source file for a site from what it answers. No network, disk or clock.

Nothing is claimed that nothing states: a country or zone that is only likely says in a comment what it was guessed
from, and one that is not known is left as a line that does not load before a person has filled it in.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from babel.core import get_global

from articles.decoding import decode
from articles.head import Head, clean_text, read_head, types
from articles.languages import identify
from articles.parsing import parse
from articles.records import Rejected
from spiders.checking import STALE_AGE, is_challenge, is_html, likeliest_map, read_list
from spiders.discovery import Document
from spiders.looking import Answer, Ask
from spiders.pages import why_not
from spiders.robots import read_robots
from spiders.source import (
    SAMPLE_COUNTRY,
    SourceFile,
    known_countries,
    known_languages,
    site_host,
    unlisted_source,
)

MOST = 12  # requests for one site, its robots.txt among them
FEEDS = 4  # of those that a page names; the first is the site's main one
SITEMAPS = 4  # of those that robots.txt names
FRESH = timedelta(days=7)  # a sitemap whose newest date is older is no place to look for tonight's news
AHEAD = timedelta(days=1)  # a time printed without its zone, which is not known yet, may look this far ahead
LEAST_LINKS = 8  # fewer show no shape
SHAPE_SHARE = 0.9  # of the links, to have their number in one place
SHAPE_LINKS = 500  # looked at; more show no more
PUBLISHER_CHARS = 200
UNKNOWN = "xx"  # stands for a country that a person has to fill in; no country's code (ISO 3166-1)

USUAL_FEEDS = ("/feed", "/rss", "/rss.xml")
USUAL_NEWS_MAPS = ("/sitemap_news.xml", "/news-sitemap.xml")
USUAL_MAP = "/sitemap.xml"

# Countries' domains that the whole world uses for their letters.
_NO_COUNTRY_DOMAINS = frozenset(["ai", "cc", "co", "fm", "gg", "io", "ly", "me", "sh", "to", "tv", "ws"])
_DOMAIN_COUNTRIES = {"uk": "GB"}
_ENGLISH_REGIONS = frozenset({"US", "GB"})  # publishing systems write these unless told otherwise
_TITLE_PARTS = re.compile(r"\s+[|–—·-]\s+|\s*[|»]\s*")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gov", "net", "org", "www", "m", "amp", "english", "en"])
_SHAPING = "\u200c\u200d"  # ZWNJ and ZWJ shape Persian and Urdu letters
_MAP_START = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_OFFSET = re.compile(r"[+-]\d\d:?\d\d$")
_DIGITS = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_DAY = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_END = re.compile(r"(?:\.\w{2,5})?/?$")
_STATED_LANGUAGE = re.compile(rb"<(?:\w+:)?language>\s*([a-zA-Z]{2})\b")
_DATED_PATH = re.compile(r"/20\d\d/\d\d/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One address that was asked for, and what came of it."""

    url: str
    via: str
    said: str
    is_taken: bool  # into the proposed file


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source file for a person to look over."""

    name: str
    toml: str
    missing: tuple[str, ...]  # keys that a person has to fill in before the file loads
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where the addresses of a site's articles have their number."""

    article_id: str  # as in a source file
    numbered: int  # of the links
    links: int


@dataclass(frozen=True, slots=True)
class _Fact:
    """A value of the file, with where it is from where that is not plain."""

    key: str
    value: str  # as TOML writes it
    comment: str = ""


# ---- what to ask


def asks_of(url: str) -> list[Ask]:
    """The page that a person gave comes first."""
    return [Ask(url=url, via="front")]


def next_asks(source: SourceFile, answers: Sequence[Answer], room: int) -> list[Ask]:
    """After the front page: what it and robots.txt name, and the usual places; after those: a map of each index."""
    asked = [answer for answer in answers if answer.via != "robots"]
    if all(answer.via == "front" for answer in asked):
        front = asked[-1]
        if front.status is None:
            return []
        if len(asked) == 1 and not is_html(front) and _root(front) != front.url:
            return [
                Ask(url=_root(front), via="front")
            ]  # what was given is a feed: the site's own page says more
        return _places(asked, answers)[: room - 1]  # one is left for the map of an index
    seen = {answer.url for answer in asked}
    asks = []
    for answer in asked:
        is_map = list_kind(answer) == "sitemap"
        index = read_list(source, replace(answer, via="sitemap")) if is_map else Document()
        if index.sitemaps and seen.isdisjoint(index.sitemaps):
            asks.append(Ask(url=likeliest_map(index), via="sitemap"))
    return asks[:room]


def _places(fronts: Sequence[Answer], answers: Sequence[Answer]) -> list[Ask]:
    """Where lists may be, the likeliest first."""
    front = fronts[-1]
    root = _root(front)
    named_feeds = [url for one in fronts if is_html(one) for url in _alternates(one)][:FEEDS]
    named_maps = [
        url
        for one in answers
        if one.via == "robots" and one.status == 200 and not is_html(one)
        for url in read_robots(one.body).sitemaps
    ]
    news_maps = [url for url in named_maps if "news" in url.lower()]
    maps = list(dict.fromkeys([*news_maps, *named_maps]))[:SITEMAPS]
    feeds = named_feeds or [urljoin(root, path) for path in USUAL_FEEDS]
    guessed_maps = [] if news_maps else [urljoin(root, path) for path in USUAL_NEWS_MAPS]
    guessed_maps += [] if named_maps else [urljoin(root, USUAL_MAP)]
    return [Ask(url=url, via="feed") for url in feeds] + [
        Ask(url=url, via="sitemap") for url in dict.fromkeys([*maps, *guessed_maps])
    ]


def _alternates(front: Answer) -> Iterator[str]:
    """The feeds that a page names in its head, but for those of comments."""
    head = _head(front)
    if head is None:
        return
    base = front.final_url or front.url
    seen: set[str] = set()
    for link in head.root.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        href = (link.get("href") or "").strip()
        if "alternate" not in rel or kind not in _FEED_TYPES or not href:
            continue
        try:
            url = urljoin(base, href)
        except ValueError:  # such as a bracket that is no IPv6 address
            continue
        if url.startswith(("http://", "https://")) and "comments" not in url and url not in seen:
            seen.add(url)
            yield url


# ---- what to propose


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A list that was asked for."""

    answer: Answer
    via: str
    document: Document
    address: (
        str  # for the file: of a map that an index led to, the index, as it will name another map tomorrow
    )


def propose(
    answers: Sequence[Answer], *, now: datetime, name: str | None = None
) -> Proposal | tuple[Tried, ...]:
    """A source file from a site's answers.

    Args:
        answers: as a look with the plan "propose" brings them.
        now: when they were had (aware).
        name: the file's name without .toml, where a person gave one; its two letters are the country.

    Returns:
        The proposal; or, where the site has no list that is of use, what was tried.
    """
    fronts = [answer for answer in answers if answer.via == "front"]
    page = next((one for one in reversed(fronts) if one.status == 200 and is_html(one)), None)
    if not fronts:  # the look was stopped before the first answer
        return ()
    site = (page or fronts[-1]).final_url or fronts[-1].url
    visited = unlisted_source(site)  # where a redirect led is the site
    lists = list(_lists(visited, answers))
    tried = [_tried_front(one) for one in fronts if all(one is not listed.answer for listed in lists)]
    taken: list[_Listed] = []
    met: set[frozenset[str]] = set()
    for listed in lists:
        said, is_taken = _judge(visited, listed, now)
        addresses = frozenset(item.url for item in listed.document.found)
        if is_taken and addresses in met:
            said, is_taken = f"{said}; the same as one above", False
        if is_taken:
            met.add(addresses)
            taken.append(listed)
        tried.append(Tried(url=listed.answer.url, via=listed.via, said=said, is_taken=is_taken))
    if not taken:
        return tuple(tried)
    head = _head(page) if page is not None else None
    country = _country(head, site, name)
    facts = [
        _Fact("publisher", _quoted(_publisher(head, site))),
        _Fact("home", _quoted(_home(fronts[0], site))),
        country,
        _languages(head, taken),
        _timezone(country, taken),
        *_addresses(taken),
        *_patterns(visited, taken),
        _Fact("verified", '"never"', "the day, once `nightwire sources check` finds nothing to look at"),
    ]
    return Proposal(
        name=name or f"{country.value.strip(chr(34)).lower() or UNKNOWN}_{_label(site)}",
        toml=_toml(facts),
        missing=tuple(fact.key for fact in facts if fact.value in ('""', "[]")),
        tried=tuple(tried),
    )


def _lists(source: SourceFile, answers: Sequence[Answer]) -> Iterator[_Listed]:
    index_of: dict[str, str] = {}
    for answer in answers:
        via = list_kind(answer)
        if via is None:
            continue
        document = read_list(source, replace(answer, via=via))
        own = answer.final_url if answer.has_moved and answer.final_url else answer.url
        if not document.found:
            index_of |= dict.fromkeys(document.sitemaps, own)
        yield _Listed(answer=answer, via=via, document=document, address=index_of.get(answer.url, own))


def list_kind(answer: Answer) -> str | None:
    """Which kind of list an answer was asked as, or is, where a person gave a list's address; None for no list."""
    if answer.via in ("feed", "sitemap"):
        return answer.via
    if answer.via != "front" or answer.status != 200 or is_html(answer):
        return None
    return "sitemap" if _MAP_START.search(answer.body[:4096]) else "feed"


def _judge(source: SourceFile, listed: _Listed, now: datetime) -> tuple[str, bool]:
    """What is said of a list, and whether it is of use."""
    answer, document = listed.answer, listed.document
    if answer.status != 200:
        return why_not(answer), False
    if is_html(answer):
        return "asks whether a robot is reading" if is_challenge(answer) else "is a web page, no list", False
    if document.reason is not None:
        return f"nothing can be read from it: {document.detail or document.reason}", False
    if not document.found:
        return "an index of maps" if document.sitemaps else "has no item", False
    count = len(document.found)
    elsewhere = sum(not source.is_on_site(item.url) for item in document.found)
    if elsewhere * 2 > count:
        return f"{elsewhere} of its {count} links lead to other sites", False
    dated = [item.changed_at for item in document.found if item.changed_at is not None]
    moments = [moment for moment in dated if moment < now + AHEAD]
    if not moments:
        is_feed = listed.via == "feed"
        return f"{count} links without a date" + (
            "" if is_feed else ", so nothing tells news from old pages"
        ), is_feed
    age = now - max(moments)
    said = f"{count} links, the newest {max(age / timedelta(hours=1), 0):.1f} h old"
    if age > (FRESH if listed.via == "sitemap" else STALE_AGE):
        return f"{said}: no place to look for tonight's news", False
    return said, True


def _tried_front(front: Answer) -> Tried:
    said = why_not(front) if front.status != 200 else "the page that was given"
    if front.status is not None and is_challenge(front):
        said = f"HTTP {front.status}: asks whether a robot is reading"
    return Tried(url=front.url, via="page", said=said, is_taken=False)


# ---- the facts


def _publisher(head: Head | None, site: str) -> str:
    """As the page names its site, or else the host."""
    named = [] if head is None else [head.meta.get("og:site_name")]
    if head is not None:
        for node in head.nodes:
            if types(node) & {"NewsMediaOrganization", "Organization", "WebSite"}:
                named.append(clean_text(node.get("name")))
        named += [head.meta.get("application-name"), _name_in(head.title, site)]
    name = next((name for name in named if name and name.strip()), site_host(site))
    plain = "".join(one for one in name if one in _SHAPING or not unicodedata.category(one).startswith("C"))
    return " ".join(plain.split())[:PUBLISHER_CHARS] or site_host(site)


def _name_in(title: str | None, site: str) -> str | None:
    """The part of a front page's title that is the site's name: the one that is like its host, else the shortest."""
    parts = [part for part in _TITLE_PARTS.split(title or "") if part.strip()]
    label = re.sub(r"[^a-z0-9]", "", _label(site))
    alike = (part for part in parts if label in re.sub(r"[^a-z0-9]", "", part.lower()))
    return next(alike, None) or min(parts, key=len, default=None)


def _home(asked: Answer, site: str) -> str:
    """The front page; with its path only where a person gave one, as several may share a host."""
    return site if urlsplit(asked.url).path not in ("", "/") and is_html(asked) else _root_of(site)


def _country(head: Head | None, site: str, name: str | None) -> _Fact:
    if name is not None:
        code = name[:2]
        return _Fact(
            "country", _quoted(code if code == SAMPLE_COUNTRY else code.upper()), "as the name given says"
        )
    domain = site_host(site).rpartition(".")[2]
    code = _DOMAIN_COUNTRIES.get(domain, domain.upper())
    if domain not in _NO_COUNTRY_DOMAINS and code in known_countries():
        return _Fact("country", _quoted(code), f"guessed from the host's .{domain}")
    if head is not None:
        for node in head.nodes:
            stated = (_inner(node, "address", "addressCountry") or "").upper()
            if types(node) & {"NewsMediaOrganization", "Organization"} and stated in known_countries():
                return _Fact("country", _quoted(stated), "guessed from the publisher's postal address")
        stated_by = (("og:locale", head.meta.get("og:locale")), ("the page's lang", head.root.get("lang")))
        for where, locale in stated_by:
            region = re.split("[-_]", locale or "")[-1].upper()
            if region in known_countries() and len(locale or "") > 2 and not _is_default(locale or ""):
                return _Fact("country", _quoted(region), f"guessed from {where}, {locale}")
    return _Fact(
        "country", '""', 'fill in: where the publisher sits, two letters such as "PK"; nothing states it'
    )


def _is_default(locale: str) -> bool:
    """Whether a locale's region is the one its language stands for anyway ("fa-IR"), and so tells of no place."""
    language, *_, region = re.split("[-_]", locale)
    usual = get_global("likely_subtags").get(language.lower(), "")
    return region.upper() == usual.rpartition("_")[2] or (
        language.lower() == "en" and region.upper() in _ENGLISH_REGIONS
    )


def _languages(head: Head | None, taken: Sequence[_Listed]) -> _Fact:
    """The languages of the headlines; else the one that page or feed states, which is often a system's default."""
    by_list = [
        identify(". ".join(item.title for item in listed.document.found if item.title)) for listed in taken
    ]
    spoken = [code for code in dict.fromkeys(by_list) if code in known_languages()]
    if spoken:
        return _Fact("languages", _list(spoken), "of the headlines listed")
    stated = [(head.root.get("lang") or "")[:2].lower()] if head is not None else []
    stated += [
        found[1].decode().lower()
        for listed in taken
        if (found := _STATED_LANGUAGE.search(listed.answer.body)) is not None
    ]
    for code in stated:
        if code in known_languages():
            return _Fact("languages", _list([code]), "as the site states; its headlines do not tell")
    return _Fact("languages", "[]", 'fill in: such as ["en", "ur"]; nothing states them')


def _timezone(country: _Fact, taken: Sequence[_Listed]) -> _Fact:
    """The country's zone where it has one only, and the times that the lists print do not speak against it."""
    code = json.loads(country.value)
    zones = list(get_global("territory_zones").get(code, ())) if code else []
    printed = {
        (found[0], item.changed_at)
        for listed in taken
        for item in listed.document.found
        if item.changed_at is not None and (found := _OFFSET.search(item.published or item.updated or ""))
    }
    offsets = {(_offset(text), moment) for text, moment in printed if _offset(text)}
    fitting = [
        zone
        for zone in zones
        if all(moment.astimezone(ZoneInfo(zone)).utcoffset() == offset for offset, moment in offsets)
    ]
    stated = sorted({text for text, _ in printed if _offset(text)})
    if len(fitting) == 1:
        why = (
            f"the only zone of {code}" if len(zones) == 1 else f"the zone of {code} with {', '.join(stated)}"
        )
        return _Fact("timezone", _quoted(fitting[0]), why)
    if not code:
        return _Fact("timezone", '""', 'fill in: the zone of their printed times, such as "Asia/Karachi"')
    why = f"the lists print {', '.join(stated)}" if stated else f"{code} has {len(zones)} zones"
    return _Fact("timezone", '""', f'fill in: the zone of their printed times, such as "Asia/Karachi"; {why}')


def _addresses(taken: Sequence[_Listed]) -> Iterator[_Fact]:
    for key, via in (("feeds", "feed"), ("sitemaps", "sitemap")):
        addresses = dict.fromkeys(listed.address for listed in taken if listed.via == via)
        if addresses:
            yield _Fact(key, _list(list(addresses)))


def _patterns(source: SourceFile, taken: Sequence[_Listed]) -> Iterator[_Fact]:
    """What all the links listed have in common; a pattern that leaves one of them out would lose articles."""
    found = dict.fromkeys(item.url for listed in taken for item in listed.document.found)
    links = [url for url in found if source.is_on_site(url)][:SHAPE_LINKS]
    shape = find_shape(links)
    if shape is not None:
        said = f"{shape.numbered} of the {shape.links} links listed have it"
        if shape.numbered == shape.links:
            yield _Fact(
                "article_url", _pattern(shape.article_id.replace("(", "", 1).replace(")", "", 1)), said
            )
        yield _Fact("article_id", _pattern(shape.article_id), said)
    elif len(links) >= LEAST_LINKS and all(map(_DATED_PATH.search, links)):
        yield _Fact("article_url", _pattern(_DATED_PATH.pattern), f"all {len(links)} links listed have it")


def find_shape(links: Sequence[str]) -> Shape | None:
    """Where the articles' addresses have their number: the most telling place that `SHAPE_SHARE` of them share.

    A number that many articles share (of a section, of a day) is none of an article.
    """
    if len(links) < LEAST_LINKS:
        return None
    votes = Counter(pattern for link in links for pattern in set(_places_of_digits(link)))
    for pattern, _ in sorted(votes.items(), key=lambda vote: (-len(vote[0]), vote[0])):
        numbers = [found[1] for link in links if (found := re.search(pattern, link))]
        if len(numbers) >= SHAPE_SHARE * len(links) and len(set(numbers)) >= SHAPE_SHARE * len(numbers):
            return Shape(article_id=pattern, numbered=len(numbers), links=len(links))
    return None


def _places_of_digits(link: str) -> Iterator[str]:
    """For each long number in a path, patterns that find it: the more telling first."""
    path = urlsplit(link).path
    for found in _DIGITS.finditer(path):
        if _DAY.fullmatch(found[0]):
            continue
        before, after = path[: found.start()], path[found.end() :]
        end = r"(?:\.\w+)?/?$" if _END.fullmatch(after) else _escaped(after[:1])
        if before.endswith("/"):
            section = before.rstrip("/").rpartition("/")[2]
            if section and not section.isdigit():
                yield rf"/{_escaped(section)}/(\d{{5,}}){end}"
            yield rf"/(\d{{5,}}){end}"
        elif before[-1:] in ("-", "_", ".", "="):
            yield rf"{_escaped(before[-1])}(\d{{5,}}){end}"


# ---- within


def _escaped(text: str) -> str:
    return re.escape(text).replace(r"\-", "-")  # a hyphen is one outside of brackets


def _head(page: Answer) -> Head | None:
    text = decode(page.body, content_type=page.content_type)
    if isinstance(text, Rejected):
        return None
    parsed = parse(page.body, text)
    return None if isinstance(parsed, Rejected) else read_head(parsed.tree, url_path="")


def _inner(node: object, *keys: str) -> str | None:
    """A text inside JSON-LD, down a path of keys."""
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, str) else None


def _root(answer: Answer) -> str:
    return _root_of(answer.final_url or answer.url)


def _root_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _label(site: str) -> str:
    """The telling part of a host, as a file may be called: "daily_post" of www.daily-post.com.pk."""
    parts = [part for part in site_host(site).split(".")[:-1] if part not in _SECOND_LEVEL]
    return re.sub(r"[^a-z0-9]+", "_", max(parts, key=len, default="site")).strip("_")[:61] or "site"


def _offset(text: str) -> timedelta:
    """ "+05:00" as a span."""
    hours, minutes = int(text[1:3]), int(text[-2:])
    return (-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def _toml(facts: Iterable[_Fact]) -> str:
    lines = [(f"{fact.key} = {fact.value}", fact.comment) for fact in facts]
    width = max((len(line) for line, comment in lines if comment), default=0)
    return "".join(f"{line:{width}}  # {comment}\n" if comment else f"{line}\n" for line, comment in lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # for text without control characters also TOML's own form


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _pattern(text: str) -> str:
    return f"'{text}'" if "'" not in text else _quoted(text)
