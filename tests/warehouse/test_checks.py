"""Each check is shown to fail: the lake is broken behind the loading code's back, once for every promise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from articles.records import Reason, Rejected
from tests.warehouse.pages import NOW, load, page, prose, rows
from warehouse import Lake, SourceCrawl, record_source_nights, run_checks, start_run, torn_files
from warehouse.tables import CLAIM, TABLES
from warehouse.views import all_views

TOO_SHORT = Rejected(capture_id=None, stage="read", reason=Reason.TOO_SHORT, detail="nine words")

# check -> what breaks it
PLANTED = {
    "whole_articles": ["update articles set version = 7 where part = 0"],
    "whole_readings": ["update readings set article_ids = ['nobody'] where article_count = 1"],
    "whole_unread": [
        "insert into unread select capture_id, source, captured_at, body_bytes, false from captures limit 1"
    ],
    "whole_copy_members": [
        "delete from copy_members where article_id in (select min(article_id) from copy_members)"
    ],
    "whole_copy_groups": ["update copy_groups set article_count = 9"],
    "whole_copies": ["update copies set of_article_id = 'nobody'"],
    "whole_sketches": [
        "update sketches set article_id = 'nobody' where shingle_hash in (select max(shingle_hash) from sketches)"
    ],
    "whole_stories": ["insert into stories (story_id, group_count) values ('nobody', 9)"],
    "whole_story_members": [
        "insert into story_members (copy_group_id, story_id) values ('nobody', 'nobody')"
    ],
    "whole_story_terms": [
        "insert into story_terms (copy_group_id, kind, term) values ('nobody', 'word', 'tarvo')"
    ],
    "whole_runs": ["update runs set outcome = 'ok'"],
    "nothing_lost_asked": ["update source_nights set asked = asked + 1"],
    "nothing_lost_stored": ["update source_nights set stored = 99, asked = 100"],
    "nothing_lost_captures": ["delete from readings where article_count = 0"],
    "nothing_lost_rejected": ["update rejected set capture_id = null, requested_url = null, url = null"],
    "explained_text": ["update articles set text = text || ' and a word nobody printed'"],
    "explained_blocks": ["update blocks set rule = ''"],
    "explained_evidence": ["update evidence set capture_id = 'nobody' where position = 0"],
    "explained_captures": ["update articles set capture_id = 'nobody'"],
}


@pytest.fixture(scope="module")
def sound_lake(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = new_lake(tmp_path_factory.mktemp("checks") / "lake")
    load(
        lake,
        page("a", prose(1)),
        page("b", prose(1), source="zz_wire"),
        page("c", "", rejected=[TOO_SHORT]),
    )
    start_run(lake, flow="nightly", night=NOW.date(), parameters={}, versions={}, now=NOW)
    crawl = SourceCrawl(
        source="zz_post",
        asked=3,
        stored=2,
        failed=1,
        skipped=0,
        failed_by_reason={"http_error": 1},
        skipped_by_reason={},
    )
    record_source_nights(lake, [crawl], night=NOW.date(), run_id="crawl")
    return lake


class _TakenBack(Exception):
    pass


def broken_by(lake: Lake, check: str, *statements: str) -> int:
    """How many rows a check gives after some statements, which are taken back."""
    found = 0

    def work(connection):
        nonlocal found
        for statement in statements:
            connection.execute(statement)
        (found,) = connection.execute(f"select count(*) from {check}").fetchone()
        raise _TakenBack

    with pytest.raises(_TakenBack):
        lake.transact(work, message="plant a fault")
    return found


def test_a_sound_lake_breaks_no_promise(sound_lake: Lake):
    assert run_checks(sound_lake) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_its_check(sound_lake: Lake, name: str):
    assert broken_by(sound_lake, name, *PLANTED[name]) > 0


def test_every_doubled_row_of_every_table_is_found(sound_lake: Lake):
    """Tables that the sound lake leaves empty get a row of nulls and their key, twice."""
    for table in TABLES:
        if rows(sound_lake, f"select count(*) from {table.name}") == [(0,)]:
            values = ", ".join(
                f"cast({'1' if column.type.endswith('int') else 'null' if column.name not in table.key else repr('x')} as {column.type})"
                for column in table.columns
            )
            doubled = [f"insert into {table.name} values ({values}), ({values})"]
        else:
            doubled = [f"insert into {table.name} select * from {table.name} limit 1"]
        assert broken_by(sound_lake, "once_keys", *doubled) == 1, table.name


def test_every_check_has_a_planted_fault_and_every_table_a_key_that_is_checked():
    checks = {view.name: view for view in all_views() if view.layer == "checks"}
    assert set(checks) == set(PLANTED) | {"once_keys"}
    assert all(f"from {table.name}\n" in checks["once_keys"].select for table in TABLES)
    assert CLAIM in TABLES


def test_a_broken_promise_is_named_with_its_question_and_a_sample(make_lake: Callable[[str], Lake]):
    lake = make_lake("lake")
    load(lake, page("a", prose(1)))
    lake.transact(lambda connection: connection.execute("update articles set version = 7"), message="plant")
    (broken,) = run_checks(lake)
    assert (broken.name, broken.rows) == ("whole_articles", 1)
    assert "all or nothing" in broken.asks
    assert "shown_version=7, newest_version=1" in broken.sample


@pytest.mark.parametrize("fault", ["torn", "gone"])
def test_a_torn_or_lost_file_is_found_although_counts_still_answer(
    make_lake: Callable[[str], Lake], fault: str
):
    lake = make_lake("lake")
    load(lake, page("a", prose(1)))
    files = Path(lake.data_path, "main", "captures").rglob("*.parquet")
    file = max(
        files, key=lambda one: one.stat().st_mtime_ns
    )  # older ones are left from rows that were deleted
    if fault == "torn":
        content = file.read_bytes()
        file.write_bytes(content[:-1])
    else:
        file.unlink()
    assert rows(lake, "select count(*) from captures") == [(1,)]
    (torn,) = torn_files(lake)
    assert torn.table == "captures"
    assert torn.path == file
    assert torn.bytes == (torn.expected_bytes - 1 if fault == "torn" else None)
    assert [broken.name for broken in run_checks(lake)] == ["whole_files"]
