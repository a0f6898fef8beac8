"""What is known of addresses: which were met, which were fetched, which wait, and what feeds said last time.

One SQLite file beside the lake. Addresses are written before they are fetched and committed a batch at a time, so a
crawl killed at any moment loses none; what it left waiting the next crawl asks for. Look-ups go by key, in batches:
memory does not grow with the number of known addresses. Times are in UTC, nights are UTC days, both as ISO text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from articles.errors import NightwireError

FILE_VERSION = 2
MAX_NIGHTS = 3  # an address that failed on so many nights in a row is given up
GONE = frozenset({404, 410})  # given up at once
CHECK_AFTER_DAYS = (1, 3, 7)  # of the first fetch a page is asked for again (notes/crawling.md 3)
CHECK_LIMIT = timedelta(days=14)  # after the first fetch; a check that found no room until then is dropped
MAX_AHEAD = timedelta(minutes=10)  # a stated moment further ahead has its zone wrong (notes/crawling.md 3)

_BATCH = 500

_SCHEMA = """
create table if not exists seen_urls (
    url_key text primary key,       -- one for all twins of an address (articles.urls.url_key)
    source text not null,
    publisher_number text,          -- the publisher's own number in the address
    url text not null,              -- as asked for
    via text not null,              -- "feed" "sitemap" "section" "archive" "redirect"
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
    change integer not null,
    is_past integer not null default 0,  -- 1: waits in the queue of the past, which no night touches
    first_night text,               -- the night it was first fetched; checks for corrections count from here
    etag text,                      -- of its last answer
    last_modified text,             -- of its last answer
    body_sha256 text                -- of its last answer
) strict;
create index if not exists seen_urls_number on seen_urls (source, publisher_number) where publisher_number is not null;
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
    change integer not null,
    last_body_at text,              -- the last time it sent a body, and not only the word that nothing changed
    since text,                     -- of an archive's list: the days it was read for
    until text,
    owed integer not null default 0  -- a section's further page that is still to be read: its number
) strict;
create index if not exists feed_state_change on feed_state (change);
create table if not exists counters (name text primary key, value integer not null) strict;
insert or ignore into counters values ('change', 0), ('synced', 0);
"""

_QUEUES = """
create index if not exists seen_urls_queue on seen_urls (source, is_past, due_night) where due_night is not null;
create index if not exists seen_urls_past on seen_urls (source, coalesce(changed_at, first_seen_at))
    where is_past = 1 and due_night is not null;
