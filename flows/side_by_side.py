"""Who carries a text, drawn for a terminal: a head, those who carry it, and two texts side by side.

Text in Arabic or Hebrew script goes one below the other: in two columns a terminal that turns the writing direction
would swap them. Where there is no colour, marks in brackets say what became of the words, as wdiff has them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from articles.alignment import Change, Paragraph, Row
from articles.fingerprints import normalise
from flows.carrying import Carrying, Entry, Listed, Shown, SideBySide
from flows.terminal import cell, printable

COLUMNS_FROM = (
    100  # characters of a terminal in which two texts stand side by side; below, one under the other
)
TEXT_WIDTH = 160  # two columns wider than 80 are not read with ease
NAME_CHARS = 34  # of a publisher's name in the table
RTL_SAMPLE_CHARS = 2_000

_COLOURS = {
    Change.KEPT: "dim",
    Change.CUT: "red",
    Change.ADDED: "green",
    Change.CHANGED: "yellow",
    Change.MOVED: "cyan",
}
_MARKS = {  # of the left and the right text; kept words bear none
    Change.CUT: (("[-", "-]"), ("[-", "-]")),
    Change.ADDED: (("{+", "+}"), ("{+", "+}")),
    Change.CHANGED: (("[!", "!]"), ("{!", "!}")),
    Change.MOVED: (("[~", "~]"), ("{~", "~}")),
}
_TOLD_BY = {"agency": "by the agency", "dateline": "by the dateline", "published": "by the dates"}
_QUIET = "bright_black"


def show_carrying(console: Console, found: Carrying) -> None:
    """Print all of it."""
    _show_head(console, found)
    for title, listed in (
        ("carried by: how much of this text each keeps, and its own words", found.carriers),
        (
            "in its copy group by another member's text: these share little or nothing with this one",
            found.grouped,
        ),
        ("excerpts: these share a passage with it and are texts of their own", found.excerpts),
    ):
        _show_carriers(console, title, listed, found.asked, with_asked=listed is found.carriers)
    if found.compared is not None:
        _show_side_by_side(console, found.compared)


def _show_head(console: Console, found: Carrying) -> None:
    asked = found.asked
    console.print(Text(cell(asked.headline) or "(no headline of its own)", style="bold cyan"))
    facts = [
        _publisher(asked),
        asked.when,
        _words(asked.word_count),
        _agency(asked) or "no agency named",
        asked.article_id or "not in the lake",
    ]
    console.print(Text(" · ".join(facts), style="green"))
    if found.carrier_count:
        console.print(Text(_whose(found), style="green"))
    searched = found.searched
    if not searched.article_count:
        said = (
            f"not known who carries this text: none of the {searched.not_looked_at:,} articles of the lake was compared "
            "by this program yet; the next `nightwire nightly`, or `nightwire compare` now, compares them"
        )
        console.print(Text(f"{said}\n", style="yellow"))
        return
    days = dict.fromkeys(f"{moment:%Y-%m-%d}" for moment in (searched.first_seen_at, searched.last_seen_at))
    where = f"{searched.article_count:,} articles searched, first seen {' to '.join(days)}"
    if searched.not_looked_at:
        where += f"; {searched.not_looked_at:,} more were compared by no run yet"
    count = found.carrier_count
    said = f"{count:,} carry this text" if count != 1 else "1 carries this text"
    console.print(Text(f"{said if count else 'nobody else carries this text'}: {where}\n", style=_QUIET))


def _whose(found: Carrying) -> str:
    """Whose text it is, as far as pages say so: a text that several outlets credit to an agency is the agency's."""
    if not found.credited:
        return "whose text: no page that prints it names an agency"
    pages = found.carrier_count + 1
    said = []
    for one in found.credited:
        every = "both pages" if pages == 2 else f"all {pages} pages"
        by = every if one.page_count == pages else f"{one.page_count} of {pages} pages"
        said.append(f"{cell(one.agency)}, named by {by} ({', '.join(one.rules)})")
        if one.own_page:
            said[-1] += f"; {one.own_page} is its own page"
    disagreeing = "the pages disagree: " if len(said) > 1 else ""
    return f"whose text: {disagreeing}{'; '.join(said)}"


