"""Scrapy's settings, every one that matters said outright. Why each: notes/crawling.md 5, measured on Scrapy 2.19.

The environment is read here and in `flows/config.py` only: NIGHTWIRE_LAKE (the lake's folder, for `scrapy crawl news`)
and NIGHTWIRE_CONTACT (a page or mail address where publishers reach whoever runs this).
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from typing_extensions import override

from spiders.records import CrawlJob


def _version() -> str:
    try:
        return version("nightwire")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


NIGHTWIRE_LAKE = os.environ.get("NIGHTWIRE_LAKE", "lake")
NIGHTWIRE_CONTACT = os.environ.get("NIGHTWIRE_CONTACT")
NIGHTWIRE_SAMPLE_WEB: tuple[str, int] | None = None  # host and port of the sample web; see `for_job`
NIGHTWIRE_INSECURE_SITES: list[str] = []  # hosts whose certificates are not verified; see `for_job`

BOT_NAME = "nightwire"
SPIDER_MODULES = ["spiders.spider"]

# One honest name, the same that robots.txt files are read for.
USER_AGENT = f"nightwire/{_version()} (+{NIGHTWIRE_CONTACT or 'operator gave no contact'})"
ROBOTSTXT_USER_AGENT = "nightwire"
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

# One request at a time per host. Requests that wait for their host's delay count against the first figure, so it
# must exceed the number of hosts; `for_job` raises it.
CONCURRENT_REQUESTS = 128
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = (
    1  # Scrapy makes so many tasks for each answer; at its default of 100 they cost more than the rest
)
SCRAPER_SLOT_MAX_ACTIVE_SIZE = (
    512 << 20
)  # answers in work; at Scrapy's 5 MB one long sitemap stops every download
DOWNLOAD_DELAY = 2.0
DOWNLOAD_DELAY_JITTER = 0.0  # a Crawl-delay is a minimum; jitter would go below it
DOWNLOAD_TIMEOUT = 30  # seconds for the whole answer, so slow drips end too; `for_job` has the last word
DOWNLOAD_MAXSIZE = 10 << 20  # also of what is unpacked, layer by layer
DOWNLOAD_WARNSIZE = 4 << 20
URLLENGTH_LIMIT = 2083
DNS_TIMEOUT = 10
REACTOR_THREADPOOL_MAXSIZE = 20  # look-ups of names; a few dead name servers must not hold up the rest

# No way but http and https, nothing that listens, nothing that remembers.
DOWNLOAD_HANDLERS = {
    "http": "spiders.transport.BoundedHttpHandler",
    "https": "spiders.transport.BoundedHttpHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "spiders.transport.PublicResolver"
DOWNLOAD_VERIFY_CERTIFICATES = True
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
REFERRER_POLICY = "no-referrer"
HTTPPROXY_ENABLED = False  # a proxy of the environment would connect where the address guard cannot see

REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
RETRY_EXCEPTIONS = [  # not a timeout: a page that hung for 30 s is tried another night
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.ResponseDataLossError",
]
HTTPERROR_ALLOW_ALL = True  # the spider counts every status

ROBOTSTXT_OBEY = (
    False  # Scrapy's own robots middleware lets waiting requests through; guards.PoliteRobots does not
)
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # drops without an errback
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "spiders.guards.PoliteRobots": 100,
    "spiders.guards.RetryAfter": 550,
    "spiders.guards.Unpack": 590,
    "spiders.guards.Redirects": 600,
    "spiders.guards.Breaker": 940,
    "spiders.guards.PublicOnly": 950,  # the last to look at a request, the first at an unknown host
    "spiders.guards.FetchClock": 990,
}
DUPEFILTER_CLASS = (
    "scrapy.dupefilters.BaseDupeFilter"  # none: the frontier knows, and drops nothing in silence
)

# Each of these costs something for every page and brings nothing here: the spider counts for itself (`SourceStats`),
# says no referrer, bounds its own depth (SITEMAP_DEPTH), and `PublicOnly` the length of addresses.
SPIDER_MIDDLEWARES: dict[str, None] = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
EXTENSIONS: dict[str, None] = {
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.logstats.LogStats": None,
}
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"
STATS_DUMP = False
WARN_ON_GENERATOR_RETURN_VALUE = False

MEMUSAGE_LIMIT_MB = 2048
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the spider counts it
LOG_LEVEL = "INFO"  # Scrapy's own; ours says at DEBUG why an address was skipped or failed
LOG_FORMATTER = "spiders.settings.Quiet"


class Quiet(LogFormatter):
    """Makes no line of each page that came: what came is a capture."""

    @override
    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult | None:  # pyrefly: ignore[bad-override] - the engine takes None, its type does not say so
        return None


def for_job(job: CrawlJob) -> dict[str, Any]:
    """These settings, fitted to one crawl."""
    fitted: dict[str, Any] = {name: value for name, value in globals().items() if name.isupper()}
    fitted["CONCURRENT_REQUESTS"] = max(CONCURRENT_REQUESTS, 4 * len(job.sources))
    fitted["DOWNLOAD_TIMEOUT"] = job.answer_seconds
    fitted["NIGHTWIRE_INSECURE_SITES"] = [
        site for source in job.sources if source.insecure_tls for site in source.sites
    ]
    if job.newsroom is not None:
        parts = urlsplit(job.newsroom)
        fitted["NIGHTWIRE_SAMPLE_WEB"] = (parts.hostname, parts.port)
    return fitted