create index if not exists feed_state_owed on feed_state (source) where owed > 0;
"""

_FROM_1 = """
alter table seen_urls add column is_past integer not null default 0;
alter table seen_urls add column first_night text;
alter table seen_urls add column etag text;
alter table seen_urls add column last_modified text;
alter table seen_urls add column body_sha256 text;
update seen_urls set first_night = substr(fetched_at, 1, 10) where fetched_at is not null;
alter table feed_state add column last_body_at text;
alter table feed_state add column since text;
alter table feed_state add column until text;
alter table feed_state add column owed integer not null default 0;
drop index if exists seen_urls_waiting;
"""

_SCRIPTS = {0: _SCHEMA + _QUEUES, 1: _FROM_1 + _QUEUES}  # by the form a file has: what brings it to ours


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
    etag: str | None = None  # of the last answer, where it was fetched before
    last_modified: str | None = None
    body_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What to ask a source for, and how much there is altogether."""

    waiting: tuple[Waiting, ...]  # newest first; new ones before those fetched before
    total: int  # also what there is no room for; of a later chunk of the past, the chunk alone
    corrections: int = 0  # of the total, those fetched before
    corrections_left: int = 0  # of these, without room
    dropped: int = 0  # checks for corrections that found no room in time; also in the total
    after: tuple[str, int] | None = None  # in the queue of the past: where the next chunk begins


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
    last_body_at: datetime | None = None  # the last time it did not only say that nothing had changed
    since: date | None = None  # of an archive's list: the days it was read for
    until: date | None = None
    owed: int = 0  # a section's further page that is still to be read: its number


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
            if version in _SCRIPTS:
                script = (
                    f"begin immediate; {_SCRIPTS[version]}; pragma user_version = {FILE_VERSION}; commit;"
                )
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
        next_page: tuple[str, int] | None = None,
        is_past: bool = False,
    ) -> list[Verdict]:
        """Keep what was found, before any of it is fetched; the feed's own state in the same transaction.

        A feed is marked as read only together with its addresses, so a crash cannot lose them behind a 304. Its
        `new_items` and `last_new_at` are filled in here.

        Args:
            source: its id.
            candidates: what was found; skipped ones too, so that they are met once.
            night: what is found waits for this night.
            at: now.
            endpoint: the list they were found in.
            next_page: address and number of the list's page after this one, which is owed if this one `brings_new`.
            is_past: what is new waits in the queue of the past. What was fetched before stays as it is; what was
                given up, but not for being gone, gets another chance.

        Returns:
            A verdict per candidate.
        """
        verdicts: list[Verdict] = []
        with self._change() as change:
            for start in range(0, len(candidates), _BATCH):
                batch = candidates[start : start + _BATCH]
                verdicts += self._record_batch(
                    source, batch, night=night, at=at, change=change, is_past=is_past
                )
            if endpoint is not None:
                self._keep_endpoint(endpoint, new_items=verdicts.count(Verdict.NEW), at=at, change=change)
                if next_page is not None and brings_new(candidates, verdicts):
                    self._owe(endpoint, *next_page, at=at, change=change)
        return verdicts

    def feed_state(self, url: str) -> FeedState | None:
        """What a feed, sitemap or section page said last time; None for one never asked."""
        row = self._database.execute("select * from feed_state where url = ?", (url,)).fetchone()
        return None if row is None else _feed_state(row)

    def owed(self, source: str) -> list[FeedState]:
        """The further pages of a source's sections that a crawl before did not come to."""
        rows = self._database.execute("select * from feed_state where source = ? and owed > 0", (source,))
        return [_feed_state(row) for row in rows]

    # ---- fetching

    def due(
        self,
        source: str,
        *,
        night: date,
        limit: int,
        correction_share: float = 1.0,
        lists: int = 0,
        is_past: bool = False,
        after: tuple[str, int] | None = None,
    ) -> Due:
        """What to ask a source for tonight, or the next of what waits in its queue of the past.

        Pages fetched before get at most a share of the requests of the night, and one where the share of so few
        requests is less: a source that is asked for one quiet feed would otherwise never be looked at again. Those
        without room are put off until tomorrow, so a second run of the night does not take another share.

        Args:
            source: its id.
            night: addresses that failed earlier this same night wait for the next.
            limit: at most so many addresses altogether.
            correction_share: at most this part of the night's requests, those for lists among them, goes to pages
                fetched before.
            lists: how many lists the source is asked for tonight.
            is_past: from the queue of the past, a chunk at a time, newest first by the date stated: what lies
                nearest to tonight is missed most, and is the likeliest to be there still.
            after: with `is_past`, the last chunk's `after`; None begins anew.
        """
        if is_past:
            return self._due_past(source, night=night, limit=limit, after=after)
        chosen = """
            select url_key, url, via, etag, last_modified, body_sha256 from seen_urls
            where source = ? and is_past = 0 and due_night <= ? and (fetched_at is null) = ?
            order by state = 'pending' desc, coalesce(changed_at, first_seen_at) desc, rowid
            limit ?
        """  # of those fetched before, the ones whose list says that they have changed come first
        when = night.isoformat()
        dropped = self._drop_late_checks(source, night)
        fresh = self._database.execute(chosen, (source, when, True, limit)).fetchall()
        if correction_share < 1:
            share = (len(fresh) + lists) * correction_share / (1 - correction_share)
            room = min(max(int(share), 1), limit - len(fresh))
        else:
            room = limit - len(fresh)
        again = self._database.execute(chosen, (source, when, False, room)).fetchall()
        total, corrections = self._database.execute(
            "select count(*), count(fetched_at) from seen_urls where source = ? and is_past = 0 and due_night <= ?",
            (source, when),
        ).fetchone()
        if corrections > len(again):
            self._put_off(source, night, [row["url_key"] for row in again])
        return Due(
            waiting=tuple(Waiting(**dict(row)) for row in (*fresh, *again)),
            total=total + dropped,
            corrections=corrections,
            corrections_left=corrections - len(again),
            dropped=dropped,
        )

    def fetched(
        self,
        url_key: str,
        *,
        source: str,
        status: int,
        night: date,
        at: datetime,
        also: Sequence[Candidate] = (),
        etag: str | None = None,
        last_modified: str | None = None,
        body_sha256: str | None = None,
    ) -> list[str]:
        """Mark an address as stored, and the addresses its redirects led to (under other keys) as known.

        One that another source has met stays that source's business. What came from the queue of the past is not
        checked for corrections: it has had its time.

        Returns:
            The keys among `also` that were waiting for this night in the same queue and are not any more.
        """
        released = []
        with self._change() as change:
            validators = {"etag": etag, "last_modified": last_modified, "body_sha256": body_sha256}
            is_past = self._mark_fetched(
                url_key, status=status, night=night, at=at, change=change, validators=validators
            )
            for twin in also:
                row = self._rows("url_key in", [twin.url_key]).get(twin.url_key)
                if row is None:
                    self._insert(source, twin, State.FETCHED, night=night, at=at, change=change)
                elif row["source"] != source:
                    continue
                elif _is_due(row, night) and row["is_past"] == is_past:
                    released.append(twin.url_key)
                self._mark_fetched(twin.url_key, status=status, night=night, at=at, change=change)
        return released

    def unchanged(
        self, url_key: str, *, night: date, etag: str | None = None, last_modified: str | None = None
    ) -> None:
        """Mark a page fetched before as the same still: nothing was stored, and the next check has its night."""
        with self._change() as change:
            row = self._rows("url_key in", [url_key])[url_key]
            self._database.execute(
                "update seen_urls set state = ?, reason = null, attempts = 0, due_night = ?, last_night = ?, "
                "etag = coalesce(?, etag), last_modified = coalesce(?, last_modified), change = ? where url_key = ?",
                (
                    *(State.FETCHED, _next_check(row["first_night"], night), night.isoformat()),
                    *(etag, last_modified, change, url_key),
                ),
            )

    def failed(self, url_key: str, *, reason: str, status: int | None, night: date) -> None:
        """Mark an address as failed tonight: due again tomorrow, until `MAX_NIGHTS` or a status that says gone.

        A page fetched before stays fetched in the lake; what is given up is only the check for corrections.
        """
        with self._change() as change:
            row = self._rows("url_key in", [url_key])[url_key]
            attempts = row["attempts"] + 1
            if status in GONE:
                due_night = None
            elif attempts < MAX_NIGHTS:
                due_night = (night + timedelta(days=1)).isoformat()
            else:
                due_night = _next_check(row["first_night"], night)
            self._database.execute(
                "update seen_urls set state = ?, status = ?, reason = ?, attempts = ?, last_night = ?, "
                "due_night = ?, change = ? where url_key = ?",
                (State.FAILED, status, reason, attempts, night.isoformat(), due_night, change, url_key),
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
        self,
        source: str,
        batch: Sequence[Candidate],
        *,
        night: date,
        at: datetime,
        change: int,
        is_past: bool,
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
                self._insert(source, candidate, state, night=night, at=at, change=change, is_past=is_past)
                yield Verdict.NEW
            else:
                yield self._meet_again(row, candidate, night=night, at=at, change=change, is_past=is_past)

    def _meet_again(
        self, row: sqlite3.Row, candidate: Candidate, *, night: date, at: datetime, change: int, is_past: bool
    ) -> Verdict:
        is_waiting = _is_due(row, night) and row["is_past"] == is_past
        has_come_up = not is_past and row["is_past"] and row["due_night"] is not None and not candidate.skip
        if has_come_up or _wakes(row, candidate, night=night, at=at, is_past=is_past):
            due_night = max(row["due_night"], night.isoformat()) if has_come_up else night.isoformat()
            self._database.execute(
                "update seen_urls set state = ?, url = ?, via = ?, title = ?, published = ?, updated = ?, "
                "changed_at = coalesce(?, changed_at), reason = null, attempts = ?, due_night = ?, is_past = ?, "
                "change = ? where url_key = ?",
                (
                    *(State.PENDING, candidate.url, candidate.via, candidate.title, candidate.published),
                    *(candidate.updated, _plausible(candidate.changed_at, at)),
                    *(row["attempts"] if has_come_up else 0, due_night, is_past, change, row["url_key"]),
                ),
            )
            return Verdict.DUE if due_night <= night.isoformat() else Verdict.KNOWN
        if row["changed_at"] is None and (changed_at := _plausible(candidate.changed_at, at)) is not None:
            self._database.execute(  # what later changes are measured by
                "update seen_urls set updated = ?, changed_at = ?, change = ? where url_key = ?",
                (candidate.updated, changed_at, change, row["url_key"]),
            )
        return Verdict.DUE if is_waiting else Verdict.KNOWN

    def _mark_fetched(
        self,
        url_key: str,
        *,
        status: int,
        night: date,
        at: datetime,
        change: int,
        validators: Mapping[str, str | None] | None = None,
    ) -> bool:
        """Mark one as stored, a twin of it without validators; returns whether it came from the queue of the past."""
        first_night, is_past = self._database.execute(
            "select coalesce(first_night, ?), is_past from seen_urls where url_key = ?",
            (night.isoformat(), url_key),
        ).fetchone()
        is_checked = validators is not None and not is_past
        self._database.execute(
            "update seen_urls set state = :state, status = :status, reason = null, attempts = 0, due_night = :due_night, "
            "last_night = :night, fetched_at = :at, first_night = :first_night, change = :change, etag = :etag, "
            "last_modified = :last_modified, body_sha256 = :body_sha256 where url_key = :url_key",
            {
                "url_key": url_key,
                "state": State.FETCHED,
                "status": status,
                "change": change,
                "night": night.isoformat(),
                "at": _text(at),
                "first_night": first_night,
                "due_night": _next_check(first_night, night) if is_checked else None,
                **(validators or {"etag": None, "last_modified": None, "body_sha256": None}),
            },
        )
        return bool(is_past)

    def _drop_late_checks(self, source: str, night: date) -> int:
        """Give up the checks for corrections that found no room in time; the fresher ones tell more."""
        late = (
            "where source = ? and is_past = 0 and due_night <= ? and fetched_at is not null "
            "and state <> 'pending' and first_night < ?"
        )
        span = (source, night.isoformat(), (night - CHECK_LIMIT).isoformat())
        (count,) = self._database.execute(f"select count(*) from seen_urls {late}", span).fetchone()
        if count:
            with self._change() as change:
                self._database.execute(
                    f"update seen_urls set due_night = null, change = ? {late}", (change, *span)
                )
        return count

    def _put_off(self, source: str, night: date, chosen: Sequence[str]) -> None:
        """Let the pages fetched before wait until tomorrow, but for those chosen. The lake need not hear of it."""
        places = ", ".join("?" * len(chosen))
        with self._change():
            self._database.execute(
                "update seen_urls set due_night = ? where source = ? and is_past = 0 and due_night <= ? "
                f"and fetched_at is not null and url_key not in ({places})",
                ((night + timedelta(days=1)).isoformat(), source, night.isoformat(), *chosen),
            )

    def _due_past(self, source: str, *, night: date, limit: int, after: tuple[str, int] | None) -> Due:
        when = night.isoformat()
        chosen = """
            select coalesce(changed_at, first_seen_at), rowid, url_key, url, via
            from seen_urls indexed by seen_urls_past  -- left alone, SQLite sorts all that waits, for each chunk
            where source = ? and is_past = 1 and due_night is not null and due_night <= ? and {place}
            order by {order}
            limit ?
        """
        newest = "coalesce(changed_at, first_seen_at) desc, rowid desc"
        if after is None:
            first = chosen.format(place="true", order=newest)
            rows = self._database.execute(first, (source, when, limit)).fetchall()
            (total,) = self._database.execute(
                "select count(*) from seen_urls where source = ? and is_past = 1 and due_night <= ?",
                (source, when),
            ).fetchone()
        else:  # first those of the very moment that the last chunk ended in: both questions find their place at once
            same = chosen.format(
                place="coalesce(changed_at, first_seen_at) = ? and rowid < ?", order="rowid desc"
            )
            rows = self._database.execute(same, (source, when, *after, limit)).fetchall()
            older = chosen.format(place="coalesce(changed_at, first_seen_at) < ?", order=newest)
            rows += self._database.execute(older, (source, when, after[0], limit - len(rows))).fetchall()
            total = len(rows)
        waiting = tuple(Waiting(url_key=row[2], url=row[3], via=row[4]) for row in rows)
        return Due(waiting=waiting, total=total, after=(rows[-1][0], rows[-1][1]) if rows else after)

    def _insert(
        self,
        source: str,
        candidate: Candidate,
        state: State,
        *,
        night: date,
        at: datetime,
        change: int,
        is_past: bool = False,
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
            "is_past": is_past,
        }
        self._write("insert", "seen_urls", row)

    def _keep_endpoint(self, endpoint: FeedState, *, new_items: int, at: datetime, change: int) -> None:
        row = {name: _stored(value) for name, value in asdict(endpoint).items()}
        row["new_items"], row["change"] = new_items, change
        if new_items:
            row["last_new_at"] = _text(at)
        self._write("insert or replace", "feed_state", row)

    def _owe(self, endpoint: FeedState, url: str, page: int, *, at: datetime, change: int) -> None:
        row = {
            "url": url,
            "source": endpoint.source,
            "via": endpoint.via,
            "checked_at": _text(at),
            "new_items": 0,
            "fails": 0,
            "owed": page,
            "change": change,
        }
        self._write("insert or ignore", "feed_state", row)
        self._database.execute("update feed_state set owed = ? where url = ?", (page, url))

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


def brings_new(candidates: Sequence[Candidate], verdicts: Sequence[Verdict]) -> bool:
    """Whether a list named an article never seen before: then the page after it may name more."""
    met = zip(candidates, verdicts, strict=True)
    return any(verdict is Verdict.NEW and candidate.skip is None for candidate, verdict in met)


def _wakes(row: sqlite3.Row, candidate: Candidate, *, night: date, at: datetime, is_past: bool) -> bool:
    """Whether meeting this known address again makes it wait for a fetch once more."""
    has_slept = row["last_night"] is None or row["last_night"] < night.isoformat()
    if candidate.skip is not None or row["state"] == State.PENDING:
        return False
    if row["state"] == State.SKIPPED:  # the source's file, or the robots rules, may have changed
        return has_slept
    if row["state"] == State.FAILED and row["due_night"] is not None:
        return False
    if is_past:
        return row["state"] == State.FAILED and row["status"] not in GONE and has_slept
    said = (candidate.published, candidate.updated)
    if any(said) and said == (row["published"], row["updated"]):
        return False  # the same words: a moment that could not be right last night may look right now
    changed_at = _plausible(candidate.changed_at, at)
    before = row["changed_at"] or row["fetched_at"]
    return changed_at is not None and before is not None and changed_at > before


def _is_due(row: sqlite3.Row, night: date) -> bool:
    return row["due_night"] is not None and row["due_night"] <= night.isoformat()


def _next_check(first_night: str | None, night: date) -> str | None:
    """The first night after this one on which a page is asked for again; None: no more."""
    if first_night is None:
        return None
    nights = (date.fromisoformat(first_night) + timedelta(days=days) for days in CHECK_AFTER_DAYS)
    return next((one.isoformat() for one in nights if one > night), None)


def _plausible(changed_at: datetime | None, at: datetime) -> str | None:
    """A stated moment that can be right; one that has not come yet says nothing."""
    return None if changed_at is None or changed_at > at + MAX_AHEAD else _text(changed_at)


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return _text(value)
    return value.isoformat() if isinstance(value, date) else value


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
    for name in ("checked_at", "last_ok_at", "last_new_at", "last_body_at"):
        values[name] = _moment(values[name])
    for name in ("since", "until"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return FeedState(**values)


def fetched_among(path: Path, keys: Sequence[str]) -> set[str]:
    """Those of the keys whose address was fetched before, by the frontier file at `path`; nothing is written to it."""
    if not path.exists():
        return set()
    found: set[str] = set()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as database:
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            places = ", ".join("?" * len(batch))
            rows = database.execute(
                f"select url_key from seen_urls where fetched_at is not null and url_key in ({places})", batch
            )
            found.update(key for (key,) in rows)
    return found
