"""What is known of addresses: which were met, which were fetched, which wait, and what feeds said last time.

One SQLite file beside the lake. Addresses are written before they are fetched and committed a batch at a time, so a
crawl killed at any moment loses none; what it left waiting the next crawl asks for. Look-ups go by key, in batches:
memory does not grow with the number of known addresses. Times are in UTC, nights are UTC days, both as ISO text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from articles.errors import NightwireError

FILE_VERSION = 1
MAX_NIGHTS = 3  # an address that failed on so many nights in a row is given up
GONE = frozenset({404, 410})  # given up at once
FAR_FUTURE = timedelta(days=400)  # a stated change further ahead is a slip of the publisher's

_BATCH = 500

_SCHEMA = """
create table if not exists seen_urls (
    url_key text primary key,       -- one for all twins of an address (articles.urls.url_key)
    source text not null,
    publisher_number text,          -- the publisher's own number in the address
    url text not null,              -- as asked for
    via text not null,              -- "feed" "sitemap" "section" "redirect"
    title text,                     -- as listed; a hint, not the article's
    published text,                 -- as listed
    updated text,                   -- as listed
    changed_at text,                -- the newest moment of change listed so far
    state text not null,
    status integer,                 -- HTTP status of the last answer
    reason text,                    -- why it failed or is skipped
    attempts integer not null,      -- nights in a row that failed
    due_night text,                 -- asked for on this night or a later one; null: not waiting
    last_night text,                -- the last night it was decided on
    first_seen_at text not null,
    fetched_at text,                -- the last time it was stored
    change integer not null
) strict;
create index if not exists seen_urls_number on seen_urls (source, publisher_number) where publisher_number is not null;
create index if not exists seen_urls_waiting on seen_urls (source, due_night) where due_night is not null;
create index if not exists seen_urls_change on seen_urls (change);
create table if not exists feed_state (
    url text primary key,
    source text not null,
    via text not null,
    status integer,
    reason text,
    etag text,
    last_modified text,
    body_sha256 text,
    items integer,
    new_items integer not null,
    newest text,
    fails integer not null,
    checked_at text not null,
    last_ok_at text,
    last_new_at text,
    change integer not null
) strict;
create index if not exists feed_state_change on feed_state (change);
create table if not exists counters (name text primary key, value integer not null) strict;
insert or ignore into counters values ('change', 0), ('synced', 0);
"""


class State(StrEnum):
    """Where an address stands."""

    PENDING = "pending"  # waits to be fetched
    FETCHED = "fetched"
    FAILED = "failed"  # waits for another night, or was given up
    SKIPPED = "skipped"  # not to be fetched: another site's, no article's, disallowed


class Verdict(StrEnum):
    """What an address met tonight is to us."""

    NEW = "new"  # never seen before
    DUE = "due"  # known, and to be asked for tonight
    KNOWN = "known"  # known, and not due
    TWIN = "twin"  # the same article as an earlier one of the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address found tonight, with what its list said of it."""

    url_key: str
    url: str
    publisher_number: str | None
    via: str
    title: str | None
    published: str | None  # as listed
    updated: str | None  # as listed
    changed_at: datetime | None  # the moment of change listed, where it could be told
    skip: str | None  # why it is not to be fetched; None: it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An address to ask for."""

    url_key: str
    url: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A source's work of one night: what to ask for, and how much there is altogether."""

    waiting: tuple[Waiting, ...]  # newest first; new ones before those fetched before
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenUrl:
    """One row of `seen_urls`, for the lake."""

    url_key: str
    source: str
    publisher_number: str | None
    url: str
    via: str
    title: str | None
    published: str | None  # as listed
    updated: str | None  # as listed
    changed_at: datetime | None
    state: State
    status: int | None
    reason: str | None
    attempts: int
    first_seen_at: datetime
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What a feed, sitemap or section page said last time, and how to ask whether it has changed."""

    url: str
    source: str
    via: str
    status: int | None
    reason: str | None  # why it gave nothing; None: it was read, or had not changed
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    items: int | None
    new_items: int  # of the last time it was asked
    newest: str | None  # the newest date in it, as listed
    fails: int  # in a row
    checked_at: datetime
    last_ok_at: datetime | None
    last_new_at: datetime | None  # the last time it brought an address that was new


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows written since the last sync. Read both, keep them, then hand this to `mark_synced`."""

    urls: Iterator[SeenUrl]
    feeds: Iterator[FeedState]
    upto: int


