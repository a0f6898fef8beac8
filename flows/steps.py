"""The steps that flows put in order. Each calls one function of another room and says what came of it.

Every step may be done twice: what it leaves in the lake is keyed, and what a killed run left is finished by the
next one, because each step asks the lake what is still to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from articles import READER_VERSION
from articles.records import Capture, Reason
from flows import config
from flows.addresses import Address, named_candidates, read_addresses
from flows.files import Origin, SetAside, Tally, find_files, read_files
from flows.reader import current_reader
from flows.reading import Batch, Limits, read_all
from flows.run import NightBroken, Run, now
from flows.sources import known_address, known_feed, known_source, known_sources, source_of_url
from flows.step import step
from flows.watching import LOG, advance
from spiders import CrawlJob, CrawlResult, Progress, SourceFile, crawl
from spiders.frontier import Frontier, Verdict
from warehouse import (
    BROKEN_PROMISES,
    CopyCounts,
    LoadCounts,
    Refusal,
    RereadCounts,
    SourceCrawl,
    StoreCounts,
    StoryCounts,
    Unread,
    accept_unchanged,
    captures_to_reread,
    clean,
    compact,
    count_to_reread,
    count_unread,
    expire,
    find_copies,
    find_stories,
    load_spool,
    record_source_nights,
    record_trials,
    reread_counts,
    run_checks,
    silent_sources,
    store_captures,
    store_readings,
    store_refusals,
    store_sources,
    sync_seen,
    unread_captures,
)

REFUSED_AT_ONCE = 1000  # rows of `rejected` held in memory
ADDRESSES_AT_ONCE = 1000  # of a list
ROUND_SECONDS = 2 * 3600  # of a crawl of the past, before what it brought is loaded
PAST_ROUNDS = 10  # of one run; Prefect gives a backfill 24 hours
COMPACT_AFTER = 100  # batches: each leaves a small file in every table, and every question opens all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCounts:
    """What became of the files of a backfill."""

    files: int
    stored: int  # captures new in the lake; a JSONL file gives one per line
    known: int  # captures that were there already
    set_aside: int  # files, lines and records with a row in `rejected`
    damaged: int  # of these, how many are not the bytes that were written
    left_out: dict[str, int]  # records of web archives that are no pages of ours, by reason


class _Refused:
    """What a step sets aside, kept a thousand rows at a time and at its end."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting: list[Refusal] = []

    def add(self, refusal: Refusal) -> None:
        self._waiting.append(refusal)
        if len(self._waiting) >= REFUSED_AT_ONCE:
            self.keep()

    def keep(self) -> None:
        store_refusals(self._run.lake, self._waiting, run_id=self._run.run_id, now=now())
        self._waiting.clear()


@step(retries=1)
def crawl_sources(run: Run, sources: Sequence[SourceFile], newsroom: str | None) -> CrawlResult:
    """Fetch what is new into the spool; a source that fails is counted and the others go on."""
    assert run.night is not None
    store_sources(run.lake, [known_source(one) for one in sources])
    job = CrawlJob(
        lake=run.lake.home, run_id=run.run_id, night=run.night, sources=tuple(sources), newsroom=newsroom
    )
    return _crawl(run, job)


@step()
def queue_addresses(run: Run, file: str) -> list[SourceFile]:
    """Put the addresses of a list into the queue of the past, each once; known ones are counted and left alone.

    Returns:
        The sources that have any to be asked for, the one for a host no source is at home at among them.
    """
    counts: Counter[str] = Counter()
    asked: dict[str, SourceFile] = {}
    refused = _Refused(run)
    with Frontier.open(run.lake.home / "frontier.sqlite") as frontier:
        listed = read_addresses(file)
        while together := list(islice(listed, ADDRESSES_AT_ONCE)):
            found: dict[str, list[Address]] = {}
            for one in together:
                if isinstance(one, SetAside):
                    counts["set_aside"] += 1
                    refused.add(Refusal(rejected=one.rejected, requested_url=one.path))
                else:
                    found.setdefault(one.source.name, []).append(one)
            for name, addresses in found.items():
                source = addresses[0].source
                verdicts = frontier.record(
                    name, named_candidates(source, addresses), night=now().date(), at=now(), is_past=True
                )
                counts.update(_SAID[verdict] for verdict in verdicts)
                if Verdict.NEW in verdicts or Verdict.DUE in verdicts:
                    asked[name] = source
            refused.keep()
            advance("reading the list", counts.total(), None)
    run.count("addresses", {"listed": counts.total(), **counts})
    return list(asked.values())


_SAID = {
    Verdict.NEW: "waiting",
    Verdict.DUE: "waiting",
    Verdict.KNOWN: "known",
    Verdict.TWIN: "twins",
}


