"""The sources of this installation, as the other rooms want to know them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from articles.errors import NightwireError
from articles.records import Source
from flows import config
from spiders import SourceFile, frontier, load_sources, source_for_url
from spiders.source import site_host
from warehouse import FeedState, KnownSource, SeenUrl


def all_sources() -> dict[str, SourceFile]:
    """Every source there is a file for, by id; a source the environment's folder does not hold does not exist."""
    folder = config.sources_folder()
    return load_sources() if folder is None else load_sources(folder)


def choose_sources(group: str, only: Sequence[str] | None) -> tuple[SourceFile, ...]:
    """The sources of a run: those named, else the enabled ones of a group.

    Raises:
        NightwireError: a name no file has, or a group without an enabled source.
    """
    known = all_sources()
    if only:
        missing = [name for name in only if name not in known]
        if missing:
            raise NightwireError(
                f"there is no source {', '.join(missing)}; `nightwire sources` lists the {len(known)} there are"
            )
        return tuple(known[name] for name in only)
    chosen = tuple(one for one in known.values() if one.enabled and one.group == group)
    if not chosen:
        groups = sorted({one.group for one in known.values()})
        raise NightwireError(f"no enabled source is in the group {group}; there are: {', '.join(groups)}")
    return chosen


def known_sources() -> dict[str, Source]:
    """What reading needs to know of every source, by id."""
    return {name: one.as_source() for name, one in all_sources().items()}


def source_of_url() -> Callable[[str], str | None]:
    """A function from an address to the id of the source that owns its host.

    It looks at the sources of that host alone: a web archive asks for tens of thousands of hosts.
    """
    owner = owner_of_url()

    def find(url: str) -> str | None:
        found = owner(url)
        return None if found is None else found.name

    return find


def owner_of_url() -> Callable[[str], SourceFile | None]:
    """A function from an address to the source that owns its host."""
    by_site: dict[str, list[SourceFile]] = {}
    for one in all_sources().values():
        for site in one.sites:
            by_site.setdefault(site, []).append(one)

    def find(url: str) -> SourceFile | None:
        host = site_host(url)
        near: list[SourceFile] = []
        while host:
            near += by_site.get(host, [])
            host = host.partition(".")[2]
        return source_for_url(url, near) if near else None

    return find


def known_source(source: SourceFile) -> KnownSource:
    """A source file as the lake keeps it."""
    return KnownSource(
        source=source.name,
        publisher=source.publisher,
        home=source.home,
        country=source.country,
        languages=source.languages,
        timezone=source.timezone,
        state=source.state,
        access=source.access,
        source_group=source.group,
        is_enabled=source.enabled,
        verified_on=None if source.verified == "never" else source.verified,
        delay_s=source.delay_s,
        keep_query=source.keep_query,
        note=source.note,
    )


def known_address(seen: frontier.SeenUrl) -> SeenUrl:
    """An address of the crawler's memory as the lake keeps it."""
    return SeenUrl(
        url_key=seen.url_key,
        source=seen.source,
        url=seen.url,
        first_seen_at=seen.first_seen_at,
        via=seen.via,
        lastmod=seen.updated,
        last_fetch_at=seen.fetched_at,
        status=seen.state.value if seen.reason is None else f"{seen.state.value}: {seen.reason}",
        attempts=seen.attempts,
    )


def known_feed(state: frontier.FeedState) -> FeedState:
    """A feed, sitemap or section page of the crawler's memory as the lake keeps it."""
    return FeedState(
        source=state.source,
        feed_url=state.url,
        via=state.via,
        status=state.status,
        reason=state.reason,
        items=state.items,
        new_items=state.new_items,
        newest=state.newest,
        checked_at=state.checked_at,
        etag=state.etag,
        last_modified=state.last_modified,
        body_sha256=state.body_sha256,
        last_ok_at=state.last_ok_at,
        last_new_at=state.last_new_at,
        fails=state.fails,
    )
