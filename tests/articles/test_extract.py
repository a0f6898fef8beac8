"""Blocks of a page: what stands in one, and what the tree alone says of it."""

from __future__ import annotations

import pytest
from lxml import html

from articles import extract
from articles.lines import Piece

PARAGRAPHS = [
    f"The council of Verne met for the {nth} time this week and heard that the old bridge must stay closed to carts "
    "and lorries until the autumn, because the stones of its middle arch were loosened by the flood."
    for nth in ("first", "second", "third", "fourth")
]


def read(body: str) -> dict[str, Piece]:
    tree = html.document_fromstring(f"<html><body>{body}</body></html>")
    return {piece.text: piece for piece in extract.read_blocks(tree)}


def story(css: str, inserted: str = "") -> str:
    rows = [f'<p class="{css}">{text}</p>' if css else f"<p>{text}</p>" for text in PARAGRAPHS]
    return f"<article>{''.join(rows[:2])}{inserted}{''.join(rows[2:])}</article>"


@pytest.mark.parametrize(
    ("row", "pieces"),
    [
        (
            "<div><span>12 March 2031 14:30</span> <span>Samira Holt</span></div>",
            ["12 March 2031 14:30", "Samira Holt"],
        ),
        (
            "<td><b>River</b><time>12 March 2031</time><a href='/a'>Odile Marsh</a></td>",
            ["River", "12 March 2031", "Odile Marsh"],
        ),
        ("<div>By <b>Samira Holt</b> <i>in Verne</i></div>", ["By Samira Holt in Verne"]),
        ("<p><b>Verne</b> <i>waits for rain</i></p>", ["Verne waits for rain"]),
        ("<div><b>Samira <i>Holt</i></b></div>", ["Samira Holt"]),
        (
            f"<div><b>Verne</b> <i>{'waits for rain and ' * 5}</i></div>",
            [f"Verne {'waits for rain and ' * 5}".strip()],
        ),
    ],
    ids=["date and name", "cell", "words between", "paragraph", "one item", "prose"],
)
def test_a_row_of_short_items_is_as_many_blocks(row, pieces):
    body = f"<table><tr>{row}</tr></table>" if row.startswith("<td") else row
    assert list(read(body)) == pieces


@pytest.mark.parametrize(
    ("css", "inserted", "trait"),
    [
        ("", "<img src='/1.jpg'><div class='small'>Boats lie dry.</div>", "picture-text"),
        ("t", "<div><img src='/1.jpg'></div><p class='u'>Boats lie dry.</p>", "picture-text"),
        ("t", "<p class='u'>Boats lie dry.</p>", "other-style"),
        ("t", "<img src='/1.jpg'><p class='t'>Boats lie dry.</p>", None),
        ("t", "<p>Boats lie dry.</p>", None),
        ("", "<p class='u'>Boats lie dry.</p>", None),
    ],
    ids=[
        "under picture",
        "under boxed picture",
        "class between classes",
        "class of the text",
        "no class",
        "text without",
    ],
)
def test_a_class_in_which_no_paragraph_stands_is_noticed(css, inserted, trait):
    traits = read(story(css, inserted))["Boats lie dry."].traits
    assert traits & {"picture-text", "other-style"} == ({trait} if trait else set())


def test_nothing_above_or_below_the_text_has_another_style():
    pieces = read(f"<p class='u'>Verne waits.</p>{story('t')}<p class='u'>Boats lie dry.</p>")
    assert not any("other-style" in piece.traits for piece in pieces.values())
