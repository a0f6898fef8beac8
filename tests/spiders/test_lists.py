"""What a source lists and how its pages change, over two nights and a look into the past: one crawl, many hosts."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from scrapy.http import Response

from spiders.archives import ArchiveList, Span
from spiders.discovery import Document
from spiders.frontier import FeedState, Frontier
from spiders.lane import Listing
from spiders.lists import has_said_all, is_allowed_map, list_conditions, next_state
from spiders.spider import LIST_WINDOW
from tests.spiders.conftest import Asked, Reply
from tests.spiders.forking import ForkedCrawl, run
from tests.spiders.killing import kill_repeatedly, wait_for
from warehouse.spool import read_spooled

FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
SPAN = Span(since=date(2026, 2, 1), until=date(2026, 2, 3))


class Site:
    """A host that says one thing on the first night and may say another on the second."""

    night = 1

    def __init__(self, web, desk, host: str, **keys) -> None:
        self.web, self.host = web, f"{host}.example"
        self.source = desk.source(self.host, **keys)

    def put(
        self, path: str, first: bytes | Reply, second: bytes | Reply | None = None, kind: str = "text/html"
    ) -> str:
        def answer(_asked: Asked) -> Reply:
            reply = first if Site.night == 1 or second is None else second
            return reply if isinstance(reply, Reply) else Reply(reply, headers=(("Content-Type", kind),))

        return self.web.put(f"http://{self.host}{path}", answer)

    def pages(self, *paths: str) -> None:
        for path in paths:
            self.put(path, f"<p>{path} of {self.host}</p>".encode())

    def asked(self) -> list[str]:
        return [one.path for one in self.web.asked if one.host == self.host and one.path != "/robots.txt"]


def rss(*links: str) -> bytes:
    return f"<rss version='2.0'><channel>{''.join(f'<item><link>{link}</link></item>' for link in links)}</channel></rss>".encode()


def urlset(**entries: str) -> bytes:
    said = "".join(
        f"<url><loc>{loc}</loc>{day and f'<lastmod>{day}</lastmod>'}</url>" for loc, day in entries.items()
    )
    return f"<urlset>{said}</urlset>".encode()


def index(*maps: str) -> bytes:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{one}</loc></sitemap>' for one in maps)}</sitemapindex>".encode()


def section(links: list[str], following: str | None) -> bytes:
    anchors = "".join(f'<a href="{link}">About {link}</a>' for link in links)
    return f"<html><body>{anchors}{f'<a rel=next href={following}>Older</a>' if following else ''}</body></html>".encode()


def section_site(web, desk) -> Site:
    """Five pages of a section, of which three are wanted; the second night's third page is not reached."""
    site = Site(
        web,
        desk,
        "pages",
        feeds=[],
        sections=["http://pages.example/world"],
        section_pages=3,
        article_url="/news/",
    )
    site.pages(*(f"/news/{number}" for number in range(12)))
    for page in range(1, 6):
        old = [f"/news/{2 * page}", f"/news/{2 * page + 1}"]
        address = "/world" if page == 1 else f"/world?page={page}"
        new = ["/news/0", "/news/2"] if page == 1 else old
        site.put(address, section(old, f"/world?page={page + 1}"), section(new, f"/world?page={page + 1}"))
    return site


def map_site(web, desk) -> Site:
    """Indexes that name themselves and each other, maps packed twice over or plain, and one that is elsewhere."""
    site = Site(web, desk, "maps", feeds=[], sitemaps=["http://maps.example/index.xml"])
    site.pages("/news/1", "/news/2", "/news/3", "/news/4")
    site.put(
        "/index.xml", index("/index.xml", "/deeper.xml", "/a.xml.gz", "http://elsewhere.example/map.xml")
    )
    site.put("/deeper.xml", index("/index.xml", "/b.xml.gz", "/text.txt", "/deepest.xml"))
    site.put("/deepest.xml", index("/never.xml"))
    packed = {name: gzip.compress(urlset(**{f"http://maps.example/news/{name}": ""})) for name in "12"}
    site.put("/a.xml.gz", packed["1"], kind="application/gzip")
    headers = (("Content-Type", "text/xml"), ("Content-Encoding", "gzip"))
    site.put("/b.xml.gz", Reply(packed["2"], headers=headers))
    site.put("/text.txt", b"http://maps.example/news/3\n", kind="text/plain")
    site.put("/never.xml", urlset(**{"http://maps.example/news/4": ""}))
    return site


