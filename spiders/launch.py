"""The parent's side of a crawl: start the child, pass on what it says, and never leave it behind.

The child (`spiders.child`) writes one JSON object per line on its standard output. Its standard input is a dead
man's switch: when it ends, because this process closed it or died, the child stops politely and keeps what it has.
Why a process of its own: notes/orchestration.md 3 (a reactor cannot start twice, and a crawl must be killable).
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from articles.errors import NightwireError
from spiders.records import (
    FAILURE_JSON,
    JOB_JSON,
    STATS_JSON,
    CrawlFailure,
    CrawlJob,
    CrawlResult,
    SourceStats,
)

FINISHED, INCOMPLETE = 0, 75  # the child's exit codes; 75 is EX_TEMPFAIL of sysexits.h
GRACE_SECONDS = 20.0  # for a polite stop; Prefect kills a cancelled run after 30
LOG_TAIL_CHARS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a crawl is, over all its sources."""

    done: int  # articles answered for, whatever the answer
    queued: int  # articles still to ask for; grows while feeds are being read
    source: str  # the source that moved last


def crawl(
    job: CrawlJob,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_log: Callable[[int, str], None] | None = None,
    timeout_s: float | None = None,
    grace_s: float = GRACE_SECONDS,
) -> CrawlResult:
    """Crawl in a child process and wait for it. What was fetched is in `<lake>/spool/`, whatever happens.

    Args:
        job: what to crawl.
        on_progress: called from this thread, now and then.
        on_log: called with a `logging` level and a line: warnings, and one summary line per source.
        timeout_s: after it the child is asked to stop, and killed when it has not within `grace_s`;
            None waits as long as `job.run_seconds` lets the child run.
        grace_s: how long a polite stop may take.

    Returns:
        The result, also of a crawl that was stopped in time; `is_finished` tells.

    Raises:
        NightwireError: the lake cannot be written, or the child broke down; then with the end of its log.
        BaseException: whatever interrupts the wait (a cancelled flow, Ctrl-C), after the child has been stopped.
    """
    report = _Report(on_progress, on_log)
    is_finished = _run_child(job, "--job", JOB_JSON.dump_json(job, indent=1), report, timeout_s, grace_s)
    return CrawlResult(
        run_id=job.run_id,
        is_finished=is_finished,
        outcome=report.outcome,
        stats=report.stats,
        failures=tuple(report.failures),
        log_file=_log_file(job),
    )


def look_in_child(
    job: CrawlJob,
    look: bytes,
    *,
    on_visited: Callable[[str, bool], None],
    on_log: Callable[[int, str], None] | None = None,
) -> None:
    """Run a look (`spiders.looking`) in a child process and wait for it.

    Args:
        job: its crawl; answers and log go below its `lake`.
        look: the whole job as JSON.
        on_visited: called with a source's id, and whether its look came to its end, once its answers are written.
        on_log: as for `crawl`.

    Raises:
        NightwireError: as for `crawl`.
        BaseException: whatever interrupts the wait, after the child has been stopped.
    """
    report = _Report(None, on_log, on_visited)
    _run_child(job, "--look", look, report, timeout_s=job.run_seconds + GRACE_SECONDS, grace_s=GRACE_SECONDS)


def _run_child(
    job: CrawlJob, option: str, written: bytes, report: _Report, timeout_s: float | None, grace_s: float
) -> bool:
    """Start the child with its job, and pass on what it says until it ends; whether it came to its end."""
    logs = job.lake / "logs"
    job_file, log_file = logs / f"{job.run_id}.job.json", _log_file(job)
    try:
        logs.mkdir(parents=True, exist_ok=True)
        job_file.write_bytes(written)
    except OSError as problem:
        raise NightwireError(
            f"nothing can be written into the lake {job.lake} ({problem}); expected a folder of ours with space on its "
            "disk; check it, or name another with NIGHTWIRE_LAKE"
        ) from problem

    with log_file.open("ab") as log:  # a child of its own log: an inherited stderr would hide our own death
        child = subprocess.Popen(
            [sys.executable, "-m", "spiders.child", option, str(job_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    stopper = Stopper(child, grace_s)
    if timeout_s is not None:
        stopper.stop_after(timeout_s)
    try:
        assert child.stdout is not None
        for line in child.stdout:
            report.read(line)
        code = child.wait()
    finally:
        stopper.make_sure()
    if report.error is not None:
        raise NightwireError(report.error)
    if code not in (FINISHED, INCOMPLETE) and not stopper.has_killed:
        raise NightwireError(
            f"the crawl {job.run_id} broke down (exit code {code}); what it fetched is kept and the next run goes on "
            f"from there; the end of {log_file}:\n{_tail(log_file)}"
        )
    return code == FINISHED


def _log_file(job: CrawlJob) -> Path:
    return job.lake / "logs" / f"{job.run_id}.log"


class _Report:
    """What the child has said so far."""

    def __init__(
        self,
        on_progress: Callable[[Progress], None] | None,
        on_log: Callable[[int, str], None] | None,
        on_visited: Callable[[str, bool], None] | None = None,
    ) -> None:
        self.on_progress = on_progress
        self.on_log = on_log
        self.on_visited = on_visited
        self.outcome = "died"
        self.stats: dict[str, SourceStats] = {}
        self.failures: list[CrawlFailure] = []
        self.error: str | None = None  # what kept the crawl from beginning

    def read(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            kind = message.pop("kind")
        except (ValueError, KeyError, TypeError, AttributeError):  # torn by a kill, or printed by a library
            if self.on_log:
                self.on_log(logging.WARNING, f"the crawl said what is no message: {line[:200]!r}")
            return
        if kind == "progress" and self.on_progress:
            self.on_progress(Progress(**message))
        elif kind == "log" and self.on_log:
            self.on_log(message["level"], message["text"])
        elif kind == "visited" and self.on_visited:
            self.on_visited(message["source"], message["is_whole"])
        elif kind == "failure":
            self.failures.append(FAILURE_JSON.validate_python(message))
        elif kind == "stats":
            stats = STATS_JSON.validate_python(message)
            self.stats[stats.source] = stats
        elif kind == "error":
            self.error = message["text"]
        elif kind == "end":
            self.outcome = message["outcome"]


class Stopper:
    """Stops the child politely, then for good; both at most once, from any thread."""

    def __init__(self, child: subprocess.Popen[bytes], grace_s: float) -> None:
        self.child = child
        self.grace_s = grace_s
        self.has_killed = False
        self.timer: Timer | None = None

    def stop_after(self, seconds: float) -> None:
        """Begin to stop the child when so many seconds have passed."""
        self._start_timer(seconds, self._stop_politely)

    def make_sure(self) -> None:
        """Leave no child behind: called when nobody listens to it any more."""
        if self.timer is not None:
            self.timer.cancel()
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        with suppress(OSError):
            self.child.stdin.close()
        self.child.stdout.close()  # a child blocked on a full pipe could not stop
        try:
            self.child.wait(self.grace_s)
        except subprocess.TimeoutExpired:
            self._kill()
            self.child.wait()

    def _stop_politely(self) -> None:
        assert self.child.stdin is not None
        with suppress(OSError):
            self.child.stdin.close()
        self._start_timer(self.grace_s, self._kill)

    def _start_timer(self, seconds: float, action: Callable[[], None]) -> None:
        self.timer = Timer(seconds, action)
        self.timer.daemon = True
        self.timer.start()

    def _kill(self) -> None:
        if self.child.poll() is None:
            self.has_killed = True
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)


def _tail(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARS:]
