"""The benchmark of web archives, small: it counts right, and reading holds no more than a few pages."""

from __future__ import annotations

import tracemalloc

from benchmarks.backfill_warc import PAGE_BYTES, bare, ours, write_archive
from spiders.transport import is_public


def test_a_small_archive_is_read_whole_in_little_memory(tmp_path):
    file = tmp_path / "news.warc.gz"
    number = write_archive(file, 3_000_000)
    chosen = ours(file, is_every_host=False)
    assert is_public("192.0.2.1") is False  # imported now: what is kept once is not a matter of pages

    tracemalloc.start()
    every = ours(file, is_every_host=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert bare(file).records == chosen.records == every.records == every.pages == number
    assert chosen.pages == number // 20 > 0
    assert peak < 4_000_000 < number * PAGE_BYTES
