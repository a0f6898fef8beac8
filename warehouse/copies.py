"""Which articles carry the same text: sketches, checked pairs, groups.

Candidates share at least two sampled shingles inside the window; each candidate pair is then compared word by
word, and judged by how new what it shares was. Only articles that are new, changed or gone since they were last looked
at are worked on, so that a night costs what the night brought. Everything about a portion of articles is written in
one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa

from articles.copies import (
    NOVEL_DAYS,
    UNITING_DAYS,
    Comparison,
    Meeting,
    Origin,
    Relation,
    Verdict,
    compare,
    origin_of,
    relate,
)
from articles.fingerprints import METHOD_VERSION, Hashes, sketches
from warehouse.connection import Lake
from warehouse.copy_facts import (
    Fact,
    Page,
    Placed,
    days_between,
    fetch_pages,
    fetch_texts,
    placed_articles,
    queued_facts,
)
from warehouse.duck import Connection
from warehouse.group_rows import record_changes, refresh_groups
from warehouse.groups import Grouping, Member, regroup
from warehouse.groups import Pair as GroupPair
from warehouse.staging import among_days, among_moments, arrow_ids, delete_keys, insert, staged
from warehouse.tables import CLAIM, COPIES, COPY_MEMBERS, SKETCHES

PORTION = 2000  # articles a transaction: the pen is held for some seconds; each portion looks through narrow columns once
SHARED_HASHES = (
    2  # at one hash in eight this loses 1 % of trimmed and 4 % of excerpted copies (notes/copies.md 4)
)
MAX_FREQUENCY = (
    200  # a shingle in more articles than this is no sign of copying, unless it is news (notes/copies.md 8)
)
FLOOD_DAYS = 3  # ... a text that floods in is printed within so many days
FIRST_CARRIERS = 3  # of a shingle that is everywhere: later ones are compared with the first alone, so that cost stays linear
STANDING_DAYS = 4  # a shingle that one source printed on so many days stands on its pages and says nothing
WINDOW_DAYS = 60
CLOCK_DAYS = 31  # by which a clock may have been wrong when an article was captured, or its pairs were found
EVER_DAYS = 365_000  # a thousand years either way
LAST_DAY = date(9999, 12, 30)  # there is a day after it
TEXTS_AT_ONCE = 400  # pairs compared before texts are fetched anew: about 5 MB

Names = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyCounts:
    """What one search for copies did."""

    articles: int = 0  # looked at: new or changed
    pairs: int = 0  # found among them
    joined: int = 0  # of the articles, those that share their group with another
    merged: int = 0  # groups that went into another

    def __add__(self, other: CopyCounts) -> CopyCounts:
        return CopyCounts(
            articles=self.articles + other.articles,
            pairs=self.pairs + other.pairs,
            joined=self.joined + other.joined,
            merged=self.merged + other.merged,
        )


def find_copies(
    lake: Lake,
    *,
    run_id: str,
    now: datetime,
    window_days: int | None = WINDOW_DAYS,
    everything: bool = False,
) -> CopyCounts:
    """Place every article that is not placed yet, or that changed, in its copy group.

    Args:
        lake: the lake.
        run_id: kept with every row.
        now: when it is done (UTC).
        window_days: compare only articles printed within so many days of each other; None: of any age. Where a page
            states no day, its capture counts. Texts that are equal to the letter are found at any age.
        everything: compare every article anew, as after a change of the window; one that was cut short is gone on with.
    """
    if not _is_method_current(lake):
        _change_method(lake, run_id)
    elif everything and not _is_under_way(lake):
        lake.transact(_queue_everything, message=f"look for copies anew, {run_id}")
    counts = CopyCounts()
    while _is_work_left(lake):
        counts += lake.transact(
            lambda connection: _Search(connection, run_id, now, window_days).run(),
            message=f"find copies, {run_id}",
        )
    return counts


def _is_work_left(lake: Lake) -> bool:
    with lake.connection() as connection:
        return connection.execute("select exists(from unplaced)").fetchone() == (True,)


def _is_method_current(lake: Lake) -> bool:
    with lake.connection() as connection:
        return connection.execute(f"select copies_method from {CLAIM.name}").fetchone() == (METHOD_VERSION,)


def _is_under_way(lake: Lake) -> bool:
    with lake.connection() as connection:
        row = connection.execute(
            f"select exists(from copy_members where method_version = '{_AGAIN}')"
        ).fetchone()
    return row == (True,)


def _change_method(lake: Lake, run_id: str) -> None:
    """Sketch every text anew, then queue all articles; what was found is replaced article by article.

    Nothing is compared before all sketches are of one method, so that no group falls apart on the way.
    """
    lake.transact(_queue_everything, message=f"look for copies by another method, {run_id}")
    while lake.transact(_sketch_anew, message=f"sketch anew, {run_id}"):
        pass
    lake.transact(
        lambda connection: connection.execute(f"update {CLAIM.name} set copies_method = '{METHOD_VERSION}'"),
        message=f"compare by method {METHOD_VERSION}, {run_id}",
    )


def _queue_everything(connection: Connection) -> None:
    connection.execute(_REFRESH_MEMBERS)
    connection.execute(
        "insert into unplaced by name select article_id, articles.captured_at, published_date, "
        "copy_members.article_id is null as is_new "
        "from articles full join copy_members using (article_id) anti join unplaced using (article_id)"
    )


def _sketch_anew(connection: Connection) -> bool:
    """Sketch a portion of the texts that another method sketched; returns whether there were any."""
    other = f"method_version <> '{METHOD_VERSION}'"
    rows = connection.execute(
        f"select distinct article_id, day from sketches where {other} limit {PORTION}"
    ).fetchall()
    if not rows:
        return False
    days = [day for _, day in rows if day is not None]
    with staged(connection, arrow_ids(article_id=[name for name, _ in rows])):
        connection.execute(
            f"delete from sketches where {other} and (day is null{f' or {among_days(days)}' if days else ''}) "
            "and article_id in (select article_id from staged)"
        )
    placed = placed_articles(connection, "article_id", {name for name, _ in rows})
    write_sketches(connection, [one.fact for one in placed.values()])
    return True


def write_sketches(connection: Connection, facts: Sequence[Fact]) -> None:
    """Sketch the texts of some articles; one that has changed since is left to its own turn."""
    texts = fetch_texts(connection, facts)
    known = [fact for fact in facts if fact.article_id in texts]
    hashes = sketches([texts[fact.article_id] for fact in known])
    if not hashes:
        return
    lengths = [len(sample) for sample in hashes]

    def spread(values: Sequence[object], kind: pa.DataType) -> pa.Array:
        places = pa.array(np.repeat(np.arange(len(values)), lengths))
        return pa.array(values, kind).take(places)

    rows = pa.table(
        {
            "article_id": spread([fact.article_id for fact in known], pa.string()),
            "source": spread([fact.source for fact in known], pa.string()),
            "shingle_hash": pa.array(np.concatenate(hashes), pa.uint64()),
            "day": spread([fact.filed_under for fact in known], pa.date32()),
            "is_dated": spread([fact.day is not None for fact in known], pa.bool_()),
            "captured_at": spread([fact.captured_at for fact in known], pa.timestamp("us", tz="UTC")),
        }
    )
    with staged(connection, rows):
        connection.execute(
            f"insert into {SKETCHES.name} by name "
            f"select *, '{METHOD_VERSION}' as method_version from staged order by day"
        )


_AGAIN = "again"  # in place of a method: to be compared anew
# Members of lakes before tables of version 3 have none of these; of an article that is gone only the place counts.
_REFRESH_MEMBERS = f"""
    update copy_members set
        method_version = '{_AGAIN}',
        member_source = facts.source,
        member_day = facts.day,
        member_ordered_at = facts.ordered_at,
        member_first_seen_at = facts.first_seen_at,
        member_captured_at = facts.captured_at
    from (
        select
            copy_members.article_id, articles.source, articles.published_date as day,
            coalesce(articles.published_at, articles.published_date, articles.first_seen_at, joined_at) as ordered_at,
            coalesce(articles.first_seen_at, joined_at) as first_seen_at,
            coalesce(articles.captured_at, joined_at) as captured_at
        from copy_members left join articles using (article_id)
    ) as facts
    where facts.article_id = copy_members.article_id
