"""Readings into the lake: articles, their versions and their ledger, one transaction per batch.

Loading the same readings again changes nothing. An article changes only where a capture shows another state of
it; what a better reader no longer finds is withdrawn, and stays in `article_versions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from articles.records import Article, Capture, Reading
from articles.urls import url_key
from warehouse.connection import Lake
from warehouse.duck import Connection
from warehouse.reading_rows import Row, article_fields, block_row, evidence_rows, one_article_per_id
from warehouse.rejections import refusal_of, refusal_rows
from warehouse.staging import among_moments, arrow_ids, arrow_rows, insert, insert_new, staged, upsert
from warehouse.tables import ARTICLE_VERSIONS, ARTICLES, BLOCKS, EVIDENCE, READINGS, REJECTED, UNPLACED
from warehouse.versions import (
    WITHDRAWN,
    History,
    Version,
    changed_fields,
    fingerprint,
    page_sha256,
    reading_sha256,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCounts:
    """What a batch of readings did to the lake; articles are counted once a batch."""

    new: int = 0  # articles never seen before
    changed: int = 0  # known articles with a new version
    unchanged: int = 0  # known articles read as before
    withdrawn: int = 0  # articles that their capture no longer gives
    rejected: int = 0  # things set aside in these readings, known ones included

    def __add__(self, other: LoadCounts) -> LoadCounts:
        return LoadCounts(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            withdrawn=self.withdrawn + other.withdrawn,
            rejected=self.rejected + other.rejected,
        )


def store_readings(
    lake: Lake, readings: Sequence[tuple[Capture, Reading]], *, run_id: str, now: datetime
) -> LoadCounts:
    """Load what was read out of a batch of captures, all of it or nothing.

    Args:
        lake: the lake; the captures should be in it, so that every sentence leads to its page.
        readings: each capture with its reading; no capture twice. Bodies are not looked at.
        run_id: kept with every row.
        now: when it is loaded (UTC).
    """
    if not readings:
        return LoadCounts()
    batch = [one_article_per_id(capture, reading) for capture, reading in readings]
    batch.sort(key=lambda pair: (pair[0].captured_at, pair[0].capture_id))
    return lake.transact(
        lambda connection: _Load(connection, run_id, now).run(batch),
        message=f"load {len(batch)} readings, {run_id}",
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What `articles` holds of an article."""

    reading_sha256: str
    first_seen_at: datetime
    captured_at: datetime
    published_date: date | None


