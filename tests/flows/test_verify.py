"""A night answers for what it wrote, `verify` and the housekeeping for everything, however old."""

from __future__ import annotations

from pathlib import Path

import pytest

from articles.errors import NightwireError
from flows.maintain import maintain
from flows.run import NightBroken, opened_run
from flows.steps import keep_promises
from flows.verify import verify
from tests.warehouse.pages import load, page, prose
from warehouse import Lake


def test_a_fault_in_an_old_month_breaks_no_night_and_is_found_by_those_who_look_everywhere(tmp_path: Path):
    lake = Lake.create_or_open(tmp_path / "lake")
    load(lake, page("a", prose(1), hours=-24 * 400))
    assert verify.fn(lake=str(lake.home)).splitlines()[1].split() == ["broken_promises", "none"]

    lake.transact(lambda connection: connection.execute("update blocks set rule = ''"), message="plant")
    with opened_run("nightly", str(lake.home), night=None, parameters={}, wait=False) as run:
        keep_promises(run)
    assert run.is_sound
    for look_everywhere in (verify.fn, maintain.fn):
        with pytest.raises(NightBroken, match="explained_blocks"):
            look_everywhere(lake=str(lake.home))


def test_where_no_lake_is_none_is_made_to_be_verified(tmp_path: Path):
    with pytest.raises(NightwireError, match="no lake"):
        verify.fn(lake=str(tmp_path / "lake"))
    assert not (tmp_path / "lake").exists()
