"""One page that a person names: fetched politely, or a sentence that says why not."""

from __future__ import annotations

import pytest

from articles.errors import NightwireError
from newsroom import Newsroom, truth
from spiders import fetch_page, load_sources

SOURCES = tuple(load_sources().values())


def page(outcome: str) -> str:
    return next(one.url for one in truth() if one.outcome == outcome and one.listed and one.night == 1)


@pytest.fixture(scope="module")
def newsroom():
    with Newsroom() as site:
        yield site.url


def test_a_page_of_a_known_source_comes_with_its_name_and_bytes(newsroom):
    url = page("article")
    capture = fetch_page(url, SOURCES, newsroom=newsroom)
    assert capture.status == 200
    assert capture.source == next(one.source for one in truth() if one.url == url)
    assert b"<html" in capture.body.lower()


def test_a_page_of_no_source_has_none(newsroom):
    assert fetch_page(page("article"), (), newsroom=newsroom).source is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (page("disallowed"), "robots.txt"),
        (page("not_found"), "404"),
        ("file:///etc/hostname", "no address of a page"),
    ],
)
def test_what_cannot_be_had_is_said(url, said, newsroom):
    with pytest.raises(NightwireError, match=said):
        fetch_page(url, SOURCES, newsroom=newsroom)
