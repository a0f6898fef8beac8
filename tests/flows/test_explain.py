"""What `nightwire explain` shows of a page: each block with its place, each field with what the page claimed of it."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from articles.records import Block, BlockKind
from flows.terminal import explain_reading
from tests.warehouse.pages import claim, page, prose

PATH = "body > main > div:nth-of-type(2) > article > section:nth-of-type(4) > p:nth-of-type(11)"


def explained(width: int, **fields: object) -> list[str]:
    _, reading = page("a", prose(1, paragraphs=1, words=3), **fields)
    out = StringIO()
    explain_reading(Console(file=out, width=width, soft_wrap=True), reading)
    return out.getvalue().splitlines()


def test_a_block_is_followed_by_its_place_and_one_without_a_place_by_none():
    lines = explained(80)
    title = next(n for n, line in enumerate(lines) if line.lstrip().startswith("0 title"))
    assert lines[title + 1] == "     article:nth-of-type(1) > p:nth-of-type(1)"
    assert lines[-1].split() == ["2", "chrome", "chrome.menu", "Menu"]


@pytest.mark.parametrize("width", [24, 60])
def test_a_place_never_runs_over_a_narrow_terminal_and_keeps_its_end(width):
    block = Block(position=0, text="One", kind=BlockKind.BODY, rule="body.default", confidence=1, path=PATH)
    lines = explained(width, blocks=(block,))
    (place,) = [line for line in lines if line.endswith("p:nth-of-type(11)")]
    assert place.startswith("     …")
    assert cell_len(place) == width


def test_a_field_names_the_places_it_was_found_in_and_the_claims_it_does_not_follow():
    lines = explained(
        200,
        evidence=(
            claim("title", "og", "Headline 0"),
            claim("title", "heading", "Headline 0"),
            claim("title", "title-element", "Headline 0 | The Post", is_chosen=False),
            claim("modified", "meta", "2026-11-31", is_chosen=False),
        ),
    )
    title = lines.index("  title      Headline 0")
    assert lines[title + 1].strip() == "from og, heading; also claimed: Headline 0 | The Post (title-element)"
    modified = lines.index("  modified   (not known)")
    assert lines[modified + 1].strip() == "also claimed: 2026-11-31 (meta)"


@pytest.mark.parametrize(("is_cut", "said"), [(True, 1), (False, 0)])
def test_a_page_cut_short_is_said_to_be(is_cut, said):
    assert sum("text may be missing" in line for line in explained(80, is_cut=is_cut)) == said
