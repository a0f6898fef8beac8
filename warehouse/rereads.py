"""Captures read again on trial: what a reader would change is recorded, page by page, before anything is.

A trial is settled where the lake's stored reading says what the trial says: nothing was to change, or the change was
accepted. A trial stands for as long as the reading it was compared with is the stored one. Both follow from what is
in the lake, so a run that was killed is taken up where it stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from articles.records import Capture, Reading, Reason
from warehouse.captures import Condition, Unread, captures_where, count_where, scope_condition
from warehouse.changes import Kept, KeptArticle, KeptBlock, compare
from warehouse.connection import Lake
from warehouse.duck import Connection
from warehouse.reading_rows import Row, one_article_per_id
from warehouse.staging import arrow_ids, insert, staged
from warehouse.tables import REREAD_CHANGES, REREAD_PAGES
from warehouse.versions import page_sha256

# What depends on the hour and the machine; the page may be read after all the next time.
_BY_CHANCE = frozenset({Reason.TIMED_OUT, Reason.OUT_OF_MEMORY, Reason.WORKER_DIED})

_SETTLED = (
    "select reread_pages.capture_id from reread_pages inner join readings using (capture_id) "
    "where reread_pages.reader_sha256 = $reader and reread_pages.is_repeatable "
    "and reread_pages.reading_sha256 = readings.reading_sha256"
)
_STANDING = (
    "select reread_pages.capture_id from reread_pages inner join readings using (capture_id) "
    "where reread_pages.reader_sha256 = $reader and reread_pages.is_repeatable "
    "and (reread_pages.before_run_id = readings.run_id or reread_pages.reading_sha256 = readings.reading_sha256)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The reader that reads again."""

    version: str  # kept with what it reads
    sha256: str  # over all that decides what it reads


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadChange:
    """One row of `report_reread`."""

    source: str | None
    change: str
    was: str | None
    becomes: str | None
    page_count: int
    block_count: int
    word_count: int
    article_count: int
    examples: tuple[tuple[str, str | None], ...]  # text and place; those with the most words


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadCounts:
    """What one reader's trials came to, all runs together."""

    pages: int  # read again
    changed: int  # of them, read otherwise than the lake held
    waiting: int  # of them, not accepted
    changes: tuple[RereadChange, ...]


def captures_to_reread(
    lake: Lake, scope: Unread, reader: Reader, *, is_trial: bool
) -> Iterator[list[Capture]]:
    """Captures that a reader has still to read, for a trial or to store what it says, in batches that fit in memory.

    A trial leaves out what was never read: it has nothing to be compared with.
    """
    return captures_where(lake, _wanted(scope, reader, is_trial=is_trial))


def count_to_reread(lake: Lake, scope: Unread, reader: Reader, *, is_trial: bool) -> int:
    """How many captures `captures_to_reread` would give."""
    return count_where(lake, _wanted(scope, reader, is_trial=is_trial))


def _wanted(scope: Unread, reader: Reader, *, is_trial: bool) -> Condition:
    condition, parameters = scope_condition(scope, reader.version)
    if is_trial:
        condition += (
            f" and capture_id in (select capture_id from readings) and capture_id not in ({_STANDING})"
        )
    else:  # what a trial of a wider scope showed is stored too
        condition = f"({condition} or capture_id in ({_STANDING})) and capture_id not in ({_SETTLED})"
    return condition, {**parameters, "reader": reader.sha256}


def record_trials(
    lake: Lake, readings: Sequence[tuple[Capture, Reading]], reader: Reader, *, run_id: str, now: datetime
) -> list[tuple[Capture, Reading]]:
    """Compare what was read again with what the lake holds, and record the differences; nothing else changes.

    Args:
        lake: the lake.
        readings: captures with their new readings; no capture twice.
        reader: who read them.
        run_id: kept with every row.
        now: when they were read (UTC).

    Returns:
        The pairs whose reading has to be stored to be in the lake: those that say something else than the stored
        reading, and those of captures that were never read.
    """
    batch = [one_article_per_id(capture, reading) for capture, reading in readings]
    if not batch:
        return []
    return lake.transact(
        lambda connection: _Trial(connection, reader, run_id, now).run(batch),
        message=f"read {len(batch)} captures on trial, {run_id}",
    )


