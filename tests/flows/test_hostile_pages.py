"""Pages made to harm a reader, all in one backfill: each is answered, and those that hold an article are read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "hostile_pages.py"
# Quick ones of every kind; `benchmarks/hostile_pages.py` runs them all.
CASES = (
    "deep_*k",
    "deep_div_1m",
    "many_attrs_100k",
    "class_tokens_1m",
    "infinite_br_1m",
    "title_5mb",
    "nul_*",
    "control_chars",
    "noncharacters",
    "utf*",
    "charset_*",
    "enc_*",
    "doctype_*",
    "binary_*",
    "empty",
    "soft404",
    "jsonld_[bdinw]*",
)


def test_no_page_crashes_hangs_or_goes_unanswered(shared):
    """The script fails when one does, when a good page is not read, or when memory passes 2 GiB."""
    cases = [word for case in CASES for word in ("--case", case)]
    done = subprocess.run(
        [sys.executable, SCRIPT, "--shared", shared, *cases],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert "broken promises: 0" in done.stdout
