"""Copies are told from strangers by what stands in the other text, however it was trimmed or framed."""

from __future__ import annotations

import json
import os
import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from articles.copies import Meeting, Relation, compare, relate
from articles.fingerprints import shingle_hashes

SHARED = Path(os.environ.get("NIGHTWIRE_SHARED", "../shared"))


def paragraphs(seed: int, count: int = 12, words: int = 40) -> list[str]:
    rng = random.Random(seed)
    vocabulary = [
        "".join(rng.choices("bcdfghklmnprst", k=2)) + rng.choice("aeiou") + str(seed) for _ in range(900)
    ]
    return [" ".join(rng.choices(vocabulary, k=words)).capitalize() + "." for _ in range(count)]


def text(*pieces: list[str]) -> str:
    return "\n".join(paragraph for piece in pieces for paragraph in piece)


STORY, OWN, OTHER = paragraphs(1), paragraphs(2), paragraphs(3)


def words_of(paragraph: str, count: int) -> str:
    return " ".join(paragraph.split()[:count])


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (text(STORY), text(STORY), Relation.IDENTICAL),
        (text(STORY), text(STORY).upper().replace(".", "!"), Relation.IDENTICAL),  # folded alike
        (text(STORY), text(STORY[:6], OWN[:1], STORY[6:]), Relation.NEAR),  # one paragraph of the outlet's own
        (text(STORY), text(OWN[:1], STORY[:7], OWN[1:2]), Relation.SYNDICATED),  # trimmed, framed
        (text(STORY), text(STORY[:4]), Relation.SYNDICATED),  # the first third of it
        (text(STORY, OWN[:6]), text(STORY, OTHER[:6]), Relation.SYNDICATED),  # each went on by itself
        (text(STORY), text(OTHER[:6], [" ".join(STORY[3:5])], OTHER[6:]), Relation.EXCERPT),
        (text(STORY[:3]), text(*(paragraphs(seed) for seed in range(20, 26)), STORY[:3]), Relation.EXCERPT),  # a glued page
        (text(STORY), text(OWN), None),
        (text(STORY), text([words_of(STORY[3], 30)], OTHER), None),  # a caption
        (text(STORY), text(OTHER[:6], [words_of(STORY[3], 40) + " " + words_of(STORY[4], 14)], OTHER[6:]), None),  # a quote of 54 words
        (text(STORY), "", None),
        ("", "", None),
        ("...", "...", None),
        ("Photo gallery", "Photo gallery", None),
        ("Bridge reopens", "Bridge shuts", None),
        ("Subscribe to continue reading", "Subscribe to continue reading", None),
        ("大桥开通", "大桥开通", None),
        ("大桥星期四重新开放通车", "大桥星期四重新开放通车！", Relation.IDENTICAL),
        ("Karsan reopens the Blue Bridge", "Karsan reopens the Blue Bridge.", Relation.IDENTICAL),
        ("word " * 5000, "word " * 400, None),  # one shingle is no text
    ],
)  # fmt: skip
def test_relations(one, other, relation):
    assert compare(one, other).relation == relation
    assert compare(other, one).relation == relation


def test_figures_of_a_trimmed_copy():
    found = compare(text(STORY), text(STORY[:6]))
    assert found.containment_b == 1
    assert found.containment_a == pytest.approx(0.5, abs=0.02)
    assert found.jaccard == pytest.approx(found.containment_a)
    assert found.shared_words == found.longest_run == 6 * 40


def test_a_changed_word_parts_a_run_but_not_a_passage():
    """A desk's changes of single words leave an excerpt an excerpt."""
    quoted = " ".join(STORY[3:5]).split()
    for n in (20, 45, 65):
        quoted[n] = "locally"
    found = compare(text(STORY), text(OTHER[:6], [" ".join(quoted)], OTHER[6:]))
    assert found.longest_run < 40
    assert found.relation == Relation.EXCERPT


def figures(*numbers: object) -> str:
    words = (paragraph.replace("1", "x") for paragraph in STORY)
    return "\n".join(f"{paragraph} {number}" for paragraph, number in zip(words, numbers, strict=False))


@pytest.mark.parametrize(
    ("one", "other", "days", "unites"),
    [
        (figures(21, 9, 30, 4, 17, 25), figures(22, 8, 31, 5, 16, 24), 1, False),  # the next day's bulletin
        (figures(21, 9, 30, 4, 17, 25), figures(22, 8, 31, 5, 16, 24), None, False),
        (figures(21, 9, 30, 4, 17, 25), figures(22, 8, 31, 5, 16, 24), 0, True),  # states of one report
        (figures(21, 9, 30, 4, 17, 25), figures(21, 9, 30, 4, 18, 25), 1, True),  # a count corrected
        (figures("2014م", "5ر33", "17عاما", "و80"), figures("2014", "33.5", "17 عاما", "و 80"), 1, True),  # a desk's spelling
        (figures(21, 9, 30, 4, 17, 25), figures(21, 9, 30, 4), 1, True),  # trimmed
    ],
)  # fmt: skip
def test_the_same_words_around_other_figures_are_another_bulletin(one, other, days, unites):
    meeting = Meeting(shared=40, evidence=40, novel=40, days=days, is_same_source=False)
    assert relate(compare(one, other), meeting).unites == unites


NOTICE = "This material may not be published, broadcast, rewritten or redistributed in whole or in part " + words_of(OTHER[0], 38) + " " + words_of(OTHER[1], 38)  # fmt: skip


def test_a_shared_legal_notice_joins_no_strangers():
    assert compare(text(STORY, [NOTICE]), text(OWN, [NOTICE])).relation is None
    plain = NOTICE.replace("may not be", "is to be")
    assert compare(text(STORY, [plain]), text(OWN, [plain])).relation == Relation.EXCERPT


def test_standing_text_can_be_declared_common():
    standing = paragraphs(9, count=3)
    one, other = text(STORY, standing), text(OWN, standing)
    assert compare(one, other).relation == Relation.EXCERPT
    common = shingle_hashes(text(STORY[-1:], standing, STORY[:1]))
    assert compare(one, other, common=np.sort(common)).shared_words < 10


def test_two_million_letters_are_compared_in_linear_time():
    long_text = text(*(paragraphs(seed) for seed in range(100, 400)))
    assert compare(long_text * 2, text(paragraphs(100))).relation == Relation.EXCERPT


def test_the_seeds_hold_one_story_twice_and_no_other():
    folder = SHARED / "seeds"
    if not (folder / "truth.json").is_file():
        pytest.skip(f"no seeds under {SHARED}; set NIGHTWIRE_SHARED")
    articles = {}
    for name, truth in json.loads((folder / "truth.json").read_text("utf-8")).items():
        lines = (folder / name).read_text("utf-8").split("\n")
        for part, article in enumerate(truth):
            kept = [
                lines[block["line"] - 1]
                for block in article["blocks"]
                if block["kind"] in ("body", "subhead")
            ]
            articles[name[:3], part] = "\n".join(kept)
    related = {(one, other): found.relation for one, other in combinations(articles, 2) if (found := compare(articles[one], articles[other])).relation}  # fmt: skip
    assert related == {(("002", 0), ("003", 0)): Relation.SYNDICATED}
