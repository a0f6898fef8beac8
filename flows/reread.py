"""Kept captures, read again with the rules of today; no publisher is asked."""

from __future__ import annotations

from prefect import flow

from flows import report, steps
from flows.run import opened_run
from warehouse import Unread


@flow(name="reread", flow_run_name="reread", timeout_seconds=24 * 3600)
def reread(everything: bool = False, lake: str | None = None, wait: bool = True) -> str:
    """Read again what an older reader read; after a kill, a second run goes on where the first stopped.

    Args:
        everything: read all captures, also those the current reader has read.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What came of it, as plain text.

    Raises:
        NightBroken: a promise of the lake does not hold.
    """
    with opened_run("reread", lake, night=None, parameters={"everything": everything}, wait=wait) as run:
        steps.read_captures(run, Unread.ALL if everything else Unread.BY_ANOTHER_READER)
        steps.find_tonights_copies(run)
        steps.keep_promises(run)
    return report.load(run)
