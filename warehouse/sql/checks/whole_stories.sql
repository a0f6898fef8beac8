-- One row per story whose copy groups do not bear it out.
-- Answers: promise 2, all or nothing: do stories and their members tell the same?
with counted as (
    select
        story_members.story_id,
        count(*) as group_count,
        sum(copy_groups.article_count) as article_count,
        bool_or(story_members.copy_group_id = story_members.story_id) as has_its_namesake
    from story_members
    left join copy_groups on story_members.copy_group_id = copy_groups.copy_group_id
    group by story_members.story_id
)

select
    coalesce(stories.story_id, counted.story_id) as story_id,
    stories.group_count,
    counted.group_count as member_count,
    stories.article_count,
    counted.article_count as member_article_count,
    stories.merged_into
from stories
full join counted on stories.story_id = counted.story_id
where
    stories.group_count is distinct from coalesce(counted.group_count, 0)
    or stories.article_count is distinct from coalesce(counted.article_count, 0)
    or not coalesce(counted.has_its_namesake, true)
    or (stories.merged_into is not null and counted.group_count > 0)
