"""What a run did, as a person reads it: plain text, made from the views of the published lake."""

from __future__ import annotations

from collections.abc import Sequence

from flows.run import Run
from flows.terminal import as_table
from warehouse import query

WIDTH = 118  # characters; wide enough for a source's row, narrow enough for a mail


def night(run: Run) -> str:
    """The night's report: sources, copies, what was taken out, what was set aside."""
    sections = [
        _sources(run),
        _section(
            run,
            "copies found",
            "select relation, agency, source, of_source, containment, title from report_run_copies",
            "order by relation, of_source, source",
            ("relation", "agency", "carried by", "same text as", "contained", "headline"),
        ),
        _ledger(run),
        _cut(run),
        _set_aside(run),
    ]
    return "\n".join([_headline(run), *(one for one in sections if one)])


def load(run: Run) -> str:
    """What a backfill did: counts, what was taken out, what was cut short, what was set aside."""
    sections = (_ledger(run), _cut(run), _set_aside(run))
    return "\n".join([_headline(run), _counts(run), *(one for one in sections if one)])


def housekeeping(run: Run) -> str:
    """What maintenance did: counts only."""
    return f"{_headline(run)}\n{_counts(run)}"


def _headline(run: Run) -> str:
    place = f"night {run.night}" if run.night else str(run.lake.home)
    return f"{run.run_id}: {place}"


def _counts(run: Run) -> str:
    lines = []
    for step_name, counts in run.counts.items():
        said = (
            ", ".join(f"{name} {value}" for name, value in counts.items())
            if isinstance(counts, dict)
            else counts
        )
        lines.append(f"  {step_name:16} {said or 'none'}")
    return "\n".join(lines)


def _sources(run: Run) -> str:
    return _section(
        run,
        "sources",
        "select source, asked, stored, failed, skipped, new_articles, changed_articles, rejected, health "
        "from report_run_sources",
        "order by source",
        ("source", "asked", "stored", "failed", "skipped", "new", "changed", "rejected", "health"),
    )


def _ledger(run: Run) -> str:
    return _section(
        run,
        "taken out of the texts",
        "select kind, block_count, article_count, example from report_run_ledger",
        "order by block_count desc, kind",
        ("kind", "blocks", "articles", "for example"),
    )


def _cut(run: Run) -> str:
    return _section(
        run,
        "cut short: the parser gave up before the page's end, so that text may be missing",
        "select source, word_count, url from report_run_cut",
        "order by source, url",
        ("source", "words", "page"),
    )


def _set_aside(run: Run) -> str:
    return _section(
        run,
        "set aside",
        "select stage, reason, thing_count, example from report_run_rejected",
        "order by stage, reason",
        ("at", "reason", "things", "for example"),
    )


def _section(run: Run, title: str, select: str, order: str, columns: Sequence[str]) -> str:
    """One table of the run's rows; empty where there are none."""
    with query(run.lake.home, f"{select} where run_id = '{run.run_id}' {order}") as answer:
        rows = list(answer.rows())
    return f"{title}\n{as_table(columns, rows, WIDTH)}" if rows else ""
