"""Stories out of copy groups: texts about one happening. Pure: groups and how alike they are in, stories out.

Copies share runs of words; a story's texts share people, towns, figures and rarer words, in words of their own. How
alike two texts are is the cosine of their terms (see `tellings`), each weighted by how rare it is in the days around
them. A text joins a story when it is like one of its texts and, on average, like all of them: so no chain of
neighbours runs from one happening into the next.

A story's id is the copy group that was its earliest when the story was formed. It stays when an earlier group is
found later; of stories that grow together the older one's id survives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

# Set on pairs of a real stream of 14 outlets, labelled by reading (benchmarks/story_labels.toml, sets "tuning" and topics).
JOIN = 0.30  # alike enough to be about one happening
CORE = 0.2  # alike enough to a story's texts on average
DAY_DECAY = 0.8  # each day between two texts makes it likelier that the later one tells of something new
ONE_SOURCE = (
    0.65  # an outlet that prints two texts seldom tells one happening twice; it has series and bulletins
)
OTHER_NUMBERS = 0.7  # both have figures that few texts have, and none is the other's
OTHER_PLACES = 0.5  # both name places that few texts name, and none is the other's
SHARED_NEW = (
    3  # rare terms, in print on these days alone, that two texts must share: bulletins share older ones ...
)
SHARED_NAMED = (
    1  # ... and that many of them a name, a place, a figure or, without capitals, two words in a row
)
COHESION = 0.5  # as alike to a story's texts as this share of what they are to each other: near its core, not its edge
DAYS_APART = 3
SPAN_DAYS = 7  # first and last day included

Rank = tuple[datetime, datetime, str]
Pair = tuple[str, str]  # of copy groups, the smaller id first


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A copy group as stories see it."""

    copy_group_id: str
    day: date  # of publication where it is known, else of capture
    rank: Rank  # published or first seen, first seen, id
    former_story: str | None  # the story it is in already; None: to be placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Why a copy group is in its story."""

    story_id: str
    nearest: str | None = None  # the group of the story it is most like; None: it began the story
    likeness: float | None = None  # with the nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """Where every copy group belongs, and which stories went into which others."""

    joinings: Mapping[str, Joining]  # of the groups that were to be placed
    story_of: Mapping[str, str]  # of all groups
    merged: Mapping[str, str | None]  # retired story -> its successor; None when no group is left


@dataclass(slots=True)
class _Story:
    members: list[Group]
    former_ids: set[str] = field(default_factory=set)

    @property
    def story_id(self) -> str:
        """That of the earliest group which named it before, else of its earliest group."""
        standing = [one for one in self.members if one.copy_group_id in self.former_ids]
        return min(standing or self.members, key=lambda member: member.rank).copy_group_id

    def is_short_with(self, others: Iterable[Group]) -> bool:
        days = [group.day for group in (*self.members, *others)]
        return (max(days) - min(days)).days < SPAN_DAYS


def likeness(
    *,
    cosine: float,
    shared_new: int,
    shared_named: int,
    days_apart: int,
    is_one_source: bool,
    has_other_numbers: bool,
    has_other_places: bool,
) -> float:
    """How likely two texts tell of one happening, 0 to 1; 0 where they do not share enough that is new.

    Old and common words, however many, are those of a kind of news: of crashes, of one ministry's bulletins.

    Args:
        cosine: of their weighted terms.
        shared_new: terms that both have, and that are rare and seldom printed on other days.
        shared_named: of these, those that are no single words.
        days_apart: between their days of publication.
        is_one_source: one outlet printed both.
        has_other_numbers: both have figures that are not common, and share none.
        has_other_places: both name known places that are not common, and share none.
    """
    if days_apart > DAYS_APART or shared_new < SHARED_NEW or shared_named < SHARED_NAMED:
        return 0.0
    value = cosine * DAY_DECAY**days_apart
    for is_so, factor in (
        (is_one_source, ONE_SOURCE),
        (has_other_numbers, OTHER_NUMBERS),
        (has_other_places, OTHER_PLACES),
    ):
        value *= factor if is_so else 1.0
    return value


