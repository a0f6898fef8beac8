"""Manners and armour between the spider and the downloader: who may be asked, when, and where it leads.

What each guard is needed for was measured on Scrapy 2.19: notes/crawling.md 5. Delays are in seconds. A request that
is refused ends as `Refused`, with a reason that is counted; nothing is dropped in silence.
"""

from __future__ import annotations

import asyncio
import logging
import math
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from OpenSSL import SSL
from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached
from service_identity import VerificationError
from typing_extensions import override

from spiders.source import SAMPLE_TLD, URL_LIMIT_CHARS, SourceFile
from spiders.transport import PublicResolver, is_public, literal_address

LOG = logging.getLogger("nightwire.crawl")

ROBOTS_BYTES = 500 << 10  # RFC 9309 2.5: at least so much is to be read
MAX_CRAWL_DELAY = 60.0
MAX_PAUSE = 120.0  # a longer Retry-After is waited for only so long
STOP_PAUSE = 900.0  # one that is longer than this ends the host's night
PAUSE_WITHOUT_WORD = 30.0  # after a 429 that says nothing
DEAD_AFTER = 3  # failures in a row, of the connection or by answers without end

SOURCE = "nightwire_source"  # in request.meta: the SourceFile it is asked for
IS_ARTICLE = "nightwire_is_article"
IS_ROBOTS = "nightwire_is_robots"
SENT = "nightwire_sent"  # in request.meta, put there by FetchClock: a Sent
STARTED = "nightwire_started"


TLS_FAILED = "its certificate does not verify, or it speaks no TLS we know"


class Refused(IgnoreRequest):
    """A request that is not sent, or whose answer is not taken.

    Args:
        reason: a word to count by, e.g. "robots".
        detail: one sentence for a person.
        is_for_tonight: the address is fine and may be asked for another time.
        url: the address refused, where it may be another than the one asked for.
    """

    def __init__(
        self, reason: str, detail: str, *, is_for_tonight: bool = False, url: str | None = None
    ) -> None:
        super().__init__(detail)
        self.url = url
        self.reason = reason
        self.detail = detail
        self.is_for_tonight = is_for_tonight


class _Guard:
    """What all guards share: the crawler, and the downloader's slot of a host."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        """As Scrapy makes it."""
        return cls(crawler)


class PoliteRobots(_Guard):
    """Asks a host's robots.txt first, and lets nobody past before the answer is there.

    Scrapy's own lets the third and later waiting requests through. A missing file (4xx) allows everything, a server
    that cannot say (5xx, 429, no answer) is left alone for this run (RFC 9309 2.3.1). The longer of the source's delay
    and the file's Crawl-delay is set on the host for the whole crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._rules: dict[str, asyncio.Task[Protego | Refused | None]] = {}
        self._delays: dict[str, float] = {}

    async def process_request(self, request: Request) -> None:
        """Wait for the rules, then keep to them."""
        if request.meta.get(IS_ROBOTS):
            return
        parts = urlparse_cached(request)
        site = f"{parts.scheme}://{parts.netloc}"
        self._slow_down(parts.hostname or "", _source(request).delay_s)
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._ask(site, request))
        rules = await asyncio.shield(self._rules[site])
        if isinstance(rules, Refused):
            raise Refused(rules.reason, rules.detail, is_for_tonight=rules.is_for_tonight)
        if rules is not None and not rules.can_fetch(request.url, self._agent):
            raise Refused("robots", f"{site}/robots.txt does not allow {request.url}")

    async def _ask(self, site: str, request: Request) -> Protego | Refused | None:
        asked = Request(
            f"{site}/robots.txt",
            callback=NO_CALLBACK,
            dont_filter=True,
            priority=1000,
            meta={IS_ROBOTS: True, SOURCE: request.meta[SOURCE]},
        )
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(asked)
        except Refused as refused:
            has_moved = refused.url not in (
                None,
                asked.url,
            )  # where its robots.txt lives says nothing of the site
            return _unreachable(site, refused.detail) if has_moved else refused
        except Exception as problem:  # noqa: BLE001 - whatever went wrong, we do not know what is allowed
            if is_tls_failure(problem):
                LOG.warning("%s is left alone for this run: %s", site, TLS_FAILED)
                return Refused("tls", f"{site}: {TLS_FAILED}", is_for_tonight=True)
            return _unreachable(site, f"{type(problem).__name__}: {problem}")
        if response.status == 429 or response.status >= 500:
            return _unreachable(site, f"HTTP {response.status}")
        if response.status >= 400:
            return None
        body = (
            response.body
            if len(response.body) <= ROBOTS_BYTES
            else _whole_lines(response.body[:ROBOTS_BYTES])
        )
        rules = Protego.parse(body.decode("utf-8-sig", errors="replace"))
        delay = rules.crawl_delay(self._agent)
        if delay is not None and math.isfinite(delay):
            self._slow_down(urlparse_cached(request).hostname or "", min(max(delay, 0.0), MAX_CRAWL_DELAY))
        return rules

    def _slow_down(self, host: str, delay: float) -> None:
        """Let so many seconds pass between requests to a host; also after its slot was idle and thrown away."""
        delay = max(delay, self._delays.get(host, 0.0))
        if delay == self._delays.get(host):
            return
        self._delays[host] = delay
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[host] = {"concurrency": 1, "delay": delay, "jitter": 0.0}
        if host in downloader.slots:
            downloader.slots[host].delay = delay


