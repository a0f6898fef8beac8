"""Every row of every rules file proves itself: its example matches, its counter-example does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import html

from articles import extract
from articles.errors import NightwireError
from articles.facts import facts_of
from articles.lines import Piece
from articles.records import TEXT_KINDS, BlockKind
from articles.rules import Rule, RuleSet, load_rules, read_rule

ROW = {"id": "chrome.x", "confidence": 0.9, "example": "a", "counter_example": "b"}


STORY = [
    f"The council of Verne met for the {nth} time this week and heard that the old bridge must stay closed to carts "
    "and lorries until the autumn, because the stones of its middle arch were loosened by the flood."
    for nth in ("first", "second", "third", "fourth", "fifth", "sixth")
]


def pieces_of(example: str, *, is_chosen: bool) -> list[Piece]:
    """The example's own pieces; HTML is put into a page with a story, as its boxes say nothing without one."""
    if not example.startswith("<"):
        return [Piece(text=example, is_chosen=is_chosen)]
    story = [f"<p>{paragraph}</p>" for paragraph in STORY]
    tree = html.document_fromstring(
        f"<html><body><article>{''.join(story[:3])}{example}{''.join(story[3:])}</article></body></html>"
    )
    return [
        replace(piece, is_chosen=is_chosen) for piece in extract.read_blocks(tree) if piece.text not in STORY
    ]


def matches(rule: Rule, example: str) -> bool:
    pieces = pieces_of(example, is_chosen=rule.chosen is not False)
    return any(RuleSet([rule]).find(facts_of(piece), rule.place[0]) for piece in pieces)


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.id)
def test_a_rule_matches_its_example_and_not_its_counter_example(rule):
    assert matches(rule, rule.example)
    assert not matches(rule, rule.counter_example)


def test_rules_have_names_of_their_own_and_never_claim_text():
    names = [rule.id for rule in load_rules()]
    assert len(names) == len(set(names))
    assert not {rule.kind for rule in load_rules()} & TEXT_KINDS


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"pattern": "text"}, "pattern"),
        ({"place": ["roof"]}, "place"),
        ({"confidence": 7.0}, "confidence"),
        ({"pattern": ["("]}, "pattern"),
        ({"id": "related.x"}, "chrome."),
        ({"match": "half"}, "match"),
    ],
)
def test_a_broken_row_is_refused_with_its_place_and_key(change, named):
    with pytest.raises(NightwireError, match=r"chrome\.toml, rule 3") as error:
        read_rule(ROW | change, kind=BlockKind.CHROME, where="chrome.toml, rule 3")
    assert named in str(error.value)
