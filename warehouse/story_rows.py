"""The rows of `stories`: counted from their copy groups, with merges noted so that an old id leads to the new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from warehouse.duck import Connection
from warehouse.staging import arrow_ids, staged, upsert
from warehouse.tables import STORIES


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
        rows = connection.execute(
            """
            with members as (
                select
                    story_members.story_id,
                    story_members.day,
                    copy_groups.article_count,
                    copy_groups.first_published_at,
                    copy_groups.first_seen_at,
                    articles.title,
                    articles.language,
                    coalesce(
                        articles.published_at, cast(articles.published_date as timestamptz), articles.first_seen_at
                    ) as ordered_at,
                    articles.article_id
                from story_members
                semi join staged on story_members.story_id = staged.story_id
                inner join copy_groups on story_members.copy_group_id = copy_groups.copy_group_id
                inner join articles on story_members.copy_group_id = articles.article_id
            )

            select
                staged.story_id,
                null as merged_into,
                null as merged_at,
                first(members.title order by members.ordered_at, members.article_id) as title,
                min(members.first_published_at) as first_published_at,
                min(members.first_seen_at) as first_seen_at,
                min(members.day) as first_day,
                max(members.day) as last_day,
                list_sort(coalesce(list(distinct members.language) filter (where members.language is not null), []))
                    as languages,
                count(members.article_id) as group_count,
                coalesce(sum(members.article_count), 0) as article_count
            from staged
            left join members on staged.story_id = members.story_id
            group by staged.story_id
            """
        ).fetchall()
    names = STORIES.column_names
    upsert(connection, STORIES, [dict(zip(names, row, strict=True)) for row in rows])


def refresh_stale_stories(connection: Connection) -> None:
    """A group may have gained articles, or a re-read another date, without its own text changing."""
    rows = connection.execute(
        """
        with counted as (
            select
                story_members.story_id,
                count(*) as group_count,
                sum(copy_groups.article_count) as article_count,
                min(copy_groups.first_published_at) as first_published_at,
                min(copy_groups.first_seen_at) as first_seen_at
            from story_members
            inner join copy_groups on story_members.copy_group_id = copy_groups.copy_group_id
            group by story_members.story_id
        )

        select counted.story_id
        from counted
        left join stories on counted.story_id = stories.story_id
        where
            counted.group_count is distinct from stories.group_count
            or counted.article_count is distinct from stories.article_count
            or counted.first_published_at is distinct from stories.first_published_at
            or counted.first_seen_at is distinct from stories.first_seen_at
        """
    ).fetchall()
    refresh_stories(connection, {story for (story,) in rows})
