"""What a look at a source says of it: answers in, findings out. No network, disk or clock, so any of it can be replayed.

Each finding has a mark: it is as it should be, a person should look at it, or it fails. Ages are in hours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, zip_longest
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from articles import Reading, Reason, read_page
from articles.dates import parse_machine
from spiders.discovery import Document, candidates, read_feed, read_section, read_sitemap
from spiders.frontier import Candidate
from spiders.looking import Answer, Ask
from spiders.pages import why_not
from spiders.robots import Robots, read_robots
from spiders.source import SourceFile

MOST = 6  # requests for one source, so that trying one costs its publisher less than a reader does
LISTS = 3  # of them for lists; the rest: robots.txt, a map that an index names, an article
MAX_AHEAD = timedelta(minutes=10)  # a newest item further ahead has its zone wrong (notes/crawling.md 3)
LOOK_AGE = timedelta(days=3)  # a long weekend without news is worth a look
STALE_AGE = timedelta(
    days=14
)  # two issues of a weekly; a feed with items 276 days old answered 200 (ibid. 6)
MIN_MATCHING = (
    0.5  # of a list's links, to be this publisher's articles: below it list or pattern is another's
)
MIN_NUMBERED = (
    0.9  # of the articles, to have the number that `article_id` looks for: it is the article's identity
)
MAX_UNDATED = 0.2  # of a list's items; a pinned page or two states none, more hide what is new
MIN_TEXT_WORDS = 60  # an article that shows less is a brief, or a teaser
MAX_CHALLENGE_BYTES = 200_000  # pages that ask for a robot check are short; a longer one is something else
HEAD_BYTES = 500_000  # of a page, where its claims about itself stand
LONGEST_DELAY = 60.0  # seconds; what a night waits at most, `guards.MAX_CRAWL_DELAY`
SHOWN = 3  # examples in one sentence

# Why nothing came by our own choice; it tells nothing of a network.
_NOT_ASKED = frozenset({"robots", "private_address", "bad_scheme", "sample_web_not_given"})
_LISTS = ("feed", "sitemap", "section")
_TDM = re.compile(
    rb"""(?i)<meta\s[^<>]{0,200}?name\s{0,9}=\s{0,9}["']?(?:tdm-\w{1,30}|robots)["'\s][^<>]{0,500}>"""
)
_NO_AI = re.compile(r"(?i)\bno(?:image)?ai\b|\btdm-")
_NOT_FREE = re.compile(
    rb'(?i)"isAccessibleForFree"\s{0,9}:\s{0,9}"?false|content_tier"?\s{1,9}content="(?:metered|locked)'
)
_TERM_HEADERS = ("content-signal", "content-usage", "tdm-reservation", "tdm-policy", "x-robots-tag")


