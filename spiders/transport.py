"""What happens at the connection: public addresses only, bounded headers, verified certificates.

These stand below every middleware, so they hold for redirects, robots.txt and whatever else asks for a page.
"""

from __future__ import annotations

import copy
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler, CrawlerProcessBase
from twisted.internet.address import IPv4Address as IPv4Endpoint
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from twisted.web.iweb import IPolicyForHTTPS
from typing_extensions import override
from zope.interface import implementer

MAX_HEADER_BYTES = 256 << 10  # per response; endless headers took 712 MiB in 8 s (notes/reliability.md 3.3)
KNOWN_SECONDS = 60.0  # that a name is not asked for again; each look-up takes a thread

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; an IPv4 address wrapped in IPv6 is looked at itself."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            wrapped = IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            ip = wrapped
    return ip.is_global and not ip.is_multicast


def literal_address(host: str) -> str | None:
    """The IP address that a host is written as; None for a name.

    Also in the forms that the system's resolver understands: `2130706433`, `127.1`, `0x7f.0.0.1`, `0177.0.0.1`.
    """
    host = host.rstrip(".").strip("[]")
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return str(IPv4Address(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return None


@implementer(IHostnameResolver)
class PublicResolver:
    """The reactor's resolver, which lets no address through but public ones, and gives up in time.

    It filters what a name resolves to at the moment of connecting, so a name that changes its mind gains nothing.
    The sample web's own address is let through under its literal form and port alone; no page can name it, as
    guards.PublicOnly refuses literal addresses first.
    """

    def __init__(
        self, reactor: Any, original: Any, timeout_s: float, sample_web: tuple[str, int] | None
    ) -> None:
        self.reactor = reactor
        self.original = original
        self.timeout_s = timeout_s
        self.sample_web = sample_web
        self.refused: dict[str, str] = {}  # names that led to an address that is not public, with the address
        self.known: dict[
            tuple[str, int], tuple[float, list[Any]]
        ] = {}  # until when, and the public addresses

    @classmethod
    def from_crawler(cls, crawler: CrawlerProcessBase, reactor: ReactorBase) -> PublicResolver:
        """As Scrapy makes it, before the reactor runs."""
        sample_web: tuple[str, int] | None = crawler.settings["NIGHTWIRE_SAMPLE_WEB"]
        return cls(reactor, reactor.nameResolver, crawler.settings.getfloat("DNS_TIMEOUT"), sample_web)

    def install_on_reactor(self) -> None:
        """Take the place of the original."""
        self.reactor.installNameResolver(self)

    def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *how: Any) -> Any:  # noqa: N802, N803
        """See `IHostnameResolver`; the names are those that Twisted passes by keyword."""
        if (hostName, portNumber) == self.sample_web:
            return _tell(receiver, hostName, [IPv4Endpoint("TCP", hostName, portNumber)])
        until, addresses = self.known.get((hostName, portNumber), (0.0, []))
        if self.reactor.seconds() < until:
            return _tell(receiver, hostName, addresses)
        filtered = _PublicReceiver(self, receiver, (hostName, portNumber))
        return self.original.resolveHostName(filtered, hostName, portNumber, *how)


@implementer(IHostResolution)
class _Told:
    """A resolution that needed no asking."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """It is over already."""


def _tell(receiver: Any, name: str, addresses: Iterable[Any]) -> _Told:
    told = _Told(name)
    receiver.resolutionBegan(told)
    for address in addresses:
        receiver.addressResolved(address)
    receiver.resolutionComplete()
    return told


@implementer(IResolutionReceiver)
class _PublicReceiver:
    """Passes public addresses on as they come, and ends once: when the resolver has, or when time is up."""

    def __init__(self, resolver: PublicResolver, receiver: Any, name: tuple[str, int]) -> None:
        self.resolver = resolver
        self.receiver = receiver
        self.name = name
        self.addresses: list[Any] = []
        self.is_over = False
        self.alarm: Any = None  # Twisted's IDelayedCall; its interfaces tell a type checker nothing

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self.receiver.resolutionBegan(resolution)
        self.alarm = self.resolver.reactor.callLater(self.resolver.timeout_s, self._end)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if self.is_over:
            return
        if is_public(address.host):
            self.addresses.append(address)
            self.receiver.addressResolved(address)
        else:
            self.resolver.refused[self.name[0]] = address.host

    def resolutionComplete(self) -> None:  # noqa: N802
        if self.alarm is not None and self.alarm.active():
            self.alarm.cancel()
        self._end()

    def _end(self) -> None:
        if not self.is_over:
            self.is_over = True
            if self.addresses:
                until = self.resolver.reactor.seconds() + KNOWN_SECONDS
                self.resolver.known[self.name] = (until, self.addresses)
            self.receiver.resolutionComplete()


class BoundedHttpHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler with an end to headers, and certificates verified except where a source says not to."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory
        self._contextFactory = _TlsPolicy(
            self._contextFactory, crawler.settings.getlist("NIGHTWIRE_INSECURE_SITES")
        )


class _BoundedParser(_LenientHTTPClientParser):
    header_bytes = (
        0  # of the response being read; a class attribute, as Scrapy swaps the class of a made object
    )

    @override
    def lineReceived(self, line: bytes) -> None:
        self.header_bytes += len(line)
        if self.header_bytes > MAX_HEADER_BYTES:
            raise ValueError(f"the headers are longer than {MAX_HEADER_BYTES >> 10} KiB")
        super().lineReceived(line)


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    @override
    def request(self, request: Any) -> Any:
        answer = super().request(request)
        assert self._parser is not None
        self._parser.__class__ = _BoundedParser
        return answer


class _BoundedFactory(_LenientHTTP11ClientFactory):
    @override
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:
        return _BoundedProtocol(self._quiescentCallback)


@implementer(IPolicyForHTTPS)
class _TlsPolicy:
    """Certificates are verified, but for hosts of the sites named."""

    def __init__(self, strict: Any, insecure_sites: Sequence[str]) -> None:
        self.strict = strict
        self.lax = copy.copy(strict)
        self.lax._verify_certificates = False
        self.insecure_sites = insecure_sites

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        host = hostname.decode("ascii", "replace").lower()
        is_insecure = any(host == site or host.endswith("." + site) for site in self.insecure_sites)
        return (self.lax if is_insecure else self.strict).creatorForNetloc(hostname, port)
