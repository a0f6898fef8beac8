"""The analysts' door: questions are answered, everything else is refused, and limits hold."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars
import pytest

from articles.errors import NightwireError
from tests.warehouse.pages import load, page, prose, rows
from warehouse import Lake, carrier_lookup, publish, query, write_csv, write_json, write_parquet
from warehouse.gate import check_statement
from warehouse.tables import ARTICLES, TABLES
from warehouse.views import all_views


@pytest.fixture(scope="module")
def asked(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = new_lake(tmp_path_factory.mktemp("query") / "lake")
    load(
        lake,
        page("a", prose(1), title="=cmd()"),
        page("b", prose(2), title="-1+1"),
        page("c", prose(3), title="Plain"),
    )
    publish(lake)
    return lake


def ask(lake: Lake, sql: str, **limits) -> list[tuple]:
    with query(lake.home, sql, **limits) as answer:
        return list(answer.rows())


QUESTIONS = {
    "select article_id from articles": 3,
    "from articles": 3,
    "with a as (select 1 as x union all select 2) select * from a": 2,
    "select * from mart_articles where is_first_of_group": 3,
    "select unnest(authors) from articles": 3,
    "select * from range(5)": 5,
    "values (1), (2)": 2,
    "describe articles": len(ARTICLES.columns),
    "show tables": len(TABLES) + len(all_views()),
    "summarize runs": 10,
    "explain select count(*) from articles": 1,
    "explain analyze select count(*) from articles": 1,
    "select * from articles at (version => 2)": 0,
    "select * from lake.main.articles": 3,
    "-- a comment\nselect 1;": 1,
    "select 'read_csv(x); delete from articles'": 1,
}


def test_questions_are_answered(asked: Lake):
    for sql, count in QUESTIONS.items():
        assert len(ask(asked, sql)) == count, sql


def hostile(lake: Lake, target: Path) -> list[str]:
    """Statements that would read, write or destroy something that is not the analyst's."""
    catalog, data = lake.catalog_path, lake.data_path
    (file, *_) = (data / "main" / "articles").rglob("*.parquet")
    return [
        "delete from articles",
        "insert into claim values (9, 9, 'x')",
        "update articles set text = ''",
        "drop table articles",
        "create table x as select 1",
        "create temp table x as select 1",
        "create or replace macro count(x) as 0",
        "truncate articles",
        "alter table articles add column x int",
        f"copy (select 1) to '{target}'",
        f"copy (select 1) to '{file}'",
        "export database '/tmp/x'",
        f"attach '{catalog}' as c (type sqlite)",
        "attach ':memory:' as m",
        "detach lake",
        "use memory",
        "set memory_limit = '99GB'",
        "pragma database_list",
        "call ducklake_cleanup_old_files('lake', cleanup_all => true)",
        "select * from ducklake_cleanup_old_files('lake', cleanup_all => true)",
        "select * from ducklake_snapshots('lake')",
        f"select * from sqlite_scan('{catalog}', 'ducklake_snapshot')",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        f"select * from '{file}'",
        f"select * from read_parquet('{file}')",
        f"select * from parquet_metadata('{file}')",
        "select * from glob('/*')",
        "select * from (select * from (select * from read_blob('/etc/passwd')))",
        "with x as (select * from read_text('/etc/passwd')) select * from x",
        "select (select content from read_text('/etc/passwd'))",
        "select 1 where exists (from read_text('/etc/passwd'))",
        "select * from query('delete from articles')",
        "select * from duckdb_settings()",
        "select * from __ducklake_metadata_lake.main.ducklake_data_file",
        "explain analyze copy (select 1) to '/tmp/x'",
        f"explain (analyze) copy (select 1) to '{target}'",
        "explain explain analyze delete from articles",
        "select 1; delete from articles",
        "load sqlite_scanner",
        "install httpfs",
        "begin",
        "checkpoint",
        "prepare p as delete from articles",
        "vacuum",
        "",
        "-- nothing but a comment",
    ]


def test_hostile_statements_are_refused_and_change_nothing(asked: Lake, tmp_path: Path):
    before = {path: path.read_bytes() for path in asked.data_path.rglob("*.parquet")}
    statements = hostile(asked, tmp_path / "target")
    assert len(statements) >= 24
    parser = duckdb.connect()
    for statement in statements:
        with pytest.raises(NightwireError, match="; give one select") as refused:
            check_statement(parser, statement)
        assert "\n" not in str(refused.value), statement
    for statement in statements[:3]:
        with pytest.raises(NightwireError, match="; give one select"):
            ask(asked, statement)
    assert {path: path.read_bytes() for path in asked.data_path.rglob("*.parquet")} == before
    assert not (tmp_path / "target").exists()
    assert rows(asked, "select count(*) from articles") == [(3,)]


