"""A lake with two nights of the sample web, made once; and two ways to call the command line as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest

from flows.cli import main
from flows.nightly import nightly
from flows.watching import LOG
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


@dataclass(frozen=True)
class Done:
    """What a command said, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session", autouse=True)
def _forked(forked_in_no_time: None) -> None:
    """Nearly every test of this room starts processes."""


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
def nightwire() -> Callable[..., Done]:
    """Run `nightwire …` in this process: the same command line, without two seconds of imports each time."""

    def run(*arguments: str | Path, lake: Path | None = None, env: Mapping[str, str] | None = None) -> Done:
        said, complained = StringIO(), StringIO()
        log = LOG.handlers, LOG.propagate, LOG.level
        with (
            mock.patch.dict(os.environ, _environment(lake, env)),
            mock.patch.object(sys, "argv", ["nightwire", *map(str, arguments)]),
            redirect_stdout(said),
            redirect_stderr(complained),
        ):
            try:
                main()
                status = 0
            except SystemExit as ended:
                status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        LOG.handlers, LOG.propagate, LOG.level = log
        return Done(returncode=status, stdout=said.getvalue(), stderr=complained.getvalue())

    return run


@pytest.fixture(scope="session")
def nightwire_process() -> Callable[..., subprocess.CompletedProcess]:
    """Run `nightwire …` in a process of its own, for what only the process shows."""
    program = Path(sys.executable).with_name("nightwire")

    def run(*arguments: str | Path, lake: Path | None = None, env: Mapping[str, str] | None = None):
        return subprocess.run(
            [str(program), *map(str, arguments)],
            env={**os.environ, **_environment(lake, env)},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run


def _environment(lake: Path | None, env: Mapping[str, str] | None) -> dict[str, str]:
    return {**(env or {}), **({} if lake is None else {"NIGHTWIRE_LAKE": str(lake)})}
