"""Whether the files of the lake are as the catalog knows them.

Counts are answered from the catalog and from Parquet footers, so a torn file goes unnoticed by most queries; its
length does not lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse.connection import Lake
from warehouse.tables import TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class TornFile:
    """A file of the lake that is not as long as it was when it was written."""

    table: str
    path: Path
    expected_bytes: int
    bytes: int | None  # None: it is not there


def torn_files(lake: Lake) -> list[TornFile]:
    """Every data and delete file whose length on the disk is not the one in the catalog."""
    listed = " union all ".join(
        f"select '{table.name}', data_file, data_file_size_bytes, delete_file, delete_file_size_bytes "
        f"from ducklake_list_files('lake', '{table.name}')"
        for table in TABLES
    )
    with lake.connection() as connection:
        files = connection.execute(listed).fetchall()
    torn = []
    for table, data_file, data_bytes, delete_file, delete_bytes in files:
        for name, expected in ((data_file, data_bytes), (delete_file, delete_bytes)):
            if name is None:
                continue
            path = Path(name)
            actual = path.stat().st_size if path.exists() else None
            if actual != expected:
                torn.append(TornFile(table=table, path=path, expected_bytes=expected, bytes=actual))
    return torn
