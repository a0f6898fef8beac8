"""Feeds, sitemaps and section pages: what they list, and what is wrong with those that list nothing."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from spiders import SourceFile
from spiders.discovery import (
    MAX_CHILD_SITEMAPS,
    MAX_FEED_ITEMS,
    MAX_SITEMAP_BYTES,
    candidates,
    read_feed,
    read_section,
    read_sitemap,
)

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
