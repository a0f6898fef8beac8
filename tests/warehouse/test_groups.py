"""Groups over nights: what must hold in whatever order articles arrive, with nothing but pairs, days and kinship."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.warehouse.pages import NOW
from warehouse.groups import GROUP_DAYS, Grouping, Member, Pair, regroup

COUNT = 9
NAMES = [f"{n:02}" for n in range(COUNT)]
BOTH = st.frozensets(st.sampled_from(NAMES), min_size=2, max_size=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Articles, and who shares text with whom."""

    days: Sequence[int]  # of publication, by article
    links: frozenset[frozenset[str]]  # pairs that unite
    kin: frozenset[frozenset[str]]  # who shares too little for a pair

    def is_kin(self, one: str, other: str) -> bool:
        return frozenset({one, other}) in self.links | self.kin


@dataclass(slots=True)
class Lake:
    """The groups as nights leave them; only those that a new pair touches are formed anew, as `find_copies` does it."""

    world: World
    group_of: dict[str, str] = field(default_factory=dict)
    went_into: dict[str, str] = field(default_factory=dict)  # retired group -> the one it merged into

    def night(self, fresh: Sequence[str]) -> tuple[Grouping, set[str]]:
        known = {*self.group_of, *fresh}
        pairs = [link for link in self.world.links if link <= known]
        touched = {name for link in pairs if link & set(fresh) for name in link} - set(fresh)
        former = {self.group_of[name] for name in touched}
        members = {*fresh, *(name for name, group in self.group_of.items() if group in former)}
        grouping = regroup(
            [self._member(name) for name in sorted(members)],
            [_pair(link) for link in pairs if link & members],
            former,
            is_kin=self.world.is_kin,
        )
        self.group_of |= grouping.group_of
        self.went_into |= {group: heir for group, heir in grouping.merged.items() if heir is not None}
        return grouping, former

    def _member(self, name: str) -> Member:
        moment = NOW + timedelta(days=self.world.days[int(name)], minutes=int(name))
        return Member(
            article_id=name,
            rank=(moment, moment, name),
            day=date(2026, 11, 1) + timedelta(days=self.world.days[int(name)]),
            former_group=self.group_of.get(name),
        )

    def sets(self) -> set[frozenset[str]]:
        return {
            frozenset(name for name, group in self.group_of.items() if group == one)
            for one in self.group_of.values()
        }


def _pair(link: frozenset[str]) -> Pair:
    first, second = sorted(link)
    return Pair(first=first, second=second, share_of_first=0.7, share_of_second=0.7)


@st.composite
def nights(draw: st.DrawFn) -> list[list[str]]:
    """All articles in some order, in some nights."""
    order = draw(st.permutations(NAMES))
    cuts = sorted({0, COUNT, *draw(st.lists(st.integers(1, COUNT - 1), max_size=3))})
    return [order[start:end] for start, end in pairwise(cuts)]


WORLDS = st.builds(
    World,
    days=st.lists(st.integers(0, 5), min_size=COUNT, max_size=COUNT),
    links=st.frozensets(BOTH, max_size=14),
    kin=st.frozensets(BOTH, max_size=8),
)
CLOSE_WORLDS = st.builds(
    World,
    days=st.just([0] * COUNT),
    links=st.frozensets(BOTH, max_size=10),
    kin=st.just(frozenset(frozenset({a, b}) for a in NAMES for b in NAMES if a < b)),
)


@settings(max_examples=100, deadline=None)
@given(world=WORLDS, order=nights())
@example(  # of a retired group's members each goes its own way; it went where its namesake did
    world=World(
        days=[0] * COUNT,
        links=frozenset(map(frozenset, (("04", "00"), ("01", "02"), ("01", "04")))),
        kin=frozenset(),
    ),
    order=[["04"], ["02", "03", "00"], ["01", "05", "06", "07", "08"]],
)
def test_whatever_arrives_when_ids_stay_and_every_member_belongs_to_its_core(
    world: World, order: list[list[str]]
):
    lake = Lake(world)
    for fresh in order:
        grouping, former = lake.night(fresh)
        groups = set(grouping.group_of.values())
        assert all(grouping.group_of[group] == group for group in groups), "an id names a member of its group"
        assert former == (former & groups) | grouping.merged.keys(), "an id stays, or is noted as merged"
        assert grouping.merged.keys().isdisjoint(groups)
        assert groups - former <= {*fresh, *grouping.parted}, (
            "a new id is of a new article, or noted as parted"
        )
        for name, group in grouping.group_of.items():
            core = grouping.core_of[group]
            assert abs(world.days[int(name)] - world.days[int(core)]) <= GROUP_DAYS
            assert name == core or world.is_kin(name, core)
    for group in lake.went_into:
        assert list(_led_to(lake, group))[-1] in lake.group_of.values(), "an old id leads to one in use"


def _led_to(lake: Lake, group: str) -> Iterator[str]:
    seen = set()
    while group in lake.went_into and group not in lake.group_of.values() and group not in seen:
        seen.add(group)
        group = lake.went_into[group]
        yield group
    yield group


@settings(max_examples=100, deadline=None)
@given(world=CLOSE_WORLDS, order=nights(), other=nights())
def test_one_text_of_a_few_days_is_grouped_alike_in_any_order(
    world: World, order: list[list[str]], other: list[list[str]]
):
    """Where all share text and days, groups are what pairs connect. Where a core refused somebody they may differ: a
    part that was cut off is looked at again only when a new pair touches it."""
    one, another = Lake(world), Lake(world)
    for fresh in order:
        one.night(fresh)
    for fresh in other:
        another.night(fresh)
    assert one.sets() == another.sets()