@step(retries=1)
def crawl_past(
    run: Run, sources: Sequence[SourceFile], newsroom: str | None, since: date | None, until: date | None
) -> CrawlResult:
    """Work off the queue of the past of some sources, politely; with days, read their archives for these first.

    It goes by rounds, and what a round brought is in the lake before the next begins: a crawl of days would fill the
    disk with pages that are still packed into no table.
    """
    store_sources(run.lake, [known_source(one) for one in sources if one.lake_id is not None])
    job = CrawlJob(
        lake=run.lake.home,
        run_id=run.run_id,
        night=now().date(),
        sources=tuple(sources),
        newsroom=newsroom,
        is_past=True,
        is_waiting_only=since is None,
        since=since,
        until=until,
        run_seconds=ROUND_SECONDS,
    )
    crawled = _crawl(run, job)
    stored = load_spool(run.lake, run_id=run.run_id, now=now())
    for _ in range(PAST_ROUNDS - 1):
        if crawled.outcome != "out_of_time":
            break
        crawled = crawled.and_then(_crawl(run, job))
        stored += load_spool(run.lake, run_id=run.run_id, now=now())
        _count_crawl(run, crawled)
    run.count("captures", asdict(stored))
    return crawled


def _crawl(run: Run, job: CrawlJob) -> CrawlResult:
    """Crawl, and bring into the lake what is not a page: failures, and the memory of addresses and lists."""
    ids = {one.name: one.lake_id for one in job.sources}
    result = crawl(job, on_progress=_show_crawl, on_log=LOG.log, timeout_s=job.run_seconds + 300)
    refusals = [
        Refusal(rejected=one.as_rejected(), source=ids.get(one.source), url=None, requested_url=one.url)
        for one in result.failures
    ]
    store_refusals(run.lake, refusals, run_id=run.run_id, now=now())
    with Frontier.open(run.lake.home / "frontier.sqlite") as frontier:
        changes = frontier.changes()
        sync_seen(run.lake, map(known_address, changes.urls), map(known_feed, changes.feeds))
        frontier.mark_synced(changes)
    _count_crawl(run, result)
    return result


def _count_crawl(run: Run, result: CrawlResult) -> None:
    totals = result.stats.values()
    run.count(
        "crawl",
        {
            "outcome": result.outcome,
            "asked": sum(one.asked for one in totals),
            "stored": sum(one.stored for one in totals),
            "failed": sum(sum(one.failed.values()) for one in totals),
            "skipped": sum(sum(one.skipped.values()) for one in totals),
        },
    )


def _show_crawl(progress: Progress) -> None:
    advance("fetching", progress.done, progress.done + progress.queued)


@step(retries=1)
def store_fetched(run: Run) -> StoreCounts:
    """Bring the spool into the lake: tonight's captures, and what a killed run left there."""
    counts = load_spool(run.lake, run_id=run.run_id, now=now())
    run.count("captures", asdict(counts))
    return counts


@step(retries=1)
def store_files(
    run: Run, paths: Sequence[Path], source: str | None, *, is_every_host: bool = False
) -> FileCounts:
    """Bring files into the lake as captures; what cannot be one is set aside with its name."""
    files = find_files(paths)
    origin = Origin(
        run_id=run.run_id, source=source, source_of=source_of_url(), now=now(), is_every_host=is_every_host
    )
    tally = Tally()
    refused = _Refused(run)

    def captures() -> Iterator[Capture]:
        for found in read_files(files, origin, tally):
            if isinstance(found, Capture):
                yield found
            else:
                refused.add(Refusal(rejected=found.rejected, source=source, requested_url=found.path))

    stored = store_captures(run.lake, captures())
    refused.keep()
    counts = FileCounts(
        files=len(files),
        stored=stored.stored,
        known=stored.known,
        set_aside=tally.set_aside.total(),
        damaged=tally.set_aside[Reason.DAMAGED],
        left_out=dict(tally.left_out.most_common()),
    )
    run.count("captures", asdict(counts))
    return counts


@step()
def read_captures(run: Run, scope: Unread = Unread.NEVER_READ) -> LoadCounts:
    """Read captures batch by batch, each batch in one transaction."""
    total = count_unread(run.lake, scope, reader_version=READER_VERSION)
    batches = unread_captures(run.lake, scope, reader_version=READER_VERSION)
    counts = LoadCounts()
    for number, batch in enumerate(_read_batches(batches, total), start=1):
        counts += store_readings(run.lake, batch, run_id=run.run_id, now=now())
        if number % COMPACT_AFTER == 0:
            compact(run.lake)
    run.count("articles", asdict(counts))
    return counts


@step()
def read_again(run: Run, scope: Unread, *, accept: bool) -> RereadCounts:
    """Read kept captures with the rules of today and record what that changes; store it only where `accept` says so.

    Pages that read as before are not stored again, and what an earlier run has done is not done again.
    """
    reader = current_reader()
    if accept:
        accept_unchanged(run.lake, reader, run_id=run.run_id, now=now())
    total = count_to_reread(run.lake, scope, reader, is_trial=not accept)
    stored = LoadCounts()
    for batch in _read_batches(captures_to_reread(run.lake, scope, reader, is_trial=not accept), total):
        unlike = record_trials(run.lake, batch, reader, run_id=run.run_id, now=now())
        if accept:
            stored += store_readings(run.lake, unlike, run_id=run.run_id, now=now())
    if accept:
        accept_unchanged(run.lake, reader, run_id=run.run_id, now=now())
        run.count("articles", asdict(stored))
    counts = reread_counts(run.lake, reader)
    run.count("reread", {"pages": counts.pages, "changed": counts.changed, "waiting": counts.waiting})
    return counts


