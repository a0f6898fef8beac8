"""Go and get: fetch and store, judge nothing.

A flow needs these: the sources, a job made of some of them, and `crawl`, which runs it in a process of its own.
"""

from spiders.launch import Progress, crawl
from spiders.pages import fetch_page
from spiders.records import CrawlFailure, CrawlJob, CrawlResult, EndpointStats, SourceStats
from spiders.source import SourceFile, load_source, load_sources, source_for_url

__all__ = [
    "CrawlFailure",
    "CrawlJob",
    "CrawlResult",
    "EndpointStats",
    "Progress",
    "SourceFile",
    "SourceStats",
    "crawl",
    "fetch_page",
    "load_source",
    "load_sources",
    "source_for_url",
]
