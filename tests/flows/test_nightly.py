"""Two nights of the sample web, held against what its own files say should be found, and asked what the README asks."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from newsroom import truth
from spiders import load_sources

SOURCES = load_sources()
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\*\*(.+?)\*\*\n+```sql\n(.+?)```", README, flags=re.MULTILINE | re.DOTALL)


def identity(source: str, url: str) -> tuple[str, str]:
    """What stays the same when an outlet gives an article another address."""
    return source, SOURCES[source].publisher_number(url) or url


LATEST = {identity(page.source, page.url): page for page in truth()}  # a later state replaces the earlier one
ARTICLES = [page for page in LATEST.values() if page.outcome == "article" and page.listed]


@pytest.fixture(scope="module")
def by_address(two_nights):
    rows = two_nights.ask(
        "select source, url, title, text, published_date, language from articles order by url, part"
    )
    found = defaultdict(list)
    for source, url, *rest in rows:
        found[identity(source, url)].append(rest)
    return found


def of(page, by_address):
    return by_address.get(identity(page.source, page.url), [])


def test_every_listed_article_is_in_the_lake_and_nothing_else(by_address):
    expected = {identity(page.source, page.url) for page in ARTICLES}
    assert set(by_address) == expected


def test_headlines_and_languages_are_the_ones_printed(by_address):
    wrong = [
        (page.url, page.title, rows[0][0])
        for page in ARTICLES
        if (rows := of(page, by_address)) and page.title is not None and rows[0][0] != page.title
    ]
    assert not wrong
    assert not [page.url for page in ARTICLES for row in of(page, by_address) if row[3] != page.language]


def test_no_day_is_wrong_and_few_are_unknown(by_address):
    stated = [page for page in ARTICLES if page.published_date is not None and of(page, by_address)]
    read = {page.url: of(page, by_address)[0][2] for page in stated}
    wrong = {page.url: read[page.url] for page in stated if read[page.url] not in (None, page.published_date)}
    assert not wrong
    assert sum(day is None for day in read.values()) <= 2
    undated = [page for page in ARTICLES if page.published_date is None and page.printed_date is None]
    assert undated, "the sample web has a page without a date"
    assert all(of(page, by_address)[0][2] is None for page in undated)


def test_the_text_is_the_paragraphs_and_none_of_the_furniture(by_address):
    lost, left = [], []
    for page in ARTICLES:
        text = "\n".join(row[1] for row in of(page, by_address))
        lines = set(text.split("\n"))
        lost += [(page.url, line) for line in page.body if " ".join(line.split()) not in lines]
        left += [(page.url, noise.kind, noise.text) for noise in page.noise if noise.text in lines]
    total_body = sum(len(page.body) for page in ARTICLES)
    total_noise = sum(len(page.noise) for page in ARTICLES)
    assert len(lost) <= 0.005 * total_body, lost
    assert len(left) <= 0.05 * total_noise, left


def test_the_wire_story_is_one_group_of_four_and_nobody_else_joins(two_nights):
    (wire,) = two_nights.ask("select agency, article_count, source_count, copy_group_id from mart_wires")
    carriers = {page.source for page in truth() if page.wire_group is not None}
    assert wire[:3] == ("Reuters", 4, 4)
    members = two_nights.ask(
        "select distinct source from copy_members join articles using (article_id) "
        f"where copy_group_id = '{wire[3]}'"
    )
    assert {row[0] for row in members} == carriers


def test_a_happening_told_in_own_words_is_one_story_with_its_reasons_and_the_next_one_is_another(two_nights):
    """A ferry and a boat a day later, a mine and a quarry a day later: told by one outlet in the same kind of words."""
    happening = {identity(page.source, page.url): page.happening for page in ARTICLES}
    told = defaultdict(set)
    for story, source, url in two_nights.ask(
        "select story_id, source, url from story_members join articles on article_id = copy_group_id"
    ):
        told[story].add(identity(source, url))
    shared = [pages for pages in told.values() if len(pages) > 1]

    assert all(len({happening[page] for page in pages}) == 1 for pages in shared), shared
    for name, outlets in (
        ("dal-kinara-ferry", 3),
        ("golandar-mine", 2),
        ("rafiya-boat", 1),
        ("andarz-quarry", 1),
    ):
        pages = {page for page, named in happening.items() if named == name}
        assert len(pages) == outlets
        assert pages in told.values(), name
    reasons = two_nights.ask(
        "select publishers, independent_text_count, shared_names, shared_numbers from mart_stories "
        "where title like 'Fourteen drown%' or title like '%گلندر%'"
    )
    ferry, mine = sorted(reasons, key=lambda row: -row[1])
    assert ferry[:2] == (["Karsan Post", "The Oshan Herald", "Valley Desk"], 3)
    assert {"dal kinara", "jamal tarkhan"} <= set(ferry[2])
    assert {"14", "37", "51"} <= set(ferry[3])
    assert {"9", "17"} <= set(mine[3])


def test_the_summary_names_the_wire_and_who_changed_what(two_nights):
    summary = two_nights.reports[0]
    assert "  4 publishers, Reuters (named by all 4 articles): Karsan, Zarvan agree to talks" in summary
    assert re.search(r"kept least +Valley Desk: \d\d% of it", summary)
    assert re.search(r"added most +The Oshan Herald: \d+ words of its own", summary)
    assert "headline    The Oshan Herald: After the Drones" in summary
    assert "wires" not in two_nights.reports[1], "the second night brought no copies"
    assert "  The Frontier Monitor: The arithmetic of a raid" in two_nights.reports[1]
    assert "figure      six → five: … the gate. There are five of them." in two_nights.reports[1]


def test_a_correction_is_a_second_version_and_the_first_is_kept(two_nights):
    corrections = two_nights.ask(
        "select source, version, text_before <> text_after from mart_corrections where is_by_publisher"
    )
    corrected = {
        page.source
        for page in truth()
        if page.night == 2 and any(other.url == page.url and other.night == 1 for other in truth())
    }
    assert {row[0] for row in corrections} == corrected
    assert all(row[1:] == (2, True) for row in corrections)


def test_one_page_is_fetched_once_by_whatever_address_it_was_listed(two_nights):
    assert not two_nights.ask("select url_key, part, count(*) from articles group by all having count(*) > 1")
    twins = [page for page in ARTICLES if len(page.listed) > 1 or page.amp or page.moved_from]
    assert len(twins) >= 3, "the sample web has a tracking twin, an AMP twin and a moved page"


def test_what_robots_txt_disallows_was_skipped_and_counted(two_nights):
    disallowed = {page.source for page in truth() if page.outcome == "disallowed"}
    skipped = two_nights.ask(
        "select source from source_nights where map_extract(skipped_by_reason, 'robots') <> [] group by source"
    )
    assert {row[0] for row in skipped} == disallowed


def test_pages_that_are_no_article_are_set_aside_with_their_reason(two_nights):
    reasons = set(two_nights.ask("select requested_url, reason from rejected"))
    for page in LATEST.values():
        key = page.url
        if page.outcome in ("challenge_page", "not_an_article"):
            assert (key, page.outcome) in reasons
        elif page.outcome == "not_found":
            assert (key, "http_error") in reasons


def test_the_second_run_of_a_night_fetches_and_changes_nothing(two_nights):
    runs = two_nights.ask("select run_id, outcome from runs where flow = 'nightly' order by started_at")
    assert [outcome for _, outcome in runs] == ["ok", "ok", "ok"]
    for table in ("captures", "articles", "article_versions", "copies", "copy_members", "readings"):
        assert two_nights.ask(f"select count(*) from {table} where run_id = '{runs[2][0]}'") == [(0,)], table
    assert two_nights.ask(f"select sum(asked) from source_nights where run_id = '{runs[2][0]}'") == [(0,)]


def test_a_feed_that_went_silent_is_named_the_same_night(two_nights):
    quiet = two_nights.ask("select source from report_quiet_sources")
    assert quiet
    assert any(source in two_nights.reports[1] for (source,) in quiet)


def test_the_cookbook_holds_ten_questions_or_more():
    assert len(QUESTIONS) >= 10


@pytest.mark.parametrize(("question", "statement"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_question_of_the_cookbook_has_an_answer(question, statement, two_nights):
    assert two_nights.ask(statement), f"{question} has no row in two nights of the sample web"
