"""Archives by date: which lists are asked for some days, what of them belongs to these days, and where they end."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.archives import (
    MAX_FAILURES,
    MAX_PAGES,
    ArchiveList,
    Series,
    Span,
    choose,
    expand,
    maps_for,
    page_after,
    read_archive,
)
from spiders.discovery import Document, Found, moment_of

KARACHI = ZoneInfo("Asia/Karachi")


def span(since: str, until: str | None = None) -> Span:
    return Span(since=date.fromisoformat(since), until=date.fromisoformat(until or since))


ASKED = span("2026-01-30", "2026-03-02")


@pytest.mark.parametrize(
    ("template", "count", "first", "last"),
    [
        ("https://d.example/{yyyy}/{mm}/{dd}.xml", 32, "2026/03/02.xml", "2026/01/30.xml"),
        ("https://d.example/map?y={yyyy}&m={mm}", 3, "map?y=2026&m=03", "map?y=2026&m=01"),
        ("https://d.example/{yyyy}/posts-{n}.xml", 1, "2026/posts-1.xml", "2026/posts-1.xml"),
        ("https://d.example/posts-{n}.xml", 1, "posts-1.xml", "posts-1.xml"),
        ("https://d.example/index.xml", 1, "index.xml", "index.xml"),
    ],
)
def test_a_template_names_the_lists_of_some_days_the_newest_first(template, count, first, last):
    lists = list(expand(template, ASKED))
    assert len({one.url for one in lists}) == len(lists) == count
    assert (lists[0].url, lists[-1].url) == (f"https://d.example/{first}", f"https://d.example/{last}")
    for one in lists:
        assert one.span is None or one.span.meets(ASKED)


@given(
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.integers(0, 1500),
    st.sampled_from(["{yyyy}", "{yyyy}-{mm}", "{yyyy}{mm}{dd}"]),
)
def test_no_day_is_left_out_and_none_is_asked_twice(since, length, places):
    asked = Span(since=since, until=date.fromordinal(since.toordinal() + length))
    spans = [one.span for one in expand(f"https://d.example/{places}", asked)]
    assert all(
        later.since.toordinal() == earlier.until.toordinal() + 1
        for later, earlier in itertools.pairwise(spans)
    )
    assert spans[-1].since <= asked.since <= asked.until <= spans[0].until


FEBRUARY = span("2026-02-01", "2026-02-28")


@pytest.mark.parametrize(
    ("listed", "said", "verdict"),
    [
        (None, {"published": "2026-01-30T00:30:00+05:00"}, "taken"),
        (None, {"published": "2026-01-29T20:00:00Z"}, "taken"),  # the 30th in Karachi
        (None, {"published": "2026-01-29"}, "outside"),
        (None, {"published": "2026-02-10", "updated": "2026-11-01"}, "taken"),  # changed much later
        (None, {"published": "2025-02-10", "updated": "2026-02-10"}, "outside"),
        (None, {"updated": "2026-02-10"}, "taken"),
        (None, {"updated": "2026-01-01"}, "outside"),
        (None, {}, "undated"),
        (None, {"published": "yesterday"}, "undated"),
        (None, {"url": "https://d.example/2026/02/10/x"}, "taken"),
        (None, {"url": "https://d.example/2026-02-10-x", "updated": "2026-11-01"}, "taken"),
        (None, {"url": "https://d.example/2025/02/10/x", "updated": "2026-02-10"}, "outside"),
        (None, {"url": "https://d.example/2026/02/x"}, "taken"),
        (None, {"url": "https://d.example/2026/03/x"}, "undated"),  # of a month that is asked for in part
        (None, {"url": "https://d.example/2026/03/x", "updated": "2026-03-01"}, "taken"),
        (None, {"url": "https://d.example/2026/13/x"}, "undated"),
        (FEBRUARY, {}, "taken"),
        (FEBRUARY, {"updated": "2026-11-01"}, "taken"),
        (FEBRUARY, {"published": "2025-12-31"}, "outside"),
        (span("2026-03-01", "2026-03-31"), {}, "undated"),
        (span("2026-03-01", "2026-03-31"), {"updated": "2026-03-01"}, "taken"),
        (span("2026-03-01", "2026-03-31"), {"updated": "2026-03-09"}, "outside"),
    ],
)  # fmt: skip
def test_an_entry_is_dated_by_what_says_its_day_best(listed, said, verdict):
    moments = [moment_of(said[name], KARACHI, "sitemap") for name in ("published", "updated") if name in said]
    changed_at = max((moment for moment in moments if moment), default=None)
    item = Found(**{"url": "https://d.example/x", "changed_at": changed_at, **said})
    archive = ArchiveList(url="https://d.example/map", span=listed)
    chosen = choose(Document(found=(item,)), archive, ASKED, KARACHI)
    assert (len(chosen.found), chosen.outside_span, chosen.undated) == {
        "taken": (1, 0, 0),
        "outside": (0, 1, 0),
        "undated": (0, 0, 1),
    }[verdict]


def test_what_is_taken_from_a_dated_list_waits_in_its_place():
    """The queue of the past is worked off by date: an undated entry has its list's."""
    chosen = choose(
        Document(found=(Found(url="https://d.example/x"),)),
        ArchiveList(url="u", span=FEBRUARY),
        ASKED,
        KARACHI,
    )
    assert chosen.found[0].changed_at.astimezone(KARACHI).date() == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("maps", "kept"),
    [
        ({"s-2025.xml": None, "s-2026.xml": None}, ["s-2026.xml"]),
        ({"s-2026-01.xml": None, "s-2026-04.xml": None}, ["s-2026-01.xml"]),
        ({"s?yyyy=2026&mm=02&dd=07": None, "s?yyyy=2026&mm=03&dd=07": None}, ["s?yyyy=2026&mm=02&dd=07"]),
        ({"202602.xml": None, "202604.xml": None}, ["202602.xml"]),
        ({"posts-17.xml": None, "posts-2020.xml": None}, ["posts-17.xml", "posts-2020.xml"]),  # they count
        (
            {"s-2026-9.xml": None, "s-2026-12.xml": None},
            ["s-2026-9.xml", "s-2026-12.xml"],
        ),  # a year and a count
        ({"2025/a-1.xml": None, "2026/a-1.xml": None}, ["2026/a-1.xml"]),
        (
            {"a.xml": "2026-01-01", "b.xml": "2026-01-30", "c.xml": "2026-11-01", "d.xml": None},
            ["b.xml", "c.xml", "d.xml"],
        ),
    ],
)
def test_an_index_is_followed_to_the_maps_that_may_hold_the_days(maps, kept):
    document = Document(
        sitemaps=tuple(maps),
        sitemaps_changed_at=tuple(
            day and datetime.fromisoformat(day).replace(tzinfo=UTC) for day in maps.values()
        ),
    )
    assert [one.url for one in maps_for(document, ArchiveList(url="i"), ASKED)] == kept


