"""Proposing a source file: what a site says of itself, and no more. All sites are asked in one go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest

from articles.errors import NightwireError
from spiders import load_source
from spiders.looking import look
from spiders.proposing import MOST, Proposal, asks_of, find_shape, propose
from spiders.source import unlisted_source

NOW = datetime.now(UTC).replace(microsecond=0)
XML = {"Content-Type": "application/xml"}
SHELL = b"<!doctype html><title>Post</title><div id=root></div>"
FRONT = """<!doctype html><html lang="en-PK"><head><title>Front page</title>
<meta property="og:site_name" content="The Umm Sidr \x07 &quot;Post&quot;">
<link rel="alternate" type="application/rss+xml" href="/feed">
<link rel="alternate" type="application/rss+xml" href="/feed-again">
<link rel="alternate" type="application/rss+xml" href="/comments/feed">
<link rel="alternate" type="application/atom+xml" href="/old">
<link rel="stylesheet" href="/style.css"></head><body><h1>Front</h1></body></html>"""
HEADLINES = ["Ferry returns to the harbour of Umm Sidr", "Minister visits the flooded villages in the north"]


@pytest.fixture(scope="module")
def proposals(web, reply):
    """What is proposed for each site, by the address given."""

    def put_feed(host, links, path="/feed", age=timedelta(hours=1), zone="Asia/Karachi"):
        moment = (NOW - age).astimezone(ZoneInfo(zone))
        items = "".join(
            f"<item><title>{HEADLINES[n % 2]}</title><link>{link}</link><pubDate>{format_datetime(moment)}</pubDate></item>"
            for n, link in enumerate(links)
        )
        web.put(f"http://{host}{path}", f"<rss><channel>{items}</channel></rss>".encode(), **XML)

    def put_map(url, links, age=timedelta(hours=2)):
        entries = "".join(
            f"<url><loc>{one}</loc><lastmod>{(NOW - age).isoformat()}</lastmod></url>" for one in links
        )
        web.put(url, f"<urlset>{entries}</urlset>".encode(), **XML)

    def numbered(host):
        return [f"http://{host}/news/{40000 + n}/a-ferry" for n in range(10)]

    web.put("http://named.example/", FRONT.encode())
    put_feed("named.example", numbered("named.example"))
    put_feed("named.example", numbered("named.example"), path="/feed-again")
    put_feed("named.example", numbered("named.example"), path="/old", age=timedelta(days=90))
    put_map("http://named.example/news-sitemap.xml", numbered("named.example"), age=timedelta(hours=3))

    web.put("http://mapped.example/", b"<html><head><title>Mapped</title></head><body>x</body></html>")
    web.put("http://mapped.example/robots.txt", b"Sitemap: http://mapped.example/index.xml\n")
    index = "".join(
        f"<sitemap><loc>http://mapped.example/{name}.xml</loc></sitemap>" for name in ("pages", "news")
    )
    web.put("http://mapped.example/index.xml", f"<sitemapindex>{index}</sitemapindex>".encode(), **XML)
    put_map(
        "http://mapped.example/news.xml",
        [f"http://mapped.example/2026/11/{n:02}/story" for n in range(1, 11)],
    )

    put_feed("given.example", numbered("given.example"), path="/rss/all")
    web.put("http://given.example/", b'<html lang="ur"><head><title>The Given</title></head></html>')
    web.put("http://bare.example/", b"<html><body>Nothing here</body></html>")
    web.put("http://bare.example/feed", SHELL)
    web.put(
        "http://walled.example/",
        reply(b"<html><title>Just a moment...</title>Checking your browser</html>", 403),
    )
    web.put("http://closed.example/robots.txt", b"User-agent: *\nDisallow: /\n")
    web.put(
        "http://moving.example/", reply(status=301, headers=(("Location", "http://www.moving.example/"),))
    )
    web.put("http://www.moving.example/", FRONT.encode())
    put_feed("www.moving.example", numbered("www.moving.example"), zone="Asia/Tehran")

    web.put(
        "http://renamed.example/", reply(status=302, headers=(("Location", "http://newname.example/en/"),))
    )
    web.put("http://newname.example/en/", FRONT.encode())
    put_feed("newname.example", numbered("newname.example"))
    put_feed("newname.example", numbered("renamed.example"), path="/feed-again")

    given = [
        f"http://{host}.example/"
        for host in ("named", "mapped", "bare", "walled", "closed", "moving", "renamed")
    ]
    given.append("http://given.example/rss/all")
    sites = {url: unlisted_source(url).model_copy(update={"delay_s": 0.02}) for url in given}
    asks = {site.name: asks_of(url) for url, site in sites.items()}
    answers = look(asks, list(sites.values()), plan="propose", most=MOST, newsroom=web.url)
    by_name = {one.source.name: one for one in answers}
    return {url: propose(by_name[site.name].answers, now=datetime.now(UTC)) for url, site in sites.items()}


def loaded(proposal, folder, name=None, **filled):
    text = proposal.toml
    for key, value in filled.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
        text = text.replace(line, f"{key} = {value}")
    path = folder / f"{name or proposal.name}.toml"
    path.write_text(text, encoding="utf-8")
    return load_source(path)


def test_a_site_that_names_its_feeds_gets_a_file_that_loads(proposals, tmp_path):
    proposal = proposals["http://named.example/"]
    source = loaded(proposal, tmp_path)

    assert (proposal.name, proposal.missing) == ("pk_named", ())
    assert (source.publisher, source.home) == ('The Umm Sidr "Post"', "http://named.example/")
    assert (source.country, source.timezone, source.languages) == ("PK", "Asia/Karachi", ("en",))
    assert source.feeds == ("http://named.example/feed",)
    assert (source.sitemaps, source.verified) == ((), "never")  # its news map lists what the feed lists
    assert (source.article_url, source.article_id) == (r"/news/\d{5,}/", r"/news/(\d{5,})/")
    assert "guessed from the page's lang, en-PK" in proposal.toml
    said = {one.url: one.said for one in proposal.tried}
    assert "the same as one above" in said["http://named.example/feed-again"]
    assert "no place to look for tonight's news" in said["http://named.example/old"]
    assert not any("comments" in url for url in said)


def test_what_nothing_states_is_left_to_a_person(proposals, tmp_path):
    proposal = proposals["http://mapped.example/"]
    assert set(proposal.missing) == {"country", "languages", "timezone"}
    assert proposal.name == "xx_mapped"
    with pytest.raises(NightwireError, match=r'key "country" is ""'):
        loaded(proposal, tmp_path, name="pk_mapped")

    filled = {"country": '"PK"', "languages": '["en"]', "timezone": '"Asia/Karachi"'}
    source = loaded(proposal, tmp_path, name="pk_mapped", **filled)
    assert source.sitemaps == ("http://mapped.example/index.xml",)  # not the map that it names today
    assert (source.article_url, source.article_id) == (r"/20\d\d/\d\d/", None)


def test_a_feed_may_be_given_itself(proposals):
    proposal = proposals["http://given.example/rss/all"]
    assert 'feeds = ["http://given.example/rss/all"]' in proposal.toml
    assert 'publisher = "The Given"' in proposal.toml
    assert 'languages = ["en"]' in proposal.toml  # of the headlines, whatever the page calls itself


def test_the_site_is_where_a_redirect_leads(proposals):
    proposal = proposals["http://renamed.example/"]
    assert 'home = "http://newname.example/"' in proposal.toml
    assert 'feeds = ["http://newname.example/feed"]' in proposal.toml
    said = {one.url: one.said for one in proposal.tried}
    assert said["http://newname.example/feed-again"] == "10 of its 10 links lead to other sites"


def test_a_look_that_was_stopped_at_once_proposes_nothing():
    assert propose([], now=NOW) == ()


def test_a_zone_that_the_lists_speak_against_is_not_proposed(proposals):
    proposal = proposals["http://moving.example/"]
    assert 'home = "http://www.moving.example/"' in proposal.toml
    assert "timezone" in proposal.missing  # PK has one zone, but the feed prints +0330
    assert "+0330" in proposal.toml


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("bare", ["is a web page, no list", "HTTP 404"]),
        ("walled", ["asks whether a robot is reading"]),
        ("closed", ["its robots.txt asks us not to fetch it"]),
    ],
)
def test_a_site_without_a_list_says_what_was_tried(host, said, proposals):
    tried = proposals[f"http://{host}.example/"]
    assert not isinstance(tried, Proposal)
    for words in said:
        assert any(words in one.said for one in tried), tried


def test_no_site_is_asked_more_than_a_dozen_times(proposals, web):
    for host in ("named", "mapped", "bare", "given"):
        asked = [one.path for one in web.asked if one.host == f"{host}.example"]
        assert asked[0] == "/robots.txt"
        assert len(asked) == len(set(asked)) <= MOST
    assert web.paths("closed.example") == []


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("https://a.example/story/{n}/words-and-words", r"/story/(\d{5,})/"),
        ("https://a.example/tns/detail/{n}-words", r"/detail/(\d{5,})-"),
        ("https://a.example/world/words-{n}.html", r"-(\d{5,})(?:\.\w+)?/?$"),
        ("https://a.example/{n}/2026/11/21", r"/(\d{5,})/"),
        ("https://a.example/2026/11/21/words-and-words", None),
        ("https://a.example/20261121/words-{n}", r"-(\d{5,})(?:\.\w+)?/?$"),
        ("https://a.example/section-88888/words", None),  # one number for all is none of an article
        ("https://a.example/words/1234", None),
    ],
)
def test_a_number_is_proposed_where_the_addresses_share_its_place(form, expected):
    links = [form.format(n=70000 + 13 * n) for n in range(10)]
    shape = find_shape([*links, "https://a.example/live"] if expected else links)
    assert (shape and shape.article_id) == expected
    assert find_shape(links[:5]) is None  # too few to tell


def test_a_place_that_every_fifth_address_has_not_is_none():
    links = [f"https://a.example/story/{70000 + n}" for n in range(8)]
    assert find_shape([*links, "https://a.example/live", "https://a.example/video"]) is None
