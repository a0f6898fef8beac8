"""Folders of the past into the same tables as tonight."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows import report, steps
from flows.run import opened_run


@flow(name="backfill", flow_run_name="backfill", timeout_seconds=24 * 3600)
def backfill(paths: list[str], source: str | None = None, lake: str | None = None, wait: bool = True) -> str:
    """Load text, HTML and JSONL files, and folders of these; a second time, or after a kill, only what is missing.

    Args:
        paths: files and folders.
        source: the source id of files and rows that do not name their own; None where it is not known.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What came of it, as plain text.

    Raises:
        NightBroken: a promise of the lake does not hold.
    """
    given = {"paths": paths, "source": source}
    with opened_run("backfill", lake, night=None, parameters=given, wait=wait) as run:
        steps.store_files(run, [Path(one) for one in paths], source)
        steps.read_captures(run)
        steps.find_tonights_copies(run)
        steps.keep_promises(run)
        steps.publish_to_analysts(run)
        return report.load(run)
