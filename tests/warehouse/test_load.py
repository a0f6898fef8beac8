"""Loading: once and only once, versions in the order of what was seen, nothing left unexplained."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, replace
from datetime import timedelta

import pytest

from articles.records import BlockKind, Reason, Rejected
from tests.warehouse.pages import NOW, claim, load, page, prose, rows, store
from warehouse import (
    KnownSource,
    Lake,
    LoadCounts,
    Unread,
    count_unread,
    run_checks,
    store_captures,
    store_readings,
    store_sources,
    unread_captures,
)
from warehouse.tables import CLAIM, TABLES

TOO_SHORT = Rejected(
    capture_id=None, stage="read", reason=Reason.TOO_SHORT, detail="nine words; see the page"
)


def table_hashes(lake: Lake, *, but_for: tuple[str, ...] = ()) -> dict[str, str]:
    """One hash per table over its sorted rows, the claim left out."""
    hashes = {}
    for table in TABLES:
        if table is not CLAIM:
            columns = ", ".join(name for name in table.column_names if name not in but_for)
            found = rows(lake, f"select {columns} from {table.name} order by all")
            hashes[table.name] = hashlib.sha256(repr(found).encode()).hexdigest()
    return hashes


def a_night() -> list:
    same = prose(1)
    return [
        page("a", same),
        page("b", prose(2)),
        page("c", [prose(3), prose(4)]),
        page("a", same, source="zz_wire"),
        page("d", "", rejected=[TOO_SHORT]),
        page("a", prose(5), hours=1),
    ]


def test_loading_twice_changes_nothing(lake: Lake):
    load(lake, *a_night())
    once = table_hashes(lake)
    snapshots = rows(lake, "select sum(length(text)) from blocks")

    load(lake, *a_night(), run_id="another run")

    assert table_hashes(lake) == once
    assert rows(lake, "select sum(length(text)) from blocks") == snapshots
    assert run_checks(lake) == []


def test_three_states_of_an_article_end_the_same_in_whatever_order_they_come(lake: Lake):
    """Forwards, backwards, and with the first one last."""
    seen = set()
    for number, order in enumerate([(0, 1, 2), (2, 1, 0), (1, 2, 0)]):
        states = [page(f"a{number}", prose(state), hours=state) for state in range(3)]
        for state in order:
            store(lake, states[state])
        seen.add(
            str(
                rows(
                    lake, f"select text, captured_at, first_seen_at from articles where url like '%a{number}'"
                )
            )
            + str(
                rows(
                    lake,
                    f"select text from article_versions where url like '%a{number}' order by captured_at",
                )
            )
        )
    assert len(seen) == 1


def test_a_correction_makes_version_two_and_says_what_changed(lake: Lake):
    store(lake, page("a", prose(1)))
    counts = store_readings(
        lake, [page("a", prose(2), hours=24, title="Corrected headline")], run_id="second", now=NOW
    )

    assert counts == LoadCounts(changed=1)
    assert rows(lake, "select version, text, title, run_id from articles") == [
        (2, prose(2), "Corrected headline", "second")
    ]
    assert rows(lake, "select version, changes from article_versions order by version") == [
        (1, []),
        (2, ["title", "text"]),
    ]
    assert rows(lake, "select first_seen_at from articles") == [(NOW,)]
    assert rows(lake, "select changes, is_by_publisher, text_before from mart_corrections") == [
        (["title", "text"], True, prose(1))
    ]


def test_a_correction_taken_back_is_a_third_version(lake: Lake):
    store(lake, page("a", prose(1)), page("a", prose(2), hours=1), page("a", prose(1), hours=2))
    assert rows(lake, "select version, text from articles") == [(3, prose(1))]


def test_the_same_content_in_a_later_capture_is_no_new_version(lake: Lake):
    store(lake, page("a", prose(1)))
    counts = store_readings(
        lake, [page("a", prose(1), hours=9, furniture=["Other menu"])], run_id="r", now=NOW
    )
    assert counts == LoadCounts(unchanged=1)
    assert rows(lake, "select count(*) from article_versions") == [(1,)]


def test_an_older_capture_never_replaces_what_was_seen_later(lake: Lake):
    """A web archive brings an earlier state: it takes its place in the past, and the first sight moves back."""
    store(lake, page("a", prose(1)))
    load(lake, page("a", prose(2), hours=-48))
    assert rows(lake, "select text, first_seen_at from articles") == [(prose(1), NOW - timedelta(hours=48))]
    assert rows(lake, "select count(*) from article_versions") == [(2,)]
    assert run_checks(lake) == []


def test_blocks_are_those_of_the_newest_version(lake: Lake):
    store(lake, page("a", prose(1)))
    store(lake, page("a", prose(2), hours=1))
    text = rows(lake, "select string_agg(text, chr(10) order by position) from blocks where kind = 'body'")
    assert text == [(prose(2),)]


def test_every_block_keeps_its_place_on_the_page_and_what_stands_outside_too(lake: Lake):
    capture, reading = page("a", prose(1))
    (menu,) = reading.chrome
    store(lake, (capture, replace(reading, chrome=(replace(menu, path="body > nav"),))))
    assert rows(lake, "select position, path from blocks order by position") == [
        *((place, f"article:nth-of-type(1) > p:nth-of-type({place + 1})") for place in range(4)),
        (4, "body > nav"),
    ]


def test_a_page_cut_short_is_marked_in_the_article_and_its_version(lake: Lake):
    store(lake, page("a", prose(1), is_cut=True), page("b", prose(2)))
    for table in ("articles", "article_versions"):
        assert rows(lake, f"select is_cut from {table} order by url") == [(True,), (False,)]


def test_evidence_is_that_of_the_newest_version_and_goes_with_its_article(lake: Lake):
    store(lake, page("a", [prose(1), prose(2)]))
    later, nothing = page("a", [prose(1), prose(3)], hours=1, evidence=(claim("title", "heading", "New"),))
    store(lake, (later, nothing))
    assert rows(
        lake, "select part, field, value from evidence join articles using (article_id) order by all"
    ) == [
        (0, "published", "2026-11-19"),
        (0, "published", "2026-11-20"),
        (0, "title", "Headline 0"),
        (1, "title", "New"),
    ]
    store(lake, (later, replace(nothing, articles=nothing.articles[:1], reader_version="2")))
    assert rows(lake, "select distinct part from evidence join articles using (article_id)") == [(0,)]
    assert rows(lake, "select count(*) from explained_evidence") == [(0,)]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((("meta", "2026-11-20", True), ("url", "2026-11-19", False)), (1, None)),
        # 20:00 UTC is the next day in Karachi
        ((("json-ld", "2026-11-19T20:00:00+00:00", True), ("text", "2026-11-20", True)), None),
        ((("json-ld", "2026-11-19T20:00:00+00:00", True), ("text", "2026-11-19", False)), (1, 0)),
        ((("json-ld", "2026-11-20T04:15:00Z", True), ("time", "2026-11-20T04:16:10Z", False)), None),
        ((("json-ld", "2026-11-20T04:15:00Z", True), ("og", "2026-11-20T09:15:00Z", False)), (0, 300)),
        ((("meta", "2026-11-20", True), ("text", "2026-11", False)), None),
    ],
)
def test_places_that_state_different_dates_are_found(lake: Lake, claims, expected):
    zone = KnownSource(
        source="zz_post",
        publisher="The Post",
        home="http://zz-post.example",
        country="zz",
        languages=("en",),
        timezone="Asia/Karachi",
        access="open",
        source_group="sample",
        is_enabled=True,
        keep_query=(),
        note=None,
    )
    store_sources(lake, [zone])
    evidence = [claim("published", origin, value, is_chosen=chosen) for origin, value, chosen in claims]
    store(lake, page("a", prose(1), evidence=(*evidence, claim("modified", "meta", "2026-12-24"))))

    found = rows(
        lake, "select days_apart, minutes_apart, followed, not_followed from mart_date_disagreements"
    )

    said = [
        [f"{origin}: {value}" for origin, value, chosen in claims if chosen is which]
        for which in (True, False)
    ]
    assert found == ([] if expected is None else [(*expected, said[0], said[1])])


def test_a_better_reader_replaces_the_ledger_without_a_new_version(lake: Lake):
    capture, reading = page("a", prose(1))
    store(lake, (capture, reading))
    article = reading.articles[0]
    title, *body = article.blocks
    relabelled = replace(article, blocks=(replace(title, rule="title.better"), *body), reader_version="2")

    counts = store_readings(
        lake, [(capture, replace(reading, articles=(relabelled,), reader_version="2"))], run_id="r", now=NOW
    )

    assert counts == LoadCounts(unchanged=1)
    assert rows(lake, "select rule from blocks where kind = 'title'") == [("title.better",)]
    assert rows(lake, "select version, reader_version from articles") == [(1, "2")]


def test_an_article_that_a_better_reader_no_longer_finds_is_withdrawn(lake: Lake):
    capture, reading = page("a", [prose(1), prose(2)])
    store(lake, (capture, reading))
    first, second = reading.articles
    one_article = replace(
        reading, articles=(first,), chrome=(*second.blocks, *reading.chrome), reader_version="2"
    )

    load(lake, (capture, one_article))

    assert rows(lake, "select article_id from articles") == [(first.article_id,)]
    assert rows(
        lake,
        "select version, changes, text from article_versions where article_id = "
        f"'{second.article_id}' order by version",
    ) == [(1, [], prose(2)), (2, ["withdrawn"], None)]
    assert run_checks(lake) == []

    load(lake, (capture, reading))
    assert rows(lake, f"select version, text from articles where article_id = '{second.article_id}'") == [
        (3, prose(2))
    ]
    assert rows(lake, "select changes from article_versions where version = 3") == [(["restored"],)]
    assert run_checks(lake) == []


def test_a_withdrawn_article_that_a_later_page_carries_is_asked_for_again(lake: Lake):
    """The later capture read the same, so it made no version of its own; only a new reading can bring it back."""
    earlier, later = page("a", prose(1)), page("a", prose(1), hours=5)
    store(lake, earlier, later)
    nothing = replace(earlier[1], articles=(), chrome=(), rejected=(TOO_SHORT,), reader_version="2")

    store_readings(lake, [(earlier[0], nothing)], run_id="r", now=NOW)

    assert [
        c.capture_id for b in unread_captures(lake, Unread.NEVER_READ, reader_version="1") for c in b
    ] == [later[0].capture_id]
    load(lake, later)
    assert rows(lake, "select text, capture_id from articles") == [(prose(1), later[0].capture_id)]
    assert run_checks(lake) == []


def test_rejected_things_are_replaced_when_their_capture_is_read_again(lake: Lake):
    capture, reading = page("a", "", rejected=[TOO_SHORT])
    store(lake, (capture, reading))
    assert rows(lake, "select source, url, stage, reason from rejected") == [
        ("zz_post", capture.url, "read", "too_short")
    ]
    store(lake, (capture, replace(page("a", prose(1))[1], rejected=())))
    assert rows(lake, "select count(*) from rejected") == [(0,)]


def test_two_articles_with_one_id_in_one_capture_keep_the_first_and_set_the_other_aside(lake: Lake):
    capture, reading = page("a", [prose(1), prose(2)])
    first, second = reading.articles
    twins = replace(reading, articles=(first, replace(second, article_id=first.article_id)))
    for _ in range(2):
        load(lake, (capture, twins))
        assert rows(lake, "select text, version from articles") == [(prose(1), 1)]
        assert rows(lake, "select stage, detail[:6] from rejected") == [("load", "part 1")]
        assert run_checks(lake) == []
    kept = rows(lake, "select count(*) from blocks where article_id is null")
    assert kept == [(len(second.blocks) + 1,)]


def test_every_field_of_an_article_comes_back(lake: Lake):
    capture, reading = page(
        "a?id=7&utm_source=x",
        "سطر اول\nسطر دوم",
        agency="Agency",
        agency_rule="agency.line",
        dek="Below",
        language="fa",
    )
    store_sources(lake, [_source(keep_query=("id",))])
    store(lake, (capture, reading))
    article = reading.articles[0]
    names = [name for name in article.__dataclass_fields__ if name not in ("blocks", "evidence")]
    (stored,) = rows(lake, f"select {', '.join(names)} from articles")
    expected = [list(v) if isinstance(v := getattr(article, name), tuple) else v for name in names]
    assert list(stored) == expected
    blocks = rows(
        lake,
        "select position, text, kind, rule, confidence, path from blocks where article_id is not null order by 1",
    )
    assert blocks == [astuple(block) for block in article.blocks]
    claims = rows(lake, "select field, origin, value, text, is_chosen from evidence order by position")
    assert claims == [astuple(one) for one in article.evidence]
    (key,) = rows(lake, "select url_key from articles")[0]
    assert "id=7" in str(key)
    assert "utm_source" not in str(key)


def test_unread_captures_come_in_batches_that_keep_under_the_limit(lake: Lake):
    pages = [page(f"p{number}", prose(number)) for number in range(9)]
    store_captures(lake, [capture for capture, _ in pages])
    size = len(pages[0][0].body)

    batches = list(unread_captures(lake, Unread.NEVER_READ, reader_version="1", batch_bytes=size * 4))

    assert {capture.capture_id for batch in batches for capture in batch} == {c.capture_id for c, _ in pages}
    assert sorted(c.capture_id for b in batches for c in b) == sorted(c.capture_id for c, _ in pages)
    assert all(sum(len(capture.body) for capture in batch) <= size * 4 for batch in batches)
    assert {capture for batch in batches for capture in batch} == {capture for capture, _ in pages}


@pytest.mark.parametrize(
    ("which", "left"), [(Unread.NEVER_READ, 1), (Unread.BY_ANOTHER_READER, 2), (Unread.ALL, 3)]
)
def test_what_is_left_to_read_depends_on_who_asks(lake: Lake, which: Unread, left: int):
    read_now, read_before, unread = (
        page("a", prose(1), reader="2"),
        page("b", prose(2), reader="1"),
        page("c", "x"),
    )
    store_captures(lake, [capture for capture, _ in (read_now, read_before, unread)])
    store_readings(lake, [read_now, read_before], run_id="r", now=NOW)
    assert count_unread(lake, which, reader_version="2") == left


def test_kinds_that_are_no_text_stay_out_of_the_text_and_in_the_ledger(lake: Lake):
    store(lake, page("a", prose(1)))
    assert rows(lake, "select kind, rule, block_count, in_article_count from mart_ledger order by kind") == [
        (BlockKind.CHROME.value, "chrome.menu", 1, 0),
        (BlockKind.TITLE.value, "title.default", 1, 1),
    ]


def test_an_empty_batch_is_no_transaction(lake: Lake):
    before = rows(lake, "select turn from claim")
    assert store_readings(lake, [], run_id="r", now=NOW) == LoadCounts()
    assert rows(lake, "select turn from claim") == before


def _source(**fields: object) -> KnownSource:
    return KnownSource(
        **{
            "source": "zz_post",
            "publisher": "The Post",
            "home": "http://zz-post.example/",
            "country": "zz",
            "languages": ("en",),
            "timezone": "UTC",
            **fields,
        }  # type: ignore[arg-type]
    )
