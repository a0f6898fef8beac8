"""What the environment says, read in one place.

`NIGHTWIRE_LAKE` (a folder, default `lake/`) chooses the lake everywhere. `NIGHTWIRE_SOURCES` (a folder) replaces the
sources that come with the project. `NIGHTWIRE_WORKERS` sets how many pages are read side by side. `NIGHTWIRE_COPY_DAYS`
says how far apart in time two texts may be to be compared: a number of days, or `all`. `COLUMNS` is how wide a line may
be where no terminal says it.
"""

from __future__ import annotations

import os
from pathlib import Path

from articles.errors import NightwireError

LAKE = "NIGHTWIRE_LAKE"
SOURCES = "NIGHTWIRE_SOURCES"
WORKERS = "NIGHTWIRE_WORKERS"
COPY_DAYS = "NIGHTWIRE_COPY_DAYS"
LEAST_COLUMNS = 40  # below it nothing that is printed can be read


def lake_home(given: str | Path | None = None) -> Path:
    """The lake's folder: as given, else as the environment says, else `lake/` below the working directory."""
    return Path(given or os.environ.get(LAKE) or "lake")


def sources_folder() -> Path | None:
    """The folder of source files the environment names, or None for the ones that come with the project."""
    named = os.environ.get(SOURCES)
    return Path(named) if named else None


def worker_count() -> int:
    """How many processes read pages: one per core unless the environment says otherwise.

    Raises:
        NightwireError: the environment names something that is no positive whole number.
    """
    named = os.environ.get(WORKERS)
    if not named:
        return os.cpu_count() or 1
    if not named.isdigit() or int(named) < 1:
        raise NightwireError(f"{WORKERS}={named} is no positive whole number; unset it to use every core")
    return int(named)


def copy_days() -> int | None:
    """How many days apart texts are compared; None: of any age.

    Raises:
        NightwireError: the environment names something that is neither a whole number nor `all`.
    """
    from warehouse.copies import WINDOW_DAYS  # loads DuckDB, for which `nightwire --help` need not wait

    named = os.environ.get(COPY_DAYS)
    if not named:
        return WINDOW_DAYS
    if named == "all":
        return None
    if not named.isdigit():
        raise NightwireError(
            f"{COPY_DAYS}={named} is no number of days; give one such as 60, or all, or unset it for {WINDOW_DAYS}"
        )
    return int(named)


def columns() -> int | None:
    """How many characters a line may have, by the environment; None where it does not say, or less than 40."""
    named = os.environ.get("COLUMNS", "")
    return int(named) if named.isdecimal() and int(named) >= LEAST_COLUMNS else None
