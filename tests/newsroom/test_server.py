"""The server: as a proxy, as a virtual host, in a browser; its refusals, its validators, its two nights."""

from __future__ import annotations

import re
import socket
import struct
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import feedparser
import lxml.etree
import lxml.html
import pytest

from newsroom import ListenError, Newsroom, NewsroomError, outlets, truth

FEED = "http://karsan-post.example/feed/"
SILENT_FEED = "http://al-jisr.example/rss.php"
ATOM = "http://frontier-monitor.example/feeds/all.atom"
NEWS_SITEMAP = "http://frontier-monitor.example/news-sitemap.xml"
CORRECTED = "http://frontier-monitor.example/world/upper-oshan/2026/1119/the-arithmetic-of-a-raid"


def locations(xml: bytes) -> dict[str, str | None]:
    """Every address of a sitemap with its lastmod."""
    tree = lxml.etree.fromstring(xml)
    return {row.findtext("{*}loc"): row.findtext("{*}lastmod") for row in tree}


def listed_by(outlet, fetch) -> set[str]:
    """All addresses that the outlet's own discovery shows tonight."""
    found = set()
    for row in outlet.discovery:
        url = f"http://{outlet.host}{row.path}"
        body = fetch(url).body
        if row.kind in ("rss", "atom"):
            feed = feedparser.parse(body)
            assert not feed.bozo, url
            found |= {entry.link for entry in feed.entries}
        elif row.kind == "section":
            links = lxml.html.fromstring(body).xpath("//main//a/@href")
            found |= {urljoin(url, link) for link in links}
        elif row.kind == "sitemap-index":
            assert set(locations(body)) == {f"http://{outlet.host}{path}" for path in row.children}
        else:
            found |= set(locations(body))
    return found


def test_the_outlet_is_chosen_by_request_line_or_by_host_header(web, fetch):
    by_line = fetch(FEED)
    by_host = fetch("/feed/", Host="karsan-post.example")

    assert by_line.status == by_host.status == 200
    assert by_line.body == by_host.body
    assert [(request.host, request.path) for request in web.requests] == [
        ("karsan-post.example", "/feed/")
    ] * 2


def test_connections_are_kept(web):
    connection = HTTPConnection(urlsplit(web.url).netloc, timeout=10)
    for _ in range(2):
        connection.request("GET", FEED)
        response = connection.getresponse()
        response.read()
        assert response.version == 11
        assert not response.will_close
    connection.close()


@pytest.mark.parametrize("night", [1, 2])
@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.stem)
def test_discovery_lists_what_the_truth_says(web, fetch, outlet, night):
    web.night = night
    standing = {(article.path, article.night) for article in outlet.on(night)}
    expected = {
        f"http://{page.host}{url}"
        for page in truth()
        if page.host == outlet.host and (page.path, page.night) in standing
        for url in page.listed
    }

    assert listed_by(outlet, fetch) == expected


@pytest.mark.parametrize("night", [1, 2])
def test_every_listed_page_answers_as_the_truth_says(web, fetch, night):
    web.night = night
    for page in truth():
        if page.night > night:
            continue
        for url in page.listed:
            response = fetch(f"http://{page.host}{url}")
            if response.status == 429:
                response = fetch(f"http://{page.host}{url}")
            if response.status == 301:
                assert url in page.moved_from or night == 2
                response = fetch(response.headers["Location"])
            assert response.status == (404 if page.outcome == "not_found" else 200), url


def test_a_moved_page_points_to_its_new_address(fetch):
    page = next(page for page in truth() if page.moved_from and page.night == 1)
    response = fetch(f"http://{page.host}{page.moved_from[0]}")

    assert response.status == 301
    assert response.headers["Location"] == page.url


def test_tracking_parameters_make_no_difference_and_other_parameters_do(fetch):
    page = next(page for page in truth() if len(page.listed) == 2 and "utm_" in page.listed[1])
    plain, tracked = (fetch(f"http://{page.host}{url}") for url in page.listed)

    assert plain.body == tracked.body
    assert fetch("http://al-jisr.example/article.php?id=511&utm_medium=x").status == 200
    assert fetch("http://al-jisr.example/article.php?id=999").status == 404


def test_an_amp_page_names_its_canonical_address(fetch):
    page = next(page for page in truth() if page.amp)
    tree = lxml.html.fromstring(fetch(f"http://{page.host}{page.amp}").body)

    assert tree.xpath("//link[@rel='canonical']/@href") == [page.url]


def test_a_busy_address_asks_to_come_back_and_then_answers(web, fetch):
    page = next(page for page in truth() if page.outlet == "khabar_tuzan" and "/40509/" in page.path)

    first, second = fetch(page.url), fetch(page.url)
    assert (first.status, first.headers["Retry-After"]) == (429, "2")
    assert second.status == 200

    web.reset()
    assert web.requests == []
    assert fetch(page.url).status == 429


def test_a_feed_that_has_not_changed_is_not_sent_again(fetch):
    first = fetch(FEED)

    by_etag = fetch(FEED, If_None_Match=first.headers["ETag"])
    by_date = fetch(FEED, If_Modified_Since=first.headers["Last-Modified"])
    assert (by_etag.status, by_etag.body) == (304, b"")
    assert (by_date.status, by_date.body) == (304, b"")
    assert (
        fetch(FEED, If_None_Match='"other"', If_Modified_Since=first.headers["Last-Modified"]).status == 200
    )
    assert fetch(FEED, If_Modified_Since="yesterday").status == 200