class RetryAfter(RetryMiddleware):
    """Scrapy's retries, which wait as long as a busy server asks: the host's slot pauses, nobody else does."""

    @override
    def process_response(self, request: Request, response: Response) -> Request | Response:  # pyrefly: ignore[bad-override] - Scrapy deprecates the argument left out
        """Pause the host on a 429, and on a 503 that says how long."""
        pause = retry_after(response.headers.get(b"Retry-After"), now=datetime.now(UTC))
        if pause is None and response.status == 429:
            pause = PAUSE_WITHOUT_WORD
        if pause is None or response.status not in (429, 503):
            return super().process_response(request, response)
        host = urlparse_cached(request).hostname or ""
        if pause > STOP_PAUSE:
            raise self._breaker.stop(
                host,
                Refused(
                    "host_paused", f"{host} asks to be left alone for {pause:.0f} s", is_for_tonight=True
                ),
            )
        LOG.info("%s answers %d; pausing it for %.0f s", host, response.status, min(pause, MAX_PAUSE))
        assert self.crawler.engine is not None
        slot = self.crawler.engine.downloader.slots.get(request.meta["download_slot"])
        if slot is not None:
            slot.lastseen = monotonic() + min(pause, MAX_PAUSE)
        return self._retry(request, f"{response.status} with Retry-After") or response

    @property
    def _breaker(self) -> Breaker:
        breaker = self.crawler.get_downloader_middleware(Breaker)
        assert breaker is not None
        return breaker


class Redirects(RedirectMiddleware):
    """Scrapy's redirects, in the slot of the host they lead to, and for an article not off the publisher's site."""

    @override
    def _engine_started(self) -> None:
        """Scrapy warns here that nobody sets a referrer; nobody shall."""

    @override
    def process_response(self, request: Request, response: Response) -> Request | Response:  # pyrefly: ignore[bad-override] - Scrapy deprecates the argument left out
        """Follow, or refuse by name."""
        try:
            followed = super().process_response(request, response)
        except IgnoreRequest as problem:
            detail = f"more than {self.max_redirect_times} redirects"
            raise Refused("too_many_redirects", detail, url=f"after {request.url}") from problem
        except (
            ValueError
        ):  # a Location that is no address, such as "javascript:x": there is nothing to follow
            return response
        if isinstance(followed, Request):
            followed.meta.pop("download_slot", None)
            if request.meta.get(IS_ARTICLE) and not _source(request).is_on_site(followed.url):
                raise Refused("redirect_off_site", f"leads to another site: {followed.url}")
        return followed

    @override
    def _engine_started(self) -> None:
        """Nothing: Scrapy's own warns at every start that it finds no referrer middleware, and we send no referrer."""


class Breaker(_Guard):
    """Leaves a host alone for the rest of the run once it is dead, or has asked for it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._failures: dict[str, int] = {}
        self._stopped: dict[str, Refused] = {}

    def process_request(self, request: Request) -> None:
        """Refuse what would go to a stopped host."""
        refused = self._stopped.get(urlparse_cached(request).hostname or "")
        if refused is not None:
            raise Refused(refused.reason, refused.detail, is_for_tonight=refused.is_for_tonight)

    def process_response(self, request: Request, response: Response) -> Response:
        """Any answer shows that the host lives."""
        self._failures.pop(urlparse_cached(request).hostname or "", None)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count failures of the connection, and floods; anything else says nothing about the host."""
        if not isinstance(exception, _FAILURES):
            return
        host = urlparse_cached(request).hostname or ""
        self._failures[host] = self._failures.get(host, 0) + 1
        if self._failures[host] == DEAD_AFTER:
            detail = (
                f"{host} failed {DEAD_AFTER} times in a row, last: {exception or type(exception).__name__}"
            )
            self.stop(host, Refused("host_dead", detail, is_for_tonight=True))

    def stop(self, host: str, refused: Refused) -> Refused:
        """Refuse everything to a host from now on; returns the refusal, to be raised."""
        LOG.warning("%s is left alone for this run: %s", host, refused.detail)
        self._stopped[host] = refused
        return refused


