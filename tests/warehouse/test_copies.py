"""Copies: who carries whose text, and groups that keep their id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.fingerprints import METHOD_VERSION
from tests.warehouse.pages import NOW, load, page, prose, rows, store
from warehouse import (
    KnownSource,
    Lake,
    find_copies,
    run_checks,
    store_captures,
    store_readings,
    store_sources,
)
from warehouse.copies import _runs
from warehouse.groups import Member, Pair
from warehouse.groups import regroup as groups_of


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


def test_a_lake_of_another_method_is_sketched_anew_and_keeps_its_groups(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
):
    """More than a portion holds: no group falls apart while one of its members is still to be compared."""
    monkeypatch.setattr("warehouse.copies.PORTION", 1)
    load(lake, page("a", WIRE, source="zz_a"), page("b", trimmed(WIRE), source="zz_b"), page("c", prose(3)))
    found = "select * exclude (found_at, run_id) from copies"
    before = rows(lake, found), rows(lake, "select article_id, copy_group_id from copy_members order by all")
    lake.transact(
        lambda connection: [
            connection.execute(f"update {table} set {column} = 'older'")
            for table, column in (
                ("sketches", "method_version"),
                ("copy_members", "method_version"),
                ("claim", "copies_method"),
            )
        ],
        message="an older method",
    )
    find_copies(lake, run_id="newer", now=NOW)
    after = rows(lake, found), rows(lake, "select article_id, copy_group_id from copy_members order by all")
    assert after == before
    assert rows(lake, "select count(*) from copies where run_id = 'newer'") == [(1,)]
    assert rows(lake, "select count(*) from copy_group_changes") == [(0,)]
    assert rows(lake, "select distinct method_version from sketches") == [(METHOD_VERSION,)]
    assert run_checks(lake) == []


def test_texts_too_short_to_be_told_apart_stay_alone(lake: Lake):
    load(lake, page("a", "Photo day", source="zz_a"), page("b", "Photo day", source="zz_b"))
    assert groups(lake) == {frozenset({"zz_a"}), frozenset({"zz_b"})}
    assert run_checks(lake) == []


def test_a_group_keeps_its_id_when_an_earlier_member_is_found_later(lake: Lake):
    load(lake, page("a", WIRE, source="zz_first_seen", published_date=date(2026, 11, 20)))
    before = rows(lake, "select copy_group_id from copy_members")
    load(lake, page("b", WIRE, source="zz_original", published_date=date(2026, 11, 18)))
    assert rows(lake, "select distinct copy_group_id from copy_members") == before
    assert rows(lake, "select source from mart_articles where is_first_of_group") == [("zz_original",)]


PARTS = prose(5, paragraphs=6, words=40).split("\n")
FIRST_TWO_THIRDS, LAST_TWO_THIRDS = "\n".join(PARTS[:4]), "\n".join([*PARTS[3:], prose(998, paragraphs=1)])


def test_groups_that_grow_together_keep_the_older_id_and_note_the_merge(lake: Lake):
    """Two trimmed copies share a paragraph alone; the whole text, found later, shows that they are one."""
    load(lake, page("a", FIRST_TWO_THIRDS, source="zz_a", published_date=date(2026, 11, 19)))
    load(lake, page("b", LAST_TWO_THIRDS, source="zz_b", published_date=date(2026, 11, 20)))
    older, younger = (row[0] for row in rows(lake, "select article_id from articles order by published_date"))
    assert len(groups(lake)) == 2
    load(lake, page("c", "\n".join(PARTS), source="zz_c", published_date=date(2026, 11, 20)))

    assert rows(lake, "select distinct copy_group_id from copy_members") == [(older,)]
    assert rows(
        lake, "select copy_group_id, merged_into, article_count from copy_groups order by article_count"
    ) == [
        (younger, older, 0),
        (older, None, 3),
    ]
    assert rows(lake, "select copy_group_id, other_group_id, change, changed_at from copy_group_changes") == [
        (younger, older, "merged", NOW)
    ]
    ((core,),) = rows(lake, "select source from copy_groups join articles on article_id = core_article_id")
    assert core == "zz_c"
    assert run_checks(lake) == []


def test_a_correction_that_takes_the_bridge_away_parts_the_group_again(lake: Lake):
    load(
        lake,
        page("a", FIRST_TWO_THIRDS, source="zz_a"),
        page("b", LAST_TWO_THIRDS, source="zz_b"),
        page("c", "\n".join(PARTS), source="zz_c"),
    )
    assert len(groups(lake)) == 1
    load(lake, page("c", FIRST_TWO_THIRDS, source="zz_c", hours=5))
    assert groups(lake) == {frozenset({"zz_a", "zz_c"}), frozenset({"zz_b"})}
    assert rows(lake, "select count(*) from copy_groups where merged_into is null and article_count = 0") == [
        (0,)
    ]
    assert rows(lake, "select change, changed_at from copy_group_changes") == [("parted", NOW)]
    assert run_checks(lake) == []


def test_a_page_of_several_texts_joins_none_to_the_other(lake: Lake):
    """A glued page holds strangers whole; its pairs are kept, and nobody is united by it."""
    stories = [prose(seed, paragraphs=4, words=60) for seed in (21, 22, 23)]
    load(
        lake,
        *(page(f"s{n}", story, source=f"zz_s{n}") for n, story in enumerate(stories)),
        page("all", "\n".join(stories), source="zz_all"),
    )
    assert rows(lake, "select count(*) from copies") == [(3,)]
    assert all(len(group) == 1 for group in groups(lake))
    load(lake, page("s0-again", stories[0], source="zz_wire"))
    assert frozenset({"zz_s0", "zz_wire"}) in groups(lake)
    assert len(groups(lake)) == 4


def test_a_group_does_not_wander_off_along_a_chain(lake: Lake):
    """Each text shares half of itself with the next; the last shares nothing with the first."""
    parts = prose(31, paragraphs=14, words=40).split("\n")
    chain = ["\n".join(parts[start : start + 6]) for start in (0, 2, 4, 6, 8)]
    load(lake, *(page(f"c{n}", text, source=f"zz_c{n}") for n, text in enumerate(chain)))
    assert all(not {"zz_c0", "zz_c4"} <= group for group in groups(lake))
    assert frozenset({"zz_c0", "zz_c1", "zz_c2"}) & max(groups(lake), key=len)
    assert run_checks(lake) == []


def test_another_state_of_a_text_by_its_own_publisher_is_an_update(lake: Lake):
    longer = WIRE + "\n" + prose(55, paragraphs=1, words=30)
    load(lake, page("a", WIRE, source="zz_a"), page("b", longer, source="zz_a", hours=2))
    assert rows(lake, "select relation, is_uniting, origin_article_id from copies") == [
        ("update", True, None)
    ]
    assert len(groups(lake)) == 1


def test_an_agencys_own_page_is_the_origin_of_what_credits_it(lake: Lake):
    home = {"home": "http://irna.example/", "country": "zz", "languages": ("en",), "timezone": "UTC"}
    store_sources(lake, [KnownSource(source="zz_irna", publisher="IRNA", **home)])
    load(
        lake,
        page("a", WIRE, source="zz_irna"),
        page("b", trimmed(WIRE), source="zz_b", agency="IRNA"),
        page("c", WIRE, source="zz_c", agency="IRNA"),
    )
    told = rows(
        lake,
        "select origin.source, origin_from from copies left join articles as origin "
        "on origin_article_id = origin.article_id order by all",
    )
    assert told == [("zz_irna", "agency"), ("zz_irna", "agency"), (None, None)]  # b and c both carry IRNA's


STANDING = prose(41, paragraphs=2, words=60)


def test_what_stands_on_a_sources_pages_day_after_day_joins_no_strangers(lake: Lake):
    """A column's closing words, longer than its brief items: no evidence once they were seen on four days."""
    items = [prose(100 + n, paragraphs=2, words=30) + "\n" + STANDING for n in range(6)]
    other = prose(200, paragraphs=2, words=30) + "\n" + STANDING
    load(
        lake,
        *(
            page(f"d{n}", text, source="zz_brief", hours=24 * n, published_date=date(2026, 11, 10 + n))
            for n, text in enumerate(items)
        ),
        page("x", other, source="zz_other", hours=24 * 6, published_date=date(2026, 11, 16)),
    )
    assert frozenset({"zz_other"}) in groups(lake)


