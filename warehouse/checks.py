"""The promises of the lake, each a view that returns the rows which break it; empty means that it holds.

The files are `sql/checks/<promise>_<part>.sql`; they hold after a run that went through (articles read, copies
found). `whole_files` is the one check that looks at the disk; where it fails
the others are not asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.connection import Lake
from warehouse.verify import torn_files
from warehouse.views import all_views


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that does not hold."""

    name: str  # of the check: "once_keys"
    asks: str  # the question it answers, for a person
    rows: int  # how many rows break it
    sample: str  # the first of them: "article_id=…, source=…"


def run_checks(lake: Lake) -> list[Broken]:
    """Run every check; an empty list means that all promises hold."""
    torn = torn_files(lake)
    if torn:  # the other checks would stumble over it
        sample = f"file={torn[0].path}, expected_bytes={torn[0].expected_bytes}, bytes={torn[0].bytes}"
        asks = "promise 2, all or nothing: is every file of the lake as long as the catalog says?"
        return [Broken(name="whole_files", asks=asks, rows=len(torn), sample=sample)]
    broken = []
    with lake.connection() as connection:
        for view in all_views():
            if view.layer != "checks":
                continue
            count = connection.execute(f"select count(*) from {view.name}").fetchone()
            if count is None or count[0] == 0:
                continue
            answer = connection.execute(f"select * from {view.name} order by all limit 1")
            names = [column[0] for column in answer.description or ()]
            row = answer.fetchone() or ()
            sample = ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=False))
            broken.append(Broken(name=view.name, asks=view.answers, rows=count[0], sample=sample))
    return broken
