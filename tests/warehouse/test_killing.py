"""Killed at any moment: nothing lost, nothing doubled, no half batch, and the next run finishes the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.killing import kill_repeatedly


@pytest.mark.timeout(900)  # a minute where nothing else runs
def test_fifteen_kills_lose_nothing_double_nothing_and_leave_no_half_batch(
    forked_in_no_time: None, tmp_path: Path
):
    figures = kill_repeatedly(tmp_path, kills=15, seed=3)

    assert figures.acknowledged >= 15, "the children were killed before they did anything"
    assert (figures.lost, figures.half, figures.different_tables) == (0, 0, 0)
