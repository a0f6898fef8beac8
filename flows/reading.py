"""Read captures batch by batch in worker processes, so that a bad page costs itself alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from articles.decoding import MAX_BYTES
from articles.records import Capture, Reading, Source
from flows.workers import Limits, Worker, read_capture

Batch = Sequence[tuple[Capture, Reading]]


def read_all(
    batches: Iterable[Sequence[Capture]],
    sources: Mapping[str, Source],
    source_of_url: Callable[[str], str | None],
    limits: Limits,
) -> Iterator[Batch]:
    """Read batch after batch, keeping at most two in memory: while the caller stores one, the next is being read.

    A file of unknown origin that prints its own address is read a second time as its publisher's, so that its
    articles get the ids they have when they are crawled.

    Args:
        batches: captures to read; the caller bounds the size of each batch.
        sources: what is known of each publisher, by source id; a source that is not in it is read by its name alone.
        source_of_url: the source id that owns an address, or None.
        limits: per page.

    Yields:
        For every batch as many pairs, in the same order. A page that broke a limit has no article and one rejected
        (`timed_out`, `out_of_memory`, `worker_died`).
    """
    with _Readers(limits) as readers:

        def read(capture: Capture) -> Reading:
            reading = readers.read(capture, source_named(capture.source, sources))
            owner = _owner(capture, reading, sources, source_of_url)
            return reading if owner is None else readers.read(capture, owner)

        begun: deque[list[tuple[Capture, Future[Reading]]]] = deque()
        for batch in batches:
            begun.append([(one, readers.threads.submit(read, one)) for one in batch])
            if len(begun) > 1:
                yield [(one, reading.result()) for one, reading in begun.popleft()]
        for waiting in begun:
            yield [(one, reading.result()) for one, reading in waiting]


class _Readers:
    """As many workers as are allowed, each in the hands of one thread."""

    def __init__(self, limits: Limits) -> None:
        self.threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="reading")
        self._workers = [Worker(limits) for _ in range(limits.workers)]
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def read(self, capture: Capture, source: Source | None) -> Reading:
        if len(capture.body) > MAX_BYTES:
            return read_capture(capture, source)  # refused by its size before anything looks at it
        worker = self._idle.get()
        try:
            return worker.read(capture, source)
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:  # nobody waits for what is still being read
            self.threads.shutdown(wait=False, cancel_futures=True)
            for worker in self._workers:
                worker.give_up()
        self.threads.shutdown()
        for worker in self._workers:
            worker.stop()


def source_named(name: str | None, sources: Mapping[str, Source]) -> Source | None:
    """What is known of a source id: its file, or the bare name where there is no file; None without a name."""
    return None if name is None else sources.get(name, Source(name=name))


def _owner(
    capture: Capture,
    reading: Reading,
    sources: Mapping[str, Source],
    source_of_url: Callable[[str], str | None],
) -> Source | None:
    """The publisher of a capture of unknown origin, by the address its own text states."""
    if capture.source is not None:
        return None
    addresses = (one.canonical_url for one in reading.articles if one.canonical_url is not None)
    return source_named(next(filter(None, map(source_of_url, addresses)), None), sources)
