"""Where things lie in a lake folder."""

from __future__ import annotations

from pathlib import Path

LAKE_FILES = frozenset(
    {
        "catalog.sqlite",
        "catalog.sqlite-wal",
        "catalog.sqlite-shm",
        "data",
        "published.ducklake",
        "spool",
        "frontier.sqlite",
        "frontier.sqlite-wal",
        "frontier.sqlite-shm",
        "writer.lock",
        "run.lock",
        "logs",
        "export",
    }
)


class LakeFolder:
    """The paths of a lake, whether it is there or not."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()

    @property
    def catalog_path(self) -> Path:
        """The catalog. Never open it with another SQLite in this process: closing that drops our locks on it."""
        return self.home / "catalog.sqlite"

    @property
    def data_path(self) -> Path:
        """The folder of Parquet files."""
        return self.home / "data"

    @property
    def published_path(self) -> Path:
        """The analysts' copy of the catalog."""
        return self.home / "published.ducklake"

    @property
    def spool_path(self) -> Path:
        """The folder in which the crawler leaves captures."""
        return self.home / "spool"
