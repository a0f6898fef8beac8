"""A list of addresses that a person gives: what is on it, and whose each address is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from articles.errors import NightwireError
from articles.records import Reason, Rejected
from articles.urls import fetch_url
from flows.files import SetAside
from flows.sources import owner_of_url
from spiders.discovery import Found, candidates
from spiders.frontier import Candidate
from spiders.source import URL_LIMIT_CHARS, SourceFile, unlisted_source

STDIN = "-"
MAX_LINE_BYTES = 4 * URL_LIMIT_CHARS  # a character has at most four bytes in UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address of a list, and how to visit it."""

    url: str
    source: SourceFile  # the source that has its host, or one made for the host alone


def read_addresses(file: str) -> Iterator[Address | SetAside]:
    """The addresses of a list, one a line; blank lines and lines that begin with # are passed over.

    Args:
        file: its path; "-" for standard input.

    Yields:
        Addresses in order, twins among them; a line that is none is set aside with its number.

    Raises:
        NightwireError: the file cannot be read.
    """
    owner_of = owner_of_url()
    unlisted: dict[str, SourceFile] = {}
    try:
        with nullcontext(sys.stdin.buffer) if file == STDIN else Path(file).open("rb") as lines:
            number = 0
            while line := lines.readline(MAX_LINE_BYTES):
                number += 1
                text = line.decode("utf-8-sig", "replace").strip()
                if len(line) == MAX_LINE_BYTES:
                    while line and not line.endswith(b"\n"):
                        line = lines.readline(MAX_LINE_BYTES)
                elif not text or text.startswith("#"):
                    continue
                address = None if len(text) > URL_LIMIT_CHARS or len(text.split()) > 1 else fetch_url(text)
                if address is None or len(address) > URL_LIMIT_CHARS:
                    yield _set_aside(file, number, text)
                    continue
                source = owner_of(address)
                if source is None:
                    source = unlisted_source(address)
                    source = unlisted.setdefault(source.name, source)
                yield Address(url=address, source=source)
    except OSError as error:
        raise NightwireError(
            f"the list of addresses {file} cannot be read: {error.strerror or error}; name a file with one address a line"
        ) from error


def named_candidates(source: SourceFile, addresses: Sequence[Address]) -> list[Candidate]:
    """Addresses of one source as its queue keeps them: a person named them, so no pattern of articles keeps any out."""
    found = [Found(url=one.url) for one in addresses]
    return [replace(one, skip=None) for one in candidates(found, source, "list")]


def _set_aside(file: str, number: int, text: str) -> SetAside:
    place = "standard input" if file == STDIN else file
    return SetAside(
        path=f"{place}#{number}",
        rejected=Rejected(
            capture_id=None,
            stage="file",
            reason=Reason.UNREADABLE,
            detail=f"{place}, line {number}: {text[:200]!r} is no address; expected http:// or https:// and a host, "
            f"at most {URL_LIMIT_CHARS:,} characters, alone on its line",
        ),
    )
