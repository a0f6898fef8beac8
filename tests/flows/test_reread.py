"""A rule change is seen before it is made: what `nightwire reread` says, and what `--accept` stores."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from articles import READER_VERSION
from articles.records import BlockKind, Source
from flows.backfill import backfill
from flows.reading import read_capture
from flows.reread import is_waiting, reread
from flows.run import now
from warehouse import Lake, Unread, find_copies, store_readings, unread_captures

OLD_READER = "0"
PAGES = 30
LEDGER = "select capture_id, position, kind, rule, text, path from blocks order by all"
TEXTS = "select article_id, title, text, published_date from articles order by all"


def ask(home: Path, statement: str) -> list[tuple]:
    """The live lake: a trial must not even touch what is not published."""
    lake = Lake.open(home)
    try:
        with lake.connection() as connection:
            return connection.execute(statement).fetchall()
    finally:
        lake.close()


@pytest.fixture(scope="module")
def lakes(tmp_path_factory) -> tuple[Path, Path]:
    """A lake as today's reader leaves it, and one whose every second page an older reader read otherwise.

    The older reader took the last paragraph of an article for an appeal, and the title for a line of the site.
    """
    folder = tmp_path_factory.mktemp("reread")
    for number in range(PAGES):
        story = [
            f"Engineers reopen well number {number}",
            *(
                f"Well {number} at Sangar {place} was reopened by engineer {number * 7 + n}, who said that {number + n} "
                f"families of quarter {n * 3} would draw water there again before the winter set in."
                for n, place in enumerate(("north", "south", "east"))
            ),
        ]
        (folder / f"story-{number:02}.txt").write_text("\n\n".join(story), encoding="utf-8")
    today, older = folder / "today", folder / "older"
    backfill.fn([str(file) for file in sorted(folder.glob("*.txt"))], "zz_wells", lake=str(today))
    shutil.copytree(today, older)
    lake = Lake.open(older)
    for batch in unread_captures(lake, Unread.ALL, reader_version=OLD_READER):
        readings = []
        for number, capture in enumerate(batch):
            reading = replace(read_capture(capture, Source(name="zz_wells")), reader_version=OLD_READER)
            (article,) = reading.articles
            *others, last = article.blocks
            if number % 2:
                blocks = (*others, replace(last, kind=BlockKind.APPEAL, rule="appeal.old"))
                text = "\n".join(block.text for block in blocks if block.kind is BlockKind.BODY)
                article = replace(article, blocks=blocks, text=text, title=None)
            readings.append((capture, replace(reading, articles=(article,))))
        store_readings(lake, readings, run_id="older", now=now())
    find_copies(lake, run_id="older", now=now())
    lake.close()
    return today, older


@pytest.fixture
def older(lakes, tmp_path) -> Path:
    return Path(shutil.copytree(lakes[1], tmp_path / "lake"))


def test_what_would_change_is_said_and_nothing_is_changed_until_it_is_accepted(lakes, older, nightwire):
    ledger, texts = ask(older, LEDGER), ask(older, TEXTS)

    said = nightwire("reread", lake=older)

    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert f"{PAGES} pages read again: {PAGES // 2} say something else" in lines[1]
    assert "nightwire reread --accept" in lines[2]
    (source,) = [n for n, line in enumerate(lines) if line.startswith("zz_wells")]
    (appeal,) = [n for n, line in enumerate(lines) if "block: appeal → body" in line]
    assert appeal > source
    pages, blocks, word_count, articles = map(int, re.findall(r"\d+", lines[appeal]))
    assert (pages, blocks, articles) == (PAGES // 2, PAGES // 2, PAGES // 2)
    assert word_count > PAGES // 2 * 10
    assert "Sangar east" in lines[appeal + 1]
    assert lines[appeal + 1].endswith("@ block 3")
    assert any(line.startswith("  title ") for line in lines)
    assert (ask(older, LEDGER), ask(older, TEXTS)) == (ledger, texts)
    assert is_waiting(older)

    again = reread.fn(lake=str(older))
    assert again.splitlines()[1:] == lines[1:], "the trial is kept, not made again"

    accepted = nightwire("reread", "--accept", lake=older)

    assert accepted.returncode == 0, accepted.stderr
    assert "all of it is stored" in accepted.stdout
    assert "block: appeal → body" in accepted.stdout
    assert ask(older, LEDGER) == ask(lakes[0], LEDGER)
    assert ask(older, TEXTS) == ask(lakes[0], TEXTS)
    assert ask(older, "select distinct reader_version from readings") == [(READER_VERSION,)]
    assert not is_waiting(older)


def test_accepting_at_once_stores_and_says_the_same(lakes, older):
    said = reread.fn(accept=True, lake=str(older))
    assert "block: appeal → body" in said
    assert ask(older, LEDGER) == ask(lakes[0], LEDGER)
    assert ask(older, "select sum(page_count), sum(waiting_count) from report_rereads") == [(PAGES, 0)]


def test_the_report_stays_in_the_lake_for_analysts(older, nightwire):
    reread.fn(lake=str(older))
    said = nightwire(
        "sql",
        "--csv",
        "select source, was, becomes, page_count from report_reread_changes where change = 'block'",
        lake=older,
    )
    assert said.stdout.splitlines()[1:] == [f"zz_wells,appeal,body,{PAGES // 2}"]


def test_a_reader_that_reads_all_as_before_says_so(lakes, tmp_path):
    today = shutil.copytree(lakes[0], tmp_path / "lake")
    assert "nightwire reread --everything" in reread.fn(lake=str(today))
    said = reread.fn(everything=True, lake=str(today))
    assert f"{PAGES} pages read again: 0 say something else" in said
    assert "--accept" not in said


@pytest.mark.parametrize("accept", [False, True])
def test_a_reread_killed_again_and_again_ends_as_one_that_was_not(older, tmp_path, accept):
    undisturbed = Path(shutil.copytree(older, tmp_path / "undisturbed"))
    reread.fn(accept=accept, lake=str(undisturbed))

    program = f"import sys; from flows.reread import reread; reread.fn(accept={accept}, lake=sys.argv[1])"
    for patience in (2.2, 3.2):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(older)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(patience)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    reread.fn(accept=accept, lake=str(older))

    trials = (
        "select capture_id, change, was, becomes, block_count, word_count, example from reread_changes order by all",
        "select capture_id, is_changed, reading_sha256, before_version from reread_pages order by all",
    )
    for statement in (LEDGER, TEXTS, *trials):
        assert ask(older, statement) == ask(undisturbed, statement)
