-- One row per article of a copy group with two articles or more.
-- Answers: how much of the group's text did this one keep, and what did it add?
-- Measured against the earliest member in runs of five words; equal texts were paired once
-- only, so that a pair counts for all texts equal to its two. Null: no such pair was checked.
with members as (
    select
        copy_members.copy_group_id,
        articles.article_id,
        articles.source,
        articles.title,
        articles.language,
        articles.published_at,
        articles.published_date,
        articles.first_seen_at,
        articles.text_sha256,
        articles.word_count,
        row_number() over in_order as place_in_group,
        first_value(articles.title) over in_order as carried_title,
        first_value(articles.text_sha256) over in_order as carried_sha256
    from copy_groups
    inner join copy_members on copy_groups.copy_group_id = copy_members.copy_group_id
    inner join stg_articles as articles on copy_members.article_id = articles.article_id
    where copy_groups.article_count > 1
    window in_order as (
        partition by copy_members.copy_group_id
        order by articles.ordered_at, articles.first_seen_at, articles.article_id
    )
),

both_ways as (
    select
        article_id,
        of_article_id as other_article_id,
        containment_of as other_kept,
        shared_words
    from copies
    union all
    select
        of_article_id as article_id,
        article_id as other_article_id,
        containment as other_kept,
        shared_words
    from copies
),

kept as (
    select
        members.copy_group_id,
        members.text_sha256,
        max(both_ways.other_kept) as kept_share,
        max(both_ways.shared_words) as shared_words
    from members
    inner join both_ways on members.article_id = both_ways.article_id
    inner join members as others
        on
            both_ways.other_article_id = others.article_id
            and members.copy_group_id = others.copy_group_id
    where others.text_sha256 = members.carried_sha256
    group by members.copy_group_id, members.text_sha256
)

select
    members.copy_group_id,
    members.place_in_group,
    members.article_id,
    members.source,
    members.language,
    members.title,
    members.carried_title,
    members.published_at,
    members.published_date,
    members.first_seen_at,
    sources.country,
    coalesce(sources.publisher, members.source) as publisher,
    case when members.text_sha256 = members.carried_sha256 then 1.0 else kept.kept_share end as kept_share,
    case
        when members.text_sha256 = members.carried_sha256 then 0
        else greatest(members.word_count - kept.shared_words, 0)
    end as own_word_count
from members
left join sources on members.source = sources.source
left join kept
    on
        members.copy_group_id = kept.copy_group_id
        and members.text_sha256 = kept.text_sha256
