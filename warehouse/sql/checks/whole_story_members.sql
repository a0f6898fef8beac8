-- One row per copy group in a story that does not stand, and per one that stands and was passed over.
-- Answers: promise 2, all or nothing: is every copy group placed in a story?
-- A group counts as passed over when it stood before stories were last looked for.
with standing as (
    select
        copy_groups.copy_group_id,
        max(copy_members.joined_at) as joined_at
    from copy_groups
    inner join copy_members on copy_groups.copy_group_id = copy_members.copy_group_id
    where copy_groups.article_count > 0
    group by copy_groups.copy_group_id
),

last_look as (select max(joined_at) as looked_at from story_members)

select
    coalesce(standing.copy_group_id, story_members.copy_group_id) as copy_group_id,
    story_members.story_id
from standing
full join story_members on standing.copy_group_id = story_members.copy_group_id
cross join last_look
where
    standing.copy_group_id is null
    or (story_members.copy_group_id is null and standing.joined_at < last_look.looked_at)
