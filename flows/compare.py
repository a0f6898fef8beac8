"""Copies and stories looked for by themselves: after a change of the window, or of what a killed run left waiting."""

from __future__ import annotations

from prefect import flow

from flows import report, steps
from flows.run import opened_run


@flow(name="compare", flow_run_name="compare", timeout_seconds=24 * 3600)
def compare(
    everything: bool = False, days: int | None = None, lake: str | None = None, wait: bool = True
) -> str:
    """Place what waits in copy groups and stories; asked for everything, look at every article of the lake anew.

    Args:
        everything: compare every article with all of the archive, whatever their age.
        days: compare every article with those printed within so many days. With neither, only what waits is compared,
            by the window of every night.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What came of it, as plain text.

    Raises:
        NightBroken: what was stored breaks a promise of the lake.
    """
    given = {"everything": everything, "days": days}
    with opened_run("compare", lake, night=None, parameters=given, wait=wait) as run:
        if everything or days is not None:
            steps.find_copies_anew(run, days)
        else:
            steps.find_tonights_copies(run)
        steps.find_tonights_stories(run)
        steps.keep_promises(run)
    return report.housekeeping(run)
