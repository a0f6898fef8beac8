"""The five publishers of the seeds, replayed: lists and pages in their structure, words invented, through the real doors.

`tests/pages/<source>/expected.toml` says for each list which articles it names, and for each page what must be
understood. What was learnt of the structure comes from the seeds, from pages of the same publisher, and from what
public programs know of their markup.
"""

from __future__ import annotations

import gzip
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from articles import Article, Block, read_page
from articles.records import TEXT_KINDS
from articles.urls import url_key
from spiders import SourceFile, crawl, load_sources
from spiders.discovery import Document, candidates, read_feed, read_section, read_sitemap
from warehouse.spool import read_spooled

PAGES = Path(__file__).parents[1] / "pages"
NAMES = ("gb_iranintl", "pk_tns", "sa_aawsat", "us_csmonitor", "us_washpost")
TYPES = {".xml": "application/xml", ".html": "text/html; charset=utf-8"}
EXPECTED = {
    name: tomllib.loads((PAGES / name / "expected.toml").read_text(encoding="utf-8")) for name in NAMES
}
TAKEN = datetime(2026, 11, 20, 1, tzinfo=UTC)


def cases(what: str) -> list[Any]:
    return [
        pytest.param(name, file, given, id=f"{name}-{file}")
        for name in NAMES
        for file, given in EXPECTED[name][what].items()
    ]


def content(name: str, file: str, given: dict[str, Any]) -> bytes:
    body = (PAGES / name / file).read_bytes()
    return gzip.compress(body) if given.get("is_gzipped") else body


@pytest.fixture(scope="module")
def sources() -> dict[str, SourceFile]:
    return {name: source for name, source in load_sources().items() if name in NAMES}


@pytest.mark.parametrize(("name", "file", "given"), cases("lists"))
def test_a_list_gives_its_articles_and_leaves_the_rest_with_a_reason(sources, name, file, given):
    source, body = sources[name], content(name, file, given)
    document = read(body, given, source)

    assert document.reason == given.get("reason")
    found = list(candidates(document.found, source, given["via"]))
    assert [one.url for one in found if one.skip is None] == given.get("articles", [])
    assert {one.url: one.skip for one in found if one.skip is not None} == given.get("left", {})
    known = {page["url"]: page.get("number") for page in EXPECTED[name]["pages"].values()}
    for one in found:
        assert one.publisher_number == known.get(one.url), one.url
        assert one.title, one.url


def read(body: bytes, given: dict[str, Any], source: SourceFile) -> Document:
    if given["via"] == "feed":
        return read_feed(body, url=given["url"], zone=source.zone)
    if given["via"] == "sitemap":
        return read_sitemap(body, url=given["url"], zone=source.zone)
    return read_section(body, url=given["url"], content_type=TYPES[".html"], source=source)


@pytest.mark.parametrize(("name", "file", "given"), cases("pages"))
def test_a_page_is_understood_and_its_furniture_is_in_the_ledger(sources, name, file, given):
    source = sources[name]
    reading = read_page(
        content(name, file, given),
        url=given["url"],
        content_type=TYPES[".html"],
        source=source.as_source(),
        captured_at=TAKEN,
    )

    assert [str(one.reason) for one in reading.rejected] == (
        [given["rejected"]] if "rejected" in given else []
    )
    assert source.is_article(given["url"])
    assert source.publisher_number(given["url"]) == given.get("number")
    wanted = [part for part in (given, given.get("next")) if part and "title" in part]
    assert [article.title for article in reading.articles] == [part["title"] for part in wanted]
    for article, part in zip(reading.articles, wanted, strict=True):
        is_as_expected(article, part, reading.chrome)


def is_as_expected(article: Article, part: dict[str, Any], outside: Sequence[Block]) -> None:
    for key in ("dek", "agency", "dateline", "published_at", "published_date"):
        if key in part:
            assert getattr(article, key) == part[key], key
    if "authors" in part:
        assert list(article.authors) == part["authors"]
    if "published_at" not in part:
        assert article.published_at is None  # a printed day is no midnight

    paragraphs = article.text.split("\n")
    assert paragraphs[0].startswith(part["starts"])
    assert paragraphs[-1].endswith(part["ends"])
    assert len(paragraphs) == part["paragraphs"]
    ledger = [block for block in (*article.blocks, *outside) if block.kind not in TEXT_KINDS]
    assert not {block.text for block in ledger} & set(paragraphs)
    for kind, openings in part["out"].items():
        for opening in openings:
            assert kind in {block.kind.value for block in ledger if block.text.startswith(opening)}, opening


def moved(text: str) -> str:
    """Text, address or pattern with the five publishers' hosts moved to hosts of the sample web."""
    text = re.sub(r"https://([\w.-]+\.(?:com\.pk|com))(?=[/\"<?]|$)", r"http://\1.example", text)
    return re.sub(r"(\\\.com(?:\\\.pk)?)/", r"\1\\.example/", text)


@pytest.fixture(scope="module")
def night(sources, desk, web):
    """One crawl of all five through the real spider, at the addresses of the sample web."""
    visited = []
    for name, source in sources.items():
        lists = {one["url"] for one in EXPECTED[name]["lists"].values()}
        keys = {
            key: [moved(url) for url in getattr(source, key) if url in lists]
            for key in ("feeds", "sitemaps", "sections")
        }
        patterns = {
            key: moved(pattern)
            for key in ("article_url", "article_id")
            if (pattern := getattr(source, key)) is not None
        }
        visited.append(
            SourceFile.model_validate(
                source.model_dump(mode="json")
                | keys
                | patterns
                | {"home": moved(source.home), "delay_s": 0.02}
            )
        )
        for file, given in (EXPECTED[name]["lists"] | EXPECTED[name]["pages"]).items():
            body = moved((PAGES / name / file).read_text(encoding="utf-8")).encode()
            body = gzip.compress(body) if given.get("is_gzipped") else body
            web.put(moved(given["url"]), body, **{"Content-Type": TYPES[Path(file).suffix]})
    web.put(moved("https://www.iranintl.com/202611191625"), "<p>پل تازه باز شد</p>".encode())
    result = crawl(desk.job(*visited), timeout_s=60)
    return SimpleNamespace(
        stats=result.stats, captures=[capture for _, capture in read_spooled(desk.lake / "spool")]
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_night_brings_each_publishers_articles_once(night, sources, name):
    lists = EXPECTED[name]["lists"].values()
    wanted = {moved(url) for one in lists for url in one.get("articles", [])}
    stored = Counter(capture.url for capture in night.captures if capture.source == name)
    assert stored == Counter(wanted)
    assert len({url_key(url) for url in wanted}) == len(wanted)

    stats = night.stats[name]
    assert stats.skipped == Counter(reason for one in lists for reason in one.get("left", {}).values())
    assert stats.failed == {}
    given = {moved(page["url"]): file for file, page in EXPECTED[name]["pages"].items()}
    for capture in night.captures:
        if capture.source == name and capture.url in given:
            page = (PAGES / name / given[capture.url]).read_text(encoding="utf-8")
            assert capture.body == moved(page).encode()
