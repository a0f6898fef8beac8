"""Which copy groups make a story: no chains, no old news, ids that stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.stories import CORE, JOIN, SHARED_NEW, Group, likeness, place

DAY = date(2026, 11, 20)
NEAR = JOIN


def group(name: str, *, day: int = 0, story: str | None = None) -> Group:
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=day)
    return Group(copy_group_id=name, day=DAY + timedelta(days=day), rank=(at, at, name), former_story=story)


def stories(*groups: Group, alike: dict[tuple[str, str], float], former: set[str] | None = None):
    return place(groups, alike, former or {one.former_story for one in groups if one.former_story})


def sets(found) -> set[frozenset[str]]:
    return {
        frozenset(name for name in found.story_of if found.story_of[name] == story)
        for story in found.story_of.values()
    }


def test_two_texts_alike_are_a_story_named_after_the_earlier():
    found = stories(group("b"), group("a", day=1), alike={("a", "b"): NEAR})
    assert found.story_of == {"a": "b", "b": "b"}
    assert found.joinings["a"].nearest == "b"
    assert found.joinings["b"].nearest is None


def test_a_chain_of_neighbours_is_no_story():
    """Each is like the one before it alone; the last has nothing of the first."""
    names = "abcdefgh"
    found = stories(*map(group, names), alike=dict.fromkeys(pairwise(names), NEAR))
    assert max(map(len, sets(found))) <= JOIN / CORE + 1


def test_a_story_lasts_a_week():
    days = [group(f"{day}", day=day) for day in range(10)]
    alike = {(f"{a}", f"{b}"): NEAR for a in range(10) for b in range(a + 1, 10)}
    assert sorted(map(len, sets(stories(*days, alike=alike)))) == [3, 7]


def test_stories_that_a_later_text_shows_to_be_one_keep_the_older_id():
    alike = {("a", "c"): NEAR, ("b", "c"): NEAR, ("a", "b"): JOIN - 0.1}
    found = stories(group("a", story="a"), group("b", day=1, story="b"), group("c", day=1), alike=alike)
    assert sets(found) == {frozenset("abc")}
    assert set(found.story_of.values()) == {"a"}
    assert found.merged == {"b": "a"}


def test_a_text_between_two_happenings_does_not_make_them_one():
    """A round-up is like both; they have nothing of each other."""
    left = {("a1", "a2"): NEAR, ("a1", "x"): NEAR, ("a2", "x"): NEAR}
    right = {("b1", "b2"): NEAR, ("b1", "x"): NEAR, ("b2", "x"): NEAR}
    found = stories(
        *(group(name) for name in ("a1", "a2", "b1", "b2")), group("x", day=1), alike=left | right
    )
    assert {"a1", "a2"} <= max(sets(found), key=len)
    assert len(sets(found)) == 2


def test_a_story_keeps_its_id_when_an_earlier_text_is_found_later():
    found = stories(group("b", story="b"), group("a", day=-1), alike={("a", "b"): NEAR})
    assert found.story_of == {"a": "b", "b": "b"}
    assert found.merged == {}


def test_a_story_whose_first_text_went_passes_to_the_next():
    found = stories(group("b", story="a"), group("c", day=1, story="a"), alike={}, former={"a"})
    assert found.story_of == {"b": "b", "c": "b"}
    assert found.merged == {"a": "b"}


def test_a_story_that_lost_every_text_has_no_heir():
    assert stories(alike={}, former={"a"}).merged == {"a": None}


def test_a_first_text_that_changed_takes_its_name_along_only_inside_its_story():
    """It is placed anew: where it comes back it is the story's namesake; elsewhere it is not."""
    back = stories(group("a"), group("b", story="a"), alike={("a", "b"): NEAR}, former={"a"})
    assert back.story_of == {"a": "a", "b": "a"}
    away = stories(
        group("a"), group("b", story="a"), group("c", story="c"), alike={("a", "c"): NEAR}, former={"a", "c"}
    )
    assert away.story_of == {"a": "c", "b": "b", "c": "c"}
    assert away.merged == {"a": "b"}


def alike(**but) -> float:
    plain = {
        "cosine": 0.5,
        "shared_new": SHARED_NEW,
        "shared_named": 1,
        "days_apart": 0,
        "is_one_source": False,
        "has_other_numbers": False,
        "has_other_places": False,
    }
    return likeness(**plain | but)


def test_days_one_outlet_and_other_figures_and_places_weigh_against_one_happening():
    assert alike() == 0.5
    assert alike(days_apart=2) < alike(days_apart=1) < alike()
    for doubt in ("is_one_source", "has_other_numbers", "has_other_places"):
        assert alike(**{doubt: True}) < alike()


@pytest.mark.parametrize("old", [{"shared_new": SHARED_NEW - 1}, {"shared_named": 0}, {"days_apart": 4}])
def test_however_many_old_words_two_texts_share_they_are_not_alike(old):
    assert alike(cosine=0.99, **old) == 0


@settings(max_examples=100, deadline=None)
@given(
    links=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)), max_size=30),
    days=st.lists(st.integers(0, 12), min_size=10, max_size=10),
)
def test_whatever_is_alike_stories_are_short_named_after_a_member_and_every_group_is_in_one(links, days):
    groups = [group(f"{number}", day=day) for number, day in enumerate(days)]
    alike = {(f"{a}", f"{b}"): value for a, b, value in links if a < b}
    found = place(groups, alike, [])
    assert set(found.story_of) == {one.copy_group_id for one in groups}
    assert all(found.story_of[story] == story for story in found.story_of.values())
    for together in sets(found):
        span = [days[int(name)] for name in together]
        assert max(span) - min(span) < 7
    again = place(
        [
            Group(
                copy_group_id=one.copy_group_id,
                day=one.day,
                rank=one.rank,
                former_story=found.story_of[one.copy_group_id],
            )
            for one in groups
        ],
        alike,
        set(found.story_of.values()),
    )
    assert again.story_of == found.story_of
    assert again.merged == {}
