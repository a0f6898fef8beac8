"""One night of the wire: fetch, read, compare, check, publish, report."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.runtime import flow_run

from flows import report, steps
from flows.run import fail_on_alarm, now, opened_run
from flows.sources import choose_sources


@flow(name="nightly", flow_run_name="{group}", timeout_seconds=6 * 3600)
def nightly(
    day: date | None = None,
    group: str = "region",
    only: list[str] | None = None,
    zone: str = "UTC",
    newsroom: str | None = None,
    lake: str | None = None,
    wait: bool = True,
) -> str:
    """Bring one night up to date; running it twice leaves the same lake.

    Args:
        day: the night's date; None for today in `zone`, or the day a schedule meant.
        group: the sources to visit: the enabled ones of this group.
        only: source ids to visit instead of a group.
        zone: the time zone that says which day it is.
        newsroom: address of the sample web, for sources that live there.
        lake: the lake's folder; None for what the environment says.
        wait: wait for another run on this lake instead of failing at once.

    Returns:
        The night's report as plain text.

    Raises:
        NightBroken: a promise of the lake does not hold, a source that always brings news brought none, or no source
            answered.
    """
    night = day or _scheduled_day(zone)
    sources = choose_sources(group, only)
    parameters = {"group": group, "only": only, "newsroom": newsroom, "sources": len(sources)}
    with opened_run("nightly", lake, night=night, parameters=parameters, wait=wait) as run:
        crawled = steps.crawl_sources(run, sources, newsroom)
        steps.store_fetched(run)
        steps.read_captures(run)
        steps.find_tonights_copies(run)
        steps.find_tonights_stories(run)
        steps.record_sources(run, crawled)
        steps.keep_promises(run)
        steps.look_for_silence(run, crawled)
    said = report.night(run)
    fail_on_alarm(run, said)
    return said


def _scheduled_day(zone: str) -> date:
    """The day a schedule meant, in its own zone: half past midnight in Karachi is still yesterday in UTC."""
    return (flow_run.scheduled_start_time or now()).astimezone(ZoneInfo(zone)).date()
