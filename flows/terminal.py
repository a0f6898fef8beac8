"""What a person sees: text made safe for a terminal, and readings printed block by block."""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from io import StringIO
from itertools import zip_longest
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typing_extensions import override  # in `typing` from Python 3.12 on

from articles import Article, Block, BlockKind, Reading, Rejected
from articles.records import TEXT_KINDS

# Characters that move the cursor, start an escape sequence or turn the writing direction: a headline may hold them,
# a terminal must not obey them.
_UNSAFE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_HARMLESS = frozenset("\n\u200c\u200d")  # ZWNJ and ZWJ shape Persian and Urdu letters

_COLOURS = {
    BlockKind.TITLE: "bold cyan",
    BlockKind.DEK: "cyan",
    BlockKind.BYLINE: "green",
    BlockKind.PUBLISHED: "green",
    BlockKind.CAPTION: "magenta",
    BlockKind.CREDIT: "magenta",
    BlockKind.WIRE: "yellow",
}
_OTHER = "bright_black"

UNCUT_CHARS = 32  # a column up to this width is never cut, so that ids and counts stay whole
SHOWN_ROWS = 1000  # of an answer shown as a table; files take them all
FILE_WIDTH = 200  # of a table that no terminal bounds


def printable(text: str) -> str:
    """The text without control, bidirectional and unassigned characters, which a terminal would obey."""
    return "".join(one for one in text if one in _HARMLESS or unicodedata.category(one) not in _UNSAFE)


class SafeFormatter(logging.Formatter):
    """A log line that a terminal cannot be harmed by: addresses and headlines in it come from the web."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """The line, without the characters a terminal obeys."""
        return printable(super().format(record))


def show_reading(console: Console, reading: Reading) -> None:
    """Print what was read: each article's record and its text, then what stands outside every article."""
    for article in reading.articles:
        _show_record(console, article)
        for block in article.blocks:
            if block.kind in TEXT_KINDS:
                console.print(
                    Text(printable(block.text), style="bold" if block.kind is BlockKind.SUBHEAD else "")
                )
        taken_out = sum(block.kind not in TEXT_KINDS for block in article.blocks)
        console.print(Text(f"({taken_out} blocks taken out; `nightwire explain` shows them)\n", style=_OTHER))
    _show_rejected(console, reading.rejected)


def explain_reading(console: Console, reading: Reading) -> None:
    """Print every block of the page in order, with its kind and the rule that decided."""
    owners: list[tuple[Block, Article | None]] = [(block, None) for block in reading.chrome]
    for article in reading.articles:
        owners.extend((block, article) for block in article.blocks)
    current: Article | None = None
    for block, article in sorted(owners, key=lambda pair: pair[0].position):
        if article is not None and article is not current:
            _show_record(console, article)
            current = article
        style = "" if block.kind in TEXT_KINDS else _COLOURS.get(block.kind, _OTHER)
        line = Text(f"{block.position:4d} {block.kind.value:12} {block.rule:36} ", style="bright_black")
        line.append(printable(block.text), style=style)
        console.print(line)
        if block.path is not None:
            console.print(Text(_place(block.path, console.width), style=_OTHER))
    _show_rejected(console, reading.rejected)


def _place(path: str, width: int) -> str:
    """A block's place on a line of its own; of one too long for the terminal the end tells more than the start."""
    indent = " " * 5
    shown = printable(path)
    room = max(width - len(indent), 10)
    return indent + (shown if len(shown) <= room else f"…{shown[1 - room :]}")


def _show_record(console: Console, article: Article) -> None:
    unsure = "  (this cut is unsure)" if article.is_start_unsure else ""
    title = article.title or "(no headline of its own)"
    console.print(Text(f"— article {article.part + 1}{unsure}: {printable(title)}", style="bold cyan"))
    if article.is_cut:
        console.print(
            Text("  (the parser gave up before the page's end: text may be missing)", style="yellow")
        )
    facts: Iterable[tuple[str, str, object]] = (  # as shown, as `Evidence.field` names it, the value
        ("title", "title", article.title if _claims(article, "title") else None),
        ("dek", "dek", article.dek),
        ("authors", "authors", ", ".join(article.authors) or None),
        ("published", "published", _published(article)),
        ("modified", "modified", article.modified_at),
        ("dateline", "dateline", article.dateline),
        ("agency", "agency", article.agency and f"{article.agency} ({article.agency_rule})"),
        ("language", "language", article.language),
        ("address", "canonical_url", article.canonical_url or article.url),
        ("words", "words", article.word_count),
    )
    for name, evidence_field, value in facts:
        claims = _claims(article, evidence_field)
        if value is not None or claims:
            shown = "(not known)" if value is None else printable(str(value))
            console.print(Text(f"  {name:10} {shown}", style="green"))
        if claims:
            console.print(Text(f"  {'':10} {printable(claims)}", style=_OTHER))


def _claims(article: Article, evidence_field: str) -> str:
    """Where a field was found and what other places claimed: "from og, json-ld; also claimed: … (heading)"."""
    claims = [one for one in article.evidence if one.field == evidence_field]
    chosen = dict.fromkeys(one.origin for one in claims if one.is_chosen)
    others = dict.fromkeys(f"{one.value} ({one.origin})" for one in claims if not one.is_chosen)
    said = [
        f"from {', '.join(chosen)}" if chosen else "",
        f"also claimed: {'; '.join(others)}" if others else "",
    ]
    return "; ".join(filter(None, said))


def _published(article: Article) -> str | None:
    moment = article.published_at or article.published_date
    if moment is None:
        return None
    return f"{moment} ({article.published_precision.value}, {article.published_calendar}, from {article.published_from}: {article.published_text})"


def _show_rejected(console: Console, rejected: Iterable[Rejected]) -> None:
    for one in rejected:
        console.print(Text(f"set aside: {one.reason.value}: {printable(one.detail)}", style="yellow"))


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> str:
    """Rows as a table of plain text, at most `width` characters wide; long values of the widest columns are cut."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    cells = [[cell(value) for value in row] for row in rows]
    for name, shown in zip(
        columns, zip_longest(*cells, fillvalue="") if cells else [()] * len(columns), strict=True
    ):
        widest = max(map(cell_len, (name, *shown)))
        table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=min(widest, UNCUT_CHARS))
    for values, row in zip(cells, rows, strict=True):
        table.add_row(*(Text(shown, justify=_side(value)) for shown, value in zip(values, row, strict=True)))
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines() if line.strip())


def _side(value: object) -> Literal["left", "right"]:
    return "right" if isinstance(value, int | float) else "left"


def cell(value: object) -> str:
    """A value on one line, safe for a terminal; empty for what is not known."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(cell(one) for one in value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return " ".join(printable(str(value)).split())


def reading_json(reading: Reading) -> str:
    """The whole reading as JSON; times as ISO 8601, `null` for what is not known."""
    return json.dumps(asdict(reading), ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")