def changing_site(web, desk) -> Site:
    """Pages that stay, change, go, or lead to the front page on the second night."""
    site = Site(web, desk, "again")
    names = ("tagged", "dated", "same", "corrected", "gone", "lost", "moved")
    site.put("/feed", rss(*(f"http://again.example/news/{name}" for name in names)))

    def validated(name: str, header: str, value: str, condition: str) -> None:
        def answer(asked: Asked) -> Reply:
            if asked.headers.get(condition) == value:
                return Reply(status=304)
            return Reply(b"<p>stays</p>", headers=((header, value),))

        web.put(f"http://again.example/news/{name}", answer)

    validated("tagged", "ETag", '"7"', "if-none-match")
    validated("dated", "Last-Modified", "Thu, 19 Nov 2026 10:00:00 GMT", "if-modified-since")
    site.put("/news/same", b"<p>same</p>")
    site.put("/news/corrected", b"<p>12 dead</p>", b"<p>13 dead</p>")
    site.put("/news/gone", b"<p>gone</p>", Reply(status=410))
    site.put("/news/lost", b"<p>lost</p>", Reply(status=302, headers=(("Location", "/"),)))
    site.put("/news/moved", Reply(status=301, headers=(("Location", "/news/moved-here"),)))
    site.put("/news/moved-here", b"<p>moved</p>")
    site.put("/", b"<p>the front page</p>")
    return site


def walled_site(web, desk) -> Site:
    """Every article leads to the front page, or to one page that asks for consent."""
    site = Site(web, desk, "walled", article_url="/news/")
    site.put("/feed", rss(*(f"http://walled.example/news/{number}" for number in range(4))))
    for number in range(4):
        where = "/consent" if number < 2 else "http://www.walled.example/"
        site.put(f"/news/{number}", Reply(status=302, headers=(("Location", where),)))
    site.put("/consent", b"<p>We value your privacy</p>")
    web.put("http://www.walled.example/", b"<p>front</p>")
    return site


def flooded_site(web, desk) -> Site:
    """A feed whose entries are all others on the second night."""
    site = Site(web, desk, "overflow")
    site.put(
        "/feed",
        rss("http://overflow.example/1", "http://overflow.example/2"),
        rss("http://overflow.example/3"),
    )
    site.pages("/1", "/2", "/3")
    return site


def past_site(web, desk) -> Site:
    """An archive by day, one counted from the newest on, and an index by month."""
    site = Site(
        *(web, desk, "past"),
        article_url="/news/",
        archives=[
            "http://past.example/{yyyy}/{mm}/{dd}",
            "http://past.example/older?p={n}",
            "http://past.example/index.xml",
        ],
    )
    site.put("/feed", rss("http://past.example/news/tonight"))
    site.pages("/news/tonight", *(f"/news/{day}-{letter}" for day in (1, 2, 3) for letter in "abc"))
    for day in (1, 2, 3):
        site.put(f"/2026/02/0{day}", section([f"/news/{day}-a", "/about"], None))
    counted = {
        1: (9, "2026-05-01"),
        2: (3, "2026-02-03"),
        3: (1, "2026-02-01"),
        4: (8, "2026-01-05"),
        5: (7, "2026-01-04"),
    }
    for page, (number, day) in counted.items():
        site.put(f"/older?p={page}", urlset(**{f"http://past.example/news/{number}-b": day}), kind="text/xml")
    site.put(
        "/index.xml",
        index("/map-2026-01.xml", "/map-2026-02.xml", "http://elsewhere.example/map-2026-02.xml"),
    )
    site.put(
        "/map-2026-02.xml",
        urlset(
            **{
                "http://past.example/news/2-c": "2026-02-02",
                "http://past.example/news/2-a": "2026-02-02",
                "http://past.example/news/20-c": "2026-02-20",
                "http://past.example/tag/7": "2026-02-02",
            }
        ),
    )
    return site