"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A pair that shares enough of its sketches to be compared."""

    shared: int
    evidence: int
    novel: int


class _Search:
    """One portion of articles; lives inside one transaction."""

    def __init__(self, connection: Connection, run_id: str, now: datetime, window_days: int | None) -> None:
        self.connection = connection
        self.run_id = run_id
        self.now = now
        self.window_days = window_days
        self.facts: dict[str, Fact] = {}  # of every article met, as it is now
        self.placed: dict[str, Placed] = {}  # of those that had a place, as they were when they got it

    def run(self) -> CopyCounts:
        """Work on the next portion."""
        queue = self.connection.execute(
            "select article_id, captured_at, is_new from unplaced "
            f"order by published_date is null, published_date, captured_at, article_id limit {PORTION}"
        ).fetchall()
        queued = queued_facts(
            self.connection, [row[0] for row in queue], [row[1] for row in queue if row[1] is not None]
        )
        self.facts = {fact.article_id: fact for fact in queued}
        before = self._placed("article_id", [name for name, _, is_new in queue if not is_new])
        settled = {
            name for name, fact in self.facts.items() if name in before and _is_settled(before[name], fact)
        }
        waiting = [fact for fact in queued if fact.article_id not in settled]
        again = {name: placed for name, placed in before.items() if name not in settled}
        gone = [name for name, _, _ in queue if name not in self.facts]

        self._forget(again)
        self._take_out(gone)
        write_sketches(self.connection, waiting)
        equals = self._equal_texts(waiting, again)
        found = self._compare(self._candidates(waiting), equals)
        insert(self.connection, COPIES, list(found.values()))
        grouping = self._regroup(waiting, again, found, equals)
        self._keep_facts(settled)
        with staged(self.connection, arrow_ids(article_id=[name for name, _, _ in queue])):
            self.connection.execute(
                "delete from unplaced where article_id in (select article_id from staged)"
            )
        return _counts(waiting, found, grouping)

    def _placed(self, column: str, values: Collection[str]) -> dict[str, Placed]:
        """The placed articles whose `column` is among the values; all that is met is kept."""
        found = placed_articles(self.connection, column, values)
        self.placed |= found
        return found

    def _found_since(self, placed: Iterable[Placed]) -> str:
        """A condition that holds for every pair of these articles: it was found when they were known."""
        moments = [moment for one in placed for moment in (one.fact.first_seen_at, one.joined_at)]
        first = min(moments, default=self.now)
        return f"found_at >= timestamptz '{min(first, self.now).isoformat()}' - interval '{CLOCK_DAYS} days'"

    def _forget(self, again: Mapping[str, Placed]) -> None:
        """Drop what was found on articles that changed or went; their groups are formed anew below."""
        if not again:
            return
        with staged(self.connection, arrow_ids(article_id=sorted(again))):
            for column in ("article_id", "of_article_id"):
                self.connection.execute(
                    f"delete from copies where {self._found_since(again.values())} "
                    f"and {column} in (select article_id from staged)"
                )
            self.connection.execute(
                f"delete from sketches where {_filed_on([placed.fact for placed in again.values()])} "
                "and article_id in (select article_id from staged)"
            )

    def _candidates(self, waiting: Sequence[Fact]) -> dict[Names, _Candidate]:
        """Pairs with a waiting article that share `SHARED_HASHES` sampled shingles which are evidence.

        A shingle is none where a source of the pair has it on its pages day after day, or where it is everywhere; one
        that floods in within `FLOOD_DAYS` is, but leads to its first carriers alone.
        """
        if not waiting:
            return {}
        days = timedelta(days=EVER_DAYS if self.window_days is None else self.window_days)
        columns = "article_id, source, shingle_hash, day, is_dated, captured_at"
        near = " union all ".join(
            f"select {columns} from sketches semi join fresh using (shingle_hash) "
            f"where method_version = '{METHOD_VERSION}' and {span}"
            for span in _spans(waiting, days)
        )
        with staged(self.connection, arrow_ids(article_id=[fact.article_id for fact in waiting])):
            rows = self.connection.execute(
                f"""
                with fresh as materialized (
                    select {columns} from sketches semi join staged using (article_id)
                    where {_filed_on(waiting)}
                ),
                near as materialized ({near}),
                standing as (
                    select shingle_hash, source from near where source is not null
                    group by all having count(distinct day) >= {STANDING_DAYS}
                ),
                known as (
                    select
                        shingle_hash,
                        min(day) filter (is_dated) as first_day,
                        count(*) <= {MAX_FREQUENCY} or max(day) - min(day) <= {FLOOD_DAYS} as is_evidence,
                        count(*) > {MAX_FREQUENCY} as is_everywhere
                    from near group by all
                ),
                carriers as (
                    select near.* from near inner join known using (shingle_hash)
                    qualify not is_everywhere
                    or row_number() over (
                        partition by shingle_hash order by day, captured_at, article_id
                    ) <= {FIRST_CARRIERS}
                ),
                shared as (
                    select
                        fresh.article_id as one, carriers.article_id as other,
                        known.is_evidence and here.shingle_hash is null and there.shingle_hash is null as is_evidence,
                        known.first_day >= least(fresh.day, carriers.day) - {NOVEL_DAYS} as is_novel
                    from fresh inner join carriers using (shingle_hash) inner join known using (shingle_hash)
                    left join standing as here
                        on fresh.shingle_hash = here.shingle_hash and fresh.source = here.source
                    left join standing as there
                        on fresh.shingle_hash = there.shingle_hash and carriers.source = there.source
                    where fresh.article_id <> carriers.article_id
                    and case
                        when fresh.is_dated and carriers.is_dated
                            then abs(fresh.day - carriers.day) <= {days.days}
                        else abs(epoch(fresh.captured_at) - epoch(carriers.captured_at)) <= {days.total_seconds()}
                    end
                )
                select
                    one, other, count(*), count(*) filter (is_evidence), count(*) filter (is_evidence and is_novel)
                from shared group by one, other having count(*) filter (is_evidence) >= {SHARED_HASHES}
                """
            ).fetchall()
        return {_names(one, other): _Candidate(*counts) for one, other, *counts in rows}

    def _equal_texts(self, waiting: Sequence[Fact], again: Mapping[str, Placed]) -> list[list[Fact]]:
        """The placed and waiting articles that have one text to the letter, earliest first; lists of two or more."""
        touched = {fact.text_sha256 for fact in waiting} | {
            placed.fact.text_sha256 for placed in again.values()
        }
        placed = self._placed("text_sha256", touched)
        fresh = {fact.article_id for fact in waiting}
        equals: dict[str, list[Fact]] = {}
        for fact in [*(one.fact for one in placed.values()), *waiting]:
            if fact.article_id in fresh and self.facts[fact.article_id] is not fact:
                continue  # as it was before it changed
            self.facts[fact.article_id] = fact
            equals.setdefault(fact.text_sha256, []).append(fact)
        return [sorted(facts, key=lambda fact: fact.rank) for facts in equals.values() if len(facts) > 1]

    def _compare(
        self, candidates: Mapping[Names, _Candidate], equals: Sequence[Sequence[Fact]]
    ) -> dict[Names, dict[str, object]]:
        """Compare candidates word by word; equal texts are each paired with the first of their run alone."""
        text_of = {fact.article_id: fact.text_sha256 for facts in equals for fact in facts}
        if regrouped := [self.placed[name] for name in text_of if name in self.placed]:
            with staged(self.connection, arrow_ids(article_id=sorted(text_of))):
                self.connection.execute(
                    f"delete from copies where relation = 'identical' and {self._found_since(regrouped)} "
                    "and article_id in (select article_id from staged) "
                    "and of_article_id in (select article_id from staged)"
                )
        stars = {_names(*pair): pair for facts in equals for pair in _stars(facts)}
        distinct = [
            names
            for names in candidates
            if text_of.get(names[0], names[0]) != text_of.get(names[1], names[1])
        ]
        unknown = {name for names in distinct for name in names} - self.facts.keys()
        for name, placed in self._placed("article_id", unknown).items():
            self.facts[name] = placed.fact
        of_equal_texts: dict[str, Comparison] = {}
        found: dict[Names, dict[str, object]] = {}
        todo = [names for names in [*sorted(stars), *sorted(distinct)] if set(names) <= self.facts.keys()]
        for start in range(0, len(todo), TEXTS_AT_ONCE):
            some = todo[start : start + TEXTS_AT_ONCE]
            pages = fetch_pages(
                self.connection, [self.facts[name] for name in {n for names in some for n in names}]
            )
            for names in some:
                if not set(names) <= pages.keys():
                    continue  # one has changed since, and waits: they are compared when it has its turn
                earlier, later = sorted((self.facts[name] for name in names), key=lambda fact: fact.rank)
                sha256 = later.text_sha256
                if names not in stars:
                    comparison = compare(pages[later.article_id].text, pages[earlier.article_id].text)
                else:
                    if sha256 not in of_equal_texts:
                        text = pages[later.article_id].text
                        of_equal_texts[sha256] = compare(text, text)
                    comparison = of_equal_texts[sha256]
                row = self._pair_row(later, earlier, comparison, candidates.get(names), pages)
                if row is not None:
                    found[names] = row
        return found

    def _pair_row(
        self,
        later: Fact,
        earlier: Fact,
        comparison: Comparison,
        candidate: _Candidate | None,
        pages: Mapping[str, Page],
    ) -> dict[str, object] | None:
        """The row of a pair that shares text; None for strangers."""
        days = days_between(later, earlier)
        counted = candidate or _Candidate(0, 0, 0)
        meeting = Meeting(
            shared=counted.shared,
            evidence=counted.evidence,
            novel=None if days is None else counted.novel,
            days=days,
            is_same_source=later.source is not None and later.source == earlier.source,
        )
        verdict = relate(comparison, meeting)
        if verdict.relation is None:
            return None
        origin = _origin(later, earlier, verdict, pages)
        return {
            "article_id": later.article_id,
            "of_article_id": earlier.article_id,
            "relation": verdict.relation.value,
            "jaccard": comparison.jaccard,
            "containment": comparison.containment_a,
            "containment_of": comparison.containment_b,
            "shared_words": comparison.shared_words,
            "longest_run": comparison.longest_run,
            "novelty": meeting.novel / meeting.evidence
            if meeting.novel is not None and meeting.evidence
            else None,
            "is_uniting": verdict.unites,
            "origin_article_id": origin and (later if origin.is_first else earlier).article_id,
            "origin_from": origin and origin.told_by,
            "origin_confidence": origin and origin.confidence,
            "found_at": self.now,
            "run_id": self.run_id,
        }

    def _regroup(
        self,
        waiting: Sequence[Fact],
        again: Mapping[str, Placed],
        found: Mapping[Names, Mapping[str, object]],
        equals: Sequence[Sequence[Fact]],
    ) -> Grouping:
        linked = {name for names in found for name in names} | {
            fact.article_id for facts in equals for fact in facts
        }
        fresh = {fact.article_id for fact in waiting}
        neighbours = [self.placed[name] for name in linked - fresh if name in self.placed]
        former = {placed.copy_group_id for placed in [*again.values(), *neighbours]}
        placed = self._placed("copy_group_id", former)
        for name, one in placed.items():
            self.facts.setdefault(name, one.fact)
        members = [
            Member(
                article_id=name,
                rank=self.facts[name].rank,
                day=self.facts[name].day,
                former_group=placed[name].copy_group_id if name in placed else None,
            )
            for name in sorted(fresh | placed.keys())
        ]
        pairs = self._pairs_of(members)
        outside = {name for pair in pairs for name in (pair.first, pair.second)} - self.facts.keys()
        for name, one in self._placed("article_id", outside).items():
            self.facts[name] = one.fact
        kinship = _Kinship(self.connection, self.facts)
        grouping = regroup(members, pairs, former, is_kin=kinship)
        self._write_places(
            {
                name: Placed(
                    fact=self.facts[name],
                    copy_group_id=group,
                    # one that was placed by another method still waits for this one
                    method_version=METHOD_VERSION if name in fresh else placed[name].method_version,
                    joined_at=self.now,
                )
                for name, group in grouping.group_of.items()
            }
        )
        members_of: dict[str, list[Fact]] = {group: [] for group in [*grouping.core_of, *former]}
        for name, group in grouping.group_of.items():
            members_of[group].append(self.facts[name])
        refresh_groups(self.connection, members_of, cores=grouping.core_of)
        record_changes(self.connection, grouping, run_id=self.run_id, now=self.now)
        return grouping

    def _pairs_of(self, members: Sequence[Member]) -> list[GroupPair]:
        """All pairs of the members, also with articles outside their groups: they tell what a page holds."""
        if not members:
            return []
        known = [self.placed[one.article_id] for one in members if one.article_id in self.placed]
        with staged(self.connection, arrow_ids(article_id=[member.article_id for member in members])):
            rows = self.connection.execute(
                "select article_id, of_article_id, containment, containment_of, is_uniting from copies "
                f"where {self._found_since(known)} and (article_id in (select article_id from staged) "
                "or of_article_id in (select article_id from staged))"
            ).fetchall()
        return [
            GroupPair(
                first=first, second=second, share_of_first=of_first, share_of_second=of_second, unites=unites
            )
            for first, second, of_first, of_second, unites in rows
        ]

    def _write_places(self, places: Mapping[str, Placed]) -> None:
        """Write the places that are new or other than before."""
        changed = {name: place for name, place in places.items() if self.placed.get(name) != place}
        self._take_out([name for name in changed if name in self.placed])
        insert(
            self.connection,
            COPY_MEMBERS,
            [
                {
                    "article_id": name,
                    "copy_group_id": place.copy_group_id,
                    "text_sha256": place.fact.text_sha256,
                    "method_version": place.method_version,
                    "member_source": place.fact.source,
                    "member_day": place.fact.day,
                    "member_ordered_at": place.fact.ordered_at,
                    "member_first_seen_at": place.fact.first_seen_at,
                    "member_captured_at": place.fact.captured_at,
                    "joined_at": place.joined_at,
                    "run_id": self.run_id,
                }
                for name, place in changed.items()
            ],
        )
        self.placed |= changed

    def _take_out(self, names: Collection[str]) -> None:
        """Delete the places of articles that had one."""
        placed = {name: self.placed[name] for name in names if name in self.placed}
        if placed:
            taken = among_moments([place.fact.captured_at for place in placed.values()], "member_captured_at")
            with staged(self.connection, arrow_ids(article_id=sorted(placed))):
                delete_keys(self.connection, COPY_MEMBERS, f" where {taken}")
        self.placed = {name: place for name, place in self.placed.items() if name not in placed}

    def _keep_facts(self, settled: Collection[str]) -> None:
        """What was read anew without another text or day keeps its place, with its newest capture.

        Its agency or the moment of its publication may be another: its group is counted anew.
        """
        self._write_places(
            {
                name: replace(self.placed[name], fact=self.facts[name], joined_at=self.now)
                for name in sorted(settled)
            }
        )
        groups = {self.placed[name].copy_group_id for name in settled}
        members_of: dict[str, list[Fact]] = {group: [] for group in groups}
        for name, placed in self._placed("copy_group_id", groups).items():
            members_of[placed.copy_group_id].append(self.facts.get(name, placed.fact))
        refresh_groups(self.connection, members_of)


