"""Every promise of the lake asked of the whole archive; nothing that can be queried changes."""

from __future__ import annotations

from prefect import flow

from flows import config, report, steps
from flows.run import opened_run
from warehouse import Lake


@flow(name="verify", flow_run_name="verify", timeout_seconds=6 * 3600)
def verify(lake: str | None = None, wait: bool = True) -> str:
    """Check everything, however old; a night checks what it wrote.

    Args:
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        What came of it, as plain text.

    Raises:
        NightwireError: there is no lake.
        NightBroken: a promise does not hold.
    """
    Lake.open(config.lake_home(lake)).close()  # an empty one, made here, would keep every promise
    with opened_run("verify", lake, night=None, parameters={}, wait=wait) as run:
        steps.keep_promises(run, everywhere=True)
    return report.housekeeping(run)
