"""Every shape that the sample web promises is there: one row a shape."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from protego import Protego

from newsroom import PageTruth, outlets, truth
from newsroom.pages import answer

OUTLETS = {outlet.host: outlet for outlet in outlets()}
STATES = {
    (outlet.host, article.path, article.night): article for outlet in outlets() for article in outlet.articles
}


def article_of(page: PageTruth):
    return STATES[page.host, page.path, page.night]


def kinds_of(page: PageTruth) -> list[str]:
    return [noise.kind for noise in page.noise]


def own_kinds_of(page: PageTruth) -> list[str]:
    return [line.kind for part in article_of(page).parts for line in part.lines]


def bytes_of(page: PageTruth) -> bytes:
    return answer(OUTLETS[page.host], page.path, page.night).body


def repeats(page: PageTruth, kind: str) -> int:
    """How often the first line of a kind stands on the page in all."""
    line = next((noise.text for noise in page.noise if noise.kind == kind), None)
    return sum(noise.text == line for noise in page.noise)


SHAPES: dict[str, Callable[[PageTruth], bool]] = {
    "a caption three times": lambda page: repeats(page, "caption") == 3,
    "the headline again in the body": lambda page: repeats(page, "title") == 2,
    "a subscription letter with a price and QR codes": lambda page: (
        own_kinds_of(page).count("appeal") >= 8
        and any("£" in noise.text for noise in page.noise)
        and sum("QR" in noise.text for noise in page.noise) == 2
    ),
    "six articles on one page, five without a headline": lambda page: page.titles[1:] == (None,) * 5,
    "two articles on one page, both with a headline": lambda page: len(page.titles) == 2 and all(page.titles),
    "a photo credit": lambda page: "credit" in kinds_of(page),
    "a related link that says so": lambda page: any(
        noise.kind == "related" and ":" in noise.text for noise in page.noise
    ),
    "a related link that is a bare headline": lambda page: any(
        noise.kind == "related" and any(noise.text == other.title for other in truth())
        for noise in page.noise
    ),
    "an author bio": lambda page: "bio" in own_kinds_of(page),
    "a contribution line": lambda page: "contribution" in own_kinds_of(page),
    "a wire line": lambda page: "wire" in own_kinds_of(page),
    "a comment form": lambda page: b"<textarea" in bytes_of(page) and kinds_of(page).count("chrome") >= 3,
    "a newsletter box": lambda page: page.outlet == "karsan_post" and "appeal" in kinds_of(page),
    "a correction": lambda page: (
        page.night == 2 and page.modified_at is not None and "Correction" in page.body[-1]
    ),
    "a moved address": lambda page: bool(page.moved_from) and page.listed == page.moved_from,
    "a slug that changes on the second night": lambda page: page.night == 2 and bool(page.moved_from),
    "a twin with tracking parameters": lambda page: any("utm_source=" in url for url in page.listed),
    "an AMP twin": lambda page: page.amp in page.listed,
    "an address with a query": lambda page: "?id=" in page.path,
    "an address in Persian letters": lambda page: "%D8" in page.path,
    "a listed dead link": lambda page: page.outcome == "not_found" and bool(page.listed),
    "a challenge page": lambda page: page.outcome == "challenge_page",
    "a page that is no article": lambda page: page.outcome == "not_an_article",
    "a page that robots.txt forbids": lambda page: page.outcome == "disallowed" and bool(page.listed),
    "a busy address": lambda page: page.is_busy_first,
    "a header that names the wrong charset": lambda page: (
        "iso-8859-1" in article_of(page).content_type and article_of(page).charset == "utf-8"
    ),
    "a legacy charset named in meta alone": lambda page: (
        article_of(page).charset == "windows-1256"
        and "charset" not in article_of(page).content_type
        and b"charset=windows-1256" in bytes_of(page)
    ),
    "a flash": lambda page: 45 <= sum(len(text.split()) for text in page.body) <= 90,
    "only a relative date": lambda page: page.published_at is None and page.printed_date == "3 hours ago",
    "no date at all": lambda page: (
        page.outcome == "article" and page.published_at is None and page.printed_date is None
    ),
    "only a printed Jalali date": lambda page: page.calendar == "jalali" and not page.is_machine_dated,
    "only a printed Hijri date": lambda page: page.calendar == "hijri" and not page.is_machine_dated,
    "a Levantine month": lambda page: "تشرين الثاني" in (page.printed_date or ""),
    "Arabic-Indic digits": lambda page: "١٨" in (page.printed_date or ""),
    "Persian digits": lambda page: "۱۴۰۵" in (page.printed_date or ""),
    "an agency named in Arabic": lambda page: page.language == "ar" and page.agency == "AFP",
    "an agency named in Persian": lambda page: page.language == "fa" and page.agency == "Reuters",
    "an agency named in Urdu": lambda page: page.language == "ur" and page.agency == "AFP",
    "an article that cites Reuters and is its own": lambda page: (
        page.happening == "talks-agreed" and page.agency is None and page.language == "en"
    ),
}
# The last row names the fifth outlet; that its text is its own is tested below.


@pytest.mark.parametrize("shape", SHAPES)
def test_a_promised_shape_is_there(shape):
    assert any(SHAPES[shape](page) for page in truth())


@pytest.mark.parametrize("kind", ["rss", "atom", "sitemap-index", "news-sitemap", "section"])
def test_pages_are_found_in_every_way(kind):
    assert any(row.kind == kind for outlet in outlets() for row in outlet.discovery)


def test_every_outlet_has_a_page_of_its_own_making():
    layouts = {(outlet.folder / "article.html").read_bytes() for outlet in outlets()}

    assert len(layouts) == len(outlets())


def test_the_wire_story_is_one_text_at_four_outlets():
    carriers = [page for page in truth() if page.wire_group == "talks-agreed"]
    sketches = {page.outlet: runs(page.body) for page in carriers}

    assert len(sketches) == 4
    assert {page.agency for page in carriers} == {"Reuters"}
    assert len({page.title for page in carriers}) == 4
    for one, other in combinations(sketches.values(), 2):
        assert len(one & other) / min(len(one), len(other)) > 0.5


def test_the_wire_story_is_trimmed_reworked_and_localised():
    by_outlet = {page.outlet: page for page in truth() if page.wire_group == "talks-agreed"}
    whole, trimmed = by_outlet["karsan_post"].body, by_outlet["valley_desk"].body
    reworked, localised = by_outlet["oshan_herald"].body, by_outlet["frontier_monitor"].body

    assert len(trimmed) < 0.6 * len(whole)
    assert reworked[0] not in whole
    assert reworked[-1] not in whole
    assert "neighbor" in " ".join(whole)
    assert "neighbour" in " ".join(localised)
    assert "Mr. Salehnia" in " ".join(localised)


def test_a_fifth_outlet_tells_it_in_its_own_words():
    carriers = set().union(*(runs(page.body) for page in truth() if page.wire_group == "talks-agreed"))
    own = [
        page
        for page in truth()
        if page.happening == "talks-agreed" and page.wire_group is None and page.language == "en"
    ]

    assert [page.outlet for page in own] == ["saffron_ledger"]
    assert not runs(own[0].body) & carriers


def test_no_other_two_articles_share_text():
    """Beyond names and titles of people, which are phrases of five words and more."""
    groups = {}
    for page in truth():
        if page.outcome != "article":
            continue
        for number, body in enumerate(page.bodies):
            stem = article_of(page).stem
            groups.setdefault((page.outlet, stem, number), (page.wire_group, runs(body)))

    for (wire_one, one), (wire_other, other) in combinations(groups.values(), 2):
        if wire_one is None or wire_one != wire_other:
            assert len(one & other) < 0.05 * min(len(one), len(other))


def runs(body: tuple[str, ...]) -> set[tuple[str, ...]]:
    words = " ".join(body).split()
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


def test_robots_forbid_what_the_truth_calls_disallowed_and_nothing_else_that_is_listed():
    for page in truth():
        robots = Protego.parse(OUTLETS[page.host].robots or "")
        allowed = robots.can_fetch(page.url, "nightwire")
        assert allowed == (page.outcome != "disallowed"), page.url


def test_one_outlet_asks_for_a_delay_and_has_few_pages():
    delays = {outlet.host: Protego.parse(outlet.robots or "").crawl_delay("*") for outlet in outlets()}
    slow = [host for host, delay in delays.items() if delay]

    assert [delays[host] for host in slow] == [1]
    listed = {
        url for page in truth() if page.host in slow and page.outcome == "article" for url in page.listed
    }
    assert len(listed) <= 4


def test_most_outlets_have_news_on_the_second_night_and_one_is_silent():
    fresh = {
        outlet.stem: {article.stem for article in outlet.on(2)} - {article.stem for article in outlet.on(1)}
        for outlet in outlets()
    }

    assert [stem for stem, new in fresh.items() if not new] == ["al_jisr"]


def test_a_challenge_page_shows_nothing_of_its_article(visible_text):
    page = next(page for page in truth() if page.outcome == "challenge_page")
    html = answer(OUTLETS[page.host], page.path, 1).body.decode()

    assert "Checking your browser" in visible_text(html)
    assert not any(text in html for text in page.body)
