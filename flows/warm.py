"""Imported by the process that workers are forked from, and by nothing else: the reader, ready to read.

What is loaded late (the language model, tables of month names) is loaded once here and shared by every worker, so
that it is neither the first page's time nor each worker's memory.
"""

from __future__ import annotations

import gc

from articles import read_page

_STORY = (
    "The reader is ready and its tables are loaded, so that no page waits for them when its time is counted. "
    * 3
)
_PAGE = f"<html><body><article><h1>The reader is ready</h1><p>{_STORY}</p></article></body></html>"

read_page(_PAGE.encode(), url="https://ready.example/2026/11/20/reader", content_type="text/html")
gc.collect()
gc.freeze()  # what is here now stays: collecting it again in a worker would only copy its memory
