"""The scorer of the ledger: what it counts as body lost, and as a kind got right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from articles.records import Block, BlockKind
from benchmarks.score_kinds import TEXT, score_reading
from tests.warehouse.pages import page

BODY = "The ferry to Oshan was stopped on Monday after the engine failed twice."
SECOND = "Passengers were taken across by the boats of the harbour police instead."
CAPTION = "The ferry at the old quay."
TRUTH = {
    "paragraphs": [BODY, SECOND],
    "title": "Ferry to Oshan stopped",
    "captions": [CAPTION],
    "authors": ["Ada Brook"],
}


def score(*said: tuple[BlockKind, str, str]):
    """Blocks as (kind, rule, text); those of a rule that ends in "outside" stand outside the article."""
    blocks = [
        Block(position=n, text=text, kind=kind, rule=rule, confidence=1)
        for n, (kind, rule, text) in enumerate(said)
    ]
    _, reading = page("a", BODY)
    (article,) = reading.articles
    inside = tuple(block for block in blocks if not block.rule.endswith("outside"))
    outside = tuple(block for block in blocks if block.rule.endswith("outside"))
    reading = replace(reading, articles=(replace(article, blocks=inside),), chrome=outside)
    return score_reading(reading, TRUTH, page="a", has_kinds=True)


FIRST_KEPT = (BlockKind.BODY, "body.default", BODY)
SECOND_KEPT = (BlockKind.BODY, "body.default", SECOND)


@pytest.mark.parametrize(
    ("blocks", "lost_blocks"),
    [
        ([FIRST_KEPT, (BlockKind.APPEAL, "appeal.x", SECOND)], 1),
        ([FIRST_KEPT, (BlockKind.APPEAL, "appeal.x", SECOND.upper().replace(".", " !"))], 1),
        (
            [
                FIRST_KEPT,
                SECOND_KEPT,
                (BlockKind.APPEAL, "appeal.x", "Subscribe to the harbour letter today."),
            ],
            0,
        ),
        ([FIRST_KEPT, SECOND_KEPT, (BlockKind.REPEAT, "appeal.x", SECOND)], 0),  # kept elsewhere
        ([(BlockKind.CHROME, "appeal.x", BODY), FIRST_KEPT, SECOND_KEPT], 0),  # a teaser above the text
        ([FIRST_KEPT, (BlockKind.APPEAL, "appeal.x", SECOND), (BlockKind.APPEAL, "appeal.x", SECOND)], 1),
        ([FIRST_KEPT, (BlockKind.CHROME, "appeal.x-outside", SECOND)], 1),
    ],
)
def test_body_is_lost_where_no_copy_of_it_is_kept(blocks, lost_blocks):
    rules = {rule: one for rule, one in score(*blocks).rules.items() if rule.startswith("appeal.x")}
    assert sum(one.body_blocks for one in rules.values()) == lost_blocks
    assert sum(one.body_words for one in rules.values()) == lost_blocks * len(SECOND.split())
    assert {page for one in rules.values() for page in one.pages} == ({"a"} if lost_blocks else set())


def test_a_kind_is_right_where_the_truth_lists_what_the_block_says():
    kinds = score(
        (BlockKind.TITLE, "title.x", "FERRY TO OSHAN STOPPED"),
        (BlockKind.BYLINE, "byline.x", "By Ada Brook, Harbour Editor"),
        (BlockKind.CAPTION, "caption.x", CAPTION),
        (BlockKind.CAPTION, "caption.x", "Another picture altogether, of a hill."),
        FIRST_KEPT,
        (BlockKind.APPEAL, "appeal.x", SECOND),
    ).kinds
    assert [(kinds[name].given, kinds[name].right) for name in ("title", "byline", "caption")] == [
        (1, 1),
        (1, 1),
        (2, 1),
    ]
    assert [(kinds[name].listed, kinds[name].found) for name in ("title", "byline", "caption")] == [
        (1, 1)
    ] * 3
    assert (kinds[TEXT].given, kinds[TEXT].right, kinds[TEXT].listed, kinds[TEXT].found) == (1, 1, 2, 1)


def test_a_line_that_is_not_on_the_page_is_nobodys_to_find():
    kinds = score(FIRST_KEPT, SECOND_KEPT).kinds
    assert (kinds["caption"].listed, kinds["caption"].given) == (0, 0)


def test_a_paragraph_that_names_the_author_does_not_say_the_byline():
    long = f"Ada Brook, who has sailed on the ferry for years, said: {BODY}"
    assert score((BlockKind.BYLINE, "byline.x", long)).kinds["byline"].right == 0
