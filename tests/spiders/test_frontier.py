"""The memory of addresses: what is asked for when, what is never asked twice, what the lake is told."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.errors import NightwireError
from spiders import SourceFile
from spiders.discovery import Found, candidates
from spiders.frontier import MAX_NIGHTS, Candidate, FeedState, Frontier, State, Verdict

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NIGHT = date(2026, 11, 20)
DAY = timedelta(days=1)


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


def record(frontier, *candidates, night=NIGHT, is_past=False):
    return frontier.record("zz_d", candidates, night=night, at=NOW, is_past=is_past)


def due(frontier, night=NIGHT, limit=100, **keys):
    return [one.url_key for one in frontier.due("zz_d", night=night, limit=limit, **keys).waiting]


def fetch(frontier, key, night=NIGHT, also=()):
    return frontier.fetched(key, source="zz_d", status=200, night=night, at=NOW, also=also)


def test_an_address_is_due_until_it_is_fetched_and_then_known(frontier):
    assert record(frontier, candidate("d.example/a")) == [Verdict.NEW]
    assert record(frontier, candidate("d.example/a")) == [Verdict.DUE]
    assert due(frontier) == ["d.example/a"]

    fetch(frontier, "d.example/a")

    assert record(frontier, candidate("d.example/a")) == [Verdict.KNOWN]
    assert due(frontier) == []


def test_twins_and_renamed_articles_are_one(frontier):
    first = candidate("d.example/1-old-slug", publisher_number="1")
    renamed = candidate("d.example/1-new-slug", publisher_number="1")

    assert record(frontier, first, first, renamed) == [Verdict.NEW, Verdict.TWIN, Verdict.TWIN]
    fetch(frontier, first.url_key)
    assert record(frontier, renamed) == [Verdict.KNOWN]
    assert frontier.record("zz_other", [replace(renamed, url_key="o.example/1")], night=NIGHT, at=NOW) == [
        Verdict.NEW
    ]


NUMBERED = SourceFile(
    name="zz_d",
    publisher="D",
    home="http://d.example/",
    country="zz",
    languages=("en",),
    timezone="UTC",
    feeds=("http://d.example/feed",),
    article_url="/news/",
    article_id=r"/news/(\d+)",
)
ADDRESSES = [
    *(f"http://{host}d.example/news/{number}{rest}" for number in range(3) for host in ("", "www.") for rest in ("", "-slug", "/amp", "?utm_source=x")),
    *(f"http://d.example/{kind}/{number}" for number in range(3) for kind in ("video", "tag")),
    *(f"http://d.example/news/word-{number}" for number in range(3)),
]  # fmt: skip


@settings(deadline=None)
@given(
    lists=st.lists(st.lists(st.sampled_from(ADDRESSES), max_size=6), max_size=5), fetched=st.integers(0, 3)
)
def test_no_article_is_taken_for_another(lists, fetched):
    """Whatever the order: each article that was listed is asked for once, and nothing else is."""

    def article(url: str) -> str:
        return NUMBERED.publisher_number(url) or url.removeprefix("http://d.example/news/")

    listed = {article(url) for urls in lists for url in urls if "/news/" in url}
    asked = []
    with Frontier.open(Path(":memory:")) as frontier:
        for urls in lists:
            found = list(candidates([Found(url=url) for url in urls], NUMBERED, "feed"))
            verdicts = record(frontier, *found)
            assert len(verdicts) == len(urls)
            for one in frontier.due("zz_d", night=NIGHT, limit=fetched).waiting:
                asked.append(article(one.url))
                fetch(frontier, one.url_key)
        asked += [article(one.url) for one in frontier.due("zz_d", night=NIGHT, limit=99).waiting]
    assert sorted(asked) == sorted(listed)


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
    fetch(frontier, "d.example/a", NIGHT + DAY)
    tonight = NIGHT + 2 * DAY  # no night for a check

    for same in (None, at_noon, at_noon - timedelta(hours=5), NOW + timedelta(days=70_000)):
        assert record(frontier, candidate("d.example/a", changed_at=same), night=tonight) == [Verdict.KNOWN]
    moved = candidate("d.example/a", changed_at=at_noon + timedelta(minutes=5))
    assert record(frontier, moved, night=tonight) == [Verdict.DUE]
    assert due(frontier, tonight) == ["d.example/a"]
    fetch(frontier, "d.example/a", tonight)
    assert record(frontier, moved, night=tonight) == [Verdict.KNOWN]


def test_a_first_stated_change_counts_only_when_it_is_later_than_our_fetch(frontier):
    record(frontier, candidate("d.example/a"), candidate("d.example/b"))
    fetch(frontier, "d.example/a")
    fetch(frontier, "d.example/b")

    assert record(frontier, candidate("d.example/a", changed_at=NOW - timedelta(hours=1))) == [Verdict.KNOWN]
    assert record(frontier, candidate("d.example/b", changed_at=NOW + timedelta(minutes=9))) == [Verdict.DUE]
    assert record(frontier, candidate("d.example/a", changed_at=NOW)) == [Verdict.DUE]


def test_a_moment_that_has_not_come_is_no_change_then_or_later(frontier):
    """A feed that prints local time as UTC is five hours ahead; its entries are not fetched twice for that."""
    ahead = candidate("d.example/a", published="20 Nov 2026 06:30 GMT", changed_at=NOW + timedelta(hours=4.5))
    record(frontier, ahead, candidate("d.example/b", changed_at=NOW - timedelta(hours=1)))
    assert due(frontier) == ["d.example/a", "d.example/b"]  # it counts as met now
    fetch(frontier, "d.example/a")

    def again(one: Candidate, hours: float) -> list[Verdict]:
        return frontier.record("zz_d", [one], night=NIGHT, at=NOW + timedelta(hours=hours))

    assert again(ahead, 1) == again(ahead, 6) == again(ahead, 7) == [Verdict.KNOWN]
    moved = replace(ahead, published="20 Nov 2026 07:30 GMT", changed_at=NOW + timedelta(hours=5.5))
    assert again(moved, 1) == [Verdict.KNOWN]
    assert again(moved, 8) == [Verdict.DUE]


def test_newest_first_corrections_last_and_no_more_than_the_budget(frontier):
    days = [NOW - timedelta(days=number) for number in range(4)]
    record(frontier, *(candidate(f"d.example/{number}", changed_at=day) for number, day in enumerate(days)))
    fetch(frontier, "d.example/0")
    record(frontier, candidate("d.example/0", changed_at=NOW + timedelta(minutes=5)))

    assert due(frontier) == ["d.example/1", "d.example/2", "d.example/3", "d.example/0"]
    given = frontier.due("zz_d", night=NIGHT, limit=2)
    assert [one.url_key for one in given.waiting] == ["d.example/1", "d.example/2"]
    assert (given.total, given.corrections_left) == (4, 1)
    assert due(frontier) == ["d.example/1", "d.example/2", "d.example/3"]  # the correction waits for tomorrow
    assert due(frontier, NIGHT + DAY)[3:] == ["d.example/0"]


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
    assert frontier.due("zz_other", night=NIGHT, limit=9).total == 1


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


def test_a_further_page_is_owed_until_it_is_read_or_fails_for_good(frontier):
    page = ("http://d.example/world?page=2", 2)
    section = feed(url="http://d.example/world", via="section")

    def meet(key: str, endpoint: FeedState, **changes: object) -> list[tuple[str, int]]:
        frontier.record(
            "zz_d", [candidate(key, **changes)], night=NIGHT, at=NOW, endpoint=endpoint, next_page=page
        )
        return [(one.url, one.owed) for one in frontier.owed("zz_d")]

    assert meet("d.example/tag", section, skip="not_article_url") == []
    assert meet("d.example/a", section) == [page]
    assert meet("d.example/a", section) == [page]  # nothing new, and it has not been read yet
    second = replace(section, url=page[0])
    frontier.record(
        "zz_d", [], night=NIGHT, at=NOW, endpoint=replace(second, owed=2, reason="http_500", fails=1)
    )
    assert [one.owed for one in frontier.owed("zz_d")] == [2]
    frontier.record("zz_d", [], night=NIGHT, at=NOW, endpoint=second)
    assert frontier.owed("zz_d") == frontier.owed("zz_other") == []


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


def test_a_page_is_looked_at_again_three_times_and_then_never(frontier):
    record(frontier, candidate("d.example/a"))
    asked = []
    for number in range(30):
        tonight = NIGHT + number * DAY
        if due(frontier, tonight):
            asked.append(number)
            if number == 1:
                frontier.unchanged("d.example/a", night=tonight)
            else:
                fetch(frontier, "d.example/a", tonight)
        assert due(frontier, tonight) == []
    assert asked == [0, 1, 3, 7]


def test_missed_nights_are_not_made_up_for(frontier):
    record(frontier, candidate("d.example/a"))
    fetch(frontier, "d.example/a")
    fetch(frontier, "d.example/a", NIGHT + 4 * DAY)
    assert due(frontier, NIGHT + 6 * DAY) == []
    assert due(frontier, NIGHT + 7 * DAY) == ["d.example/a"]


def test_a_check_that_fails_is_given_up_until_the_next_one(frontier):
    record(frontier, candidate("d.example/a"), candidate("d.example/gone"))
    for key in ("d.example/a", "d.example/gone"):
        fetch(frontier, key)
    frontier.failed("d.example/gone", reason="http_404", status=404, night=NIGHT + DAY)
    failing = []
    for number in range(30):
        tonight = NIGHT + number * DAY
        failing += [(number, key) for key in due(frontier, tonight)]
        for key in due(frontier, tonight):
            frontier.failed(key, reason="http_500", status=500, night=tonight)
    assert failing == [(number, "d.example/a") for number in (1, 2, 3, 7)]


@pytest.mark.parametrize(
    ("fresh", "lists", "limit", "corrections"),
    [(0, 1, 100, 1), (7, 1, 100, 2), (27, 1, 100, 7), (27, 1, 30, 3), (9, 1, 9, 0)],
)
def test_corrections_take_a_fifth_of_the_requests_at_most(frontier, fresh, lists, limit, corrections):
    old = [candidate(f"d.example/{number}") for number in range(40)]
    record(frontier, *old)
    for one in old:
        fetch(frontier, one.url_key)
    moved = candidate("d.example/39", changed_at=NOW + timedelta(minutes=5))
    tonight = NIGHT + DAY
    record(frontier, moved, *(candidate(f"d.example/new-{number}") for number in range(fresh)), night=tonight)

    given = frontier.due("zz_d", night=tonight, limit=limit, correction_share=0.2, lists=lists)
    again = [one.url_key for one in given.waiting if "new" not in one.url_key]
    assert (len(again), len(given.waiting)) == (corrections, fresh + corrections)
    assert again[:1] == ["d.example/39"][:corrections]  # its list says that it has changed
    assert (given.total, given.corrections_left) == (fresh + 40, 40 - corrections)


def test_a_check_without_room_is_dropped_in_the_end(frontier):
    record(frontier, candidate("d.example/a"))
    fetch(frontier, "d.example/a")
    assert due(frontier, NIGHT + 14 * DAY) == ["d.example/a"]
    late = frontier.due("zz_d", night=NIGHT + 15 * DAY, limit=9)
    assert (late.waiting, late.total, late.dropped) == ((), 1, 1)
    assert frontier.due("zz_d", night=NIGHT + 15 * DAY, limit=9).total == 0


def test_the_past_waits_in_a_queue_of_its_own(frontier):
    old, older = (candidate(f"d.example/{day}", changed_at=NOW - day * DAY) for day in (400, 800))
    assert record(frontier, older, old, is_past=True) == [Verdict.NEW, Verdict.NEW]

    assert frontier.due("zz_d", night=NIGHT, limit=9).total == 0
    assert due(frontier, is_past=True) == [old.url_key, older.url_key]
    skipped = replace(older, skip="too_old")
    assert record(frontier, skipped, old) == [Verdict.KNOWN, Verdict.DUE]  # met by a night's list as well
    assert due(frontier) == [old.url_key]
    assert due(frontier, is_past=True) == [older.url_key]
    assert record(frontier, old, is_past=True) == [Verdict.KNOWN]  # and not back
    fetch(frontier, older.url_key)
    assert due(frontier, NIGHT + DAY, is_past=True) == due(frontier, NIGHT + DAY)[1:] == []


def test_a_list_of_the_past_wakes_what_was_given_up_but_neither_the_gone_nor_the_fetched(frontier):
    keys = [f"d.example/{name}" for name in ("fetched", "gone", "failed", "skipped")]
    record(frontier, *map(candidate, keys))
    fetch(frontier, keys[0])
    frontier.failed(keys[1], reason="http_410", status=410, night=NIGHT)
    for number in range(MAX_NIGHTS):
        frontier.failed(keys[2], reason="timed_out", status=None, night=NIGHT + number * DAY)
    frontier.skipped(keys[3], reason="robots", night=NIGHT)

    later = [candidate(key, changed_at=NOW + 9 * DAY) for key in keys]
    for _ in range(2):
        assert record(frontier, *later, night=NIGHT + 9 * DAY, is_past=True) == [
            *(Verdict.KNOWN, Verdict.KNOWN, Verdict.DUE, Verdict.DUE)
        ]


def test_the_past_comes_in_chunks_each_address_once(frontier):
    """Also when some of a chunk are not answered for, and dates are the same or missing."""
    record(
        frontier,
        *(
            candidate(f"d.example/{number}", changed_at=NOW - (number // 3) * DAY if number % 5 else None)
            for number in range(40)
        ),
        is_past=True,
    )
    seen, after, counts = [], None, []
    while True:
        chunk = frontier.due("zz_d", night=NIGHT, limit=7, is_past=True, after=after)
        if not chunk.waiting:
            break
        seen += [one.url_key for one in chunk.waiting]
        counts.append(chunk.total)
        for one in chunk.waiting[::2]:
            fetch(frontier, one.url_key)
        frontier.failed(chunk.waiting[1].url_key, reason="http_500", status=500, night=NIGHT)
        after = chunk.after
    assert sorted(seen) == sorted({f"d.example/{number}" for number in range(40)})
    assert counts == [40, 7, 7, 7, 7, 5]


FORM_1 = """
create table seen_urls (
    url_key text primary key, source text not null, publisher_number text, url text not null, via text not null,
    title text, published text, updated text, changed_at text, state text not null, status integer, reason text,
    attempts integer not null, due_night text, last_night text, first_seen_at text not null, fetched_at text,
    change integer not null
) strict;
create index seen_urls_number on seen_urls (source, publisher_number) where publisher_number is not null;
create index seen_urls_waiting on seen_urls (source, due_night) where due_night is not null;
create index seen_urls_change on seen_urls (change);
create table feed_state (
    url text primary key, source text not null, via text not null, status integer, reason text, etag text,
    last_modified text, body_sha256 text, items integer, new_items integer not null, newest text,
    fails integer not null, checked_at text not null, last_ok_at text, last_new_at text, change integer not null
) strict;
create index feed_state_change on feed_state (change);
create table counters (name text primary key, value integer not null) strict;
insert into counters values ('change', 7), ('synced', 5);
insert into seen_urls values ('d.example/a', 'zz_d', '1', 'http://d.example/a', 'feed', 'A', null, null, null, 'fetched',
    200, null, 0, null, '2026-11-18', '2026-11-18T02:00:00+00:00', '2026-11-18T02:00:05+00:00', 6);
