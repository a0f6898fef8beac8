"""Where a list that comes in pages goes on: the link that a page marks as its next one, or the one numbered so."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import lxml.html

from spiders.source import site_host

_PAGE = re.compile(
    r"(?:/page[/-](?P<path>\d{1,4})(?=/?(?:[?#]|$))|(?P<mark>[?&])(?:page|paged|pg|p)=(?P<query>\d{1,4})(?=[&#]|$))",
    re.IGNORECASE,
)


def next_page(page: lxml.html.HtmlElement, *, base: str, url: str) -> str | None:
    """The address of the page after this one, on the same site; None where there is none to be seen.

    A link with `rel="next"` wins; else a link that differs from the page's own address in nothing but the page's
    number, which is one more: `/page/2`, `?page=2`, `?p=2`.

    Args:
        page: as parsed.
        base: what relative links are relative to.
        url: the page's own address.
    """
    here, number = page_number(url)
    numbered = None
    for link in page.iter("link", "a"):
        try:
            address = urljoin(base, (link.get("href") or "").strip())
            is_near = urlsplit(address).scheme in ("http", "https") and site_host(address) == site_host(url)
        except ValueError:  # such as a bracket that is no IPv6 address
            continue
        if not is_near or not link.get("href"):
            continue
        there, its_number = page_number(address)
        if "next" in (link.get("rel") or "").lower().split():
            if (there, its_number) != (here, number):
                return address
        elif numbered is None and link.tag == "a" and (there, its_number) == (here, number + 1):
            numbered = address
    return numbered


def page_number(url: str) -> tuple[str, int]:
    """An address without its page's number, scheme and fragment, and the number: 1 where it states none."""
    rest = url.partition("#")[0].partition("://")[2]
    match = _PAGE.search(rest)
    if match is None:
        return rest.rstrip("/"), 1
    before, after = rest[: match.start()], rest[match.end() :]
    if match["mark"] == "?" and after.startswith("&"):
        after = "?" + after[1:]
    return (before + after.removeprefix("/")).rstrip("/"), int(match["path"] or match["query"])
