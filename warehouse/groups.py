"""Copy groups out of pairs. Pure: members, pairs and the groups as they were in; the groups as they are now out.

A group's id is the article_id of one of its members: the earliest when the group was formed. It stays when an
earlier member is found later; of groups that grow together the older one's id survives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

Rank = tuple[datetime, datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article as grouping sees it; ordered by publication where it is known, else by our first sight."""

    article_id: str
    rank: Rank  # published or first seen, first seen, article_id
    former_group: str | None  # None: not grouped before


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Where every article belongs, and which groups went into which others."""

    group_of: Mapping[str, str]  # article_id -> copy_group_id
    merged: Mapping[str, str | None]  # retired group -> its successor; None when no member is left


def regroup(
    members: Iterable[Member], pairs: Iterable[tuple[str, str]], former_groups: Iterable[str]
) -> Grouping:
    """Put articles that carry one text together.

    Args:
        members: all articles of the groups that a new pair, a changed or a vanished article touches.
        pairs: links between them.
        former_groups: the ids of those groups, including ones that have lost every member.
    """
    known = {member.article_id: member for member in members}
    parent = {article_id: article_id for article_id in known}

    def root(article_id: str) -> str:
        while parent[article_id] != article_id:
            parent[article_id] = parent[parent[article_id]]
            article_id = parent[article_id]
        return article_id

    for first, second in pairs:
        parent[root(first)] = root(second)
    together: dict[str, list[Member]] = {}
    for member in known.values():
        together.setdefault(root(member.article_id), []).append(member)

    group_of: dict[str, str] = {}
    for group in together.values():
        standing = [member for member in group if member.former_group == member.article_id]
        name = min(standing or group, key=lambda member: member.rank).article_id
        group_of.update((member.article_id, name) for member in group)

    remaining: dict[str, list[Member]] = {}
    for member in known.values():
        if member.former_group is not None:
            remaining.setdefault(member.former_group, []).append(member)
    alive = set(group_of.values())
    merged: dict[str, str | None] = {}
    for former in former_groups:
        if former not in alive:
            heirs = remaining.get(former, [])
            merged[former] = (
                group_of[min(heirs, key=lambda member: member.rank).article_id] if heirs else None
            )
    return Grouping(group_of=group_of, merged=merged)
