-- One row per copy group whose terms are kept although it is in no story, or lie at another day.
-- Answers: promise 2, all or nothing: were terms written together with what they were written for?
-- By month: story_terms.day
with filed as (
    select distinct
        copy_group_id,
        day
    from story_terms
)

select
    filed.copy_group_id,
    filed.day
from filed
left join story_members on filed.copy_group_id = story_members.copy_group_id
where story_members.copy_group_id is null or filed.day is distinct from story_members.day
