"""The lists of a source: which there are, how to ask for one, and what to remember of its answer.

A list is a feed, a sitemap, a section page or a list of an archive. The first three are asked every night, and only for
what has changed since; archives are asked for their days, once these are over only once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scrapy.http import Response

from spiders.archives import ArchiveList, Span, expand, read_archive
from spiders.discovery import Document, newest, read_feed, read_section, read_sitemap
from spiders.frontier import GONE, MAX_NIGHTS, FeedState, Waiting
from spiders.lane import Listing
from spiders.source import SourceFile, site_host

UNSEEN_LIMIT = timedelta(hours=36)  # since a list's last body; then it is asked without conditions
VALIDATOR_BYTES = 512  # a longer ETag is not sent back


def lists_of_tonight(source: SourceFile) -> Iterator[Listing]:
    """A source's feeds, sitemaps and sections, each address once."""
    kinds = (("feed", source.feeds), ("sitemap", source.sitemaps), ("section", source.sections))
    vias = {url: via for via, urls in reversed(kinds) for url in urls}
    yield from (Listing(url=url, via=via) for url, via in vias.items())


def lists_of_past(source: SourceFile, asked: Span) -> Iterator[Listing]:
    """The first lists of a source's archives for some days."""
    for template in source.archives:
        for archive in expand(template, asked):
            yield of_archive(archive)


def of_archive(archive: ArchiveList) -> Listing:
    """A list of an archive, to ask for."""
    return Listing(url=archive.url, via="archive", depth=archive.depth, archive=archive)


def is_allowed_map(url: str, *, named_by: str, source: SourceFile) -> bool:
    """Whether a map that an index names is asked for: on the publisher's site, or beside the index."""
    return source.is_on_site(url) or site_host(url) == site_host(named_by)


def conditions(last: FeedState | Waiting) -> dict[str, str]:
    """How to ask only for what has changed since: by one of the two validators, as some servers err over both."""
    if last.etag is not None:
        return {"If-None-Match": last.etag}
    return {} if last.last_modified is None else {"If-Modified-Since": last.last_modified}


def list_conditions(before: FeedState | None, *, now: datetime) -> dict[str, str]:
    """The same for a list, unless it has only said for long that nothing changed: some say so although it did.

    After a night of that, a nightly run asks for the whole again; so a list that lies costs one night, and one that
    is as quiet as it says half of its bodies.
    """
    is_trusted = (
        before is not None
        and before.reason is None
        and before.last_body_at is not None
        and now - before.last_body_at < UNSEEN_LIMIT
    )
    return conditions(before) if before is not None and is_trusted else {}


def validators(response: Response) -> tuple[str | None, str | None]:
    """ETag and Last-Modified: by what a server can tell later whether this answer is still the newest."""
    found = (response.headers.get(name) for name in (b"ETag", b"Last-Modified"))
    etag, last_modified = (
        value.decode("latin-1") if value and len(value) <= VALIDATOR_BYTES else None for value in found
    )
    return etag, last_modified


def read_list(response: Response, listing: Listing, source: SourceFile) -> Document:
    """What a list's answer names."""
    header = response.headers.get(b"Content-Type")
    content_type = header.decode("latin-1") if header else None
    url = response.url
    if listing.via == "feed":
        return read_feed(response.body, url=url, zone=source.zone)
    if listing.via == "sitemap":
        return read_sitemap(response.body, url=url, zone=source.zone, now=datetime.now(UTC))
    read = read_section if listing.via == "section" else read_archive
    return read(response.body, url=url, content_type=content_type, source=source)


def has_said_all(before: FeedState | None, listed: ArchiveList, asked: Span, zone: ZoneInfo) -> bool:
    """Whether a list of an archive was read for these days already, and after the last of them was over."""
    if before is None or before.reason or not (before.since and before.until and before.last_ok_at):
        return False
    of_list = listed.span or asked
    wanted = Span(since=max(asked.since, of_list.since), until=min(asked.until, of_list.until))
    is_over = before.last_ok_at.astimezone(zone).date() > wanted.until
    return is_over and Span(since=before.since, until=before.until).holds(wanted)


def next_state(
    before: FeedState | None,
    listing: Listing,
    source: SourceFile,
    response: Response | None,
    document: Document | None,
    body_sha256: str | None,
    asked: Span | None = None,
) -> FeedState:
    """What to remember of a list; `document` None says that it has not changed.

    Args:
        before: what was remembered.
        listing: what was asked for.
        source: whose it is.
        response: the answer; None where none came.
        document: what it names.
        body_sha256: of the answer.
        asked: of an archive's list, the days it is read for.
    """
    now = datetime.now(UTC)
    state = before or FeedState(
        url=listing.url,
        source=source.name,
        via=listing.via,
        status=None,
        reason=None,
        etag=None,
        last_modified=None,
        body_sha256=None,
        items=None,
        new_items=0,
        newest=None,
        fails=0,
        checked_at=now,
        last_ok_at=None,
        last_new_at=None,
    )
    state = replace(
        state, via=listing.via, status=response.status if response else None, checked_at=now, owed=0
    )
    if listing.archive is None:  # a list may be tonight's and an archive's
        state = replace(state, since=None, until=None)
    if response is not None and response.status == 200:
        state = replace(state, last_body_at=now)
    if document is None:
        return replace(state, reason=None, fails=0, last_ok_at=now)
    if document.reason is not None or response is None:
        is_owed = listing.page > 1 and state.fails + 1 < MAX_NIGHTS and state.status not in GONE
        return replace(
            state, reason=document.reason, fails=state.fails + 1, owed=listing.page if is_owed else 0
        )
    etag, last_modified = validators(response)
    can_stand_still = not document.sitemaps  # the maps of an index change without the index
    is_tonights = (
        can_stand_still and listing.archive is None
    )  # a night must not take an archive's word for its own
    is_counted = listing.archive is not None and listing.archive.template is not None
    said_all = (
        can_stand_still and not document.left_out and (is_counted or document.next_page is None)
    )  # a page that names the next one must be seen again to find it
    return replace(
        state,
        reason=None,
        fails=0,
        last_ok_at=now,
        etag=etag if is_tonights else None,
        last_modified=last_modified if is_tonights else None,
        body_sha256=body_sha256 if is_tonights else None,
        items=len(document.found),
        newest=newest(document.found, now=now),
        since=asked.since if asked and said_all else None,
        until=asked.until if asked and said_all else None,
    )
