"""Processes that read pages, each page under limits of CPU, time and memory.

Processes, never threads: trafilatura over lxml aborted in threaded runs. Each process has a pipe of its own and one
page at a time, so that whatever ends it (a limit, a fault in C, the kernel) is known to be that page's doing, and the
page becomes a rejected row. CPU and memory are limited by the kernel, which stops C code too; nothing in Python does.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import resource
import signal
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock

from articles import READER_VERSION, read_page
from articles.records import Capture, Reading, Reason, Rejected, Source

_END_SECONDS = 5  # for a process to end by itself once its pipe is closed
_SPARE_BYTES = 32 << 20  # with less than this to be had, memory is what was lacking
_SAID_CHARS = 500  # of an exception that may quote a whole page

# A page this large leaves much behind in the caches of libraries; the process that read it is not used again.
_LARGE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one page may cost, and how many are read side by side.

    Evidence: 1,686 real pages took at most 1.71 s and 0.3 GiB, while a hostile page of 1 MB held the reader for more
    than 60 s and another took 1.7 GiB (notes/reliability.md 3.1, 3.4).
    """

    workers: int = 2
    page_cpu_seconds: float = 30
    page_seconds: float = 120  # wall time: what waits for nothing gets here only on a very busy machine
    page_bytes: int = 512 << 20  # memory a process may take beyond what it starts with, the reader itself
    pages_per_process: int = 1000  # then a fresh one: lxml does not give all its memory back


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page gave nothing."""

    reason: Reason
    detail: str
    is_the_pages_own: bool = (
        True  # another process would fare no better; not so where pages before it had a part
    )


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


# -- in the caller's process --------------------------------------------------------------------------------

# Threads start and end processes, and `multiprocessing` looks after all of them whenever it starts one.
_PROCESSES = Lock()


@cache
def _context() -> ForkServerContext:
    """Workers are forked from a clean process that has loaded the reader: no threads to inherit, quick to start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flows.warm", __name__])
    return context


class Worker:
    """One reading process at a time, started when it is first needed; used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._pages_read = 0
        self._is_given_up = False

    def read(self, capture: Capture, source: Source | None) -> Reading:
        """Read one capture.

        Returns:
            What `read_capture` gives, or a reading of one rejected row that says which limit the page broke:
            `timed_out`, `out_of_memory`, `worker_died`, `reader_failed`.

        Raises:
            CancelledError: nobody waits for the answer any more.
        """
        message = pickle.dumps((capture, source), pickle.HIGHEST_PROTOCOL)
        answer = self._ask(message)
        if isinstance(answer, Failure) and not answer.is_the_pages_own:
            answer = self._ask(message)
        if isinstance(answer, Reading):
            return answer
        rejected = Rejected(
            capture_id=capture.capture_id,
            stage="read",
            reason=answer.reason,
            detail=f"{answer.detail}; the page is kept",
        )
        return Reading(
            articles=(),
            chrome=(),
            rejected=(rejected,),
            encoding=None,
            encoding_from=None,
            reader_version=READER_VERSION,
        )

    def _ask(self, message: bytes) -> Reading | Failure:
        pipe = self._pipe or self._start()
        with suppress(OSError):  # it is no more, which the lines below find out
            pipe.send_bytes(message)
        try:
            if not pipe.poll(self._limits.page_seconds):
                self._kill()
                self.stop()
                return Failure(Reason.TIMED_OUT, f"reading took longer than {self._limits.page_seconds:g} s")
            answer: Reading | Failure = pickle.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return self._why_it_died()
        is_first = self._pages_read == 0
        self._pages_read += 1
        if isinstance(answer, Failure) and answer.reason is Reason.OUT_OF_MEMORY:
            self.stop()
            return replace(answer, is_the_pages_own=is_first)
        if self._pages_read >= self._limits.pages_per_process or len(message) > _LARGE_BYTES:
            self.stop()
        return answer

    def _start(self) -> Connection:
        ours, theirs = _context().Pipe()
        process = _context().Process(target=_serve, args=(theirs, self._limits), daemon=True)
        with _PROCESSES:
            process.start()
        theirs.close()
        self._process, self._pipe, self._pages_read = process, ours, 0
        if self._is_given_up:
            raise CancelledError
        return ours

    def _why_it_died(self) -> Failure:
        is_first = self._pages_read == 0
        status = self.stop()
        if self._is_given_up:
            raise CancelledError
        if status == -signal.SIGPROF:
            limit = self._limits.page_cpu_seconds
            return Failure(Reason.TIMED_OUT, f"reading needed more than {limit:g} s of CPU")
        return Failure(
            Reason.WORKER_DIED,
            f"the reading process ended with status {status}",
            # the kernel, when it needs memory, kills whom it likes
            is_the_pages_own=is_first and status != -signal.SIGKILL,
        )

    def give_up(self) -> None:
        """End the process at once; may be called while another thread waits for its answer."""
        self._is_given_up = True
        self._kill()

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> int | None:
        """Let the process end, and wait for it.

        Returns:
            Its exit status, negative for the signal that ended it; None where none was running.
        """
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process is None or pipe is None:
            return None
        pipe.close()  # the end of its work, where it is still alive
        with _PROCESSES:
            process.join(_END_SECONDS)
            if process.exitcode is None:
                process.kill()
                process.join()
            return process.exitcode


# -- in the reading process ---------------------------------------------------------------------------------


def _serve(pipe: Connection, limits: Limits) -> None:
    """Read what comes through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person who interrupts the run interrupts its own process
    logging.getLogger("trafilatura").setLevel(logging.ERROR)  # it warns of every page that holds no article
    _confine(limits.page_bytes)
    with suppress(EOFError, BrokenPipeError):  # the caller has closed it, or is no more
        while True:
            pipe.send_bytes(_answer(pipe, limits))


def _confine(page_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = Path("/proc/self/statm")
    if size.exists():  # other systems do not say how large we are, nor do they keep this limit
        limit = int(size.read_text().split()[0]) * resource.getpagesize() + page_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _answer(pipe: Connection, limits: Limits) -> bytes:
    """Read the next page; what came of it, pickled."""
    try:
        return pickle.dumps(_read(pipe.recv_bytes(), limits), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        failure = Failure(
            Reason.OUT_OF_MEMORY, f"reading needed more than {limits.page_bytes >> 20} MiB of memory"
        )
    return pickle.dumps(failure)


def _read(message: bytes, limits: Limits) -> Reading | Failure:
    capture, source = pickle.loads(message)
    # Nobody handles the signal of this clock: it ends the process, whatever code is running.
    signal.setitimer(signal.ITIMER_PROF, limits.page_cpu_seconds)
    try:
        return read_capture(capture, source)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 one page must not end the night; the row names what to look at
        bytearray(_SPARE_BYTES)  # libraries have other words for lack of memory: this one raises MemoryError
        said = f"{type(error).__name__}: {error}"[:_SAID_CHARS]
        return Failure(Reason.READER_FAILED, f"{said}; a fault of the reader, please report it")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
