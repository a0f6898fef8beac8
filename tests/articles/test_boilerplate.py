"""Lines of plain text get the right kind: pages invented for this test, labelled by hand.

Each file under tests/pages/labelled holds one article, a line per block: its kind, a tab, its text.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from articles import read_page
from articles.records import TEXT_KINDS

PAGES = sorted((Path(__file__).parents[1] / "pages" / "labelled").glob("*.txt"))


def load(path: Path) -> list[tuple[str, str]]:
    rows = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines() if line]
    return [(kind, text) for kind, text in rows]


def read(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    body = "\n".join(text for _, text in rows).encode()
    reading = read_page(body, url=None, content_type="text/plain; charset=utf-8")
    assert len(reading.articles) == 1
    return [(block.kind.value, block.text) for block in reading.articles[0].blocks]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_body_stays_and_furniture_goes(path):
    rows = load(path)
    found = read(rows)
    assert [text for _, text in found] == [text for _, text in rows]
    wrong = [
        (want, got, text)
        for (want, text), (got, _) in zip(rows, found, strict=True)
        if (want in TEXT_KINDS) != (got in TEXT_KINDS)
    ]
    assert wrong == []


def test_most_kinds_are_named_right():
    pages = [(rows, read(rows)) for rows in map(load, PAGES)]
    pairs = [(want, got) for rows, found in pages for (want, _), (got, _) in zip(rows, found, strict=True)]
    assert len(PAGES) >= 12
    assert sum(want == got for want, got in pairs) >= 0.95 * len(pairs)


STORY = "".join(
    f"<p>The council of Verne met for the {nth} time this week and heard that the old bridge must stay closed to "
    "carts and lorries until the autumn.</p>"
    for nth in ("first", "second", "third", "fourth")
)
LETTER = (
    "<p>Some time ago I came upon this line about our paper in a magazine for managers, and it has stayed with me.</p>"
    "<p>“Much of what ends up mattering to us,” the author writes, “began as a duty and ended as an insight.”</p>"
)
METER = "<p>You've read 3 of 5 free articles. Subscribe to continue.</p>"


@pytest.mark.parametrize(
    ("below", "is_text"),
    [
        (f"<div>{METER}<div><p>Dear Reader,</p>{LETTER}</div></div>", False),
        (f"<div>{METER}<div>{LETTER}</div></div>", True),  # the rest of a metered text, for all we know
        (f"{METER}<p>Dear Reader,</p>{LETTER}", True),  # not in a box of its own
    ],
    ids=["letter", "no salutation", "no box"],
)
def test_a_letter_in_the_box_of_an_appeal_goes_with_it(below, is_text):
    page = f"<html><body><article><h1>Verne waits for its bridge</h1><div>{STORY}{below}</div></article></body></html>"
    (article,) = read_page(page.encode(), url=None, content_type="text/html").articles

    assert "until the autumn" in article.text
    assert ("“Much of what ends up mattering" in article.text) == is_text
