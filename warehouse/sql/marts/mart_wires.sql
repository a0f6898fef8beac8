-- One row per copy group with two articles or more.
-- Answers: which story ran in several outlets, whose copy is it, and who had it first?
with members as (
    select
        int_article_groups.copy_group_id,
        int_article_groups.place_in_group,
        int_article_groups.ordered_at,
        articles.source,
        articles.title,
        coalesce(sources.publisher, articles.source) as publisher
    from int_article_groups
    inner join articles on int_article_groups.article_id = articles.article_id
    left join sources on articles.source = sources.source
    where int_article_groups.group_article_count > 1
)

select
    members.copy_group_id,
    any_value(int_group_agencies.agency) as agency,
    arg_min(members.title, members.place_in_group) as title,
    arg_min(members.publisher, members.place_in_group) as first_publisher,
    min(members.ordered_at) as first_published_at,
    count(*) as article_count,
    count(distinct members.source) as source_count,
    list(members.publisher order by members.place_in_group) as publishers
from members
left join int_group_agencies on members.copy_group_id = int_group_agencies.copy_group_id
group by members.copy_group_id
