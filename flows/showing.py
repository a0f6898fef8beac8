"""What a person sees of sources: the table of them, what a look found, and a proposed file. Safe for a terminal."""

from __future__ import annotations

import csv
import json
import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.terminal import cell, printable
from flows.trying import Recording, files_folder
from spiders import SourceFile
from spiders.checking import Checked, Finding, Mark
from spiders.proposing import Proposal, Tried

COLUMNS = ("source", "publisher", "country", "languages", "access", "state", "on", "verified", "delay")
MORE_COLUMNS = ("group", "home", "timezone", "note")  # in files only

_COLOURS = {Mark.OK: "green", Mark.LOOK: "yellow", Mark.FAILS: "bold red"}
_VERDICTS = {Mark.OK: "fine", Mark.LOOK: "to be looked at", Mark.FAILS: "do not work"}
_QUIET = "bright_black"
# Columns that may be cut, with the least they keep; and those that go where a terminal is narrow, the first first.
_SQUEEZED = {"publisher": 16, "languages": 8}
_LEFT_OUT = ("delay", "verified")
_WIDEST = 160  # of a line of prose


# ---- the table


def choose_rows(
    sources: Iterable[SourceFile],
    *,
    group: str | None,
    country: str | None,
    language: str | None,
    only_off: bool,
    everything: bool,
) -> list[SourceFile]:
    """The sources that a person asked to see: all but the sample web's, unless its group or everything is asked for."""
    return [
        one
        for one in sources
        if (group is None or one.group == group)
        and (everything or group is not None or not one.is_sample)
        and (country is None or one.country.lower() == country.lower())
        and (language is None or language.lower() in one.languages)
        and (not only_off or not one.enabled)
    ]


def show_table(console: Console, sources: Sequence[SourceFile], *, hidden: int) -> None:
    """Print a row per source, then why those that are off are off.

    Args:
        console: where.
        sources: to be shown.
        hidden: how many more there are that were not asked for.
    """
    rows = [tuple(map(cell, _row(one))) for one in sources]
    widths = _widths(rows, console.width)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in widths.items():
        table.add_column(name, no_wrap=True, overflow="ellipsis", width=width, justify=_side(name))
    for row, one in zip(rows, sources, strict=True):
        shown = [Text(value) for name, value in zip(COLUMNS, row, strict=True) if name in widths]
        table.add_row(*shown, style="" if one.enabled else _QUIET)
    console.print(table, soft_wrap=False)
    off = [one for one in sources if not one.enabled]
    if off:
        console.print(Text("\noff, and why:"))
        for one in off:
            _wrapped(console, f"  {one.name}  ", one.note or "its file does not say", style=_QUIET)
    on, tried = len(sources) - len(off), sum(one.verified != "never" for one in sources)
    left_out = [name for name in COLUMNS if name not in widths]
    text = f"{len(sources)} sources, {on} on, {tried} verified"
    text += f"; {hidden} more are not shown (--all)" if hidden else ""
    text += f"; --csv has {' and '.join(left_out)} too" if left_out else ""
    console.print()
    _wrapped(console, "", f"{text}. `nightwire sources check NAME` tries one.")


def write_table(sources: Iterable[SourceFile], out: TextIO) -> None:
    """The same as CSV, with the columns that no terminal has room for."""
    writer = csv.writer(out)
    writer.writerow((*COLUMNS, *MORE_COLUMNS))
    for one in sources:
        writer.writerow(map(cell, (*_row(one), one.group, one.home, one.timezone, one.note)))


def _row(one: SourceFile) -> tuple[object, ...]:
    return (
        *(one.name, one.publisher, one.country, " ".join(one.languages), one.access, one.state),
        *("yes" if one.enabled else "no", one.verified, f"{one.delay_s:g} s"),
    )


def _widths(rows: Sequence[Sequence[str]], room: int) -> dict[str, int]:
    """The columns that there is room for, each as wide as it needs; those that may be cut are, the widest first."""
    needs = {
        name: max(map(cell_len, column))
        for name, column in zip(COLUMNS, zip(COLUMNS, *rows, strict=True), strict=True)
    }
    least = {name: min(width, _SQUEEZED.get(name, width)) for name, width in needs.items()}
    for name in _LEFT_OUT:
        if sum(least.values()) + len(least) > room:
            del least[name], needs[name]
    while sum(needs.values()) + len(needs) > room:
        cuttable = [name for name in needs if needs[name] > least[name]]
        if not cuttable:
            break
        needs[max(cuttable, key=lambda name: needs[name])] -= 1
    return needs