class Mark(StrEnum):
    """What a finding means."""

    OK = "ok"
    LOOK = "look"  # a person should look at it
    FAILS = "fails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    mark: Mark
    rule: str  # what was asked, e.g. "list.zone"; stable, for machines
    about: str  # what it is about, e.g. "robots.txt of daily.example" or "feed https://daily.example/rss"
    text: str  # one sentence; may hold words from the web, as sent
    lines: tuple[str, ...] = ()  # verbatim lines for a person to read, as sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """All that was found of one source."""

    source: str
    checked_at: datetime  # UTC; the moment ages are counted to
    findings: tuple[Finding, ...]

    @property
    def mark(self) -> Mark:
        """The worst of all."""
        marks = {finding.mark for finding in self.findings}
        return next((mark for mark in (Mark.FAILS, Mark.LOOK) if mark in marks), Mark.OK)

    @property
    def is_unreachable(self) -> bool:
        """Whether no host answered anything, as on a machine without network."""
        return any(finding.rule == "host.dead" for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the crawler of a lake remembers of a source's lists."""

    read_at: Mapping[str, datetime]  # by address of the list: when it was last read
    known: Collection[str]  # of the addresses listed now, the keys that were met before


# ---- what to ask


def first_asks(source: SourceFile, limit: int | None = LISTS) -> list[Ask]:
    """The source's lists, one of each kind before the second of any; at most `limit`."""
    kinds = zip(_LISTS, (source.feeds, source.sitemaps, source.sections), strict=True)
    by_kind = [[Ask(url=url, via=via) for url in urls] for via, urls in kinds]
    asks = dict.fromkeys(ask for ask in chain.from_iterable(zip_longest(*by_kind)) if ask is not None)
    return list(asks)[:limit]


def next_asks(source: SourceFile, answers: Sequence[Answer], room: int) -> list[Ask]:
    """After the lists: the newest map of each index; after those: one article, the newest that may be asked for.

    Args:
        source: whose lists these are.
        answers: all so far.
        room: how many requests are left.
    """
    view = View.of(source, answers)
    if any(answer.via == "article" for answer in answers):
        return []
    asked = {answer.url for answer in answers}
    children = [
        Ask(url=likeliest_map(document), via="sitemap")
        for document in view.documents.values()
        if document.sitemaps and not document.found and asked.isdisjoint(document.sitemaps)
    ]
    if children and room > 1:
        return children[: room - 1]
    article = _choose_article(view)
    return [Ask(url=article, via="article")] if article else []


def read_list(source: SourceFile, answer: Answer) -> Document:
    """A list as a night would read it; of one that did not come, a document with the reason."""
    if answer.status != 200:
        return Document(reason=answer.reason or f"http_{answer.status}", detail=why_not(answer))
    url = answer.final_url or answer.url
    if answer.via == "feed":
        return read_feed(answer.body, url=url, zone=source.zone)
    if answer.via == "sitemap":
        return read_sitemap(answer.body, url=url, zone=source.zone)
    return read_section(answer.body, url=url, content_type=answer.content_type, source=source)


def likeliest_map(index: Document) -> str:
    """Of an index's maps the newest, where it says which that is; else the one that calls itself news, or the first."""
    named = (url for url in index.sitemaps if "news" in url.lower())
    return index.sitemaps[0] if any(index.sitemaps_changed_at) else next(named, index.sitemaps[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A source's answers, with each list read once."""

    source: SourceFile
    answers: Sequence[Answer]
    documents: Mapping[str, Document]  # by the list's address as asked
    items: Mapping[str, Sequence[Candidate]]  # likewise: what the crawler's memory would keep of it
    robots: Mapping[str, Robots]  # by host; of those that have rules

    @classmethod
    def of(cls, source: SourceFile, answers: Sequence[Answer]) -> View:
        """Read them."""
        documents = {answer.url: read_list(source, answer) for answer in answers if answer.via in _LISTS}
        vias = {answer.url: answer.via for answer in answers}
        return cls(
            source=source,
            answers=answers,
            documents=documents,
            items={
                url: list(candidates(document.found, source, vias[url]))
                for url, document in documents.items()
            },
            robots={
                urlsplit(answer.url).netloc: read_robots(answer.body)
                for answer in answers
                if answer.via == "robots" and answer.status == 200 and not is_html(answer)
            },
        )

    def allows(self, url: str) -> bool:
        """Whether the rules that were had allow an address."""
        robots = self.robots.get(urlsplit(url).netloc)
        return robots is None or robots.allows(url)


def _choose_article(view: View) -> str | None:
    fit = [one for items in view.items.values() for one in items if one.skip is None and view.allows(one.url)]
    dated = [(one.changed_at, one.url) for one in fit if one.changed_at is not None]
    newest = max(dated, default=None, key=lambda pair: pair[0])
    return newest[1] if newest else fit[0].url if fit else None


# ---- what the answers say


def check(view: View, *, now: datetime, is_whole: bool = True, memory: Memory | None = None) -> Checked:
    """Judge what a source answered.

    Args:
        view: robots.txt files, lists and an article, as a look brings them.
        now: when they were had (aware).
        is_whole: False where the look was stopped.
        memory: what is known from the nights before; None: no lake is there.
    """
    findings = [
        *_about_file(view),
        *_about_robots(view),
        *chain.from_iterable(
            _about_list(view, answer, now, memory) for answer in view.answers if answer.via in _LISTS
        ),
        *chain.from_iterable(
            _about_article(view, answer, now) for answer in view.answers if answer.via == "article"
        ),
        *_about_all(view, is_whole=is_whole),
    ]
    return Checked(source=view.source.name, checked_at=now, findings=tuple(findings))


def broken(source: SourceFile, problem: Exception, *, now: datetime) -> Checked:
    """What is said where judging broke off: a fault of ours, which must not cost the other sources their check."""
    text = f"could not be judged, which is a fault of ours ({type(problem).__name__}: {problem}); `nightwire sources record` keeps what shows it"
    fault = Finding(mark=Mark.FAILS, rule="check.broken", about="the whole", text=text)
    return Checked(source=source.name, checked_at=now, findings=(fault,))


def _about_file(view: View) -> Iterator[Finding]:
    source, answers = view.source, view.answers
    about = "its file"
    why = f": {source.note}" if source.note else ""
    if not source.enabled:
        yield Finding(
            mark=Mark.LOOK, rule="file.off", about=about, text=f"is off, so no night visits it{why}"
        )
    elif source.access == "refuses-bots":
        yield Finding(
            mark=Mark.LOOK, rule="file.access", about=about, text=f"says that it refuses robots{why}"
        )
    if source.insecure_tls:
        yield Finding(mark=Mark.LOOK, rule="file.tls", about=about, text="lets its certificates go unchecked")
    asked = {answer.url for answer in answers}
    left = [ask.url for ask in first_asks(source, None) if ask.url not in asked]
    if left:
        text = f"names more lists, not asked this time ({len(left)}; --all asks every one): {_some(left)}"
        yield Finding(mark=Mark.OK, rule="file.lists", about=about, text=text)


# ---- robots.txt


def _about_robots(view: View) -> Iterator[Finding]:
    answers = view.answers
    for answer in answers:
        if answer.via == "robots":
            yield from _about_one_robots(view, answer)
    silent = {
        urlsplit(answer.url).netloc: answer.detail or ""
        for answer in answers
        if answer.reason in ("robots_unreachable", "tls", "host_dead")
    }
    for host, detail in silent.items():
        if _robots_of(host, answers) is None:
            yield Finding(
                mark=Mark.FAILS,
                rule="robots.unreachable",
                about=f"robots.txt of {host}",
                text=f"cannot be had, so nothing is asked for there: {detail}",
            )


def _about_one_robots(view: View, answer: Answer) -> Iterator[Finding]:
    source, answers = view.source, view.answers
    host = urlsplit(answer.url).netloc
    about = f"robots.txt of {host}"

    def finding(mark: Mark, rule: str, text: str, lines: tuple[str, ...] = ()) -> Finding:
        return Finding(mark=mark, rule=f"robots.{rule}", about=about, text=text, lines=lines)

    status = answer.status or 0
    if status == 429 or status >= 500:
        text = f"HTTP {status}: nights leave the host alone until it says what is allowed"
        yield finding(Mark.FAILS, "unreachable", text)
        return
    if status >= 400:
        is_shut = status in (401, 403)
        text = f"HTTP {status}: there are no rules, so everything is allowed"
        why = "; a server that hides its rules often refuses robots altogether" if is_shut else ""
        yield finding(Mark.LOOK if is_shut else Mark.OK, "status", text + why)
        return
    if is_html(answer):
        yield finding(Mark.LOOK, "status", "HTTP 200, but it is a web page and holds no rules")
        return
    robots = view.robots[host]
    whom = "by name" if robots.names_us else "as any robot"
    refused = [one.url for one in answers if one.reason == "robots" and _is_refused_by(one.url, host, robots)]
    for url in refused:
        yield finding(Mark.FAILS, "disallows", f"HTTP 200; does not allow us ({whom}) to ask for {url}")
    if not refused:
        yield finding(Mark.OK, "status", f"HTTP 200; allows us ({whom}) all that was asked for")
    of_host = [
        one
        for items in view.items.values()
        for one in items
        if one.skip is None and urlsplit(one.url).netloc == host
    ]
    shut = [one.url for one in of_host if not robots.allows(one.url)]
    if shut:
        mark = Mark.FAILS if len(shut) == len(of_host) else Mark.LOOK
        text = f"does not allow {len(shut)} of the {len(of_host)} articles listed, such as {shut[0]}"
        yield finding(mark, "articles", text)
    if robots.crawl_delay_s is not None:
        wins = "longer than" if robots.crawl_delay_s > source.delay_s else "no longer than"
        text = f"asks for {robots.crawl_delay_s:g} s between requests, {wins} the {source.delay_s:g} s of the file"
        is_long = robots.crawl_delay_s > LONGEST_DELAY
        yield finding(
            Mark.LOOK if is_long else Mark.OK,
            "delay",
            text + (f"; we wait {LONGEST_DELAY:.0f} s at most" if is_long else ""),
        )
    ours = {*source.sitemaps, *source.feeds}
    others = [url for url in robots.sitemaps if url not in ours]
    if others:
        yield finding(
            Mark.OK, "sitemaps", f"names sitemaps that the file has not ({len(others)}): {_some(others)}"
        )
    if robots.refused:
        text = f"refuses other robots by name ({len(robots.refused)}): {_some(robots.refused)}"
        yield finding(Mark.OK, "refuses", text)
    if robots.terms:
        of_all = f" of {len(robots.terms) + robots.terms_left_out}" if robots.terms_left_out else ""
        text = f"has lines that a person should read ({len(robots.terms)}{of_all}):"
        yield finding(Mark.LOOK, "terms", text, robots.terms)


# ---- feeds, sitemaps, section pages


def _about_list(view: View, answer: Answer, now: datetime, memory: Memory | None) -> Iterator[Finding]:
    source = view.source
    about = f"{answer.via} {answer.url}"

    def finding(mark: Mark, rule: str, text: str) -> Finding:
        return Finding(mark=mark, rule=f"list.{rule}", about=about, text=text)

    if answer.redirects:
        yield _about_redirect(answer, about)
    document = view.documents[answer.url]
    if document.reason is not None:
        yield finding(Mark.FAILS, _rule_of(answer, document), _why_no_list(view, answer, document))
        return
    found = document.found
    if not found and document.sitemaps:
        is_asked = any(one.url in document.sitemaps for one in view.answers)
        followed = "one of them follows" if is_asked else "none of them was asked"
        yield finding(Mark.OK, "items", f"HTTP 200, an index of maps; {followed}")
        return
    if not found:
        yield finding(
            Mark.FAILS, "items", f"HTTP 200, well-formed, but without a single item: no {answer.via}"
        )
        return
    yield finding(
        Mark.OK, "items", f"HTTP 200, {_form(answer)} with {len(found)} {_noun(answer.via, len(found))}"
    )
    if document.is_broken:
        yield finding(Mark.LOOK, "broken", "has faults in its form, which were read around")
    if document.left_out:
        yield finding(Mark.LOOK, "left_out", f"lists {document.left_out} more than one list may")
    if answer.via != "section":
        for mark, rule, text in _about_dates(view, answer, now):
            yield finding(mark, rule, text)
    items = view.items[answer.url]
    for mark, rule, text in _about_links(source, items):
        yield finding(mark, rule, text)
    overlap = _about_overlap(answer, items, now, memory)
    if overlap is not None:
        yield finding(*overlap)


def _about_redirect(answer: Answer, about: str) -> Finding:
    if answer.has_moved:
        text = f"has moved for good; put the new address into the file: {answer.final_url}"
        return Finding(mark=Mark.LOOK, rule="list.moved", about=about, text=text)
    return Finding(mark=Mark.OK, rule="list.redirect", about=about, text=f"is answered by {answer.final_url}")


def _rule_of(answer: Answer, document: Document) -> str:
    if answer.status is None:
        return "robots" if answer.reason in ("robots", "robots_unreachable", "tls") else "no_answer"
    if is_challenge(answer):
        return "challenge"
    if answer.status != 200:
        return "status"
    return "shell" if is_html(answer) and answer.via != "section" else document.reason or "unread"


def _is_refused_by(url: str, host: str, robots: Robots) -> bool:
    """Whether these rules refuse an address, and not those of a host that it redirects to."""
    return urlsplit(url).netloc == host and not robots.allows(url)


def _why_no_list(view: View, answer: Answer, document: Document) -> str:
    of_host = _robots_of(urlsplit(answer.url).netloc, view.answers)
    if answer.reason == "robots_unreachable" and (of_host is None or (of_host.status or 0) >= 429):
        return "was not asked for, as there is no robots.txt to be had"  # which says why itself
    if answer.reason == "robots" and view.allows(answer.url):
        return f"was not had, where it redirects to: {answer.detail}"
    if answer.status is None:
        return f"was not had: {why_not(answer)}"
    if is_challenge(answer):
        return f"HTTP {answer.status} with a page that asks whether a robot is reading: it refuses robots"
    if answer.status != 200:
        return f"HTTP {answer.status}: {_STATUS_HINTS.get(answer.status, 'no list comes with that')}"
    if is_html(answer) and answer.via != "section":
        return f"HTTP 200, but it is a web page, such as an app shell, and no {answer.via}"
    return f"HTTP 200, but nothing can be read from it: {document.detail or document.reason}"


_STATUS_HINTS = {
    401: "it wants a password",
    403: "the server refuses us",
    404: "it is not there; look for its new address with `nightwire sources add`",
    410: "it is gone for good",
    429: "we are asked to come less often",
}


def _about_dates(view: View, answer: Answer, now: datetime) -> Iterator[tuple[Mark, str, str]]:
    source, document = view.source, view.documents[answer.url]
    is_one_of_many = any(
        answer.url in index.sitemaps and len(index.sitemaps) > 1 and not any(index.sitemaps_changed_at)
        for index in view.documents.values()
    )
    moments = [item.changed_at for item in document.found if item.changed_at is not None]
    if not moments:
        yield Mark.LOOK, "dates", "no item states a date that can be read, so nothing tells old from new"
        return
    ahead = [moment for moment in moments if moment > now + MAX_AHEAD]
    past = [moment for moment in moments if moment <= now + MAX_AHEAD]
    if ahead:
        yield _about_zone(source, document, max(ahead) - now, ahead)
    else:
        yield Mark.OK, "zone", f"no item lies in the future ({_zone_text(source, document)})"
    if past:
        age = now - max(past)
        mark = Mark.FAILS if age > STALE_AGE else Mark.LOOK if age > LOOK_AGE else Mark.OK
        said = {Mark.FAILS: ": it has gone silent", Mark.LOOK: ": is that usual?"}.get(mark, "")
        if is_one_of_many and mark is Mark.FAILS:
            mark, said = Mark.LOOK, ": the index says of no map how new it is, and this one is an old one"
        printed = f' (printed "{document.newest}")' if not ahead and document.newest else ""
        yield mark, "newest", f"its newest item is {_hours(max(age, timedelta()))} old{said}{printed}"
    undated = len(document.found) - len(moments)
    if undated:
        mark = Mark.LOOK if undated > MAX_UNDATED * len(document.found) else Mark.OK
        yield mark, "undated", f"{undated} of {len(document.found)} items state no date that can be read"


def _about_zone(
    source: SourceFile, document: Document, ahead: timedelta, late: Sequence[datetime]
) -> tuple[Mark, str, str]:
    """A newest item in the future: one may be scheduled; several have their zone wrong."""
    hours = math.ceil(ahead / timedelta(hours=0.5)) / 2
    several = len(late) > 1 or len(document.found) == 1
    whose = (
        "the times it states are wrong"
        if _states_zone(document.newest)
        else f'timezone = "{source.timezone}" is wrong for it'
    )
    text = (
        f"{len(late)} of {len(document.found)} items lie in the future, the newest by {_hours(ahead)} "
        f'(printed "{document.newest}"): {whose} by about {hours:g} h or a little more{"" if several else ", or it is scheduled"}'
    )
    return Mark.FAILS if several else Mark.LOOK, "zone", text


def _zone_text(source: SourceFile, document: Document) -> str:
    return "it states its own zone" if _states_zone(document.newest) else f"read as {source.timezone}"


def _states_zone(printed: str | None) -> bool:
    """Whether a printed time means the same moment wherever it is read."""
    here, there = (
        parse_machine(printed or "", zone=ZoneInfo(zone), origin="feed") for zone in ("UTC", "Asia/Tokyo")
    )
    return here is not None and there is not None and here.at is not None and here.at == there.at


def _about_links(source: SourceFile, items: Sequence[Candidate]) -> Iterator[tuple[Mark, str, str]]:
    wrong = [one for one in items if one.skip not in (None, "too_old")]
    right = [one for one in items if one.skip in (None, "too_old")]
    share = len(right) / len(items)
    what = f"match article_url {source.article_url}" if source.article_url else "are on the site"
    text = f"{len(right)} of {len(items)} links {what}"
    if wrong:
        reasons = sorted({one.skip or "" for one in wrong})
        text += f"; the others, such as {wrong[0].url}, do not ({', '.join(reasons)})"
    mark = Mark.FAILS if not right else Mark.LOOK if share < MIN_MATCHING else Mark.OK
    yield mark, "links", text
    if source.article_id and right:
        unnumbered = [one.url for one in right if one.publisher_number is None]
        text = (
            f"article_id {source.article_id} finds a number in {len(right) - len(unnumbered)} of {len(right)}"
        )
        is_poor = len(unnumbered) > (1 - MIN_NUMBERED) * len(right)
        text += f", not in {unnumbered[0]}" if unnumbered else ""
        yield Mark.LOOK if is_poor else Mark.OK, "numbers", text
    twins = len(items) - len({one.url_key for one in items})
    if twins > len(items) / 2:
        text = f"{twins} of {len(items)} links are taken for another one's twin; a key in keep_query may tell them apart"
        yield Mark.LOOK, "twins", text


def _about_overlap(
    answer: Answer, items: Sequence[Candidate], now: datetime, memory: Memory | None
) -> tuple[Mark, str, str] | None:
    read_at = memory.read_at.get(answer.url) if memory is not None else None
    if memory is None or read_at is None:
        return None
    known = sum(one.url_key in memory.known for one in items)
    text = f"{known} of {len(items)} items are known from the visit {_hours(now - read_at)} ago"
    if known:
        return Mark.OK, "overlap", text
    return (
        Mark.LOOK,
        "overlap",
        f"{text}: articles are lost between visits; add a sitemap, or visit more often",
    )


# ---- one article


def _about_article(view: View, answer: Answer, now: datetime) -> Iterator[Finding]:
    source = view.source
    about = f"article {answer.url}"

    def finding(mark: Mark, rule: str, text: str, lines: tuple[str, ...] = ()) -> Finding:
        return Finding(mark=mark, rule=f"article.{rule}", about=about, text=text, lines=lines)

    if answer.status != 200:
        yield finding(Mark.FAILS, "status", f"was not had: {why_not(answer)}")
        return
    reading = _read_article(source, answer)
    terms = tuple(_terms_of_page(answer))
    if terms:
        yield finding(Mark.LOOK, "terms", "says what a person should read:", terms)
    if not reading.articles:
        for rejected in reading.rejected:
            is_expected = rejected.reason is Reason.PAYWALLED and source.access != "open"
            yield finding(
                Mark.LOOK if is_expected else Mark.FAILS,
                rejected.reason.value,
                f"cannot be read ({rejected.reason.value}): {rejected.detail}",
            )
        return
    article = reading.articles[0]
    title = f'"{article.title}"' if article.title else "no title"
    is_good = article.title is not None and article.word_count >= MIN_TEXT_WORDS
    yield finding(Mark.OK if is_good else Mark.LOOK, "text", f"is read: {title}, {article.word_count} words")
    if len(reading.articles) > 1:
        text = f"the page is read as {len(reading.articles)} articles"
        yield finding(Mark.LOOK, "parts", text)
    if article.published_date is None and article.published_at is None:
        yield finding(Mark.LOOK, "date", "its date is not found")
    else:
        when = (
            f"{article.published_at:%Y-%m-%d %H:%M} UTC"
            if article.published_at
            else str(article.published_date)
        )
        stated = f'from {article.published_from}, printed "{article.published_text}"'
        is_ahead = article.published_at is not None and article.published_at > now + MAX_AHEAD
        text = f"published {when} ({stated})"
        yield finding(
            Mark.LOOK if is_ahead else Mark.OK, "date", f"{text}, which lies ahead" if is_ahead else text
        )
    apart = _apart(view, answer, article.published_at)
    if apart is not None:
        text = f"its page and its list state times {_hours(apart)} apart: one of them has its zone wrong"
        yield finding(Mark.LOOK, "zone", text)
    if source.access == "open" and _NOT_FREE.search(answer.body[:HEAD_BYTES]):
        yield finding(Mark.LOOK, "access", 'says it is not free to read; access = "metered" or "paid"?')


def _read_article(source: SourceFile, answer: Answer) -> Reading:
    return read_page(
        answer.body,
        url=answer.final_url,
        content_type=answer.content_type,
        source=source.as_source(),
        captured_at=answer.answered_at,
    )


def _apart(view: View, article: Answer, published_at: datetime | None) -> timedelta | None:
    """How far apart page and list put an article's publication, where they do so by whole half hours.

    A zone that is wrong shifts a time by half hours; an article that was listed a while after it was written does not.
    """
    half = timedelta(minutes=30)
    for items in view.items.values():
        for item in items if published_at is not None else ():
            stated = _publication(item, view.source) if item.url == article.url else None
            if stated is not None and published_at is not None:
                apart = abs(stated - published_at)
                if apart >= half and min(apart % half, half - apart % half) < timedelta(minutes=1):
                    return apart
    return None


def _publication(item: Candidate, source: SourceFile) -> datetime | None:
    read = parse_machine(item.published, zone=source.zone, origin="feed") if item.published else None
    return read.at if read is not None else None


def _terms_of_page(answer: Answer) -> Iterator[str]:
    """Headers and meta elements that reserve rights of use; a plain `robots` one is about search engines."""
    for name, value in answer.headers:
        if name.lower() in _TERM_HEADERS and (name.lower() != "x-robots-tag" or _NO_AI.search(value)):
            yield f"{name}: {value}"
    for found in _TDM.findall(answer.body[:HEAD_BYTES]):
        text = found.decode("utf-8", errors="replace")
        if _NO_AI.search(text):
            yield text


# ---- the whole


def _about_all(view: View, *, is_whole: bool) -> Iterator[Finding]:
    source, answers = view.source, view.answers
    about = "the whole"
    lists = [answer for answer in answers if answer.via in _LISTS]
    if not is_whole:
        yield Finding(
            mark=Mark.FAILS, rule="look.stopped", about=about, text="the look was stopped before its end"
        )
    if (
        lists
        and all(answer.status is None for answer in answers)
        and not any(answer.reason in _NOT_ASKED for answer in answers)
    ):
        text = "no host of it answered anything: it is dead, its addresses are wrong, or this machine has no network"
        yield Finding(mark=Mark.FAILS, rule="host.dead", about=about, text=text)
    elif is_whole and any(view.items.values()) and not any(answer.via == "article" for answer in answers):
        text = f"no list names an article of {source.site} that may be asked for, so none was read"
        yield Finding(mark=Mark.FAILS, rule="article.none", about=about, text=text)


def _robots_of(host: str, answers: Iterable[Answer]) -> Answer | None:
    return next((one for one in answers if one.via == "robots" and urlsplit(one.url).netloc == host), None)


def is_html(answer: Answer) -> bool:
    """Whether a body is a web page, whatever its header says."""
    start = answer.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def is_challenge(answer: Answer) -> bool:
    """Whether a page asks for a proof that no robot is reading, by its own words or its server's header."""
    if answer.header("cf-mitigated") is not None:
        return True
    if not is_html(answer) or len(answer.body) > MAX_CHALLENGE_BYTES:
        return False
    reading = read_page(answer.body, url=answer.final_url, content_type=answer.content_type)
    return any(rejected.reason is Reason.CHALLENGE_PAGE for rejected in reading.rejected)


def _form(answer: Answer) -> str:
    """What a list is written in."""
    start = answer.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    is_packed = answer.body[:2] == b"\x1f\x8b"
    return (
        "a page"
        if answer.via == "section"
        else "XML"
        if is_packed or start == b"<"
        else "JSON"
        if start == b"{"
        else "text"
    )


def _noun(via: str, count: int) -> str:
    noun = {"feed": "item", "sitemap": "address", "section": "article link"}[via]
    return noun if count == 1 else {"address": "addresses"}.get(noun, f"{noun}s")


def _hours(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours:.1f} h" if hours < 48 else f"{hours:.0f} h ({hours / 24:.0f} days)"


def _some(things: Sequence[str]) -> str:
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return ", ".join(things[:SHOWN]) + more
