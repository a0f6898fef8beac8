-- One row per article, with its copy group and its place in it.
-- Answers: is this article the first to carry its text, and how many carry it?
select
    stg_articles.article_id,
    stg_articles.source,
    stg_articles.counted_date,
    stg_articles.ordered_at,
    copy_members.copy_group_id,
    count(*) over same_text as group_article_count,
    row_number() over (
        partition by coalesce(copy_members.copy_group_id, stg_articles.article_id)
        order by stg_articles.ordered_at, stg_articles.first_seen_at, stg_articles.article_id
    ) as place_in_group
from stg_articles
left join copy_members on stg_articles.article_id = copy_members.article_id
window same_text as (partition by coalesce(copy_members.copy_group_id, stg_articles.article_id))
