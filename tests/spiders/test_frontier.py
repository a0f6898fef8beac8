"""The memory of addresses: what is asked for when, what is never asked twice, what the lake is told."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from articles.errors import NightwireError
from spiders.frontier import MAX_NIGHTS, Candidate, FeedState, Frontier, State, Verdict

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NIGHT = date(2026, 11, 20)


def candidate(key: str, **changes: object) -> Candidate:
    plain = Candidate(
        url_key=key,
        url=f"http://{key}",
        publisher_number=None,
        via="feed",
        title=None,
        published=None,
        updated=None,
        changed_at=None,
        skip=None,
    )
    return replace(plain, **changes)


def feed(**changes: object) -> FeedState:
    plain = FeedState(
        url="http://d.example/feed",
        source="zz_d",
        via="feed",
        status=200,
        reason=None,
        etag='"1"',
        last_modified=None,
        body_sha256="ab",
        items=1,
        new_items=0,
        newest="today",
        fails=0,
        checked_at=NOW,
        last_ok_at=NOW,
        last_new_at=None,
    )
    return replace(plain, **changes)


@pytest.fixture
def frontier(tmp_path):
    with Frontier.open(tmp_path / "frontier.sqlite") as frontier:
        yield frontier


def record(frontier, *candidates, night=NIGHT):
    return frontier.record("zz_d", candidates, night=night, at=NOW)


def due(frontier, night=NIGHT, limit=100, corrections=100):
    return [
        one.url_key
        for one in frontier.due("zz_d", night=night, limit=limit, correction_limit=corrections).waiting
    ]


def fetch(frontier, key, night=NIGHT, also=()):
    return frontier.fetched(key, source="zz_d", status=200, night=night, at=NOW, also=also)


def test_an_address_is_due_until_it_is_fetched_and_then_known(frontier):
    assert record(frontier, candidate("d.example/a")) == [Verdict.NEW]
    assert record(frontier, candidate("d.example/a")) == [Verdict.DUE]
    assert due(frontier) == ["d.example/a"]

    fetch(frontier, "d.example/a")

    assert record(frontier, candidate("d.example/a"), night=NIGHT + timedelta(days=9)) == [Verdict.KNOWN]
    assert due(frontier, NIGHT + timedelta(days=9)) == []


def test_twins_and_renamed_articles_are_one(frontier):
    first = candidate("d.example/1-old-slug", publisher_number="1")
    renamed = candidate("d.example/1-new-slug", publisher_number="1")

    assert record(frontier, first, first, renamed) == [Verdict.NEW, Verdict.TWIN, Verdict.TWIN]
    fetch(frontier, first.url_key)
    assert record(frontier, renamed) == [Verdict.KNOWN]
    assert frontier.record("zz_other", [replace(renamed, url_key="o.example/1")], night=NIGHT, at=NOW) == [
        Verdict.NEW
    ]


def test_a_failure_is_tried_once_a_night_and_given_up_in_the_end(frontier):
    record(frontier, candidate("d.example/a"))
    for attempt in range(MAX_NIGHTS):
        night = NIGHT + timedelta(days=attempt)
        assert due(frontier, night) == ["d.example/a"]
        frontier.failed("d.example/a", reason="http_500", status=500, night=night)
        assert due(frontier, night) == []
    assert due(frontier, NIGHT + timedelta(days=99)) == []
    assert record(frontier, candidate("d.example/a"), night=NIGHT + timedelta(days=99)) == [Verdict.KNOWN]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_given_up_at_once(frontier, status):
    record(frontier, candidate("d.example/a"))
    frontier.failed("d.example/a", reason=f"http_{status}", status=status, night=NIGHT)
    assert due(frontier, NIGHT + timedelta(days=1)) == []


def test_a_page_is_fetched_again_only_when_its_stated_change_moves(frontier):
    at_noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    record(frontier, candidate("d.example/a", changed_at=at_noon))
    fetch(frontier, "d.example/a")
    tonight = NIGHT + timedelta(days=1)

    for same in (None, at_noon, at_noon - timedelta(hours=5), NOW + timedelta(days=70_000)):
        assert record(frontier, candidate("d.example/a", changed_at=same), night=tonight) == [Verdict.KNOWN]
    moved = candidate("d.example/a", changed_at=at_noon + timedelta(minutes=5))
    assert record(frontier, moved, night=tonight) == [Verdict.DUE]
    assert due(frontier, tonight) == ["d.example/a"]
    assert due(frontier, tonight, corrections=0) == []  # a correction has a share of its own
    fetch(frontier, "d.example/a", tonight)
    assert record(frontier, moved, night=tonight + timedelta(days=1)) == [Verdict.KNOWN]


def test_a_first_stated_change_counts_only_when_it_is_later_than_our_fetch(frontier):
    record(frontier, candidate("d.example/a"), candidate("d.example/b"))
    fetch(frontier, "d.example/a")
    fetch(frontier, "d.example/b")

    assert record(frontier, candidate("d.example/a", changed_at=NOW - timedelta(hours=1))) == [Verdict.KNOWN]
    assert record(frontier, candidate("d.example/b", changed_at=NOW + timedelta(hours=1))) == [Verdict.DUE]
    assert record(frontier, candidate("d.example/a", changed_at=NOW)) == [Verdict.DUE]


def test_newest_first_corrections_last_and_no_more_than_the_budget(frontier):
    days = [NOW - timedelta(days=number) for number in range(4)]
    record(frontier, *(candidate(f"d.example/{number}", changed_at=day) for number, day in enumerate(days)))
    fetch(frontier, "d.example/0")
    record(frontier, candidate("d.example/0", changed_at=NOW + timedelta(hours=1)))

    assert due(frontier) == ["d.example/1", "d.example/2", "d.example/3", "d.example/0"]
    assert due(frontier, limit=2) == ["d.example/1", "d.example/2"]
    assert frontier.due("zz_d", night=NIGHT, limit=2, correction_limit=2).total == 4


def test_where_a_redirect_led_is_known_too(frontier):
    record(frontier, candidate("d.example/old"), candidate("d.example/new"))

    released = fetch(
        frontier,
        "d.example/old",
        also=[candidate("d.example/new"), candidate("d.example/newest", via="redirect")],
    )

    assert released == ["d.example/new"]
    assert due(frontier) == []
    assert record(frontier, candidate("d.example/newest")) == [Verdict.KNOWN]


def test_what_another_source_has_met_stays_its_business(frontier):
    record(frontier, candidate("d.example/old"))
    frontier.record("zz_other", [candidate("d.example/new")], night=NIGHT, at=NOW)

    assert fetch(frontier, "d.example/old", also=[candidate("d.example/new")]) == []
    assert frontier.due("zz_other", night=NIGHT, limit=9, correction_limit=9).total == 1


def test_what_was_skipped_comes_back_when_the_reason_is_gone(frontier):
    record(frontier, candidate("d.example/video", skip="not_article_url"), candidate("d.example/a"))
    frontier.skipped("d.example/a", reason="robots", night=NIGHT)
    assert due(frontier) == []

    assert record(frontier, candidate("d.example/video", skip="not_article_url")) == [Verdict.KNOWN]
    assert record(frontier, candidate("d.example/video")) == [Verdict.DUE]  # the source's file was changed
    assert record(frontier, candidate("d.example/a")) == [
        Verdict.KNOWN
    ]  # the same night: the rules are the same
    assert record(frontier, candidate("d.example/a"), night=NIGHT + timedelta(days=1)) == [Verdict.DUE]


def test_a_feed_is_remembered_together_with_what_it_brought(frontier):
    frontier.record("zz_d", [candidate("d.example/a")], night=NIGHT, at=NOW, endpoint=feed())
    known = frontier.feed_state("http://d.example/feed")
    assert known == feed(new_items=1, last_new_at=NOW)
    assert frontier.feed_state("http://d.example/other") is None

    broken = replace(candidate("d.example/b"), url=None)  # violates the table: nothing of the batch may stay
    with pytest.raises(sqlite3.IntegrityError):
        frontier.record(
            "zz_d", [candidate("d.example/c"), broken], night=NIGHT, at=NOW, endpoint=feed(etag='"2"')
        )
    assert frontier.feed_state("http://d.example/feed") == known
    assert due(frontier) == ["d.example/a"]


def test_the_lake_is_told_each_change_once_and_none_is_lost(frontier):
    record(frontier, candidate("d.example/a", title="About a"))
    changes = frontier.changes()
    (told,) = changes.urls
    assert (told.url_key, told.state, told.title, told.first_seen_at) == (
        "d.example/a",
        State.PENDING,
        "About a",
        NOW,
    )
    record(frontier, candidate("d.example/b"))  # while the lake is still writing
    frontier.mark_synced(changes)

    changes = frontier.changes()
    assert [row.url_key for row in changes.urls] == ["d.example/b"]
    frontier.mark_synced(changes)
    fetch(frontier, "d.example/a")
    frontier.record("zz_d", [], night=NIGHT, at=NOW, endpoint=feed())
    changes = frontier.changes()
    assert [(row.url_key, row.state, row.fetched_at) for row in changes.urls] == [
        ("d.example/a", State.FETCHED, NOW)
    ]
    assert [row.url for row in changes.feeds] == ["http://d.example/feed"]


def test_work_of_a_night_does_not_scan_what_is_known(frontier):
    """Both questions of a night are answered from an index, however many addresses are known."""
    asked: list[str] = []
    database = frontier._database
    database.set_trace_callback(asked.append)
    record(frontier, candidate("d.example/a", publisher_number="1"))
    due(frontier)
    database.set_trace_callback(None)
    for statement in asked:
        if statement.startswith(("select", "update seen", "\n")):
            plan = [row["detail"] for row in database.execute(f"explain query plan {statement}")]
            assert not any(step.startswith("SCAN seen_urls") for step in plan), (statement, plan)


def test_a_file_that_is_no_frontier_is_named_with_the_next_step(tmp_path):
    path = tmp_path / "frontier.sqlite"
    path.write_bytes(b"These are notes about something else, long enough to be looked at." * 20)
    with pytest.raises(NightwireError, match=r"frontier\.sqlite cannot be used .* move it away"):
        Frontier.open(path)

    path.unlink()
    Frontier.open(path).close()
    with sqlite3.connect(path) as database:
        database.execute("pragma user_version = 99")
    with pytest.raises(NightwireError, match=r"newer Nightwire .* upgrade"):
        Frontier.open(path)