insert into seen_urls values ('d.example/b', 'zz_d', '2', 'http://d.example/b', 'feed', 'B', null, null, null, 'pending',
    null, null, 0, '2026-11-19', null, '2026-11-19T02:00:00+00:00', null, 7);
insert into feed_state values ('http://d.example/feed', 'zz_d', 'feed', 200, null, '"1"', null, 'ab', 2, 1, null, 0,
    '2026-11-19T02:00:00+00:00', '2026-11-19T02:00:00+00:00', null, 7);
pragma user_version = 1;
"""


def test_a_file_of_the_form_before_is_brought_up_in_place(tmp_path):
    path, fresh = tmp_path / "frontier.sqlite", tmp_path / "fresh.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript(FORM_1)
    Frontier.open(fresh).close()
    with Frontier.open(path) as frontier:
        assert due(frontier) == ["d.example/b"]
        assert [row.url_key for row in frontier.changes().urls] == ["d.example/a", "d.example/b"]
        assert frontier.feed_state("http://d.example/feed").etag == '"1"'
        assert record(frontier, candidate("d.example/a", changed_at=NOW)) == [Verdict.DUE]
        fetch(frontier, "d.example/a", NIGHT + 2 * DAY)  # first fetched on the 18th: one check is left
    with Frontier.open(path) as frontier:
        assert due(frontier, NIGHT + 4 * DAY) == ["d.example/b"]
        assert due(frontier, NIGHT + 5 * DAY) == ["d.example/b", "d.example/a"]
    with sqlite3.connect(path) as one, sqlite3.connect(fresh) as other:
        for question in (
            "select name from sqlite_schema where name not like 'sqlite_%' order by name",
            "select name, type, dflt_value from pragma_table_info('seen_urls')",
            "select name, type, dflt_value from pragma_table_info('feed_state')",
            "pragma user_version",
        ):
            assert one.execute(question).fetchall() == other.execute(question).fetchall()


def test_work_of_a_night_does_not_scan_what_is_known(frontier):
    """Every question is answered from an index, however many addresses are known or wait."""
    asked: list[str] = []
    database = frontier._database
    database.set_trace_callback(asked.append)
    record(frontier, candidate("d.example/a", publisher_number="1"))
    due(frontier)
    for after in (None, ("2026-11-20", 1)):
        frontier.due("zz_d", night=NIGHT, limit=9, is_past=True, after=after)
    fetch(frontier, "d.example/a")
    database.set_trace_callback(None)
    assert len(asked) > 9
    for statement in asked:
        if statement.startswith(("select", "update seen", "\n")):
            plan = [row["detail"] for row in database.execute(f"explain query plan {statement}")]
            assert not any(step.startswith("SCAN seen_urls") for step in plan), (statement, plan)
            if "is_past = 1 and due_night is not null" in statement:
                assert not any("TEMP B-TREE" in step for step in plan), plan  # a million may wait


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
