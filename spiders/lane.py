"""A source while it is being crawled: what it was asked for, what came of it, and what still waits."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from spiders.archives import ArchiveList, Series
from spiders.frontier import Candidate, Verdict, Waiting
from spiders.records import STOPPED, EndpointStats, SourceStats
from spiders.source import SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list to ask a source for."""

    url: str
    via: str  # "feed" "sitemap" "section" "archive"
    depth: int = 0  # below how many indexes it was named
    page: int = 1  # of a section
    archive: ArchiveList | None = None


@dataclass(slots=True)
class Lane:
    """A source while it is being crawled: first its lists, then its articles."""

    source: SourceFile
    is_past: bool = False  # works off the queue of the past
    documents: set[str] = field(default_factory=set)  # addresses of the lists asked for, or to be
    lists: deque[Listing] = field(default_factory=deque)  # not asked for yet
    lists_under_way: int = 0
    is_open: bool = False  # all lists are in: it is the articles' turn
    series: dict[str, Series] = field(default_factory=dict)  # of archives
    lists_known: int = 0  # of archives: read for these days by a crawl before
    endpoints: list[EndpointStats] = field(default_factory=list)
    asked: int = 0
    stored: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    met: dict[str, str | None] = field(default_factory=dict)  # keys not due tonight; why skipped, None: known
    known: int = 0
    waiting: deque[Waiting] = field(default_factory=deque)
    under_way: set[str] = field(default_factory=set)  # keys
    over_budget: int = 0
    corrections_left: int = 0  # checks of pages fetched before that found no room
    unread: int = 0  # addresses of the past still in the frontier
    after: tuple[str, int] | None = None  # where their next chunk begins
    refilling: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def left(self) -> int:
        """Articles still to be answered for tonight."""
        return len(self.waiting) + len(self.under_way) + self.unread

    def will_ask(self, listing: Listing) -> bool:
        """Have a list asked for, once; returns whether it was not asked for yet."""
        if listing.url in self.documents:
            return False
        self.documents.add(listing.url)
        self.lists.append(listing)
        return True

    def meet(self, listed: Sequence[Candidate], verdicts: Sequence[Verdict]) -> None:
        """Count what needs no asking: addresses newly met and left alone, and those known and not due.

        Of the past, an address known that several lists name is counted each time: nobody could remember them all.
        """
        for candidate, verdict in zip(listed, verdicts, strict=True):
            key = candidate.url_key
            if verdict is Verdict.KNOWN and key not in self.met:
                self.known += 1
                if not self.is_past:
                    self.met[key] = None
            elif verdict is Verdict.NEW and candidate.skip is not None:
                self.asked += 1
                self.skipped[candidate.skip] += 1
                if not self.is_past:
                    self.met[key] = candidate.skip
            elif verdict is Verdict.DUE and key in self.met:  # one list said otherwise: old, or unchanged
                reason = self.met.pop(key)
                if reason is None:
                    self.known -= 1
                else:
                    self.asked -= 1
                    self.skipped[reason] -= 1

    def release(self, key: str) -> None:
        """An address that turned out to be the page just stored is not asked for any more."""
        if key in self.under_way:
            return
        others = deque(one for one in self.waiting if one.url_key != key)
        if len(others) < len(self.waiting):
            self.waiting = others
        elif self.over_budget > 0:
            self.over_budget -= 1
        elif self.corrections_left > 0:
            self.corrections_left -= 1
        elif self.unread > 0:
            self.unread -= 1
        else:
            return  # it has been answered for
        self.skipped["same_page"] += 1

    def stats(self) -> SourceStats:
        """The counts; what nobody answered for any more was stopped."""
        unanswered = {"budget": self.over_budget, "corrections_wait": self.corrections_left}
        skipped = self.skipped + Counter({**unanswered, STOPPED: self.left})
        return SourceStats(
            source=self.source.name,
            asked=self.asked,
            stored=self.stored,
            failed=dict(self.failed),
            skipped=dict(skipped),
            known=self.known,
            endpoints=tuple(self.endpoints),
            insecure_tls=self.source.insecure_tls,
        )


def archive_summary(lane: Lane) -> str:
    """One line about what a source's archives gave."""
    read = [one for one in lane.endpoints if one.reason is None]
    new, outside, undated = (
        sum(getattr(one, name) for one in read) for name in ("new_items", "outside_span", "undated")
    )
    return (
        f"{lane.source.name}: archives: lists read {len(read)}, failed {len(lane.endpoints) - len(read)}, read before "
        f"{lane.lists_known}; addresses never seen {new}; left out: of other days {outside}, undated {undated}"
    )


def summary(stats: SourceStats) -> str:
    """One line about a source's night."""
    text = f"{stats.source}: asked {stats.asked}, stored {stats.stored}, known {stats.known}"
    for name, counts in (("failed", stats.failed), ("skipped", stats.skipped)):
        if counts:
            reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))
            text += f", {name} {sum(counts.values())} ({reasons})"
    return text
