"""What every room's tests share: where the shared material lies, and a home for Prefect that is not the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seeds and corpora that the project never contains."""
    folder = Path(os.environ.get("NIGHTWIRE_SHARED", "../shared")).resolve()
    if not (folder / "seeds" / "truth.json").exists():
        pytest.skip(f"the shared material is not at {folder}; NIGHTWIRE_SHARED names its folder")
    return folder


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares an expensive fixture on one worker: the tests of a file, and all that ask the two nights."""
    for item in items:
        shares = "two_nights" if "two_nights" in getattr(item, "fixturenames", ()) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(shares))
