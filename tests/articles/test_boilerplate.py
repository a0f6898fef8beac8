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
