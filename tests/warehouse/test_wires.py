"""Wires in SQL: who had a text first, who kept how much of it, and what the widest are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from articles.records import DatePrecision
from tests.warehouse.pages import known_source, load, page, prose, rows
from warehouse import Lake, run_checks, store_sources

WIRE = prose(1, paragraphs=6, words=60)
HALF = "\n".join(WIRE.split("\n")[:3])
OWN = prose(2, paragraphs=1, words=50)


@pytest.fixture(scope="module")
def wires(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A story at four sources, one of them twice; a story of two that state neither agency nor date; and others."""
    lake = new_lake(tmp_path_factory.mktemp("wires") / "lake")
    store_sources(
        lake, [known_source("zz_a", "The Agency Post", "ZA"), known_source("zz_b", "Bank Daily", "ZB")]
    )
    undated = {"published_date": None, "published_precision": DatePrecision.UNKNOWN}
    load(
        lake,
        page("1", WIRE, source="zz_a", title="Ferry to run at night", agency="Reuters",
             published_at=datetime(2026, 11, 19, 8, tzinfo=UTC), published_date=date(2026, 11, 19)),
        page("2", WIRE, source="zz_b", title="FERRY TO RUN AT NIGHT", language="fr"),
        page("3", f"{HALF}\n{OWN}", source="zz_b", title="Ferry to run by night"),
        page("4", "\n".join(WIRE.split("\n")[:2]), source="zz_c", title="Night boats and tea", hours=1),
        page("5", prose(3, paragraphs=4), source="zz_d", **undated),
        page("6", prose(3, paragraphs=4), source="zz_e", hours=2, **undated),
        page("7", prose(4), source="zz_a"),
        run_id="night-1",
    )  # fmt: skip
    yield lake
    lake.close()


def test_a_wire_names_its_publishers_in_order_and_what_each_kept_of_the_first_text(wires: Lake):
    ((publishers, kept),) = rows(wires, "select publishers, kept_by from mart_wires where is_agency_text")
    assert publishers == ["The Agency Post", "Bank Daily", "zz_c"]
    assert [one["publisher"] for one in kept] == publishers
    assert [one["kept_share"] for one in kept][:2] == [1.0, 1.0], "of two articles the fuller one counts"
    assert 0.3 < kept[2]["kept_share"] < 0.36


def test_a_wire_says_when_and_where_it_ran(wires: Lake):
    asked = "first_published_at, first_published_date, span_days, article_count, source_count, countries, languages"
    assert rows(wires, f"select agency, {asked} from mart_wires where is_agency_text") == [
        (
            "Reuters",
            datetime(2026, 11, 19, 8, tzinfo=UTC),
            date(2026, 11, 19),
            1,
            4,
            3,
            ["ZA", "ZB"],
            ["en", "fr"],
        )
    ]


def test_what_no_page_states_stays_unknown(wires: Lake):
    asked = (
        "agency, is_agency_text, first_published_at, first_published_date, span_days, countries, source_count"
    )
    assert rows(wires, f"select {asked} from mart_wires where not is_agency_text") == [
        (None, False, None, None, None, [], 2)
    ]


def test_who_changed_what_is_told_of_each_wire_and_nobody_is_named_where_nothing_was_changed(wires: Lake):
    asked = "first_publisher, kept_least_by, added_most_by, most_own_word_count, retitled_by, other_title"
    assert rows(wires, f"select {asked} from report_wire_changes order by first_publisher") == [
        ("The Agency Post", "zz_c", "Bank Daily", 50, "zz_c", "Night boats and tea"),
        ("zz_d", None, None, None, None, None),
    ]