def accept_unchanged(lake: Lake, reader: Reader, *, run_id: str, now: datetime) -> int:
    """Call captures read by this reader whose trial said what the lake holds already.

    Returns:
        How many there were.
    """

    def work(connection: Connection) -> int:
        answer = connection.execute(
            "update readings set reader_version = $version, run_id = $run, read_at = $now "
            f"where reader_version <> $version and capture_id in ({_SETTLED})",
            {"version": reader.version, "reader": reader.sha256, "run": run_id, "now": now},
        ).fetchone()
        return int(answer[0]) if answer else 0

    return lake.transact(work, message=f"accept unchanged readings, {run_id}")


def reread_counts(lake: Lake, reader: Reader) -> RereadCounts:
    """What one reader would change in the lake, or has changed."""
    with lake.connection() as connection:
        row = connection.execute(
            "select page_count, changed_count, waiting_count from report_rereads where reader_sha256 = $1",
            [reader.sha256],
        ).fetchone()
        rows = connection.execute(
            "select source, change, was, becomes, page_count, block_count, word_count, article_count, examples "
            "from report_reread_changes where reader_sha256 = $1 "
            "order by source nulls first, change = 'block', change, word_count desc, was, becomes",
            [reader.sha256],
        ).fetchall()
    pages, changed, waiting = row or (0, 0, 0)
    changes = tuple(
        RereadChange(
            source=source,
            change=change,
            was=was,
            becomes=becomes,
            page_count=page_count,
            block_count=block_count,
            word_count=word_count,
            article_count=article_count,
            examples=tuple((one["text"], one["place"]) for one in examples if one["text"] is not None),
        )
        for source, change, was, becomes, page_count, block_count, word_count, article_count, examples in rows
    )
    return RereadCounts(pages=pages, changed=changed, waiting=waiting, changes=changes)


