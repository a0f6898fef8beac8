"""Lakes for tests: an empty one for each, and as many more as a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warehouse import Lake


@pytest.fixture
def make_lake(new_lake: Callable[[Path], Lake], tmp_path: Path) -> Iterator[Callable[[str], Lake]]:
    """New empty lakes by name."""
    made: list[Lake] = []

    def make(name: str) -> Lake:
        made.append(new_lake(tmp_path / name))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def lake(make_lake: Callable[[str], Lake]) -> Lake:
    """An empty lake."""
    return make_lake("lake")
