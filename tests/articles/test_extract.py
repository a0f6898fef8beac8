"""Blocks of a page: what stands in one, and what the tree alone says of it."""

from __future__ import annotations

from time import process_time

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


def find(tree: html.HtmlElement, place: str) -> list[html.HtmlElement]:
    """Follow a place as CSS would: each step a child of the one before, the first anywhere."""
    found = [element for element in tree.iter() if matches(element, place.split(" > ")[0])]
    for step in place.split(" > ")[1:]:
        found = [child for element in found for child in element if matches(child, step)]
    return found


def matches(element: html.HtmlElement, step: str) -> bool:
    name, _, nth = step.partition(":nth-of-type(")
    tag, _, css = name.partition(".")
    same = [element, *element.itersiblings(tag, preceding=True)]
    return (
        element.tag == tag
        and (not css or css in element.get("class", "").split())
        and (not nth or len(same) == int(nth.rstrip(")")))
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("<main><article class='story big'><p>a</p><p>b</p><p>Verne</p></article></main>", "main > article.story > p:nth-of-type(3)"),
        ("<p>Verne</p>", "p"),
        ("Verne", "body"),
        ("<div class='css-1'><p hidden>a</p><p>Verne</p></div>", "div.css-1 > p:nth-of-type(2)"),
        ("<p class='1st'>Verne</p>", "p"),
        (f"<p class='{'x' * 25}'>Verne</p>", "p"),
        ("<a class='card'><div>a</div></a><a class='card'><div>Verne</div></a>", "a.card:nth-of-type(2) > div"),
        ("<ul><li>a<li><b>Verne</b></ul>", "ul > li:nth-of-type(2)"),
        ("<div><div><div><div><div><div><div><p>Verne</p></div></div></div></div></div></div></div>", "div > div > div > div > div > p"),
    ],
    ids=["classes", "alone", "no box", "after hidden", "odd class", "long class", "in links", "item", "deep"],
)  # fmt: skip
def test_a_place_leads_to_the_block_element(body, place):
    tree = html.document_fromstring(f"<html><body>{body}</body></html>")
    piece = next(piece for piece in extract.read_blocks(tree) if piece.text == "Verne")
    assert piece.place == place
    found = find(tree, place)
    assert "Verne" in found[-1].text_content()
    assert place.startswith("div > div") or len(found) == 1


def test_every_place_of_a_page_leads_to_its_text():
    rows = "".join(
        f"<li class='i{n % 3}'><a href='/{n}'><h3>Row {n}</h3></a><span>Text {n}.</span></li>"
        for n in range(9)
    )
    tree = html.document_fromstring(f"<html><body><nav><ul>{rows}</ul></nav>{story('t')}</body></html>")
    pieces = extract.read_blocks(tree)
    assert len(pieces) == 22
    for piece in pieces:
        (element,) = find(tree, str(piece.place))
        assert piece.text in element.text_content()


def test_a_block_knows_its_links_its_picture_and_its_class():
    pieces = read(
        "<div class=' lead  wide '><p>Boats <a href='/1'>lie</a> dry, <a href='/2'>says<b> Verne</b></a><a href='/3'> </a></p>"
        "<p><img src='/1.jpg'>Under it</p><div class='u'>Beside</div></div>"
    )
    boats, under, beside = pieces["Boats lie dry, says Verne"], pieces["Under it"], pieces["Beside"]
    assert [piece.link_count for piece in (boats, under, beside)] == [2, 0, 0]
    assert [piece.has_image for piece in (boats, under, beside)] == [False, True, False]
    assert [piece.is_under_image for piece in (boats, under, beside)] == [False, True, False]
    assert [piece.style for piece in (boats, under, beside)] == ["", "", "u"]
    assert {piece.depth for piece in (boats, under, beside)} == {len(boats.path)}
    assert {piece.box_chars for piece in (boats, under, beside)} == {len("BoatsliedrysaysVerneUnderitBeside")}
    assert 0 < boats.box_link_share < boats.link_share < 1


def test_the_extractors_choice_is_kept_as_a_share():
    pieces = read(f"<nav><ul><li>Home</li><li>Town</li></ul></nav>{story('')}")
    assert [piece.chosen_share for piece in pieces.values()] == [0, 0, 1, 1, 1, 1]
    assert [piece.is_chosen for piece in pieces.values()] == [False, False, True, True, True, True]


@pytest.mark.parametrize(
    "body",
    [
        "<div class='ad promo'>x" * 2_000,
        "<div class='ad'>" * 2_000 + "<p>x</p>" * 30_000,
        "<p>x</p>" * 30_000,
        "<span>" * 2_000 + "<div>x</div>" * 30_000,
        f"<p class='{'ad ' * 300_000}' id='{'-share' * 300_000}' style='{'display ' * 100_000}'>x</p>",
    ],
    ids=["deep", "deep and wide", "wide", "in inline elements", "long attributes"],
)
def test_a_hostile_page_costs_what_its_elements_cost(body, monkeypatch):
    """Linear work takes about a second; the extractor itself is left out."""
    monkeypatch.setattr(extract, "_ask_trafilatura", lambda *_: [])
    tree = html.document_fromstring(f"<html><body>{body}", parser=html.HTMLParser(huge_tree=True))
    started = process_time()
    pieces = extract.read_blocks(tree)
    assert {piece.text for piece in pieces} == {"x"}
    assert process_time() - started < 10


def test_an_answer_that_is_not_on_the_page_is_not_looked_for_endlessly(monkeypatch):
    """JSON-LD may hold any text: a million letters looked for in a million others."""
    monkeypatch.setattr(
        extract, "_ask_trafilatura", lambda *_: ["".join(f"{n:x}z" for n in range(200_000))] * 2
    )
    tree = html.document_fromstring(f"<p>{'the bridge is closed ' * 50_000}</p>{story('')}")
    started = process_time()
    assert not any(piece.is_chosen for piece in extract.read_blocks(tree))
    assert process_time() - started < 10
