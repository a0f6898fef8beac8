"""Feeds, sitemaps and section pages: what they list, and what is wrong with those that list nothing."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.dates import parse_machine
from spiders import SourceFile
from spiders.discovery import (
    MAX_CHILD_SITEMAPS,
    MAX_FEED_ITEMS,
    MAX_SITEMAP_BYTES,
    candidates,
    is_front,
    moment_of,
    newest,
    read_feed,
    read_section,
    read_sitemap,
    twins,
)
from spiders.paging import page_number

KARACHI = ZoneInfo("Asia/Karachi")
FEED_URL = "https://daily.example/feeds/all"


def rss(items: str) -> bytes:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
    )


def feed(body: bytes):
    return read_feed(body, url=FEED_URL, zone=KARACHI)


def sitemap(body: bytes, kind: str = "urlset"):
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    whole = b"<?xml version='1.0'?><%s %s>%s</%s>" % (kind.encode(), space.encode(), body, kind.encode())
    return read_sitemap(whole, url="https://daily.example/maps/news.xml", zone=KARACHI)


def daily(**keys: object) -> SourceFile:
    given = {"name": "zz_daily", "publisher": "Daily", "home": "https://www.daily.example", "country": "zz"}
    given |= {"languages": ["en"], "timezone": "Asia/Karachi", "feeds": [FEED_URL]}
    return SourceFile.model_validate({**given, **keys})


def test_rss_keeps_dates_as_printed_and_reads_them_in_the_sources_zone():
    document = feed(
        rss(
            "<item><title>A  &lt;b&gt;bridge&lt;/b&gt;</title><link>/news/1?a=1&amp;b=2</link>"
            "<pubDate>Thu, 19 Nov 2026 18:05:00 PKT</pubDate></item>"
            "<item><title>Another</title><link>https://daily.example/news/2</link></item>"
            "<item><title>No link</title></item>"
        )
    )

    first, second = document.found
    assert (first.url, first.title) == ("https://daily.example/news/1?a=1&b=2", "A <b>bridge</b>")
    assert (first.published, first.updated) == ("Thu, 19 Nov 2026 18:05:00 PKT", None)
    assert first.changed_at == datetime(2026, 11, 19, 13, 5, tzinfo=UTC)
    assert (second.published, second.changed_at) == (None, None)
    assert document.newest == "Thu, 19 Nov 2026 18:05:00 PKT"
    assert not document.is_broken


def test_atom_tells_a_change_from_the_first_printing():
    document = feed(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>'
        b'<link rel="enclosure" href="https://daily.example/photo.jpg"/><link href="../news/1"/>'
        b"<published>2026-11-19T10:00:00Z</published><updated>2026-11-20T08:00:00+05:00</updated></entry></feed>"
    )

    (item,) = document.found
    assert item.url == "https://daily.example/news/1"
    assert (item.published, item.updated) == ("2026-11-19T10:00:00Z", "2026-11-20T08:00:00+05:00")
    assert item.changed_at == datetime(2026, 11, 20, 3, tzinfo=UTC)


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://daily.example/base/"><entry xml:base="sub/">{}</entry></feed>'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    '<channel rdf:about="x"/><item rdf:about="https://daily.example/5"><title>A</title>{}</item></rdf:RDF>'
)
RSS = '<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>{}</item></channel></rss>'


@pytest.mark.parametrize(
    ("form", "item", "address"),
    [
        (
            ATOM,
            '<link rel="self" href="x.xml"/><link type="text/html" href="a1"/>',
            "https://daily.example/base/sub/a1",
        ),
        (ATOM, "<id>https://daily.example/7</id>", "https://daily.example/7"),
        (ATOM, "<id>urn:uuid:7</id>", None),
        (RDF, "<link>https://daily.example/6</link>", "https://daily.example/6"),
        (RDF, "", "https://daily.example/5"),
        (
            RSS,
            '<link></link><guid isPermaLink="true">https://daily.example/7</guid>',
            "https://daily.example/7",
        ),
        (RSS, "<link/><guid>https://daily.example/8</guid>", "https://daily.example/8"),
        (RSS, "<guid>/news/8</guid>", "https://daily.example/news/8"),
        (RSS, "<guid>48213</guid>", None),  # feedparser takes it for a link
        (RSS, '<guid isPermaLink="false">tag:8</guid>', None),
        (
            RSS,
            "<link>http://feeds.elsewhere.example/~r/8</link><feedburner:origLink>https://daily.example/9</feedburner:origLink>",
            "https://daily.example/9",
        ),
    ],
)
def test_every_form_of_feed_has_its_place_for_the_address(form, item, address):
    assert [one.url for one in feed(form.format(item).encode()).found] == ([address] if address else [])


def test_a_json_feed_is_a_feed():
    items = [
        {"url": "/news/1", "title": "A  bridge", "date_published": "2026-11-19T10:00:00+05:00", "date_modified": "2026-11-20T08:00:00+05:00"},
        {"external_url": "https://elsewhere.example/2"},
        {"id": "https://daily.example/3"},
        {"id": "4"},
    ]  # fmt: skip
    body = json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "All", "items": items}
    ).encode()
    document = feed(b"\xef\xbb\xbf\n" + body)

    assert [one.url for one in document.found] == [
        "https://daily.example/news/1",
        "https://elsewhere.example/2",
        "https://daily.example/3",
    ]
    first = document.found[0]
    assert (first.title, first.published, first.updated) == (
        "A bridge",
        "2026-11-19T10:00:00+05:00",
        "2026-11-20T08:00:00+05:00",
    )
    assert first.changed_at == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert document.is_broken  # the last item names no address
    assert document.newest == "2026-11-20T08:00:00+05:00"


@pytest.mark.parametrize(
    ("body", "reason", "count"),
    [
        (b'{"items": ' + b"[" * 100_000, "not_a_feed", 0),
        (b'{"items": ' + b'{"a":' * 5_000 + b"1}", "not_a_feed", 0),
        (b'{"items": [], "a": ' + b"9" * 100_000 + b"}", "not_a_feed", 0),
        (b'{"items": {"url": "https://daily.example/1"}}', "not_a_feed", 0),
        (b'{"items": [' + b"[]," * 2_000_000 + b"1]}", "too_large", 0),
        (b'{"items": [7, null, [], {"url": 5, "title": {}}, {"url": "http://[bad"}, NaN]}', None, 0),
        (rb'{"items": [{"url": "https://daily.example/\ud800"}, {"url": "/1", "title": "\ud800"}]}', None, 1),
        (b'{"items": [' + b'{"url": "/1"},' * 2_010 + b'{"url": "/1"}]}', None, MAX_FEED_ITEMS),
    ],
)
def test_hostile_json_gives_a_reason_or_what_can_be_read(body, reason, count):
    document = feed(body)
    assert (document.reason, len(document.found)) == (reason, count)
    assert document.detail if reason else repr(document.found).encode()


@given(
    st.dates(date(1995, 1, 1), date(2099, 1, 1)),
    st.times() | st.just(time()),
    st.sampled_from(["Z", "+05:00", "-03:30", "+00:00"]),
    st.sampled_from(["minutes", "seconds", "milliseconds"]),
)
def test_a_whole_moment_is_read_the_same_the_quick_way(day, at, zone, precision):
    text = f"{day}T{at.isoformat(timespec=precision)}{zone}"
    read = parse_machine(text, zone=KARACHI, origin="sitemap")
    assert moment_of(text, KARACHI, "sitemap") == (read.at or datetime.combine(read.day, time(), KARACHI))


def test_a_feed_is_read_to_the_end_whatever_its_order():
    items = [
        f"<item><link>https://daily.example/{day}</link><pubDate>{day} Nov 2026 10:00:00 GMT</pubDate></item>"
        for day in (3, 1, 9, 2)
    ]
    document = feed(rss("".join(items)))

    assert [item.url[-1] for item in document.found] == ["3", "1", "9", "2"]
    assert document.newest == "9 Nov 2026 10:00:00 GMT"


def test_a_broken_feed_gives_what_can_be_read():
    document = feed(rss("<item><link>https://daily.example/1</link></item>")[:-20])
    assert [item.url for item in document.found] == ["https://daily.example/1"]
    assert document.is_broken


def test_an_empty_feed_is_no_failure():
    assert (feed(rss("")).found, feed(rss("")).reason) == ((), None)


def test_a_flood_is_cut_and_the_surplus_is_said():
    document = feed(rss("<item><link>https://daily.example/x</link></item>" * (MAX_FEED_ITEMS + 7)))
    assert (len(document.found), document.left_out) == (MAX_FEED_ITEMS, 7)


@pytest.mark.parametrize("read", [feed, lambda body: read_sitemap(body, url=FEED_URL, zone=KARACHI)])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><html><body><div id=app></div></body></html>", "html_not_"),
        (b"\xef\xbb\xbf <!-- built --> <html><body>x</body></html>", "html_not_"),
        (b"<?xml version='1.0'?><!doctype HTML><html></html>", "html_not_"),
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"Service temporarily unavailable", "not_a_"),
        (b'{"version": "1.0"}', "not_a_"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_"),
    ],
)
def test_what_is_no_list_says_why(read, body, reason):
    document = read(body)
    assert document.reason
    assert document.reason.startswith(reason)
    assert document.detail
    assert not document.found


def test_a_tag_without_end_is_refused_before_it_costs_anything():
    attributes = " ".join(f'a{number}="x"' for number in range(20_000))
    assert feed(rss(f"<item {attributes}></item>")).reason == "hostile_feed"


def test_entities_expand_to_nothing_from_this_machine(tmp_path):
    (tmp_path / "secret").write_text("canary")
    doctype = f'<!DOCTYPE r [<!ENTITY f SYSTEM "file://{tmp_path}/secret"><!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    body = f"<?xml version='1.0'?>{doctype}<rss version='2.0'><channel><item><title>&f;&b;</title><link>https://daily.example/&f;</link></item></channel></rss>"
    maps = f"<?xml version='1.0'?>{doctype}<urlset><url><loc>https://daily.example/&f;</loc></url></urlset>"

    assert "canary" not in repr(feed(body.encode()))
    assert "canary" not in repr(read_sitemap(maps.encode(), url=FEED_URL, zone=KARACHI))


def test_a_news_sitemap_gives_both_dates_and_the_title():
    document = sitemap(
        b"<url><loc> https://daily.example/news/1 </loc><lastmod>2026-11-20</lastmod><news:news>"
        b"<news:publication><news:name>Daily</news:name></news:publication>"
        b"<news:publication_date>2026-11-19T09:00:00+05:00</news:publication_date>"
        b"<news:title>A bridge</news:title></news:news></url>"
        b"<url><lastmod>2026-11-20</lastmod></url>"
    )

    (item,) = document.found
    assert (item.url, item.title) == ("https://daily.example/news/1", "A bridge")
    assert (item.published, item.updated) == ("2026-11-19T09:00:00+05:00", "2026-11-20")
    assert item.changed_at == datetime(2026, 11, 20, tzinfo=KARACHI)  # a day alone: its beginning, there
    assert document.is_broken  # one entry names no address


def test_old_entries_of_a_sitemap_are_left_to_a_backfill():
    days = ("2026-11-20", "2026-10-22", "2026-10-20", "2019-01-01")
    document = sitemap(
        b"".join(
            f"<url><loc>https://daily.example/{day}</loc><lastmod>{day}</lastmod></url>".encode()
            for day in days
        )
    )
    assert [item.is_old for item in document.found] == [False, False, True, True]
    assert document.newest == "2026-11-20"


def test_a_date_that_cannot_be_right_makes_nothing_old_and_is_not_the_newest():
    days = ("2099-01-01", "2026-11-20", "2026-10-20")
    body = "".join(
        f"<url><loc>https://daily.example/{day}</loc><lastmod>{day}</lastmod></url>" for day in days
    )
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    document = read_sitemap(f"<urlset>{body}</urlset>".encode(), url=FEED_URL, zone=KARACHI, now=now)
    assert [item.is_old for item in document.found] == [False, False, True]
    assert newest(document.found, now=now) == "2026-11-20"


def test_a_sitemap_may_be_plain_text():
    document = sitemap_of(
        b"\xef\xbb\xbfhttps://daily.example/1\r\n\nhttps://daily.example/%D8%A8\nnot an address\nhttps://daily.example/1"
    )
    assert [item.url for item in document.found] == [
        "https://daily.example/1",
        "https://daily.example/%D8%A8",
    ]
    assert document.is_broken
    assert sitemap_of(gzip.compress(b"https://daily.example/1\n")).found


def test_an_index_names_its_newest_maps():
    count = MAX_CHILD_SITEMAPS + 3
    children = [
        f"<sitemap><loc>https://daily.example/map{day}.xml</loc><lastmod>2026-11-{day:02}</lastmod></sitemap>".encode()
        for day in range(1, count + 1)
    ]
    document = sitemap(b"<sitemap><loc>/undated.xml</loc></sitemap>" + b"".join(children), "sitemapindex")

    assert document.sitemaps[0] == f"https://daily.example/map{count}.xml"
    assert (len(document.sitemaps), document.left_out) == (MAX_CHILD_SITEMAPS, 4)


def test_gzipped_maps_are_unpacked_but_no_bomb_is():
    plain = b"<urlset><url><loc>https://daily.example/1</loc></url></urlset>"
    packed = gzip.compress(plain)
    bomb = gzip.compress(bytes(MAX_SITEMAP_BYTES + 2))

    assert [item.url for item in sitemap_of(packed).found] == ["https://daily.example/1"]
    assert sitemap_of(packed[:-12]).reason == "broken_gzip"
    assert sitemap_of(bomb).reason == "too_large"


def sitemap_of(body: bytes):
    return read_sitemap(body, url=FEED_URL, zone=KARACHI)


def test_a_cut_sitemap_gives_what_came():
    document = sitemap_of(b"<urlset><url><loc>https://daily.example/1</loc></url><url><loc>https://dai")
    assert [item.url for item in document.found] == ["https://daily.example/1"]


PAGE = """<html><head><base href="/pk/"></head><body>
<a href="/tns/detail/11-a-bridge"><img src="x.jpg"></a> <a href="/tns/detail/11-a-bridge"> A  bridge </a>
<a href="tns/detail/12-relative#top">Relative</a> <a href="https://m.daily.example/tns/detail/13-mobile">Mobile</a>
<a href="https://elsewhere.example/tns/detail/14-other">Other site</a> <a href="/about">About</a>
<a href="javascript:void(0)">x</a> <a href="http://[bad/tns/detail/15">x</a> <a>no link</a></body></html>"""


def test_a_section_page_gives_links_of_its_own_site_that_look_like_articles():
    source = daily(article_url=r"/tns/detail/\d+-")
    document = read_section(
        PAGE.encode(), url="https://www.daily.example/tns", content_type="text/html", source=source
    )

    assert {item.url: item.title for item in document.found} == {
        "https://www.daily.example/tns/detail/11-a-bridge": "A bridge",
        "https://www.daily.example/pk/tns/detail/12-relative#top": "Relative",
        "https://m.daily.example/tns/detail/13-mobile": "Mobile",
    }


def test_a_section_page_without_an_article_is_a_failure():
    source = daily(article_url="/never/")
    page = read_section(PAGE.encode(), url="https://daily.example/", content_type=None, source=source)
    assert page.reason == "no_links"
    picture = read_section(
        b"\x89PNG\r\n\x1a\n" + bytes(99), url="https://daily.example/", content_type=None, source=source
    )
    assert picture.reason == "not_a_page"


def test_section_links_are_preferred_to_the_article_pattern():
    source = daily(article_url=r"/detail/", section_links=r"/detail/12-")
    document = read_section(
        PAGE.encode(), url="https://daily.example/", content_type="text/html", source=source
    )
    assert [item.url for item in document.found] == ["https://daily.example/pk/tns/detail/12-relative#top"]


@pytest.mark.parametrize(
    ("url", "links", "following"),
    [
        ("https://daily.example/world", '<a href="/world?page=3">3</a><a href="?page=2">2</a>', "https://daily.example/world?page=2"),
        ("https://daily.example/world?page=2", '<a href="?page=1">1</a><a href="/world?page=3">3</a>', "https://daily.example/world?page=3"),
        ("https://daily.example/world?a=1&p=2", '<a href="/world?a=1&amp;p=3">3</a>', "https://daily.example/world?a=1&p=3"),
        ("https://daily.example/world/", '<a href="/world/page/2/">Older</a>', "https://daily.example/world/page/2/"),
        ("https://daily.example/world/page/2", '<a href="/world/page/3#list">Older</a>', "https://daily.example/world/page/3#list"),
        ("https://daily.example/world", '<a href="/sport?page=2">2</a>', None),
        ("https://daily.example/world", '<a href="/world?page=2&amp;sort=old">2</a>', None),
        ("https://daily.example/world", '<a rel="prev next" href="/older/7a">Older</a>', "https://daily.example/older/7a"),
        ("https://daily.example/world", '<link rel="next" href="https://www.daily.example/w/2"><a href="?page=2">2</a>', "https://www.daily.example/w/2"),
        ("https://daily.example/world", '<a rel="next" href="https://elsewhere.example/world?page=2">2</a>', None),
        ("https://daily.example/world", '<a rel="next" href="#top">2</a><a rel="next" href="http://[bad">2</a>', None),
        ("https://daily.example/world", '<a rel="next" href="javascript:more()">2</a><a rel="next">2</a>', None),
    ],
)  # fmt: skip
def test_a_section_says_where_it_goes_on(url, links, following):
    page = f'<html><body><a href="/news/1">News</a>{links}</body></html>'.encode()
    document = read_section(page, url=url, content_type="text/html", source=daily(article_url="/news/"))
    assert document.next_page == following


def test_an_address_and_its_pages_have_one_name():
    assert {
        page_number(f"https://d.example/a{end}") for end in ("", "/", "?page=1", "/page/1/", "?paged=1#x")
    } == {("d.example/a", 1)}
    assert page_number("http://d.example/a?x=1&page=12&y=2") == ("d.example/a?x=1&y=2", 12)
    assert page_number("http://d.example/a?page=2&y=2") == ("d.example/a?y=2", 2)
    assert page_number("http://d.example/pages/2026?postpage=3") == ("d.example/pages/2026?postpage=3", 1)


@pytest.mark.parametrize(
    ("chain", "known"),
    [
        (["https://daily.example/news/1-new-slug"], ["daily.example/news/1-new-slug"]),
        (["https://m.daily.example/news/1/old"], []),  # a twin of what was asked for
        (["https://daily.example/"], []),
        (["https://fa.daily.example"], []),
        (["https://daily.example/news/"], []),  # a section above it
        (["https://daily.example/news/world"], []),  # a list of the source
        (["https://daily.example/consent?back=%2Fnews%2F1"], []),
        (["https://elsewhere.example/news/1"], []),
        (["https://daily.example/consent", "https://daily.example/news/9"], ["daily.example/news/9"]),
    ],
)
def test_a_redirect_names_an_article_only_by_an_articles_address(chain, known):
    source = daily(article_url="/news/", sections=["https://daily.example/news/world"])
    found = twins(chain, "http://daily.example/news/1/old", source)
    assert [one.url_key for one in found] == known


def test_fronts_are_told_from_articles():
    source = daily(sections=["https://daily.example/world"], article_url="x")
    fronts = ("https://daily.example", "http://www.daily.example/?", "https://daily.example/world/", FEED_URL)
    assert all(is_front(url, source) for url in fronts)
    assert not any(
        is_front(url, source) for url in ("https://daily.example/?p=7", "https://daily.example/world/1")
    )


def test_the_number_of_what_is_no_article_is_none():
    """A video with an article's number must not stand for it."""
    source = daily(article_url="/news/", article_id=r"/(\d+)")
    links = (
        "https://daily.example/video/7",
        "https://daily.example/news/7",
        "https://elsewhere.example/news/7",
    )
    document = feed(rss("".join(f"<item><link>{link}</link></item>" for link in links)))
    assert [one.publisher_number for one in candidates(document.found, source, "feed")] == [None, "7", None]


@pytest.mark.parametrize(
    ("link", "skip"),
    [
        ("https://www.daily.example/news/1", None),
        ("http://daily.example/news/1?utm_source=rss", None),
        ("https://english.daily.example/news/1", None),
        ("https://www.daily.example/video/1", "not_article_url"),
        ("https://daily.example.elsewhere.example/news/1", "off_site"),
        ("https://notdaily.example/news/1", "off_site"),
        ("file:///etc/hostname", "not_http"),
        ("javascript:alert(1)", "not_http"),
        ("data:text/html,x", "not_http"),
        ("mailto:desk@daily.example", "not_http"),
        ("https://www.daily.example/news/" + "x" * 2100, "too_long"),
    ],
)
def test_each_address_left_alone_has_its_reason(link, skip):
    source = daily(article_url="/news/", article_id=r"/news/(\d+)")
    document = feed(rss(f"<item><link>{link}</link></item>"))
    (candidate,) = candidates(document.found, source, "feed")

    assert candidate.skip == skip
    assert len(candidate.url_key) <= 2083
    if skip is None:
        assert candidate.publisher_number == "1"
        assert "utm_source" not in candidate.url
