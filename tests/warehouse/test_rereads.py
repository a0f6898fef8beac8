"""Trials: what a new reader would change is recorded first, done once, and taken up where a kill left it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from articles.records import BlockKind, Capture, Reading, Reason, Rejected
from tests.warehouse.pages import NOW, load, page, prose, rows, store
from tests.warehouse.test_load import table_hashes
from warehouse import (
    Lake,
    Reader,
    Unread,
    accept_unchanged,
    captures_to_reread,
    count_to_reread,
    record_trials,
    reread_counts,
    run_checks,
    store_captures,
    store_readings,
)

NEW = Reader(version="2", sha256="new")
TRIAL_TABLES = ("reread_pages", "reread_changes")


def read_by_new(capture: Capture, reading: Reading) -> tuple[Capture, Reading]:
    """The new reader takes the second paragraph of each article for an appeal."""
    articles = []
    for article in reading.articles:
        title, first, second, *rest = article.blocks
        blocks = (title, first, replace(second, kind=BlockKind.APPEAL, rule="appeal.new"), *rest)
        text = "\n".join(block.text for block in blocks if block.kind is BlockKind.BODY)
        articles.append(replace(article, blocks=blocks, text=text, reader_version="2"))
    return capture, replace(reading, articles=tuple(articles), reader_version="2")


def waiting(lake: Lake, *, is_trial: bool, scope: Unread = Unread.BY_ANOTHER_READER) -> list[str]:
    batches = captures_to_reread(lake, scope, NEW, is_trial=is_trial)
    found = sorted(str(capture.url) for batch in batches for capture in batch)
    assert count_to_reread(lake, scope, NEW, is_trial=is_trial) == len(found)
    return [url.rsplit("/", 1)[-1] for url in found]


def try_pages(lake: Lake, *pages: tuple[Capture, Reading]) -> list[tuple[Capture, Reading]]:
    return record_trials(lake, pages, NEW, run_id="trial", now=NOW)


def test_a_trial_says_what_would_change_per_source_and_changes_nothing(lake: Lake):
    pages = [page("a", prose(1)), page("b", prose(2)), page("c", prose(3), source="zz_wire")]
    load(lake, *pages)
    before = table_hashes(lake)

    try_pages(lake, *[read_by_new(*one) for one in pages])

    after = table_hashes(lake)
    assert {name for name in after if after[name] != before[name]} == set(TRIAL_TABLES)
    found = reread_counts(lake, NEW)
    assert (found.pages, found.changed, found.waiting) == (3, 3, 3)
    blocks = [one for one in found.changes if one.change == "block"]
    assert [
        (one.source, one.was, one.becomes, one.page_count, one.block_count, one.word_count, one.article_count)
        for one in blocks
    ] == [
        ("zz_post", "body", "appeal", 2, 2, 80, 2),
        ("zz_wire", "body", "appeal", 1, 1, 40, 1),
    ]
    second = pages[2][1].articles[0].blocks[2]
    ((text, place),) = blocks[1].examples
    assert text.rstrip("…") in second.text
    assert place == second.path
    words = {one.source: (one.was, one.word_count) for one in found.changes if one.change == "words"}
    assert words.keys() == {"zz_post", "zz_wire"}
    assert run_checks(lake) == []


def test_what_was_tried_is_not_tried_again_and_what_was_accepted_is_done(lake: Lake):
    pages = [page(name, prose(seed)) for seed, name in enumerate("abc")]
    load(lake, *pages)
    assert waiting(lake, is_trial=True) == ["a", "b", "c"]
    new = [read_by_new(*one) for one in pages]

    try_pages(lake, *new[:2])
    assert waiting(lake, is_trial=True) == ["c"]
    assert waiting(lake, is_trial=False) == ["a", "b", "c"]

    load(lake, new[0])
    assert reread_counts(lake, NEW).waiting == 1
    assert waiting(lake, is_trial=False) == ["b", "c"]
    load(lake, *try_pages(lake, *new[1:]))
    assert waiting(lake, is_trial=False) == waiting(lake, is_trial=True) == []
    found = reread_counts(lake, NEW)
    assert (found.pages, found.changed, found.waiting) == (3, 3, 0)
    assert run_checks(lake) == []


def test_a_page_that_reads_as_before_is_called_read_without_being_stored_again(lake: Lake):
    capture, reading = page("a", prose(1))
    load(lake, (capture, reading))
    same = replace(reading, reader_version="2")

    assert try_pages(lake, (capture, same)) == []
    assert waiting(lake, is_trial=False) == []
    assert accept_unchanged(lake, NEW, run_id="accept", now=NOW) == 1

    assert rows(lake, "select reader_version, run_id from readings") == [("2", "accept")]
    assert rows(lake, "select reader_version, run_id from articles") == [("1", "run")]
    assert accept_unchanged(lake, NEW, run_id="again", now=NOW) == 0
    found = reread_counts(lake, NEW)
    assert (found.pages, found.changed, found.waiting, found.changes) == (1, 0, 0, ())


def test_a_trial_is_made_anew_where_the_lake_holds_another_reading_by_now(lake: Lake):
    capture, reading = page("a", prose(1))
    load(lake, (capture, reading))
    try_pages(lake, read_by_new(capture, reading))
    assert waiting(lake, is_trial=True) == []

    otherwise = replace(reading, articles=(replace(reading.articles[0], title="Renamed"),))
    load(lake, (capture, otherwise), run_id="between")

    assert waiting(lake, is_trial=True) == ["a"]
    try_pages(lake, read_by_new(capture, reading))
    assert {one.change for one in reread_counts(lake, NEW).changes} == {"block", "words", "title"}
    assert rows(lake, "select count(*) from reread_pages") == [(1,)]


def test_another_reader_starts_its_own_trial_and_both_stay_to_be_looked_at(lake: Lake):
    capture, reading = page("a", prose(1))
    load(lake, (capture, reading))
    try_pages(lake, read_by_new(capture, reading))
    newer = Reader(version="2", sha256="newer")
    assert count_to_reread(lake, Unread.BY_ANOTHER_READER, newer, is_trial=True) == 1
    record_trials(lake, [(capture, replace(reading, reader_version="2"))], newer, run_id="r", now=NOW)
    assert rows(
        lake,
        "select reader_sha256, page_count, changed_count, waiting_count from report_rereads order by 1",
    ) == [("new", 1, 1, 1), ("newer", 1, 0, 0)]


def test_a_reading_that_time_or_memory_cut_off_is_no_lasting_trial(lake: Lake):
    capture, reading = page("a", prose(1))
    load(lake, (capture, reading))
    late = Rejected(capture_id=None, stage="read", reason=Reason.TIMED_OUT, detail="took longer than 60 s")

    try_pages(lake, (capture, replace(reading, articles=(), chrome=(), rejected=(late,))))

    assert [one.change for one in reread_counts(lake, NEW).changes if one.change == "rejected"]
    assert waiting(lake, is_trial=True) == ["a"]


def test_what_was_never_read_is_no_trial_but_is_read_when_the_reader_is_accepted(lake: Lake):
    capture, reading = page("a", prose(1))
    store_captures(lake, [capture])
    assert waiting(lake, is_trial=True) == []
    assert waiting(lake, is_trial=False) == ["a"]
    assert try_pages(lake, (capture, reading)) == [(capture, reading)]
    assert rows(lake, "select count(*) from reread_pages") == [(0,)]


def test_all_that_a_wide_trial_showed_is_accepted_by_a_narrow_one(lake: Lake):
    """`reread --everything` shows it, `reread --accept` stores it, though the reader's version is the same."""
    capture, reading = page("a", prose(1), reader="2")
    load(lake, (capture, reading))
    assert waiting(lake, is_trial=False) == []
    assert waiting(lake, is_trial=True, scope=Unread.ALL) == ["a"]
    try_pages(lake, read_by_new(capture, reading))
    assert waiting(lake, is_trial=False) == ["a"]


