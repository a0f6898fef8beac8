"""Looking at sources: what is asked, how politely, and what is found. All hosts are looked at in one go."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.errors import NightwireError
from spiders import checking, proposing
from spiders.checking import MOST, Mark, View, check, first_asks
from spiders.frontier import FeedState, Frontier
from spiders.looking import Answer, load_answers, look, save_answers
from spiders.remembering import remember
from spiders.robots import TERM_LINES, read_robots
from spiders.source import unlisted_source

NOW = datetime.now(UTC).replace(microsecond=0)
KARACHI = ZoneInfo("Asia/Karachi")
CHALLENGE = (
    b"<!doctype html><title>Just a moment...</title><p>Checking your browser before you go on. Ray ID 1</p>"
)
SHELL = b"<!DOCTYPE html><html><head><title>Post</title></head><body><div id=root></div><script src=/a.js></script></body></html>"
TERMS = """# Robots of The Border Post
User-agent: *
Disallow: /private/
Content-Signal: search=yes, ai-train=no
Crawl-delay: 0.3

# Text and data mining of this site is reserved \x1b[31mby its owner\x07,
# see Article 4.
# ----
User-agent: OtherBot
Disallow: /
Sitemap: http://terms.example/news.xml
"""


def page(number: int, published: datetime) -> bytes:
    """An invented article with its hour in JSON-LD."""
    text = "".join(
        f"<p>The ferry of Umm Sidr made crossing number {n} of the week in still water, its captain told the harbour office, "
        f"and {n + 20} people, with their goats, onions and bicycles, were on the other bank before noon.</p>"
        for n in range(1, 5)
    )
    return (
        f"<!doctype html><html lang=en><head><title>Ferry makes crossing {number}</title>"
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
        f'"headline": "Ferry makes crossing {number}", "datePublished": "{published.isoformat()}"}}</script></head>'
        f"<body><main><article><h1>Ferry makes crossing {number}</h1>{text}</article></main></body></html>"
    ).encode()


LOCKED = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Crossing", "isAccessibleForFree": false}</script>'
    '<meta name="tdm-reservation" content="1"><meta name="robots" content="index">'
)


class Press:
    """Puts outlets onto the loopback web."""

    def __init__(self, web, desk) -> None:
        self.web = web
        self.desk = desk
        self.sources = []

    def outlet(self, host, *, age=timedelta(hours=1), printed=None, links=10, robots=None, **keys):
        """A host with a feed of articles an hour apart, the newest `age` old; `printed` writes a date."""
        moments = {
            f"http://{host}/news/{40000 + n}/slug": NOW - age - timedelta(hours=n) for n in range(links)
        }
        for number, (url, moment) in enumerate(moments.items()):
            self.web.put(url, page(number, moment))
        write = printed or (lambda moment: format_datetime(moment.astimezone(KARACHI)))
        self.web.feed(host, list(moments), dates={url: write(moment) for url, moment in moments.items()})
        if robots is not None:
            self.web.put(f"http://{host}/robots.txt", robots)
        self.add(host, **keys)

    def add(self, host, **keys):
        self.sources.append(self.desk.source(host, **keys))


@pytest.fixture(scope="module")
def looked(web, desk, reply):
    """Every host, looked at once: by the name of its host, what came and what was found."""
    press = Press(web, desk)
    press.outlet("good.example", article_url=r"/news/\d+/", article_id=r"/news/(\d+)/")
    press.outlet("terms.example", robots=TERMS.encode())
    press.outlet("stale.example", age=timedelta(days=276))
    press.outlet("quiet.example", age=timedelta(days=5))
    press.outlet(
        "utc.example",
        printed=lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S"),
        timezone="America/New_York",
    )
    press.outlet(
        "label.example",
        printed=lambda moment: moment.astimezone(KARACHI).strftime("%a, %d %b %Y %H:%M:%S +0000"),
    )
    press.outlet("late.example", printed=lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S"))
    press.outlet("elsewhere.example", article_url=r"/story/\d+", article_id=r"/story/(\d+)")
    press.outlet("few.example", article_url=r"/news/4000[0-3]/", robots=b"User-agent: *\nDisallow: /news/\n")
    press.outlet("shut.example", robots=b"User-agent: nightwire\nDisallow: /feed\n")
    press.outlet("busy.example", robots=reply(b"later", 503))
    press.outlet("hidden.example", robots=reply(b"no", 403))
    press.outlet("page-as-robots.example", robots=SHELL)

    press.outlet("paid.example", access="paid", links=1)
    teaser = "<p>The ferry of Umm Sidr was about to leave its berth on Thursday morning when the harbour office found that</p>"
    wall = "<p>Subscribe to continue reading this article.</p><p>Already a subscriber? Sign in.</p>"
    stub = (
        f"<html><head>{LOCKED}</head><body><article><h1>Crossing</h1>{teaser}{wall}</article></body></html>"
    )
    web.put("http://paid.example/news/40000/slug", stub.encode())
    press.outlet("unlocked.example", links=1)
    web.put(
        "http://unlocked.example/news/40000/slug",
        page(1, NOW).replace(b"<title>", LOCKED.encode() + b"<title>"),
    )

    press.outlet("moved.example", feeds=["http://moved.example/old"])
    web.put("http://moved.example/old", reply(status=301, headers=(("Location", "/feed"),)))
    web.put("http://shell.example/feed", SHELL)
    press.add("shell.example")
    web.feed("empty.example", [])
    press.add("empty.example")
    web.put("http://refusing.example/feed", reply(CHALLENGE, 403))
    press.add(
        "refusing.example", access="refuses-bots", enabled=False, note="asks every robot to prove itself"
    )
    press.add("inward.example", feeds=["http://127.0.0.1:1/admin"])
    press.add("gone.example")  # every address of it answers 404

    def hang_up(handler):
        handler.connection.close()

    for path in ("/robots.txt", "/feed"):
        web.put(f"http://dead.example{path}", reply(by_hand=hang_up))
    press.add("dead.example")

    links = [f"http://section.example/a-{n}" for n in range(12)]
    listing = "".join(f'<a href="{link}">Story {link}</a>' for link in links)
    web.put("http://section.example/latest", f"<html><body>{listing}</body></html>".encode())
    web.put(links[0], page(0, NOW))
    sections = [f"http://section.example/{name}" for name in ("latest", "two", "three", "four", "five")]
    press.add("section.example", feeds=[], sections=sections, article_url=r"/a-\d+$")

    web.put("http://led.example/feed", reply(status=302, headers=(("Location", "http://shut.example/feed"),)))
    press.add("led.example")
    press.outlet("pinned.example", links=9)
    pinned = {
        f"http://pinned.example/news/{40000 + n}/slug": NOW + timedelta(days=-30 if n else 400)
        for n in range(9)
    }
    web.feed("pinned.example", list(pinned), dates={url: format_datetime(at) for url, at in pinned.items()})
    archive = "".join(f"<sitemap><loc>http://old.example/{n}.xml</loc></sitemap>" for n in range(3))
    web.put("http://old.example/index.xml", f"<sitemapindex>{archive}</sitemapindex>".encode())
    entry = "<url><loc>http://old.example/n/1</loc><lastmod>2020-01-02</lastmod></url>"
    web.put("http://old.example/0.xml", f"<urlset>{entry}</urlset>".encode())
    web.put("http://old.example/n/1", page(1, NOW))
    press.add("old.example", feeds=[], sitemaps=["http://old.example/index.xml"])

    index = (
        b'<sitemapindex xmlns="x"><sitemap><loc>http://map.example/news.xml</loc></sitemap></sitemapindex>'
    )
    web.put("http://map.example/index.xml", index, **{"Content-Type": "application/xml"})
    entry = f"<url><loc>http://map.example/n/1</loc><lastmod>{NOW.isoformat()}</lastmod></url>"
    web.put("http://map.example/news.xml", f"<urlset>{entry * 2}</urlset>".encode())
    web.put("http://map.example/n/1", page(1, NOW))
    press.add("map.example", feeds=[], sitemaps=["http://map.example/index.xml"])

    done = []
    asks = {source.name: first_asks(source) for source in press.sources}
    answers = look(
        asks,
        press.sources,
        plan="check",
        most=MOST,
        newsroom=web.url,
        on_looked=lambda one: done.append(one.source.name),
    )
    assert sorted(done) == sorted(asks)
    return {one.source.publisher: one for one in answers}


def findings(one):
    checked = check(View.of(one.source, one.answers), now=datetime.now(UTC), is_whole=one.is_whole)
    return {finding.rule: finding for finding in checked.findings}, checked.mark


OK, LOOK, FAILS = Mark.OK, Mark.LOOK, Mark.FAILS
CASES = {  # host: what its findings must hold, and their verdict
    "good.example": (
        {
            "robots.status": OK,
            "list.items": OK,
            "list.newest": OK,
            "list.zone": OK,
            "list.links": OK,
            "list.numbers": OK,
        }
        | {"article.text": OK, "article.date": OK},
        OK,
    ),
    "terms.example": (
        {"robots.terms": LOOK, "robots.refuses": OK, "robots.sitemaps": OK, "robots.delay": OK},
        LOOK,
    ),
    "stale.example": ({"list.newest": FAILS, "article.text": OK}, FAILS),
    "quiet.example": ({"list.newest": LOOK}, LOOK),
    "utc.example": ({"list.zone": FAILS}, FAILS),
    "label.example": ({"list.zone": FAILS}, FAILS),
    "late.example": ({"list.zone": OK, "article.zone": LOOK}, LOOK),
    "elsewhere.example": ({"list.links": FAILS, "article.none": FAILS}, FAILS),
    "few.example": ({"list.links": LOOK, "robots.articles": FAILS, "article.none": FAILS}, FAILS),
    "shut.example": ({"robots.disallows": FAILS, "list.robots": FAILS}, FAILS),
    "busy.example": ({"robots.unreachable": FAILS, "list.robots": FAILS}, FAILS),
    "hidden.example": ({"robots.status": LOOK, "list.items": OK}, LOOK),
    "page-as-robots.example": ({"robots.status": LOOK, "list.items": OK}, LOOK),
    "paid.example": ({"article.terms": LOOK, "article.paywalled": LOOK}, LOOK),
    "unlocked.example": ({"article.terms": LOOK, "article.access": LOOK, "article.text": OK}, LOOK),
    "moved.example": ({"list.moved": LOOK, "list.items": OK, "article.text": OK}, LOOK),
    "shell.example": ({"list.shell": FAILS}, FAILS),
    "empty.example": ({"list.items": FAILS}, FAILS),
    "refusing.example": ({"file.off": LOOK, "list.challenge": FAILS}, FAILS),
    "gone.example": ({"robots.status": OK, "list.status": FAILS}, FAILS),
    "dead.example": ({"robots.unreachable": FAILS, "list.robots": FAILS, "host.dead": FAILS}, FAILS),
    "led.example": ({"robots.status": OK, "list.robots": FAILS}, FAILS),
    "pinned.example": ({"list.zone": LOOK, "list.newest": FAILS}, FAILS),
    "old.example": ({"list.newest": LOOK, "article.text": OK}, LOOK),
    "inward.example": ({"list.no_answer": FAILS}, FAILS),
    "section.example": ({"file.lists": OK, "list.items": OK, "list.links": OK, "article.text": OK}, FAILS),
    "map.example": ({"list.items": OK, "list.newest": OK, "article.text": OK}, OK),
}


@pytest.mark.parametrize("host", CASES)
def test_a_look_finds_what_is_right_and_wrong_with_a_source(host, looked):
    expected, verdict = CASES[host]
    found, mark = findings(looked[host])
    said = {rule: finding.mark for rule, finding in found.items()}
    assert said | expected == said, [f"{f.mark} {f.rule}: {f.text}" for f in found.values()]
    assert mark == verdict, said


def test_findings_say_what_a_person_needs(looked):
    for host, rule, words in (
        ("stale.example", "list.newest", ["276 days", "silent", "printed"]),
        ("utc.example", "list.zone", ["10 items", 'timezone = "America/New_York" is wrong', "by about 4"]),
        ("label.example", "list.zone", ["the times it states are wrong by about 4 h"]),
        ("late.example", "article.zone", ["5.0 h apart"]),
        ("good.example", "list.numbers", ["10 of 10"]),
        ("good.example", "article.text", ["Ferry makes crossing 0", "words"]),
        ("good.example", "article.date", ["json-ld", "UTC"]),
        ("elsewhere.example", "list.links", ["0 of 10", "/news/40000/slug", "not_article_url"]),
        ("moved.example", "list.moved", ["http://moved.example/feed", "for good"]),
        ("refusing.example", "list.challenge", ["HTTP 403", "refuses robots"]),
        ("refusing.example", "file.off", ["asks every robot to prove itself"]),
        ("busy.example", "robots.unreachable", ["HTTP 503"]),
        ("section.example", "file.lists", ["not asked this time (2", "/four"]),
        ("dead.example", "robots.unreachable", ["DownloadFailedError: Connection was closed cleanly."]),
        (
            "led.example",
            "list.robots",
            ["where it redirects to", "http://shut.example/robots.txt does not allow"],
        ),
        ("pinned.example", "list.zone", ["1 of 9 items", "or it is scheduled"]),
        ("old.example", "list.newest", ["of no map how new it is"]),
        ("inward.example", "list.no_answer", ["no public address"]),
        ("paid.example", "article.paywalled", ["asks to subscribe"]),
        ("terms.example", "robots.refuses", ["OtherBot"]),
        ("terms.example", "robots.sitemaps", ["http://terms.example/news.xml"]),
    ):
        for word in words:
            assert word in findings(looked[host])[0][rule].text


def test_lines_about_terms_are_told_word_for_word_and_whole_comments_stay_together(looked):
    assert findings(looked["terms.example"])[0]["robots.terms"].lines == (
        "Content-Signal: search=yes, ai-train=no",
        "# Text and data mining of this site is reserved \x1b[31mby its owner\x07,",
        "# see Article 4.",
    )


def test_a_look_is_as_polite_as_a_night(looked, web):
    for host in CASES:
        asked = [one for one in web.asked if one.host == host]
        if host == "inward.example":
            assert not asked
            continue
        assert asked[0].path == "/robots.txt"
        assert {one.headers["user-agent"].partition("/")[0] for one in asked} == {"nightwire"}
        assert len({one.path for one in asked}) <= MOST
    assert [one.path for one in web.asked if one.host == "busy.example"] == ["/robots.txt"] * 3
    assert web.paths("shut.example") == []
    assert web.paths("few.example") == []  # its articles are disallowed too
    times = web.times("terms.example")
    assert times[-1] - times[0] > 0.2 * (len(times) - 1)  # robots.txt asks for 0.3 s, the file for 0.02


def test_a_recording_says_the_same_again_and_one_that_was_changed_is_not_believed(looked, tmp_path):
    for host, one in looked.items():
        save_answers(tmp_path / host, one.answers)
        again = load_answers(tmp_path / host)
        now = datetime.now(UTC)
        assert check(View.of(one.source, again), now=now) == check(View.of(one.source, one.answers), now=now)
    (feed,) = (tmp_path / "good.example").glob("*-feed.xml")
    feed.write_bytes(feed.read_bytes() + b" ")
    with pytest.raises(NightwireError, match="not what was received"):
        load_answers(tmp_path / "good.example")


def endpoint(source, url, at):
    names = ("reason", "etag", "last_modified", "body_sha256", "items", "newest", "last_new_at")
    return FeedState(
        url=url,
        source=source.name,
        via="feed",
        status=200,
        new_items=0,
        fails=0,
        checked_at=at,
        last_ok_at=at,
        **dict.fromkeys(names),
    )


def overlap(one, frontier):
    view = View.of(one.source, one.answers)
    memory = remember(frontier, view)
    checked = check(view, now=datetime.now(UTC), memory=memory)
    return next((f for f in checked.findings if f.rule == "list.overlap"), None)


def test_a_list_of_which_nothing_is_known_has_lost_articles_between_visits(looked, tmp_path):
    one = looked["good.example"]
    (url,) = one.source.feeds
    items = View.of(one.source, one.answers).items[url]
    frontier = tmp_path / "frontier.sqlite"
    assert overlap(one, frontier) is None  # no lake

    yesterday = NOW - timedelta(hours=24)
    with Frontier.open(frontier) as memory:
        memory.record(one.source.name, [], night=yesterday.date(), at=yesterday)
    assert overlap(one, frontier) is None  # a lake that never visited it

    with Frontier.open(frontier) as memory:
        memory.record(
            one.source.name,
            [],
            night=yesterday.date(),
            at=yesterday,
            endpoint=endpoint(one.source, url, yesterday),
        )
    lost = overlap(one, frontier)
    assert (lost.mark, lost.text[:15]) == (LOOK, "0 of 10 items a")
    assert "from the visit 24." in lost.text  # and as long as the tests before it took
    assert "lost between visits" in lost.text

    renamed = [
        replace(item, url_key=f"{item.url_key}-new-slug") for item in items[:4]
    ]  # known by number alone
    with Frontier.open(frontier) as memory:
        memory.record(one.source.name, renamed, night=yesterday.date(), at=yesterday)
    before = frontier.read_bytes()
    known = overlap(one, frontier)
    assert (known.mark, known.text[:15]) == (OK, "4 of 10 items a")
    assert frontier.read_bytes() == before

    frontier.write_bytes(b"no database" * 1000)
    assert overlap(one, frontier) is None


def test_the_longest_delay_told_is_the_one_that_is_kept():
    from spiders.guards import MAX_CRAWL_DELAY

    assert checking.LONGEST_DELAY == MAX_CRAWL_DELAY


ROBOTS = {  # a robots.txt, and what it says: to us, of others, to people
    "User-agent: a\nUser-agent: b\nDisallow: /\n\nUser-agent: c\nDisallow: /\nAllow: /news/\n": (
        ("a", "b"),
        (),
        None,
    ),
    "User-agent: NightWire\nCrawl-delay: 7\nDisallow: /x": ((), (), 7.0),
    "User-agent: *\nCrawl-delay: 1e308": ((), (), 1e308),
    "User-agent: *\nCrawl-delay: -3": ((), (), None),
    "# block bad bots\nUser-agent: *\nDisallow:": ((), (), None),
    "# use for AI needs a licence\nLicense: https://a.example/l.xml\nUser-agent: * # all may scrape": (
        (),
        (
            "# use for AI needs a licence",
            "License: https://a.example/l.xml",
            "User-agent: * # all may scrape",
        ),
        None,
    ),
    "﻿# ====\n# Our terms:\n# none\n# ====\n": ((), ("# Our terms:", "# none"), None),
    "<html>Disallow: /</html>": ((), (), None),
    "": ((), (), None),
}


@pytest.mark.parametrize("text", ROBOTS)
def test_a_robots_file_is_read_for_us_and_for_people(text):
    robots = read_robots(text.encode())
    assert (robots.refused, robots.terms, robots.crawl_delay_s) == ROBOTS[text]


def test_a_robots_file_that_is_all_terms_is_cut_and_says_so():
    robots = read_robots(b"# no scraping\n" * 1000)
    assert (len(robots.terms), robots.terms_left_out) == (TERM_LINES, 1000 - TERM_LINES)


@given(
    robots=st.binary(max_size=200),
    listing=st.sampled_from([b"<rss><channel>", b"<urlset>", b"{", b"<html>", b""]),
    rest=st.binary(max_size=300),
    status=st.sampled_from([200, 301, 403, 503]),
    via=st.sampled_from(["feed", "sitemap", "section"]),
)
@settings(max_examples=60, deadline=None)
def test_no_bytes_make_a_check_break_off(robots, listing, rest, status, via):
    source = unlisted_source("http://any.example/")
    source = source.model_copy(update={"sitemaps": source.feeds, "section_links": "."})
    answers = [
        Answer(
            source=source.name,
            url=url,
            via=kind,
            status=code,
            final_url=url,
            body=body,
            answered_at=NOW,
            headers=(("Content-Type", "text/html"),),
        )
        for url, kind, code, body in (
            ("http://any.example/robots.txt", "robots", 200, robots),
            ("http://any.example/list", via, status, listing + rest),
            ("http://any.example/article", "article", status, rest),
        )
    ]
    view = View.of(source, answers)
    assert check(view, now=NOW).findings
    assert checking.next_asks(source, answers[:2], 3) is not None
    proposed = proposing.propose([replace(answers[1], via="front"), *answers], now=NOW)
    assert isinstance(proposed, tuple | proposing.Proposal)


def test_a_page_of_nothing_but_open_tags_is_searched_at_once():
    hostile = Answer(
        source="zz_a", url="http://a.example", via="article", answered_at=NOW, body=b"<meta name=" * 900_000
    )
    assert (
        list(checking._terms_of_page(hostile)) == []
    )  # a pattern that looks ahead to the end takes hours here


def test_a_look_that_is_stopped_keeps_what_it_has_and_says_so(web, desk, reply):
    web.put("http://hanging.example/feed", reply(by_hand=lambda handler: time.sleep(1.5)))
    source = desk.source("hanging.example")
    (one,) = look(
        {source.name: first_asks(source)}, [source], plan="check", most=MOST, newsroom=web.url, seconds=1
    )
    found, mark = findings(one)
    assert not one.is_whole
    assert [answer.via for answer in one.answers][:1] == ["robots"]
    assert (found["look.stopped"].mark, mark) == (FAILS, FAILS)
