"""Real crawl children without the price of their start: forked off a process that has imported everything once.

What runs is `spiders.child.main`, as `spiders.launch` starts it, in a process of its own that can be killed.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field

from spiders import CrawlJob, SourceStats
from spiders.child import main
from spiders.records import JOB_JSON, STATS_JSON

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a child has told."""

    code: int | None
    stats: dict[str, SourceStats] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)  # for whoever started the crawl
    warnings: list[str] = field(default_factory=list)


class ForkedCrawl:
    """A crawl under way."""

    def __init__(self, job: CrawlJob) -> None:
        logs = job.lake / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._out = logs / f"{job.run_id}.out"
        job_file = logs / f"{job.run_id}.job.json"
        job_file.write_bytes(JOB_JSON.dump_json(job))
        self.process = _CONTEXT.Process(target=_be_child, args=(str(job_file), str(self._out)))
        self.process.start()

    def kill(self) -> None:
        """End it as a power cut does; it may have ended by itself."""
        assert self.process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()

    def wait(self, seconds: float = 60) -> Told:
        """Let it end by itself."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "the crawl does not end"
        stats: dict[str, SourceStats] = {}
        lines: list[str] = []
        warnings: list[str] = []
        for line in self._out.read_bytes().splitlines():
            message = json.loads(line)
            kind = message.pop("kind")
            if kind == "stats":
                stats[message["source"]] = STATS_JSON.validate_python(message)
            elif kind == "error" or (kind == "log" and message["level"] >= logging.WARNING):
                warnings.append(message["text"])
            elif kind == "log":
                lines.append(message["text"])
        return Told(code=self.process.exitcode, stats=stats, lines=lines, warnings=warnings)


def run(job: CrawlJob) -> Told:
    """Crawl to the end."""
    return ForkedCrawl(job).wait()


def _be_child(job_file: str, out_file: str) -> None:
    stdin, _never_closed = os.pipe()
    os.dup2(stdin, 0)
    out = os.open(out_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(os.open(out_file + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    sys.exit(main(["--job", job_file]))
