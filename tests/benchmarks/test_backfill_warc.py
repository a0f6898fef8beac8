"""The benchmark of web archives, small: it counts right, and reading holds no more than a few pages."""

from __future__ import annotations

import tracemalloc

from benchmarks.backfill_warc import PAGE_BYTES, bare, ours, write_archive


def test_a_small_archive_is_read_whole_in_little_memory(tmp_path):
    file = tmp_path / "news.warc.gz"
    number = write_archive(file, 5_000_000)
    assert number * PAGE_BYTES > 9_000_000

    ours(file, is_every_host=True)  # what is imported and kept once is not a matter of pages

    tracemalloc.start()
    every, chosen = ours(file, is_every_host=True), ours(file, is_every_host=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert bare(file).records == every.records == every.pages == number
    assert chosen.pages == number // 20
    assert peak < 5_000_000
