"""Runs: who wrote what, and what became of it. A run that was killed is never left `running`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from articles.errors import NightwireError
from warehouse.connection import Lake
from warehouse.duck import Connection
from warehouse.locks import RunLock
from warehouse.staging import insert
from warehouse.tables import RUNS


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    OK = "ok"
    BROKEN = "broken"  # it went through, and a promise of the lake does not hold
    FAILED = "failed"
    KILLED = "killed"


def start_run(
    lake: Lake,
    *,
    flow: str,
    night: date | None,
    parameters: Mapping[str, object],
    versions: Mapping[str, str],
    now: datetime,
) -> str:
    """Write the row of a run that begins, and return its id: "nightly-2026-11-21-5f3a90c1".

    Args:
        lake: the lake; the caller holds its run lock.
        flow: "nightly", "backfill", "reread", "maintain" or "verify".
        night: the night it is for; None where it is for none.
        parameters: what it was started with; values must be plain JSON.
        versions: of the program, the reader and the libraries that matter.
        now: when it begins (UTC).
    """
    day = (night or now.date()).isoformat()
    run_id = f"{flow}-{day}-{secrets.token_hex(4)}"
    row = {
        "run_id": run_id,
        "flow": flow,
        "night": night,
        "started_at": now,
        "ended_at": None,
        "outcome": Outcome.RUNNING.value,
        "parameters": json.dumps(parameters, ensure_ascii=False, sort_keys=True),
        "versions": json.dumps(versions, ensure_ascii=False, sort_keys=True),
        "counts": None,
        "message": None,
    }
    lake.transact(lambda connection: insert(connection, RUNS, [row]), message=f"start {run_id}")
    return run_id


def finish_run(
    lake: Lake,
    run_id: str,
    *,
    outcome: Outcome,
    counts: Mapping[str, object],
    message: str | None,
    now: datetime,
) -> None:
    """Write how a run ended.

    Raises:
        NightwireError: no run has this id.
    """

    def work(connection: Connection) -> int:
        answer = connection.execute(
            "update runs set ended_at = $now, outcome = $outcome, counts = $counts, message = $message "
            "where run_id = $run_id",
            {
                "now": now,
                "outcome": outcome.value,
                "counts": json.dumps(counts, ensure_ascii=False, sort_keys=True),
                "message": message,
                "run_id": run_id,
            },
        ).fetchone()
        return int(answer[0]) if answer else 0

    if lake.transact(work, message=f"finish {run_id}: {outcome.value}") == 0:
        raise NightwireError(f"the lake {lake.home} knows no run {run_id}; start it with start_run first")


def mark_killed_runs(lake: Lake, held: RunLock, *, now: datetime) -> list[str]:
    """Mark runs that still say `running` as killed; call it before starting one's own run.

    Every run holds the lake's run lock while it lives, so whoever holds it now (`held`) knows that they are dead.

    Returns:
        Their ids, oldest first.
    """
    if held.home.absolute() != lake.home:
        raise ValueError(f"the run lock of {held.home} says nothing about {lake.home}")
    with lake.connection() as connection:
        dead = connection.execute(
            "select run_id from runs where outcome = 'running' order by started_at, run_id"
        ).fetchall()
    if dead:
        lake.transact(
            lambda connection: connection.execute(
                "update runs set ended_at = $1, outcome = 'killed', "
                "message = 'it was found dead: no process held the lake' where outcome = 'running'",
                [now],
            ).fetchone(),
            message=f"mark {len(dead)} killed runs",
        )
    return [run_id for (run_id,) in dead]
