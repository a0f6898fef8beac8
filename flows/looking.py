"""Read one thing for a person: a file, a page of the live web, or an article that the lake keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from articles import Reading
from articles.errors import NightwireError
from articles.records import Capture
from flows.files import Origin, SetAside, read_file
from flows.reading import read_capture, source_named
from flows.run import now
from flows.sources import all_sources, known_sources, source_of_url
from spiders import fetch_page
from warehouse import Lake, capture_of_article

_ARTICLE_ID = re.compile(r"[0-9a-f]{32}")


def read_things(names: Sequence[str], newsroom: str | None) -> Iterator[Reading]:
    """Read files and web addresses, in order; nothing is stored.

    Args:
        names: paths, and addresses that start with http:// or https://.
        newsroom: address of the sample web, for addresses that live there.

    Yields:
        One reading per file, page or line of a JSONL file.

    Raises:
        NightwireError: a file cannot be read, or an address not be had.
    """
    known = known_sources()
    for name in names:
        found = [_page(name, newsroom)] if name.startswith(("http://", "https://")) else _files(Path(name))
        for capture in found:
            yield read_capture(capture, source_named(capture.source, known))


def reading_of_article(home: Path, name: str) -> Reading | None:
    """Read again the page an article of the lake came from; None when `name` has not the form of an article's id.

    Raises:
        NightwireError: the lake holds no such article.
    """
    if not _ARTICLE_ID.fullmatch(name):
        return None
    lake = Lake.open(home)
    try:
        capture = capture_of_article(lake, name)
    finally:
        lake.close()
    return read_capture(capture, source_named(capture.source, known_sources()))


def _files(path: Path) -> Iterator[Capture]:
    if path.is_dir():
        raise NightwireError(f"cannot read {path}: it is a folder; name one file of it")
    origin = Origin(run_id="none", source=None, source_of=source_of_url(), now=now(), is_every_host=True)
    for found in read_file(path, origin):
        if isinstance(found, SetAside):
            raise NightwireError(f"cannot read {found.rejected.detail}")
        if isinstance(found, Capture):
            yield found


def _page(url: str, newsroom: str | None) -> Capture:
    return fetch_page(url, tuple(all_sources().values()), newsroom=newsroom)
