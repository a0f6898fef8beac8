-- One row per story, or copy group in one, that is there more than once.
-- Answers: promise 1, once: does every copy group belong to a story exactly one time?
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_stories as (
    select hash(story_id) as key_hash
    from stories
    group by key_hash
    having count(*) > 1
),

twice_story_members as (
    select hash(copy_group_id) as key_hash
    from story_members
    group by key_hash
    having count(*) > 1
),

twice_untold as (
    select hash(copy_group_id) as key_hash
    from untold
    group by key_hash
    having count(*) > 1
)

select
    'stories' as table_name,
    cast(stories.story_id as varchar) as row_key,
    count(*) as row_count
from stories
semi join twice_stories on hash(stories.story_id) = twice_stories.key_hash
group by stories.story_id
having count(*) > 1
union all
select
    'story_members' as table_name,
    cast(story_members.copy_group_id as varchar) as row_key,
    count(*) as row_count
from story_members
semi join twice_story_members on hash(story_members.copy_group_id) = twice_story_members.key_hash
group by story_members.copy_group_id
having count(*) > 1
union all
select
    'untold' as table_name,
    cast(untold.copy_group_id as varchar) as row_key,
    count(*) as row_count
from untold
semi join twice_untold on hash(untold.copy_group_id) = twice_untold.key_hash
group by untold.copy_group_id
having count(*) > 1
