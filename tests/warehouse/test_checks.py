"""Each check is shown to fail: the lake is broken behind the loading code's back, once for every promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from articles.records import Reason, Rejected
from tests.warehouse.pages import NOW, load, page, prose, rows
from warehouse import (
    BROKEN_PROMISES,
    Lake,
    Outcome,
    SourceCrawl,
    find_stories,
    finish_run,
    record_source_nights,
    run_checks,
    start_run,
    torn_files,
)
from warehouse.checks import _cuts, all_checks, ask
from warehouse.duck import Connection
from warehouse.staging import staged
from warehouse.tables import CLAIM, TABLES, Table
from warehouse.views import View

T = TypeVar("T")

TOO_SHORT = Rejected(capture_id=None, stage="read", reason=Reason.TOO_SHORT, detail="nine words")

# check -> faults; each of them breaks it alone, in both months where it is looked at month by month
PLANTED = {
    "whole_articles": ["update articles set version = 7 where part = 0"],
    "whole_readings": ["update readings set article_ids = ['nobody'] where article_count = 1"],
    "whole_unread": [
        "insert into unread select capture_id, source, captured_at, body_bytes, false from captures",
        "insert into unread select 'nobody', source, captured_at, body_bytes, false from captures",
    ],
    "whole_copy_members": [
        "delete from copy_members where article_id in (select min(article_id) from copy_members)"
    ],
    "whole_copy_groups": ["update copy_groups set article_count = 9"],
    "whole_copies": ["update copies set of_article_id = 'nobody'"],
    "whole_sketches": [
        "update sketches set article_id = 'nobody'",
        "update sketches set day = cast(date_trunc('month', day) as date) + 27",  # left behind, or filed where nobody looks
    ],
    "whole_stories": ["insert into stories (story_id, group_count) values ('nobody', 9)"],
    "whole_story_members": [
        "insert into story_members (copy_group_id, story_id) values ('nobody', 'nobody')"
    ],
    "whole_story_terms": [
        "update story_terms set copy_group_id = 'nobody'",
        "update story_terms set day = cast(date_trunc('month', day) as date) + 27",
    ],
    "whole_runs": ["update runs set outcome = 'ok'"],
    "nothing_lost_asked": ["update source_nights set asked = asked + 1"],
    "nothing_lost_stored": ["update source_nights set stored = 99, asked = 100"],
    "nothing_lost_captures": ["delete from readings where article_count = 0"],
    "nothing_lost_rejected": ["update rejected set capture_id = null, requested_url = null, url = null"],
    "explained_text": [
        "update articles set text = text || ' and a word nobody printed'",
        "delete from blocks where kind = 'body' and position = 1",
        "update blocks set article_id = 'nobody' where article_id is not null",
        "update articles set captured_at = date_trunc('month', captured_at)",
    ],
    "explained_blocks": ["update blocks set rule = ''"],
    "explained_evidence": [
        "update evidence set capture_id = 'nobody' where position = 0",
        "update evidence set captured_at = date_trunc('month', captured_at)",
    ],
    "explained_captures": [
        "update articles set capture_id = 'nobody'",
        "update blocks set capture_id = 'nobody' where article_id is null",
        "update blocks set captured_at = date_trunc('month', captured_at)",
    ],
    "once_ledger": ["insert into blocks select * from blocks", "insert into evidence select * from evidence"],
    "once_sketches": ["insert into sketches select * from sketches"],
    "once_story_terms": ["insert into story_terms select * from story_terms"],
}
FAULTS = [(check, fault) for check, faults in PLANTED.items() for fault in faults]
CHECKS = {check.name: check for check in all_checks()}
MONTHLY = {name for name, check in CHECKS.items() if check.by_month}


@pytest.fixture(scope="module")
def sound_lake(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two nights of one wire, in two months; each has an article at another publisher, and a page without one."""
    lake = new_lake(tmp_path_factory.mktemp("checks") / "lake")
    for run_id, hours, day in (
        ("october", -24 * 40, date(2026, 10, 11)),
        ("november", 0, date(2026, 11, 20)),
    ):
        seed = len(run_id)
        load(
            lake,
            page(f"{run_id}-a", prose(seed), hours=hours, published_date=day),
            page(f"{run_id}-b", prose(seed), source="zz_wire", hours=hours, published_date=day),
            page(f"{run_id}-c", "", hours=hours, rejected=[TOO_SHORT]),
            run_id=run_id,
        )
        find_stories(lake, run_id=run_id, now=NOW)
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


def after(lake: Lake, statement: str, question: Callable[[Connection], T]) -> T:
    """What is answered after a statement, which is then taken back."""
    answers: list[T] = []

    def work(connection: Connection) -> None:
        connection.execute(statement)
        answers.append(question(connection))
        raise _TakenBack

    with pytest.raises(_TakenBack):
        lake.transact(work, message="plant a fault")
    return answers[-1]


def rows_found(connection: Connection, check: str, run_id: str | None = None) -> int:
    """How many rows break a promise."""
    return sum(broken.rows for broken in ask(connection, [CHECKS[check]], run_id=run_id))


