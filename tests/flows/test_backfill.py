"""Folders of the past: loaded once, resumed after a kill, and the same text under another headline found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.backfill import Asked, backfill
from flows.looking_ahead import look_ahead
from flows.reread import reread
from warehouse import Lake, query

TABLES = (
    "captures",
    "articles",
    "article_versions",
    "blocks",
    "copies",
    "copy_members",
    "readings",
    "rejected",
)


def ask(home: Path, statement: str) -> list[tuple]:
    with query(home, statement) as answer:
        return list(answer.rows())


def state(home: Path) -> dict[str, list[tuple]]:
    """Every table's rows but for the runs that wrote them and when."""
    unstable = [
        "run_id",
        "captured_at",
        "first_seen_at",
        "member_captured_at",
        "member_first_seen_at",
        "member_ordered_at",
        "read_at",
        "found_at",
        "joined_at",
        "rejected_at",
        "rejected_id",
    ]
    found = {}
    for table in TABLES:
        columns = [row[0] for row in ask(home, f"describe {table}") if row[0] not in unstable]
        names = ", ".join(columns)
        found[table] = ask(home, f"select {names} from {table} order by all")
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Forty invented texts, a copy of one of them, and one file that is no text."""
    folder = tmp_path_factory.mktemp("old-news")
    for number in range(40):
        story = [
            f"Well {number} at Sangar {name} was reopened by district engineer number {number * 7 + place}, who said that "
            f"{number + place} families of quarter {place * 3} would draw water there again before winter set in."
            for place, name in enumerate(("north", "south", "east", "west"))
        ]
        (folder / f"story-{number:02}.txt").write_text(
            "\n\n".join([f"Engineers reopen well number {number}", *story]), encoding="utf-8"
        )
    (folder / "again.txt").write_bytes((folder / "story-07.txt").read_bytes())
    (folder / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


def test_the_seeds_hold_one_reuters_story_in_two_papers_and_no_other_copy(shared, tmp_path):
    backfill.fn([str(shared / "seeds")], lake=str(tmp_path / "lake"))

    pairs = ask(
        tmp_path / "lake",
        "select a.part, b.part, c.relation, a.agency, b.agency, ca.requested_url, cb.requested_url from copies as c "
        "join articles as a on a.article_id = c.article_id join articles as b on b.article_id = c.of_article_id "
        "join captures as ca on ca.capture_id = a.capture_id join captures as cb on cb.capture_id = b.capture_id",
    )
    (pair,) = pairs
    files = {Path(pair[5]).name[:3]: pair[0], Path(pair[6]).name[:3]: pair[1]}
    assert files == {"002": 0, "003": 0}
    assert pair[2:5] == ("syndicated", "Reuters", "Reuters")
    (wire,) = ask(tmp_path / "lake", "select agency, article_count from mart_wires")
    assert wire == ("Reuters", 2)


def test_a_dry_run_says_what_a_backfill_then_does(folder, tmp_path):
    lake = tmp_path / "lake"
    before = look_ahead(Asked(paths=(str(folder),)), lake)
    assert "42 files" in before
    assert "40 pages would be loaded" in before
    assert "picture.jpg" in before
    assert not lake.exists()

    backfill.fn([str(folder)], lake=str(lake))

    assert ask(lake, "select count(*) from captures") == [(40,)]
    assert ask(lake, "select reason, count(*) from rejected group by all") == [("not_text", 1)]
    assert "0 pages would be loaded" in look_ahead(Asked(paths=(str(folder),)), lake)


def test_loading_twice_and_rereading_everything_change_nothing(folder, tmp_path):
    lake = tmp_path / "lake"
    backfill.fn([str(folder)], lake=str(lake))
    first = state(lake)
    backfill.fn([str(folder)], lake=str(lake))
    assert state(lake) == first
    reread.fn(everything=True, accept=True, lake=str(lake))
    assert state(lake) == first


def test_a_backfill_killed_again_and_again_ends_as_one_that_was_not(folder, tmp_path):
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    backfill.fn([str(folder)], lake=str(undisturbed))

    program = "import sys; from flows.backfill import backfill; backfill.fn([sys.argv[1]], lake=sys.argv[2])"
    for patience in (1.8, 2.6, 3.4):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(folder), str(disturbed)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(patience)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    backfill.fn([str(folder)], lake=str(disturbed))

    assert state(disturbed) == state(undisturbed)
    assert ask(disturbed, "select count(*) from runs where outcome = 'running'") == [(0,)]


def test_a_long_backfill_puts_its_small_files_together_on_the_way(tmp_path, monkeypatch):
    monkeypatch.setattr("flows.steps.COMPACT_AFTER", 1)
    for n in range(2):
        row = {
            "source": "us_paper",
            "url": f"https://paper.example/{n}",
            "title": f"Wells {n}",
            "text": "Water is back. " * 9,
        }
        (tmp_path / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
        backfill.fn([str(tmp_path / "rows.jsonl")], lake=str(tmp_path / "lake"))
    lake = Lake.open(tmp_path / "lake")
    with lake.connection() as connection:
        files = connection.execute(
            "select file_count from ducklake_table_info('lake') where table_name = 'articles'"
        ).fetchone()
    lake.close()
    assert files == (1,)
    assert ask(tmp_path / "lake", "select count(*) from articles") == [(2,)]


def test_rows_of_a_jsonl_file_keep_what_they_declare(tmp_path):
    row = {
        "source": "us_paper",
        "url": "https://paper.example/2026/11/19/wells",
        "title": "Wells reopen",
        "text": "Engineers reopened the wells of Sangar on Thursday, the district office said.\n"
        "Water is back in all four quarters of the town, and the queue at the old pump is gone.",
        "published": "2026-11-19T08:30:00+05:00",
    }
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n{}\n", encoding="utf-8")

    backfill.fn([str(tmp_path / "rows.jsonl")], lake=str(tmp_path / "lake"))

    (found,) = ask(
        tmp_path / "lake", "select source, url, title, published_at, published_precision, text from articles"
    )
    assert found[:3] == (row["source"], row["url"], row["title"])
    assert found[3].isoformat() == "2026-11-19T03:30:00+00:00"
    assert found[4:] == ("second", row["text"])
    assert ask(tmp_path / "lake", "select reason from rejected") == [("unreadable",)]
