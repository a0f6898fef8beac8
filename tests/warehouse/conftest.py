"""Lakes for tests: one that is emptied before each, and new ones for those that need their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warehouse import Lake
from warehouse.tables import CLAIM, TABLES


@pytest.fixture(scope="session")
def session_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake.create_or_open(tmp_path_factory.mktemp("session") / "lake")
    yield lake
    lake.close()


@pytest.fixture
def lake(session_lake: Lake) -> Lake:
    """An empty lake; opening a new one for each test would cost half a second each."""

    def empty(connection) -> None:
        for table in TABLES:
            if table is not CLAIM and connection.execute(f"select count(*) from {table.name}").fetchone() != (
                0,
            ):
                connection.execute(f"delete from {table.name}")

    session_lake.transact(empty, message="empty the lake")
    return session_lake


@pytest.fixture
def make_lake(session_lake: Lake, lake: Lake, tmp_path: Path) -> Iterator[Callable[[str], Lake]]:
    """New empty lakes by name, for tests that harm theirs or need several."""
    made: list[Lake] = []

    def make(name: str) -> Lake:
        session_lake.close()  # a catalog that is open is not whole in its file
        shutil.copytree(session_lake.home, tmp_path / name)
        made.append(Lake.open(tmp_path / name))
        return made[-1]

    yield make
    for one in made:
        one.close()
