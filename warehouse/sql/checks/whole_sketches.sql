-- One row per article and day with sampled shingles that were not filed there when it was placed.
-- Answers: promise 2, all or nothing: do the sketches fit the articles, and lie at their days?
-- By month: sketches.day
with filed as (
    select distinct
        article_id,
        day
    from sketches
)

select
    filed.article_id,
    filed.day
from filed
left join copy_members on filed.article_id = copy_members.article_id
where
    filed.day is distinct from coalesce(
        copy_members.member_day, cast(copy_members.member_captured_at at time zone 'UTC' as date)
    )
