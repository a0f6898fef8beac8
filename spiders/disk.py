"""The crawl's disk: a thread of its own that keeps many answers in one go.

Alone, a page would cost four waits for the disk (its file, the folder, two in the list of addresses) and two hops between
threads. So what may wait a moment is gathered and kept together: all pages in one file, all rows in one
transaction. Nobody is told that something is kept before all of that is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from articles.records import Capture
from spiders.frontier import Frontier
from warehouse.spool import CaptureWriter

GATHER_SECONDS = 0.05  # that a page waits for others; 120 hosts at their pace answer 60 times a second
GATHER_BYTES = 4 << 20  # then nothing waits any longer

T = TypeVar("T")


@dataclass(slots=True)
class _Task:
    work: Callable[[], Any]
    future: asyncio.Future[Any]
    capture: Capture | None = None  # to be durable before the work begins
    result: Any = None
    problem: Exception | None = None


class Disk:
    """Does what it is given, in the order given, for one event loop."""

    def __init__(self, frontier: Frontier, writer: CaptureWriter) -> None:
        self._frontier = frontier
        self._writer = writer
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")
        self._gathered: list[_Task] = []
        self._bytes = 0
        self._is_busy = False
        self._alarm: asyncio.Handle | None = None

    async def do(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Do some work of the frontier as soon as the disk is free, and what was gathered with it.

        Raises:
            OSError, sqlite3.Error: the disk failed; nothing of the work is kept.
        """
        return await self._result(0.0, None, partial(work, *args, **kwargs))

    async def keep(self, capture: Capture | None, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Keep a capture's file, and then do the work of the frontier that says so; both with others.

        Args:
            capture: the file to keep; None where only rows change.
            work: done once the file is durable.
            args: of the work.
            kwargs: of the work.

        Raises:
            OSError, sqlite3.Error: the disk failed; the frontier says nothing of the capture.
        """
        return await self._result(GATHER_SECONDS, capture, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Do what was given; then no more can be given."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._hand_over()
        self._thread.shutdown()

    async def _result(self, patience: float, capture: Capture | None, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._gathered.append(_Task(work, future, capture))
        self._bytes += 0 if capture is None else len(capture.body)
        if self._bytes >= GATHER_BYTES:
            patience = 0.0
        if not self._is_busy and (self._alarm is None or not patience):
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = loop.call_later(patience, self._hand_over)
        return await future

    def _hand_over(self) -> None:
        self._alarm = None
        if not self._gathered:
            return
        tasks = self._gathered
        self._gathered = []
        self._bytes, self._is_busy = 0, True
        self._thread.submit(self._run, tasks)

    def _run(self, tasks: list[_Task]) -> None:
        """On the disk's thread: keep all of it, or find out which of it cannot be kept."""
        try:
            captures = [task.capture for task in tasks if task.capture is not None]
            if captures:
                self._writer.write(*captures)
            with self._frontier.together():
                for task in tasks:
                    task.result = task.work()
        except Exception:  # noqa: BLE001 - whoever asked for the task that failed gets its exception below
            for task in tasks:
                self._run_alone(task)
        loop = tasks[0].future.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, tasks)

    def _run_alone(self, task: _Task) -> None:
        try:
            if task.capture is not None:
                self._writer.write(task.capture)
            task.result = task.work()
        except Exception as problem:  # noqa: BLE001 - handed on
            task.problem = problem

    def _deliver(self, tasks: list[_Task]) -> None:
        self._is_busy = False
        for task in tasks:
            if task.future.cancelled():
                continue
            if task.problem is None:
                task.future.set_result(task.result)
            else:
                task.future.set_exception(task.problem)
        if self._gathered and self._alarm is None:
            self._hand_over()
