"""What a backfill would do, said beforehand: nothing is written, and nobody is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from articles.records import Capture
from flows.addresses import Address, named_candidates, read_addresses
from flows.backfill import Asked
from flows.files import Origin, SetAside, Tally, find_files, read_files
from flows.run import now
from flows.sources import source_of_url
from flows.terminal import printable
from flows.watching import span
from spiders.archives import Span
from spiders.frontier import fetched_among
from spiders.lists import lists_of_past
from spiders.source import SourceFile
from warehouse import Lake, is_lake, known_captures

LOOKED_UP_TOGETHER = 1000  # captures the lake is asked about at once
SHOWN_PROBLEMS = 200  # of what would be set aside; the rest is counted
SHOWN_SOURCES = 50
SHOWN_LISTS = 12  # of an archive


def look_ahead(asked: Asked, home: Path) -> str:
    """What `backfill` would do with the same, as plain text."""
    if asked.paths:
        return _at_files(asked, home)
    if asked.urls_file is not None:
        return _at_addresses(asked.urls_file, home)
    return _at_archives(asked)


def _at_files(asked: Asked, home: Path) -> str:
    origin = Origin(
        run_id="none",
        source=asked.source,
        source_of=source_of_url(),
        now=now(),
        is_every_host=asked.all_hosts,
    )
    lake = Lake.open(home) if is_lake(home) else None
    files = find_files(map(Path, asked.paths))
    counts: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    tally = Tally()
    problems: list[str] = []

    def captures() -> Iterator[tuple[str, str]]:
        for found in read_files(files, origin, tally):
            if isinstance(found, Capture):
                counts["bytes"] += len(found.body)
                yield found.capture_id, found.source or "source not known"
            elif len(problems) < SHOWN_PROBLEMS:
                problems.append(f"  would be set aside: {printable(found.rejected.detail)}")

    waiting = captures()
    while together := dict(islice(waiting, LOOKED_UP_TOGETHER)):
        known = known_captures(lake, sorted(together)) if lake else set()
        counts["known"] += len(known)
        by_source.update(source for one, source in together.items() if one not in known)
    if lake:
        lake.close()
    set_aside = tally.set_aside.total()
    lines = [
        f"{len(files):,} files, {counts['bytes']:,} bytes: {by_source.total():,} pages would be loaded into {home}, "
        f"{counts['known']:,} are there already, {set_aside:,} would be set aside"
    ]
    lines += [f"  {count:>9,} of {printable(source)}" for source, count in by_source.most_common()]
    if tally.left_out:
        lines.append(f"{tally.left_out.total():,} records of web archives would be left out")
        lines += [f"  {count:>9,} {printable(reason)}" for reason, count in tally.left_out.most_common()]
    lines += problems
    if set_aside > len(problems):
        lines.append(f"  and {set_aside - len(problems):,} more")
    return "\n".join(lines)


def _at_addresses(file: str, home: Path) -> str:
    counts: Counter[str] = Counter()
    sources: dict[str, SourceFile] = {}
    asked: Counter[str] = Counter()
    problems: list[str] = []
    met: set[str] = set()  # keys of this list; a list is a person's, and fits in memory
    frontier = home / "frontier.sqlite"
    listed = read_addresses(file)
    while together := list(islice(listed, LOOKED_UP_TOGETHER)):
        keys: dict[str, str] = {}
        for one in together:
            if isinstance(one, SetAside):
                counts["set aside"] += 1
                if len(problems) < SHOWN_PROBLEMS:
                    problems.append(f"  would be set aside: {printable(one.rejected.detail)}")
                continue
            key = _key(one)
            if key in met:
                counts["twins"] += 1
                continue
            met.add(key)
            keys[key] = one.source.name
            sources[one.source.name] = one.source
        known = fetched_among(frontier, list(keys))
        counts["known"] += len(known)
        asked.update(name for key, name in keys.items() if key not in known)
    lines = [
        f"{asked.total():,} addresses would be asked for, {counts['known']:,} were fetched before, {counts['twins']:,} are "
        f"twins of others on the list, {counts['set aside']:,} lines would be set aside"
    ]
    slowest = max((count * sources[name].delay_s for name, count in asked.items()), default=0.0)
    for name, count in asked.most_common(SHOWN_SOURCES):
        source = sources[name]
        owner = name if source.lake_id is not None else f"{source.site}, which is no source's host"
        lines.append(f"  {count:>9,} of {printable(owner)}, one every {source.delay_s:g} s")
    if len(asked) > SHOWN_SOURCES:
        lines.append(f"  and of {len(asked) - SHOWN_SOURCES:,} hosts more")
    if asked:
        lines.append(
            f"hosts are asked side by side, so it would take about {span(slowest)}; longer where robots.txt asks for it"
        )
    return "\n".join([*lines, *problems])


def _key(address: Address) -> str:
    (candidate,) = named_candidates(address.source, [address])
    return candidate.url_key


def _at_archives(asked: Asked) -> str:
    source = asked.archive_source()
    assert asked.since is not None
    assert asked.until is not None
    lists = [one.url for one in lists_of_past(source, Span(since=asked.since, until=asked.until))]
    lines = [
        f"{len(lists):,} lists of {source.name} would be asked for {asked.since} to {asked.until}, one every "
        f"{source.delay_s:g} s, about {span(len(lists) * source.delay_s)}, and the lists they lead to:"
    ]
    lines += [f"  {printable(url)}" for url in lists[:SHOWN_LISTS]]
    if len(lists) > SHOWN_LISTS:
        lines.append(f"  and {len(lists) - SHOWN_LISTS:,} more")
    per_hour = 3600 / source.delay_s
    lines.append(
        f"how many articles they name is not known before they are read; at this pace {per_hour:,.0f} are fetched in an hour"
    )
    return "\n".join(lines)