@pytest.fixture(scope="module")
def story(web, desk):
    """Two nights, the second twice; then the past, twice: what each crawl told, asked and stored."""
    makers = (section_site, map_site, changing_site, walled_site, flooded_site, past_site)
    sites = {site.host.removesuffix(".example"): site for site in (make(web, desk) for make in makers)}
    jobs = [{"night": FIRST}, {"night": SECOND}, {"night": SECOND}] + [
        {"night": SECOND, "is_past": True, "since": SPAN.since, "until": SPAN.until}
    ] * 2
    crawls = []
    for keys in jobs:
        Site.night = 1 if keys["night"] == FIRST else 2
        web.asked.clear()
        sources = [site.source for site in sites.values()]
        if "is_past" in keys:
            sources = [sites["past"].source]
        job = desk.job(*sources, correction_share=1.0, **keys)
        told = run(job)
        assert told.code == 0, told.warnings
        captures = [one for _, one in read_spooled(desk.lake / "spool") if one.run_id == job.run_id]
        crawls.append(
            SimpleNamespace(
                stats={name.removeprefix("zz_"): stats for name, stats in told.stats.items()},
                warnings=told.warnings,
                lines=told.lines,
                asked={name: site.asked() for name, site in sites.items()},
                headers={(one.host, one.path): one.headers for one in web.asked},
                stored=[capture.requested_url for capture in captures],
                elsewhere=[one for one in web.asked if one.host == "elsewhere.example"],
            )
        )
    return SimpleNamespace(crawls=crawls, lake=desk.lake)


def test_every_address_is_answered_for_on_each_of_the_crawls(story):
    for crawl in story.crawls:
        for stats in crawl.stats.values():
            assert stats.asked == stats.stored + sum(stats.failed.values()) + sum(stats.skipped.values()), (
                stats
            )
        assert not crawl.elsewhere  # a map that an index names on another site


def test_a_section_is_followed_while_it_brings_new_addresses(story):
    first, second, again, *_ = (crawl.asked["pages"] for crawl in story.crawls)
    lists = [path for path in first if path.startswith("/world")]
    assert lists == ["/world", "/world?page=2", "/world?page=3"]  # as many as section_pages allows
    assert [path for path in second if path.startswith("/world")] == ["/world", "/world?page=2"]
    assert "/news/0" in second
    assert again == ["/world"]


def test_indexes_are_followed_whatever_they_name(story):
    first = story.crawls[0]
    counts = Counter(first.asked["maps"])
    assert set(counts.values()) == {1}  # an index that names itself is read once
    assert {path for path in counts if path.startswith("/news/")} == {"/news/1", "/news/2", "/news/3"}
    assert "/never.xml" not in counts  # below an index of an index of an index
    outermost = next(one for one in first.stats["maps"].endpoints if one.url.endswith("/index.xml"))
    assert outermost.left_out == 1


def test_pages_are_looked_at_again_and_kept_only_when_they_changed(story):
    first, second, again, *_ = story.crawls
    assert first.stats["again"].stored == 7
    stats = second.stats["again"]
    assert [url for url in second.stored if "again.example" in url] == ["http://again.example/news/corrected"]
    assert stats.skipped == {"unchanged": 4}  # two say so, two send the same bytes
    assert stats.failed == {"http_410": 1, "redirect_to_front": 1}
    asked = {path: second.headers["again.example", f"/news/{path}"] for path in ("tagged", "dated")}
    assert ("if-none-match" in asked["tagged"], "if-modified-since" in asked["dated"]) == (True, True)
    assert again.asked["again"] == ["/feed"]
    assert again.stats["again"].asked == 0
    assert "if-none-match" not in second.headers["again.example", "/news/same"]


