"""A lake for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warehouse import Lake


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake as it is made, to copy: making one takes a second, copying it no time."""
    home = tmp_path_factory.mktemp("template") / "lake"
    Lake.create_or_open(home).close()
    return home


@pytest.fixture
def make_lake(empty_lake: Path, tmp_path: Path) -> Iterator[Callable[[str], Lake]]:
    made: list[Lake] = []

    def make(name: str) -> Lake:
        shutil.copytree(empty_lake, tmp_path / name)
        lake = Lake.open(tmp_path / name)
        made.append(lake)
        return lake

    yield make
    for lake in made:
        lake.close()


@pytest.fixture
def lake(make_lake: Callable[[str], Lake]) -> Lake:
    return make_lake("lake")
