"""What a run did, as a person reads it: plain text, made from the views of the published lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from articles import READER_VERSION
from articles.edits import Edit, EditKind, find_edits
from flows.run import Run
from flows.terminal import as_table, cell
from spiders import CrawlResult
from warehouse import PublishedLake, RereadChange, RereadCounts, opened

SHOWN_SOURCES = 50  # of a crawl of the past; a list of addresses may name thousands of hosts
SHOWN_WIRES = 5
SHOWN_CHANGES = 8  # texts that their publishers changed, those that most outlets carry first
SHOWN_EDITS = 4  # of one text
LOOKED_AT_CHANGES = 100  # of a night; 2 ms each
WIDTH = 118  # characters; wide enough for a source's row, narrow enough for a mail


def night(run: Run) -> str:
    """The night's report: sources, copies, what was taken out, what was set aside."""
    with _published(run) as told:
        sections = [
            _sources(told),
            _notices(told),
            _wires(told),
            _changes(told),
            _pairs(told),
            _ledger(told),
            _cut(told),
            _set_aside(told),
        ]
    return "\n".join([_headline(run), *(one for one in sections if one)])


def load(run: Run) -> str:
    """What a backfill did: counts, what was taken out, what was cut short, what was set aside."""
    with _published(run) as told:
        sections = (_ledger(told), _cut(told), _set_aside(told))
    return "\n".join([_headline(run), _counts(run), *(one for one in sections if one)])


def past(run: Run, crawled: CrawlResult) -> str:
    """What a crawl of the past did: the same, and what was asked of whom."""
    rows = [
        [one.source, one.asked, one.stored, _said(one.failed), _said(one.skipped), one.known]
        for one in sorted(crawled.stats.values(), key=lambda one: -one.asked)
    ]
    columns = ("source", "asked", "stored", "failed", "skipped", "known")
    lists = [end for one in crawled.stats.values() for end in one.endpoints]
    said = [_headline(run), _counts(run), f"asked\n{as_table(columns, rows[:SHOWN_SOURCES], WIDTH)}"]
    if len(rows) > SHOWN_SOURCES:
        said.append(f"  and {len(rows) - SHOWN_SOURCES:,} more")
    if lists:
        named = sum(one.items or 0 for one in lists)
        other, undated = sum(one.outside_span for one in lists), sum(one.undated for one in lists)
        failed = sum(one.reason is not None for one in lists)
        said.append(
            f"  {len(lists):,} lists of the archives, {failed:,} of them gave nothing; {named:,} addresses of these days, "
            f"{other:,} of other days and {undated:,} without a day left out"
        )
    if not crawled.is_finished:
        said.append(
            f"  the crawl ended before its end ({crawled.outcome}); what waits is asked for by the next one"
        )
    with _published(run) as told:
        sections = (_ledger(told), _cut(told), _set_aside(told))
    return "\n".join([*said, *(one for one in sections if one)])


def reread(run: Run, found: RereadCounts, *, is_accepted: bool) -> str:
    """What reading again changes, source by source, and what was stored of it."""
    sections = [_headline(run), _changes_headline(found)]
    for source, changes in groupby(found.changes, key=lambda one: one.source):
        sections.append(
            f"{source or 'source not known':44}{'pages':>8}{'blocks':>8}{'words':>10}{'articles':>10}"
        )
        sections += [line for one in changes for line in _change_lines(one)]
    if is_accepted:
        with _published(run) as told:
            sections += [_counts(run), *(one for one in (_cut(told), _set_aside(told)) if one)]
    return "\n".join(sections)


def _changes_headline(found: RereadCounts) -> str:
    went = sum(one.word_count for one in found.changes if (one.change, one.was) == ("words", "text"))
    came = sum(one.word_count for one in found.changes if (one.change, one.becomes) == ("words", "text"))
    if not found.pages:
        return (
            f"  every page was read by this reader, version {READER_VERSION}; "
            "after a change of its rules alone: nightwire reread --everything"
        )
    lines = [
        f"  {found.pages:,} pages read again: {found.changed:,} say something else than before; "
        f"{went:,} words leave the texts, {came:,} come in"
    ]
    if found.changed and not found.changes:
        lines.append("  what changes is rules, places and evidence; no block, article or field")
    if found.waiting:
        lines.append(
            f"  {found.waiting:,} of them are not stored; nothing changes until: nightwire reread --accept"
        )
    elif found.changed:
        lines.append("  all of it is stored")
    return "\n".join(lines)


