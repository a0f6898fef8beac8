"""Kill the loader with SIGKILL at random moments: what is lost, doubled or left half?

    python -m benchmarks.kill_loader --kills 200

Prints one line of figures; all but kills, pages and acknowledged must be zero. How it is done: tests/warehouse/killing.py,
which the suite runs with 30 kills.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.warehouse.killing import kill_repeatedly


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the loader at random moments and count what was lost.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    asked = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = kill_repeatedly(Path(folder), kills=asked.kills, seed=asked.seed)
    print(f"{figures}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
