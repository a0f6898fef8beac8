"""A small web on loopback that answers as each test says, and sources that live on it.

It stands where the sample web stands in a run (`newsroom=web.url`), so `.example` hosts need no exception anywhere.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import pytest

from spiders import CrawlJob, SourceFile

NIGHT = date(2026, 11, 20)


@dataclass(frozen=True)
class Asked:
    """One request as the web saw it."""

    host: str
    path: str
    headers: dict[str, str]
    at: float  # monotonic seconds


@dataclass
class Reply:
    """What the web answers; `by_hand` gets the handler and writes the bytes itself."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    by_hand: Callable[[BaseHTTPRequestHandler], None] | None = None


class Web:
    """Hosts and their pages. A host without a robots.txt of its own answers 404 for it."""

    def __init__(self, address: str = "127.0.0.1", tls: SSLContext | None = None) -> None:
        self.pages: dict[str, Reply | Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        self._server = _Server((address, 0), _handler_of(self))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"http://{address}:{self.port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, url: str, reply: bytes | Reply | Callable[[Asked], Reply], **headers: str) -> str:
        if isinstance(reply, bytes):
            reply = Reply(reply, headers=tuple(headers.items()) or Reply.headers)
        self.pages[url] = reply
        return url

    def feed(
        self, host: str, links: list[str], *, path: str = "/feed", dates: dict[str, str] | None = None
    ) -> str:
        """An RSS feed of a host that lists these links."""
        items = "".join(
            f"<item><title>About {number}</title><link>{link}</link>"
            + (f"<pubDate>{dates[link]}</pubDate>" if dates and link in dates else "")
            + "</item>"
            for number, link in enumerate(links)
        )
        body = f'<rss version="2.0"><channel><title>All of it</title>{items}</channel></rss>'.encode()
        return self.put(f"http://{host}{path}", body, **{"Content-Type": "application/rss+xml"})

    def articles(self, host: str, paths: list[str], **kwargs: Any) -> str:
        """A feed of pages that are there."""
        links = [self.put(f"http://{host}{path}", f"<p>Page {path}</p>".encode()) for path in paths]
        return self.feed(host, links, **kwargs)

    def paths(self, host: str) -> list[str]:
        """What was asked of a host, in order, without its robots.txt and feed."""
        return [
            one.path for one in self.asked if one.host == host and one.path not in ("/robots.txt", "/feed")
        ]

    def times(self, host: str) -> list[float]:
        return [one.at for one in self.asked if one.host == host]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # a killed crawl hangs up in the middle


def _handler_of(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            host = parts.hostname or self.headers.get("Host", "").partition(":")[0]
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            asked = Asked(host, path, {k.lower(): v for k, v in self.headers.items()}, time.monotonic())
            web.asked.append(asked)
            reply = web.pages.get(f"http://{host}{path}", Reply(b"not here", 404))
            if callable(reply):
                reply = reply(asked)
            if reply.by_hand is not None:
                self.close_connection = True
                reply.by_hand(self)
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@dataclass
class Desk:
    """Makes sources and jobs for one lake."""

    lake: Path
    web: Web
    runs: int = field(default=0)

    def source(self, host: str, **keys: Any) -> SourceFile:
        given = {"feeds": [f"http://{host}/feed"]} | keys
        return SourceFile.model_validate(
            {
                "name": "zz_" + re.sub(r"[^a-z0-9]", "_", host.removesuffix(".example")),
                "publisher": host,
                "home": f"http://{host}/",
                "country": "zz",
                "languages": ["en"],
                "timezone": "Asia/Karachi",
                "delay_s": 0.02,
                **given,
            }
        )

    def job(self, *sources: SourceFile, **keys: Any) -> CrawlJob:
        self.runs += 1
        given = {"night": NIGHT, "newsroom": self.web.url, "answer_seconds": 5.0} | keys
        return CrawlJob(lake=self.lake, run_id=f"run-{self.runs}", sources=sources, **given)


@pytest.fixture(scope="session", autouse=True)
def _forked(forked_in_no_time: None) -> None:
    """Many tests of this room start crawls."""


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture(scope="module")
def desk(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("lake"), web)


@pytest.fixture(scope="session")
def new_web() -> type[Web]:
    return Web


@pytest.fixture(scope="session")
def reply() -> type[Reply]:
    return Reply
