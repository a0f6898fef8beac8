"""The demo: two nights of the nightly flow against the sample web, and four questions to the lake they leave."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from articles.errors import NightwireError
from flows.nightly import nightly
from flows.terminal import as_table
from newsroom import Newsroom
from warehouse import opened

NIGHTS = ((1, date(2026, 11, 19)), (2, date(2026, 11, 20)))

QUESTIONS = (
    (
        "Which texts did more than one outlet carry, and whose are they?",
        "select agency, source_count, publishers, title from mart_wires order by source_count desc, title",
    ),
    (
        "Which happenings did several outlets tell in words of their own, and by what are these known as one?",
        "select title, publishers, shared_names, shared_numbers from mart_stories "
        "where independent_text_count > 1 order by title",
    ),
    (
        "How many articles did each source print, and how many of them were not printed before by another?",
        "select source, sum(article_count) as articles, sum(first_text_count) as printed_first "
        "from mart_daily_counts group by source order by articles desc, source",
    ),
    (
        "Which article changed after it was first seen, and what changed?",
        "select source, version, changes, title_after as title from mart_corrections "
        "where is_by_publisher order by source, title",
    ),
)


def demo(console: Console, home: Path, watched: Callable[[Callable[[], str]], str]) -> None:
    """Run it, into a lake made anew.

    Args:
        console: where it is told.
        home: the lake's folder; what is in it goes.
        watched: runs a night with its progress shown.

    Raises:
        NightwireError: `home` holds something that is no lake.
    """
    _clear(home)
    with Newsroom() as site:
        for number, day in NIGHTS:
            site.night = number
            console.rule(f"night {number} of the sample web")
            night = partial(nightly.fn, day, "sample", newsroom=site.url, lake=str(home))
            console.print(Text(watched(night)))
    console.rule("four questions")
    with opened(home) as lake:
        for question, statement in QUESTIONS:
            console.print(Text(f"\n{question}", style="bold"))
            console.print(Text(f'nightwire sql --lake {home} "{statement}"', style="green"))
            with lake.ask(statement) as answer:
                console.print(Text(as_table(answer.columns, list(answer.rows()), console.width)))
    console.print(
        Text(f'The lake is in {home}/: ask it more with `.venv/bin/nightwire sql --lake {home} "…"`.')
    )


def _clear(home: Path) -> None:
    if home.exists():
        if not (home / "catalog.sqlite").exists() and any(home.iterdir()):
            raise NightwireError(
                f"{home} holds something that is no lake; move it away, or name another folder with --lake"
            )
        shutil.rmtree(home)
