"""What a process and all that it started cost: memory and CPU, as Linux counts them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")  # a second of CPU has this many


def tree(root: int) -> Iterator[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))) is not None:
            children.setdefault(int(stat[1]), []).append(int(folder.name))
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children.get(process, ())


def _stat(process: int) -> list[str] | None:
    """The fields after the name: state, parent, …; None where it has ended meanwhile."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, of children that have ended too."""
    stats = (_stat(process) for process in tree(root))
    return sum(sum(map(int, stat[11:15])) for stat in stats if stat is not None) / _TICKS


def memory(process: int) -> tuple[int, int]:
    """RSS and PSS in bytes; PSS counts what processes share once."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0, 0
    sizes = {key: int(rest.split()[0]) << 10 for key, _, rest in (line.partition(":") for line in lines)}
    return sizes.get("Rss", 0), sizes.get("Pss", 0)


@dataclass(slots=True)
class PeakMemory:
    """Watches a tree from a thread of its own; `rss` and `pss` are the largest sums seen, in bytes."""

    root: int
    every_seconds: float = 0.2
    rss: int = 0
    pss: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> PeakMemory:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        assert self._thread is not None
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(self.every_seconds):
            sizes = [memory(process) for process in tree(self.root)]
            self.rss = max(self.rss, sum(rss for rss, _ in sizes))
            self.pss = max(self.pss, sum(pss for _, pss in sizes))