def test_a_page_that_leads_to_the_front_names_no_article(story):
    stats = story.crawls[0].stats["walled"]
    assert (stats.stored, stats.failed) == (2, {"redirect_to_front": 2})
    with Frontier.open(story.lake / "frontier.sqlite") as frontier:
        known = {
            row["url_key"]
            for row in frontier._database.execute("select url_key from seen_urls where source = 'zz_walled'")
        }
    assert known == {f"walled.example/news/{number}" for number in range(4)}


def test_a_feed_with_nothing_but_new_entries_is_warned_of(story):
    first, second, again, *_ = story.crawls
    flags = [
        {one.url: one.all_new for one in crawl.stats["overflow"].endpoints}
        for crawl in (first, second, again)
    ]
    assert flags == [
        {"http://overflow.example/feed": False},
        {"http://overflow.example/feed": True},
        {"http://overflow.example/feed": False},
    ]
    (warning,) = [text for text in second.warnings if "are new" in text]
    for words in (
        "zz_overflow",
        "all 1 entries of http://overflow.example/feed",
        "visit the source more often",
    ):
        assert words in warning
    assert not [text for crawl in (first, again) for text in crawl.warnings if "are new" in text]


def test_the_past_is_read_for_its_days_and_only_once(story):
    *nights, past, once_more = story.crawls
    for night in nights:
        assert {path for path in night.asked["past"] if path not in ("/feed", "/news/tonight")} == set()
    taken = {f"/news/{name}" for name in ("1-a", "2-a", "3-a", "3-b", "1-b", "2-c")}
    assert {path for path in past.asked["past"] if path.startswith("/news/")} == taken
    assert set(past.asked["past"]) - taken == {
        *("/2026/02/01", "/2026/02/02", "/2026/02/03"),
        *(f"/older?p={page}" for page in range(1, 5)),  # the fourth has left the days behind
        *("/index.xml", "/map-2026-02.xml"),  # the other is for another month
    }
    lists = {one.url.removeprefix("http://past.example"): one for one in past.stats["past"].endpoints}
    assert (lists["/map-2026-02.xml"].outside_span, lists["/older?p=1"].outside_span) == (1, 1)
    assert lists["/index.xml"].left_out == 1
    assert past.stats["past"].skipped == {"not_article_url": 1}

    assert once_more.stats["past"].asked == 0
    first, again = (
        next(line for line in crawl.lines if ": archives: " in line) for crawl in (past, once_more)
    )
    assert first == (
        "zz_past: archives: lists read 9, failed 0, read before 0; addresses never seen 7; "
        "left out: of other days 3, undated 0"
    )
    assert again.startswith("zz_past: archives: lists read 3, failed 0, read before 7; ")
    # an index may name more than before, and where a counted archive ends is found out again
    assert set(once_more.asked["past"]) == {"/index.xml", "/older?p=4", "/older?p=5"}


def test_a_crawl_killed_at_any_moment_loses_nothing(tmp_path):
    """A short one; benchmarks/kill_crawl.py kills hundreds."""
    figures = kill_repeatedly(tmp_path, kills=5, seed=2)
    assert (figures.lost, figures.asked_too_often) == (0, 0)
    assert figures.articles > 30


def test_an_archive_goes_on_where_a_kill_stopped_it(web, desk, tmp_path):
    """Lists that said all of their days are not asked again, but for the few that the kill caught on their way."""
    site = Site(
        web, desk, "cut", article_url="/news/", archives=["http://cut.example/{yyyy}-{mm}-{dd}"], delay_s=0.03
    )
    days = [f"2026-02-{day:02}" for day in range(1, 21)]
    site.pages(*(f"/news/{day}" for day in days))
    for day in days:
        site.put(f"/{day}", section([f"/news/{day}"], None))
    job = replace(
        desk.job(site.source, is_past=True, since=date(2026, 2, 1), until=date(2026, 2, 20)), lake=tmp_path
    )
    killed = ForkedCrawl(job)
    wait_for(lambda: len(site.asked()) >= 8)
    killed.kill()
    before = Counter(site.asked())
    told = run(replace(job, run_id="on"))

    assert told.stats["zz_cut"].stored == len(days)
    counts = Counter(site.asked())
    assert set(counts) == {f"/{day}" for day in days} | {f"/news/{day}" for day in days}
    again = [path for path, count in counts.items() if count > 1]
    assert len(again) <= LIST_WINDOW < len(before)


NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
STATE = FeedState(
    url="http://d.example/feed",
    source="zz_d",
    via="feed",
    status=200,
    reason=None,
    etag='"1"',
    last_modified="then",
    body_sha256="ab",
    items=1,
    new_items=0,
    newest=None,
    fails=0,
    checked_at=NOW,
    last_ok_at=NOW,
    last_new_at=None,
    last_body_at=NOW,
)


def test_a_list_that_only_says_it_has_not_changed_is_not_believed_for_long():
    """One condition at most; and a nightly run that heard 304 last night asks for the whole."""
    hours = {hours: list_conditions(STATE, now=NOW + timedelta(hours=hours)) for hours in (1, 25, 47)}
    assert hours == {1: {"If-None-Match": '"1"'}, 25: {"If-None-Match": '"1"'}, 47: {}}
    assert list_conditions(replace(STATE, etag=None), now=NOW) == {"If-Modified-Since": "then"}
    for before in (None, replace(STATE, reason="http_500"), replace(STATE, last_body_at=None)):
        assert list_conditions(before, now=NOW) == {}


@pytest.mark.parametrize(
    ("changes", "listed", "is_done"),
    [
        ({}, None, True),
        ({"until": date(2026, 2, 2)}, None, False),
        ({"until": date(2026, 2, 2)}, Span(since=date(2026, 2, 2), until=date(2026, 2, 2)), True),
        ({"since": None}, None, False),
        ({"reason": "http_500"}, None, False),
        ({"last_ok_at": datetime(2026, 2, 3, 12, tzinfo=UTC)}, None, False),  # more may have come that day
        ({"last_ok_at": datetime(2026, 2, 3, 20, tzinfo=UTC)}, None, True),  # the 4th in Karachi
    ],
)
def test_an_archives_list_is_done_when_it_was_read_after_its_days(desk, changes, listed, is_done):
    before = replace(STATE, **{"since": SPAN.since, "until": SPAN.until, **changes})
    zone = desk.source("d.example").zone
    assert has_said_all(before, ArchiveList(url="u", span=listed), SPAN, zone) is is_done
    assert not has_said_all(None, ArchiveList(url="u"), SPAN, zone)


@pytest.mark.parametrize("document", [None, Document(), Document(reason="empty")])
def test_a_list_that_is_also_an_archives_is_read_for_each_by_itself(desk, document):
    """A night must not believe what a backfill heard, nor a backfill that a night has read its days."""
    source, url = desk.source("d.example"), "http://d.example/map.xml"
    answer = Response(url, headers={"ETag": '"1"'})
    archive = Listing(url=url, via="archive", archive=ArchiveList(url=url))
    past = next_state(None, archive, source, answer, Document(), "ab", SPAN)
    assert (past.via, past.since, past.until) == ("archive", SPAN.since, SPAN.until)
    assert (past.etag, past.body_sha256) == (None, None)

    night = next_state(past, Listing(url=url, via="sitemap"), source, answer, document, "ab")
    assert (night.via, night.since, night.until) == ("sitemap", None, None)


def test_maps_elsewhere_are_not_followed(desk):
    source = desk.source("d.example")
    allowed = {
        "http://d.example/map.xml": True,
        "https://maps.d.example/map.xml": True,
        "http://cdn.example/d/map.xml": True,  # beside the index that names it
        "http://elsewhere.example/map.xml": False,
    }
    assert {
        url: is_allowed_map(url, named_by="http://cdn.example/index.xml", source=source) for url in allowed
    } == allowed
