"""The rows of `copy_groups`: counted from the members, with merges noted so that an old id leads to the new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from warehouse.duck import Connection
from warehouse.groups import Grouping
from warehouse.staging import arrow_ids, staged, upsert
from warehouse.tables import COPY_GROUP_CHANGES, COPY_GROUPS


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
    connection: Connection, groups: Collection[str], *, cores: Mapping[str, str] | None = None
) -> None:
    """Count the members of these groups anew; a group without members keeps its row, for those who noted its id.

    Args:
        connection: inside a transaction.
        groups: their ids.
        cores: the cores of those that were formed anew; None leaves every core as it is.
    """
    with staged(connection, arrow_ids(copy_group_id=sorted(groups))):
        rows = connection.execute(
            """
            with members as (
                select
                    copy_members.copy_group_id,
                    articles.*
                from copy_members
                semi join staged on copy_members.copy_group_id = staged.copy_group_id
                inner join articles on copy_members.article_id = articles.article_id
            ),

            agencies as (
                select copy_group_id, agency from members where agency is not null
                group by copy_group_id, agency
                qualify row_number() over (
                    partition by copy_group_id order by count(*) desc, min(first_seen_at), agency
                ) = 1
            )

            select
                staged.copy_group_id,
                null as merged_into,
                any_value(copy_groups.core_article_id) as core_article_id,
                count(members.article_id) as article_count,
                count(distinct members.source) as source_count,
                any_value(agencies.agency) as agency,
                min(members.published_at) as first_published_at,
                min(members.first_seen_at) as first_seen_at
            from staged
            left join members on staged.copy_group_id = members.copy_group_id
            left join agencies on staged.copy_group_id = agencies.copy_group_id
            left join copy_groups on staged.copy_group_id = copy_groups.copy_group_id
            group by staged.copy_group_id
            """
        ).fetchall()
    counted = [dict(zip(COPY_GROUPS.column_names, row, strict=True)) for row in rows]
    if cores is not None:
        counted = [{**row, "core_article_id": cores.get(str(row["copy_group_id"]))} for row in counted]
    upsert(connection, COPY_GROUPS, counted)


def refresh_written_groups(connection: Connection, run_id: str) -> None:
    """A re-read may have found another agency or date without changing a text."""
    rows = connection.execute(
        "select distinct copy_group_id from copy_members inner join articles using (article_id) "
        "where articles.run_id = $1",
        [run_id],
    ).fetchall()
    if rows:
        refresh_groups(connection, {group for (group,) in rows})