def test_an_old_formula_joins_nobody_and_fresh_words_do(lake: Lake):
    """Texts of two outlets share as much in both cases; what tells is whether it had been printed before."""
    formula, news = prose(51, paragraphs=2, words=50), prose(52, paragraphs=2, words=50)

    def text(shared: str, own: int) -> str:
        return shared + "\n" + prose(own, paragraphs=1, words=60)

    load(
        lake,
        page("old", text(formula, 60), source="zz_old", published_date=date(2026, 11, 2)),
        page("f1", text(formula, 61), source="zz_f1", published_date=date(2026, 11, 19)),
        page("f2", text(formula, 62), source="zz_f2", published_date=date(2026, 11, 20)),
        page("n1", text(news, 63), source="zz_n1", published_date=date(2026, 11, 19)),
        page("n2", text(news, 64), source="zz_n2", published_date=date(2026, 11, 20)),
    )
    assert groups(lake) == {
        *(frozenset({name}) for name in ("zz_old", "zz_f1", "zz_f2")),
        frozenset({"zz_n1", "zz_n2"}),
    }
    assert rows(lake, "select min(novelty), max(novelty) from copies where is_uniting") == [(1.0, 1.0)]
    assert rows(lake, "select count(*) > 0 from copies where not is_uniting and novelty = 0") == [(True,)]


