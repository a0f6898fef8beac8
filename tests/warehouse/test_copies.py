"""Copies: who carries whose text, and groups that keep their id."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.pages import NOW, load, page, prose, rows
from warehouse import Lake, find_copies, run_checks, store_captures, store_readings
from warehouse.groups import Member, regroup


def groups(lake: Lake) -> set[frozenset[str]]:
    """The copy groups as sets of sources."""
    found = rows(
        lake, "select list(source) from articles join copy_members using (article_id) group by copy_group_id"
    )
    return {frozenset(sources) for (sources,) in found}


def trimmed(text: str) -> str:
    """The first two thirds, with a paragraph of the outlet's own."""
    lines = text.split("\n")
    return "\n".join([*lines[: len(lines) * 2 // 3], prose(999, paragraphs=1)])


WIRE = prose(1, paragraphs=6, words=60)


def test_a_wire_story_is_one_group_whole_trimmed_and_letter_for_letter(lake: Lake):
    load(
        lake,
        page("a", WIRE, source="zz_wire", agency="Agency", published_date=date(2026, 11, 19)),
        page("b", WIRE, source="zz_whole"),
        page("c", trimmed(WIRE), source="zz_trimmed"),
        page("d", prose(2, paragraphs=6, words=60), source="zz_other"),
    )
    assert groups(lake) == {frozenset({"zz_wire", "zz_whole", "zz_trimmed"}), frozenset({"zz_other"})}
    assert rows(lake, "select relation, count(*) from copies group by all order by all") == [
        ("identical", 1),
        ("syndicated", 2),
    ]
    assert rows(
        lake, "select agency, first_publisher, article_count, source_count, publishers[1] from mart_wires"
    ) == [("Agency", "zz_wire", 3, 3, "zz_wire")]
    assert rows(lake, "select source from mart_articles where is_first_of_group order by 1") == [
        ("zz_other",),
        ("zz_wire",),
    ]
    assert run_checks(lake) == []


def test_a_pair_says_which_is_earlier_and_how_much_of_each_is_in_the_other(lake: Lake):
    load(
        lake,
        page("a", trimmed(WIRE), source="zz_trimmed", published_date=date(2026, 11, 20)),
        page("b", WIRE, source="zz_wire", published_date=date(2026, 11, 19)),
    )
    ((later, earlier, containment, containment_of),) = rows(
        lake,
        "select a.source, b.source, containment, containment_of from copies "
        "join articles as a on a.article_id = copies.article_id "
        "join articles as b on b.article_id = copies.of_article_id",
    )
    assert (later, earlier) == ("zz_trimmed", "zz_wire")
    assert containment > containment_of > 0.4


def test_an_excerpt_is_noted_and_joins_no_groups(lake: Lake):
    """A long page that holds all of a short article is no copy of it: one glued page would weld stories together."""
    short = prose(1, paragraphs=2, words=50)
    load(
        lake,
        page("a", short, source="zz_short"),
        page("b", short + "\n" + prose(2, paragraphs=20), source="zz_long"),
    )
    assert rows(lake, "select relation from copies") == [("excerpt",)]
    assert groups(lake) == {frozenset({"zz_short"}), frozenset({"zz_long"})}


def test_texts_too_short_to_be_told_apart_stay_alone(lake: Lake):
    load(lake, page("a", "Photo day", source="zz_a"), page("b", "Photo day", source="zz_b"))
    assert groups(lake) == {frozenset({"zz_a"}), frozenset({"zz_b"})}
    assert run_checks(lake) == []


def test_a_group_keeps_its_id_when_an_earlier_member_is_found_later(lake: Lake):
    load(lake, page("a", WIRE, source="zz_first_seen", published_date=date(2026, 11, 20)))
    before = rows(lake, "select copy_group_id from copy_members")
    load(lake, page("b", WIRE, source="zz_original", published_date=date(2026, 11, 1)))
    assert rows(lake, "select distinct copy_group_id from copy_members") == before
    assert rows(lake, "select source from mart_articles where is_first_of_group") == [("zz_original",)]


def test_groups_that_grow_together_keep_the_older_id_and_note_the_merge(lake: Lake):
    halves = prose(5, paragraphs=3, words=60), prose(6, paragraphs=3, words=60)
    load(lake, page("a", halves[0], source="zz_a", published_date=date(2026, 11, 18)))
    load(lake, page("b", halves[1], source="zz_b", published_date=date(2026, 11, 19)))
    older, younger = (row[0] for row in rows(lake, "select article_id from articles order by published_date"))
    load(lake, page("c", "\n".join(halves), source="zz_c", published_date=date(2026, 11, 20)))

    assert rows(lake, "select distinct copy_group_id from copy_members") == [(older,)]
    assert rows(
        lake, "select copy_group_id, merged_into, article_count from copy_groups order by article_count"
    ) == [
        (younger, older, 0),
        (older, None, 3),
    ]
    assert run_checks(lake) == []


def test_a_correction_that_takes_the_bridge_away_parts_the_group_again(lake: Lake):
    halves = prose(5, paragraphs=3, words=60), prose(6, paragraphs=3, words=60)
    load(
        lake,
        page("a", halves[0], source="zz_a"),
        page("b", halves[1], source="zz_b"),
        page("c", "\n".join(halves), source="zz_c"),
    )
    assert len(groups(lake)) == 1
    load(lake, page("c", halves[0], source="zz_c", hours=5))
    assert groups(lake) == {frozenset({"zz_a", "zz_c"}), frozenset({"zz_b"})}
    assert rows(lake, "select count(*) from copy_groups where merged_into is null and article_count = 0") == [
        (0,)
    ]
    assert run_checks(lake) == []


def test_a_group_of_equal_texts_holds_when_the_first_of_them_is_rewritten(lake: Lake):
    """Equal texts are paired with the earliest alone; the others must not fall apart when it goes."""
    load(
        lake,
        page("a", WIRE, source="zz_a", published_date=date(2026, 11, 1)),
        page("b", WIRE, source="zz_b"),
        page("c", WIRE, source="zz_c"),
    )
    load(lake, page("a", prose(77), source="zz_a", hours=3))
    assert groups(lake) == {frozenset({"zz_a"}), frozenset({"zz_b", "zz_c"})}
    assert rows(lake, "select relation, count(*) from copies group by all") == [("identical", 1)]
    assert run_checks(lake) == []


@pytest.mark.parametrize(("days", "window", "expected"), [(10, 60, 1), (90, 60, 2), (90, None, 1)])
def test_the_window_bounds_how_far_apart_trimmed_copies_are_found(
    lake: Lake, days: int, window: int | None, expected: int
):
    pages = [page("a", WIRE, source="zz_a"), page("b", trimmed(WIRE), source="zz_b", hours=24 * days)]
    store_captures(lake, [capture for capture, _ in pages])
    store_readings(lake, pages, run_id="r", now=NOW)
    find_copies(lake, run_id="r", now=NOW, window_days=window)
    assert len(groups(lake)) == expected


def test_equal_texts_are_found_at_any_age(lake: Lake):
    load(lake, page("a", WIRE, source="zz_a"), page("b", WIRE, source="zz_b", hours=24 * 400))
    assert len(groups(lake)) == 1


def test_a_reread_that_finds_the_agency_brings_it_to_the_group(lake: Lake):
    load(lake, page("a", WIRE, source="zz_a"), page("b", WIRE, source="zz_b"))
    load(lake, page("a", WIRE, source="zz_a", agency="Agency", reader="2"), run_id="reread")
    assert rows(lake, "select agency, article_count from copy_groups") == [("Agency", 2)]


def _member(number: int, former: int | None) -> Member:
    moment = NOW + timedelta(minutes=number)
    return Member(
        article_id=f"{number:03}",
        rank=(moment, moment, f"{number:03}"),
        former_group=former and f"{former:03}",
    )


@settings(max_examples=200, deadline=None)
@given(
    first=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=12),
    second=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=12),
)
def test_groups_are_what_pairs_connect_and_are_named_after_a_member(first, second):
    """Grouping in two nights and in one give the same sets, whatever the order; ids name a member and never double."""
    names = [f"{number:03}" for number in range(1, 13)]

    def named(pairs):
        return [(f"{a:03}", f"{b:03}") for a, b in pairs]

    night_one = regroup([_member(number, None) for number in range(1, 13)], named(first), [])
    members = [
        Member(article_id=name, rank=_member(int(name), None).rank, former_group=night_one.group_of[name])
        for name in names
    ]
    night_two = regroup(members, named(first + second), set(night_one.group_of.values()))
    at_once = regroup([_member(number, None) for number in range(1, 13)], named(second + first), [])

    def sets(grouping):
        return {
            frozenset(name for name in names if grouping.group_of[name] == group)
            for group in grouping.group_of.values()
        }

    assert sets(night_two) == sets(at_once)
    assert all(night_two.group_of[group] == group for group in set(night_two.group_of.values()))
    kept = set(night_one.group_of.values()) & set(night_two.group_of.values())
    assert set(night_one.group_of.values()) == kept | set(night_two.merged)
    assert all(night_two.merged[group] == night_two.group_of[group] for group in night_two.merged)