def page(*days: str, reason: str | None = None, url: str = "https://d.example/") -> Document:
    found = (
        Found(
            url=f"{url}{day}", published=day, changed_at=datetime.fromisoformat(day).replace(tzinfo=KARACHI)
        )
        for day in days
    )
    return Document(found=tuple(found), reason=reason)


def asked_pages(*pages: Document) -> tuple[int, str | None]:
    """How many pages are asked for, and why no more."""
    series, (listed,) = Series(), expand("https://d.example/{n}", ASKED)
    for number, document in enumerate(pages, 1):
        assert listed.url == f"https://d.example/{number}"
        if not series.goes_on(listed, document, choose(document, listed, ASKED, KARACHI), ASKED):
            return number, series.why_ended
        listed = page_after(listed, document)
    return len(pages), series.why_ended


def test_a_counted_archive_ends_where_it_has_left_the_days_behind():
    newer = [page(f"2026-{month:02}-10") for month in range(12, 0, -1)]
    assert asked_pages(*newer) == (12, "past the days asked for")  # January is the first outside again
    assert asked_pages(*newer[::-1]) == (3, "past the days asked for")  # from March 10 on, growing newer
    assert asked_pages(*newer[:5])[1] is None  # still on its way there
    mixed = [page(day, "2026-02-03") for day in ("2026-11-10", "2026-09-10", "2025-01-10", "2024-01-10")]
    assert asked_pages(*mixed)[1] is None  # one entry of those days on each


