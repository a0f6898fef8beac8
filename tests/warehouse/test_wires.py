"""Wires in SQL: who had a text first, who kept how much of it, and what the widest are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from articles.records import DatePrecision
from tests.warehouse.pages import known_source, load, page, prose, rows
from warehouse import Lake, run_checks, store_sources

WIRE = prose(1, paragraphs=6, words=60)
HALF = "\n".join(WIRE.split("\n")[:3])
OWN = prose(2, paragraphs=1, words=50)


@pytest.fixture(scope="module")
def wires(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A story at four sources, one of them twice; a story of two that state neither agency nor date; and others."""
    lake = Lake.create_or_open(tmp_path_factory.mktemp("wires") / "lake")
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
