"""One run: who holds the lake, since when, for which night, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version

from articles import READER_VERSION
from articles.errors import NightwireError
from flows import config
from flows.watching import LOG
from warehouse import Lake, Outcome, finish_run, mark_killed_runs, publish, run_lock, start_run


class NightBroken(NightwireError):
    """The run did its work, and what it found must be looked at: a broken promise, a source gone silent."""

    def __init__(self, message: str, report: str | None = None) -> None:
        super().__init__(message)
        self.report = report  # the run's report, where there is one


@dataclass(slots=True, kw_only=True)
class Run:
    """One run that holds the lake: what every step needs to know, and what the steps counted so far."""

    lake: Lake
    run_id: str
    night: date | None
    counts: dict[str, object] = field(default_factory=dict)
    is_sound: bool = False  # the promises were checked and hold: analysts may have it
    alarm: str | None = None  # what a person must look at, though the run went through

    def count(self, step_name: str, counts: object) -> None:
        """Keep what a step counted, for the `runs` row and the report."""
        self.counts[step_name] = counts
        LOG.info("%s: %s", step_name, counts)


def now() -> datetime:
    """The moment, in UTC. The only clock of the flows."""
    return datetime.now(UTC)


@contextmanager
def opened_run(
    flow: str, lake: str | None, *, night: date | None, parameters: Mapping[str, object], wait: bool
) -> Iterator[Run]:
    """Hold the lake for one run, keep its row in `runs` true whatever happens inside, and publish a sound lake.

    Args:
        flow: the flow's name.
        lake: the lake's folder; None for what the environment says.
        night: the day (UTC) the run is for; None for a run that is for no day.
        parameters: as given, for the `runs` row.
        wait: wait for another run on this lake to end, instead of failing at once.

    Raises:
        NightwireError: another run holds the lake and `wait` is false; the folder is no lake we can open.
    """
    home = config.lake_home(lake)
    with run_lock(home, flow, wait=wait) as held:
        opened = Lake.create_or_open(home)
        try:
            for killed in mark_killed_runs(opened, held, now=now()):
                LOG.warning("run %s was killed; this run finishes its work", killed)
            run_id = start_run(
                opened, flow=flow, night=night, parameters=parameters, versions=versions(), now=now()
            )
            run = Run(lake=opened, run_id=run_id, night=night)
            outcome, message = Outcome.FAILED, "stopped from outside"
            try:
                yield run
                outcome, message = Outcome.BROKEN if run.alarm else Outcome.OK, run.alarm
            except NightBroken as error:
                outcome, message = Outcome.BROKEN, str(error)
                raise
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                raise
            finally:
                finish_run(opened, run_id, outcome=outcome, counts=run.counts, message=message, now=now())
            if run.is_sound:
                LOG.info("published %s", publish(opened))
        finally:
            opened.close()


def versions() -> dict[str, str]:
    """What read and stored the data of a run."""
    packages = ("nightwire", "scrapy", "trafilatura", "duckdb", "prefect")
    return {"reader": READER_VERSION, **{name: version(name) for name in packages}}


def fail_on_alarm(run: Run, report: str) -> None:
    """Fail a run that is stored and published, when a person must look at it.

    Raises:
        NightBroken: with the run's alarm and report.
    """
    if run.alarm is not None:
        raise NightBroken(run.alarm, report)