def _read_batches(batches: Iterator[list[Capture]], total: int) -> Iterator[Batch]:
    done = 0
    for batch in read_all(batches, known_sources(), source_of_url(), Limits(workers=config.worker_count())):
        yield batch
        done += len(batch)
        advance("reading pages", done, total)


@step(retries=1)
def find_tonights_copies(run: Run) -> CopyCounts:
    """Compare what is new with what is kept, and put copies into their groups."""
    counts = find_copies(run.lake, run_id=run.run_id, now=now(), window_days=config.copy_days())
    run.count("copies", asdict(counts))
    return counts


@step(retries=1)
def find_copies_anew(run: Run, window_days: int | None) -> CopyCounts:
    """Compare every article of the lake with every other inside the window; None: of any age."""
    counts = find_copies(run.lake, run_id=run.run_id, now=now(), window_days=window_days, everything=True)
    run.count("copies", asdict(counts))
    return counts


@step(retries=1)
def find_tonights_stories(run: Run) -> StoryCounts:
    """Put texts about one happening into their stories; copies come first, as they count once."""
    counts = find_stories(run.lake, run_id=run.run_id, now=now())
    run.count("stories", asdict(counts))
    return counts


@step(retries=1)
def record_sources(run: Run, crawled: CrawlResult) -> None:
    """Write each source's night: what was asked, stored, failed and skipped, and why."""
    assert run.night is not None
    rows = [
        SourceCrawl(
            source=one.source,
            asked=one.asked,
            stored=one.stored,
            failed=sum(one.failed.values()),
            skipped=sum(one.skipped.values()),
            failed_by_reason=one.failed,
            skipped_by_reason=one.skipped,
            lists_asked=len(one.endpoints),
            lists_failed=sum(end.reason is not None for end in one.endpoints),
            overflowed_lists=tuple(end.url for end in one.endpoints if end.all_new),
            over_budget=one.skipped.get("budget", 0),
            is_tls_unchecked=one.insecure_tls,
        )
        for one in crawled.stats.values()
    ]
    record_source_nights(run.lake, rows, night=run.night, run_id=run.run_id)


@step()
def keep_promises(run: Run, *, everywhere: bool = False) -> None:
    """Ask every check of the lake, in its large tables of the months that this run wrote alone.

    Args:
        run: the run.
        everywhere: of all months.

    Raises:
        NightBroken: a promise does not hold; nothing is published, so analysts keep the last good night.
    """
    broken = run_checks(run.lake, run_id=None if everywhere else run.run_id, on_progress=_show_checks)
    run.count(BROKEN_PROMISES, [one.name for one in broken])
    if broken:
        said = "; ".join(f"{one.name} ({one.rows} rows, such as {one.sample})" for one in broken)
        raise NightBroken(
            f"promises of the lake {run.lake.home} do not hold: {said}. Nothing was published; "
            "warehouse/sql/checks/ says what each means; please report it"
        )
    run.is_sound = True


def _show_checks(done: int, total: int) -> None:
    advance("checking", done, total)


@step()
def publish_if_sound(run: Run) -> None:
    """Let analysts see what was recorded, unless an earlier run left something for the next night to finish."""
    run.is_sound = not run_checks(run.lake)


@step()
def look_for_silence(run: Run, crawled: CrawlResult) -> None:
    """See what the night must fail for once it is published: silent sources, or no source that answered at all."""
    silent = silent_sources(run.lake, run.run_id)
    run.count("silent_sources", silent)
    dead = [
        one.source for one in crawled.stats.values() if all(end.reason is not None for end in one.endpoints)
    ]
    if silent:
        run.alarm = (
            f"{', '.join(silent)} brought nothing, though each of the last nights had news; the rest of the night is "
            "stored and published. See whether the feed moved: `nightwire sources` names the file"
        )
    elif len(dead) == len(crawled.stats):
        reasons = {end.reason for one in crawled.stats.values() for end in one.endpoints}
        run.alarm = (
            f"no source answered ({', '.join(sorted(filter(None, reasons)))}): {', '.join(dead)}. "
            f"See whether this machine has a network, and the crawl's log {crawled.log_file}"
        )


@step(retries=1)
def compact_lake(run: Run, keep_days: int | None) -> None:
    """Compact, forget old snapshots where asked to, remove files nothing points at."""
    run.count("compacted", compact(run.lake))
    if keep_days is not None:
        run.count("expired", expire(run.lake, keep_days=keep_days))
    run.count("cleaned", clean(run.lake, now=now()))
