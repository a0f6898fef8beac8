"""Kept captures, read again with the rules of today; no publisher is asked, and nothing changes unseen."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows import report, steps
from flows.reader import current_reader
from flows.run import opened_run
from warehouse import Lake, Unread, reread_counts


@flow(name="reread", flow_run_name="reread", timeout_seconds=24 * 3600)
def reread(everything: bool = False, accept: bool = False, lake: str | None = None, wait: bool = True) -> str:
    """Read again what an older reader read and say what would change; after a kill, a second run goes on where the first stopped.

    Args:
        everything: read all captures, also those the current reader has read: after a change of rules without a
            change of the reader's version.
        accept: store what is read, instead of saying only what would change. What an earlier run showed to stay as it
            is, is not read again.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What changes, per source and kind, as plain text.

    Raises:
        NightBroken: what was stored breaks a promise of the lake.
    """
    scope = Unread.ALL if everything else Unread.BY_ANOTHER_READER
    given = {"everything": everything, "accept": accept}
    with opened_run("reread", lake, night=None, parameters=given, wait=wait) as run:
        found = steps.read_again(run, scope, accept=accept)
        if accept:
            steps.find_tonights_copies(run)
            steps.find_tonights_stories(run)
            steps.keep_promises(run)
        else:
            steps.publish_if_sound(run)
    return report.reread(run, found, is_accepted=accept)


def is_waiting(home: Path) -> bool:
    """Whether the current reader says something of the kept pages that is not accepted yet."""
    lake = Lake.open(home)
    try:
        return reread_counts(lake, current_reader()).waiting > 0
    finally:
        lake.close()