class _Load:
    """One batch on its way into the lake; lives inside one transaction."""

    def __init__(self, connection: Connection, run_id: str, now: datetime) -> None:
        self.connection = connection
        self.run_id = run_id
        self.now = now
        self.histories: dict[str, History] = {}
        self.shown: dict[str, _Shown] = {}
        self.first_seen: dict[str, datetime] = {}
        self.new_versions: list[Row] = []
        self.to_show: dict[str, tuple[Article, Capture, Version]] = {}
        self.to_hide: set[str] = set()
        self.known_before: set[str] = (
            set()
        )  # articles that had a version before this batch, withdrawn ones too
        self.fresh: set[str] = set()  # captures nothing in the lake can speak of yet

    def run(self, batch: Sequence[tuple[Capture, Reading]]) -> LoadCounts:
        """Decide for every article of the batch, oldest capture first, then write."""
        self.fresh = self._never_read([capture for capture, _ in batch])
        earlier = self._earlier_readings(
            [capture for capture, _ in batch if capture.capture_id not in self.fresh]
        )
        vanished = {
            capture.capture_id: [
                article_id
                for article_id in earlier.get(capture.capture_id, ())
                if article_id not in {article.article_id for article in reading.articles}
            ]
            for capture, reading in batch
        }
        given = {article.article_id for _, reading in batch for article in reading.articles}
        self._fetch_known(given | {article_id for ids in vanished.values() for article_id in ids})
        self.known_before = {article_id for article_id, history in self.histories.items() if history.versions}
        for capture, reading in batch:
            for article in reading.articles:
                self._take(article, capture)
            for article_id in vanished[capture.capture_id]:
                self._withdraw(article_id, capture)
        self._write_articles()
        self._write_blocks(batch, reread=set(earlier))
        refused = self._write_refusals(batch)
        self._write_readings(batch)
        self._ask_again(batch)

        versioned = {str(row["article_id"]) for row in self.new_versions} & given
        return LoadCounts(
            new=len(given - self.known_before),
            changed=len(versioned & self.known_before),
            unchanged=len(given & self.known_before - versioned),
            withdrawn=len(self.to_hide),
            rejected=refused,
        )

    def _take(self, article: Article, capture: Capture) -> None:
        history = self.histories.setdefault(article.article_id, History())
        self.first_seen[article.article_id] = min(
            capture.captured_at, self.first_seen.get(article.article_id, capture.captured_at)
        )
        print_now = fingerprint(article)
        before, after = history.state_at(capture.captured_at, capture.capture_id)
        is_as_before = before is not None and before.fingerprint == print_now
        is_as_after = after is not None and after.fingerprint == print_now  # the same change, seen earlier
        if not is_as_before and not is_as_after:
            version = history.add(capture.captured_at, capture.capture_id, print_now)
            changes = [] if before is None else changed_fields(before.fingerprint, print_now)
            self.new_versions.append(self._version_row(article, capture, version, changes))
        newest = history.newest
        assert newest is not None
        if newest.capture_id == capture.capture_id and newest.fingerprint == print_now:
            shown = self.shown.get(article.article_id)
            if shown is None or shown.reading_sha256 != reading_sha256(article):
                self.to_show[article.article_id] = (article, capture, newest)
                self.to_hide.discard(article.article_id)

    def _withdraw(self, article_id: str, capture: Capture) -> None:
        history = self.histories[article_id]
        newest = history.newest
        if newest is None or newest.capture_id != capture.capture_id or newest.fingerprint is None:
            return  # a later capture still gives it, or it is withdrawn already
        version = history.add(capture.captured_at, capture.capture_id, None)
        row: Row = dict.fromkeys(ARTICLE_VERSIONS.column_names)
        row |= {
            "article_id": article_id,
            "version": version.number,
            "changes": [WITHDRAWN],
            "source": capture.source,
            "url": capture.url,
            "capture_id": capture.capture_id,
            "captured_at": capture.captured_at,
            "run_id": self.run_id,
        }
        self.new_versions.append(row)
        self.to_show.pop(article_id, None)
        self.to_hide.add(article_id)

    def _never_read(self, captures: Sequence[Capture]) -> set[str]:
        """Those of the captures that wait for their first reading: no row of the archive need be looked at for them."""
        with staged(self.connection, arrow_ids(capture_id=[capture.capture_id for capture in captures])):
            rows = self.connection.execute(
                "select capture_id from unread semi join staged using (capture_id) where not is_again"
            ).fetchall()
        return {capture_id for (capture_id,) in rows}

    def _earlier_readings(self, captures: Sequence[Capture]) -> dict[str, list[str]]:
        if not captures:
            return {}
        with staged(self.connection, arrow_ids(capture_id=[capture.capture_id for capture in captures])):
            rows = self.connection.execute(
                "select capture_id, article_ids from readings semi join staged using (capture_id)"
            ).fetchall()
        return dict(rows)

    def _fetch_known(self, article_ids: Iterable[str]) -> None:
        """Most articles of a night are new: a narrow column tells which are not, and all else is read of these alone."""
        with staged(self.connection, arrow_ids(article_id=sorted(article_ids))):
            known = self.connection.execute(
                "select article_id, captured_at from article_versions semi join staged using (article_id)"
            ).fetchall()
        if not known:
            return
        taken = among_moments([captured_at for _, captured_at in known])
        with staged(self.connection, arrow_ids(article_id=sorted({article_id for article_id, _ in known}))):
            versions = self.connection.execute(
                "select article_id, captured_at, capture_id, version, fingerprint "
                f"from article_versions semi join staged using (article_id) where {taken}"
            ).fetchall()
            shown = self.connection.execute(  # an article is shown as one of its versions was captured
                "select article_id, reading_sha256, first_seen_at, captured_at, published_date "
                f"from articles semi join staged using (article_id) where {taken}"
            ).fetchall()
        for article_id, *version in sorted(versions):
            self.histories.setdefault(article_id, History()).versions.append(Version(*version))
        self.shown = {article_id: _Shown(*row) for article_id, *row in shown}
        for article_id, history in self.histories.items():
            oldest = history.versions[0].captured_at
            row = self.shown.get(article_id)
            self.first_seen[article_id] = oldest if row is None else min(oldest, row.first_seen_at)

    def _write_articles(self) -> None:
        insert(self.connection, ARTICLE_VERSIONS, self.new_versions)
        keep_query = self._keep_query()
        rows = [
            self._article_row(article, capture, version, keep_query.get(article.source or "", ()))
            for article, capture, version in self.to_show.values()
        ]
        self._delete_stale()
        insert(self.connection, ARTICLES, rows)
        claims = [
            row for article, capture, _ in self.to_show.values() for row in evidence_rows(article, capture)
        ]
        insert(self.connection, EVIDENCE, claims)
        self._queue_for_copies(seen_earlier=self._write_first_seen())

    def _queue_for_copies(self, seen_earlier: Collection[str]) -> None:
        shown: list[Row] = [
            {
                "article_id": article_id,
                "captured_at": capture.captured_at,
                "published_date": article.published_date,
                "is_new": article_id not in self.known_before,
            }
            for article_id, (article, capture, _) in self.to_show.items()
        ]
        gone: list[Row] = [
            {"article_id": article_id, "captured_at": None, "published_date": None, "is_new": False}
            for article_id in self.to_hide
        ]
        earlier: list[Row] = [
            {
                "article_id": article_id,
                "captured_at": self.shown[article_id].captured_at,
                "published_date": self.shown[article_id].published_date,
                "is_new": False,
            }
            for article_id in seen_earlier
        ]
        insert(self.connection, UNPLACED, [row for row in shown if row["is_new"]])
        again = [row for row in shown if not row["is_new"]]
        upsert(self.connection, UNPLACED, [*again, *gone, *earlier], near="captured_at")

    def _delete_stale(self) -> None:
        """Take out what is shown of articles that are to be shown anew, or no longer."""
        stale = {name: self.shown[name] for name in (self.to_show.keys() | self.to_hide) & self.shown.keys()}
        if not stale:
            return
        taken = among_moments([row.captured_at for row in stale.values()])
        with staged(self.connection, arrow_ids(article_id=sorted(stale))):
            for table in (BLOCKS, EVIDENCE, ARTICLES):
                self.connection.execute(
                    f"delete from {table.name} where {taken} and article_id in (select article_id from staged)"
                )

    def _write_first_seen(self) -> Collection[str]:
        """Note that known articles were seen earlier than they are said to; returns these."""
        earlier = {
            article_id: moment
            for article_id, moment in self.first_seen.items()
            if article_id in self.shown
            and article_id not in self.to_show
            and moment < self.shown[article_id].first_seen_at
        }
        if earlier:
            with staged(
                self.connection, arrow_ids(article_id=list(earlier), first_seen_at=list(earlier.values()))
            ):
                taken = among_moments([self.shown[article_id].captured_at for article_id in earlier])
                self.connection.execute(
                    "update articles set first_seen_at = staged.first_seen_at from staged "
                    f"where {taken} and articles.article_id = staged.article_id"
                )
        return earlier

    def _write_blocks(self, batch: Sequence[tuple[Capture, Reading]], reread: set[str]) -> None:
        rows = [
            block_row(block, capture, article.article_id, article.reader_version)
            for article, capture, _ in self.to_show.values()
            for block in article.blocks
        ]
        again = [capture for capture, _ in batch if capture.capture_id in reread]
        if again:
            with staged(self.connection, arrow_ids(capture_id=[capture.capture_id for capture in again])):
                self.connection.execute(
                    "delete from blocks where article_id is null and captured_at between $1 and $2 "
                    "and capture_id in (select capture_id from staged)",
                    [min(c.captured_at for c in again), max(c.captured_at for c in again)],
                )
        for capture, reading in batch:
            rows += [block_row(block, capture, None, reading.reader_version) for block in reading.chrome]
        insert(self.connection, BLOCKS, rows)

    def _write_refusals(self, batch: Sequence[tuple[Capture, Reading]]) -> int:
        refusals = [
            refusal_of(capture, rejected) for capture, reading in batch for rejected in reading.rejected
        ]
        rows = refusal_rows(refusals, run_id=self.run_id, now=self.now)
        known = [capture.capture_id for capture, _ in batch if capture.capture_id not in self.fresh]
        if known:
            with (
                staged(self.connection, arrow_ids(capture_id=known)),
                staged(self.connection, arrow_rows(REJECTED, rows), "refused"),
            ):
                self.connection.execute(
                    "delete from rejected where capture_id in (select capture_id from staged) "
                    "and stage not in ('fetch', 'spool') and rejected_id not in (select rejected_id from refused)"
                )
        of_fresh = {str(row["rejected_id"]): row for row in rows if row["capture_id"] in self.fresh}
        insert(self.connection, REJECTED, list(of_fresh.values()))
        insert_new(self.connection, REJECTED, [row for row in rows if row["capture_id"] not in self.fresh])
        return len(rows)

    def _write_readings(self, batch: Sequence[tuple[Capture, Reading]]) -> None:
        rows: list[Row] = [
            {
                "capture_id": capture.capture_id,
                "reader_version": reading.reader_version,
                "article_ids": [article.article_id for article in reading.articles],
                "article_count": len(reading.articles),
                "chrome_count": len(reading.chrome),
                "rejected_count": len(reading.rejected),
                "reading_sha256": page_sha256(reading),
                "encoding": reading.encoding,
                "encoding_from": reading.encoding_from,
                "read_at": self.now,
                "run_id": self.run_id,
            }
            for capture, reading in batch
        ]
        insert(self.connection, READINGS, [row for row in rows if row["capture_id"] in self.fresh])
        known = [row for row in rows if row["capture_id"] not in self.fresh]
        upsert(self.connection, READINGS, known, but_for=("read_at", "run_id"))
        with staged(self.connection, arrow_ids(capture_id=[row["capture_id"] for row in rows])):
            self.connection.execute("delete from unread where capture_id in (select capture_id from staged)")

    def _ask_again(self, batch: Sequence[tuple[Capture, Reading]]) -> None:
        """Mark captures outside the batch that give a withdrawn article as unread: they may bring it back."""
        if not self.to_hide:
            return
        with (
            staged(self.connection, arrow_ids(article_id=sorted(self.to_hide))),
            staged(
                self.connection, arrow_ids(capture_id=[capture.capture_id for capture, _ in batch]), "batch"
            ),
        ):
            others = self.connection.execute(
                "select distinct capture_id "
                "from (select capture_id, unnest(article_ids) as article_id from readings) "
                "semi join staged using (article_id) anti join batch using (capture_id)"
            ).fetchall()
        if others:
            with staged(self.connection, arrow_ids(capture_id=[capture_id for (capture_id,) in others])):
                self.connection.execute(
                    "delete from readings where capture_id in (select capture_id from staged)"
                )
                self.connection.execute(
                    "insert into unread by name select capture_id, source, captured_at, body_bytes, true as is_again "
                    "from captures semi join staged using (capture_id) anti join unread using (capture_id)"
                )
                self.connection.execute(
                    "delete from blocks where article_id is null "
                    "and capture_id in (select capture_id from staged)"
                )

    def _keep_query(self) -> Mapping[str, Sequence[str]]:
        return dict(self.connection.execute("select source, keep_query from sources").fetchall())

    def _article_row(
        self, article: Article, capture: Capture, version: Version, keep_query: Sequence[str]
    ) -> Row:
        row = article_fields(article, ARTICLES.column_names)
        return row | {
            "version": version.number,
            "url_key": None if article.url is None else url_key(article.url, keep_query),
            "reading_sha256": reading_sha256(article),
            "capture_id": capture.capture_id,
            "first_seen_at": self.first_seen[article.article_id],
            "captured_at": capture.captured_at,
            "run_id": self.run_id,
        }

    def _version_row(self, article: Article, capture: Capture, version: Version, changes: list[str]) -> Row:
        row = article_fields(article, ARTICLE_VERSIONS.column_names)
        return row | {
            "version": version.number,
            "changes": changes,
            "fingerprint": version.fingerprint,
            "capture_id": capture.capture_id,
            "captured_at": capture.captured_at,
            "run_id": self.run_id,
        }