def test_what_the_gate_lets_through_still_cannot_read_files_or_change_settings(asked: Lake):
    """The settings hold by themselves: a hole in the gate opens no file outside the lake's data."""
    with query(asked.home, "select 1") as answer:
        for statement in (
            "select * from read_text('/etc/passwd')",
            "copy (select 1) to '/tmp/nightwire-hole'",
            "set enable_external_access = true",
            "delete from articles",
        ):
            with pytest.raises(duckdb.Error):
                answer._connection.execute(statement)


@pytest.mark.parametrize(
    ("sql", "timeout_s", "says"),
    [
        ("selec 1", 60, 'syntax error at or near "selec"'),
        ("select * from nowhere", 60, "nowhere does not exist"),
        ("select nothing from articles", 60, '"nothing" not found'),
        ("select cast('x' as integer)", 60, "Could not convert"),
        (
            "select * from articles, range(10000000) as a, range(10000000) as b where a.range + b.range < 0",
            0.3,
            "took longer",
        ),
        ("select list(a.range) from range(90000000) as a", 60, "more memory"),
    ],
)
def test_a_mistake_or_a_limit_gets_one_sentence(asked: Lake, sql: str, timeout_s: float, says: str):
    with pytest.raises(NightwireError) as told:
        ask(asked, sql, timeout_s=timeout_s, memory_limit="100MB")
    assert says in str(told.value)
    assert "\n" not in str(told.value)


def test_a_limit_on_rows_holds(asked: Lake):
    assert len(ask(asked, "select * from range(100000)", limit=7)) == 7


def test_csv_keeps_a_spreadsheet_from_running_text_as_a_formula(asked: Lake):
    out = io.StringIO()
    assert (
        write_csv(asked.home, "select title, -1 as number, ['=x'] as items from articles order by title", out)
        == 3
    )
    assert out.getvalue().splitlines() == [
        "title,number,items",
        '\'-1+1,-1,"[""=x""]"',
        '\'=cmd(),-1,"[""=x""]"',
        'Plain,-1,"[""=x""]"',
    ]


def test_json_is_json_also_when_there_are_no_rows(asked: Lake):
    out, empty = io.StringIO(), io.StringIO()
    write_json(
        asked.home,
        "select title, captured_at, authors, 'ä' as letter from articles order by title limit 1",
        out,
    )
    assert json.loads(out.getvalue()) == [
        {"title": "-1+1", "captured_at": "2026-11-21T03:00:00+00:00", "authors": ["Ada Brook"], "letter": "ä"}
    ]
    write_json(asked.home, "select 1 as x limit 0", empty)
    assert json.loads(empty.getvalue()) == []


def test_parquet_holds_what_was_asked_and_is_whole_or_not_there(asked: Lake, tmp_path: Path):
    assert (
        write_parquet(asked.home, "select title, authors, captured_at from articles", tmp_path / "x.parquet")
        == 3
    )
    assert sorted(polars.read_parquet(tmp_path / "x.parquet")["title"]) == ["-1+1", "=cmd()", "Plain"]
    with pytest.raises(NightwireError):
        write_parquet(asked.home, "select nothing from articles", tmp_path / "y.parquet")
    with pytest.raises(NightwireError, match="cannot be written"):
        write_parquet(asked.home, "select 1", tmp_path / "no" / "such" / "folder.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["x.parquet"]


def test_a_lake_without_a_night_answers_too(lake: Lake):
    assert ask(lake, "select count(*) from articles") == [(0,)]


def test_no_lake_and_a_broken_copy_are_named(make_lake: Callable[[str], Lake], tmp_path: Path):
    lake = make_lake("lake")
    with pytest.raises(NightwireError, match="there is no lake in"):
        ask(Lake(tmp_path / "nothing"), "select 1")
    published = lake.published_path
    published.rename(published.with_suffix(".away"))
    with pytest.raises(NightwireError, match=r"nothing of the lake .* is published"):
        ask(lake, "select 1")
    published.write_bytes(b"x" * 8192)
    with pytest.raises(NightwireError, match=r"published\.ducklake cannot be read"):
        ask(lake, "select 1")


def test_an_analyst_sees_whole_nights_only(lake: Lake):
    """Someone asks all the time while nights are written and published: articles, readings and groups always fit."""
    publish(lake)
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(2):
                load(lake, page(f"p{number}", [prose(number), prose(100 + number)], hours=number))
                publish(lake)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while not done.is_set():
        seen += ask(
            lake,
            "select (select count(*) from articles), (select count(*) from readings), "
            "(select count(*) from copy_members)",
        )
    writer.join()
    assert seen
    assert all(articles == 2 * readings == members for articles, readings, members in seen)
    assert ask(lake, "select count(*) from articles") == [(4,)]


def test_an_empty_lake_has_nobody_to_carry_a_text(lake: Lake):
    publish(lake)
    with carrier_lookup(lake.home) as lookup, pytest.raises(NightwireError, match="holds no article yet"):
        lookup.searched()
