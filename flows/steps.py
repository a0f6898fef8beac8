"""The steps that flows put in order. Each calls one function of another room and says what came of it.

Every step may be done twice: what it leaves in the lake is keyed, and what a killed run left is finished by the
next one, because each step asks the lake what is still to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from articles import READER_VERSION
from articles.records import Capture
from flows import config
from flows.files import Origin, SetAside, find_files, read_file
from flows.reader import current_reader
from flows.reading import Batch, Limits, read_all
from flows.run import NightBroken, Run, now
from flows.sources import known_address, known_feed, known_source, known_sources, source_of_url
from flows.step import step
from flows.watching import LOG, advance
from spiders import CrawlJob, CrawlResult, Progress, SourceFile, crawl
from spiders.frontier import Frontier
from warehouse import (
    CopyCounts,
    LoadCounts,
    Refusal,
    RereadCounts,
    SourceCrawl,
    StoreCounts,
    Unread,
    accept_unchanged,
    captures_to_reread,
    clean,
    compact,
    count_to_reread,
    count_unread,
    expire,
    find_copies,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCounts:
    """What became of the files of a backfill."""

    files: int
    stored: int  # captures new in the lake; a JSONL file gives one per line
    known: int  # captures that were there already
    set_aside: int  # files and lines with a row in `rejected`


@step(retries=1)
def crawl_sources(run: Run, sources: Sequence[SourceFile], newsroom: str | None) -> CrawlResult:
    """Fetch what is new into the spool; a source that fails is counted and the others go on."""
    assert run.night is not None
    store_sources(run.lake, [known_source(one) for one in sources])
    job = CrawlJob(
        lake=run.lake.home, run_id=run.run_id, night=run.night, sources=tuple(sources), newsroom=newsroom
    )
    result = crawl(job, on_progress=_show_crawl, on_log=LOG.log, timeout_s=job.run_seconds + 300)
    refusals = [
        Refusal(rejected=one.as_rejected(), source=one.source, url=None, requested_url=one.url)
        for one in result.failures
    ]
    store_refusals(run.lake, refusals, run_id=run.run_id, now=now())
    with Frontier.open(run.lake.home / "frontier.sqlite") as frontier:
        changes = frontier.changes()
        sync_seen(run.lake, map(known_address, changes.urls), map(known_feed, changes.feeds))
        frontier.mark_synced(changes)
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
    return result


def _show_crawl(progress: Progress) -> None:
    advance("fetching", progress.done, progress.done + progress.queued)


@step(retries=1)
def store_fetched(run: Run) -> StoreCounts:
    """Bring the spool into the lake: tonight's captures, and what a killed run left there."""
    counts = load_spool(run.lake, run_id=run.run_id, now=now())
    run.count("captures", asdict(counts))
    return counts


@step(retries=1)
def store_files(run: Run, paths: Sequence[Path], source: str | None) -> FileCounts:
    """Bring files into the lake as captures; what cannot be one is set aside with its name."""
    files = find_files(paths)
    origin = Origin(run_id=run.run_id, source=source, source_of=source_of_url(), now=now())
    set_aside: list[Refusal] = []

    def captures() -> Iterator[Capture]:
        for number, file in enumerate(files, start=1):
            for found in read_file(file, origin):
                if isinstance(found, SetAside):
                    set_aside.append(
                        Refusal(rejected=found.rejected, source=source, url=None, requested_url=found.path)
                    )
                else:
                    yield found
            advance("taking files in", number, len(files))

    stored = store_captures(run.lake, captures())
    store_refusals(run.lake, set_aside, run_id=run.run_id, now=now())
    counts = FileCounts(files=len(files), stored=stored.stored, known=stored.known, set_aside=len(set_aside))
    run.count("captures", asdict(counts))
    return counts


@step()
def read_captures(run: Run, scope: Unread = Unread.NEVER_READ) -> LoadCounts:
    """Read captures batch by batch, each batch in one transaction."""
    total = count_unread(run.lake, scope, reader_version=READER_VERSION)
    batches = unread_captures(run.lake, scope, reader_version=READER_VERSION)
    counts = LoadCounts()
    for batch in _read_batches(batches, total):
        counts += store_readings(run.lake, batch, run_id=run.run_id, now=now())
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
    counts = find_copies(run.lake, run_id=run.run_id, now=now())
    run.count("copies", asdict(counts))
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
            over_budget=one.skipped.get("budget", 0),
            is_tls_unchecked=one.insecure_tls,
        )
        for one in crawled.stats.values()
    ]
    record_source_nights(run.lake, rows, night=run.night, run_id=run.run_id)


@step()
def keep_promises(run: Run) -> None:
    """Ask every check of the lake.

    Raises:
        NightBroken: a promise does not hold; nothing is published, so analysts keep the last good night.
    """
    broken = run_checks(run.lake)
    run.count("broken_promises", [one.name for one in broken])
    if broken:
        said = "; ".join(f"{one.name} ({one.rows} rows, such as {one.sample})" for one in broken)
        raise NightBroken(
            f"promises of the lake {run.lake.home} do not hold: {said}. Nothing was published; "
            "warehouse/sql/checks/ says what each means; please report it"
        )
    run.is_sound = True


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
