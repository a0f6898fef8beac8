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
from warehouse.carriers import (
    Carrier,
    CarrierLookup,
    Carriers,
    KnownArticle,
    Searched,
    carrier_lookup,
)
from warehouse.checks import BROKEN_PROMISES, Broken, run_checks
from warehouse.connection import Lake
from warehouse.copies import CopyCounts, find_copies
from warehouse.data_dictionary import data_dictionary
from warehouse.export import export_duckdb, export_parquet
from warehouse.export_warc import HIDDEN_PREFIX, ORIGIN_FIELD, WarcCounts, export_warc
from warehouse.imports import capture_files, is_lake, read_captures
from warehouse.load import LoadCounts, store_readings
from warehouse.locks import RunLock, run_lock
from warehouse.maintain import clean, compact, expire
from warehouse.nights import (
    FeedState,
    KnownSource,
    SeenUrl,
    SourceCrawl,
    record_source_nights,
    silent_sources,
    store_sources,
    sync_seen,
)
from warehouse.publish import publish
from warehouse.query import Answer, PublishedLake, opened, query, write_csv, write_json, write_parquet
from warehouse.rejections import Refusal, store_refusals
from warehouse.rereads import (
    Reader,
    RereadChange,
    RereadCounts,
    accept_unchanged,
    captures_to_reread,
    count_to_reread,
    record_trials,
    reread_counts,
)
from warehouse.runs import Outcome, finish_run, mark_killed_runs, start_run
from warehouse.spool import CaptureWriter, read_spooled
from warehouse.stories import StoryCounts, find_stories
from warehouse.verify import TornFile, torn_files

__all__ = [
    "BROKEN_PROMISES",
    "HIDDEN_PREFIX",
    "ORIGIN_FIELD",
    "Answer",
    "Broken",
    "CaptureWriter",
    "Carrier",
    "CarrierLookup",
    "Carriers",
    "CopyCounts",
    "FeedState",
    "KnownArticle",
    "KnownSource",
    "Lake",
    "LoadCounts",
    "Outcome",
    "PublishedLake",
    "Reader",
    "Refusal",
    "RereadChange",
    "RereadCounts",
    "RunLock",
    "Searched",
    "SeenUrl",
    "SourceCrawl",
    "StoreCounts",
    "StoryCounts",
    "TornFile",
    "Unread",
    "WarcCounts",
    "accept_unchanged",
    "capture_files",
    "capture_of_article",
    "captures_to_reread",
    "carrier_lookup",
    "clean",
    "compact",
    "count_to_reread",
    "count_unread",
    "data_dictionary",
    "expire",
    "export_duckdb",
    "export_parquet",
    "export_warc",
    "fetch_capture",
    "find_copies",
    "find_stories",
    "finish_run",
    "is_lake",
    "known_captures",
    "load_spool",
    "mark_killed_runs",
    "opened",
    "publish",
    "query",
    "read_captures",
    "read_spooled",
    "record_source_nights",
    "record_trials",
    "reread_counts",
    "run_checks",
    "run_lock",
    "silent_sources",
    "start_run",
    "store_captures",
    "store_readings",
    "store_refusals",
    "store_sources",
    "sync_seen",
    "torn_files",
    "unread_captures",
    "write_csv",
    "write_json",
    "write_parquet",
]
