"""The server of the sample web: one port, many hosts, loopback only.

It answers as a proxy (`GET http://karsan-post.example/feed/ HTTP/1.1`), as a virtual host (by the Host header), and
to a person who opens it in a browser (an index at `/`, every outlet under `/<host>/`).
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from socketserver import ThreadingTCPServer
from time import monotonic
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from typing_extensions import override  # in `typing` from Python 3.12 on

from newsroom.content import NIGHTS, outlets
from newsroom.errors import ListenError, NewsroomError
from newsroom.pages import Answer, answer, index_page

RETRY_AFTER_S = 2
IDLE_S = 30  # an idle keep-alive connection is closed after this


class Request(NamedTuple):
    """One request as the server saw it."""

    method: str
    host: str  # of the outlet; the server's own address for the index page
    path: str  # with its query
    at: float  # monotonic seconds, when it arrived
    status: int


class Newsroom:
    """The sample web on a port of this machine; a context manager that serves in a thread.

    Args:
        night: which of the two nights it is; may be set while it runs.
        port: 0 takes a free one.
        address: a loopback address; nothing else is bound.

    Raises:
        ListenError: the port is taken, or the address is not a loopback one.
        NewsroomError: there is no such night.
    """

    def __init__(self, night: int = 1, port: int = 0, address: str = "127.0.0.1") -> None:
        if not _is_loopback(address):
            raise ListenError(f"the sample web listens on loopback only, not on {address!r}; use 127.0.0.1")
        self.night = night
        self.outlets = {outlet.host: outlet for outlet in outlets()}
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._asked: set[tuple[str, str]] = set()  # busy addresses that somebody has asked for
        self._thread: threading.Thread | None = None
        try:
            self._server = _Server((address, port), partial(_Handler, newsroom=self))
        except OSError as error:
            raise ListenError(
                f"cannot listen on {address}:{port}: {error.strerror}; choose another port, or 0 for a free one"
            ) from error

    @property
    def url(self) -> str:
        """Where it listens, e.g. "http://127.0.0.1:8731"."""
        address, port = self._server.server_address[:2]
        return f"http://{address}:{port}"

    @property
    def night(self) -> int:
        """Which night it is: 1 or 2."""
        return self._night

    @night.setter
    def night(self, night: int) -> None:
        if night not in NIGHTS:
            raise NewsroomError(f"the sample web has the nights 1 and 2, not {night!r}")
        self._night = night

    @property
    def requests(self) -> list[Request]:
        """What has been asked for so far, in the order of arrival; a copy."""
        with self._lock:
            return sorted(self._requests, key=lambda request: request.at)

    def reset(self) -> None:
        """Forget all requests; addresses that are busy at first are busy again."""
        with self._lock:
            self._requests.clear()
            self._asked.clear()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted; for the command line."""
        with suppress(KeyboardInterrupt):
            self._server.serve_forever()
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=partial(self._server.serve_forever, poll_interval=0.05), name="newsroom", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()

    def is_first_request(self, host: str, path: str) -> bool:
        """Whether nobody has asked for this address since the start or the last reset; asking counts."""
        with self._lock:
            is_first = (host, path) not in self._asked
            self._asked.add((host, path))
        return is_first

    def record(self, request: Request) -> None:
        """Add a request to `requests`; called before its answer is sent, so a client that has it finds it."""
        with self._lock:
            self._requests.append(request)


class _Server(ThreadingTCPServer):
    """Not `ThreadingHTTPServer`: that one looks its own name up in the DNS, which can take seconds."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128  # crawlers open many connections at once

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away, which is what a killed crawler does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection; every answer leaves with its length, so that the connection can be kept."""

    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    timeout = IDLE_S
    disable_nagle_algorithm = True

    def __init__(self, *args: Any, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer a GET, or a HEAD without the body."""
        arrived_at = monotonic()
        try:
            host, target, prefix = self._where()
        except ValueError:  # such as "http://[half-an-address/"
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        found = self._found(host, target)
        if prefix and found.content_type.startswith("text/html"):
            found = replace(found, body=_links_under(found.body, prefix, list(self._newsroom.outlets)))
        status = HTTPStatus.NOT_MODIFIED if self._is_known(found) else HTTPStatus(found.status)
        self._newsroom.record(
            Request(method=self.command, host=host, path=target, at=arrived_at, status=status.value)
        )
        self._send(found, status, prefix or f"http://{host}")

    do_HEAD = do_GET  # noqa: N815 - the name http.server calls

    def _where(self) -> tuple[str, str, str]:
        """Host, address on that host, and the prefix its links need ("" unless a person browses)."""
        split = urlsplit(self.path)
        asked_host = split.hostname or urlsplit(f"//{self.headers.get('Host', '')}").hostname or "localhost"
        query = f"?{split.query}" if split.query else ""
        first, _, rest = split.path.removeprefix("/").partition("/")
        if _is_loopback(asked_host) and first in self._newsroom.outlets:
            return first, f"/{rest}{query}", f"/{first}"
        return asked_host, f"{split.path or '/'}{query}", ""

    def _found(self, host: str, target: str) -> Answer:
        newsroom = self._newsroom
        outlet = newsroom.outlets.get(host)
        if outlet is not None:
            found = answer(outlet, target, newsroom.night)
            is_busy = found.is_busy_first and newsroom.is_first_request(host, target)
            return (
                replace(found, status=HTTPStatus.TOO_MANY_REQUESTS, body=b"Too many requests\n")
                if is_busy
                else found
            )
        if not _is_loopback(host):
            text = f"The sample web has no host {host}.\n"
            return Answer(status=HTTPStatus.BAD_GATEWAY, content_type="text/plain", body=text.encode())
        if target == "/":
            body = index_page(list(newsroom.outlets.values()), newsroom.night)
            return Answer(status=HTTPStatus.OK, content_type="text/html; charset=utf-8", body=body)
        return Answer(status=HTTPStatus.NOT_FOUND, content_type="text/plain", body=b"Nothing here.\n")

    def _is_known(self, found: Answer) -> bool:
        """Whether the client already has what was found; the ETag decides where both are asked (RFC 9110, 13.2.2)."""
        if found.status != HTTPStatus.OK:
            return False
        if (etags := self.headers.get("If-None-Match")) is not None:
            return found.etag in etags or etags.strip() == "*"
        since = self.headers.get("If-Modified-Since")
        if since is None or found.last_modified is None:
            return False
        try:
            return found.last_modified <= parsedate_to_datetime(since)
        except (ValueError, TypeError):  # not a date, or one without a zone: the header is void
            return False

    def _send(self, found: Answer, status: HTTPStatus, base: str) -> None:
        self.send_response(status)
        if status == HTTPStatus.OK:
            self.send_header("ETag", found.etag)
            if found.last_modified is not None:
                self.send_header("Last-Modified", format_datetime(found.last_modified, usegmt=True))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.send_header("Retry-After", str(RETRY_AFTER_S))
        if found.location is not None:
            self.send_header("Location", f"{base}{found.location}")
        if status == HTTPStatus.NOT_MODIFIED:
            self.send_header("ETag", found.etag)
            self.end_headers()
            return
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `Newsroom.requests` keeps what was asked for."""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _links_under(body: bytes, prefix: str, hosts: Sequence[str]) -> bytes:
    """Let the links of a page work in a browser that opened it under `/<host>/`."""
    under = re.sub(rb'(href|src|action)="/(?!/)', lambda found: found[0] + prefix[1:].encode() + b"/", body)
    for host in hosts:
        under = under.replace(f'="http://{host}/'.encode(), f'="/{host}/'.encode())
    return under