@pytest.mark.parametrize("which", ["earlier", "later"])
def test_of_an_article_seen_twice_the_blocks_of_its_newest_capture_are_compared(lake: Lake, which: str):
    earlier, later = page("a", prose(1)), page("a", prose(2), hours=5)
    load(lake, earlier, later)
    capture, reading = read_by_new(*(earlier if which == "earlier" else later))

    try_pages(lake, (capture, reading))

    changes = {one.change for one in reread_counts(lake, NEW).changes}
    assert changes == ({"words"} if which == "earlier" else {"words", "block"})
    store_readings(lake, [(capture, reading)], run_id="r", now=NOW)
    assert waiting(lake, is_trial=True) == ["a"], "the other capture is still to be tried"


def test_an_older_lake_without_hashes_is_compared_in_full(lake: Lake):
    pages = [page("a", prose(1)), page("b", prose(2))]
    store(lake, *pages)
    lake.transact(
        lambda connection: connection.execute("update readings set reading_sha256 = null"), message="age"
    )
    first, second = pages
    try_pages(lake, (first[0], replace(first[1], reader_version="2")), read_by_new(*second))
    found = reread_counts(lake, NEW)
    assert (found.pages, found.changed) == (2, 2), "nobody knows what it said of places and evidence"
    assert {one.page_count for one in found.changes} == {1}