def test_a_flood_of_one_text_is_one_group_with_as_many_pairs(lake: Lake):
    count = 220  # more than MAX_FREQUENCY
    load(
        lake,
        *(page(f"e{n}", WIRE, source=f"zz_s{n % 40}") for n in range(count)),
        *(
            page(f"n{n}", f"{WIRE}\n{prose(3000 + n, paragraphs=1, words=12)}", source=f"zz_s{n % 40}")
            for n in range(count)
        ),
    )
    assert rows(lake, "select count(distinct copy_group_id) from copy_members") == [(1,)]
    ((pairs,),) = rows(lake, "select count(*) from copies")
    assert pairs < 8 * count
    assert run_checks(lake) == []


def test_a_group_of_equal_texts_holds_when_the_first_of_them_is_rewritten(lake: Lake):
    """Equal texts are paired with the earliest alone; the others must not fall apart when it goes."""
    load(
        lake,
        page("a", WIRE, source="zz_a", published_date=date(2026, 11, 19)),
        page("b", WIRE, source="zz_b"),
        page("c", WIRE, source="zz_c"),
    )
    load(lake, page("a", prose(77), source="zz_a", hours=3))
    assert groups(lake) == {frozenset({"zz_a"}), frozenset({"zz_b", "zz_c"})}
    assert rows(lake, "select relation, count(*) from copies group by all") == [("identical", 1)]
    assert run_checks(lake) == []


@pytest.mark.parametrize(("days", "window", "pairs"), [(10, 60, 1), (90, 60, 0), (90, None, 1)])
@pytest.mark.parametrize("dated", [True, False])
def test_the_window_bounds_how_far_apart_trimmed_copies_are_found(
    lake: Lake, days: int, window: int | None, pairs: int, dated: bool
):
    """By the days of publication; where the pages state none, by those of their captures."""

    def stated(shift: int) -> dict[str, object]:
        day = date(2026, 8, 1) + timedelta(days=shift)
        return {"published_date": day if dated else None}

    pages = [
        page("a", WIRE, source="zz_a", hours=0, **stated(0)),
        page("b", trimmed(WIRE), source="zz_b", hours=0 if dated else 24 * days, **stated(days)),
    ]
    store_captures(lake, [capture for capture, _ in pages])
    store_readings(lake, pages, run_id="r", now=NOW)
    find_copies(lake, run_id="r", now=NOW, window_days=window)
    assert rows(lake, "select count(*) from copies") == [(pairs,)]
    assert len(groups(lake)) == (
        2 if dated or not pairs else 1
    )  # a copy of another week is another run of the text


