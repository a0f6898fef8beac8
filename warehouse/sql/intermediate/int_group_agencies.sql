-- One row per copy group in which an agency is named.
-- Answers: whose copy is it, in the words of most of its members, how many say so, and who else is named?
-- agencies: every one named, the one that most members name first; several are a disagreement of the pages.
with named as (
    select
        copy_members.copy_group_id,
        articles.agency,
        count(*) as article_count,
        min(articles.first_seen_at) as first_seen_at
    from copy_members
    inner join articles on copy_members.article_id = articles.article_id
    where articles.agency is not null
    group by copy_members.copy_group_id, articles.agency
)

select
    copy_group_id,
    arg_min(agency, (-article_count, first_seen_at, agency)) as agency,
    max(article_count) as agency_article_count,
    list(agency order by article_count desc, first_seen_at asc, agency asc) as agencies
from named
group by copy_group_id
