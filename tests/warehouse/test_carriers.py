"""Who carries a text, asked of the published lake: by its group, its pairs, and for a text from outside its sketch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from articles.errors import NightwireError
from articles.urls import url_key
from tests.warehouse.pages import NOW, load, page, prose, rows, store
from warehouse import CarrierLookup, Carriers, Lake, carrier_lookup, publish

WIRE = prose(1, paragraphs=6, words=60)
OWN = prose(2, paragraphs=2, words=60)
TOLD = prose(6, paragraphs=6, words=60)
OLD = prose(7, paragraphs=6, words=60)
SHORT = prose(3, paragraphs=2, words=50)


def trimmed(text: str, own: int) -> str:
    """The first two thirds, with a paragraph of the outlet's own."""
    lines = text.split("\n")
    return "\n".join([*lines[: len(lines) * 2 // 3], prose(own, paragraphs=1)])


def sources(carriers: Carriers) -> tuple[list[tuple[str | None, str | None]], list[str | None]]:
    """The carriers with their relation, and the excerpts."""
    return (
        [(one.article.source, one.relation) for one in carriers.carriers],
        [one.article.source for one in carriers.excerpts],
    )


@pytest.fixture(scope="module")
def small(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A wire story at four outlets, a long page that holds a short text, a text nobody else has, and one not compared."""
    lake = new_lake(tmp_path_factory.mktemp("carriers") / "lake")
    load(
        lake,
        page("a", WIRE, source="zz_wire", agency="Agency", agency_rule="byline.agency", hours=-40,
             published_at=datetime(2026, 11, 19, 8, tzinfo=UTC), published_date=date(2026, 11, 19)),
        page("b", WIRE, source="zz_whole"),
        page("c", WIRE, source="zz_again", published_date=date(2026, 11, 21), hours=2),
        page("d", trimmed(WIRE, 90), source="zz_trimmed", hours=1),
        page("e", SHORT, source="zz_short"),
        page("f", f"{SHORT}\n{prose(91, paragraphs=20)}", source="zz_long"),
        page("g", [OWN, prose(5)], source="zz_own"),
        page("i", TOLD, source="zz_late", published_at=datetime(2026, 11, 20, 18, tzinfo=UTC)),
        page("j", trimmed(TOLD, 93), source="zz_early", published_at=datetime(2026, 11, 19, 7, tzinfo=UTC),
             published_date=date(2026, 11, 19)),
        page("k", OLD, source="zz_old"),
        page("l", trimmed(OLD, 94), source="zz_far", hours=24 * 90, published_date=date(2027, 2, 19)),
    )  # fmt: skip
    store(lake, page("h", prose(8), source="zz_new"))
    publish(lake)
    yield lake
    lake.close()


def article_id(lake: Lake, source: str, part: int = 0) -> str:
    return str(
        rows(lake, f"select article_id from articles where source = '{source}' and part = {part}")[0][0]
    )


@pytest.fixture(scope="module")
def lookup(small: Lake) -> Iterator[CarrierLookup]:
    with carrier_lookup(small.home) as opened:
        yield opened


@pytest.fixture(scope="module")
def ask(small: Lake, lookup: CarrierLookup) -> Callable[[str], Carriers]:
    """Who carries the text of a source's article."""
    return lambda source: lookup.carriers_of(lookup.find_article(article_id(small, source)))


def test_all_of_a_group_carry_a_text_the_earliest_first(ask: Callable[[str], Carriers]):
    """Equal texts are paired with the earliest alone; the others are compared when they are asked for."""
    assert sources(ask("zz_again")) == (
        [("zz_wire", "identical"), ("zz_whole", "identical"), ("zz_trimmed", "syndicated")],
        [],
    )


def test_an_excerpt_is_told_apart_from_those_that_carry_the_text(ask: Callable[[str], Carriers]):
    assert sources(ask("zz_short")) == ([], ["zz_long"])
    assert sources(ask("zz_long")) == ([], ["zz_short"])


@pytest.mark.parametrize(
    ("asked", "other", "is_origin"), [("zz_late", "zz_early", True), ("zz_early", "zz_late", False)]
)
def test_who_took_a_text_from_whom_is_said_from_both_sides(
    ask: Callable[[str], Carriers], small: Lake, asked: str, other: str, is_origin: bool
):
    ((told_by, confidence),) = rows(
        small,
        "select origin_from, origin_confidence from copies "
        f"where origin_article_id = '{article_id(small, 'zz_early')}'",
    )
    (one,) = ask(asked).carriers
    assert one.article.source == other
    assert (one.is_origin, one.origin_from, one.origin_confidence) == (is_origin, told_by, confidence)


def test_where_the_pages_do_not_tell_who_took_a_text_from_whom_it_stays_unknown(
    ask: Callable[[str], Carriers],
):
    """Two that credit one agency carry the agency's text; and of a day alone nobody knows the hour."""
    found = ask("zz_whole")
    assert {(one.is_origin, one.origin_from, one.origin_confidence) for one in found.carriers} == {
        (None, None, None)
    }


def test_a_text_from_outside_finds_those_that_carry_it(lookup: CarrierLookup):
    found = lookup.carriers_of_text(trimmed(WIRE, 92))
    assert sources(found) == (
        [("zz_wire", "syndicated"), ("zz_whole", "syndicated"), ("zz_trimmed", "near"), ("zz_again", "syndicated")],
        [],
    )  # fmt: skip
    assert {one.is_origin for one in found.carriers} == {None}
    assert sources(lookup.carriers_of_text(SHORT.upper())) == ([("zz_short", "identical")], ["zz_long"])
    assert sources(lookup.carriers_of_text(prose(77))) == ([], [])


@pytest.mark.parametrize("text", ["", "Photo day", "… — …"])
def test_a_text_of_a_few_words_is_carried_by_nobody(lookup: CarrierLookup, text: str):
    assert sources(lookup.carriers_of_text(text)) == ([], [])


def test_what_no_run_looked_back_to_is_found_when_it_is_asked_for(
    small: Lake, ask: Callable[[str], Carriers]
):
    far = article_id(small, "zz_far")
    assert rows(small, f"from copies where '{far}' in (article_id, of_article_id)") == []
    assert sources(ask("zz_far")) == ([("zz_old", "syndicated")], [])


def test_texts_come_by_the_article_and_records_without_them(small: Lake, lookup: CarrierLookup):
    article = lookup.find_article(article_id(small, "zz_wire"))
    assert lookup.texts([article]) == {article.article_id: WIRE}
    assert lookup.texts([]) == {}
    assert (article.source, article.agency, article.agency_rule) == ("zz_wire", "Agency", "byline.agency")


@pytest.mark.parametrize(
    "twin", ["https://www.zz-wire.example/a/", "http://m.zz-wire.example/a?utm_source=x#top"]
)
def test_an_address_is_known_by_all_its_twins(lookup: CarrierLookup, twin: str):
    assert lookup.find_url(twin, {url_key(twin)}).source == "zz_wire"


def test_an_address_of_several_articles_lists_them(small: Lake, lookup: CarrierLookup):
    url = "http://zz-own.example/g"
    with pytest.raises(NightwireError) as said:
        lookup.find_url(url, {url_key(url)})
    assert "holds 2 articles; name one by its id" in str(said.value)
    assert all(article_id(small, "zz_own", part) in str(said.value) for part in (0, 1))


def test_what_is_not_there_is_said_in_one_sentence(lookup: CarrierLookup):
    with pytest.raises(NightwireError, match="holds no article 0123; find one with"):
        lookup.find_article("0123")
    with pytest.raises(NightwireError, match=r"knows no article at http://x\.example/; save the page"):
        lookup.find_url("http://x.example/", {"x.example"})


def test_nobody_means_something_where_it_is_said_how_many_were_searched(lookup: CarrierLookup):
    searched = lookup.searched()
    assert (searched.article_count, searched.not_looked_at) == (12, 1)
    assert (searched.first_seen_at, searched.last_seen_at) == (
        NOW - timedelta(hours=40),
        NOW + timedelta(days=90),
    )
