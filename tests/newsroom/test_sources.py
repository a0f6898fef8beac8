"""The source files by which the crawler visits the sample web say the same as the outlets."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from newsroom import outlets, truth

SOURCES = Path(__file__).parents[2] / "spiders" / "sources"
KEYS = {
    "rss": "feeds",
    "atom": "feeds",
    "sitemap-index": "sitemaps",
    "news-sitemap": "sitemaps",
    "section": "sections",
}


def source_of(outlet) -> dict:
    return tomllib.loads((SOURCES / f"zz_{outlet.stem}.toml").read_text("utf-8"))


@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.stem)
def test_a_source_file_agrees_with_its_outlet(outlet):
    source = source_of(outlet)
    children = {path for row in outlet.discovery for path in row.children}
    expected: dict[str, list[str]] = {}
    for row in outlet.discovery:
        if row.path not in children:
            expected.setdefault(KEYS[row.kind], []).append(f"http://{outlet.host}{row.path}")

    assert {key: source[key] for key in set(KEYS.values()) & source.keys()} == expected
    assert (source["publisher"], source["home"]) == (outlet.name, f"http://{outlet.host}/")
    assert (source["languages"], source["timezone"]) == ([outlet.language], outlet.zone.key)
    assert (source["country"], source["group"]) == ("zz", "sample")


def test_every_source_of_the_sample_web_has_an_outlet():
    assert {path.stem for path in SOURCES.glob("zz_*.toml")} == {page.source for page in truth()}


@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.stem)
def test_article_patterns_fit_every_article_and_the_number_outlives_the_slug(outlet):
    source = source_of(outlet)
    numbers: dict[str, set[str]] = {}
    for article in outlet.articles:
        if article.outcome == "not_an_article":
            continue
        for path in (article.path, *article.listed, *article.moved_from):
            assert re.search(source.get("article_url", ""), f"http://{outlet.host}{path}"), path
            if "article_id" in source:
                found = re.search(source["article_id"], f"http://{outlet.host}{path}")
                assert found, path
                numbers.setdefault(found[1], set()).add(article.stem)

    assert all(len(stems) == 1 for stems in numbers.values())
