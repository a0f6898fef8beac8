"""What another reading changes: blocks by kind, words of the text, articles, fields, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.records import Block, BlockKind, Reading, Reason, Rejected
from tests.warehouse.pages import page
from warehouse.changes import Kept, KeptArticle, KeptBlock, compare

CAPTURE, READING = page("a", "The bridge at Sangar was opened.\nIt had been closed for a year.")
(ARTICLE,) = READING.articles


def kept_of(reading: Reading) -> Kept:
    """What the lake holds after this reading was stored."""
    owners = [(None, reading.chrome), *((one.article_id, one.blocks) for one in reading.articles)]
    names = KeptArticle.__dataclass_fields__
    return Kept(
        article_ids=[one.article_id for one in reading.articles],
        articles={
            one.article_id: KeptArticle(**{name: getattr(one, name) for name in names})
            for one in reading.articles
        },
        blocks=[
            KeptBlock(position=b.position, kind=b.kind.value, text=b.text, path=b.path, article_id=owner)
            for owner, blocks in owners
            for b in blocks
        ],
        reasons={one.reason.value for one in reading.rejected},
    )


def read_as(*blocks: Block, **fields: object) -> Reading:
    return replace(READING, articles=(replace(ARTICLE, blocks=blocks or ARTICLE.blocks, **fields),))


def changes(reading: Reading, shown_elsewhere: frozenset[str] = frozenset()) -> list[tuple]:
    found = compare(kept_of(READING), reading, shown_elsewhere=shown_elsewhere)
    return [
        (one.change, one.was, one.becomes, one.block_count, one.word_count, one.article_count)
        for one in found
    ]


TITLE, FIRST, SECOND = ARTICLE.blocks
REJECTED = Rejected(capture_id=None, stage="read", reason=Reason.TOO_SHORT, detail="nine words")


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (READING, []),
        (read_as(TITLE, FIRST, replace(SECOND, rule="body.better", path="main > p")), []),
        (read_as(TITLE, FIRST, replace(SECOND, text=" It had been CLOSED for  a year.")), []),
        (
            read_as(
                TITLE, FIRST, replace(SECOND, kind=BlockKind.APPEAL), text="The bridge at Sangar was opened."
            ),
            [("block", "body", "appeal", 1, 7, 1), ("words", "text", None, 0, 7, 1)],
        ),
        (
            read_as(TITLE, FIRST, text="The bridge at Sangar was opened."),
            [("block", "body", None, 1, 7, 1), ("words", "text", None, 0, 7, 1)],
        ),
        (
            read_as(
                TITLE,
                FIRST,
                SECOND,
                Block(position=9, text="Queues formed.", kind=BlockKind.BODY, rule="body.x", confidence=1),
                text=f"{ARTICLE.text}\nQueues formed.",
            ),
            [("block", None, "body", 1, 2, 1), ("words", None, "text", 0, 2, 1)],
        ),
        (
            replace(READING, chrome=(replace(READING.chrome[0], kind=BlockKind.RELATED),)),
            [("block", "chrome", "related", 1, 1, 0)],
        ),
        (read_as(title="Bridge opens"), [("title", None, None, 0, 0, 1)]),
        (
            read_as(published_at=datetime(2026, 11, 20, 4, 15, tzinfo=UTC), agency="Reuters"),
            [("published", None, None, 0, 0, 1), ("agency", None, None, 0, 0, 1)],
        ),
        (read_as(article_id="another"), [("article_id", None, None, 0, 0, 1)]),
        (
            replace(READING, articles=(), chrome=(*ARTICLE.blocks, *READING.chrome), rejected=(REJECTED,)),
            [("article", "article", None, 0, 13, 1), ("rejected", None, "too_short", 0, 0, 0)],
        ),
        (
            replace(READING, articles=(ARTICLE, replace(ARTICLE, article_id="second", blocks=()))),
            [("article", None, "article", 0, 13, 1)],
        ),
    ],
)
def test_a_change_is_counted_where_it_belongs(reading, expected):
    assert sorted(changes(reading), key=str) == sorted(expected, key=str)


def test_blocks_that_the_lake_shows_from_another_capture_are_not_compared():
    reading = read_as(TITLE, FIRST)
    kept = replace(kept_of(READING), blocks=[])
    ours = replace(kept, blocks=[one for one in kept_of(READING).blocks if one.article_id is None])
    assert compare(ours, reading, shown_elsewhere={ARTICLE.article_id}) == []


def test_of_blocks_that_read_alike_those_of_one_kind_are_matched():
    """The headline is gone and its repeat stays: not the other way round."""
    repeat = replace(TITLE, position=8, kind=BlockKind.REPEAT)
    kept = kept_of(read_as(TITLE, repeat))
    (found,) = compare(kept, read_as(repeat), shown_elsewhere=())
    assert (found.was, found.becomes, found.place) == ("title", None, TITLE.path)


def test_a_change_shows_the_field_before_and_after():
    reading = read_as(title=None, published_date=date(2026, 11, 19))
    found = {one.change: one.example for one in compare(kept_of(READING), reading, shown_elsewhere=())}
    assert found == {
        "title": "Headline 0 → (none)",
        "published": "2026-11-20 (day) → 2026-11-19 (day)",
    }


KINDS = st.sampled_from([BlockKind.BODY, BlockKind.CAPTION, BlockKind.APPEAL])
BLOCKS = st.lists(st.tuples(st.sampled_from(["one", "two words", "Two  Words", "three"]), KINDS), max_size=12)


def _blocks(said: list[tuple[str, BlockKind]]) -> tuple[Block, ...]:
    return tuple(
        Block(position=n, text=text, kind=kind, rule="x", confidence=1) for n, (text, kind) in enumerate(said)
    )


@given(before=BLOCKS, after=BLOCKS)
def test_changes_carry_every_kind_from_its_count_before_to_its_count_after(before, after):
    counts = {kind: sum(one is kind for _, one in before) for kind in BlockKind}
    found = compare(
        kept_of(replace(READING, articles=(), chrome=_blocks(before))),
        replace(READING, articles=(), chrome=_blocks(after)),
        shown_elsewhere=(),
    )
    for one in found:
        if one.was:
            counts[BlockKind(one.was)] -= one.block_count
        if one.becomes:
            counts[BlockKind(one.becomes)] += one.block_count
    assert counts == {kind: sum(one is kind for _, one in after) for kind in BlockKind}
    assert all(one.was != one.becomes for one in found)
