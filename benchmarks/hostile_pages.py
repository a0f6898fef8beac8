"""Every hostile page through `nightwire backfill` in one go: none crashes it, none hangs it, none is left without an answer.

    .venv/bin/python benchmarks/hostile_pages.py [--case GLOB …] [--shared ../shared]

The pages are made by `tools/hostile_inputs.py` of the shared folder. A page is *good* when it holds the sentinel (or the
text in a hard charset) that its maker wants found; then an article with that text must come of it, unless it breaks a
limit that we state: too large, too many elements, too much time or memory. Any other page may be answered as it
deserves. Memory is that of the command's whole process tree, sampled; RSS counts pages that processes share once for
each of them, PSS counts them once. Status 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from processes import PeakMemory

from warehouse import query

MEMORY_BYTES = 2 << 30  # of the whole tree
SECONDS = 1800  # a run of all pages takes some minutes; this long is a hang
LIMITS = frozenset({"too_large", "timed_out", "out_of_memory"})  # reasons that a good page may be refused for
FAULTS = frozenset({"worker_died", "reader_failed"})
ANSWERS = """
    select
        captures.requested_url,
        readings.encoding,
        string_agg(articles.text, chr(10)) as text,
        bool_or(articles.is_cut) as is_cut,
        any_value(rejected.reason) as reason,
        any_value(rejected.detail) as detail
    from captures
    left join readings using (capture_id)
    left join articles on list_contains(readings.article_ids, articles.article_id)
    left join rejected on rejected.capture_id = captures.capture_id
    group by all
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one page."""

    encoding: str | None
    text: str | None
    is_cut: bool | None
    reason: str | None
    detail: str | None


def load_maker(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostile_inputs", shared / "tools" / "hostile_inputs.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = maker
    spec.loader.exec_module(maker)
    return maker


def run(folder: Path, lake: Path) -> tuple[subprocess.CompletedProcess[str], PeakMemory, float]:
    """Load the folder; how it ended, its peak memory, and how long it took in seconds."""
    program = Path(sys.executable).with_name("nightwire")
    begun = time.monotonic()
    process = subprocess.Popen(
        [program, "backfill", folder],
        env={**os.environ, "NIGHTWIRE_LAKE": str(lake)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with PeakMemory(process.pid) as peak:
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    return done, peak, time.monotonic() - begun


def answers(lake: Path) -> dict[str, Answer]:
    with query(lake, ANSWERS) as found:
        return {
            Path(place).stem: Answer(encoding=encoding, text=text, is_cut=cut, reason=reason, detail=detail)
            for place, encoding, text, cut, reason, detail in found.rows()
        }


def judge(wanted: str | None, answer: Answer | None) -> tuple[str, bool]:
    """What became of a page, in one word, and whether that is a broken promise."""
    if answer is None or (answer.text is None and answer.reason is None):
        return "UNANSWERED", True
    if answer.text is None:
        is_fault = answer.reason in FAULTS or (wanted is not None and answer.reason not in LIMITS)
        return f"{answer.reason}{' (GOOD PAGE)' if is_fault else ''}", is_fault
    if wanted is not None and wanted not in answer.text:
        return "MISREAD", True
    return "cut" if answer.is_cut else "read", False


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case", action="append", help="names of pages, as a pattern; all of them by default"
    )
    parser.add_argument("--shared", type=Path, default=os.environ.get("NIGHTWIRE_SHARED", "../shared"))
    options = parser.parse_args()
    maker = load_maker(Path(options.shared))
    patterns = options.case or ["*"]
    names = [name for name in maker.HTML if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]

    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        folder, lake = Path(place, "pages"), Path(place, "lake")
        folder.mkdir()
        wanted: dict[str, str | None] = {}
        sizes: dict[str, int] = {}
        for name in names:
            body = maker.build("html", name)
            expected = maker.EXPECT_TEXT.get(name, maker.MARK).strip()
            is_good = name in maker.EXPECT_TEXT or any(
                maker.MARK.encode(codec) in body for codec in ("utf-8", "utf-16-le", "utf-32-le")
            )
            wanted[name], sizes[name] = (expected if is_good else None), len(body)
            (folder / f"{name}.html").write_bytes(body)
        done, peak, seconds = run(folder, lake)
        found = answers(lake) if (lake / "catalog.sqlite").exists() else {}

    counts: Counter[str] = Counter()
    broken = []
    for name in names:
        outcome, is_broken = judge(wanted[name], found.get(name))
        counts[outcome] += 1
        answer = found.get(name)
        note = (answer.detail or answer.encoding or "") if answer else ""
        print(f"{name:32s} {sizes[name] / 1e6:8.2f} MB  {outcome:24s} {note[:90]}")
        if is_broken:
            broken.append(name)
    if done.returncode != 0:
        broken.append(f"the command ended with status {done.returncode}: {done.stderr[-500:]}")
    if peak.rss > MEMORY_BYTES:
        broken.append(f"memory: more than {MEMORY_BYTES >> 20} MiB")
    print(
        f"\n{len(names)} pages, {sum(wanted[name] is not None for name in names)} of them good, in {seconds:.0f} s: "
        + ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
        + f"\npeak memory of the tree: {peak.rss >> 20:,} MiB RSS, {peak.pss >> 20:,} MiB PSS"
        + f"\nbroken promises: {len(broken)}{': ' + ', '.join(broken) if broken else ''}"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
