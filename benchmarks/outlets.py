"""A web of invented outlets on loopback for the benchmarks of crawling, in a process of its own.

It answers as the sample web does (`newsroom=outlets.url`, hosts that end in `.example`), but from one asyncio loop and
with pages made beforehand, so that it takes little CPU from the crawler that is measured. Pages weigh what news pages
weigh (notes/crawling.md: median about 200 KB, 40 KB gzipped) and come after 50 to 300 ms; of the articles 3 % are 404,
1 % are 500, 2 % are 429 the first time, 0.3 % drip. What an address answers depends on the address alone.

    http://HOST/map.xml?n=20   a news sitemap of 20 articles; /feed?n=20 the same as RSS; /news/7 an article

Hosts that begin with one of these words misbehave: `hang-` never answers for an article, `flood-` lists 50,000 items in
its feed and 50 MB in its sitemap and sends articles without end, `dying-` answers 20 requests and then hangs up on
everyone, `wait-` takes two seconds for its robots.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import subprocess
import sys
import time
from functools import cache
from types import TracebackType
from typing import ClassVar, NamedTuple
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

PAGES = 40  # different ones
SLOW_SECONDS = 2.0
PREFIXES = ("hang-", "flood-", "dying-", "wait-")


class Outlets:
    """The web, from `with` until the end of it.

    Args:
        latency: what the waits below are multiplied by, where the delays between requests are scaled down too.
    """

    def __init__(self, *, latency: float = 1.0) -> None:
        command = [sys.executable, __file__, "--latency", str(latency)]
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        self.url = self._server.stdout.readline().strip()

    def asked(self) -> dict[str, Asked]:
        """What was asked of each host so far."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write("\n")
        self._server.stdin.flush()
        hosts = json.loads(self._server.stdout.readline())
        return {host: Asked(*told) for host, told in hosts.items()}

    def __enter__(self) -> Outlets:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.kill()
        self._server.wait()


class Asked(NamedTuple):
    """The requests for one host; moments are of `time.monotonic`, which all processes share."""

    count: int
    first_at: float
    last_at: float


def article_urls(host: str, count: int) -> list[str]:
    return [f"http://{host}/news/{number}" for number in range(count)]


# ---- what is answered


@cache
def pages() -> list[tuple[bytes, bytes]]:
    """Each page's headers and gzipped body."""
    made = []
    for number in range(PAGES):
        draw = random.Random(number)
        body = gzip.compress(_page(draw, max(40_000, round(draw.lognormvariate(0, 0.45) * 200_000))), 6)
        head = (
            "HTTP/1.1 200 OK\r\nServer: outlets\r\nDate: Fri, 20 Nov 2026 02:00:00 GMT\r\n"
            "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
            "Cache-Control: max-age=60\r\nX-Frame-Options: SAMEORIGIN\r\nX-Cache: HIT\r\n"
            f'ETag: "{number:08x}"\r\nContent-Length: {len(body)}\r\n\r\n'
        )
        made.append((head.encode(), body))
    return made


def _page(draw: random.Random, size: int) -> bytes:
    """A page of about so many bytes: a story of invented words within much furniture."""
    letters = "aeiou", "bdfgklmnprstvz"
    words = ["".join(draw.choice(letters[at % 2]) for at in range(draw.randint(2, 9))) for _ in range(2500)]

    def text(count: int) -> str:
        return " ".join(draw.choices(words, k=count))

    parts = [f"<!DOCTYPE html><html lang=en><head><title>{text(8)}</title></head><body>"]
    parts += [f"<p>{text(60).capitalize()}.</p>" for _ in range(12)]
    length = sum(map(len, parts))
    while length < size:
        slug = "-".join(draw.choices(words, k=5))
        parts.append(
            f'<div class="card card--teaser card--{draw.randint(1, 9)}" data-track="click:teaser"><a class="card__link"'
            f' href="/news/{draw.randint(10**6, 10**7)}/{slug}"><img class="card__image lazyload" loading="lazy" '
            f'data-src="/img/{draw.getrandbits(80):x}.jpg" alt="{text(4)}"><h3 class="card__title">{text(7)}</h3></a>'
            f'<span class="card__time">{draw.randint(1, 23)} hours ago</span><svg class="icon icon--share" width="16" '
            f'height="16" viewBox="0 0 16 16" aria-hidden="true"><use xlink:href="#icon-share"></use></svg></div>\n'
        )
        length += len(parts[-1])
    return "".join((*parts, "</body></html>")).encode()