def test_a_run_is_told_the_wires_it_placed_an_article_in(wires: Lake):
    load(wires, page("8", WIRE, source="zz_f"), page("9", prose(7), source="zz_f"), run_id="night-2")
    assert rows(wires, "select run_id, source_count, placed_count from report_run_wires order by all") == [
        ("night-1", 2, 2),
        ("night-1", 4, 4),
        ("night-2", 4, 1),
    ]
    assert run_checks(wires) == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Wires of all kinds, each named by its headline; sources are named in the order in which they printed it."""
    lake = Lake.create_or_open(tmp_path_factory.mktemp("kept") / "lake")
    store_sources(lake, [known_source("zz_agency", "Reuters", "GB")])

    def printed(title: str, source: str, text: str, hours: int = 0, **fields: object):
        return page(f"{title}-{hours}", text, source=source, title=title, hours=hours, **fields)

    def wire(seed: int) -> str:
        return prose(seed, paragraphs=6, words=60)

    def first(seed: int, paragraphs: int) -> str:
        return "\n".join(wire(seed).split("\n")[:paragraphs])

    load(
        lake,
        printed("trimmed", "zz_a", wire(10)),
        printed("trimmed", "zz_b", first(10, 3), 1),
        printed("framed", "zz_a", wire(11)),
        printed("framed", "zz_b", f"{prose(90)}\n{wire(11)}", 1),
        printed("flash", "zz_a", first(12, 2)),
        printed("flash", "zz_b", wire(12), 1),
        printed("flash", "zz_c", f"{wire(12)}\n{prose(91, paragraphs=1)}", 2),
        printed("identical", "zz_a", wire(13)),
        printed("identical", "zz_b", wire(13), 1),
        printed("identical", "zz_c", wire(13), 2),
        printed("glued", "zz_a", wire(14)),
        printed("glued", "zz_b", wire(14), 1),
        printed("glued", "zz_c", f"{wire(14)}\n{prose(92, paragraphs=30, words=60)}", 2),
        printed("updated", "zz_a", first(15, 3)),
        printed("updated", "zz_b", first(15, 5), 1),
        printed("updated", "zz_a", wire(15), 2),
        printed("agency", "zz_b", f"{wire(16)}\n{prose(93, paragraphs=1)}", agency="Reuters"),
        printed("agency", "zz_agency", first(16, 5), 1, agency="Reuters"),
        printed("agency", "zz_c", f"{wire(16)}\n{prose(94, paragraphs=1)}", 2, agency="AFP"),
        printed("withdrawn", "zz_a", wire(17)),
        printed("withdrawn", "zz_b", wire(17), 1),
        printed("withdrawn", "zz_c", wire(17), 2, agency="AFP"),
        run_id="night-1",
    )
    capture, reading = printed("withdrawn", "zz_c", wire(17), 2, reader="2")
    load(lake, (capture, replace(reading, articles=())), run_id="a better reader finds none there")
    yield lake
    lake.close()


@pytest.mark.parametrize(
    ("title", "wire", "shares"),
    [
        ("trimmed", "zz_a", {"zz_a": (1.0, 0), "zz_b": (0.5, 0)}),
        ("framed", "zz_a", {"zz_a": (1.0, 0), "zz_b": (1.0, 120)}),
        ("flash", "zz_b", {"zz_a": (0.33, 0), "zz_b": (1.0, 0), "zz_c": (1.0, 40)}),
        ("identical", "zz_a", {"zz_a": (1.0, 0), "zz_b": (1.0, 0), "zz_c": (1.0, 0)}),
        ("glued", "zz_a", {"zz_a": (1.0, 0), "zz_b": (1.0, 0)}),  # contains it, and is no member
        ("updated", "zz_b", {"zz_a": (1.0, 60), "zz_b": (1.0, 0)}),  # its fuller article counts
        ("agency", "Reuters", {"zz_b": (1.0, 100), "Reuters": (1.0, 0), "zz_c": (1.0, 100)}),
        ("withdrawn", "zz_a", {"zz_a": (1.0, 0), "zz_b": (1.0, 0)}),
    ],
)
def test_what_each_kept_is_measured_by_the_text_that_others_carry_most_of(kept: Lake, title, wire, shares):
    ((publisher, publishers, kept_by),) = rows(
        kept, f"select wire_publisher, publishers, kept_by from mart_wires where title = '{title}'"
    )
    assert publisher == wire
    assert publishers == list(shares)
    found = {one["publisher"]: (one["kept_share"], one["own_word_count"]) for one in kept_by}
    assert {name: (pytest.approx(share, abs=0.03), own) for name, (share, own) in shares.items()} == found


def test_pages_that_name_other_agencies_disagree_and_who_left_is_not_counted(kept: Lake):
    asked = "agency, agency_article_count, agencies, article_count, is_agency_text"
    assert rows(kept, f"select {asked} from mart_wires where title = 'agency'") == [
        ("Reuters", 2, ["Reuters", "AFP"], 3, True)
    ]
    assert rows(kept, f"select {asked} from mart_wires where title = 'withdrawn'") == [
        (None, 0, [], 2, False)
    ]