def test_a_sound_lake_breaks_no_promise(sound_lake: Lake):
    assert run_checks(sound_lake) == []


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_planted_fault_is_found_by_its_check_and_by_the_run_that_made_it(
    sound_lake: Lake, name: str, fault: str
):
    """Looked at whole, month by month, and of one run's month: the fault is in both, and each run sees its own."""

    def look(connection: Connection) -> tuple[int, int, int, int]:
        (whole,) = connection.execute(f"select count(*) from {name}").fetchone()
        runs = (rows_found(connection, name, run_id) for run_id in ("october", "november"))
        return whole, rows_found(connection, name), *runs

    whole, by_month, october, november = after(sound_lake, fault, look)
    assert whole == by_month > 0
    if name in MONTHLY:
        assert october > 0
        assert november > 0
        assert october + november == whole
    else:
        assert october == november == whole


def test_what_has_no_moment_is_looked_at_too(sound_lake: Lake):
    def look(connection: Connection) -> int:
        return rows_found(connection, "explained_blocks")

    fault = "insert into blocks (article_id, capture_id, position) values ('nobody', 'nobody', 1)"
    assert after(sound_lake, fault, look) == 1


def test_every_doubled_row_of_every_table_is_found(sound_lake: Lake):
    """Tables that the sound lake leaves empty get a row of nulls and their key, twice."""
    for table in TABLES:
        (once,) = _checks_of_keys(table)
        if rows(sound_lake, f"select count(*) from {table.name}") == [(0,)]:
            values = ", ".join(
                f"cast({'1' if column.type.endswith('int') else 'null' if column.name not in table.key else repr('x')} as {column.type})"
                for column in table.columns
            )
            doubled = f"insert into {table.name} values ({values}), ({values})"
        else:
            doubled = f"insert into {table.name} select * from {table.name} limit 1"
        (broken,) = after(sound_lake, doubled, lambda connection, check=once: ask(connection, [check]))
        assert broken.rows == 1, table.name
        assert f"table_name={table.name}," in broken.sample


def test_every_check_has_a_planted_fault_and_every_table_a_key_that_is_checked():
    of_keys = {check.name for table in TABLES for check in _checks_of_keys(table)}
    assert set(CHECKS) == set(PLANTED) | of_keys
    assert all(len(_checks_of_keys(table)) == 1 for table in TABLES)
    assert CLAIM in TABLES


def _checks_of_keys(table: Table) -> list[View]:
    return [check for check in CHECKS.values() if f"'{table.name}' as table_name" in check.select]


@pytest.mark.parametrize("name", sorted(MONTHLY))
def test_a_check_by_month_looks_at_nothing_past_the_month(sound_lake: Lake, name: str):
    """Its tables are named with the column they are partitioned by, where they are; a view would not be cut."""
    check = CHECKS[name]
    tables = {table.name: table for table in TABLES}
    for table, column in check.by_month:
        assert column in tables[table].column_names
        assert tables[table].month_of in (column, None)
    named = set(re.findall(r"\b(?:(?<!distinct )from|join) (\w+)", check.select))
    asked = named - set(re.findall(r"(\w+) as \(", check.select))
    assert asked <= set(tables)
    assert {table for table, _ in check.by_month} <= asked
    with sound_lake.connection() as connection:
        (cut,) = _cuts(check, [[date(2020, 12, 1)]])
        for table, _ in check.by_month:
            assert connection.execute(f"{cut} select count(*) from {table}").fetchone() == (0,)


def test_a_run_answers_for_those_before_it_that_nobody_checked(make_lake: Callable[[str], Lake]):
    """A killed run leaves a fault in October; the next night finds it, and once it was told, later ones do not."""
    lake = make_lake("lake")

    def a_run(hours: float) -> str:
        return start_run(
            lake,
            flow="nightly",
            night=None,
            parameters={},
            versions={},
            now=NOW + timedelta(hours=hours),
        )

    def end(run_id: str, outcome: Outcome, counts: Mapping[str, object]) -> None:
        finish_run(lake, run_id, outcome=outcome, counts=counts, message=None, now=NOW)

    killed, tonight = a_run(0), a_run(1)
    load(lake, page("a", prose(1), hours=-24 * 40), run_id=killed)
    load(lake, page("b", prose(2)), run_id=tonight)
    lake.transact(
        lambda connection: connection.execute("update blocks set rule = '' where captured_at < '2026-11-01'"),
        message="plant",
    )
    end(killed, Outcome.FAILED, {})
    assert [broken.name for broken in run_checks(lake, run_id=tonight)] == ["explained_blocks"]
    end(killed, Outcome.OK, {BROKEN_PROMISES: []})
    assert run_checks(lake, run_id=tonight) == []
    assert [broken.name for broken in run_checks(lake)] == ["explained_blocks"]


def test_an_article_that_changed_is_looked_at_where_it_was_before(make_lake: Callable[[str], Lake]):
    """Its blocks of October should have gone with the version they explained."""
    lake = make_lake("lake")
    load(lake, page("a", prose(1), hours=-24 * 40), run_id="october")
    with lake.connection() as connection:
        left = connection.execute("select * from blocks where article_id is not null").to_arrow_table()
    load(lake, page("a", prose(2)), run_id="november")
    assert run_checks(lake, run_id="november") == []

    def look(connection: Connection) -> int:
        with staged(connection, left, "left_behind"):
            connection.execute("insert into blocks select * from left_behind")
        return rows_found(connection, "explained_text", "november")

    assert after(lake, "select 1", look) == 1


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
