"""The source files that ship: one look at all of them. What they say was never tried from here, and none claims it was."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spiders import SourceFile, load_sources, source_for_url
from spiders.source import PACKAGED_SOURCES, SAMPLE_COUNTRY, site_host

LINES = 10  # of an ordinary file: more needs a rule of its own, not a longer file
OUTLETS = 100  # issue 5: at least so many
DEFAULT_DELAY_S = SourceFile.model_fields["delay_s"].default
SEEDS = {"sa_aawsat", "pk_tns", "us_csmonitor", "gb_iranintl", "us_washpost"}

# Lists that do not live on their publisher's own site, each with the reason to believe that they are the publisher's.
FEED_HOSTS = {
    "feeds.bbci.co.uk": "the BBC's own host for feeds",
    "prod-qt-images.s3.amazonaws.com": "the store of Gulf News' publishing platform",
}

EXAMPLES = tomllib.loads((Path(__file__).parent / "source_examples.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sources() -> dict[str, SourceFile]:
    return load_sources()


@pytest.fixture(scope="module")
def outlets(sources) -> dict[str, SourceFile]:
    return {name: source for name, source in sources.items() if not source.is_sample}


def lists_of(source: SourceFile) -> list[str]:
    return [*source.feeds, *source.sitemaps, *source.sections, *source.archives]


def has_pattern(source: SourceFile) -> bool:
    return source.article_links is not None


def test_the_outlets_of_the_region_are_there(sources, outlets):
    assert len(outlets) >= OUTLETS
    assert {name for name, source in outlets.items() if source.enabled} >= SEEDS
    for source in sources.values():
        assert source.is_sample == (source.group == "sample") == (source.country == SAMPLE_COUNTRY)


def test_a_source_is_a_file_of_ten_lines(sources):
    for name in sources:
        text = (PACKAGED_SOURCES / f"{name}.toml").read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LINES, name


def test_every_list_is_asked_safely_and_where_its_publisher_keeps_it(outlets):
    used = set()
    for name, source in outlets.items():
        assert not source.insecure_tls, name
        for url in (source.home, *lists_of(source)):
            assert url.startswith("https://"), (name, url)
            host = urlsplit(url).hostname
            if not source.is_on_site(url):
                assert host in FEED_HOSTS, f"{name}: {url} is not on its site, and its host is not known"
                used.add(host)
    assert used == FEED_HOSTS.keys()


def test_no_address_is_listed_twice(sources):
    """Twins too: https://daily.example/feed and http://www.daily.example/feed/ are one list."""
    places = Counter(
        (site_host(url), urlsplit(url).path.rstrip("/"), urlsplit(url).query)
        for source in sources.values()
        for url in lists_of(source)
    )
    assert [place for place, count in places.items() if count > 1] == []


def test_nothing_claims_to_work_that_was_not_tried(outlets):
    assert {source.verified for source in outlets.values()} == {"never"}


def test_who_refuses_programs_is_left_alone_and_what_is_off_says_why(outlets):
    for name, source in outlets.items():
        assert source.enabled or source.note, f"{name}: off without a word why"
        assert source.access != "refuses-bots" or not source.enabled, name


def test_no_outlet_is_asked_faster_than_by_default(outlets):
    assert [name for name, source in outlets.items() if source.delay_s < DEFAULT_DELAY_S] == []


def test_notes_and_names_are_for_readers(outlets):
    for name, source in outlets.items():
        assert source.note is None or source.note.endswith("."), name
        assert source.note is None or len(source.note) <= 200, name
        assert "code-index" not in source.model_dump_json(), name
    assert [name for name, count in Counter(s.publisher for s in outlets.values()).items() if count > 1] == []


def test_every_pattern_has_an_example_and_a_counter_example(outlets):
    assert EXAMPLES.keys() <= outlets.keys()
    for name, source in outlets.items():
        if has_pattern(source):
            assert EXAMPLES.get(name, {}).get("articles"), f"{name}: no example of an article's address"
            assert EXAMPLES[name]["others"], f"{name}: no address on its site that is no article"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_source_knows_its_articles_from_other_pages(sources, outlets, name):
    source = outlets[name]
    for url, number in EXAMPLES[name]["articles"].items():
        assert source.is_article(url), url
        assert source.publisher_number(url) == (number or None), url
        assert source_for_url(url, sources.values()) is source, url
    for url in EXAMPLES[name]["others"]:
        assert source.publisher_number(url) is None, url
        assert source.article_url is None or not source.is_article(url), url


def test_a_number_is_told_on_its_own_host_alone(outlets):
    """urdu.geo.tv and images.dawn.com count numbers of their own; m.dawn.com is dawn.com."""
    for name, examples in EXAMPLES.items():
        for url, number in examples["articles"].items():
            host, bare = urlsplit(url).hostname, site_host(url)
            other = url.replace(f"//{host}/", f"//other.{bare}/")
            assert outlets[name].publisher_number(other) is None, other
            for twin in (bare, f"www.{bare}", f"m.{bare}", f"amp.{bare}") if host != bare else ():
                told = outlets[name].publisher_number(url.replace(f"//{host}/", f"//{twin}/"))
                assert told == (number or None), (name, twin)


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://www.bbc.com/news/articles/c9aaaaaaaa1o", "gb_bbc"),
        ("https://www.bbc.co.uk/news/articles/c9aaaaaaaa1o", "gb_bbc"),
        ("https://www.bbc.com/persian/articles/c9aaaaaaaa1o", "gb_bbc_fa"),
        ("https://www.bbc.com/urdu/live/pakistan-53300002", "gb_bbc_ur"),
        ("https://www.bbc.com/russian/articles/c9aaaaaaaa1o", None),  # a service that no source visits
        ("https://www.bbc.com/newsround/52200005", None),  # not below /news
        ("https://www.dw.com/fa-ir/x/a-1", "de_dw_fa"),
        ("https://www.dw.com/fr/x/a-1", None),
        ("https://aawsat.com/home/article/418001/x", "sa_aawsat_ar"),
        ("https://english.aawsat.com/world/5289001-x", "sa_aawsat"),
        ("https://english.aawsat.com/arab-world", "sa_aawsat"),
        ("https://www.thenews.com.pk/tns/category/dialogue", "pk_tns"),
        ("https://www.thenews.com.pk/tns-x", "pk_thenews"),
        ("https://www.thenews.com.pk/latest/category/national", "pk_thenews"),
        ("https://www.theguardian.com/commentisfree/2026/nov/19/x", "gb_guardian"),
        ("https://www.france24.com/fr/moyen-orient/20261119-x", "fr_france24"),
        ("https://en.irna.ir/news/1/x", "ir_irna"),
        ("https://ar.irna.ir/news/1/x", "ir_irna_fa"),
        ("https://gandhara.rferl.org/a/1.html", "cz_gandhara"),
        ("https://www.rferl.org/a/1.html", "cz_rferl"),
        ("https://timesofindia.indiatimes.com/x", "in_toi"),
        ("https://economictimes.indiatimes.com/x", None),
        ("https://www.iranintl.com/202611190001", "gb_iranintl"),  # alone on its host
    ],
)
def test_an_address_on_a_shared_host_goes_to_the_right_source(sources, url, owner):
    found = source_for_url(url, sources.values())
    assert (found.name if found else None) == owner
