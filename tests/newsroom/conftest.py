"""A running sample web, and the two ways to ask it for a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import lxml.html
import pytest

from newsroom import Newsroom


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


Fetch = Callable[..., Response]


@pytest.fixture
def web() -> Iterator[Newsroom]:
    with Newsroom() as running:
        yield running


@pytest.fixture
def fetch(web: Newsroom) -> Iterator[Fetch]:
    """Ask through the proxy, as the crawler does: `fetch("http://karsan-post.example/feed/")`."""
    connection = HTTPConnection(urlsplit(web.url).netloc, timeout=10)

    def ask(target: str, *, method: str = "GET", **headers: str) -> Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers=names)
        response = connection.getresponse()
        return Response(response.status, dict(response.headers), response.read())

    yield ask
    connection.close()


@pytest.fixture(scope="session")
def visible_text() -> Callable[[str], str]:
    """What a reader sees of a page, white space squeezed."""

    def see(html: str) -> str:
        tree = lxml.html.fromstring(html)
        for element in tree.xpath("//script | //style | //head"):
            element.drop_tree()
        return " ".join(" ".join(tree.itertext()).split())

    return see
