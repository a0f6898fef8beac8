"""How a long run says where it is: a bar in a terminal, a log line for everyone else.

A stage calls `advance`; who watches is decided outside, once, with `watched_by`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from typing_extensions import override  # in `typing` from Python 3.12 on

LOG = logging.getLogger("nightwire")
SECONDS_BETWEEN_LOG_LINES = 60.0


class Watcher(Protocol):
    """Somebody who wants to know how far a stage is."""

    def advance(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """`done` of `total` pieces of `stage` are behind us; `total` is None while it is not known."""


class LogWatcher:
    """A line a minute with rate and time left, for runs that nobody looks at."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said_at = clock()
        self._begun: dict[str, tuple[float, int]] = {}  # by stage: since when, and what had been done then

    def advance(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Log, unless a line was logged less than a minute ago."""
        now = self._clock()
        since, already = self._begun.setdefault(stage, (now, done))
        if now - self._said_at < SECONDS_BETWEEN_LOG_LINES:
            return
        self._said_at = now
        rate = (done - already) / (now - since) if now > since else 0.0
        line = f"{stage}: {amount(done, unit)} of {'?' if total is None else amount(total, unit)}, {pace(rate, unit)}"
        if total is not None and rate > 0:
            line += f", about {span(max(0, total - done) / rate)} left"
        LOG.info("%s", line)


class BarWatcher:
    """A progress bar per stage with rate and time left, on the console given."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:24}"),
            BarColumn(bar_width=30),
            _Amounts(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._stages: dict[str, TaskID] = {}

    def __enter__(self) -> BarWatcher:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def advance(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Move the stage's bar, adding it at its first sign of life."""
        if stage not in self._stages:
            self._stages[stage] = self._bars.add_task(stage, total=total, unit=unit)
        self._bars.update(self._stages[stage], completed=done, total=total)


class _Amounts(ProgressColumn):
    @override
    def render(self, task: Task) -> Text:
        """How much of how much, and how fast."""
        unit = str(task.fields.get("unit", ""))
        total = "?" if task.total is None else amount(int(task.total), unit)
        rate = f" {pace(task.speed, unit)}" if task.speed else ""
        return Text(f"{amount(int(task.completed), unit)}/{total}{rate}")


_watcher: ContextVar[Watcher] = ContextVar("watcher")


def advance(stage: str, done: int, total: int | None, *, unit: str = "") -> None:
    """Tell whoever watches this run how far a stage is; the unit is "bytes", or nothing where pieces are counted."""
    watcher = _watcher.get(None)
    if watcher is None:
        watcher = LogWatcher()
        _watcher.set(watcher)
    watcher.advance(stage, done, total, unit)


def amount(count: int, unit: str) -> str:
    """A number as a person reads it: "1,204", "318.2 MB"."""
    return f"{count / 1e6:,.1f} MB" if unit == "bytes" else f"{count:,}"


def pace(per_second: float, unit: str) -> str:
    """How fast: "24.1 MB/s", "3.2/s"."""
    return f"{per_second / 1e6:,.1f} MB/s" if unit == "bytes" else f"{per_second:,.1f}/s"


def span(seconds: float) -> str:
    """A length of time in its two largest units: "2 h 5 min", "48 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    shown = [f"{count} {name}" for count, name in parts if count][:2]
    return " ".join(shown) or "0 s"


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let `watcher` see the progress of everything that runs inside."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)