class _Kinship:
    """Whether two articles share `SHARED_HASHES` sampled shingles; sketches are fetched when they are first asked for."""

    def __init__(self, connection: Connection, facts: Mapping[str, Fact]) -> None:
        self.connection = connection
        self.facts = facts
        self.sketches: dict[str, Hashes] = {}

    def __call__(self, first: str, second: str) -> bool:
        return (
            len(np.intersect1d(self._sketch(first), self._sketch(second), assume_unique=True))
            >= SHARED_HASHES
        )

    def _sketch(self, name: str) -> Hashes:
        if name not in self.sketches and name in self.facts:
            self._fetch()
        return self.sketches.get(name, np.empty(0, dtype=np.uint64))  # of one nobody knows, nothing is kin

    def _fetch(self) -> None:
        """All at once: whoever asks for one will ask for more."""
        names = [name for name in self.facts if name not in self.sketches]
        with staged(self.connection, arrow_ids(article_id=names)):
            columns = self.connection.execute(
                "select article_id, shingle_hash from sketches semi join staged using (article_id) "
                f"where {_filed_on([self.facts[name] for name in names])} order by article_id"
            ).fetchnumpy()
        self.sketches |= dict.fromkeys(names, np.empty(0, dtype=np.uint64))
        owners, hashes = columns["article_id"], columns["shingle_hash"]
        cuts = [0, *(np.flatnonzero(owners[1:] != owners[:-1]) + 1).tolist(), len(owners)]
        self.sketches |= {
            str(owners[start]): hashes[start:end] for start, end in pairwise(cuts) if end > start
        }