@pytest.mark.parametrize("reason", ["http_404", "http_410", "empty", "no_links"])
def test_a_counted_archive_ends_at_a_missing_page(reason):
    assert asked_pages(page("2026-02-10"), page(reason=reason)) == (2, "at its end")


def test_a_counted_archive_has_bounds():
    undated = [Document(found=(Found(url=f"https://d.example/{number}"),)) for number in range(MAX_PAGES + 5)]
    assert asked_pages(*undated)[0] == MAX_PAGES
    assert "fewer days" in asked_pages(*undated)[1]
    assert asked_pages(*[undated[0]] * 9) == (2, "it repeats itself")
    assert asked_pages(page("2026-02-10"), page()) == (2, "at its end")
    failing = page(reason="http_500")
    assert asked_pages(*[failing] * 9)[0] == MAX_FAILURES
    assert asked_pages(failing, failing, undated[0], failing, failing, undated[1])[1] is None


@pytest.mark.parametrize(
    ("body", "reason", "count"),
    [
        (
            b"<?xml version='1.0'?><!-- x --><urlset><url><loc>https://daily.example/news/1</loc></url></urlset>",
            None,
            1,
        ),
        (
            b"<rss version='2.0'><channel><item><link>https://daily.example/news/1</link></item></channel></rss>",
            None,
            1,
        ),
        (b'{"items": [{"url": "https://daily.example/news/1"}]}', None, 1),
        (b"https://daily.example/news/1\nhttps://daily.example/news/2\n", None, 2),
        (b"<!doctype html><html><body><a href='https://daily.example/news/1'>x</a></body></html>", None, 1),
        (b"<html><body><a href='/about'>x</a></body></html>", "no_links", 0),
        (b" ", "empty", 0),
    ],
)
def test_an_archive_may_be_any_kind_of_list(desk, body, reason, count):
    source = desk.source("daily.example", article_url="/news/")
    document = read_archive(body, url="https://daily.example/all", content_type=None, source=source)
    assert (document.reason, len(document.found)) == (reason, count)


def test_a_page_of_links_needs_a_pattern(desk):
    body = b"<html><body><a href='/about'>x</a></body></html>"
    document = read_archive(
        body, url="https://daily.example/all", content_type=None, source=desk.source("daily.example")
    )
    assert document.reason == "no_pattern"


def test_old_entries_and_many_maps_are_what_an_archive_is_for(desk):
    source = desk.source("daily.example")
    days = ("2026-11-20", "1999-01-01")
    maps = "".join(f"<sitemap><loc>https://daily.example/{number}</loc></sitemap>" for number in range(40))
    entries = "".join(
        f"<url><loc>https://daily.example/{day}</loc><lastmod>{day}</lastmod></url>" for day in days
    )
    index = read_archive(
        f"<sitemapindex>{maps}</sitemapindex>".encode(),
        url="https://daily.example/",
        content_type=None,
        source=source,
    )
    urls = read_archive(
        f"<urlset>{entries}</urlset>".encode(), url="https://daily.example/", content_type=None, source=source
    )
    assert (len(index.sitemaps), index.left_out) == (40, 0)
    assert not any(item.is_old for item in urls.found)
