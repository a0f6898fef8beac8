"""The files of the outlets: enough of them, all in form, invented, and a clear word where one is not."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsroom import ContentError, outlets, truth
from newsroom.content import read_article, read_outlet
from newsroom.pages import SHARED_TEMPLATES

SHARED = Path(os.environ.get("NIGHTWIRE_SHARED", "../shared"))
DATES = {"pattern": "{day}", "locale": "en", "digits": "latin"}


def test_there_are_enough_outlets_articles_languages_and_calendars():
    articles = [page for page in truth() if page.outcome == "article"]
    pages = {(page.host, page.path.split("/")[-1] or page.path): page.article_count for page in articles}

    assert len(outlets()) >= 8
    assert sum(pages.values()) >= 60
    assert {page.language for page in articles} == {"en", "ar", "fa", "ur"}
    assert {page.calendar for page in articles if page.calendar} == {"gregorian", "jalali", "hijri"}


def test_most_articles_have_the_length_of_news():
    lengths = [
        sum(len(text.split()) for text in body)
        for page in truth()
        if page.outcome == "article"
        for body in page.bodies
    ]

    assert min(lengths) >= 45
    assert max(lengths) <= 600
    assert sum(length >= 90 for length in lengths) >= 0.75 * len(lengths)


def test_hosts_are_under_the_reserved_name_and_addresses_are_unique():
    assert all(outlet.host.endswith(".example") for outlet in outlets())
    addresses = Counter((page.host, page.path, page.night) for page in truth())
    assert set(addresses.values()) == {1}


def test_every_linked_page_of_a_related_line_exists():
    paths = {(page.host, page.path) for page in truth()}
    links = {
        (outlet.host, line.link)
        for outlet in outlets()
        for article in outlet.articles
        for part in article.parts
        for line in part.lines
        if line.link
    }

    assert links
    assert links <= paths


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seeds are not on this machine")
def test_nothing_is_taken_from_the_seeds():
    """No seven words in a row, in any file of the sample web."""
    seeds = set().union(*(_runs(path.read_text("utf-8")) for path in (SHARED / "seeds").glob("*.txt")))
    folders = [outlet.folder for outlet in outlets()] + [SHARED_TEMPLATES]
    ours = set().union(*(_runs(path.read_text("utf-8")) for folder in folders for path in folder.iterdir()))

    assert seeds
    assert not seeds & ours


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[start : start + 7]) for start in range(len(words) - 6)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('path = "/a"\ntitle = "A"\n', "no TOML between two lines of +++"),
        ('+++\npath = "/a\n+++\nText.\n', "this is not TOML"),
        ('+++\ntitle = "A"\n+++\nText.\n', "path must be there"),
        ('+++\npath = "/a"\ntitle = "A"\ntittle = "B"\n+++\nText.\n', "unknown key 'tittle'"),
        (
            '+++\npath = "/a"\ntitle = "A"\npublished = 2026-11-18\n+++\nText.\n',
            "published must be a TOML date",
        ),
        ('+++\npath = "/a"\ntitle = "A"\noutcome = "lost"\n+++\nText.\n', "outcome 'lost' is unknown"),
        ('+++\npath = "/a"\ntitle = "A"\nnight = 3\n+++\nText.\n', "night 3 does not exist"),
        ('+++\npath = "/a"\ntitle = "A"\n+++\n[captoin] Text.\n', "a line is marked [captoin]"),
    ],
)
def test_a_page_file_out_of_form_is_named_with_its_mistake(tmp_path, text, says):
    file = tmp_path / "page.md"
    file.write_text(text, "utf-8")

    with pytest.raises(ContentError) as raised:
        read_article(file, ZoneInfo("UTC"), DATES)

    assert str(file) in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('zone = "Asia/Karachi"\n', "", "zone must be there"),
        ('kind = "rss"', 'kind = "rsss"', "discovery kind 'rsss' is unknown"),
        ("host =", "hosts =", "unknown key 'hosts'"),
        ("tagline =", "# tagline =", "tagline"),
    ],
)
def test_an_outlet_file_out_of_form_is_named_with_its_mistake(tmp_path, old, new, says):
    real = next(outlet for outlet in outlets() if outlet.stem == "karsan_post").folder / "outlet.toml"
    text = real.read_text("utf-8")
    assert old in text
    (tmp_path / "outlet.toml").write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ContentError) as raised:
        read_outlet(tmp_path)

    assert str(tmp_path / "outlet.toml") in str(raised.value)
    assert says in str(raised.value)


def test_an_address_is_percent_encoded_once():
    paths = {url for page in truth() for url in (page.path, *page.listed, *page.moved_from)}

    assert any("%D8" in path for path in paths)
    assert all(path.isascii() and "%25" not in path for path in paths)
