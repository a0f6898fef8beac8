"""What a table of the lake is: columns with their meaning, the key, and how its files are laid out.

DuckLake has no keys, checks or enums; the key stated here is kept by the loading code and proven by
`sql/checks/once_*.sql`. The data dictionary is rendered from these definitions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its SQL type, and what a value means (unit, origin, meaning of null)."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. `month_of` names the moment whose year and month partition the files."""

    name: str
    one_row_per: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    month_of: str | None = None
    sorted_by: tuple[str, ...] = ()
    row_group_rows: int | None = None  # None: the lake's default

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)