def _change_lines(one: RereadChange) -> list[str]:
    """A line of figures, and one for each example."""
    what = one.change
    if one.was is not None or one.becomes is not None:
        what = f"{what}: {one.was or '(none)'} → {one.becomes or '(none)'}"
    figures = (
        f"{count:,}" if count else "" for count in (one.block_count, one.word_count, one.article_count)
    )
    blocks, word_count, articles = figures
    return [
        f"  {what:42}{one.page_count:>8,}{blocks:>8}{word_count:>10}{articles:>10}".rstrip(),
        *(f"      {_example(text, place)}" for text, place in dict.fromkeys(one.examples)),
    ]


def _example(text: str, place: str | None) -> str:
    if place is None:
        return _clip(cell(text), WIDTH - 6)
    half = (WIDTH - 9) // 2
    shown = cell(place)
    return f"{_clip(cell(text), half)} @ {shown if len(shown) <= half else f'…{shown[1 - half :]}'}"


def _clip(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1]}…"


def housekeeping(run: Run) -> str:
    """What maintenance did: counts only."""
    return f"{_headline(run)}\n{_counts(run)}"


def _headline(run: Run) -> str:
    place = f"night {run.night}" if run.night else str(run.lake.home)
    return f"{run.run_id}: {place}"


def _counts(run: Run) -> str:
    return "\n".join(
        f"  {step_name:16} {_said(counts) or 'none'}" for step_name, counts in run.counts.items()
    )


def _said(counts: object) -> str:
    if not isinstance(counts, dict):
        return str(counts) if counts else ""
    return ", ".join(
        f"{name} ({_said(value) or 'none'})" if isinstance(value, dict) else f"{name} {value}"
        for name, value in counts.items()
    )


@dataclass(frozen=True, slots=True)
class _PublishedRun:
    """A run, and the lake that tells what it did."""

    run_id: str
    lake: PublishedLake


@contextmanager
def _published(run: Run) -> Iterator[_PublishedRun]:
    with opened(run.lake.home) as lake:
        yield _PublishedRun(run.run_id, lake)


def _sources(run: _PublishedRun) -> str:
    return _section(
        run,
        "sources",
        "select source, asked, stored, failed, skipped, new_articles, changed_articles, rejected, health "
        "from report_run_sources",
        "order by source",
        ("source", "asked", "stored", "failed", "skipped", "new", "changed", "rejected", "health"),
    )


def _notices(run: _PublishedRun) -> str:
    return _section(
        run,
        "to know",
        "select source, notice, detail from report_run_notices",
        "order by notice, source, detail",
        ("source", "what", "detail"),
    )


def _wires(run: _PublishedRun) -> str:
    """The texts that most publishers carry, of those that gained an article: who had each first, and who changed what."""
    widest = _rows(
        run,
        f"select copy_group_id, agency, agency_article_count, source_count, article_count, count(*) over () as wire_count "
        "from report_run_wires "
        f"where run_id = '{run.run_id}' order by source_count desc, article_count desc, copy_group_id limit {SHOWN_WIRES}",
    )
    if not widest:
        return ""
    names = ", ".join(f"'{row['copy_group_id']}'" for row in widest)
    changes = {
        row["copy_group_id"]: row
        for row in _rows(run, f"select * from report_wire_changes where copy_group_id in ({names})")
    }
    lines = ["widest wires"]
    for row in widest:
        lines += _wire_lines(row | changes[row["copy_group_id"]])
    more = int(str(widest[0]["wire_count"])) - len(widest)
    if more:
        lines.append(
            f"  and {more:,} more texts that several publishers carry; {_ask(run, 'report_run_wires')}"
        )
    return "\n".join(lines)


def _wire_lines(wire: Mapping[str, object]) -> Iterator[str]:
    """A line for the text, and one for each thing that somebody did with it."""
    yield _clip(
        f"  {wire['source_count']} publishers, {_whose(wire)}: {cell(wire['title']) or '(no headline)'}",
        WIDTH,
    )
    told = (
        ("first", wire["first_publisher"], ""),
        ("kept least", wire["kept_least_by"], f"{wire['least_kept_share'] or 0:.0%} of it"),
        ("added most", wire["added_most_by"], f"{wire['most_own_word_count'] or 0:,} words of its own"),
        ("headline", wire["retitled_by"], cell(wire["other_title"])),
    )
    for what, who, said in told:
        if who is not None:
            yield _clip(f"      {what:12}{': '.join(filter(None, (cell(who), said)))}", WIDTH)


def _whose(wire: Mapping[str, object]) -> str:
    """The agency, and how many of the articles say so: one of twenty is a hint, all of them are an answer."""
    if wire["agency"] is None:
        return "no agency named"
    named, of = wire["agency_article_count"], wire["article_count"]
    return f"{cell(wire['agency'])} (named by {f'all {of}' if named == of else f'{named} of {of}'} articles)"