def test_on_the_second_night_one_feed_has_news_and_one_is_silent(web, fetch):
    etags = {url: fetch(url).headers["ETag"] for url in (FEED, SILENT_FEED)}
    web.night = 2

    assert fetch(FEED, If_None_Match=etags[FEED]).status == 200
    assert fetch(SILENT_FEED, If_None_Match=etags[SILENT_FEED]).status == 304


def test_a_correction_moves_the_feed_the_sitemap_and_the_page(web, fetch):
    def now() -> tuple[str, str | None, str]:
        entries = {entry.link: entry.updated for entry in feedparser.parse(fetch(ATOM).body).entries}
        return entries[CORRECTED], locations(fetch(NEWS_SITEMAP).body)[CORRECTED], fetch(CORRECTED).text

    updated, lastmod, text = now()
    web.night = 2
    updated_later, lastmod_later, text_later = now()

    assert updated_later > updated
    assert lastmod_later > lastmod
    assert "There are six of them" in text
    assert "There are five of them" in text_later
    assert '"dateModified": "2026-11-20T11:30:00+00:00"' in text_later


def test_a_changed_slug_keeps_the_number_and_leaves_a_redirect(web, fetch):
    before, after = (page for page in truth() if "/40507/" in page.path)
    assert fetch(before.url).status == 200

    web.night = 2
    moved = fetch(before.url)
    assert (moved.status, moved.headers["Location"]) == (301, after.url)
    assert after.bodies == before.bodies


def test_a_news_sitemap_carries_publication_dates(fetch):
    tree = lxml.etree.fromstring(fetch(NEWS_SITEMAP).body)
    dates = tree.findall(".//{http://www.google.com/schemas/sitemap-news/0.9}publication_date")

    assert (
        len(dates)
        == len([page for page in truth() if page.outlet == "frontier_monitor" and page.night == 1]) - 1
    )


def test_one_feed_writes_its_zone_in_letters(fetch):
    assert "<pubDate>Thu, 19 Nov 2026 18:05:00 PKT</pubDate>" in fetch(FEED).text


def test_the_wrong_charset_is_sent_as_promised(fetch):
    mislabelled = fetch("http://nameh-marz.example/content/8821")
    legacy = fetch("http://al-jisr.example/article.php?id=512")

    assert mislabelled.headers["Content-Type"] == "text/html; charset=iso-8859-1"
    assert "خرما" in mislabelled.body.decode("utf-8")
    assert legacy.headers["Content-Type"] == "text/html"
    assert "المئذنة" in legacy.body.decode("windows-1256")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://nowhere.example/", 502),
        ("http://karsan-post.example/no-such-page", 404),
        ("http://nameh-marz.example/robots.txt", 404),
        ("http://karsan-post.example/robots.txt", 200),
        ("/no-such-page", 404),
    ],
)
def test_what_is_not_there_has_a_fitting_status(fetch, url, status):
    assert fetch(url).status == status


def test_a_target_that_is_no_address_is_refused_and_the_server_lives_on(web, fetch):
    with socket.create_connection(("127.0.0.1", urlsplit(web.url).port)) as client:
        client.sendall(b"GET http://[half/ HTTP/1.1\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")

    assert fetch(FEED).status == 200


def test_a_client_that_goes_away_leaves_no_trace(web, capfd):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", urlsplit(web.url).port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(f"GET {FEED} HTTP/1.1\r\nHost: karsan-post.example\r\n\r\n".encode())

    connection = HTTPConnection(urlsplit(web.url).netloc, timeout=10)
    connection.request("GET", FEED)
    assert connection.getresponse().status == 200
    connection.close()
    assert "Traceback" not in capfd.readouterr().err


def test_a_head_request_has_the_headers_and_no_body(fetch):
    asked, full = fetch(FEED, method="HEAD"), fetch(FEED)

    assert asked.body == b""
    assert asked.headers["Content-Length"] == str(len(full.body))


def test_a_person_can_walk_through_every_outlet(web, fetch):
    """Follow every link from the index; only the promised dead link and challenge stand in the way."""
    to_visit, seen, dead = ["/"], set(), set()
    while to_visit:
        path = to_visit.pop()
        if path in seen:
            continue
        seen.add(path)
        response = fetch(path)
        if response.status == 429:
            response = fetch(path)
        if response.status == 301:
            to_visit.append(response.headers["Location"])
        elif response.status != 200:
            dead.add(path)
        elif response.headers["Content-Type"].startswith("text/html"):
            tree = lxml.html.fromstring(response.body)
            to_visit += [
                urljoin(path, link).partition("#")[0] for link in tree.xpath("//a/@href | //img/@src")
            ]

    gone = {f"/{page.host}{page.path}" for page in truth() if page.outcome == "not_found"}
    assert dead == gone
    assert not any(path.startswith("http") for path in seen)
    articles = {
        f"/{page.host}{page.path}" for page in truth() if page.night == 1 and page.outcome == "article"
    }
    assert articles <= seen


def test_requests_are_kept_with_time_and_status(web, fetch):
    fetch(FEED)
    fetch("http://karsan-post.example/no-such-page")

    feed, missing = web.requests
    assert (feed.method, feed.status, missing.status) == ("GET", 200, 404)
    assert feed.at < missing.at


def test_only_loopback_is_bound():
    with pytest.raises(ListenError, match="loopback only"):
        Newsroom(address="0.0.0.0")


def test_a_taken_port_is_named(web):
    port = urlsplit(web.url).port

    with pytest.raises(ListenError, match=re.escape(f"cannot listen on 127.0.0.1:{port}")):
        Newsroom(port=port)


def test_there_is_no_third_night(web):
    with pytest.raises(NewsroomError, match="nights 1 and 2"):
        web.night = 3
    with pytest.raises(NewsroomError, match="nights 1 and 2"):
        Newsroom(night=0)
