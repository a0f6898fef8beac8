"""What an editor did between two states of a text."""

from __future__ import annotations

import pytest

from articles.edits import EditKind, figures_in, find_edits

LEDE = "The ferry struck the pier at noon with {} people on board, the harbour office said on Friday in a statement."
OWNER = "Its owner said the boat had been looked over in spring and that nobody had found anything wrong with it then."
MAYOR = "The mayor asked for the wreck to be raised before the winter, as carts have no other way over the river now."


def told(before: str, after: str, language: str | None = "en") -> list[tuple[str, str | None, str | None]]:
    edits = find_edits(("Pier", before), ("Pier", after), language)
    return [(edit.kind.value, edit.before, edit.after) for edit in edits]


@pytest.mark.parametrize(
    ("was", "now", "language", "figure"),
    [
        ("12", "15", "en", ("12", "15")),
        ("one", "two", "en", ("one", "two")),
        ("12", "fifteen", "en", ("12", "fifteen")),
        ("1,200", "1,250", None, ("1,200", "1,250")),
        ("twenty-three", "twenty-four", "en", ("twenty-three", "twenty-four")),
        ("2 million", "3 million", "en", ("2 million", "3 million")),
        ("۱۲", "۱۵", "fa", ("۱۲", "۱۵")),
        ("five", "5", "en", None),  # the same figure, written otherwise
        ("1,200", "1200", "en", None),
        ("many", "some", "en", None),
        ("twelve", "fifteen", None, None),  # which words are numbers is not known
    ],
)
def test_a_figure_is_told_when_its_value_changed(was, now, language, figure):
    before, after = (f"{LEDE.format(count)}\n{OWNER}" for count in (was, now))
    figures = [edit[1:] for edit in told(before, after, language) if edit[0] == EditKind.FIGURE]
    assert figures == ([] if figure is None else [figure])


def test_a_figure_is_told_with_the_words_it_stands_among():
    before, after = (f"{LEDE.format(count)}\n{OWNER}" for count in (12, 15))
    (figure, words) = find_edits(("Pier", before), ("Pier", after), "en")
    assert figure.place == "pier at noon with 15 people on board, the"
    assert (words.kind, words.word_count) == (EditKind.WORDS, 1)


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        ([OWNER, MAYOR], [OWNER], [("dropped", MAYOR, None)]),
        ([OWNER], [OWNER, MAYOR], [("added", None, MAYOR)]),
        ([OWNER, MAYOR], [MAYOR, OWNER], []),  # moved, and nothing else
        ([OWNER.replace("'", "’")], [OWNER], []),
        ([OWNER, ""], [OWNER], []),
        ([OWNER], [], [("dropped", OWNER, None)]),
        ([OWNER], [OWNER.replace("spring", "autumn")], [("words", None, None)]),
    ],
)
def test_paragraphs_that_went_or_came_are_told_whole(before, after, edits):
    assert told("\n".join(before), "\n".join(after)) == edits


def test_headlines_differ_by_their_words_alone():
    assert find_edits(("The “Pier”", OWNER), ('THE "PIER"', OWNER), "en") == []
    ((kind, was, now),) = [
        (edit.kind, edit.before, edit.after) for edit in find_edits((None, OWNER), ("Pier", OWNER), "en")
    ]
    assert (kind, was, now) == (EditKind.HEADLINE, None, "Pier")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ten to twelve", [10, 12]),
        ("4.5 percent", [4.5]),
        ("4,5 percent", [4.5]),
        ("on 19.11.2026", [19112026]),
        ("twenty, three", [20, 3]),
        ("no figure", []),
        ("", []),
    ],
)
def test_figures_are_read_by_value(text, values):
    assert [figure.value for figure in figures_in(text, "en")] == values