def _changes(run: _PublishedRun) -> str:
    """What publishers did to texts that they had printed before: corrections first, then other pages of one text.

    Of the latter those in which a figure changed come first: they are many, and most only add a paragraph.
    """
    changed = _rows(
        run,
        "select *, count(*) over () as change_count from report_run_changes "
        f"where run_id = '{run.run_id}' order by change = 'updated', source_count desc, publisher, url "
        f"limit {LOOKED_AT_CHANGES}",
    )
    if not changed:
        return ""
    told = [(row, _edits_of(row)) for row in changed]
    told.sort(
        key=lambda one: (
            one[0]["change"] == "updated",
            not any(edit.kind is EditKind.FIGURE for edit in one[1]),
        )
    )
    lines = ["changed by their publishers after they were printed"]
    for row, edits in told[:SHOWN_CHANGES]:
        lines += _changed_lines(row, edits)
    more = int(str(changed[0]["change_count"])) - len(told[:SHOWN_CHANGES])
    if more:
        lines.append(f"  and {more:,} more; {_ask(run, 'report_run_changes')}")
    return "\n".join(lines)


def _edits_of(row: Mapping[str, object]) -> list[Edit]:
    return find_edits(
        (_text(row["title_before"]), str(row["text_before"])),
        (_text(row["title_after"]), str(row["text_after"])),
        _text(row["language"]),
    )


def _changed_lines(row: Mapping[str, object], edits: Sequence[Edit]) -> Iterator[str]:
    """A line for the text, and one for each thing that was done to it."""
    title = cell(row["title_after"]) or "(no headline)"
    where = "" if row["change"] == "corrected" else ", again at another address"
    yield _clip(f"  {cell(row['publisher']) or 'publisher not known'}{where}: {title}", WIDTH)
    for edit in edits[:SHOWN_EDITS]:
        yield _clip(f"      {edit.kind.value:12}{_edit(edit)}", WIDTH)
    if len(edits) > SHOWN_EDITS:
        more = len(edits) - SHOWN_EDITS
        yield f"      {'':12}and {'1 more change' if more == 1 else f'{more} more changes'}"
    if not edits:
        yield f"      {'other':12}{cell(row['changes']) or 'letter forms and punctuation alone'}"


def _edit(edit: Edit) -> str:
    match edit.kind:
        case EditKind.HEADLINE:
            return f"{cell(edit.before) or '(none)'} → {cell(edit.after) or '(none)'}"
        case EditKind.FIGURE:
            return f"{cell(edit.before)} → {cell(edit.after)}: … {cell(edit.place)} …"
        case EditKind.WORDS:
            return f"{_words(edit.word_count)} inside paragraphs"
        case _:
            return f"a paragraph of {_words(edit.word_count)}: {cell(edit.before or edit.after)}"


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count:,} words"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _rows(run: _PublishedRun, statement: str) -> list[dict[str, object]]:
    with run.lake.ask(statement) as answer:
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows()]


def _pairs(run: _PublishedRun) -> str:
    """How many pairs were found, of which kind; hundreds of them are for a question of their own."""
    counts = _rows(
        run,
        "select relation, count(*) as pair_count from report_run_copies "
        f"where run_id = '{run.run_id}' group by relation order by relation",
    )
    if not counts:
        return ""
    said = ", ".join(f"{row['pair_count']:,} {row['relation']}" for row in counts)
    return f"pairs of articles that share text: {said}; {_ask(run, 'report_run_copies')}"


def _ask(run: _PublishedRun, view: str) -> str:
    return f"""all: nightwire sql "from {view} where run_id = '{run.run_id}'\""""


def _ledger(run: _PublishedRun) -> str:
    return _section(
        run,
        "taken out of the texts",
        "select kind, block_count, article_count, example from report_run_ledger",
        "order by block_count desc, kind",
        ("kind", "blocks", "articles", "for example"),
    )


def _cut(run: _PublishedRun) -> str:
    return _section(
        run,
        "cut short: the parser gave up before the page's end, so that text may be missing",
        "select source, word_count, url from report_run_cut",
        "order by source, url",
        ("source", "words", "page"),
    )


def _set_aside(run: _PublishedRun) -> str:
    return _section(
        run,
        "set aside",
        "select stage, reason, thing_count, example from report_run_rejected",
        "order by stage, reason",
        ("at", "reason", "things", "for example"),
    )


def _section(run: _PublishedRun, title: str, select: str, order: str, columns: Sequence[str]) -> str:
    """One table of the run's rows; empty where there are none."""
    with run.lake.ask(f"{select} where run_id = '{run.run_id}' {order}") as answer:
        rows = list(answer.rows())
    return f"{title}\n{as_table(columns, rows, WIDTH)}" if rows else ""
