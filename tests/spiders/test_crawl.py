"""Whole crawls in their own process: two nights of the sample web, budgets, stops, kills, and what the parent hears."""

from __future__ import annotations

import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from articles.errors import NightwireError
from articles.records import Capture
from articles.urls import url_key
from newsroom import Newsroom
from spiders import CrawlJob, crawl, load_sources
from spiders.child import printable
from spiders.frontier import Frontier, State
from spiders.launch import Stopper
from spiders.records import JOB_JSON
from warehouse.spool import read_spooled

TONIGHT = date(2026, 11, 20)


def captured(lake: Path) -> list[Capture]:
    return [capture for _, capture in read_spooled(lake / "spool")]


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """The first night, the same night again, and the second night of the whole sample web."""
    lake = tmp_path_factory.mktemp("lake")
    sources = tuple(source for source in load_sources().values() if source.is_sample)
    runs = []
    with Newsroom() as newsroom:
        for run, night in enumerate((1, 1, 2)):
            newsroom.night = night
            newsroom.reset()
            said: list[tuple[int, str]] = []
            job = CrawlJob(
                lake=lake,
                run_id=f"run-{run}",
                night=TONIGHT + timedelta(days=night),
                sources=sources,
                newsroom=newsroom.url,
            )
            result = crawl(
                job, on_log=lambda level, text, said=said: said.append((level, text)), timeout_s=60
            )
            new = [capture for capture in captured(lake) if capture.run_id == job.run_id]
            runs.append(
                SimpleNamespace(job=job, result=result, said=said, asked=newsroom.requests, captures=new)
            )
    return runs


def test_every_outlet_brings_articles_and_every_address_is_answered_for(nights):
    first = nights[0]
    assert first.result.is_finished
    for stats in first.result.stats.values():
        assert stats.asked == stats.stored + sum(stats.failed.values()) + sum(stats.skipped.values()), stats
        assert stats.stored > 0, stats
        assert all(endpoint.reason is None for endpoint in stats.endpoints)
    assert {endpoint.via for stats in first.result.stats.values() for endpoint in stats.endpoints} == {
        "feed",
        "sitemap",
        "section",
    }


def test_what_robots_txt_disallows_is_never_asked_for(nights):
    skipped = Counter()
    for stats in nights[0].result.stats.values():
        skipped.update(stats.skipped)
    assert skipped["robots"] >= 1
    for run in nights:
        log = run.result.log_file.read_text()
        for refused in re.findall(r"does not allow http://([^/\s]+)(\S+)", log):
            assert refused not in {(request.host, request.path) for request in run.asked}


def test_a_busy_page_is_asked_for_again_after_the_pause(nights):
    asked = nights[0].asked
    busy = [request for request in asked if request.status == 429]
    assert busy
    for refusal in busy:
        after = [one for one in asked if one.host == refusal.host and one.at > refusal.at]
        early = [one for one in after if one.at - refusal.at < 1.9]
        assert len(early) <= 1  # of the whole host; one may be on its way when the refusal comes
        again = [one for one in after if one.path == refusal.path]
        assert again[0].status == 200


def test_twins_of_an_address_are_fetched_once(nights):
    for run in nights:
        keys = Counter(url_key(capture.requested_url) for capture in run.captures)
        assert set(keys.values()) <= {1}
    both = Counter((capture.source, capture.url) for capture in (*nights[0].captures, *nights[1].captures))
    assert set(both.values()) == {1}


def test_the_same_night_again_fetches_nothing_new(nights):
    again = nights[1]
    assert again.result.is_finished
    assert again.captures == []
    assert sum(stats.asked for stats in again.result.stats.values()) == 0
    lists = {request.path for request in nights[0].asked if request.status == 200}
    assert {request.path for request in again.asked} <= lists
    assert any(request.status == 304 for request in again.asked)


