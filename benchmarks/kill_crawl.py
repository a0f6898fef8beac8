"""Kill the crawl with SIGKILL at random moments: is an address lost, or fetched twice?

    python -m benchmarks.kill_crawl --kills 200

Prints one line of figures; `lost` and `asked_too_often` must be zero. How it is done: tests/spiders/killing.py, which
the suite runs with a few kills.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.spiders.killing import kill_repeatedly


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the crawl at random moments and count what was lost.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--outlets", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    asked = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = kill_repeatedly(Path(folder), kills=asked.kills, seed=asked.seed, outlets=asked.outlets)
    print(f"{figures}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
