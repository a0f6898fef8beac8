"""A lake is made once, by whoever comes first; it refuses what it cannot read; writers take turns."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb
import pytest

from articles.errors import NightwireError
from tests.warehouse.pages import NOW, load, page, prose, rows
from warehouse import (
    Lake,
    SeenUrl,
    Unread,
    export_duckdb,
    export_parquet,
    find_copies,
    find_stories,
    query,
    run_checks,
    run_lock,
    store_readings,
    sync_seen,
    unread_captures,
)
from warehouse.locks import writer_lock
from warehouse.schema import SCHEMA_VERSION
from warehouse.tables import TABLES
from warehouse.views import all_views


def _make(home: Path, say) -> None:
    Lake.create_or_open(home).close()
    say.send("made")


def test_a_lake_made_by_three_processes_at_once_is_one_lake(tmp_path: Path):
    context = multiprocessing.get_context("forkserver")
    ends = [context.Pipe(duplex=False) for _ in range(3)]
    makers = [context.Process(target=_make, args=(tmp_path / "lake", says)) for _, says in ends]
    for maker in makers:
        maker.start()
    assert [hears.recv() for hears, _ in ends] == ["made"] * 3
    for maker in makers:
        maker.join()

    lake = Lake.open(tmp_path / "lake")
    assert rows(lake, "select count(*) from claim") == [(1,)]
    found = rows(lake, "select table_name from duckdb_tables() where database_name = 'lake' and not internal")
    assert {name for (name,) in found if not name.startswith("ducklake_")} == {table.name for table in TABLES}
    views = rows(lake, "select view_name from duckdb_views() where database_name = 'lake' and not internal")
    assert {name for (name,) in views} == {view.name for view in all_views()}
    lake.close()


def test_a_making_that_was_cut_short_is_taken_up_again(make_lake: Callable[[str], Lake]):
    """The claim is written last: without it, nothing is taken for granted."""
    lake = make_lake("lake")
    with lake.connection() as connection:
        connection.execute("drop view report_totals")
        connection.execute("drop table claim")
    lake.close()
    with pytest.raises(NightwireError, match="no complete Nightwire lake"):
        Lake.open(lake.home)
    again = Lake.create_or_open(lake.home)
    assert rows(again, "select schema_version from claim") == [(SCHEMA_VERSION,)]
    assert rows(again, "select article_count from report_totals") == [(0,)]
    again.close()


def test_views_of_an_older_program_are_replaced_and_those_without_a_file_go(make_lake: Callable[[str], Lake]):
    lake = make_lake("lake")
    with lake.connection() as connection:
        connection.execute("create or replace view mart_wires as select 1 as old")
        connection.execute("create view mart_gone as select 1 as old")
        connection.execute("update claim set views_sha256 = 'older'")
    lake.close()
    again = Lake.create_or_open(lake.home)
    with again.connection() as connection:
        assert "copy_group_id" in [name for name, *_ in connection.execute("describe mart_wires").fetchall()]
        with pytest.raises(duckdb.CatalogException):
            connection.execute("from mart_gone")
    again.close()


def kept_lake(version: int, folder: Path) -> Path:
    with tarfile.open(Path(__file__).parent / "lakes" / f"version-{version}.tar.xz") as kept:
        kept.extractall(folder, filter="data")
    return folder / "lake"


@pytest.fixture
def lake_of_version_1(tmp_path: Path) -> Path:
    """Written by the last program whose tables had version 1: a night with six readings, published."""
    return kept_lake(1, tmp_path)


def test_a_lake_of_version_1_is_brought_up_and_takes_what_a_night_brings(lake_of_version_1: Path):
    lake = Lake.create_or_open(lake_of_version_1)
    assert rows(lake, "select schema_version from claim") == [(SCHEMA_VERSION,)]
    columns = "select table_name, column_name from duckdb_columns() where database_name = 'lake' order by all"
    fresh = Lake.create_or_open(lake_of_version_1.parent / "fresh")
    assert rows(lake, columns) == rows(fresh, columns)
    layout = (
        "select value from ducklake_options('lake') where option_name = 'parquet_row_group_size' order by all"
    )
    assert rows(lake, layout) == rows(fresh, layout)
    assert rows(lake, "select count(*), count(path) from blocks") == [(21, 0)]
    assert rows(lake, "select count(*), count(is_cut) from articles") == [(4, 0)]
    assert run_checks(lake) == []

    load(lake, page("a", prose(6), hours=2))

    assert rows(lake, "select version, is_cut from articles where url like '%post%/a'") == [(3, False)]
    assert rows(lake, "select count(*) from evidence") == [(3,)]
    assert rows(lake, "select count(path) from blocks") == [(4,)]
    assert run_checks(lake) == []
    fresh.close()
    lake.close()


def test_a_lake_of_version_2_keeps_its_unread_page_and_its_addresses(tmp_path: Path):
    """Written by the last program whose tables had version 2, killed between storing a fifth page and reading it."""
    lake = Lake.create_or_open(kept_lake(2, tmp_path))
    assert rows(lake, "select schema_version from claim") == [(SCHEMA_VERSION,)]
    assert rows(lake, "select url, is_again from unread join captures using (capture_id)") == [
        ("http://zz-post.example/e", False)
    ]
    assert [broken.name for broken in run_checks(lake)] == ["nothing_lost_captures"]  # until it is read
    ((capture,),) = unread_captures(lake, Unread.NEVER_READ, reader_version="1")
    assert capture.url == "http://zz-post.example/e"
    store_readings(lake, [(capture, page("e", prose(5), hours=1)[1])], run_id="next", now=NOW)
    assert rows(lake, "from unread") == []
    find_copies(lake, run_id="next", now=NOW)
    assert run_checks(lake) == []

    before = rows(lake, "select url_key, first_seen_at from seen_urls order by 1")
    assert len(before) == 3
    again = [
        SeenUrl(
            url_key=str(key),
            source="zz_post",
            url=f"http://{key}",
            first_seen_at=cast("datetime", moment),
            via="feed",
            lastmod=None,
            last_fetch_at=NOW,
            status="failed: http_410",
            attempts=1,
        )
        for key, moment in before
    ]
    assert sync_seen(lake, again, []) == 3
    assert rows(lake, "select count(*), count(distinct url_key), min(status) from seen_urls") == [
        (3, 3, "failed: http_410")
    ]
    lake.close()


def test_a_bringing_up_that_was_cut_short_is_taken_up_again(lake_of_version_1: Path):
    """The version is raised last: until then every step is done again."""
    lake = Lake.open(lake_of_version_1)
    with lake.connection() as connection:
        connection.execute("alter table blocks add column path varchar")
        connection.execute("create table evidence (article_id varchar)")
    lake.close()
    again = Lake.create_or_open(lake_of_version_1)
    assert rows(again, "select schema_version from claim") == [(SCHEMA_VERSION,)]
    load(again, page("a", prose(6), hours=2))
    assert run_checks(again) == []
    again.close()


def test_analysts_ask_and_export_a_lake_of_version_1_as_it_was_published(lake_of_version_1: Path):
    with query(lake_of_version_1, "select count(*) from mart_articles") as answer:
        assert list(answer.rows()) == [(4,)]
    counts = export_duckdb(lake_of_version_1, lake_of_version_1.parent / "copy.duckdb")
    assert (counts["articles"], counts["blocks"]) == (4, 21)
    counts = export_parquet(lake_of_version_1, lake_of_version_1.parent / "copy")
    assert (counts["articles"], counts["mart_articles"]) == (4, 4)


@pytest.mark.parametrize("opening", [Lake.open, Lake.create_or_open])
def test_a_lake_of_a_newer_program_is_refused_with_both_versions(make_lake: Callable[[str], Lake], opening):
    lake = make_lake("lake")
    with lake.connection() as connection:
        connection.execute("update claim set schema_version = 99")
    lake.close()
    with pytest.raises(
        NightwireError, match=rf"version 99, and .* up to {SCHEMA_VERSION}; bring Nightwire up to date"
    ):
        opening(lake.home)


def _folder_of_someone_else(home: Path) -> None:
    home.mkdir()
    (home / "letters.txt").write_text("dear")


def _broken_catalog(home: Path) -> None:
    home.mkdir()
    (home / "catalog.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)


def _catalog_of_another_program(home: Path) -> None:
    lake = Lake.create_or_open(home)
    with lake.connection() as connection:
        connection.execute("drop table claim")
        connection.execute("create table invoices (number int)")
    lake.close()


def _a_file(home: Path) -> None:
    home.write_text("I am a file")


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (_folder_of_someone_else, r"is no lake and holds other things \(letters.txt\); name an empty"),
        (_broken_catalog, "cannot be read as a lake: .*; put back a copy"),
        (_catalog_of_another_program, r"another program's tables \(invoices\); name another folder"),
        (_a_file, "cannot be used: .*; name a folder you may write to"),
    ],
)
def test_what_is_no_lake_is_named_with_the_next_step(
    tmp_path: Path, prepare: Callable[[Path], None], says: str
):
    prepare(tmp_path / "lake")
    with pytest.raises(NightwireError, match=says) as told:
        Lake.create_or_open(tmp_path / "lake")
    assert "\n" not in str(told.value)


def test_opening_what_is_not_there_makes_nothing(tmp_path: Path):
    with pytest.raises(NightwireError, match=r"there is no lake in .*; run `nightwire nightly`"):
        Lake.open(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_a_lake_that_was_moved_still_finds_its_files(make_lake: Callable[[str], Lake], tmp_path: Path):
    lake = make_lake("before")
    _count(lake)
    lake.close()
    lake.home.rename(tmp_path / "after")
    moved = Lake.open(tmp_path / "after")
    assert rows(moved, "select count(*), sum(length(flow)) from runs") == [(1, 7)]
    moved.close()


def _count(lake: Lake) -> None:
    lake.transact(
        lambda connection: connection.execute("insert into runs (run_id, flow) values (uuid(), 'nightly')"),
        message="count",
    )


def test_two_writers_take_turns_and_neither_loses_a_row(lake: Lake):
    other = Lake.open(lake.home)
    before = rows(lake, "select turn from claim")[0][0]
    writers = [
        threading.Thread(target=lambda one=one: [_count(one) for _ in range(4)]) for one in (lake, other)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert rows(lake, "select count(*) from runs") == [(8,)]
    assert rows(lake, "select turn from claim") == [(before + 8,)]
    other.close()


def test_a_locked_catalog_is_tried_again_on_a_new_connection(lake: Lake):
    """Another program writes to the catalog past our lock, as a backup or a curious person may."""
    calls = []
    rival = Lake.open(lake.home)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        calls.append(connection)
        connection.execute("insert into runs (run_id, flow) values ('ours', 'nightly')")
        if len(calls) == 1:
            with rival.connection() as past_the_lock:
                past_the_lock.execute("update claim set turn = turn + 1")

    lake.transact(work, message="collide")
    assert len(calls) == 2
    assert rows(lake, "select run_id from runs") == [("ours",)]
    rival.close()


def test_a_transaction_that_fails_leaves_nothing_and_the_lake_stays_usable(lake: Lake):
    def work(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("insert into runs (run_id) values ('half')")
        raise KeyError("in the middle")

    with pytest.raises(KeyError):
        lake.transact(work, message="fail")
    _count(lake)
    assert rows(lake, "select count(*) filter (where run_id = 'half'), count(*) from runs") == [(0, 1)]


def test_new_files_are_on_the_disk_before_the_catalog_names_them(lake: Lake, monkeypatch: pytest.MonkeyPatch):
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        name = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        assert rows(Lake(lake.home), "select count(*) from runs") == [(0,)], "the catalog came first"
        synced.append(name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    _count(lake)
    monkeypatch.undo()
    files = [name for name in synced if name.endswith(".parquet")]
    assert any("/runs/" in name for name in files)
    assert {str(Path(name).parent) for name in files} <= set(synced)


def test_transacting_inside_a_transaction_is_refused_instead_of_waiting_for_ever(lake: Lake):
    with pytest.raises(RuntimeError, match="inside transact"):
        lake.transact(lambda _: _count(lake), message="outer")
    _count(lake)


def test_a_reader_sees_the_state_before_until_the_commit(lake: Lake):
    def work(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("insert into runs (run_id) select 'r' || range from range(1000)")
        assert rows(lake, "select count(*) from runs") == [(0,)]

    lake.transact(work, message="watched")
    assert rows(lake, "select count(*) from runs") == [(1000,)]


def test_a_second_run_is_told_who_holds_the_lake_or_waits(tmp_path: Path):
    with run_lock(tmp_path, "nightly") as held:
        assert held.purpose == "nightly"
        with (
            pytest.raises(
                NightwireError,
                match=rf"another run \(nightly, pid {os.getpid()}, since .* UTC\) holds the lake",
            ),
            run_lock(tmp_path, "backfill"),
        ):
            pass
        order: list[str] = []

        def wait() -> None:
            with run_lock(tmp_path, "backfill", wait=True):
                order.append("second")

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.05)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    with run_lock(tmp_path, "nightly"):
        pass


def test_locks_go_with_the_process_that_held_them(tmp_path: Path):
    """Also when a forked worker outlives it: it has its own copy of the file and must not keep the lock."""
    script = (
        "import os, sys, time\nfrom pathlib import Path\nfrom warehouse.locks import run_lock, writer_lock\n"
        f"home = Path({str(tmp_path)!r})\n"
        "with run_lock(home, 'nightly'), writer_lock(home):\n"
        "    if os.fork() == 0:\n        print('held', flush=True)\n        time.sleep(60)\n        os._exit(0)\n"
        "    time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(NightwireError, match="another run"), run_lock(tmp_path, "backfill"):
            pass
        holder.kill()
        holder.wait()
        with run_lock(tmp_path, "backfill"), writer_lock(tmp_path):
            pass
    finally:
        os.killpg(holder.pid, 9)
        holder.stdout.close()


def test_the_catalog_is_in_the_mode_that_lets_readers_and_a_writer_work_together(
    make_lake: Callable[[str], Lake],
):
    lake = make_lake("lake")
    lake.close()
    catalog = sqlite3.connect(lake.catalog_path)
    assert catalog.execute("pragma journal_mode").fetchone() == ("wal",)
    catalog.close()


def test_a_lake_of_version_3_finds_the_stories_of_what_was_placed_and_of_what_waits(tmp_path: Path):
    """Written by the last program whose tables had version 3, killed before a fourth page got its place."""
    lake = Lake.create_or_open(kept_lake(3, tmp_path))
    before = rows(lake, "select copy_group_id, story_id from story_members order by all")
    assert (len(before), rows(lake, "from untold")) == (2, [])

    find_copies(lake, run_id="next", now=NOW)
    find_stories(lake, run_id="next", now=NOW)

    assert rows(lake, "select count(captured_at) from story_members") == [(2,)]
    assert rows(lake, "select copy_group_id, story_id from story_members order by all") == before
    assert rows(lake, "select article_count from stories") == [(4,)]
    assert rows(lake, "from untold") == []
    assert run_checks(lake) == []
    lake.close()