def _show_carriers(console: Console, title: str, listed: Listed, asked: Entry, *, with_asked: bool) -> None:
    """A line for each, with its headline below where it differs; two lines for each where one is too wide."""
    carriers = listed.shown
    if not carriers:
        return
    console.print(Text(title, style="bold"))
    rows = [_facts(one, asked) for one in carriers]
    entries = [one.entry for one in carriers]
    if with_asked:
        place = _place_of(asked, carriers)
        rows.insert(place, (" →", _clipped(_publisher(asked), NAME_CHARS), asked.when, "this text"))
        entries.insert(place, asked)
    columns = zip_longest(*rows, fillvalue="")
    widths = [max(map(cell_len, column)) for column in columns]
    is_wide = sum(widths) + 2 * len(widths) <= console.width
    for entry, row in zip(entries, rows, strict=True):
        padded = [set_cell_size(value, width) for value, width in zip(row, widths, strict=False)]
        if is_wide:
            console.print(Text("  ".join(padded).rstrip()))
        else:
            console.print(Text("  ".join(padded[:3]).rstrip(), no_wrap=True, overflow="ellipsis"))
            console.print(Text(f"{' ' * widths[0]}  {' · '.join(filter(None, row[3:]))}", style=_QUIET))
        if normalise(entry.headline or "") != normalise(asked.headline or ""):
            headline = cell(entry.headline) or "(no headline of its own)"
            console.print(Text(f"{' ' * widths[0]}  {headline}", style="cyan"))
    if listed.more:
        console.print(Text(f"and {listed.more:,} more; --all shows them", style=_QUIET))
    console.print()


def _place_of(asked: Entry, carriers: Sequence[Shown]) -> int:
    """Where the text asked about stands among those that carry it, which come in order of time."""
    if asked.ordered_at is None:
        return len(carriers)
    return sum(one.carrier.article.ordered_at <= asked.ordered_at for one in carriers)


def _facts(one: Shown, asked: Entry) -> tuple[str, ...]:
    return (
        f"{one.number:>2}",
        _clipped(_publisher(one.entry), NAME_CHARS),
        one.entry.when,
        one.carrier.relation or "no copy",
        _direction(one, asked),
        f"{one.shares.kept_share:.0%} kept",
        f"{_words(one.shares.own_words)} added",
        _agency(one.entry) or "no agency",
    )


def _direction(one: Shown, asked: Entry) -> str:
    """Which of the two took the text from the other, said of the carrier; how surely, and what tells it."""
    if one.carrier.is_origin is not None:
        said = "likely the original" if one.carrier.is_origin else "likely the copy"
        reasons = [_TOLD_BY.get(one.carrier.origin_from or "", one.carrier.origin_from)]
        if one.carrier.origin_confidence is not None:
            reasons.insert(0, f"{one.carrier.origin_confidence:.0%}")
        return f"{said} ({', '.join(filter(None, reasons))})"
    own, other = cell(asked.agency), cell(one.entry.agency)
    if own and own == other:
        return f"both credit {own}"
    if own and other:
        return f"credits {other}, this text {own}"
    return "direction unknown"


def _agency(entry: Entry) -> str:
    """The agency with the rule that told it; empty where none is named."""
    return f"{cell(entry.agency)} ({entry.agency_rule})" if entry.agency else ""


def _publisher(entry: Entry) -> str:
    name = cell(entry.publisher) or "publisher not known"
    return f"{name} ({cell(entry.country).upper()})" if entry.country else name


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count:,} words"


