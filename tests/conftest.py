"""What every room's tests share: where the shared material lies, an empty lake to copy, and which files go first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path

import pytest

from warehouse import Lake

os.environ.pop(
    "COLUMNS", None
)  # what is printed for a file must not follow the terminal of whoever runs the tests

# The files that take longest, by the clock. A worker that took one of them last would leave the other one idle.
LONGEST_FIRST = (
    "flows/test_prefect.py",
    "flows/test_nightly.py",
    "flows/test_bad_input.py",
    "warehouse/test_killing.py",
    "warehouse/test_copies.py",
    "spiders/test_crawl.py",
    "flows/test_past.py",
    "warehouse/test_lake.py",
    "flows/test_backfill.py",
    "flows/test_reread.py",
    "warehouse/test_load.py",
    "warehouse/test_stories.py",
)


# A process forks its children off one other, which knows the modules that the first who asked for it had named: the
# children of everybody else would import theirs, one to two seconds each. So all are named here, the reader last.
FORKED = ("tests.spiders.forking", "tests.warehouse.killing", "flows.workers", "flows.warm")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; the others keep their order."""
    place = {f"tests/{name}": number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seeds and corpora that the project never contains."""
    folder = Path(os.environ.get("NIGHTWIRE_SHARED", "../shared")).resolve()
    if not (folder / "seeds" / "truth.json").exists():
        pytest.skip(f"the shared material is not at {folder}; NIGHTWIRE_SHARED names its folder")
    return folder


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty lake, to be copied; making one takes five times as long."""
    home = tmp_path_factory.mktemp("empty") / "lake"
    Lake.create_or_open(home).close()
    return home


@pytest.fixture(scope="session")
def new_lake(empty_home: Path) -> Callable[[Path], Lake]:
    """Make an empty lake at a place; whoever asks for it closes it."""

    def copy(place: Path) -> Lake:
        return Lake.open(Path(shutil.copytree(empty_home, place)))

    return copy


@pytest.fixture(scope="session")
def forked_in_no_time() -> None:
    """Children (readers of pages, crawls, loaders to be killed) that have imported what they need."""
    forkserver.set_forkserver_preload(list(FORKED))
    forkserver.ensure_running()
