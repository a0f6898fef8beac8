"""Weekly housekeeping of the lake; nothing that can be queried changes."""

from __future__ import annotations

from prefect import flow

from flows import report, steps
from flows.run import opened_run


@flow(name="maintain", flow_run_name="maintain", timeout_seconds=6 * 3600)
def maintain(keep_days: int | None = None, lake: str | None = None, wait: bool = True) -> str:
    """Compact small files, forget old snapshots when asked to, remove files nothing points at, check everything.

    Args:
        keep_days: forget the snapshots older than this many days, at least 2; None keeps the whole history, which is
            what "as known on day D" needs and costs no speed.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What came of it, as plain text.

    Raises:
        NightwireError: `keep_days` is below 2.
        NightBroken: a promise does not hold, somewhere in the archive.
    """
    with opened_run("maintain", lake, night=None, parameters={"keep_days": keep_days}, wait=wait) as run:
        steps.compact_lake(run, keep_days)
        steps.keep_promises(run, everywhere=True)
    return report.housekeeping(run)
