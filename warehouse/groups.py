"""Copy groups out of pairs. Pure: members, pairs and the groups as they were in; the groups as they are now out.

A group has a core: the member that most others share text with. Who belongs to it is within `GROUP_DAYS` of the core
and shares text with it; so a group does not wander off along a chain, each link a little further from the first text.
A page that holds two strangers whole is several texts in one (a glued page, a briefing) and joins neither to the other.

A group's id is the article_id of one of its members: the earliest when the group was formed. It stays when an
earlier member is found later; of groups that grow together the older one's id survives, and when a group parts, the id
stays with the part that holds its namesake.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

Rank = tuple[datetime, datetime, str]
IsKin = Callable[[str, str], bool]

GROUP_DAYS = 3  # from the core, to either side; copies of one text in the stream lie within it
WHOLE = 0.8  # so much of a text in a page: the page holds it whole (articles.copies.NEAR_CONTAINMENT)
MOST = 0.6  # of a page that holds several texts: two of them cannot have so much of it each
LOOKED_AT = 20  # texts that a page holds, the longest first; enough to find two strangers among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article as grouping sees it; ordered by publication where it is known, else by our first sight."""

    article_id: str
    rank: Rank  # published or first seen, first seen, article_id
    day: date | None = None  # of publication; None: not known
    former_group: str | None  # None: not grouped before


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles that share text."""

    first: str
    second: str
    share_of_first: float = 1.0  # how much of the first stands in the second, 0 to 1
    share_of_second: float = 1.0
    unites: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Where every article belongs, and what became of the groups before."""

    group_of: Mapping[str, str]  # article_id -> copy_group_id
    core_of: Mapping[str, str]  # copy_group_id -> the article_id of its core
    merged: Mapping[str, str | None]  # retired group -> its successor; None when no member is left
    parted: Mapping[str, str]  # new group -> the group its members were in, which goes on without them


def regroup(
    members: Iterable[Member],
    pairs: Iterable[Pair],
    former_groups: Collection[str],
    *,
    is_kin: IsKin,
) -> Grouping:
    """Put articles that carry one text together.

    Args:
        members: all articles of the groups that a new pair, a changed or a vanished article touches.
        pairs: of them, those that unite and those that do not; also with articles outside these groups, which tell what
            a page holds.
        former_groups: the ids of those groups, including ones that have lost every member.
        is_kin: whether two members share text at all, though too little for a pair.
    """
    known = {member.article_id: member for member in members}
    links = _links(known, list(pairs), is_kin)
    together: list[tuple[str, list[Member]]] = []
    left = set(known)
    while left:
        # cores first: the best connected; a part that no core takes in is looked at again by itself
        component = _component(next(iter(left)), links, left)
        while component:
            core = min(component, key=lambda name: (-len(links[name] & component), known[name].rank))
            part = _around(core, links, component, known, is_kin)
            together.append((core, [known[name] for name in part]))
            component -= part
            left -= part
    return _named(together, known, former_groups)


def _links(known: Mapping[str, Member], pairs: Sequence[Pair], is_kin: IsKin) -> dict[str, set[str]]:
    """Who unites with whom, but for pages that hold several texts."""
    share_in: dict[tuple[str, str], float] = {}  # (text, page) -> how much of the text stands in the page
    for pair in pairs:
        share_in[pair.first, pair.second] = pair.share_of_first
        share_in[pair.second, pair.first] = pair.share_of_second
    held: dict[str, list[str]] = {}
    for (text, page), share in share_in.items():
        if share >= WHOLE and page in known:
            held.setdefault(page, []).append(text)
    several = {page for page, texts in held.items() if _holds_strangers(page, texts, share_in, is_kin)}
    links: dict[str, set[str]] = {name: set() for name in known}
    for pair in pairs:
        if not pair.unites or pair.first not in known or pair.second not in known:
            continue
        is_part_of_page = (pair.first in several and pair.share_of_first < MOST) or (
            pair.second in several and pair.share_of_second < MOST
        )
        if not is_part_of_page:
            links[pair.first].add(pair.second)
            links[pair.second].add(pair.first)
    return links


def _holds_strangers(
    page: str, texts: Sequence[str], share_in: Mapping[tuple[str, str], float], is_kin: IsKin
) -> bool:
    longest = sorted(texts, key=lambda text: (-share_in[page, text], text))[:LOOKED_AT]
    return any(
        (first, second) not in share_in and not is_kin(first, second)
        for first, second in combinations(longest, 2)
    )


def _component(start: str, links: Mapping[str, set[str]], among: Collection[str]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for name in links[waiting.pop()]:
            if name in among and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _around(
    core: str,
    links: Mapping[str, set[str]],
    among: Collection[str],
    known: Mapping[str, Member],
    is_kin: IsKin,
) -> set[str]:
    """The core, and whoever is linked to it, or to one who is, and shares text with the core itself."""
    found, refused, waiting = {core}, set(), [core]
    while waiting:
        for name in sorted(links[waiting.pop()]):
            if name not in among or name in found or name in refused:
                continue
            if _are_near(known[core], known[name]) and (name in links[core] or is_kin(core, name)):
                found.add(name)
                waiting.append(name)
            else:
                refused.add(name)
    return found


def _are_near(one: Member, other: Member) -> bool:
    return one.day is None or other.day is None or abs((one.day - other.day).days) <= GROUP_DAYS


def _named(
    together: Sequence[tuple[str, Sequence[Member]]],
    known: Mapping[str, Member],
    former_groups: Collection[str],
) -> Grouping:
    group_of: dict[str, str] = {}
    core_of: dict[str, str] = {}
    for core, group in together:
        standing = [member for member in group if member.former_group == member.article_id]
        name = min(standing or group, key=lambda member: member.rank).article_id
        group_of.update((member.article_id, name) for member in group)
        core_of[name] = core

    remaining: dict[str, list[Member]] = {}
    for member in known.values():
        if member.former_group is not None:
            remaining.setdefault(member.former_group, []).append(member)
    merged: dict[str, str | None] = {}
    for former in former_groups:
        if former not in core_of:
            heirs = remaining.get(former, [])
            namesakes = [member for member in heirs if member.article_id == former]
            heir = min(namesakes or heirs, key=lambda member: member.rank, default=None)
            merged[former] = None if heir is None else group_of[heir.article_id]
    parted = {
        group_of[member.article_id]: former
        for former, before in remaining.items()
        for member in before
        if group_of[member.article_id] not in former_groups and (former in core_of or len(before) > 1)
    }
    return Grouping(
        group_of=group_of,
        core_of=core_of,
        merged=merged,
        parted={name: former for name, former in parted.items() if merged.get(former) != name},
    )
