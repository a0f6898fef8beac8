"""Exports that need no catalog, housekeeping that loses nothing, and the dictionary of it all."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars
import pytest

from articles.errors import NightwireError
from tests.warehouse.pages import load, page, prose, rows, store
from warehouse import (
    Lake,
    clean,
    compact,
    data_dictionary,
    expire,
    export_duckdb,
    export_parquet,
    publish,
    query,
    run_checks,
)
from warehouse.tables import TABLES
from warehouse.views import all_views


@pytest.fixture(scope="module")
def full_lake(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = new_lake(tmp_path_factory.mktemp("files") / "lake")
    load(lake, page("a", prose(1)), page("b", prose(1), source="zz_wire"), page("c", "نص قصير جدا هنا الآن"))
    publish(lake)
    return lake


def test_an_exported_duckdb_file_opens_without_any_catalog(full_lake: Lake, tmp_path: Path):
    file = tmp_path / "wire.duckdb"
    counts = export_duckdb(full_lake.home, file)
    assert counts["articles"] == 3
    with duckdb.connect(str(file), read_only=True) as plain:
        assert plain.execute("select count(*), max(length(text)) > 100 from articles").fetchone() == (3, True)
        assert plain.execute("select article_count from mart_wires").fetchall() == [(2,)]
        columns = [name for name, *_ in plain.execute("describe captures").fetchall()]
    assert "body" not in columns
    assert [path.name for path in tmp_path.iterdir()] == ["wire.duckdb"]


def test_an_exported_folder_opens_with_polars_and_duckdb(full_lake: Lake, tmp_path: Path):
    folder = tmp_path / "new" / "wire"
    counts = export_parquet(full_lake.home, folder, bodies=True)
    assert sorted(polars.read_parquet(folder / "articles.parquet")["text"]) == sorted(
        text for (text,) in rows(full_lake, "select text from articles")
    )
    assert polars.read_parquet(folder / "mart_wires.parquet")["article_count"].to_list() == [2]
    bodies = duckdb.sql(f"select sum(octet_length(body)) from '{folder}/captures.parquet'").fetchone()
    assert bodies == rows(full_lake, "select sum(body_bytes) from captures")[0]
    assert {path.stem for path in folder.iterdir()} == set(counts)


@pytest.mark.parametrize("export", [export_duckdb, export_parquet])
def test_an_export_replaces_nothing_unless_told_to_and_leaves_nothing_half(
    full_lake: Lake, tmp_path: Path, export
):
    target = tmp_path / "wire"
    export(full_lake.home, target)
    with pytest.raises(
        NightwireError, match="is there already; name another one, or replace it with --force"
    ):
        export(full_lake.home, target)
    export(full_lake.home, target, force=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(NightwireError, match="cannot be written"):
        export(full_lake.home, tmp_path / "file" / "wire")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "wire"]


def test_housekeeping_changes_no_row_and_readers_keep_what_they_see(make_lake: Callable[[str], Lake]):
    lake = make_lake("lake")
    for number in range(3):
        store(lake, page(f"p{number}", prose(number)), page("same", prose(10 + number), hours=number))
    load(lake, page("p9", prose(9)))
    publish(lake)
    content = rows(lake, "select article_id, text from articles order by 1")
    later = datetime.now(UTC) + timedelta(days=10)
    orphan = lake.data_path / "main" / "articles" / "ducklake-left-by-a-killed-writer.parquet"
    orphan.write_bytes(b"PAR1")
    os.utime(orphan, (0, 0))
    unfinished = lake.spool_path / ".abc.1.unfinished"
    unfinished.write_bytes(b"")
    os.utime(unfinished, (0, 0))

    counts = compact(lake)
    assert counts["files_after"] < counts["files_before"]
    cleaned = clean(lake, now=later)
    assert (cleaned["replaced"], cleaned["orphaned"], cleaned["unfinished"]) == (0, 1, 1)
    with query(lake.home, "select article_id, text from articles order by 1") as answer:
        assert list(answer.rows()) == content, "the published copy still reads the files it names"

    publish(lake)
    assert clean(lake, now=later)["replaced"] > 0
    with query(lake.home, "select article_id, text from articles order by 1") as answer:
        assert list(answer.rows()) == content
    assert rows(lake, "select article_id, text from articles order by 1") == content
    assert run_checks(lake) == []


def test_snapshots_are_kept_two_days_at_least(lake: Lake):
    with pytest.raises(NightwireError, match="kept for 2 days at least, not 1"):
        expire(lake, keep_days=1)
    before = rows(lake, "select count(*) from ducklake_snapshots('lake')")
    assert expire(lake, keep_days=2) == {"snapshots": 0}
    assert rows(lake, "select count(*) from ducklake_snapshots('lake')") == before


def test_the_past_can_be_asked_for(lake: Lake):
    store(lake, page("a", prose(1)))
    ((then,),) = rows(lake, "select max(snapshot_id) from ducklake_snapshots('lake')")
    store(lake, page("a", prose(2), hours=1))
    assert rows(lake, f"select text from articles at (version => {then})") == [(prose(1),)]


def test_the_dictionary_names_every_table_column_and_view_with_its_meaning():
    text = data_dictionary()
    for table in TABLES:
        assert f"\n### {table.name}\n\nOne row per {table.one_row_per}." in text
        assert all(f"| `{column.name}` | {column.type} | " in text for column in table.columns)
        assert all(column.meaning for column in table.columns)
        assert set(table.key) <= set(table.column_names)
    for view in all_views():
        assert f"\n### {view.name}\n\nOne row per {view.one_row_per}.\nAnswers: {view.answers}" in text
