"""The two locks of a lake: one run at a time, one writing transaction at a time.

Both are `flock`s on files in the lake folder, so the system releases them when their process dies, however it
dies. Lock files stay; only the lock on them means anything.
"""

from __future__ import annotations

import fcntl
import json
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from articles.errors import NightwireError

_open_locks: weakref.WeakSet[IO[str]] = weakref.WeakSet()


def _forget_inherited_locks() -> None:
    """Close a forked child's copies: otherwise a worker that outlives a killed parent keeps its lock."""
    for file in list(_open_locks):
        os.close(file.fileno())
    _open_locks.clear()


os.register_at_fork(after_in_child=_forget_inherited_locks)


class RunLock:
    """Proof of holding a lake's run lock, for as long as the `with run_lock(…)` lasts."""

    def __init__(self, home: Path, purpose: str) -> None:
        self.home = home
        self.purpose = purpose


@contextmanager
def run_lock(home: Path, purpose: str, *, wait: bool = False) -> Iterator[RunLock]:
    """Hold the lake for one run; every flow that writes does its work inside.

    Args:
        home: the lake folder; created when it is missing.
        purpose: what the run is, shown to whoever finds the lake taken: "nightly".
        wait: wait for the other run to end instead of giving up at once.

    Raises:
        NightwireError: another run holds the lake and `wait` is false.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("a+", encoding="utf-8") as file:
        _open_locks.add(file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise NightwireError(
                f"another run ({_holder(file)}) holds the lake {home}; "
                f"wait until it ends, or stop it, and start this one again"
            ) from None
        file.truncate(0)
        json.dump({"purpose": purpose, "pid": os.getpid(), "since": _now_text()}, file)
        file.flush()
        try:
            yield RunLock(home, purpose)
        finally:
            file.truncate(0)


@contextmanager
def writer_lock(home: Path) -> Iterator[None]:
    """Hold the lake's one pen, waiting for it; taken around every writing transaction and by maintenance."""
    with (home / "writer.lock").open("a+", encoding="utf-8") as file:
        _open_locks.add(file)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _now_text() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _holder(file: IO[str]) -> str:
    """Who wrote the lock file, in words; the holder may not have written it yet."""
    file.seek(0)
    try:
        holder = json.load(file)
        return f"{holder['purpose']}, pid {holder['pid']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "it has only just started"
