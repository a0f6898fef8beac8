"""What was set aside, as rows: at which stage, why, and enough to try it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from articles.records import Capture, Rejected
from warehouse.connection import Lake
from warehouse.staging import insert_new
from warehouse.tables import REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A `Rejected` with the address or file it was about."""

    rejected: Rejected
    source: str | None = None
    url: str | None = None  # after redirects
    requested_url: str | None = None  # what was asked for, or the file's path


def store_refusals(lake: Lake, refusals: Sequence[Refusal], *, run_id: str, now: datetime) -> int:
    """Keep what was set aside before there was a reading: failed fetches, unreadable files.

    A failed fetch is a row of its run; anything else is one row however often it is met.

    Returns:
        How many rows are new.
    """
    rows = refusal_rows(refusals, run_id=run_id, now=now)
    if not rows:
        return 0
    return lake.transact(
        lambda connection: insert_new(connection, REJECTED, rows),
        message=f"set aside {len(rows)} things, {run_id}",
    )


def refusal_of(capture: Capture, rejected: Rejected) -> Refusal:
    """What was set aside while a capture was read."""
    return Refusal(
        rejected=replace(rejected, capture_id=capture.capture_id),
        source=capture.source,
        url=capture.url,
        requested_url=capture.requested_url,
    )


def refusal_rows(refusals: Sequence[Refusal], *, run_id: str, now: datetime) -> list[dict[str, object]]:
    """Rows of `rejected`, with ids that are the same when the same thing is set aside again."""
    return [
        {
            "rejected_id": _rejected_id(refusal, run_id),
            "capture_id": refusal.rejected.capture_id,
            "source": refusal.source,
            "url": refusal.url,
            "requested_url": refusal.requested_url,
            "stage": refusal.rejected.stage,
            "reason": refusal.rejected.reason.value,
            "detail": refusal.rejected.detail,
            "run_id": run_id,
            "rejected_at": now,
        }
        for refusal in refusals
    ]


def _rejected_id(refusal: Refusal, run_id: str) -> str:
    rejected = refusal.rejected
    parts = [
        rejected.capture_id,
        refusal.source,
        refusal.url,
        refusal.requested_url,
        rejected.stage,
        rejected.reason.value,
        rejected.detail,
        run_id if rejected.stage == "fetch" else None,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
