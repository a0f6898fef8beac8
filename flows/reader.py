"""Which reader this is, to the byte: two of equal hash read every page alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from articles import READER_VERSION
from flows.sources import known_sources
from warehouse import Reader

# What decides a reading besides our own code: they choose blocks, parse, guess languages and charsets, know calendars.
_LIBRARIES = (
    "trafilatura",
    "lxml",
    "py3langid",
    "charset-normalizer",
    "courlan",
    "babel",
    "hijridate",
    "persiantools",
)


def current_reader() -> Reader:
    """This reader, by a SHA-256 over its code, rules and data, its libraries, and what is known of each source."""
    digest = hashlib.sha256()
    for name, content in sorted(_files(files("articles"), "")):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\0".encode())
    for name, source in sorted(known_sources().items()):
        digest.update(f"{name} {source!r}\0".encode())
    return Reader(version=READER_VERSION, sha256=digest.hexdigest())


def _files(folder: Traversable, inside: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{inside}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry, name)
        else:
            yield name, entry.read_bytes()
