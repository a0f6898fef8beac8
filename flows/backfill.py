"""The past into the same tables as tonight: files that are here, addresses that are known, archives of publishers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from prefect import flow

from articles.errors import NightwireError
from flows import report, steps
from flows.addresses import STDIN
from flows.run import Run, fail_on_alarm, opened_run
from flows.sources import all_sources
from spiders import CrawlResult, SourceFile
from warehouse import LoadCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of the past is asked for: files, a list of addresses, or days of a source's archives; one of the three.

    Raises:
        NightwireError: none or several of the three, something that is not there, or an option of another of them.
    """

    paths: tuple[str, ...] = ()
    source: str | None = None
    all_hosts: bool = False
    urls_file: str | None = None
    since: date | None = None
    until: date | None = None
    newsroom: str | None = None

    def __post_init__(self) -> None:
        has_days = self.since is not None or self.until is not None
        if bool(self.paths) + (self.urls_file is not None) + has_days != 1:
            raise NightwireError(
                "a backfill takes one of these at a time: files and folders (PATH…), a list of addresses (--urls FILE), "
                "or days of a source's archives (--source X --from DAY --to DAY); give one, and run it again for the next"
            )
        if self.all_hosts and (not self.paths or self.source is not None):
            raise NightwireError(
                "--all-hosts takes every page of web archives; leave out --source, and name the files"
            )
        if self.newsroom is not None and self.paths:
            raise NightwireError("files are read without asking anybody; leave out --newsroom")
        if self.urls_file is not None and self.source is not None:
            raise NightwireError(
                "an address belongs to the source that has its host; leave out --source beside --urls"
            )
        for path in self.paths:
            if not Path(path).exists():
                raise NightwireError(
                    f"there is no file or folder {path}; nothing was loaded. Mend the path and start again"
                )
        if self.urls_file not in (None, STDIN) and not Path(self.urls_file or "").is_file():
            raise NightwireError(
                f"there is no list of addresses {self.urls_file}; name a file with one address a line, or - for standard input"
            )
        if has_days:
            self.archive_source()

    def archive_source(self) -> SourceFile:
        """The source whose archives are asked for."""
        if self.since is None or self.until is None or self.source is None or self.since > self.until:
            raise NightwireError(
                "archives are asked for the days of one source; give --source X, --from DAY and --to DAY, the first day first"
            )
        known = all_sources()
        if self.source not in known:
            raise NightwireError(
                f"there is no source {self.source}; `nightwire sources` lists the {len(known)} there are"
            )
        source = known[self.source]
        if not source.archives:
            raise NightwireError(
                f"the source {self.source} names no archives, so its past cannot be found by day; add to {self.source}.toml "
                'the key archives: addresses of sitemaps or pages, such as "https://daily.example/sitemap-{yyyy}-{mm}.xml" '
                "(docs/adding-a-source.md)"
            )
        return source


@flow(name="backfill", flow_run_name="backfill", timeout_seconds=24 * 3600)
def backfill(
    paths: list[str] | None = None,
    source: str | None = None,
    all_hosts: bool = False,
    urls_file: str | None = None,
    since: date | None = None,
    until: date | None = None,
    newsroom: str | None = None,
    lake: str | None = None,
    wait: bool = True,
) -> str:
    """Load the past; a second time, or after a kill, only what is missing.

    Args:
        paths: files and folders of text, HTML, JSONL, web archives, lakes and exported captures.
        source: the source id of files and rows that do not name their own; of web archives the source whose pages are
            taken, all others left out; of archives by day the source that is asked. None where it is not known.
        all_hosts: of web archives also the pages of hosts that no source is at home at.
        urls_file: a list of addresses to ask for, one a line.
        since: the first day of a source's archives to ask for.
        until: the last.
        newsroom: address of the sample web, for sources that live there.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What came of it, as plain text.

    Raises:
        NightwireError: what is asked for is not there, or does not go together.
        NightBroken: a promise of the lake does not hold, a file was damaged, or there was something to read and nothing
            came of it.
    """
    asked = Asked(
        paths=tuple(paths or ()),
        source=source,
        all_hosts=all_hosts,
        urls_file=urls_file,
        since=since,
        until=until,
        newsroom=newsroom,
    )
    given = {**asdict(asked), "since": _text(since), "until": _text(until)}
    crawled: CrawlResult | None = None
    with opened_run("backfill", lake, night=None, parameters=given, wait=wait) as run:
        if asked.paths:
            files = [Path(one) for one in asked.paths]
            stored = steps.store_files(run, files, source, is_every_host=all_hosts)
            run.alarm = _alarm_of_files(asked, stored, _load(run))
        else:
            crawled = _crawl(run, asked)
            _load(run)
            run.alarm = _alarm_of_crawl(asked, crawled)
    said = report.load(run) if crawled is None else report.past(run, crawled)
    fail_on_alarm(run, said)
    return said


def _crawl(run: Run, asked: Asked) -> CrawlResult:
    if asked.urls_file is not None:
        sources = steps.queue_addresses(run, asked.urls_file)
    else:
        sources = [asked.archive_source()]
    if not sources:  # every address of the list was had before, or none is one
        return CrawlResult(
            run_id=run.run_id,
            is_finished=True,
            outcome="finished",
            stats={},
            failures=(),
            log_file=run.lake.home / "logs",
        )
    return steps.crawl_past(run, sources, asked.newsroom, asked.since, asked.until)


def _load(run: Run) -> LoadCounts:
    read = steps.read_captures(run)
    steps.find_tonights_copies(run)
    steps.find_tonights_stories(run)
    steps.keep_promises(run)
    return read


def _alarm_of_files(asked: Asked, stored: steps.FileCounts, read: LoadCounts) -> str | None:
    if stored.damaged:
        return (
            f"{stored.damaged:,} things in {', '.join(asked.paths)} are damaged, and everything else of it is loaded; the "
            "report and the table rejected name each with its place; get the file again, and run this again"
        )
    is_new_to_us = stored.known == 0 and stored.files > 0
    if is_new_to_us and not read.new + read.changed + read.unchanged:
        return f"no article came of {', '.join(asked.paths)}; the report says why each thing was set aside"
    return None


def _alarm_of_crawl(asked: Asked, crawled: CrawlResult) -> str | None:
    totals = crawled.stats.values()
    lists = [end for one in totals for end in one.endpoints]
    if lists and all(end.reason is not None for end in lists):
        reasons = sorted({end.reason or "" for end in lists})
        return (
            f"no archive of {asked.source} gave anything ({', '.join(reasons)}); see whether they moved: "
            f"`nightwire sources check {asked.source}`; the crawl's log is {crawled.log_file}"
        )
    if sum(one.asked for one in totals) and not sum(one.stored for one in totals):
        return f"no page was had; the report says why, and the crawl's log is {crawled.log_file}"
    if crawled.outcome not in ("finished", "out_of_time"):
        return f"the crawl ended before its end ({crawled.outcome}); run the same again, and it goes on from there"
    return None


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
