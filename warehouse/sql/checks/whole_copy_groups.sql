-- One row per copy group whose members do not bear it out.
-- Answers: promise 2, all or nothing: do groups and members tell the same story?
with counted as (
    select
        copy_group_id,
        count(*) as article_count,
        bool_or(article_id = copy_group_id) as has_its_namesake
    from copy_members
    group by copy_group_id
)

select
    coalesce(copy_groups.copy_group_id, counted.copy_group_id) as copy_group_id,
    copy_groups.article_count,
    counted.article_count as member_count,
    copy_groups.merged_into
from copy_groups
full join counted on copy_groups.copy_group_id = counted.copy_group_id
where
    copy_groups.article_count is distinct from coalesce(counted.article_count, 0)
    or not coalesce(counted.has_its_namesake, true)
    or (copy_groups.merged_into is not null and counted.article_count > 0)