_FAILURES = (
    DownloadCancelledError,  # the answer had no end: three of them are 30 MiB, and a budget of them 5 GiB
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)


class PublicOnly(_Guard):
    """Lets requests through to the open internet only, and to the sample web by its own way."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._sample_web: tuple[str, int] | None = crawler.settings["NIGHTWIRE_SAMPLE_WEB"]

    def process_request(self, request: Request) -> None:
        """Check scheme and host; also after each redirect, as those come by here again."""
        parts = urlparse_cached(request)
        host = parts.hostname or ""
        request.meta.pop("proxy", None)
        if parts.scheme not in ("http", "https") or not host:
            raise Refused("bad_scheme", f"{request.url} is no http address", url=request.url)
        if len(request.url) > URL_LIMIT_CHARS:
            raise Refused("too_long", f"the address has more than {URL_LIMIT_CHARS} characters")
        if host.endswith(SAMPLE_TLD):
            if self._sample_web is None:
                raise Refused(
                    "sample_web_not_given",
                    f"{host} is an outlet of the sample web; give the run the address of `nightwire newsroom`",
                    is_for_tonight=True,
                )
            if parts.scheme != "http":
                raise Refused("bad_scheme", f"the sample web speaks plain http, not {request.url}")
            request.meta["proxy"] = "http://{}:{}".format(*self._sample_web)
            return
        literal = literal_address(host)
        if literal is not None and not is_public(literal):
            detail = f"{host} is {literal}, which is no public address"
            raise Refused("private_address", detail, url=request.url)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say so where a name was not unknown but led to an address of a private network."""
        if not isinstance(exception, CannotResolveHostError):
            return
        from twisted.internet import reactor

        host = urlparse_cached(request).hostname or ""
        resolver = getattr(reactor, "nameResolver", None)
        if isinstance(resolver, PublicResolver) and host in resolver.refused:
            detail = f"{host} leads to {resolver.refused[host]}, no public address"
            raise Refused("private_address", detail, url=request.url)


class Unpack(HttpCompressionMiddleware):
    """Scrapy's unpacking with its limits, and the ordinary case, one whole gzip member, in one go."""

    @override
    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        if encoding in (b"gzip", b"x-gzip"):
            unpacker = zlib.decompressobj(wbits=31)
            try:
                text = unpacker.decompress(body, max_size)  # 0 is no limit, to Scrapy as to zlib
            except zlib.error:
                text = b""
            if text and unpacker.eof and not unpacker.unused_data:
                return text
        return HttpCompressionMiddleware._decode(body, encoding, max_size)


class Sent:
    """What was received, noted before any other middleware changes it."""

    def __init__(self, response: Response, started: float | None) -> None:
        self.captured_at = datetime.now(UTC)
        self.fetch_ms = round((monotonic() - started) * 1000) if started is not None else 0
        self.headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        )


class FetchClock(_Guard):
    """Notes when a page was asked for and had, and its headers while they still say how it was packed.

    Headers come in the order of their names' first appearance; those about the connection itself are not among them.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self.headers_received, signals.headers_received)

    def headers_received(self, request: Request) -> None:
        """Scrapy knows how long the headers took; that gives the moment the request left."""
        request.meta[STARTED] = monotonic() - request.meta["download_latency"]

    def process_response(self, request: Request, response: Response) -> Response:
        """The last byte is here."""
        request.meta[SENT] = Sent(response, request.meta.pop(STARTED, None))
        return response


def retry_after(value: bytes | None, *, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, which has a number or a date; None where it says neither."""
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:  # "-0000": the header's dates are in GMT (RFC 9110 5.6.7)
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def is_tls_failure(problem: BaseException) -> bool:
    """Whether a connection failed because the other side could not show who it is."""
    causes = [problem, *(reason.value for reason in getattr(problem.__cause__, "reasons", []))]
    return any(isinstance(cause, SSL.Error | VerificationError) for cause in causes)


def _source(request: Request) -> SourceFile:
    source = request.meta[SOURCE]
    assert isinstance(source, SourceFile)
    return source


def _unreachable(site: str, why: str) -> Refused:
    LOG.warning("%s/robots.txt cannot be had (%s); the host is left alone for this run", site, why)
    return Refused("robots_unreachable", f"{site}/robots.txt cannot be had: {why}", is_for_tonight=True)


def _whole_lines(body: bytes) -> bytes:
    return body[: body.rfind(b"\n") + 1]
