"""A small invented web to crawl: what the demo and the tests read instead of the world.

`Newsroom` serves it on loopback, `outlets()` are its publishers, `truth()` says what a good reader finds on each
of its pages. It imports no other room.
"""

from newsroom.content import Article, Outlet, outlets
from newsroom.errors import ContentError, ListenError, NewsroomError
from newsroom.server import Newsroom, Request
from newsroom.truth import Noise, PageTruth, truth

__all__ = [
    "Article",
    "ContentError",
    "ListenError",
    "Newsroom",
    "NewsroomError",
    "Noise",
    "Outlet",
    "PageTruth",
    "Request",
    "outlets",
    "truth",
]
