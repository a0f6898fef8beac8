"""Which copy groups tell of one happening: their terms, how alike they are, and the stories they form.

A copy group is told by the article whose id it bears. Its terms lie in the lake; how rare a term is, is counted in
the days around the groups that are placed, by SQL, so that a night reads a few days and not the archive. Only groups
that are new, changed or gone are worked on; everything about a portion of them is written in one transaction.
Texts are compared inside one language: what two languages share, places and figures, does not tell two happenings
of one day apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa

from articles.stories import DAYS_APART, JOIN, SPAN_DAYS, Group, Pair, Stories, likeness, place
from articles.tellings import METHOD_VERSION, Kind, read_telling
from warehouse.connection import Lake
from warehouse.duck import Connection
from warehouse.staging import among_days, among_moments, arrow_ids, delete_keys, insert, staged
from warehouse.story_rows import ORDERED_AT, record_merges, refresh_stories
from warehouse.tables import CLAIM, STORY_MEMBERS, STORY_TERMS

PORTION = 2000  # copy groups a transaction
PORTION_DAYS = 3  # and of so many days at most, as one count of terms serves a portion

# Counting. The weights were set with the thresholds in articles/stories.py, on the same pairs.
DAYS_BEFORE = 7  # whose texts say how rare a term is
WINDOW_TEXTS = (
    50_000  # at most: texts without a date, loaded together, would all fall on the day they were loaded
)
COMMON_SHARE = 0.01  # a term in more of the window's texts than this tells no happening from another ...
COMMON_LEAST = 50  # ... unless the window is small
RARE_SHARE = 0.001  # a term in at most this share of them is rare ...
RARE_LEAST = 10  # ... or in so many: what more texts of some days share are the words of a kind of news
NEW_SHARE = (
    0.7  # a term is new where this share of the texts that have it are of the same day or the days beside it
)
PRIOR_TEXTS = 1000  # as if so many texts had been counted before: a young lake has no rare terms
KIND_WEIGHTS = {Kind.WORD: 1.0, Kind.PHRASE: 0.7, Kind.NAME: 1.0, Kind.PLACE: 1.0, Kind.NUMBER: 1.5}
LEAST_ALIKE = 0.05  # a pair less alike counts as not alike at all
SHARED_TERMS = 8  # kept as reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCounts:
    """What one search for stories did."""

    groups: int = 0  # copy groups placed: new or changed
    joined: int = 0  # of them, those that joined others
    merged: int = 0  # stories that went into another

    def __add__(self, other: StoryCounts) -> StoryCounts:
        return StoryCounts(
            groups=self.groups + other.groups,
            joined=self.joined + other.joined,
            merged=self.merged + other.merged,
        )


def find_stories(lake: Lake, *, run_id: str, now: datetime) -> StoryCounts:
    """Place every copy group that is not placed yet, or whose text changed, in a story; copies come first.

    Args:
        lake: the lake.
        run_id: kept with every row.
        now: when it is done (UTC).
    """
    if not _is_method_current(lake):
        lake.transact(_begin_anew, message=f"look for stories anew, {run_id}")
    counts = StoryCounts()
    while _is_work_left(lake):
        counts += lake.transact(
            lambda connection: _Search(connection, run_id, now).run(), message=f"find stories, {run_id}"
        )
    return counts


def _is_work_left(lake: Lake) -> bool:
    with lake.connection() as connection:
        return connection.execute("select exists(from untold)").fetchone() == (True,)


def _is_method_current(lake: Lake) -> bool:
    with lake.connection() as connection:
        return connection.execute(f"select stories_method from {CLAIM.name}").fetchone() == (METHOD_VERSION,)


def _begin_anew(connection: Connection) -> None:
    """Another method: every group is looked at again; one that was placed by this method is only counted."""
    connection.execute(
        "update story_members set captured_at = articles.captured_at from articles "
        "where articles.article_id = story_members.copy_group_id and story_members.captured_at is null"
    )
    connection.execute(
        """
        insert into untold by name
        select
            copy_group_id, member_captured_at as captured_at,
            coalesce(member_day, cast(member_first_seen_at as date)) as day
        from (
            select copy_group_id from copy_groups where article_count > 0
            union
            select copy_group_id from story_members
        ) as groups
        left join copy_members using (copy_group_id)
        anti join untold using (copy_group_id)
        where copy_members.article_id is null or copy_members.article_id = copy_group_id
        """
    )
    connection.execute(f"update {CLAIM.name} set stories_method = '{METHOD_VERSION}'")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A copy group to be placed."""

    copy_group_id: str
    version: int
    captured_at: datetime
    day: date
    language: str
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A copy group that has its place."""

    story_id: str
    version: int
    method_version: str
    day: date
    captured_at: datetime


class _Search:
    """One portion of copy groups; lives inside one transaction."""

    def __init__(self, connection: Connection, run_id: str, now: datetime) -> None:
        self.connection = connection
        self.run_id = run_id
        self.now = now

    def run(self) -> StoryCounts:
        """Work on the next portion."""
        queue = self._queue()
        before = self._known("copy_group_id", queue)
        waiting = [
            one
            for one in self._waiting(queue)
            if (known := before.get(one.copy_group_id)) is None
            or (known.version, known.method_version) != (one.version, METHOD_VERSION)
        ]
        again = {one.copy_group_id for one in waiting} | {name for name in before if queue[name] is None}
        left = self._forget({name: before[name] for name in again & before.keys()})
        self._write_terms(waiting)
        self._count_terms(waiting)
        alike = self._alike_to(waiting)
        known = self._groups(waiting, alike, left)
        alike |= self._alike_among(known)
        touched = left | {group.former_story for group in known if group.former_story is not None}
        stories = place(known, alike, touched)
        self._write(waiting, stories)
        counted_anew = {known.story_id for known in before.values()}
        refresh_stories(self.connection, touched | counted_anew | set(stories.story_of.values()))
        record_merges(self.connection, stories.merged, self.now)
        with staged(self.connection, arrow_ids(copy_group_id=list(queue))):
            self.connection.execute(
                "delete from untold where copy_group_id in (select copy_group_id from staged)"
            )
        return StoryCounts(
            groups=len(waiting),
            joined=sum(joining.nearest is not None for joining in stories.joinings.values()),
            merged=sum(heir is not None for heir in stories.merged.values()),
        )

    def _queue(self) -> dict[str, datetime | None]:
        """The next groups, of a few days, with the moment by which to find their article; None: the group is gone."""
        rows = self.connection.execute(
            "select copy_group_id, captured_at, day from untold "
            f"order by captured_at is not null, day, copy_group_id limit {PORTION}"
        ).fetchall()
        self.days = {group: day for group, _, day in rows}
        days = [day for _, captured_at, day in rows if captured_at is not None]
        end = min(days, default=date.min) + timedelta(days=PORTION_DAYS)
        return {group: captured_at for group, captured_at, day in rows if captured_at is None or day < end}

    def _waiting(self, queue: Mapping[str, datetime | None]) -> list[_Waiting]:
        """The groups of the queue that stand; where the article has changed since, they will be queued again."""
        standing = {group: moment for group, moment in queue.items() if moment is not None}
        if not standing:
            return []
        with staged(self.connection, arrow_ids(article_id=list(standing))):
            rows = self.connection.execute(
                "select article_id, version, captured_at, coalesce(language, ''), source, first_seen_at "
                f"from articles semi join staged using (article_id) where {among_moments(standing.values())}"
            ).fetchall()
        rows.sort(key=lambda row: (self.days[row[0]], row[5], row[0]))
        return [
            _Waiting(
                copy_group_id=group,
                version=version,
                captured_at=captured_at,
                day=self.days[group],
                language=language,
                source=source,
            )
            for group, version, captured_at, language, source, _ in rows
        ]

    def _known(self, column: str, values: Collection[str]) -> dict[str, _Known]:
        """The placed groups whose `column` is among the values, by copy_group_id."""
        with staged(self.connection, arrow_ids(**{column: sorted(values)})):
            days = self.connection.execute(
                f"select distinct day from story_members semi join staged using ({column})"
            ).fetchall()
            if not days:
                return {}
            rows = self.connection.execute(
                "select copy_group_id, story_id, version, method_version, day, captured_at "
                f"from story_members semi join staged using ({column}) where {among_days([day for (day,) in days])}"
            ).fetchall()
        return {
            group: _Known(
                story_id=story,
                version=version,
                method_version=method,
                day=day,
                captured_at=captured_at,
            )
            for group, story, version, method, day, captured_at in rows
        }

    def _forget(self, again: Mapping[str, _Known]) -> set[str]:
        """Take groups that changed or went out of their stories; returns these stories."""
        if again:
            held = among_days([known.day for known in again.values()])
            with staged(self.connection, arrow_ids(copy_group_id=sorted(again))):
                delete_keys(self.connection, STORY_MEMBERS, f" where {held}")
                delete_keys(self.connection, STORY_TERMS, f" where {held}", key=("copy_group_id",))
        return {known.story_id for known in again.values()}

    def _write_terms(self, waiting: Sequence[_Waiting]) -> None:
        if not waiting:
            return
        rows: list[dict[str, object]] = []
        told = self._told(waiting)
        for one in waiting:
            title, dek, text, dateline = told[one.copy_group_id]
            telling = read_telling(
                title=title, dek=dek, text=text, dateline=dateline, language=one.language or None
            )
            if not telling.is_telling:
                continue
            for term, times in telling.weights.items():
                row: dict[str, object] = {
                    "copy_group_id": one.copy_group_id,
                    "day": one.day,
                    "source": one.source,
                    "language": one.language,
                    "kind": term.kind.value,
                    "term": term.text,
                    "times": times,
                    "method_version": METHOD_VERSION,
                }
                rows.append(row)
        insert(self.connection, STORY_TERMS, rows)

    def _told(self, waiting: Sequence[_Waiting]) -> dict[str, tuple[str | None, str | None, str, str | None]]:
        """Headline, standfirst, text and dateline by copy group."""
        with staged(self.connection, arrow_ids(article_id=[one.copy_group_id for one in waiting])):
            rows = self.connection.execute(
                "select article_id, title, dek, text, dateline from articles semi join staged using (article_id) "
                f"where {among_moments([one.captured_at for one in waiting])}"
            ).fetchall()
        return {article_id: (title, dek, text, dateline) for article_id, title, dek, text, dateline in rows}

    def _count_terms(self, waiting: Sequence[_Waiting]) -> None:
        """Weigh the terms of all texts in the days around these: each text's weights make a vector of length one."""
        days = [one.day for one in waiting] or [self.now.date()]
        self.first_day = min(days) - timedelta(days=DAYS_BEFORE)
        self.last_day = max(days) + timedelta(days=DAYS_APART)
        self.weights, self.facts = self._weigh(self._near_texts(waiting))

    def _near_texts(self, waiting: Sequence[_Waiting]) -> list[str]:
        """The copy groups of these days, the latest first where there are too many; the waiting ones in any case."""
        rows = self.connection.execute(
            "select copy_group_id from story_members where day between $1 and $2 "
            f"order by day desc, joined_at desc, copy_group_id limit {WINDOW_TEXTS}",
            [self.first_day, self.last_day],
        ).fetchall()
        return [*(group for (group,) in rows), *(one.copy_group_id for one in waiting)]

    def _weigh(self, near_texts: Sequence[str]) -> tuple[pa.Table, pa.Table]:
        with staged(self.connection, arrow_ids(copy_group_id=near_texts), "near_texts"):
            kinds = " ".join(f"when '{kind.value}' then {weight}" for kind, weight in KIND_WEIGHTS.items())
            weights = self.connection.execute(
                f"""
                with recent as (
                    select story_terms.* from story_terms semi join near_texts using (copy_group_id)
                    where day between $1 and $2 and method_version = '{METHOD_VERSION}'
                ),
                sizes as (
                    select language, count(distinct copy_group_id) as text_count from recent group by language
                ),
                days as (select language, kind, term, day, count(*) as text_count from recent group by all),
                frequencies as (
                    select
                        language, kind, term, day,
                        cast(hash(language, kind, term) >> 1 as bigint) as term_number,
                        sum(text_count) over (partition by language, kind, term) as frequency,
                        sum(text_count) over (
                            partition by language, kind, term order by day
                            range between interval 1 day preceding and interval 1 day following
                        ) as near_frequency
                    from days
                ),
                weighed as (
                    select
                        copy_group_id, day, term_number, frequency, kind <> 'word' as is_named,
                        frequency <= greatest({RARE_LEAST}, {RARE_SHARE} * text_count)
                            and near_frequency >= {NEW_SHARE} * frequency as is_new,
                        (1 + ln(times)) * ln((text_count + {PRIOR_TEXTS}) / (frequency + 1)) * case kind {kinds} end as weight
                    from recent
                    inner join frequencies using (language, kind, term, day)
                    inner join sizes using (language)
                    where frequency <= greatest({COMMON_LEAST}, {COMMON_SHARE} * text_count)
                )
                select
                    copy_group_id, day, term_number, is_named, is_new,
                    weight / sqrt(sum(weight * weight) over (partition by copy_group_id)) as share
                from weighed
                qualify frequency > 1
                """,
                [self.first_day, self.last_day],
            ).to_arrow_table()
            facts = (
                self.connection.execute(  # what is common ("24 hours", the capital) tells no two texts apart
                    f"""
                with texts as (
                    select copy_group_id, any_value(language) as language, any_value(source) as source
                    from story_terms semi join near_texts using (copy_group_id)
                    where day between $1 and $2 and method_version = '{METHOD_VERSION}'
                    group by copy_group_id
                ),
                sizes as (select language, count(*) as text_count from texts group by language),
                terms as (
                    select copy_group_id, kind, term, count(*) over (partition by language, kind, term) as frequency
                    from story_terms semi join near_texts using (copy_group_id)
                    where day between $1 and $2 and method_version = '{METHOD_VERSION}'
                    and kind in ('{Kind.NUMBER}', '{Kind.PLACE}')
                )
                select
                    texts.copy_group_id,
                    any_value(texts.source) as source,
                    coalesce(list(terms.term) filter (where terms.kind = '{Kind.NUMBER}'), []) as numbers,
                    coalesce(list(terms.term) filter (where terms.kind = '{Kind.PLACE}'), []) as places
                from texts
                inner join sizes using (language)
                left join terms on texts.copy_group_id = terms.copy_group_id
                    and terms.frequency <= greatest({COMMON_LEAST}, {COMMON_SHARE} * sizes.text_count)
                group by texts.copy_group_id
                """,
                    [self.first_day, self.last_day],
                ).to_arrow_table()
            )
        return weights, facts

    def _alike_to(self, waiting: Sequence[_Waiting]) -> dict[Pair, float]:
        """How alike each waiting group is to those of the days around it."""
        with staged(self.connection, arrow_ids(copy_group_id=[one.copy_group_id for one in waiting])):
            return self._alike("a.copy_group_id in (select copy_group_id from staged)")

    def _alike_among(self, known: Sequence[Group]) -> dict[Pair, float]:
        """How alike the groups are that have a story, which decides whether two stories are one."""
        placed = [one.copy_group_id for one in known if one.former_story is not None]
        with staged(self.connection, arrow_ids(copy_group_id=placed)):
            return self._alike(
                "a.copy_group_id in (select copy_group_id from staged) "
                "and b.copy_group_id in (select copy_group_id from staged)"
            )

    def _alike(self, condition: str) -> dict[Pair, float]:
        with staged(self.connection, self.weights, "weights"), staged(self.connection, self.facts, "facts"):
            rows = self.connection.execute(
                f"""
                with pairs as (
                    select
                        a.copy_group_id as one,
                        b.copy_group_id as other,
                        any_value(abs(a.day - b.day)) as days_apart,
                        round(sum(a.share * b.share), 9) as cosine,  -- sums in parallel differ behind that
                        count(*) filter (where a.is_new and b.is_new) as shared_new,
                        count(*) filter (where a.is_new and b.is_new and a.is_named) as shared_named
                    from weights as a
                    inner join weights as b using (term_number)
                    where {condition} and a.copy_group_id <> b.copy_group_id and abs(a.day - b.day) <= {DAYS_APART}
                    group by a.copy_group_id, b.copy_group_id
                    having cosine >= {LEAST_ALIKE}
                )
                select
                    least(one, other), greatest(one, other), cosine, shared_new, shared_named, days_apart,
                    coalesce(a.source = b.source, false),
                    len(a.numbers) > 0 and len(b.numbers) > 0 and not list_has_any(a.numbers, b.numbers),
                    len(a.places) > 0 and len(b.places) > 0 and not list_has_any(a.places, b.places)
                from pairs
                inner join facts as a on one = a.copy_group_id
                inner join facts as b on other = b.copy_group_id
                """
            ).fetchall()
        found = {
            (one, other): likeness(
                cosine=cosine,
                shared_new=shared_new,
                shared_named=shared_named,
                days_apart=days_apart,
                is_one_source=is_one_source,
                has_other_numbers=has_other_numbers,
                has_other_places=has_other_places,
            )
            for (
                one,
                other,
                cosine,
                shared_new,
                shared_named,
                days_apart,
                is_one_source,
                has_other_numbers,
                has_other_places,
            ) in rows
        }
        return {pair: likely for pair, likely in found.items() if likely > 0}

    def _groups(
        self, waiting: Sequence[_Waiting], alike: Mapping[Pair, float], left: set[str]
    ) -> list[Group]:
        """The waiting groups, and all those of the stories that they may join or that have lost one."""
        close = {group for pair, likely in alike.items() if likely >= JOIN for group in pair}
        near = self._known("copy_group_id", close - {one.copy_group_id for one in waiting})
        members = self._known("story_id", left | {known.story_id for known in near.values()})
        placed = {name: (known.day, known.captured_at, known.story_id) for name, known in members.items()}
        placed |= {one.copy_group_id: (one.day, one.captured_at, None) for one in waiting}
        if not placed:
            return []
        with staged(self.connection, arrow_ids(article_id=sorted(placed))):
            ranks = self.connection.execute(
                f"select article_id, {ORDERED_AT}, first_seen_at from articles semi join staged using (article_id) "
                f"where {among_moments([captured_at for _, captured_at, _ in placed.values()])}"
            ).fetchall()
        return [
            Group(
                copy_group_id=group,
                day=placed[group][0],
                rank=(ordered_at, first_seen_at, group),
                former_story=placed[group][2],
            )
            for group, ordered_at, first_seen_at in ranks
        ]

    def _write(self, waiting: Sequence[_Waiting], stories: Stories) -> None:
        reasons = self._reasons(stories)
        rows = []
        for one in waiting:
            joining = stories.joinings[one.copy_group_id]
            reason = reasons.get(one.copy_group_id, {})
            rows.append(
                {
                    "copy_group_id": one.copy_group_id,
                    "story_id": joining.story_id,
                    "version": one.version,
                    "day": one.day,
                    "captured_at": one.captured_at,
                    "nearest_group_id": joining.nearest,
                    "score": joining.likeness,
                    "shared_names": reason.get("names", []),
                    "shared_places": reason.get("places", []),
                    "shared_numbers": reason.get("numbers", []),
                    "shared_terms": reason.get("terms", []),
                    "method_version": METHOD_VERSION,
                    "joined_at": self.now,
                    "run_id": self.run_id,
                }
            )
        insert(self.connection, STORY_MEMBERS, rows)
        fresh = {one.copy_group_id for one in waiting}
        moved = {group: story for group, story in stories.story_of.items() if group not in fresh}
        if moved:
            with staged(self.connection, arrow_ids(copy_group_id=list(moved), story_id=list(moved.values()))):
                self.connection.execute(
                    "update story_members set story_id = staged.story_id from staged "
                    "where story_members.copy_group_id = staged.copy_group_id "
                    "and story_members.story_id <> staged.story_id "
                    "and story_members.day between $1 and $2",
                    [self.first_day - timedelta(days=SPAN_DAYS), self.last_day + timedelta(days=SPAN_DAYS)],
                )

    def _reasons(self, stories: Stories) -> dict[str, dict[str, list[str]]]:
        """What each group that joined shares with the group it is most like."""
        nearest = {group: one.nearest for group, one in stories.joinings.items() if one.nearest is not None}
        if not nearest:
            return {}
        with (
            staged(self.connection, self.weights, "weights"),
            staged(
                self.connection,
                arrow_ids(copy_group_id=list(nearest), nearest_group_id=list(nearest.values())),
                "pairs",
            ),
        ):
            rows = self.connection.execute(
                f"""
                with recent as (
                    select copy_group_id, kind, term, cast(hash(language, kind, term) >> 1 as bigint) as term_number
                    from story_terms
                    where day between $1 and $2
                    and copy_group_id in (select copy_group_id from pairs union select nearest_group_id from pairs)
                ),
                shared as (
                    select a.copy_group_id, a.kind, a.term, round(coalesce(weights.share, 0), 9) as share
                    from pairs
                    inner join recent as a using (copy_group_id)
                    inner join recent as b on pairs.nearest_group_id = b.copy_group_id and a.term_number = b.term_number
                    left join weights on a.copy_group_id = weights.copy_group_id and a.term_number = weights.term_number
                )
                select
                    copy_group_id,
                    coalesce(list(term order by share desc, term) filter (where kind = 'name'), []),
                    coalesce(list(term order by share desc, term) filter (where kind = 'place'), []),
                    coalesce(list(term order by share desc, term) filter (where kind = 'number'), []),
                    coalesce((list(term order by share desc, term)
                        filter (where kind in ('word', 'phrase') and share > 0))[:{SHARED_TERMS}], [])
                from shared
                group by copy_group_id
                """,
                [self.first_day, self.last_day],
            ).fetchall()
        return {
            group: {"names": names, "places": places, "numbers": numbers, "terms": terms}
            for group, names, places, numbers, terms in rows
        }