class _Trial:
    """One batch of trials; lives inside one transaction."""

    def __init__(self, connection: Connection, reader: Reader, run_id: str, now: datetime) -> None:
        self.connection = connection
        self.reader = reader
        self.run_id = run_id
        self.now = now

    def run(self, batch: Sequence[tuple[Capture, Reading]]) -> list[tuple[Capture, Reading]]:
        stored = self._stored_readings([capture for capture, _ in batch])
        hashes = {capture.capture_id: page_sha256(reading) for capture, reading in batch}
        unlike = [
            (capture, reading)
            for capture, reading in batch
            if capture.capture_id not in stored or stored[capture.capture_id][2] != hashes[capture.capture_id]
        ]
        known = [(capture, reading) for capture, reading in unlike if capture.capture_id in stored]
        self._write_pages(batch, stored, hashes, {capture.capture_id for capture, _ in known})
        self._write_changes(
            known, {capture.capture_id: stored[capture.capture_id][3] for capture, _ in known}
        )
        return unlike

    def _stored_readings(
        self, captures: Sequence[Capture]
    ) -> dict[str, tuple[str, str, str | None, list[str]]]:
        """By capture: reader_version, run_id, reading_sha256 and article_ids of its stored reading."""
        with staged(self.connection, arrow_ids(capture_id=[capture.capture_id for capture in captures])):
            rows = self.connection.execute(
                "select capture_id, reader_version, run_id, reading_sha256, article_ids "
                "from readings semi join staged using (capture_id)"
            ).fetchall()
        return {capture_id: tuple(row) for capture_id, *row in rows}

    def _write_pages(
        self,
        batch: Sequence[tuple[Capture, Reading]],
        stored: dict[str, tuple[str, str, str | None, list[str]]],
        hashes: dict[str, str],
        changed: Collection[str],
    ) -> None:
        rows: list[Row] = [
            {
                "reader_sha256": self.reader.sha256,
                "capture_id": capture.capture_id,
                "source": capture.source,
                "reader_version": self.reader.version,
                "before_version": stored[capture.capture_id][0],
                "before_run_id": stored[capture.capture_id][1],
                "reading_sha256": hashes[capture.capture_id],
                "is_changed": capture.capture_id in changed,
                "is_repeatable": not any(one.reason in _BY_CHANCE for one in reading.rejected),
                "run_id": self.run_id,
                "read_at": self.now,
            }
            for capture, reading in batch
            if capture.capture_id in stored
        ]
        with staged(self.connection, arrow_ids(capture_id=[str(row["capture_id"]) for row in rows])):
            for table in (REREAD_PAGES, REREAD_CHANGES):
                self.connection.execute(
                    f"delete from {table.name} where reader_sha256 = $1 "
                    "and capture_id in (select capture_id from staged)",
                    [self.reader.sha256],
                )
        insert(self.connection, REREAD_PAGES, rows)

    def _write_changes(
        self, known: Sequence[tuple[Capture, Reading]], article_ids: dict[str, list[str]]
    ) -> None:
        if not known:
            return
        kept = self._kept([capture for capture, _ in known], article_ids)
        shown = self._shown(article.article_id for _, reading in known for article in reading.articles)
        rows: list[Row] = [
            {
                "reader_sha256": self.reader.sha256,
                "capture_id": capture.capture_id,
                "source": capture.source,
                **asdict(change),
            }
            for capture, reading in known
            for change in compare(
                kept[capture.capture_id],
                reading,
                shown_elsewhere={
                    article.article_id
                    for article in reading.articles
                    if shown.get(article.article_id, capture.capture_id) != capture.capture_id
                },
            )
        ]
        insert(self.connection, REREAD_CHANGES, rows)

    def _kept(self, captures: Sequence[Capture], article_ids: dict[str, list[str]]) -> dict[str, Kept]:
        blocks: dict[str, list[KeptBlock]] = {capture.capture_id: [] for capture in captures}
        articles: dict[str, dict[str, KeptArticle]] = {capture.capture_id: {} for capture in captures}
        reasons: dict[str, set[str]] = {capture.capture_id: set() for capture in captures}
        span = [min(one.captured_at for one in captures), max(one.captured_at for one in captures)]
        with staged(self.connection, arrow_ids(capture_id=[capture.capture_id for capture in captures])):
            for capture_id, *block in self.connection.execute(
                "select capture_id, position, kind, text, path, article_id from blocks "
                "semi join staged using (capture_id) where captured_at between $1 and $2 order by position",
                span,
            ).fetchall():
                blocks[capture_id].append(
                    KeptBlock(**dict(zip(KeptBlock.__dataclass_fields__, block, strict=True)))
                )
            names = tuple(KeptArticle.__dataclass_fields__)
            for capture_id, article_id, *fields in self.connection.execute(
                f"select capture_id, article_id, {', '.join(names)} from article_versions "
                "semi join staged using (capture_id) where captured_at between $1 and $2 "
                "qualify version = max(version) over (partition by capture_id, article_id)",
                span,
            ).fetchall():
                values = dict(zip(names, fields, strict=True))
                if values["text"] is not None:  # a withdrawn one has none
                    articles[capture_id][article_id] = KeptArticle(**values)
            for capture_id, reason in self.connection.execute(
                "select capture_id, reason from rejected semi join staged using (capture_id) "
                "where stage not in ('fetch', 'spool')"
            ).fetchall():
                reasons[capture_id].add(reason)
        return {
            capture_id: Kept(
                article_ids=article_ids[capture_id],
                articles=articles[capture_id],
                blocks=blocks[capture_id],
                reasons=reasons[capture_id],
            )
            for capture_id in blocks
        }

    def _shown(self, article_ids: Iterable[str]) -> dict[str, str]:
        """By article: the capture its newest version comes from."""
        with staged(self.connection, arrow_ids(article_id=sorted(set(article_ids)))):
            rows = self.connection.execute(
                "select article_id, capture_id from articles semi join staged using (article_id)"
            ).fetchall()
        return dict(rows)