def plain(body: bytes, status: str = "200 OK", media_type: str = "text/plain", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def sitemap(host: str, count: int) -> bytes:
    urls = "".join(
        f"<url><loc>{url}</loc><news:news><news:publication_date>2026-11-20T01:00:00Z</news:publication_date>"
        "</news:news></url>"
        for url in article_urls(host, count)
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    ).encode()


def feed(host: str, count: int) -> bytes:
    items = "".join(
        f"<item><title>Story {url[-4:]}</title><link>{url}</link><description>{'Invented words of a summary. ' * 6}"
        "</description><pubDate>Fri, 20 Nov 2026 01:00:00 GMT</pubDate></item>"
        for url in article_urls(host, count)
    )
    return f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'.encode()


@cache
def flood(path: str) -> bytes:
    host = "flood-0.example"
    if path == "/feed":
        return plain(feed(host, 50_000), media_type="application/rss+xml")
    return plain(
        sitemap(host, 50_000).replace(b"</url>", b" " * 850 + b"</url>"), media_type="application/xml"
    )


class Connection(asyncio.Protocol):
    """One connection of a client; requests on it come one after another."""

    latency = 1.0
    asked: ClassVar[dict[str, Asked]] = {}
    seen: ClassVar[set[str]] = set()  # articles that have said 429 already

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.before = b""
        self.has_room = asyncio.Event()
        self.has_room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def pause_writing(self) -> None:
        self.has_room.clear()

    def resume_writing(self) -> None:
        self.has_room.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self.has_room.set()

    def data_received(self, data: bytes) -> None:
        self.before += data
        while b"\r\n\r\n" in self.before:
            head, _, self.before = self.before.partition(b"\r\n\r\n")
            self.answer(head.split(b" ", 2)[1].decode())

    def answer(self, url: str) -> None:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
        count = int(parse_qs(parts.query).get("n", ["0"])[0])
        chance = crc32(url.encode())
        now = time.monotonic()
        before = self.asked.get(host, Asked(0, now, now))
        self.asked[host] = Asked(before.count + 1, before.first_at, now)
        wait = (0.05 + chance % 251 / 1000) * self.latency
        is_article = path.startswith("/news/")
        if host.startswith(PREFIXES) and self.misbehave(host, path, is_article):
            return
        if path == "/robots.txt":
            self.later(wait, plain(b"User-agent: *\nDisallow: /private/\n"))
        elif path == "/map.xml":
            self.later(wait, plain(sitemap(host, count), media_type="application/xml"))
        elif path == "/feed":
            self.later(wait, plain(feed(host, count), media_type="application/rss+xml"))
        elif not is_article:
            self.later(wait, plain(b"not here", "404 Not Found"))
        else:
            self.article(url, wait, chance // 251 % 1000)

    def article(self, url: str, wait: float, chance: int) -> None:
        if chance < 30:
            self.later(wait, plain(b"not here", "404 Not Found"))
        elif chance < 40:
            self.later(wait, plain(b"our fault", "500 Internal Server Error"))
        elif chance < 60 and url not in self.seen:
            self.seen.add(url)
            self.later(wait, plain(b"wait", "429 Too Many Requests", headers="Retry-After: 0\r\n"))
        else:
            head, body = pages()[crc32(url[::-1].encode()) % PAGES]
            if 60 <= chance < 63:
                self.later(wait, head + body[:100])
                self.later(wait + SLOW_SECONDS * self.latency, body[100:])
            else:
                self.later(wait, head + body)

    def misbehave(self, host: str, path: str, is_article: bool) -> bool:
        """Whether this was a request to misbehave at."""
        if host.startswith("hang-"):
            return is_article
        if host.startswith("wait-") and path == "/robots.txt":
            self.later(2.0, plain(b"not here", "404 Not Found"))
            return True
        if host.startswith("dying-") and self.asked[host].count > 20:
            self.transport.abort()
            return True
        if host.startswith("flood-") and path != "/robots.txt":
            self.sending = self.loop.create_task(self.endless() if is_article else self.send(flood(path)))
            return True
        return False

    def later(self, seconds: float, data: bytes) -> None:
        self.loop.call_later(seconds, self.write, data)

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    async def send(self, data: bytes) -> None:
        for start in range(0, len(data), 1 << 18):
            await self.has_room.wait()
            self.write(data[start : start + (1 << 18)])

    async def endless(self) -> None:
        self.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        while not self.transport.is_closing():
            await self.send(b"<p>and so on " * 5000)
            await asyncio.sleep(0)


async def serve() -> None:
    pages()
    flood("/feed"), flood("/map.xml")  # made now: a server that builds them would hold up its other hosts
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print("http://{}:{}".format(*server.sockets[0].getsockname()), flush=True)

    def tell() -> None:
        if not sys.stdin.readline():
            loop.stop()
        print(json.dumps(Connection.asked), flush=True)

    loop.add_reader(sys.stdin.fileno(), tell)
    await asyncio.Future()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=1.0)
    Connection.latency = parser.parse_args().latency
    asyncio.run(serve())
