"""What an outlet sends for one address on one night: pages, feeds, sitemaps, robots.txt, photos.

Plain functions from content to bytes; the server adds sockets, the busy answer and conditional requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsroom.content import Article, Discovery, Outlet

SHARED_TEMPLATES = Path(__file__).parent / "templates"
DISCOVERY_TEMPLATES = {
    "rss": ("feed.rss.xml", "application/rss+xml; charset=utf-8"),
    "atom": ("feed.atom.xml", "application/atom+xml; charset=utf-8"),
    "sitemap": ("sitemap.xml", "application/xml"),
    "news-sitemap": ("news-sitemap.xml", "application/xml"),
    "sitemap-index": ("sitemap-index.xml", "application/xml"),
    "section": ("front.html", "text/html; charset=utf-8"),
}
RELATED_COUNT = 4
TRACKING_PARAMETERS = re.compile(r"utm_.*|fbclid|gclid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response before it is sent."""

    status: int
    content_type: str
    body: bytes
    location: str | None = None  # of a 301
    last_modified: datetime | None = None  # UTC; None where the outlet does not say
    is_busy_first: bool = False  # the server says 429 to the first who asks

    @property
    def etag(self) -> str:
        """A strong validator: the same bytes have the same one."""
        return f'"{sha256(self.body).hexdigest()[:20]}"'


def answer(outlet: Outlet, target: str, night: int) -> Answer:
    """What the outlet sends for one address.

    Args:
        target: path with its query, as requested; tracking parameters make no difference.
        night: 1 or 2.
    """
    address = without_tracking(target)
    path = urlsplit(address).path
    if path == "/robots.txt" and outlet.robots is not None:
        return Answer(status=200, content_type="text/plain; charset=utf-8", body=outlet.robots.encode())
    if path == "/style.css":
        return Answer(
            status=200,
            content_type="text/css; charset=utf-8",
            body=(outlet.folder / "style.css").read_bytes(),
        )
    if path.startswith("/media/"):
        return Answer(status=200, content_type="image/svg+xml", body=_photo(path).encode())
    if path == "/":
        return _listing(outlet, Discovery(kind="section", path="/", title=outlet.tagline), night)
    for discovery in outlet.discovery:
        if address == discovery.path:
            return _listing(outlet, discovery, night)
    for name, section_path in outlet.sections:
        if address == section_path:
            return _listing(
                outlet, Discovery(kind="section", path=section_path, title=name), night, only=name
            )
    for article in outlet.on(night):
        if address == unquote(article.path) and article.outcome != "not_found":
            return _page(outlet, article, article.template)
        if address == article.amp:
            return _page(outlet, article, "amp.html")
        if address in map(unquote, article.moved_from):
            return Answer(
                status=301, content_type="text/html; charset=utf-8", body=b"", location=article.path
            )
    return _plain(outlet, "not_found.html", 404)


def without_tracking(target: str) -> str:
    """The address that a page is known by: percent-decoded, without tracking parameters."""
    split = urlsplit(target)
    kept = [
        (name, value) for name, value in parse_qsl(split.query) if not TRACKING_PARAMETERS.fullmatch(name)
    ]
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{unquote(split.path)}{query}"


def related_to(outlet: Outlet, article: Article) -> tuple[Article, ...]:
    """The articles that a page links to in its margin; the same on both nights, so that old pages stay still."""
    others = [other for other in outlet.on(article.night) if other.stem != article.stem]
    return tuple(other for other in others if other.outcome == "article")[:RELATED_COUNT]


def index_page(all_outlets: Sequence[Outlet], night: int) -> bytes:
    """The page a person sees when opening the server itself: every outlet, with links that work there."""
    counts = {
        outlet.host: sum(len(article.parts) for article in outlet.on(night) if article.outcome == "article")
        for outlet in all_outlets
    }
    template = _templates(SHARED_TEMPLATES).get_template("index.html")
    return template.render(outlets=all_outlets, night=night, counts=counts).encode()


def _page(outlet: Outlet, article: Article, template: str) -> Answer:
    html = _render(
        outlet,
        template,
        {
            "article": article,
            "body_text": "\n\n".join(article.body),
            "byline": outlet.byline_of(article),
            "photo": f"/media/{article.stem}.svg",
            "related": related_to(outlet, article),
            "canonical": f"http://{outlet.host}{article.path}",
        },
    )
    return Answer(
        status=200,
        content_type=article.content_type,
        body=html.encode(article.charset, "xmlcharrefreplace"),
        last_modified=_last_modified([article]),
        is_busy_first=article.busy_first,
    )


def _listing(outlet: Outlet, discovery: Discovery, night: int, only: str | None = None) -> Answer:
    """A feed, sitemap or list of headlines; `only` keeps the articles of one section."""
    template, content_type = DISCOVERY_TEMPLATES[discovery.kind]
    standing = [article for article in outlet.on(night) if only in (None, article.section)]
    listed = [article for article in standing if article.outcome != "not_an_article"]
    rows = [(f"http://{outlet.host}{url}", article) for article in listed for url in article.listed]
    changed_at = _last_modified(standing)
    body = _render(outlet, template, {"discovery": discovery, "rows": rows, "changed_at": changed_at})
    return Answer(status=200, content_type=content_type, body=body.encode(), last_modified=changed_at)


def _plain(outlet: Outlet, template: str, status: int) -> Answer:
    return Answer(
        status=status, content_type="text/html; charset=utf-8", body=_render(outlet, template, {}).encode()
    )


def _last_modified(articles: Sequence[Article]) -> datetime | None:
    moments = [article.modified or article.published for article in articles]
    return max((moment.astimezone(UTC) for moment in moments if moment), default=None)


def _render(outlet: Outlet, template: str, values: Mapping[str, object]) -> str:
    furniture = {row.name: row.text for row in outlet.furniture}
    direction = "ltr" if outlet.language == "en" else "rtl"
    environment = _templates(outlet.folder)
    return environment.get_template(template).render(
        outlet=outlet, furniture=furniture, direction=direction, feed_date=_feed_date, **values
    )


@cache
def _templates(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, SHARED_TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _feed_date(moment: datetime, zone_label: str | None) -> str:
    """RFC 822 as feeds write it; some name the zone by letters that only their own country reads rightly."""
    text = format_datetime(moment)
    return f"{text[:-5]}{zone_label}" if zone_label else text


def _photo(path: str) -> str:
    """A picture of hills under a sky for any address, so that pages look like pages."""
    seed = sha256(path.encode()).digest()
    hue = seed[0] * 360 // 256
    ridges = "".join(
        f'<path d="M0 {240 + 50 * i} Q {100 + seed[i]} {120 + seed[i + 4] // 3 + 40 * i} 400 {230 + 45 * i}'
        f' T 800 {220 + 50 * i} V450 H0Z" fill="hsl({(hue + 25 * i) % 360} 28% {52 - 11 * i}%)"/>'
        for i in range(1, 4)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 450">'
        f'<rect width="800" height="450" fill="hsl({hue} 45% 82%)"/>'
        f'<circle cx="{150 + 2 * seed[9]}" cy="110" r="42" fill="hsl({(hue + 40) % 360} 80% 90%)"/>{ridges}</svg>'
    )