class Frontier:
    """The addresses of one lake. One process writes at a time; any thread may call, one at a time."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._is_together = False
        self._shared: int | None = None  # the number of the transaction that `together` has begun

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file, and make it when it is missing.

        Raises:
            NightwireError: the file is no frontier, is damaged, or was written by a newer version.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        database.row_factory = sqlite3.Row
        try:
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = full")  # what is called fetched must outlive a power cut
            (version,) = database.execute("pragma user_version").fetchone()
            if version == 0:
                script = f"begin immediate; {_SCHEMA}; pragma user_version = {FILE_VERSION}; commit;"
                database.executescript(script)
        except sqlite3.DatabaseError as problem:
            database.close()
            raise NightwireError(
                f"{path} cannot be used as the list of known addresses ({problem}); expected a file that Nightwire "
                "wrote; restore it, or move it away: addresses are then met anew and fetched again"
            ) from problem
        if version > FILE_VERSION:
            database.close()
            raise NightwireError(
                f"{path} was written by a newer Nightwire (form {version}; this one knows {FILE_VERSION}); "
                "upgrade Nightwire"
            )
        return cls(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a closed frontier cannot be used."""
        self._database.close()

    # ---- meeting addresses

    def record(
        self,
        source: str,
        candidates: Sequence[Candidate],
        *,
        night: date,
        at: datetime,
        endpoint: FeedState | None = None,
    ) -> list[Verdict]:
        """Keep what was found, before any of it is fetched; the feed's own state in the same transaction.

        A feed is marked as read only together with its addresses, so a crash cannot lose them behind a 304. Its
        `new_items` and `last_new_at` are filled in here.

        Returns:
            A verdict per candidate.
        """
        verdicts: list[Verdict] = []
        with self._change() as change:
            for start in range(0, len(candidates), _BATCH):
                batch = candidates[start : start + _BATCH]
                verdicts += self._record_batch(source, batch, night=night, at=at, change=change)
            if endpoint is not None:
                self._keep_endpoint(endpoint, new_items=verdicts.count(Verdict.NEW), at=at, change=change)
        return verdicts

    def feed_state(self, url: str) -> FeedState | None:
        """What a feed, sitemap or section page said last time; None for one never asked."""
        row = self._database.execute("select * from feed_state where url = ?", (url,)).fetchone()
        return None if row is None else _feed_state(row)

    # ---- fetching

    def due(self, source: str, *, night: date, limit: int, correction_limit: int) -> Due:
        """What to ask a source for tonight.

        Args:
            source: its id.
            night: addresses that failed earlier this same night wait for the next.
            limit: at most so many addresses altogether.
            correction_limit: at most so many of them that were fetched before.
        """
        chosen = """
            select url_key, url, via from seen_urls
            where source = ? and due_night <= ? and (fetched_at is null) = ?
            order by coalesce(changed_at, first_seen_at) desc, rowid
            limit ?
        """
        when = night.isoformat()
        fresh = self._database.execute(chosen, (source, when, True, limit)).fetchall()
        room = min(correction_limit, limit - len(fresh))
        again = self._database.execute(chosen, (source, when, False, room)).fetchall()
        (total,) = self._database.execute(
            "select count(*) from seen_urls where source = ? and due_night <= ?", (source, when)
        ).fetchone()
        return Due(waiting=tuple(Waiting(**dict(row)) for row in (*fresh, *again)), total=total)

    def fetched(
        self,
        url_key: str,
        *,
        source: str,
        status: int,
        night: date,
        at: datetime,
        also: Sequence[Candidate] = (),
    ) -> list[str]:
        """Mark an address as stored, and the addresses its redirects led to (under other keys) as known.

        One that another source has met stays that source's business.

        Returns:
            The keys among `also` that were waiting for this night and are not any more.
        """
        released = []
        with self._change() as change:
            self._mark_fetched(url_key, status=status, night=night, at=at, change=change)
            for twin in also:
                row = self._rows("url_key in", [twin.url_key]).get(twin.url_key)
                if row is None:
                    self._insert(source, twin, State.FETCHED, night=night, at=at, change=change)
                elif row["source"] != source:
                    continue
                elif row["due_night"] is not None and row["due_night"] <= night.isoformat():
                    released.append(twin.url_key)
                self._mark_fetched(twin.url_key, status=status, night=night, at=at, change=change)
        return released

    def failed(self, url_key: str, *, reason: str, status: int | None, night: date) -> None:
        """Mark an address as failed tonight: due again tomorrow, until `MAX_NIGHTS` or a status that says gone."""
        tomorrow = (night + timedelta(days=1)).isoformat()
        with self._change() as change:
            self._database.execute(
                "update seen_urls set state = ?, status = ?, reason = ?, attempts = attempts + 1, last_night = ?, "
                "due_night = case when ? or attempts + 1 >= ? then null else ? end, change = ? where url_key = ?",
                (
                    *(State.FAILED, status, reason, night.isoformat()),
                    *(status in GONE, MAX_NIGHTS, tomorrow, change, url_key),
                ),
            )

    def skipped(self, url_key: str, *, reason: str, night: date) -> None:
        """Mark an address as one we may not fetch; met again on a later night it is looked at anew."""
        with self._change() as change:
            self._database.execute(
                "update seen_urls set state = ?, reason = ?, due_night = null, last_night = ?, change = ? "
                "where url_key = ?",
                (State.SKIPPED, reason, night.isoformat(), change, url_key),
            )

    # ---- telling the lake

    def changes(self) -> Changes:
        """All rows written since the last sync, streamed."""
        (upto,) = self._database.execute("select value from counters where name = 'change'").fetchone()
        span = "where change > (select value from counters where name = 'synced') and change <= ? order by change"
        urls = self._database.execute(f"select * from seen_urls {span}", (upto,))
        feeds = self._database.execute(f"select * from feed_state {span}", (upto,))
        return Changes(urls=map(_seen_url, urls), feeds=map(_feed_state, feeds), upto=upto)

    def mark_synced(self, changes: Changes) -> None:
        """Say that the lake has committed these changes; what came since stays to be told."""
        self._database.execute(
            "update counters set value = max(value, ?) where name = 'synced'", (changes.upto,)
        )

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of all that is written within: one wait for the disk, and all of it or none."""
        self._is_together = True
        try:
            yield
        except BaseException:
            if self._shared is not None:
                self._database.execute("rollback")
            raise
        else:
            if self._shared is not None:
                self._database.execute("commit")
        finally:
            self._is_together, self._shared = False, None

    # ---- within

    @contextmanager
    def _change(self) -> Iterator[int]:
        """One transaction, or a part of `together`; its rows carry one number that is greater than all before."""
        if self._is_together:
            if self._shared is None:
                self._shared = self._begin()
            yield self._shared
            return
        change = self._begin()
        try:
            yield change
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def _begin(self) -> int:
        self._database.execute("begin immediate")
        (change,) = self._database.execute(
            "update counters set value = value + 1 where name = 'change' returning value"
        ).fetchone()
        return int(change)

    def _record_batch(
        self, source: str, batch: Sequence[Candidate], *, night: date, at: datetime, change: int
    ) -> Iterator[Verdict]:
        by_key = self._rows("url_key in", [candidate.url_key for candidate in batch])
        numbers = [candidate.publisher_number for candidate in batch if candidate.publisher_number]
        by_number = {
            row["publisher_number"]: row
            for row in self._rows("source = ? and publisher_number in", numbers, source).values()
        }
        met: set[str] = set()
        for candidate in batch:
            row = by_key.get(candidate.url_key) or by_number.get(candidate.publisher_number)
            names = {
                candidate.url_key,
                *([f"#{candidate.publisher_number}"] if candidate.publisher_number else []),
            }
            if met & names:
                yield Verdict.TWIN
                continue
            met |= names
            if row is None:
                state = State.SKIPPED if candidate.skip else State.PENDING
                self._insert(source, candidate, state, night=night, at=at, change=change)
                yield Verdict.NEW
            else:
                yield self._meet_again(row, candidate, night=night, at=at, change=change)

    def _meet_again(
        self, row: sqlite3.Row, candidate: Candidate, *, night: date, at: datetime, change: int
    ) -> Verdict:
        if _wakes(row, candidate, night=night, at=at):
            self._database.execute(
                "update seen_urls set state = ?, url = ?, via = ?, title = ?, published = ?, updated = ?, "
                "changed_at = coalesce(?, changed_at), reason = null, attempts = 0, due_night = ?, change = ? where url_key = ?",
                (
                    *(State.PENDING, candidate.url, candidate.via, candidate.title, candidate.published),
                    *(candidate.updated, _plausible(candidate.changed_at, at), night.isoformat(), change),
                    row["url_key"],
                ),
            )
            return Verdict.DUE
        if row["changed_at"] is None and (changed_at := _plausible(candidate.changed_at, at)) is not None:
            self._database.execute(  # what later changes are measured by
                "update seen_urls set updated = ?, changed_at = ?, change = ? where url_key = ?",
                (candidate.updated, changed_at, change, row["url_key"]),
            )
        is_waiting = row["due_night"] is not None and row["due_night"] <= night.isoformat()
        return Verdict.DUE if is_waiting else Verdict.KNOWN

    def _mark_fetched(self, url_key: str, *, status: int, night: date, at: datetime, change: int) -> None:
        self._database.execute(
            "update seen_urls set state = ?, status = ?, reason = null, attempts = 0, due_night = null, "
            "last_night = ?, fetched_at = ?, change = ? where url_key = ?",
            (State.FETCHED, status, night.isoformat(), _text(at), change, url_key),
        )

    def _insert(
        self, source: str, candidate: Candidate, state: State, *, night: date, at: datetime, change: int
    ) -> None:
        row = {
            "url_key": candidate.url_key,
            "source": source,
            "publisher_number": candidate.publisher_number,
            "url": candidate.url,
            "via": candidate.via,
            "title": candidate.title,
            "published": candidate.published,
            "updated": candidate.updated,
            "changed_at": _plausible(candidate.changed_at, at),
            "state": state,
            "reason": candidate.skip,
            "attempts": 0,
            "due_night": night.isoformat() if state is State.PENDING else None,
            "first_seen_at": _text(at),
            "change": change,
        }
        self._write("insert", "seen_urls", row)

    def _keep_endpoint(self, endpoint: FeedState, *, new_items: int, at: datetime, change: int) -> None:
        row = {
            name: _text(value) if isinstance(value, datetime) else value
            for name, value in asdict(endpoint).items()
        }
        row["new_items"], row["change"] = new_items, change
        if new_items:
            row["last_new_at"] = _text(at)
        self._write("insert or replace", "feed_state", row)

    def _write(self, verb: str, table: str, row: Mapping[str, object]) -> None:
        places = ", ".join(f":{name}" for name in row)
        self._database.execute(f"{verb} into {table} ({', '.join(row)}) values ({places})", row)

    def _rows(self, condition: str, values: Sequence[str], *before: str) -> dict[str, sqlite3.Row]:
        """Rows of `seen_urls` whose column is among the values, by key."""
        places = ", ".join("?" * len(values))
        found = self._database.execute(
            f"select * from seen_urls where {condition} ({places})", (*before, *values)
        )
        return {row["url_key"]: row for row in found}


def _wakes(row: sqlite3.Row, candidate: Candidate, *, night: date, at: datetime) -> bool:
    """Whether meeting this known address again makes it wait for a fetch once more."""
    if candidate.skip is not None or row["due_night"] is not None:
        return False
    if row["state"] == State.SKIPPED:  # the source's file, or the robots rules, may have changed
        return row["last_night"] is None or row["last_night"] < night.isoformat()
    changed_at = _plausible(candidate.changed_at, at)
    before = row["changed_at"] or row["fetched_at"]
    return changed_at is not None and before is not None and changed_at > before


def _plausible(changed_at: datetime | None, at: datetime) -> str | None:
    return None if changed_at is None or changed_at > at + FAR_FUTURE else _text(changed_at)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")  # one form only, so that text sorts as time


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _seen_url(row: sqlite3.Row) -> SeenUrl:
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(SeenUrl)}
    for name in ("changed_at", "first_seen_at", "fetched_at"):
        values[name] = _moment(values[name])
    values["state"] = State(values["state"])
    return SeenUrl(**values)


def _feed_state(row: sqlite3.Row) -> FeedState:
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(FeedState)}
    for name in ("checked_at", "last_ok_at", "last_new_at"):
        values[name] = _moment(values[name])
    return FeedState(**values)
