"""Read captures in worker processes, each page under a limit of time and memory.

Processes, never threads: trafilatura over lxml aborted in threaded runs. A page that hangs, eats memory or kills its
worker costs itself alone and becomes a rejected row; the others go on.
"""

from __future__ import annotations

import logging
import multiprocessing
import resource
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.context import BaseContext

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from articles import READER_VERSION, read_page
from articles.records import Capture, Reading, Reason, Rejected, Source

# Evidence for the limits: 1,686 real pages took at most 1.71 s and 0.3 GiB, while a hostile page of 1 MB held the
# reader for more than 60 s (notes/reliability.md 3.1, 3.4).
PAGE_SECONDS = 60
PAGE_BYTES = 1536 << 20
PAGES_PER_WORKER = 500  # then a fresh process: lxml does not give all its memory back


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one page may cost, and how many are read side by side."""

    workers: int = 2
    page_seconds: float = PAGE_SECONDS
    page_bytes: int = PAGE_BYTES  # address space of a worker process


_WARM_UP = b"The reader is ready\n\nIt loads its language model and its rules before the first page is timed."

Batch = Sequence[tuple[Capture, Reading]]


def read_all(
    batches: Iterable[Sequence[Capture]],
    sources: Mapping[str, Source],
    source_of_url: Callable[[str], str | None],
    limits: Limits,
) -> Iterator[Batch]:
    """Read batch after batch, keeping at most one batch in memory.

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
    pool = ProcessPool(
        max_workers=limits.workers,
        max_tasks=PAGES_PER_WORKER,
        initializer=_confine,
        initargs=(limits.page_bytes,),
        context=_workers_context(),
    )
    with pool:

        def begin(capture: Capture, source: Source | None) -> ProcessFuture[Reading]:
            return pool.schedule(read_capture, args=(capture, source), timeout=limits.page_seconds)

        for batch in batches:
            waiting = [(one, begin(one, source_named(one.source, sources))) for one in batch]
            pairs = [(one, _outcome(future, limits, one.capture_id)) for one, future in waiting]
            yield [
                (one, _outcome(begin(one, owner), limits, one.capture_id))
                if (owner := _owner(one, reading, sources, source_of_url))
                else (one, reading)
                for one, reading in pairs
            ]


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


def _workers_context() -> BaseContext:
    """Workers are forked from a clean process that has loaded the reader once: no threads to inherit, quick to start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _confine(page_bytes: int) -> None:
    logging.getLogger("trafilatura").setLevel(logging.ERROR)  # it warns of every page that holds no article
    # what loads late must not count as the first page's time
    read_page(_WARM_UP, url=None, content_type="text/plain")
    resource.setrlimit(resource.RLIMIT_AS, (page_bytes, page_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_capture(capture: Capture, source: Source | None) -> Reading:
    """Read one capture in this process, without limits; what comes of it carries the capture's id."""
    reading = read_page(
        capture.body,
        url=capture.url,
        content_type=capture.media_type,
        source=source,
        # a file was taken when it was taken, which says nothing of "3 hours ago" on it
        captured_at=None if capture.status is None else capture.captured_at,
    )
    return replace(
        reading,
        articles=tuple(replace(one, capture_id=capture.capture_id) for one in reading.articles),
        rejected=tuple(replace(one, capture_id=capture.capture_id) for one in reading.rejected),
    )


def _outcome(future: ProcessFuture[Reading], limits: Limits, capture_id: str) -> Reading:
    try:
        return future.result()
    except TimeoutError:
        return _set_aside(
            capture_id,
            Reason.TIMED_OUT,
            f"reading took longer than {limits.page_seconds:g} s; the page is kept",
        )
    except MemoryError:
        return _set_aside(
            capture_id,
            Reason.OUT_OF_MEMORY,
            f"reading needed more than {limits.page_bytes >> 20} MiB; the page is kept",
        )
    except ProcessExpired as error:
        return _set_aside(
            capture_id,
            Reason.WORKER_DIED,
            f"the reading process ended with status {error.exitcode}; the page is kept",
        )
    except Exception as error:  # noqa: BLE001 one page must not end the night; the row names what to look at
        return _set_aside(
            capture_id,
            Reason.READER_FAILED,
            f"{type(error).__name__}: {error}; a fault of the reader, please report it",
        )


def _set_aside(capture_id: str, reason: Reason, detail: str) -> Reading:
    return Reading(
        articles=(),
        chrome=(),
        rejected=(Rejected(capture_id=capture_id, stage="read", reason=reason, detail=detail),),
        encoding=None,
        encoding_from=None,
        reader_version=READER_VERSION,
    )