def place(groups: Iterable[Group], alike: Mapping[Pair, float], former_stories: Iterable[str]) -> Stories:
    """Place copy groups in stories, the earliest first.

    Args:
        groups: those to be placed, and all of the stories that these may join or have left.
        alike: the likeness of pairs of them; a pair that is not given is not alike at all.
        former_stories: the ids of those stories, including ones that have lost every group.
    """
    known = sorted(groups, key=lambda group: group.rank)
    former: dict[str, _Story] = {}
    for group in known:
        if group.former_story is not None:
            former.setdefault(group.former_story, _Story([], {group.former_story})).members.append(group)
    stories = list(former.values())
    holding = {group.copy_group_id: story for story in stories for group in story.members}
    neighbours: dict[str, dict[str, float]] = {}
    for (first, second), value in alike.items():
        neighbours.setdefault(first, {})[second] = value
        neighbours.setdefault(second, {})[first] = value
    nearest: dict[str, tuple[str, float]] = {}

    for group in known:
        if group.former_story is not None:
            continue
        near = neighbours.get(group.copy_group_id, {})
        fitting = _fitting(group, near, holding, neighbours)
        if not fitting:
            holding[group.copy_group_id] = story = _Story([group])
            stories.append(story)
            continue
        story = fitting[0]
        nearest[group.copy_group_id] = max(
            (
                (one.copy_group_id, near[one.copy_group_id])
                for one in story.members
                if one.copy_group_id in near
            ),
            key=lambda found: (found[1], found[0]),
        )
        story.members.append(group)
        holding[group.copy_group_id] = story
        for other in fitting[1:]:
            if (
                story.is_short_with(other.members)
                and _average(story.members, other.members, neighbours) >= CORE
            ):
                story.members.extend(other.members)
                story.former_ids |= other.former_ids
                holding.update((one.copy_group_id, story) for one in other.members)
                other.members = []

    story_of: dict[str, str] = {}
    for story in stories:
        if story.members:
            name = story.story_id
            story_of.update((one.copy_group_id, name) for one in story.members)
    joinings = {
        group.copy_group_id: Joining(
            story_id=story_of[group.copy_group_id],
            nearest=nearest.get(group.copy_group_id, (None, None))[0],
            likeness=nearest.get(group.copy_group_id, (None, None))[1],
        )
        for group in known
        if group.former_story is None
    }
    return Stories(joinings=joinings, story_of=story_of, merged=_merged(known, former_stories, story_of))


def _fitting(
    group: Group,
    near: Mapping[str, float],
    holding: Mapping[str, _Story],
    neighbours: Mapping[str, Mapping[str, float]],
) -> list[_Story]:
    """The stories a group may join, the one it is most like on average first."""
    candidates = {
        id(holding[one]): holding[one]
        for one, likeness in near.items()
        if likeness >= JOIN and one in holding
    }
    found = []
    for story in candidates.values():
        average = _average([group], story.members, neighbours)
        needed = max(CORE, COHESION * _cohesion(story.members, neighbours))
        if average >= needed and story.is_short_with([group]):
            found.append((average, min(one.rank for one in story.members), story))
    return [story for _, _, story in sorted(found, key=lambda one: (-one[0], one[1]))]


def _average(
    some: Sequence[Group], others: Sequence[Group], neighbours: Mapping[str, Mapping[str, float]]
) -> float:
    """The likeness of each with each of the others."""
    total = 0.0
    for one in some:
        near = neighbours.get(one.copy_group_id, {})
        total += sum(near.get(other.copy_group_id, 0.0) for other in others)
    return total / (len(some) * len(others))


def _cohesion(members: Sequence[Group], neighbours: Mapping[str, Mapping[str, float]]) -> float:
    """The likeness of a story's texts with each other, on average; 0 for a single one."""
    pairs = len(members) * (len(members) - 1)
    return _average(members, members, neighbours) * len(members) ** 2 / pairs if pairs else 0.0


def _merged(
    groups: Iterable[Group], former_stories: Iterable[str], story_of: Mapping[str, str]
) -> dict[str, str | None]:
    heirs: dict[str, Group] = {}
    for group in groups:  # the earliest first
        if group.former_story is not None:
            heirs.setdefault(group.former_story, group)
    alive = set(story_of.values())
    return {
        former: story_of[heirs[former].copy_group_id] if former in heirs else None
        for former in former_stories
        if former not in alive
    }