def test_the_second_night_brings_what_is_new_and_what_was_corrected(nights):
    before = {capture.url: capture.body_sha256 for capture in nights[0].captures}
    corrected = [
        one for one in nights[2].captures if one.url in before and before[one.url] != one.body_sha256
    ]
    unchanged = [one for one in nights[2].captures if before.get(one.url) == one.body_sha256]
    new = [one for one in nights[2].captures if one.url not in before]
    assert corrected
    assert new
    assert not unchanged


def test_the_parent_hears_one_line_per_source_and_what_went_wrong(nights):
    lines = [text for level, text in nights[0].said if level == logging.INFO]
    for source, stats in nights[0].result.stats.items():
        assert (
            sum(line.startswith(f"{source}: asked {stats.asked}, stored {stats.stored}") for line in lines)
            == 1
        )
    assert not [text for level, text in nights[0].said if level > logging.WARNING]


def test_the_frontier_tells_the_lake_what_became_of_each_address(nights):
    with Frontier.open(nights[0].job.lake / "frontier.sqlite") as frontier:
        changes = frontier.changes()
        states = Counter(row.state for row in changes.urls)
        feeds = list(changes.feeds)
    assert states[State.PENDING] == 0
    assert states[State.FETCHED] >= len({capture.url for run in nights for capture in run.captures})
    assert {feed.url for feed in feeds} == {
        endpoint.url for stats in nights[0].result.stats.values() for endpoint in stats.endpoints
    }


def slow_source(web, desk, lake: Path, host: str):
    """A source of thirty articles that takes three seconds, on a lake of its own."""
    web.articles(host, [f"/news/{number}" for number in range(30)])
    source = desk.source(host, delay_s=0.1)

    def job(run_id: str, **keys) -> CrawlJob:
        given = {"lake": lake, "run_id": run_id, "night": TONIGHT, "sources": (source,), "newsroom": web.url}
        return CrawlJob(**{**given, **keys})

    return SimpleNamespace(lake=lake, name=source.name, job=job, pages=lambda: web.paths(host))


@pytest.fixture
def slow(web, desk, tmp_path):
    host = f"{tmp_path.name.replace('_', '-')[-40:].strip('-')}.example"
    return slow_source(web, desk, tmp_path, host)


def wait_for(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def children() -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "spiders.child"], capture_output=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def listening(pid: int) -> list[str]:
    """Sockets on which a process listens; the kernel's own list."""
    own = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]


@pytest.fixture(scope="module")
def life(web, desk, tmp_path_factory):
    """One lake's hard days: a crawl killed in the middle, one with a small budget, one out of time, one that may end."""
    slow = slow_source(web, desk, tmp_path_factory.mktemp("life"), "hard-days.example")
    killed: list[object] = []

    def run() -> None:
        try:
            killed.append(crawl(slow.job("killed")))
        except NightwireError as problem:
            killed.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: len(slow.pages()) >= 6)
    (child,) = children()
    listened = listening(child) if Path("/proc/self/fd").exists() else []
    os.kill(child, signal.SIGKILL)
    thread.join(20)
    kept = [len(captured(slow.lake))]
    results = []
    for run_id, keys in (("budget", {"page_budget": 3}), ("hasty", {"run_seconds": 1}), ("calm", {})):
        results.append(crawl(slow.job(run_id, **keys), timeout_s=60))
        kept.append(len(captured(slow.lake)))
    return SimpleNamespace(slow=slow, killed=killed[0], listened=listened, kept=kept, results=results)


def test_a_killed_crawl_says_so_and_the_next_ones_lose_nothing(life):
    assert isinstance(life.killed, NightwireError)
    for words in ("the crawl killed broke down", "next run goes on", "killed.log"):
        assert words in str(life.killed)
    assert life.kept[0] >= 4
    assert {capture.requested_url for capture in captured(life.slow.lake)} == {
        f"http://hard-days.example/news/{number}" for number in range(30)
    }
    assert life.results[-1].is_finished
    assert len(life.slow.pages()) <= 32  # none is asked for twice but what a kill or stop caught on its way


