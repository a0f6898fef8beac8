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
    assert lines[start + 1] == "  3 publishers, Reuters: Headline 0"
    assert lines[start + 2] == "      first       zz_first"
    assert lines[start + 3] == "      added most  zz_third: 40 words of its own"
    assert lines[start + 4].startswith("      headline    zz_third: Another headline Another")
    assert all(line == "  2 publishers, Reuters: Headline 0" for line in lines[start + 5 : start + 13 : 2])
    assert lines[start + 13].startswith(
        "  and 2 more texts that several publishers carry; all: nightwire sql"
    )
    assert lines[start + 14].startswith("pairs of articles that share text: ")
    assert "7 identical" in lines[start + 14]
    assert max(map(len, lines[start : start + 13])) <= report.WIDTH
    assert "\x1b" not in "".join(lines)