# ---- what a look found


def show_checked(console: Console, source: SourceFile, checked: Checked) -> None:
    """Print the findings of one source, line by line, and the verdict."""
    console.print(Text(f"{source.name}: {printable(source.publisher)}", style="bold cyan"))
    for about, findings in groupby(checked.findings, key=lambda finding: finding.about):
        _wrapped(console, "  ", about)
        for finding in findings:
            _show_finding(console, finding)
    _show_verdict(console, source, checked)
    console.print()


def _show_finding(console: Console, finding: Finding) -> None:
    _wrapped(console, f"    {finding.mark.value:5}  ", finding.text, style=_COLOURS[finding.mark])
    for line in finding.lines:
        _wrapped(console, "         | ", line)


def _show_verdict(console: Console, source: SourceFile, checked: Checked) -> None:
    counts = {mark: sum(one.mark is mark for one in checked.findings) for mark in Mark}
    file = f"{files_folder()}/{source.name}.toml"
    if checked.mark is Mark.FAILS:
        text = f"does not work as its file has it; findings that fail: {counts[Mark.FAILS]} of {len(checked.findings)}"
    elif checked.mark is Mark.LOOK:
        text = f"works; findings to look at: {counts[Mark.LOOK]} of {len(checked.findings)}. Where all is as it should be, put into {file}"
    else:
        text = f"fine; put into {file}"
    _wrapped(console, "  verdict: ", text, style=_COLOURS[checked.mark])
    if checked.mark is not Mark.FAILS:
        console.print(Text(f"           verified = {checked.checked_at:%Y-%m-%d}"))


def show_verdicts(console: Console, found: Sequence[Checked]) -> None:
    """Print in a line for each verdict which sources have it."""
    for mark in Mark:
        names = [one.source for one in found if one.mark is mark]
        if names:
            head = f"{_VERDICTS[mark]} ({len(names)}): "
            _wrapped(console, head, " ".join(names), style=_COLOURS[mark])


# ---- a recording, and a proposal


def show_recording(console: Console, recording: Recording) -> None:
    """Print what was kept, and how to use it."""
    for file in recording.files:
        console.print(Text(f"{file.stat().st_size:>10,} bytes  {file}"))
    name, folder = recording.folder.name, recording.folder.parent
    console.print(Text(f"look at it again, without network: nightwire sources check {name} --from {folder}"))


def show_tried(console: Console, tried: Iterable[Tried]) -> None:
    """Print what was asked for, and what came of it."""
    for one in tried:
        _wrapped(
            console,
            "  takes  " if one.is_taken else "         ",
            f"{one.via} {one.url}: {one.said}",
            style=_COLOURS[Mark.OK] if one.is_taken else _QUIET,
        )


def proposal_text(proposal: Proposal) -> str:
    """The file as it would be written."""
    return printable(proposal.toml)


def to_fill_in(proposal: Proposal, written: Path | None) -> str:
    """What a person has to do with a proposal."""
    where = f"{written} is written" if written else f"save it as {files_folder()}/{proposal.name}.toml"
    if proposal.missing:
        return f"{where}; before it loads, fill in {', '.join(proposal.missing)}"
    return f"{where}; look it over, then try it with `nightwire sources check {proposal.name}`"


def table_json(sources: Iterable[SourceFile]) -> str:
    """Every key of every source as JSON."""
    return json.dumps([one.model_dump(mode="json") for one in sources], ensure_ascii=False, indent=1)


def _side(name: str) -> Literal["left", "right"]:
    return "right" if name == "delay" else "left"


def _wrapped(console: Console, head: str, text: str, *, style: str = "") -> None:
    """A line with something in front; what does not fit goes on below the text, addresses are never cut."""
    lines = textwrap.wrap(
        cell(text),
        width=max(min(console.width, _WIDEST) - len(head), 20),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for number, line in enumerate(lines or [""]):
        console.print(Text(head if number == 0 else " " * len(head), style=style).append(line, style=""))
