"""The nightly summary stays short, however many copies a night brings."""

from __future__ import annotations

from datetime import date

from flows import report
from flows.run import Run
from tests.warehouse.pages import load, page, prose
from warehouse import Lake, publish


def test_the_widest_wires_are_told_with_who_changed_what_and_the_others_counted(tmp_path):
    wires = [prose(number, paragraphs=3, words=50) for number in range(7)]
    wide = page(
        "wide",
        f"{wires[3]}\n{prose(99, paragraphs=1)}",
        source="zz_third",
        title="Another\x1b headline " * 20,
    )
    pages = [
        *(page(f"{number}", text, source="zz_first", agency="Reuters") for number, text in enumerate(wires)),
        *(page(f"{number}", text, source="zz_second", hours=1) for number, text in enumerate(wires)),
        wide,
    ]
    lake = Lake.create_or_open(tmp_path / "lake")
    try:
        load(lake, *pages, run_id="night")
        publish(lake)
        lines = report.night(Run(lake=lake, run_id="night", night=date(2026, 11, 21))).splitlines()
    finally:
        lake.close()
    start = lines.index("widest wires")
    assert lines[start + 1] == "  3 publishers, Reuters (named by 1 of 3 articles): Headline 0"
    assert lines[start + 2] == "      first       zz_first"
    assert lines[start + 3] == "      added most  zz_third: 40 words of its own"
    assert lines[start + 4].startswith("      headline    zz_third: Another headline Another")
    others = lines[start + 5 : start + 13 : 2]
    assert set(others) == {"  2 publishers, Reuters (named by 1 of 2 articles): Headline 0"}
    assert lines[start + 13].startswith(
        "  and 2 more texts that several publishers carry; all: nightwire sql"
    )
    assert lines[start + 14].startswith("pairs of articles that share text: ")
    assert "7 identical" in lines[start + 14]
    assert max(map(len, lines[start : start + 13])) <= report.WIDTH
    assert "\x1b" not in "".join(lines)


DEAD = "At least twelve people were killed when the ferry struck the pier at noon, the harbour office said on Friday."
DENIED = "The owner of the ferry has denied that more people were on board than the eighty the boat is built to carry."
BRIDGE = "The bridge beside the pier has been closed since the winter, and carts have crossed by boat ever since then."
OPENED = "The harbour office has opened an inquiry, and the mayor asked for the wreck to be raised before the spring."


def test_what_publishers_did_to_their_texts_is_told_figures_paragraphs_and_headlines(tmp_path):
    """A correction of the same page, one left as it was, and a text that stands at another address too."""
    before = f"{DEAD}\n{DENIED}\n{BRIDGE}\n{prose(5, paragraphs=1, words=60)}"
    after = f"{DEAD.replace('twelve', 'fifteen')}\n{BRIDGE}\n{prose(5, paragraphs=1, words=60)}\n{OPENED}"
    lake = Lake.create_or_open(tmp_path / "lake")
    try:
        load(
            lake,
            page("a", before, source="zz_first", title="Twelve dead at the pier"),
            page("c", prose(7), source="zz_second", title="Left as it was"),
            run_id="night-1",
        )
        load(
            lake,
            page("a", after, source="zz_first", title="Fifteen dead at the pier", hours=24),
            page(
                "c", prose(7), source="zz_second", title="Left as it was", hours=24, furniture=("Menu", "New")
            ),
            page("d", f"{prose(7)}\n{OPENED}", source="zz_second", title="Left as it was", hours=24),
            run_id="night-2",
        )
        publish(lake)
        first, second = (
            report.night(Run(lake=lake, run_id=f"night-{n}", night=date(2026, 11, 21))).splitlines()
            for n in (1, 2)
        )
    finally:
        lake.close()
    assert not any(line.startswith("changed by their publishers") for line in first)
    start = second.index("changed by their publishers after they were printed")
    assert [line.rstrip() for line in second[start + 1 : start + 9]] == [
        "  zz_first: Fifteen dead at the pier",
        "      headline    Twelve dead at the pier → Fifteen dead at the pier",
        "      figure      twelve → fifteen: … At least fifteen people were killed when …",
        f"      dropped     a paragraph of 22 words: {DENIED[:74]}…",
        f"      added       a paragraph of 20 words: {OPENED[:74]}…",
        f"      {'':12}and 1 more change",
        "  zz_second, again at another address: Left as it was",
        f"      added       a paragraph of 20 words: {OPENED[:74]}…",
    ]