def _is_settled(placed: Placed, fact: Fact) -> bool:
    """Whether an article needs no new comparison: the same text, of the same day, by the same method."""
    return (
        placed.method_version == METHOD_VERSION
        and placed.fact.text_sha256 == fact.text_sha256
        and placed.fact.day == fact.day
        and placed.fact.source == fact.source
        and placed.fact.filed_under == fact.filed_under
    )


def _stars(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    """Pairs of equal texts: each with the first of its run, and the first of each run with the very first."""
    pairs = []
    first = facts[0]
    for fact in facts[1:]:
        days = days_between(first, fact)
        if days is not None and days > UNITING_DAYS:
            pairs.append((facts[0].article_id, fact.article_id))
            first = fact
        else:
            pairs.append((first.article_id, fact.article_id))
    return pairs


def _origin(later: Fact, earlier: Fact, verdict: Verdict, pages: Mapping[str, Page]) -> Origin | None:
    """Which of the two the other carries; between states of one publisher's text there is no such question."""
    if verdict.relation is Relation.UPDATE or (later.source is not None and later.source == earlier.source):
        return None
    first, second = (replace(pages[fact.article_id].credit, day=fact.day) for fact in (later, earlier))
    return origin_of(first, second)


def _counts(waiting: Sequence[Fact], found: Mapping[Names, object], grouping: Grouping) -> CopyCounts:
    sizes: dict[str, int] = {}
    for group in grouping.group_of.values():
        sizes[group] = sizes.get(group, 0) + 1
    return CopyCounts(
        articles=len(waiting),
        pairs=len(found),
        joined=sum(1 for fact in waiting if sizes[grouping.group_of[fact.article_id]] > 1),
        merged=sum(1 for heir in grouping.merged.values() if heir is not None),
    )


def _names(one: str, other: str) -> Names:
    return min(one, other), max(one, other)


def _filed_on(facts: Iterable[Fact]) -> str:
    """A condition that leaves out the files of sketches in which none of these lies."""
    return among_days([fact.filed_under for fact in facts])


def _spans(facts: Sequence[Fact], window: timedelta) -> list[str]:
    """Conditions that part the sketches which may lie within the window of one of these; no two hold for one row.

    One old article among a night's must not widen the window of all: each run of days has a condition of its own.
    """
    dated = _runs([fact.day for fact in facts if fact.day is not None], window)
    taken = _runs([fact.captured_at.astimezone(UTC).date() for fact in facts], window + timedelta(days=1))
    spans = [f"is_dated and {_between(run)}" for run in dated]
    spans += [f"not is_dated and {_between(run)}" for run in taken]
    if any(
        fact.day is None for fact in facts
    ):  # it may be of any day; its capture says near which it was seen
        elsewhere = "".join(f" and not {_between(run)}" for run in dated)
        spans += [f"is_dated and {_between(run, 'captured_at')}{elsewhere}" for run in taken]
    return spans


def _runs(days: Iterable[date], window: timedelta) -> list[tuple[date, date]]:
    """The days within the window of one of these, as runs of days that do not touch; none leaves the calendar."""
    runs: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        first = date.fromordinal(max(day.toordinal() - window.days, date.min.toordinal()))
        last = date.fromordinal(min(day.toordinal() + window.days, LAST_DAY.toordinal()))
        if runs and first <= runs[-1][1] + timedelta(days=1):
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs


def _between(run: tuple[date, date], column: str = "day") -> str:
    first, last = run
    return f"({column} >= date '{first.isoformat()}' and {column} < date '{(last + timedelta(days=1)).isoformat()}')"
