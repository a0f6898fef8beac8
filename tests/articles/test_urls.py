"""Twins of an address share a key, two articles never do, and ids stay what they were."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from articles import urls
from articles.errors import NightwireError

ARTICLE = "https://daily.example/news/2026/11/19/border-talks"

TWINS = [
    "http://www.daily.example/news/2026/11/19/border-talks/",
    "HTTPS://Daily.Example:443/news//2026/11/19/./border-talks",
    "https://m.daily.example/news/2026/11/19/border-talks?utm_source=rss&utm_medium=feed",
    "https://mobile.daily.example/news/2026/11/19/border-talks?fbclid=Ab1",
    "https://daily.example/news/2026/11/19/border-talks?traffic_source=rss",
    "https://amp.daily.example/news/2026/11/19/border-talks",
    "https://daily.example/amp/news/2026/11/19/border-talks",
    "https://daily.example/news/2026/11/19/border-talks/amp/",
    "https://daily.example/news/2026/11/19/border-talks.amp",
    "https://daily.example/news/2026/11/19/border-talks?outputType=amp",
    "https://daily.example/news/2026/11/19/border-talks?amp",
    "https://daily-example.cdn.ampproject.org/c/s/daily.example/news/2026/11/19/border-talks",
    "https://www.google.com/amp/s/daily.example/news/2026/11/19/border-talks",
    "https://web.archive.org/web/20261120010203/https://daily.example/news/2026/11/19/border-talks",
    "https://web.archive.org/web/20261120010203id_/http:/daily.example/news/2026/11/19/border-talks",
    "https://daily.example/news/2026/11/19/border-talks/index.html",
    "https://daily.example/news/2026/11/19/border-talks;jsessionid=1A2B",
    "https://daily.example/news/2026/11/19/border-talks#comments",
    "https://daily.example/news/2026/11/19/border-talks?ref=homepage&source=",
    "https://daily.example/news/2026/11/19/border%2Dtalks",
    " https://daily.example/news/2026/11/19/border-talks\n",
]

DIFFERENT = [  # no two of these are one article
    ARTICLE,
    "https://daily.example/news/2026/11/19/border-talks-2",
    "https://daily.example/News/2026/11/19/border-talks",
    "https://daily.example/news/2026/11/19/border-talks?page=2",
    "https://other.daily.example/news/2026/11/19/border-talks",
    "https://daily.example:8080/news/2026/11/19/border-talks",
    "https://daily.example/?p=41",
    "https://daily.example/?p=42",
    "https://daily.example/news.asp?id=7",
    "https://daily.example/news.asp?id=8",
    "https://daily.example/news.asp?cid=8",
    "https://daily.example/news.asp?eid=8",
    "https://daily.example/news.asp?uid=8",
    "https://daily.example/news.asp?session=8",
    "https://daily.example/news.asp?ref=8",
    "https://daily.example/news.asp?ref=9",
    "https://daily.example/news.asp?4711",
    "https://daily.example/news.asp?4712",
    "https://daily.example/#!/story/7",
    "https://daily.example/#!/story/8",
    "https://daily.example/#/story/8",
    "https://daily.example/a/b",
    "https://daily.example/a%2Fb",
    "https://daily.example/a%3Fb",
    "https://daily.example/a?b",
    "https://daily.example/خبر/عاجل",
    "https://daily.example/خبر/عادل",
]


@pytest.mark.parametrize("twin", TWINS)
def test_twins_of_an_address_share_its_key(twin):
    assert urls.url_key(twin) == urls.url_key(ARTICLE) == "daily.example/news/2026/11/19/border-talks"


def test_two_articles_never_share_a_key():
    keys = [urls.url_key(url) for url in DIFFERENT]
    assert len(set(keys)) == len(DIFFERENT)


def test_a_source_may_say_which_parameters_identify():
    first = urls.url_key("https://daily.example/news.php?id=7&page=2&ref=4&utm_source=x", ["id"])
    assert first == urls.url_key("http://www.daily.example/news.php?ref=5&id=7", ["id"])
    assert urls.url_key("https://daily.example/news.php?ref=4", ["ref"]) != urls.url_key(
        "https://daily.example/news.php?ref=5", ["ref"]
    )
    assert (
        urls.fetch_url("https://daily.example/n?ref=home&x=1", ["ref"])
        == "https://daily.example/n?ref=home&x=1"
    )


def test_percent_encoding_and_international_hosts_are_evened_out():
    raw = "https://مثال.example/خبر/عاجل?id=٣"
    encoded = "https://xn--mgbh0fb.example/%d8%ae%d8%a8%d8%b1/%D8%B9%D8%A7%D8%AC%D9%84?id=%D9%A3"
    assert urls.fetch_url(raw) == urls.fetch_url(encoded)
    assert urls.url_key(raw) == urls.url_key(encoded)
    assert urls.fetch_url(raw).isascii()


@pytest.mark.parametrize(
    "text",
    ["", "mailto:desk@daily.example", "javascript:void(0)", "//daily.example/a", "/news/7", "tel:+92300", "http://", "https://[::1", "https://daily.example:99999/", "ftp://daily.example/a", "http://./"],
)  # fmt: skip
def test_what_cannot_be_fetched_has_no_fetch_url(text):
    assert urls.fetch_url(text) is None
    assert urls.url_key(text) == text


def test_an_address_with_a_port_or_an_ipv6_host_stays_fetchable():
    assert urls.fetch_url("http://127.0.0.1:8000/feed/?page=2") == "http://127.0.0.1:8000/feed/?page=2"
    assert urls.fetch_url("http://[::1]:8000/a") == "http://[::1]:8000/a"
    assert urls.fetch_url("https://daily.example") == "https://daily.example/"


@example("&;")
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_cleaning_twice_is_cleaning_once(tail):
    fetched = urls.fetch_url(f"https://daily.example/{tail}")
    assert fetched is None or urls.fetch_url(fetched) == fetched


@given(st.from_regex(urls._IN_ITS_ONE_SPELLING, fullmatch=True))
@example("https://daily.example")
@example("http://a-b.c1.example/news/2026/11/x.html/")
@example("http://daily.example/a./b..c/~d")
@example("http://-.1/0")
def test_an_address_in_its_one_spelling_needs_no_cleaning(url):
    assert urls._split(url) == urls._split_any(url)


@given(st.text(max_size=80))
def test_any_text_has_a_key(text):
    assert isinstance(urls.url_key(text), str)


def test_the_publishers_number_is_read_by_the_sources_pattern():
    assert urls.publisher_number("https://daily.example/news/4711/old-slug", r"/news/(\d+)/") == "4711"
    assert urls.publisher_number("https://daily.example/about", r"/news/(\d+)/") is None
    assert urls.publisher_number(None, r"/news/(\d+)/") is None
    assert urls.publisher_number("https://daily.example/news/4711/", None) is None


@pytest.mark.parametrize("pattern", [r"/news/\d+/", r"/news/(\d+"])
def test_a_pattern_without_a_group_is_an_error_that_says_so(pattern):
    with pytest.raises(NightwireError, match="first group"):
        urls.publisher_number("https://daily.example/news/4711/", pattern)


def article(**changes: object) -> str:
    facts = {
        "source": "zz_daily",
        "url_key": "daily.example/a",
        "publisher_number": None,
        "body_sha256": "ab",
        "part": 0,
    }
    return urls.article_id(**{**facts, **changes})


def test_an_article_keeps_its_id_by_its_strongest_identity():
    assert article() == article(body_sha256="cd")  # a corrected page
    assert article(publisher_number="7") == article(
        publisher_number="7", url_key="daily.example/new-slug", body_sha256="cd"
    )
    assert article(url_key=None) != article(url_key=None, body_sha256="cd")
    different = [article(), article(part=1), article(source=None), article(source="zz_other"), article(url_key=None), article(publisher_number="7"), article(url_key="7"), article(url_key=None, body_sha256="7")]  # fmt: skip
    assert len(set(different)) == len(different)


def test_ids_stay_what_they_were():
    """Ids are keys in lakes that exist: a change here orphans every stored article."""
    assert article() == "ee212fe81b4c4375be2ddc8c28651638"
    assert (
        urls.capture_id(source="zz_daily", url=ARTICLE, body_sha256="ab", captured_at=None)
        == "fc72e9bd1cc3770c680955152707d493"
    )


def test_a_file_loaded_twice_is_one_capture_and_two_fetches_are_two():
    def capture(hour: int | None) -> str:
        moment = None if hour is None else datetime(2026, 11, 19, hour, tzinfo=UTC)
        return urls.capture_id(source="zz_daily", url=ARTICLE, body_sha256="ab", captured_at=moment)

    assert capture(None) == capture(None)
    assert len({capture(None), capture(1), capture(2)}) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"Read this article in\n{ARTICLE}\nStart your subscription today\nhttps://daily.example/subscribe",
            ARTICLE,
        ),
        (f"{ARTICLE}?utm_source=print", ARTICLE),
        (f"<{ARTICLE}>.", ARTICLE),
        (f"{ARTICLE}\n{ARTICLE}/", ARTICLE),
        (f"{ARTICLE}\n{ARTICLE}-2", None),  # two articles: which is this one?
        (f"The ministry published the list at {ARTICLE} on Thursday evening.", None),
        ("https://daily.example/subscribe", None),
        ("https://daily.example/subscribe/offer-2026-11", None),
        ("https://daily.example/", None),
        ("https://daily.example/news", None),
        ("https://daily.example/2026/11/19/photo.jpg", None),
        ("No address here", None),
        ("", None),
    ],
)
def test_the_address_a_text_prints_of_itself(text, expected):
    assert urls.find_url(text) == expected
