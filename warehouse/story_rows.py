"""The rows of `stories`: counted from their copy groups, with merges noted so that an old id leads to the new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from warehouse.duck import Connection
from warehouse.staging import among_days, among_moments, arrow_ids, staged, upsert
from warehouse.tables import STORIES

# The moment an article is ordered by in its story, as SQL over `articles`.
ORDERED_AT = "coalesce(published_at, cast(published_date as timestamptz), first_seen_at)"


def record_merges(connection: Connection, merged: Mapping[str, str | None], now: datetime) -> None:
    """Note into which story each retired one went, and when."""
    retired = {story: heir for story, heir in merged.items() if heir is not None}
    if not retired:
        return
    with staged(connection, arrow_ids(retired=list(retired), heir=list(retired.values()))):
        connection.execute(
            "update stories set merged_into = staged.heir, merged_at = $1 from staged "
            "where stories.story_id = staged.retired",
            [now],
        )
        connection.execute(  # those it had taken over
            "update stories set merged_into = staged.heir from staged where stories.merged_into = staged.retired"
        )


def refresh_stories(connection: Connection, stories: Collection[str]) -> None:
    """Count these stories anew; one without groups keeps its row, for those who noted its id."""
    if not stories:
        return
    with staged(connection, arrow_ids(story_id=sorted(stories))):
        found = connection.execute(
            "select distinct day, captured_at from story_members semi join staged using (story_id)"
        ).fetchall()
        days, moments = {day for day, _ in found}, {moment for _, moment in found}
        rows = connection.execute(
            f"""
            with members as (
                select story_id, copy_group_id, day from story_members semi join staged using (story_id)
                where {among_days(days) if days else "false"}
            ),

            told as (
                select
                    article_id, title, language,
                    {ORDERED_AT} as ordered_at
                from articles semi join members on articles.article_id = members.copy_group_id
                where {among_moments(moments) if moments else "false"}
            ),

            counted as (
                select members.story_id, members.day, told.*, groups.article_count,
                    groups.first_published_at, groups.first_seen_at
                from members
                inner join told on members.copy_group_id = told.article_id
                inner join copy_groups as groups on members.copy_group_id = groups.copy_group_id
            )

            select
                staged.story_id,
                null as merged_into,
                null as merged_at,
                first(counted.title order by counted.ordered_at, counted.article_id) as title,
                min(counted.first_published_at) as first_published_at,
                min(counted.first_seen_at) as first_seen_at,
                min(counted.day) as first_day,
                max(counted.day) as last_day,
                list_sort(coalesce(list(distinct counted.language) filter (where counted.language is not null), []))
                    as languages,
                count(counted.article_id) as group_count,
                coalesce(sum(counted.article_count), 0) as article_count
            from staged
            left join counted on staged.story_id = counted.story_id
            group by staged.story_id
            """
        ).fetchall()
    names = STORIES.column_names
    upsert(connection, STORIES, [dict(zip(names, row, strict=True)) for row in rows], near="first_seen_at")
