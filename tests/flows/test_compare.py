"""`nightwire compare`: copies and stories looked for by themselves, in the window that is asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from articles.errors import NightwireError
from flows import config
from flows.cli import app
from flows.compare import compare
from tests.warehouse.pages import page, prose, rows, store
from warehouse import Lake

WIRE = prose(1, paragraphs=6, words=60)


def test_what_waits_is_placed_and_a_wider_window_finds_what_lies_further_apart(tmp_path: Path):
    lake = Lake.create_or_open(tmp_path / "lake")
    store(
        lake,
        page("a", WIRE, source="zz_a", published_date=date(2026, 8, 1)),
        page("b", WIRE + "\n" + prose(2, paragraphs=2), source="zz_b"),
    )
    lake.close()
    for asked, pairs in (({}, 0), ({"days": 30}, 0), ({"everything": True}, 1)):
        said = compare.fn(**asked, lake=str(lake.home))
        assert "articles 2" in said
        assert rows(lake, "select count(*) from copies") == [(pairs,)]
        assert rows(lake, "select count(*) from story_members") == [(2,)]
        lake.close()
    assert rows(lake, "select distinct flow, outcome from runs") == [("compare", "ok")]
    lake.close()


@pytest.mark.parametrize(("named", "days"), [("", 60), ("120", 120), ("0", 0), ("all", None)])
def test_the_window_is_a_setting(named: str, days: int | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(config.COPY_DAYS, named)
    assert config.copy_days() == days


def test_a_window_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(config.COPY_DAYS, "two months")
    with pytest.raises(NightwireError, match="NIGHTWIRE_COPY_DAYS=two months is no number of days"):
        config.copy_days()
    both = CliRunner().invoke(app, ["compare", "--all", "--days", "3"])
    assert isinstance(both.exception, NightwireError)
