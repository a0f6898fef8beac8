"""How a long run says where it is: a bar in a terminal, a log line for everyone else.

A stage calls `advance`; who watches is decided outside, once, with `watched_by`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LOG = logging.getLogger("nightwire")
SECONDS_BETWEEN_LOG_LINES = 60.0


class Watcher(Protocol):
    """Somebody who wants to know how far a stage is."""

    def advance(self, stage: str, done: int, total: int | None) -> None:
        """`done` of `total` pieces of `stage` are behind us; `total` is None while it is not known."""


class LogWatcher:
    """A line a minute, for runs that nobody looks at."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()

    def advance(self, stage: str, done: int, total: int | None) -> None:
        """Log, unless a line was logged less than a minute ago."""
        if time.monotonic() - self._said_at >= SECONDS_BETWEEN_LOG_LINES:
            self._said_at = time.monotonic()
            LOG.info("%s: %d of %s", stage, done, "?" if total is None else total)


class BarWatcher:
    """A progress bar per stage, on the console given."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:24}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._stages: dict[str, TaskID] = {}

    def __enter__(self) -> BarWatcher:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def advance(self, stage: str, done: int, total: int | None) -> None:
        """Move the stage's bar, adding it at its first sign of life."""
        if stage not in self._stages:
            self._stages[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._stages[stage], completed=done, total=total)


_watcher: ContextVar[Watcher] = ContextVar("watcher")


def advance(stage: str, done: int, total: int | None) -> None:
    """Tell whoever watches this run how far a stage is."""
    watcher = _watcher.get(None)
    if watcher is None:
        watcher = LogWatcher()
        _watcher.set(watcher)
    watcher.advance(stage, done, total)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let `watcher` see the progress of everything that runs inside."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)
