"""Runs, nights and what the crawler knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from articles.errors import NightwireError
from articles.records import Reason, Rejected
from tests.warehouse.pages import NOW, page, prose, rows, store
from warehouse import (
    FeedState,
    KnownSource,
    Lake,
    Outcome,
    Refusal,
    SeenUrl,
    SourceCrawl,
    finish_run,
    mark_killed_runs,
    record_source_nights,
    run_checks,
    run_lock,
    silent_sources,
    start_run,
    store_refusals,
    store_sources,
    sync_seen,
)

NIGHT = NOW.date()


def crawl(source: str = "zz_post", *, stored: int = 1, failed: int = 0) -> SourceCrawl:
    return SourceCrawl(
        source=source,
        asked=stored + failed + 2,
        stored=stored,
        failed=failed,
        skipped=2,
        failed_by_reason={"http_error": failed} if failed else {},
        skipped_by_reason={"robots": 1, "known": 1},
    )


def test_a_run_is_written_when_it_starts_and_when_it_ends(lake: Lake):
    run_id = start_run(
        lake,
        flow="nightly",
        night=NIGHT,
        parameters={"sources": ["zz_post"]},
        versions={"reader": "1"},
        now=NOW,
    )
    assert run_id.startswith("nightly-2026-11-21-")
    assert rows(lake, "select outcome, ended_at, parameters from runs") == [
        ("running", None, '{"sources": ["zz_post"]}')
    ]
    finish_run(
        lake, run_id, outcome=Outcome.OK, counts={"new": 3}, message="fine", now=NOW + timedelta(minutes=5)
    )
    assert rows(lake, "select outcome, ended_at - started_at, counts, message from runs") == [
        ("ok", timedelta(minutes=5), '{"new": 3}', "fine")
    ]
    with pytest.raises(NightwireError, match="knows no run nobody"):
        finish_run(lake, "nobody", outcome=Outcome.OK, counts={}, message=None, now=NOW)


def test_a_killed_run_is_marked_by_the_next_one_that_holds_the_lock(lake: Lake, tmp_path: Path):
    dead = start_run(lake, flow="nightly", night=NIGHT, parameters={}, versions={}, now=NOW)
    with run_lock(lake.home, "nightly") as held:
        assert mark_killed_runs(lake, held, now=NOW) == [dead]
        assert mark_killed_runs(lake, held, now=NOW) == []
    ((outcome, ended_at, message),) = rows(lake, "select outcome, ended_at, message from runs")
    assert (outcome, ended_at) == ("killed", NOW)
    assert "found dead" in str(message)
    with run_lock(tmp_path, "nightly") as elsewhere, pytest.raises(ValueError, match="says nothing about"):
        mark_killed_runs(lake, elsewhere, now=NOW)


def test_a_night_is_counted_from_what_the_run_loaded(lake: Lake):
    store(lake, page("a", prose(1)), page("b", prose(2)), run_id="first")
    store(
        lake, page("a", prose(3), hours=24, published_at=NOW), page("c", prose(4), hours=24), run_id="second"
    )
    failed = Rejected(capture_id=None, stage="fetch", reason=Reason.HTTP_ERROR, detail="404")
    store_refusals(
        lake,
        [Refusal(rejected=failed, source="zz_post", requested_url="http://p.example/x")],
        run_id="second",
        now=NOW,
    )

    for _ in range(2):
        record_source_nights(lake, [crawl(stored=2, failed=1)], night=NIGHT, run_id="second")

    assert rows(
        lake,
        "select asked, new_articles, changed_articles, rejected, newest_published_at, health, failed_by_reason "
        "from source_nights",
    ) == [(5, 1, 1, 1, NOW, "ok", {"http_error": 1})]


def test_a_night_says_what_a_person_should_know_of_a_source(lake: Lake):
    """Lists that overflowed, addresses left for later, and a certificate nobody vouches for; nothing of a source that is well."""
    feed = "http://p.example/feed"
    noted = replace(crawl("zz_noted"), overflowed_lists=(feed,), over_budget=40, is_tls_unchecked=True)
    record_source_nights(lake, [noted, crawl("zz_well")], night=NIGHT, run_id="r")
    notices = rows(
        lake, "select source, notice, detail from report_run_notices where run_id = 'r' order by notice"
    )
    assert [(source, notice) for source, notice, _ in notices] == [
        ("zz_noted", "articles lost"),
        ("zz_noted", "certificate not checked"),
        ("zz_noted", "over budget"),
    ]
    assert feed in str(notices[0][2])
    assert "40" in str(notices[2][2])


def test_several_runs_of_one_night_are_added_up(lake: Lake):
    for run_id in ("first", "second"):
        record_source_nights(lake, [crawl()], night=NIGHT, run_id=run_id)
    assert rows(lake, "select run_count, asked, stored, skipped from mart_source_nights") == [(2, 6, 2, 4)]


def test_a_source_that_always_had_news_and_has_none_is_silent(lake: Lake):
    """Five nights with news, then none; a source with one empty night among the five is only quiet."""
    for number in range(5):
        night, run_id = NIGHT + timedelta(days=number), f"run-{number}"
        pages = [page(f"n{number}", prose(number), source=source) for source in ("zz_steady", "zz_patchy")]
        store(lake, *pages[: 1 if number == 2 else 2], run_id=run_id)
        record_source_nights(lake, [crawl("zz_steady"), crawl("zz_patchy")], night=night, run_id=run_id)
    crawls = [crawl("zz_steady"), crawl("zz_patchy"), crawl("zz_dead", stored=0, failed=3)]
    record_source_nights(lake, crawls, night=NIGHT + timedelta(days=5), run_id="last")
    assert rows(lake, "select source, health from source_nights where run_id = 'last' order by 1") == [
        ("zz_dead", "failing"),
        ("zz_patchy", "quiet"),
        ("zz_steady", "silent"),
    ]
    assert silent_sources(lake, "last") == ["zz_steady"]
    record_source_nights(lake, [crawl("zz_steady")], night=NIGHT + timedelta(days=4), run_id="again")
    assert silent_sources(lake, "again") == [], "a second run of a night with news is no silence"
    record_source_nights(lake, [crawl("zz_steady")], night=NIGHT + timedelta(days=6), run_id="later")
    assert silent_sources(lake, "later") == ["zz_steady"], "silent until it brings news again"
    assert rows(lake, "select source from report_quiet_sources order by 1") == [
        ("zz_dead",),
        ("zz_patchy",),
        ("zz_steady",),
    ]


def test_an_empty_night_long_ago_does_not_hide_a_silence_and_dead_feeds_are_named(lake: Lake):
    for number in range(7):
        pages = [] if number == 0 else [page(f"n{number}", prose(number), source="zz_steady")]
        store(lake, *pages, run_id=f"run-{number}")
        record_source_nights(
            lake, [crawl("zz_steady")], night=NIGHT + timedelta(days=number), run_id=f"run-{number}"
        )
    dead = replace(crawl("zz_dead", stored=0), lists_asked=2, lists_failed=2)
    record_source_nights(lake, [crawl("zz_steady"), dead], night=NIGHT + timedelta(days=7), run_id="last")
    assert rows(lake, "select source, health from source_nights where run_id = 'last' order by 1") == [
        ("zz_dead", "unreachable"),
        ("zz_steady", "silent"),
    ]


def test_a_failed_fetch_is_a_row_of_its_run_and_an_unreadable_file_one_row_for_ever(lake: Lake):
    fetch = Rejected(capture_id=None, stage="fetch", reason=Reason.HTTP_ERROR, detail="404")
    file = Rejected(capture_id=None, stage="file", reason=Reason.UNREADABLE, detail="it may not be opened")
    refusals = [
        Refusal(rejected=fetch, source="zz_post", requested_url="http://p.example/x"),
        Refusal(rejected=file, requested_url="old/texts/1.txt"),
    ]
    assert store_refusals(lake, refusals, run_id="first", now=NOW) == 2
    assert store_refusals(lake, refusals, run_id="first", now=NOW) == 0
    assert store_refusals(lake, refusals, run_id="second", now=NOW) == 1
    assert store_refusals(lake, [], run_id="third", now=NOW) == 0


def test_what_the_crawler_knows_is_copied_and_only_what_changed_is_written(lake: Lake):
    source = KnownSource(
        source="zz_post",
        publisher="The Post",
        home="http://p.example/",
        country="zz",
        languages=("en", "fa"),
        timezone="UTC",
    )
    seen = SeenUrl(
        url_key="p.example/a",
        source="zz_post",
        url="http://p.example/a",
        first_seen_at=NOW,
        via="feed",
        lastmod=None,
        last_fetch_at=None,
        status=None,
        attempts=0,
    )
    feed = FeedState(
        source="zz_post",
        feed_url="http://p.example/feed",
        via="feed",
        status=200,
        reason=None,
        items=3,
        new_items=1,
        newest="Fri, 20 Nov 2026 10:00:00 GMT",
        checked_at=NOW,
        etag='"1"',
        last_modified=None,
        body_sha256=None,
        last_ok_at=NOW,
        last_new_at=None,
        fails=0,
    )
    assert (store_sources(lake, [source]), sync_seen(lake, [seen], [feed])) == (1, 2)
    assert (store_sources(lake, [source]), sync_seen(lake, [seen], [feed])) == (0, 0)
    assert rows(lake, "select languages from sources") == [(["en", "fa"],)]
    store(lake, page("a", prose(1)))
    assert rows(lake, "select publisher, country from mart_articles") == [("The Post", "zz")]


def test_days_are_counted_by_publication_and_without_one_by_first_sight(lake: Lake):
    store(
        lake,
        page("a", prose(1), published_date=date(2026, 11, 1)),
        page("b", prose(2), published_date=None),
    )
    assert rows(lake, "select counted_date, article_count from mart_daily_counts order by 1") == [
        (date(2026, 11, 1), 1),
        (NIGHT, 1),
    ]
    assert "nothing_lost_asked" not in {broken.name for broken in run_checks(lake)}
