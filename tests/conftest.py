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
