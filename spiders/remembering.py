"""What a lake's crawler remembers of some addresses, looked up without touching its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from spiders.checking import Memory, View

_BATCH = 500


def remember(frontier: Path, view: View) -> Memory | None:
    """What is known of a source's lists and of the addresses in them; None where no crawler has kept anything yet.

    The file is opened for reading alone: a look never brings it to another form, and waits for no crawl.
    """
    if not frontier.is_file():
        return None
    keys = list({item.url_key for items in view.items.values() for item in items})
    numbers = {
        item.publisher_number: item.url_key
        for items in view.items.values()
        for item in items
        if item.publisher_number is not None
    }
    try:
        with closing(
            sqlite3.connect(f"{frontier.resolve().as_uri()}?mode=ro", uri=True, timeout=2)
        ) as database:
            known = {
                key for (key,) in _rows(database, "select url_key from seen_urls where url_key in", keys)
            }
            met = _rows(
                database,
                "select publisher_number from seen_urls where source = ? and publisher_number in",
                list(numbers),
                view.source.name,
            )
            known |= {numbers[number] for (number,) in met}
            read = _rows(
                database,
                "select url, last_ok_at from feed_state where last_ok_at is not null and url in",
                list(view.documents),
            )
            read_at = {url: datetime.fromisoformat(moment) for url, moment in read}
    except sqlite3.DatabaseError:  # of another form, or damaged: a night says so, a look goes on without
        return None
    return Memory(read_at=read_at, known=known)


def _rows(
    database: sqlite3.Connection, select: str, values: list[str], *before: str
) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(values), _BATCH):
        batch = values[start : start + _BATCH]
        yield from database.execute(f"{select} ({', '.join('?' * len(batch))})", (*before, *batch))