def test_everything_can_be_compared_anew_by_another_window(lake: Lake, monkeypatch: pytest.MonkeyPatch):
    """Cut short, it goes on; nobody's group changes its id."""
    monkeypatch.setattr("warehouse.copies.PORTION", 1)
    load(
        lake,
        page("a", prose(8, paragraphs=6, words=60), source="zz_a", published_date=date(2026, 8, 1)),
        page("b", trimmed(prose(8, paragraphs=6, words=60)), source="zz_b"),
        page("c", trimmed(WIRE), source="zz_c"),
        page("d", WIRE, source="zz_d"),
    )
    members = rows(lake, "select article_id, copy_group_id from copy_members order by all")
    pairs = "select count(*) from copies"
    assert rows(lake, pairs) == [(1,)]

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.copies.record_changes", _stopping_at(2))
        with pytest.raises(KeyboardInterrupt):
            find_copies(lake, run_id="wider", now=NOW, window_days=None, everything=True)
    assert rows(lake, "select count(*) from unplaced") == [(3,)]
    find_copies(lake, run_id="wider", now=NOW, window_days=None, everything=True)

    assert rows(lake, pairs) == [(2,)]
    assert rows(lake, "select article_id, copy_group_id from copy_members order by all") == members
    assert run_checks(lake) == []


def _stopping_at(call: int) -> Callable[..., None]:
    calls = count(1)

    def stop(*given: object, **named: object) -> None:
        if next(calls) == call:
            raise KeyboardInterrupt

    return stop


def test_equal_texts_are_found_at_any_age_and_each_run_of_them_is_a_group(lake: Lake):
    load(
        lake,
        page("a", WIRE, source="zz_a", published_date=date(2025, 11, 1)),
        page("b", WIRE, source="zz_b", published_date=date(2026, 11, 19)),
        page("c", WIRE, source="zz_c", published_date=date(2026, 11, 20)),
    )
    assert rows(lake, "select relation, is_uniting, count(*) from copies group by all order by all") == [
        ("identical", False, 1),
        ("identical", True, 1),
    ]
    assert groups(lake) == {frozenset({"zz_a"}), frozenset({"zz_b", "zz_c"})}


def test_a_reread_that_finds_the_agency_brings_it_to_the_group(lake: Lake):
    load(lake, page("a", WIRE, source="zz_a"), page("b", WIRE, source="zz_b"))
    load(lake, page("a", WIRE, source="zz_a", agency="Agency", reader="2"), run_id="reread")
    assert rows(lake, "select agency, article_count from copy_groups") == [("Agency", 2)]


def test_who_changes_while_it_waits_is_compared_when_it_has_its_turn(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
):
    """More waits than one portion takes: a known article has another text already, and its old place still."""
    monkeypatch.setattr("warehouse.copies.PORTION", 1)
    load(lake, page("a", WIRE, source="zz_a"))
    store(
        lake,
        page("b", trimmed(WIRE), source="zz_b", published_date=date(2026, 11, 18)),
        page("a", WIRE + "\n" + prose(7, paragraphs=1), source="zz_a", hours=1),
    )
    find_copies(lake, run_id="next", now=NOW)
    assert groups(lake) == {frozenset({"zz_a", "zz_b"})}
    assert rows(lake, "select article_count from copy_groups where article_count > 0") == [(2,)]
    assert run_checks(lake) == []


def test_an_older_capture_that_comes_late_makes_the_group_seen_earlier(lake: Lake):
    load(lake, page("a", WIRE, source="zz_a"), page("b", WIRE, source="zz_b"))
    load(lake, page("a", WIRE, source="zz_a", hours=-48))
    ((shown, counted),) = rows(
        lake, "select min(articles.first_seen_at), min(copy_groups.first_seen_at) from articles, copy_groups"
    )
    assert shown == counted


@given(
    days=st.lists(st.dates(), min_size=1, max_size=8),
    reach=st.integers(0, 400).map(lambda count: timedelta(days=count)),
    probe=st.dates(),
)
def test_the_windows_of_some_days_hold_what_is_near_one_of_them_once(days, reach, probe):
    """One old article among a night's must not make the night look through everything in between."""
    holding = [run for run in _runs(days, reach) if run[0] <= probe <= run[1]]
    is_near = any(abs(probe - day) <= reach for day in days)
    assert len(holding) == is_near


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
        return [
            Pair(first=f"{a:03}", second=f"{b:03}", share_of_first=0.7, share_of_second=0.7) for a, b in pairs
        ]

    def regroup(*given):
        return groups_of(*given, is_kin=lambda one, other: True)

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
