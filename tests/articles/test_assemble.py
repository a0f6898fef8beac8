"""An article's fields are chosen among claims, and every claim is kept with what was chosen."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from articles import read_page
from articles.assemble import make_article
from articles.metadata import Stated
from articles.records import (
    Article,
    Block,
    BlockKind,
    Calendar,
    DatePrecision,
    Evidence,
    Published,
    Source,
)

URL = "https://www.valley-post.example/2026/11/19/bridge-reopens"
BODY = "The bridge over the gorge reopened on Thursday after a week of repairs, and lorries began to cross at noon."


def make(
    *blocks: tuple[BlockKind, str], stated: Stated | None = None, part: int = 0, url: str | None = URL
) -> Article:
    return make_article(
        [
            Block(position=n, text=text, kind=kind, rule="test", confidence=1.0)
            for n, (kind, text) in enumerate(blocks or [(BlockKind.BODY, BODY)])
        ],
        stated=stated or Stated(),
        url=url,
        source=Source(zone=ZoneInfo("Asia/Karachi")),
        captured_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        part=part,
        is_start_unsure=False,
        reader_version="1",
    )


def claim(field: str, value: str, *, origin: str = "json-ld", text: str | None = None) -> Evidence:
    return Evidence(field=field, origin=origin, value=value, text=text or value, is_chosen=False)


def published(day: int, origin: str, *, hour: int | None = None) -> Published:
    return Published(
        at=None if hour is None else datetime(2026, 11, day, hour, tzinfo=UTC),
        day=date(2026, 11, day),
        precision=DatePrecision.DAY if hour is None else DatePrecision.SECOND,
        calendar=Calendar.GREGORIAN,
        origin=origin,
        text=f"{day} November 2026",
    )


def kept(article: Article, field: str) -> list[tuple[str, str, bool]]:
    return [
        (found.origin, found.value, found.is_chosen) for found in article.evidence if found.field == field
    ]


def test_winners_and_losers_are_kept():
    article = make(
        (BlockKind.BYLINE, "By John Roe"),
        (BlockKind.PUBLISHED, "Published 18 November 2026"),
        (BlockKind.BODY, BODY),
        stated=Stated(
            title="Bridge reopens",
            signed=("Jane Doe",),
            published=(published(19, "json-ld", hour=9), published(19, "meta", hour=9)),
            evidence=(
                claim("title", "Bridge reopens"),
                claim("title", "The bridge is back", origin="og"),
                claim("authors", "Jane Doe"),
                claim("published", "2026-11-19T09:00:00Z"),
            ),
        ),
    )
    assert (article.title, article.authors, article.published_date) == (
        "Bridge reopens",
        ("Jane Doe",),
        date(2026, 11, 19),
    )
    assert kept(article, "title") == [
        ("json-ld", "Bridge reopens", True),
        ("og", "The bridge is back", False),
    ]
    assert kept(article, "authors") == [("json-ld", "Jane Doe", True), ("text", "John Roe", False)]
    assert kept(article, "published") == [
        ("json-ld", "2026-11-19T09:00:00Z", True),
        ("text", "2026-11-18", False),
        ("url", "2026-11-19", False),
    ]
    assert kept(article, "language") == [("text", "en", True)]


def test_claims_are_kept_once_short_and_few_the_chosen_ones_first():
    long = "e\u0301" * 400  # cut at 300 the last letter would lose its accent
    many = [claim("title", f"Claim {n}", origin="meta") for n in range(20)]
    article = make(
        stated=Stated(title="Bridge", evidence=(*many, *many, claim("title", "Bridge", text=long)))
    )
    found = [evidence for evidence in article.evidence if evidence.field == "title"]
    assert len(found) == len({(evidence.origin, evidence.value) for evidence in found}) == 8
    assert (found[0].value, found[0].is_chosen) == ("Bridge", True)
    assert len(found[0].text) == 300
    odd = make(stated=Stated(title="Bridge", evidence=(claim("title", "Bridge", text="x" + long),)))
    assert [len(evidence.text) for evidence in odd.evidence if evidence.field == "title"] == [299]


def test_a_pages_claims_speak_of_its_first_article_only():
    page = Stated(
        title="Bridge reopens",
        signed=("Jane Doe",),
        published=(published(19, "json-ld"),),
        evidence=(claim("title", "Bridge reopens"),),
    )
    article = make(
        (BlockKind.TITLE, "Market closes"),
        (BlockKind.BYLINE, "By John Roe"),
        (BlockKind.BODY, BODY),
        stated=page,
        part=1,
    )
    assert (article.title, article.authors, article.published_date) == ("Market closes", ("John Roe",), None)
    assert {evidence.origin for evidence in article.evidence} == {"text"}


@pytest.mark.parametrize(
    ("stated", "blocks", "authors"),
    [
        (Stated(signed=("Jane Doe", "AFP")), (), ("Jane Doe", "AFP")),
        (Stated(house=("Valley Post",)), ((BlockKind.BYLINE, "By John Roe"),), ("John Roe",)),
        (Stated(house=("Valley Post",), named=("Jane Doe",)), (), ("Jane Doe",)),
        (Stated(house=("Valley Post",)), (), ("Valley Post",)),
        (Stated(), (), ()),
    ],
)
def test_who_signs_in_the_order_of_trust(stated, blocks, authors):
    assert make(*blocks, (BlockKind.BODY, BODY), stated=stated).authors == authors


def test_an_agency_that_signs_is_credited_with_the_text():
    article = make(stated=Stated(signed=("AFP",)))
    assert (article.agency, article.agency_rule) == ("AFP", "byline.agency")
    assert kept(article, "agency") == [("text", "AFP", True)]
    two = make((BlockKind.BYLINE, "AFP/Reuters"), (BlockKind.BODY, BODY))
    assert two.agency is None
    assert kept(two, "agency") == [("text", "AFP", False), ("text", "Reuters", False)]


def test_the_moment_of_the_last_change_is_no_moment_of_publication_where_an_earlier_day_is_stated():
    changed = published(20, "json-ld", hour=9)
    article = make(
        stated=Stated(
            published=(published(18, "json-ld", hour=9), published(20, "meta", hour=9)), modified=changed
        ),
        url=None,
    )
    assert article.published_date == date(2026, 11, 18)
    fresh = make(
        stated=Stated(published=(published(20, "meta", hour=9), published(18, "time")), modified=changed),
        url=None,
    )
    assert fresh.published_date == date(2026, 11, 20)  # the first save of a page is its last change too


def test_what_a_record_declares_is_evidence():
    record = {
        "text": f"Bridge reopens\n{BODY}",
        "title": "Bridge reopens",
        "published": "2026-11-19",
        "authors": ["Jane Doe"],
        "language": "EN",
    }
    (article,) = read_page(json.dumps(record).encode(), url=None, content_type="application/json").articles
    declared = [
        (found.field, found.value, found.text, found.is_chosen)
        for found in article.evidence
        if found.origin == "record"
    ]
    assert declared == [
        ("title", "Bridge reopens", "Bridge reopens", True),
        ("authors", "Jane Doe", "Jane Doe", True),
        ("published", "2026-11-19", "2026-11-19", True),
        ("language", "en", "EN", True),
    ]


def test_an_article_without_claims_has_no_values():
    article = make((BlockKind.BODY, "42"), url=None)
    assert (article.title, article.authors, article.published_date, article.language, article.agency) == (
        None,
        (),
        None,
        None,
        None,
    )
    assert article.evidence == ()
