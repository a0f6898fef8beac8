-- One row per copy group whose agency is known.
-- Answers: whose copy is it, in the words of most of its members, how many say so, and who else is named?
-- agencies: every one named, the one that most members name first; several are a disagreement of the pages.
-- A page of an agency's own site that credits nobody speaks for that agency, after all pages that credit one.
with named as (
    select
        copy_members.copy_group_id,
        coalesce(articles.agency, sources.agency) as agency,
        count(articles.agency) as article_count,
        min(articles.first_seen_at) as first_seen_at
    from copy_members
    inner join articles on copy_members.article_id = articles.article_id
    left join sources on articles.source = sources.source
    where coalesce(articles.agency, sources.agency) is not null
    group by copy_members.copy_group_id, coalesce(articles.agency, sources.agency)
)

select
    copy_group_id,
    arg_min(agency, (-article_count, first_seen_at, agency)) as agency,
    max(article_count) as agency_article_count,
    list(agency order by article_count desc, first_seen_at asc, agency asc) as agencies
from named
group by copy_group_id
