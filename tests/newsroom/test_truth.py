"""The truth is what the pages really say, on both nights."""

from __future__ import annotations

import pytest

from newsroom import outlets, truth
from newsroom.pages import answer

OUTLETS = {outlet.host: outlet for outlet in outlets()}
ARTICLES = [page for page in truth() if page.outcome == "article"]


def html_of(page) -> str:
    outlet = OUTLETS[page.host]
    charset = next(
        article.charset
        for article in outlet.articles
        if (article.path, article.night) == (page.path, page.night)
    )
    return answer(outlet, page.path, page.night).body.decode(charset)


@pytest.fixture(params=ARTICLES, ids=lambda page: f"{page.outlet}-{page.night}-{page.path[-24:]}")
def page(request):
    return request.param


def test_the_body_stands_on_the_page_in_order(page, visible_text):
    seen = visible_text(html_of(page))
    starts = [seen.find(text) for text in page.body]

    assert page.body
    assert -1 not in starts
    assert starts == sorted(starts)


def test_every_line_of_noise_stands_on_the_page_as_often_as_it_is_listed(page, visible_text):
    seen = visible_text(html_of(page))
    listed = [noise.text for noise in page.noise]

    for text in listed:
        containing = sum(text in other for other in listed) + sum(text in body for body in page.body)
        assert listed.count(text) <= seen.count(text), text
        if text in (page.title, *(n.text for n in page.noise if n.kind in ("caption", "repeat"))):
            assert seen.count(text) == containing, text


def test_no_line_is_both_text_and_noise(page):
    assert not {noise.text for noise in page.noise} & set(page.body)


def test_markup_has_a_date_exactly_where_the_truth_says_so(page):
    html = html_of(page)

    assert (page.published_at is not None and page.published_at.isoformat() in html) == page.is_machine_dated
    assert ("2026-11-" in html) == page.is_machine_dated


def test_old_pages_do_not_change_on_the_second_night():
    changed = {
        (outlet.stem, before.stem)
        for outlet in outlets()
        for before in outlet.on(1)
        if answer(outlet, before.path, 1) != answer(outlet, before.path, 2)
    }

    assert changed == {("frontier_monitor", "1119-arithmetic"), ("khabar_tuzan", "40507")}


def test_dates_fall_on_the_nights_they_belong_to():
    days = {
        night: {
            page.published_date.isoformat() for page in truth() if page.night == night and page.published_date
        }
        for night in (1, 2)
    }

    assert days[1] == {"2026-11-18", "2026-11-19"}
    assert days[2] == {"2026-11-19", "2026-11-20"}