def _clipped(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


# -- two texts -----------------------------------------------------------------------------------------------


def _show_side_by_side(console: Console, pair: SideBySide) -> None:
    drawing = _Drawing(console, pair)
    counts = pair.shares
    console.print(Text("side by side", style="bold"))
    if counts.words[0] and counts.words == counts.kept and not any(counts.moved):
        names = " and ".join(f"{_publisher(one)}, {one.when}," for one in (pair.left, pair.right))
        console.print(Text(f"{names} print the same {_words(counts.words[0])}, one for one"))
        return
    where = "on the left" if drawing.in_columns else "of the first"
    said = [
        f"{counts.kept[0]:,} of {_words(counts.words[0])} {where} ({pair.left_is}) kept ({counts.kept_share:.0%})"
    ]
    said += [f"{counts.moved[0]:,} of these moved"] if counts.moved[0] else []
    said += [f"{counts.cut:,} cut"] if counts.cut else []
    said += [f"{counts.changed[0]:,} changed into {counts.changed[1]:,}"] if counts.changed[0] else []
    said += [f"{counts.added:,} added"] if counts.added else []
    console.print(Text(", ".join(said)))
    console.print(drawing.legend(pair.rows))
    console.print()
    for line in drawing.lines(pair.rows):
        console.print(line, no_wrap=True, overflow="ignore", crop=False)


class _Drawing:
    """Draws two texts on one console, in two columns or one below the other."""

    def __init__(self, console: Console, pair: SideBySide) -> None:
        self.console = console
        self.pair = pair
        self.is_coloured = console.is_terminal and not console.no_color and console.color_system is not None
        is_rtl = any(_is_rtl(one.text) for one in (pair.left, pair.right))
        self.in_columns = console.width >= COLUMNS_FROM and not is_rtl
        width = min(console.width, TEXT_WIDTH)
        self.column = (width - 3) // 2 if self.in_columns else max(width - 4, 20)

    def legend(self, rows: Iterable[Row]) -> Text:
        """How each fate of words is shown, of those that occur."""
        occurs = {
            (piece.change, side)
            for row in rows
            for side, paragraphs in enumerate((row.first, row.second))
            for paragraph in paragraphs
            for piece in paragraph
        }
        legend = self._marked("kept", Change.KEPT, 0)
        for change in _MARKS:
            sides = [side for side in (0, 1) if (change, side) in occurs]
            for side in sides[: 1 if self.is_coloured else None]:
                legend.append("  ")
                legend.append_text(self._marked(change.value, change, side))
        return legend

    def lines(self, rows: Iterable[Row]) -> Iterator[Text]:
        """The two texts, under a head of their own."""
        heads = [_head(self.pair.left), _head(self.pair.right)]
        if self.in_columns:
            yield from self._beside(*(self._wrapped([head]) for head in heads))
            yield Text("─" * self.column + "─┼─" + "─" * self.column, style=_QUIET)
        else:
            for sign, head in zip(("1 │ ", "2 │ "), heads, strict=True):
                yield from _prefixed(sign, self._wrapped([head]))
            yield Text()
        for number, row in enumerate(rows):
            if self.in_columns:
                yield from self._beside([Text()], [Text()]) if number else ()
                yield from self._beside(
                    self._wrapped(self._texts(row.first, 0)), self._wrapped(self._texts(row.second, 1))
                )
            else:
                yield from [Text()] if number else ()
                yield from self._below(row)

    def _below(self, row: Row) -> Iterator[Text]:
        """A row of one column: once where both texts keep it whole, else the first text's, then the second's."""
        pieces = [piece for paragraph in (*row.first, *row.second) for piece in paragraph]
        if all(piece.change is Change.KEPT for piece in pieces) and len(row.first) == len(row.second):
            yield from _prefixed("= │ ", self._wrapped(self._texts(row.first, 0)))
            return
        for side, paragraphs in enumerate((row.first, row.second)):
            if paragraphs:
                yield from _prefixed(f"{side + 1} │ ", self._wrapped(self._texts(paragraphs, side)))

    def _beside(self, left: Sequence[Text], right: Sequence[Text]) -> Iterator[Text]:
        for one, other in zip_longest(left, right):
            line = Text(no_wrap=True)
            line.append_text(one or Text())
            line.append(" " * max(0, self.column - line.cell_len))
            line.append(" │ ", style=_QUIET)
            line.append_text(other or Text())
            line.rstrip()
            yield line

    def _wrapped(self, texts: Iterable[Text]) -> list[Text]:
        lines = [line for text in texts for line in text.wrap(self.console, self.column)]
        for line in lines:
            line.rstrip()
        return lines

    def _texts(self, paragraphs: Iterable[Paragraph], side: int) -> list[Text]:
        texts = []
        for paragraph in paragraphs:
            text = Text()
            for piece in paragraph:
                words = piece.text.rstrip(" ")
                text.append_text(self._marked(printable(words), piece.change, side))
                text.append(piece.text[len(words) :])
            texts.append(text)
        return texts

    def _marked(self, words: str, change: Change, side: int) -> Text:
        if self.is_coloured:
            return Text().append(
                words, style=_COLOURS[change]
            )  # not its own style, which what follows would get
        opens, closes = _MARKS[change][side] if change in _MARKS else ("", "")
        return Text(f"{opens}{words}{closes}")


def _head(entry: Entry) -> Text:
    head = Text(cell(entry.headline) or "(no headline of its own)", style="bold")
    head.append(f" — {_publisher(entry)}, {entry.when}", style="not bold green")
    return head


def _prefixed(sign: str, lines: Iterable[Text]) -> Iterator[Text]:
    for line in lines:
        yield Text(sign, style=_QUIET).append_text(line)


def _is_rtl(text: str) -> bool:
    """Whether most of its letters are written from right to left."""
    directions = [unicodedata.bidirectional(one) for one in text[:RTL_SAMPLE_CHARS]]
    rtl = sum(one in ("R", "AL") for one in directions)
    return rtl > directions.count("L")
