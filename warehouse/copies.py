"""Which articles carry the same text: sketches, checked pairs, groups.

Candidates share at least two sampled shingles inside the window; each candidate pair is then compared word by
word. Only articles that are new, changed or gone since they were last looked at are worked on, so that a night
costs what the night brought. Everything about a portion of articles is written in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from articles.copies import Comparison, Relation, compare
from articles.fingerprints import METHOD_VERSION, sketches
from warehouse.connection import Lake
from warehouse.copy_facts import FACTS, Fact, fact_of, fetch_facts, fetch_texts
from warehouse.duck import Connection
from warehouse.group_rows import record_merges, refresh_groups, refresh_written_groups
from warehouse.groups import Member, regroup
from warehouse.staging import arrow_ids, delete_keys, insert, staged, upsert
from warehouse.tables import COPIES, COPY_MEMBERS, SKETCHES

PORTION = 500  # articles a transaction: short enough to hold the pen for, long enough to be worth a commit
SHARED_HASHES = (
    2  # at one hash in eight this loses 1 % of trimmed and 4 % of excerpted copies (notes/copies.md 4)
)
MAX_FREQUENCY = (
    200  # a shingle in more articles than this is a formula, not a sign of copying (notes/copies.md 8)
)
WINDOW_DAYS = 60
EVER_DAYS = 365_000  # a thousand years either way
TEXTS_AT_ONCE = 400  # pairs compared before texts are fetched anew: about 5 MB

UNITING = (Relation.IDENTICAL, Relation.NEAR, Relation.SYNDICATED)
Pair = tuple[str, str]


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
    lake: Lake, *, run_id: str, now: datetime, window_days: int | None = WINDOW_DAYS
) -> CopyCounts:
    """Place every article that is not placed yet, or whose text changed, in its copy group.

    Args:
        lake: the lake.
        run_id: kept with every row.
        now: when it is done (UTC).
        window_days: compare only articles captured within so many days of each other; None: of any age. Texts
            that are equal to the letter are found at any age.
    """
    counts = CopyCounts()
    while _is_work_left(lake):
        counts += lake.transact(
            lambda connection: _Search(connection, run_id, now, window_days).run(),
            message=f"find copies, {run_id}",
        )
    lake.transact(
        lambda connection: refresh_written_groups(connection, run_id), message=f"count groups, {run_id}"
    )
    return counts


def _is_work_left(lake: Lake) -> bool:
    with lake.connection() as connection:
        row = connection.execute(
            f"select exists({_WAITING}) or exists(from copy_members anti join articles using (article_id))",
            {"method": METHOD_VERSION},
        ).fetchone()
    return row is not None and bool(row[0])


class _Search:
    """One portion of articles; lives inside one transaction."""

    def __init__(self, connection: Connection, run_id: str, now: datetime, window_days: int | None) -> None:
        self.connection = connection
        self.run_id = run_id
        self.now = now
        self.window_days = window_days

    def run(self) -> CopyCounts:
        """Work on the next portion."""
        waiting = self._waiting()
        gone = self._gone()
        again = self._placed(fact.article_id for fact in waiting) | gone
        touched_texts = {fact.text_sha256 for fact in waiting} | {sha256 for _, sha256 in again.values()}
        self._forget(again, gone)
        self._write_sketches(waiting)
        equals = self._equal_texts(touched_texts, {fact.article_id for fact in waiting})
        found = self._compare(self._candidates(waiting), equals)
        insert(self.connection, COPIES, list(found.values()))
        joined, merged = self._regroup(waiting, again, found, equals)
        return CopyCounts(articles=len(waiting), pairs=len(found), joined=joined, merged=merged)

    def _waiting(self) -> list[Fact]:
        rows = self.connection.execute(
            f"select {FACTS} {_WAITING} order by articles.captured_at, article_id limit {PORTION}",
            {"method": METHOD_VERSION},
        ).fetchall()
        return [fact_of(row) for row in rows]

    def _gone(self) -> dict[str, tuple[str, str]]:
        rows = self.connection.execute(
            "select article_id, copy_group_id, text_sha256 from copy_members anti join articles using (article_id)"
        ).fetchall()
        return {article_id: (group, sha256) for article_id, group, sha256 in rows}

    def _placed(self, article_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        with staged(self.connection, arrow_ids(article_id=list(article_ids))):
            rows = self.connection.execute(
                "select article_id, copy_group_id, text_sha256 from copy_members semi join staged using (article_id)"
            ).fetchall()
        return {article_id: (group, sha256) for article_id, group, sha256 in rows}

    def _forget(self, again: Collection[str], gone: Collection[str]) -> None:
        """Drop what was found on articles that changed or went; their groups are formed anew below."""
        if not again:
            return
        with staged(self.connection, arrow_ids(article_id=sorted(again))):
            for column in ("article_id", "of_article_id"):
                self.connection.execute(
                    f"delete from copies where {column} in (select article_id from staged)"
                )
            self.connection.execute(
                "delete from sketches where article_id in (select article_id from staged)"
            )
        if gone:
            with staged(self.connection, arrow_ids(article_id=sorted(gone))):
                delete_keys(self.connection, COPY_MEMBERS)

    def _write_sketches(self, waiting: Sequence[Fact]) -> None:
        if not waiting:
            return
        texts = fetch_texts(self.connection, waiting)
        hashes = sketches([texts[fact.article_id] for fact in waiting])
        lengths = [len(sample) for sample in hashes]
        rows = pa.table(
            {
                "article_id": pa.array(
                    np.repeat([fact.article_id for fact in waiting], lengths), pa.string()
                ),
                "shingle_hash": pa.array(np.concatenate(hashes), pa.uint64()),
                "captured_at": pa.array(
                    [
                        fact.captured_at
                        for fact, length in zip(waiting, lengths, strict=True)
                        for _ in range(length)
                    ],
                    pa.timestamp("us", tz="UTC"),
                ),
            }
        )
        with staged(self.connection, rows):
            self.connection.execute(
                f"insert into {SKETCHES.name} by name select *, '{METHOD_VERSION}' as method_version from staged"
            )

    def _candidates(self, waiting: Sequence[Fact]) -> set[Pair]:
        if not waiting:
            return set()
        moments = [fact.captured_at for fact in waiting]
        days = timedelta(days=EVER_DAYS if self.window_days is None else self.window_days)
        with staged(self.connection, arrow_ids(article_id=[fact.article_id for fact in waiting])):
            rows = self.connection.execute(
                f"""
                with fresh as (
                    select article_id, shingle_hash, captured_at from sketches semi join staged using (article_id)
                    where captured_at between $3 and $4
                ),
                near as (
                    select article_id, shingle_hash, captured_at
                    from sketches semi join fresh using (shingle_hash)
                    where method_version = '{METHOD_VERSION}' and captured_at between $1 and $2
                ),
                formulas as (select shingle_hash from near group by all having count(*) > {MAX_FREQUENCY})
                select fresh.article_id, near.article_id
                from fresh join near using (shingle_hash) anti join formulas using (shingle_hash)
                where fresh.article_id <> near.article_id
                and abs(epoch(fresh.captured_at) - epoch(near.captured_at)) <= {days.total_seconds()}
                group by all having count(*) >= {SHARED_HASHES}
                """,
                [min(moments) - days, max(moments) + days, min(moments), max(moments)],
            ).fetchall()
        return {(min(pair), max(pair)) for pair in rows}

    def _equal_texts(self, texts: Collection[str], fresh: Collection[str]) -> dict[str, list[Fact]]:
        """For each text the placed and fresh articles that have it, earliest first, where there are two or more."""
        with staged(self.connection, arrow_ids(text_sha256=sorted(texts))):
            rows = self.connection.execute(
                f"select {FACTS} from articles semi join staged using (text_sha256)"
            ).fetchall()
        placed = self._placed(row[0] for row in rows)
        known = [fact_of(row) for row in rows if row[0] in placed or row[0] in fresh]
        equals: dict[str, list[Fact]] = {}
        for fact in sorted(known, key=lambda fact: fact.rank):
            equals.setdefault(fact.text_sha256, []).append(fact)
        return {sha256: facts for sha256, facts in equals.items() if len(facts) > 1}

    def _compare(
        self, candidates: set[Pair], equals: Mapping[str, Sequence[Fact]]
    ) -> dict[Pair, dict[str, object]]:
        """Compare candidates word by word; equal texts are each paired with the earliest alone."""
        equal_ids = {fact.article_id: sha256 for sha256, facts in equals.items() for fact in facts}
        with staged(self.connection, arrow_ids(article_id=sorted(equal_ids))):
            self.connection.execute(
                "delete from copies where relation = 'identical' and article_id in (select article_id from staged) "
                "and of_article_id in (select article_id from staged)"
            )
        stars = {
            (min(facts[0].article_id, fact.article_id), max(facts[0].article_id, fact.article_id))
            for facts in equals.values()
            for fact in facts[1:]
        }
        distinct = {
            (first, second)
            for first, second in candidates
            if equal_ids.get(first, first) != equal_ids.get(second, second)
        }
        found: dict[Pair, dict[str, object]] = {}
        pairs = sorted(stars | distinct)
        for start in range(0, len(pairs), TEXTS_AT_ONCE):
            some = pairs[start : start + TEXTS_AT_ONCE]
            facts = {
                fact.article_id: fact
                for fact in fetch_facts(self.connection, {name for pair in some for name in pair})
            }
            texts = fetch_texts(self.connection, list(facts.values()))
            for pair in some:
                earlier, later = sorted((facts[name] for name in pair), key=lambda fact: fact.rank)
                comparison = compare(texts[later.article_id], texts[earlier.article_id])
                if comparison.relation is not None:
                    found[pair] = self._pair_row(later.article_id, earlier.article_id, comparison)
        return found

    def _regroup(
        self,
        waiting: Sequence[Fact],
        again: Mapping[str, tuple[str, str]],
        found: Mapping[Pair, Mapping[str, object]],
        equals: Mapping[str, Sequence[Fact]],
    ) -> tuple[int, int]:
        fresh = {fact.article_id for fact in waiting}
        linked = {name for pair in found for name in pair} | {
            fact.article_id for facts in equals.values() for fact in facts
        }
        groups = {group for group, _ in again.values()} | {
            group for group, _ in self._placed(linked | fresh).values()
        }
        with staged(self.connection, arrow_ids(copy_group_id=sorted(groups))):
            placed = dict(
                self.connection.execute(
                    "select article_id, copy_group_id from copy_members semi join staged using (copy_group_id)"
                ).fetchall()
            )
        facts = {fact.article_id: fact for fact in fetch_facts(self.connection, fresh | set(placed))}
        with staged(self.connection, arrow_ids(article_id=sorted(facts))):
            pairs = self.connection.execute(
                "select article_id, of_article_id from copies "
                "where article_id in (select article_id from staged) and of_article_id in (select article_id from staged) "
                f"and relation in ({', '.join(repr(relation.value) for relation in UNITING)})"
            ).fetchall()
        members = [
            Member(article_id=fact.article_id, rank=fact.rank, former_group=placed.get(fact.article_id))
            for fact in facts.values()
        ]
        grouping = regroup(members, pairs, groups)
        rows = [
            {
                "article_id": article_id,
                "copy_group_id": group,
                "text_sha256": facts[article_id].text_sha256,
                "method_version": METHOD_VERSION,
                "joined_at": self.now,
                "run_id": self.run_id,
            }
            for article_id, group in grouping.group_of.items()
        ]
        upsert(self.connection, COPY_MEMBERS, rows, but_for=("joined_at", "run_id"))
        refresh_groups(self.connection, set(grouping.group_of.values()) | groups)
        record_merges(self.connection, grouping.merged)
        sizes: dict[str, int] = {}
        for group in grouping.group_of.values():
            sizes[group] = sizes.get(group, 0) + 1
        joined = sum(1 for article_id in fresh if sizes[grouping.group_of[article_id]] > 1)
        return joined, sum(1 for heir in grouping.merged.values() if heir is not None)

    def _pair_row(self, later: str, earlier: str, comparison: Comparison) -> dict[str, object]:
        assert comparison.relation is not None
        return {
            "article_id": later,
            "of_article_id": earlier,
            "relation": comparison.relation.value,
            "jaccard": comparison.jaccard,
            "containment": comparison.containment_a,
            "containment_of": comparison.containment_b,
            "shared_words": comparison.shared_words,
            "longest_run": comparison.longest_run,
            "found_at": self.now,
            "run_id": self.run_id,
        }


_WAITING = (
    "from articles left join copy_members using (article_id) "
    "where copy_members.text_sha256 is distinct from articles.text_sha256 or copy_members.method_version <> $method"
)
