"""Two texts side by side: no word is lost, and what an editor did to a text is what is shown."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.alignment import Change, Row, align, shares
from articles.fingerprints import normalise

WORDS = st.sampled_from(
    [*"abcdefgh", "well-known", "—", "Don’t", "ﷺ", "漢字", "می‌رود", "(الخبر)", "\u202eevil"]
)
PARAGRAPH = st.lists(WORDS, max_size=12).map(" ".join)
TEXT = st.one_of(st.text(max_size=60), st.lists(PARAGRAPH, max_size=6).map("\n".join))

LEDE = "Ministers of both countries met on the Blue Bridge on Friday and signed nothing at all"
TOLD = "A spokesman said that the talks would go on next week in the old customs house"
CLOSE = "Trucks with grain have waited on the eastern bank since the middle of last month"


def sides(rows: list[Row]) -> tuple[list[list[tuple[Change, str]]], ...]:
    """Each side as its paragraphs, each of these as its pieces."""
    return tuple(
        [[(piece.change, piece.text) for piece in paragraph] for row in rows for paragraph in side(row)]
        for side in (lambda row: row.first, lambda row: row.second)
    )


def printed(text: str) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def seen(first: str, second: str) -> tuple[str, str]:
    """Both sides as wdiff would print them."""
    marks = {
        Change.KEPT: ("", ""),
        Change.CUT: ("[-", "-]"),
        Change.ADDED: ("{+", "+}"),
        Change.CHANGED: ("<", ">"),
        Change.MOVED: ("~", "~"),
    }
    texts = []
    for paragraphs in sides(align(first, second)):
        lines = []
        for pieces in paragraphs:
            lines.append(" ".join(f"{marks[one][0]}{text.strip()}{marks[one][1]}" for one, text in pieces))
        texts.append("\n".join(lines))
    return texts[0], texts[1]


@settings(max_examples=100, deadline=None)
@given(first=TEXT, second=TEXT)
def test_no_word_of_either_text_is_lost_and_each_stays_in_its_place(first, second):
    rows = align(first, second)
    for text, paragraphs in zip((first, second), sides(rows), strict=True):
        assert ["".join(piece for _, piece in pieces) for pieces in paragraphs] == printed(text)
    kept = [
        " ".join(
            normalise(piece) for pieces in side for change, piece in pieces if change is Change.KEPT
        ).split()
        for side in sides(rows)
    ]
    assert kept[0] == kept[1]
    assert shares(rows).words[0] >= len(printed(first))


@settings(max_examples=100, deadline=None)
@given(first=TEXT, second=TEXT)
def test_the_other_way_round_what_was_cut_is_added(first, second):
    turned = {Change.CUT: Change.ADDED, Change.ADDED: Change.CUT}
    there, back = sides(align(first, second)), sides(align(second, first))
    assert there == tuple(
        [[(turned.get(change, change), text) for change, text in pieces] for pieces in side]
        for side in back[::-1]
    )


@settings(max_examples=50, deadline=None)
@given(text=TEXT)
def test_equal_texts_are_kept_whole(text):
    rows = align(text, text)
    assert {change for side in sides(rows) for pieces in side for change, _ in pieces} <= {Change.KEPT}
    assert all(len(row.first) == len(row.second) == 1 for row in rows)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("قال الوزير إنّ المعبر سيُفتح", "قال الوزير إن المعبر سيفتح"),
        ("إن الأمن مسؤوليّة الجميع", "ان الامن مسؤولية الجميع"),
        ("وزیر نے کہا کہ يہ پل بند ہے", "وزیر نے کہا کہ یه پل بند هے"),
        ("می‌رود به مرز ۱۲ کیلومتر", "می رود به مرز 12 کیلومتر"),
        ("“It’s over,” he said — twice", '"It\'s over", he said twice'),
        ("a well-known café", "A well known cafe"),
    ],
)
def test_other_letters_for_the_same_words_are_no_change(first, second):
    found = shares(align(first, second))
    assert (found.cut, found.added, found.changed, found.kept_share) == (0, 0, (0, 0), 1)


@pytest.mark.parametrize(
    ("first", "second", "left", "right"),
    [
        pytest.param(
            f"{LEDE}\n{TOLD}\n{CLOSE}",
            f"{LEDE}\n{CLOSE}",
            f"{LEDE}\n[-{TOLD}-]\n{CLOSE}",
            f"{LEDE}\n{CLOSE}",
            id="a paragraph is cut",
        ),
        pytest.param(
            LEDE,
            LEDE.replace("Friday", "Saturday night"),
            LEDE.replace("Friday", "<Friday>"),
            LEDE.replace("Friday", "<Saturday night>"),
            id="a word is changed",
        ),
        pytest.param(
            LEDE,
            LEDE.replace("met", "met again"),
            LEDE,
            LEDE.replace("met", "met {+again+}"),
            id="a word is added",
        ),
        pytest.param(
            f"{LEDE}\n{TOLD}\n{CLOSE}\n{CLOSE.upper()}",
            f"{TOLD}\n{CLOSE}\n{CLOSE.upper()}\n{LEDE}",
            f"~{LEDE}~\n{TOLD}\n{CLOSE}\n{CLOSE.upper()}",
            f"{TOLD}\n{CLOSE}\n{CLOSE.upper()}\n~{LEDE}~",
            id="the lede goes to the end",
        ),
        pytest.param(
            f"{LEDE}\n{TOLD}",
            f"{LEDE} {TOLD}",
            f"{LEDE}\n{TOLD}",
            f"{LEDE} {TOLD}",
            id="two paragraphs become one",
        ),
        pytest.param(
            LEDE,
            "At the museum a clerk of both sexes found on a shelf the bones and all of nothing",
            f"[-{LEDE}-]",
            "{+At the museum a clerk of both sexes found on a shelf the bones and all of nothing+}",
            id="words that any two texts share are no copy",
        ),
        pytest.param(
            f"{LEDE}\nOnce more Umm Sidr {TOLD}",
            f"{LEDE}\nOnce more Umm Sidr {CLOSE}",
            f"{LEDE}\n[-Once more Umm Sidr {TOLD}-]",
            f"{LEDE}\n{{+Once more Umm Sidr {CLOSE}+}}",
            id="a phrase that opens many a paragraph is no copy of it",
        ),
        pytest.param("", LEDE, "", f"{{+{LEDE}+}}", id="nothing against something"),
    ],
)
def test_what_an_editor_did_is_what_is_shown(first, second, left, right):
    assert seen(first, second) == (left, right)


def test_paragraphs_that_share_words_stand_in_one_row_and_others_alone():
    rows = align(f"{LEDE}\n{TOLD}\n{CLOSE}", f"{LEDE} {TOLD}\nAn outlet wrote this line itself\n{CLOSE}")
    assert [(len(row.first), len(row.second)) for row in rows] == [(2, 1), (0, 1), (1, 1)]


def _edited(words: int) -> tuple[str, str]:
    chance = random.Random(words)
    first = [f"w{chance.randrange(4000)}" for _ in range(words)]
    second = ["new" if chance.random() < 0.03 else word for word in first if chance.random() > 0.05]
    return tuple(
        "\n".join(" ".join(text[start : start + 50]) for start in range(0, len(text), 50))
        for text in (first, second)
    )


def _seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def test_ten_times_the_words_cost_about_ten_times_as_much():
    short, long = _edited(5_000), _edited(50_000)
    align(*short)
    assert _seconds(lambda: align(*long)) < 40 * max(_seconds(lambda: align(*short)), 0.005)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("war " * 500_000, "war " * 480_000, id="one word, two megabytes"),
        pytest.param("a " + "war " * 60_000 + "b", "c " + "war " * 50_000 + "d", id="one word inside others"),
        pytest.param("x y " * 20_000, "y z " * 20_000, id="two words in turn"),
        pytest.param("x\ny\n" * 6_000, "y\nz\n" * 6_000, id="a word a line"),
        pytest.param("a b c", "z " * 200_000 + "a b c z", id="three words in a long text"),
        pytest.param(
            " ".join(f"v{n}" for n in range(20_000)),
            " ".join(f"v{n + m}" for n in range(19_990, -1, -10) for m in range(10)),
            id="all in another order",
        ),
    ],
)
def test_hostile_texts_are_no_work(first, second):
    """A word by word comparison of the first would take days."""
    rows = []
    assert _seconds(lambda: rows.extend(align(first, second))) < 10
    assert shares(rows).words == (len(normalise(first).split()), len(normalise(second).split()))