def test_a_budget_is_kept_and_the_surplus_waits(life):
    stats = life.results[0].stats[life.slow.name]
    assert (stats.stored, stats.skipped) == (3, {"budget": stats.asked - 3})
    assert life.results[0].is_finished


def test_a_crawl_out_of_time_stops_politely_and_keeps_what_it_has(life):
    before, hasty = life.results[0].stats[life.slow.name], life.results[1]
    stats = hasty.stats[life.slow.name]
    assert (hasty.is_finished, hasty.outcome) == (False, "out_of_time")
    assert 0 < stats.stored < stats.asked == before.asked - before.stored
    assert stats.skipped == {"stopped": stats.asked - stats.stored}
    assert stats.stored == life.kept[2] - life.kept[1]


def test_nothing_listens_while_a_crawl_runs(life):
    assert life.listened == []


def test_a_crawl_ends_when_its_parent_dies(slow):
    script = (
        "import sys; from pathlib import Path; from spiders.launch import crawl; from spiders.records import JOB_JSON;"
        "crawl(JOB_JSON.validate_json(Path(sys.argv[1]).read_bytes()))"
    )
    job = slow.job("orphan")
    (slow.lake / "job.json").write_bytes(JOB_JSON.dump_json(job))
    parent = subprocess.Popen([sys.executable, "-c", script, str(slow.lake / "job.json")])
    wait_for(lambda: len(slow.pages()) >= 3)
    parent.kill()
    parent.wait()

    wait_for(lambda: "Spider closed (stopped)" in (slow.lake / "logs" / "orphan.log").read_text())
    with Frontier.open(slow.lake / "frontier.sqlite") as frontier:
        fetched = [row for row in frontier.changes().urls if row.state is State.FETCHED]
    assert 2 <= len(fetched) == len(captured(slow.lake)) < 30


def test_an_interrupted_parent_leaves_no_child(slow):
    class Cancelled(BaseException):
        """As Prefect raises it."""

    def cancel(_progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        crawl(slow.job("cancelled"), on_progress=cancel)
    assert not children()


@pytest.mark.parametrize(
    ("program", "has_killed"),
    [("import sys; sys.stdin.read()", False), ("import time; time.sleep(60)", True)],
)
def test_a_child_is_asked_before_it_is_killed(program, has_killed):
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    stopper = Stopper(child, grace_s=2.0)
    stopper.stop_after(0.05)
    child.wait(20)
    stopper.make_sure()
    assert stopper.has_killed is has_killed


def test_what_keeps_a_crawl_from_beginning_is_said_in_one_sentence(slow):
    Frontier.open(slow.lake / "frontier.sqlite").close()
    with sqlite3.connect(slow.lake / "frontier.sqlite") as frontier:
        frontier.execute("pragma user_version = 99")
    with pytest.raises(NightwireError, match=r"frontier\.sqlite was written by a newer Nightwire"):
        crawl(slow.job("newer"))


def test_a_lake_that_cannot_be_written_is_named(slow, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NightwireError, match=r"nothing can be written into the lake .*file.* NIGHTWIRE_LAKE"):
        crawl(slow.job("nowhere", lake=tmp_path / "file"))


def test_the_sample_web_must_be_on_this_machine(slow):
    for address in (
        "http://localhost:8000",
        "http://192.168.0.1:8000",
        "https://127.0.0.1:8000",
        "127.0.0.1:8000",
    ):
        with pytest.raises(NightwireError, match="nightwire newsroom"):
            slow.job("x", newsroom=address)


def test_text_for_a_log_cannot_steer_a_terminal():
    assert printable("a\x1b[2Jb\r\u202ec\u200bd\ne") == r"a\u001b[2Jb\u000d\u202ec\u200bd" + "\ne"
    assert printable("سرخ‌آب") == r"سرخ\u200cآب"
