"""Killed at any moment: nothing lost, nothing doubled, no half batch, and the next run finishes the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.killing import kill_repeatedly


@pytest.mark.timeout(300)
def test_thirty_kills_lose_nothing_double_nothing_and_leave_no_half_batch(tmp_path: Path):
    figures = kill_repeatedly(tmp_path, kills=30, seed=3)

    assert figures.acknowledged >= 30, "the children were killed before they did anything"
    assert (figures.lost, figures.half, figures.different_tables) == (0, 0, 0)
