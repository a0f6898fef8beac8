"""The child process of a crawl: `python -m spiders.child --job FILE`, or `--look FILE`, started by `spiders.launch`.

It says what it does in one JSON object per line on standard output (kinds "progress", "log", "failure", "stats",
"visited", "error", "end"), and stops politely when its standard input ends. Exit status: 0 finished, 75 stopped before the end,
1 could not begin. Everything in detail is in `<lake>/logs/<run_id>.log`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from typing_extensions import override

from articles.errors import NightwireError
from spiders import settings
from spiders.launch import FINISHED, INCOMPLETE
from spiders.look_spider import LookSpider
from spiders.looking import LOOK_JSON, LookJob
from spiders.records import JOB_JSON, STATS_JSON, CrawlJob
from spiders.spider import LOG, NewsSpider

SWITCH_SECONDS = (
    0.0005  # the loop waits so long for a thread that works on a long list; Python's own are ten times that
)


class Bridge:
    """A Scrapy extension between the spider and the parent process."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.say: Callable[..., None] = crawler.settings["NIGHTWIRE_SAY"]
        self.job: CrawlJob = crawler.settings["NIGHTWIRE_JOB"]
        self.outcome = "died"
        self.has_error = False
        self._stopping: asyncio.Task[None] | None = None
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.closed, signals.spider_closed)
        crawler.signals.connect(self.failed, signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Bridge:
        """As Scrapy makes it."""
        return cls(crawler)

    def opened(self) -> None:
        """Listen for the end of standard input and of the time given."""
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin.fileno(), self._read_stdin)
        loop.call_later(self.job.run_seconds, self.stop, "out_of_time")

    def failed(self) -> None:
        """A mistake of ours in the spider; Scrapy has logged it and goes on, which must not look like success."""
        self.has_error = True

    def closed(self, spider: NewsSpider | LookSpider, reason: str) -> None:
        """Tell what came of it."""
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        if isinstance(spider, NewsSpider):
            for lane in spider.lanes.values():
                self.say("stats", **STATS_JSON.dump_python(lane.stats(), mode="json"))
        self.outcome = "error" if self.has_error and reason == "finished" else reason
        self.say("end", outcome=self.outcome)

    def stop(self, why: str) -> None:
        """Ask for nothing more, wait for what is on its way, and close."""
        if (
            self._stopping is None
            and self.crawler.engine is not None
            and self.crawler.engine.spider is not None
        ):
            LOG.warning("the crawl stops before its end: %s", why)
            spider = self.crawler.spider
            assert isinstance(spider, NewsSpider | LookSpider)
            spider.stop_asking()
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=why))

    def _read_stdin(self) -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self.stop("stopped")


class _Voice:
    """Writes messages where the parent reads; falls silent when nobody does."""

    def __init__(self) -> None:
        self._out = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break a message

    def say(self, kind: str, **fields: Any) -> None:
        line = memoryview(json.dumps({"kind": kind, **fields}, default=str).encode() + b"\n")
        with suppress(BrokenPipeError):  # the parent is gone; the end of standard input says so too
            while line:
                line = line[os.write(self._out, line) :]


class _ParentHandler(logging.Handler):
    """Passes on warnings, and the lines that are written for whoever started the run."""

    def __init__(self, say: Callable[..., None]) -> None:
        super().__init__(logging.INFO)
        self._say = say

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING or record.name == LOG.name:
            self._say("log", level=record.levelno, text=printable(record.getMessage()))


class _PrintableFormatter(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def printable(text: str) -> str:
    """Text with what could steer a terminal or hide in a line written out: controls and directions, not letters."""
    return "".join(
        char
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp")
        else f"\\u{ord(char):04x}"
        for char in text
    )


def main(arguments: list[str] | None = None) -> int:
    """Run one crawl; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m spiders.child", description="Crawl, or look at, the sources of one job."
    )
    jobs = parser.add_mutually_exclusive_group(required=True)
    jobs.add_argument("--job", type=Path, help="a crawl as JSON, as spiders.launch writes it")
    jobs.add_argument("--look", type=Path, help="a look as JSON, as spiders.looking writes it")
    given = parser.parse_args(arguments)
    job_file: Path = given.look or given.job
    voice = _Voice()
    try:
        written = job_file.read_bytes()
        job = JOB_JSON.validate_json(written) if given.look is None else LOOK_JSON.validate_json(written)
        crawler = _crawl(job, voice.say)
    except NightwireError as problem:
        voice.say("error", text=str(problem))
        return 1
    except (OSError, ValidationError) as problem:
        voice.say(
            "error",
            text=f"the crawl of {job_file} cannot begin: {problem}; check the file and the lake's folder",
        )
        return 1
    bridge = crawler.get_extension(Bridge)
    return FINISHED if bridge is not None and bridge.outcome == "finished" else INCOMPLETE


def _crawl(job: CrawlJob | LookJob, say: Callable[..., None]) -> Crawler:
    crawl = job.crawl if isinstance(job, LookJob) else job
    log_file = logging.FileHandler(crawl.lake / "logs" / f"{crawl.run_id}.log", encoding="utf-8")
    log_file.setFormatter(_PrintableFormatter("%(asctime)s [%(name)s] %(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[log_file, _ParentHandler(say)], force=True)
    LOG.setLevel(
        logging.DEBUG
    )  # why an address was skipped or failed; of libraries that would cost as much as the page
    if not settings.NIGHTWIRE_CONTACT and any(not source.is_sample for source in crawl.sources):
        LOG.warning(
            "publishers cannot reach you: set NIGHTWIRE_CONTACT to a page or mail address; "
            "many refuse a robot that names nobody"
        )
    fitted = settings.for_job(crawl)
    fitted |= {"NIGHTWIRE_SAY": say, "NIGHTWIRE_JOB": crawl, "EXTENSIONS": {**settings.EXTENSIONS, Bridge: 0}}
    process = AsyncCrawlerProcess(fitted, install_root_handler=False)
    crawler = process.create_crawler(LookSpider if isinstance(job, LookJob) else NewsSpider)
    running = process.crawl(crawler, job=job, say=say)
    process.start()
    running.result()
    return crawler


if __name__ == "__main__":
    sys.exit(main())
