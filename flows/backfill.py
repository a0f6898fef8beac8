"""Folders of the past into the same tables as tonight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from prefect import flow

from articles.errors import NightwireError
from flows import report, steps
from flows.files import Origin, SetAside, find_files, read_file
from flows.run import NightBroken, now, opened_run
from flows.sources import source_of_url
from flows.terminal import printable
from warehouse import Lake, known_captures


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
        NightwireError: a path does not exist.
        NightBroken: a promise of the lake does not hold, or there was something to read and no article came of it.
    """
    _require([Path(one) for one in paths])
    given = {"paths": paths, "source": source}
    with opened_run("backfill", lake, night=None, parameters=given, wait=wait) as run:
        stored = steps.store_files(run, [Path(one) for one in paths], source)
        read = steps.read_captures(run)
        steps.find_tonights_copies(run)
        steps.keep_promises(run)
    said = report.load(run)
    is_new_to_us = stored.known == 0 and stored.files > 0
    if is_new_to_us and not read.new + read.changed + read.unchanged:
        raise NightBroken(
            f"no article came of {', '.join(paths)}; the report says why each thing was set aside", said
        )
    return said


def _require(paths: Sequence[Path]) -> None:
    """A path that a person names must be there; one that vanishes later is a rejected row."""
    for path in paths:
        if not path.exists():
            raise NightwireError(
                f"there is no file or folder {path}; nothing was loaded. Mend the path and start again"
            )


LOOKED_UP_TOGETHER = 1000  # captures a dry run asks the lake about at once


def look_ahead(paths: Sequence[Path], source: str | None, home: Path) -> str:
    """What a backfill of these paths would do, as plain text; nothing is written.

    Raises:
        NightwireError: a path does not exist.
    """
    _require(paths)
    origin = Origin(run_id="none", source=source, source_of=source_of_url(), now=now())
    lake = Lake.open(home) if (home / "catalog.sqlite").exists() else None
    counts: Counter[str] = Counter()
    problems: list[str] = []

    def capture_ids() -> Iterator[str]:
        for file in find_files(paths):
            counts["files"] += 1
            for found in read_file(file, origin):
                if isinstance(found, SetAside):
                    problems.append(f"  would be set aside: {printable(found.rejected.detail)}")
                else:
                    counts["bytes"] += len(found.body)
                    yield found.capture_id

    waiting = capture_ids()
    while together := set(islice(waiting, LOOKED_UP_TOGETHER)):
        known = known_captures(lake, sorted(together)) if lake else set()
        counts["known"] += len(known)
        counts["new"] += len(together) - len(known)
    if lake:
        lake.close()
    return "\n".join(
        [
            f"{counts['files']:,} files, {counts['bytes']:,} bytes: {counts['new']:,} pages would be loaded into {home}, "
            f"{counts['known']:,} are there already, {len(problems):,} would be set aside",
            *problems,
        ]
    )
