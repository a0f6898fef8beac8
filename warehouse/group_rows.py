"""The rows of `copy_groups`: counted from the members, with merges noted so that an old id leads to the new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from warehouse.copy_facts import Fact
from warehouse.duck import Connection
from warehouse.groups import Grouping
from warehouse.staging import among_moments, arrow_ids, staged, upsert
from warehouse.tables import COPY_GROUP_CHANGES, COPY_GROUPS, UNTOLD


def record_changes(connection: Connection, grouping: Grouping, *, run_id: str, now: datetime) -> None:
    """Note into which group each retired one went, and out of which group a new one came."""
    merged = {group: heir for group, heir in grouping.merged.items() if heir is not None}
    changes = [
        {
            "copy_group_id": group,
            "other_group_id": other,
            "change": change,
            "changed_at": now,
            "run_id": run_id,
        }
        for change, others in (("merged", merged), ("parted", grouping.parted))
        for group, other in others.items()
    ]
    upsert(connection, COPY_GROUP_CHANGES, changes, but_for=("changed_at",))
    if not merged:
        return
    with staged(connection, arrow_ids(retired=list(merged), heir=list(merged.values()))):
        for column in ("copy_group_id", "merged_into"):  # the group itself, and those it had taken over
            connection.execute(
                f"update copy_groups set merged_into = staged.heir from staged "
                f"where copy_groups.{column} = staged.retired"
            )


def refresh_groups(
    connection: Connection,
    members_of: Mapping[str, Collection[Fact]],
    *,
    cores: Mapping[str, str] | None = None,
) -> None:
    """Count the members of these groups anew; a group without members keeps its row, for those who noted its id.

    Args:
        connection: inside a transaction.
        members_of: group -> its members. One that has changed since it got its place is counted when it is placed anew.
        cores: the cores of those that were formed anew; None leaves every core as it is.
    """
    if not members_of:
        return
    groups = sorted(members_of)
    members = [(group, fact) for group in groups for fact in members_of[group]]
    if cores is None:
        cores = _cores(connection, groups)
    taken = among_moments([fact.captured_at for _, fact in members]) if members else "false"
    with (
        staged(connection, arrow_ids(copy_group_id=groups), "groups"),
        staged(
            connection,
            arrow_ids(
                copy_group_id=[group for group, _ in members],
                article_id=[fact.article_id for _, fact in members],
            ),
            "placed",
        ),
    ):
        rows = connection.execute(
            f"""
            with members as (
                select placed.copy_group_id, article_id, source, agency, published_at, first_seen_at
                from articles inner join placed using (article_id)
                where {taken}
            ),

            agencies as (
                select copy_group_id, agency from members where agency is not null
                group by copy_group_id, agency
                qualify row_number() over (
                    partition by copy_group_id order by count(*) desc, min(first_seen_at), agency
                ) = 1
            )

            select
                groups.copy_group_id,
                count(members.article_id) as article_count,
                count(distinct members.source) as source_count,
                any_value(agencies.agency) as agency,
                min(members.published_at) as first_published_at,
                min(members.first_seen_at) as first_seen_at
            from groups
            left join members on groups.copy_group_id = members.copy_group_id
            left join agencies on groups.copy_group_id = agencies.copy_group_id
            group by groups.copy_group_id
            """
        ).fetchall()
    upsert(
        connection,
        COPY_GROUPS,
        [
            {
                "copy_group_id": group,
                "merged_into": None,
                "core_article_id": cores.get(group),
                "article_count": article_count,
                "source_count": source_count,
                "agency": agency,
                "first_published_at": first_published_at,
                "first_seen_at": first_seen_at,
            }
            for group, article_count, source_count, agency, first_published_at, first_seen_at in rows
        ],
        near="first_seen_at",
    )
    _queue_for_stories(connection, members_of)


def _queue_for_stories(connection: Connection, members_of: Mapping[str, Collection[Fact]]) -> None:
    rows = []
    for group, members in members_of.items():
        namesake = next((fact for fact in members if fact.article_id == group), None)
        row = {
            "copy_group_id": group,
            "captured_at": namesake and namesake.captured_at,
            "day": namesake and (namesake.day or namesake.first_seen_at.astimezone(UTC).date()),
        }
        rows.append(row)
    upsert(connection, UNTOLD, rows, near="captured_at")


def _cores(connection: Connection, groups: Sequence[str]) -> dict[str, str]:
    with staged(connection, arrow_ids(copy_group_id=groups)):
        return dict(
            connection.execute(
                "select copy_group_id, core_article_id from copy_groups semi join staged using (copy_group_id)"
            ).fetchall()
        )
