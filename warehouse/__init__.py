"""Keep and answer: the only room that knows DuckDB."""

from __future__ import annotations

from warehouse.captures import (
    StoreCounts,
    Unread,
    capture_of_article,
    count_unread,
    fetch_capture,
    known_captures,
    load_spool,
    store_captures,
    unread_captures,
)
from warehouse.connection import Lake
from warehouse.load import LoadCounts, store_readings
from warehouse.locks import RunLock, run_lock
from warehouse.nights import (
    FeedState,
    KnownSource,
    SeenUrl,
    SourceCrawl,
    record_source_nights,
    store_sources,
    sync_seen,
)
from warehouse.rejections import Refusal, store_refusals
from warehouse.runs import Outcome, finish_run, mark_killed_runs, start_run
from warehouse.spool import CaptureWriter, read_spooled

__all__ = [
    "CaptureWriter",
    "FeedState",
    "KnownSource",
    "Lake",
    "LoadCounts",
    "Outcome",
    "Refusal",
    "RunLock",
    "SeenUrl",
    "SourceCrawl",
    "StoreCounts",
    "Unread",
    "capture_of_article",
    "count_unread",
    "fetch_capture",
    "finish_run",
    "known_captures",
    "load_spool",
    "mark_killed_runs",
    "read_spooled",
    "record_source_nights",
    "run_lock",
    "start_run",
    "store_captures",
    "store_readings",
    "store_refusals",
    "store_sources",
    "sync_seen",
    "unread_captures",
]
