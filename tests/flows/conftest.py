"""A lake with two nights of the sample web, made once; and a way to call the command line as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from flows.nightly import nightly
from newsroom import Newsroom
from warehouse import query

NIGHTS = (date(2026, 11, 19), date(2026, 11, 20))


@dataclass(frozen=True)
class TwoNights:
    """What the two nights left behind."""

    home: Path
    reports: tuple[str, ...]  # what each run returned; a third one is night two again
    requests: tuple[int, ...]  # how many article pages the sample web was asked for, run by run

    def ask(self, statement: str) -> list[tuple]:
        with query(self.home, statement) as answer:
            return list(answer.rows())


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory) -> TwoNights:
    """Night one, night two, and night two once more."""
    home = tmp_path_factory.mktemp("two-nights") / "lake"
    reports, requests = [], []
    with Newsroom() as site:
        for number, day in ((1, NIGHTS[0]), (2, NIGHTS[1]), (2, NIGHTS[1])):
            site.night = number
            before = len(site.requests)
            reports.append(nightly.fn(day, "sample", newsroom=site.url, lake=str(home)))
            requests.append(len(site.requests) - before)
    return TwoNights(home=home, reports=tuple(reports), requests=tuple(requests))


@pytest.fixture(scope="session")
def nightwire() -> Callable[..., subprocess.CompletedProcess]:
    """Run `nightwire …` in a process of its own."""
    program = Path(sys.executable).with_name("nightwire")

    def run(*arguments: str | Path, lake: Path | None = None, env: dict[str, str] | None = None):
        environment = {**os.environ, **(env or {})}
        if lake is not None:
            environment["NIGHTWIRE_LAKE"] = str(lake)
        command: Sequence[str] = [str(program), *map(str, arguments)]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=100, check=False
        )

    return run
