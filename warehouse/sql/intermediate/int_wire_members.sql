-- One row per article of a copy group with two articles or more.
-- Answers: how much of the wire did this article keep, and what did it add?
-- The wire is the text of one member, wire_article_id: of the agency's own page where one is among them,
-- else the text of which the other members carry most words, the earliest of several alike. So a short flash
-- that was printed first, and paragraphs that one outlet put around it, are not what the others are measured
-- by. kept_share: how much of the wire's runs of five words stands in the article, 0 to 1. own_word_count:
-- words of the article that stand in no run shared with the wire. Both are of pairs compared word by word;
-- equal texts were paired once only, so a pair counts for all texts equal to its two. Null: no such pair.
with members as (
    select
        copy_members.copy_group_id,
        articles.article_id,
        articles.source,
        articles.title,
        articles.language,
        articles.agency,
        articles.published_at,
        articles.published_date,
        articles.first_seen_at,
        articles.text_sha256,
        articles.word_count,
        row_number() over (
            partition by copy_members.copy_group_id
            order by articles.ordered_at, articles.first_seen_at, articles.article_id
        ) as place_in_group
    from copy_groups
    inner join copy_members on copy_groups.copy_group_id = copy_members.copy_group_id
    inner join stg_articles as articles on copy_members.article_id = articles.article_id
    where copy_groups.article_count > 1
),

texts as (
    select
        copy_group_id,
        text_sha256,
        min(place_in_group) as first_place,
        count(*) as article_count,
        max(word_count) as word_count
    from members
    group by copy_group_id, text_sha256
),

both_ways as (
    select
        article_id,
        of_article_id as other_article_id,
        containment as share_in_other,
        shared_words,
        coalesce(origin_from = 'agency' and origin_article_id = article_id, false) as is_agency_page
    from copies
    union all
    select
        of_article_id as article_id,
        article_id as other_article_id,
        containment_of as share_in_other,
        shared_words,
        coalesce(origin_from = 'agency' and origin_article_id = of_article_id, false) as is_agency_page
    from copies
),

shared as (
    select
        members.copy_group_id,
        members.text_sha256,
        others.text_sha256 as other_sha256,
        max(both_ways.share_in_other) as share_in_other,
        max(both_ways.shared_words) as shared_words,
        bool_or(both_ways.is_agency_page) as is_agency_page
    from members
    inner join both_ways on members.article_id = both_ways.article_id
    inner join members as others
        on
            both_ways.other_article_id = others.article_id
            and members.copy_group_id = others.copy_group_id
    where members.text_sha256 <> others.text_sha256
    group by members.copy_group_id, members.text_sha256, others.text_sha256
),

carried as (
    select
        texts.copy_group_id,
        texts.text_sha256,
        texts.first_place,
        coalesce(bool_or(shared.is_agency_page), false) as is_agency_page,
        any_value((texts.article_count - 1) * texts.word_count)
        + coalesce(sum(shared.shared_words * others.article_count), 0) as carried_word_count
    from texts
    left join shared on texts.copy_group_id = shared.copy_group_id and texts.text_sha256 = shared.text_sha256
    left join texts as others
        on shared.copy_group_id = others.copy_group_id and shared.other_sha256 = others.text_sha256
    group by texts.copy_group_id, texts.text_sha256, texts.first_place
),

wires as (
    select
        copy_group_id,
        arg_min(text_sha256, (not is_agency_page, -carried_word_count, first_place)) as wire_sha256,
        arg_min(first_place, (not is_agency_page, -carried_word_count, first_place)) as wire_place
    from carried
    group by copy_group_id
)

select
    members.copy_group_id,
    members.place_in_group,
    members.article_id,
    members.source,
    members.language,
    members.agency,
    members.title,
    wire_members.article_id as wire_article_id,
    wire_members.title as wire_title,
    members.published_at,
    members.published_date,
    members.first_seen_at,
    sources.country,
    coalesce(sources.publisher, members.source) as publisher,
    case when members.text_sha256 = wires.wire_sha256 then 1.0 else shared.share_in_other end as kept_share,
    case
        when members.text_sha256 = wires.wire_sha256 then 0
        else greatest(members.word_count - shared.shared_words, 0)
    end as own_word_count
from members
inner join wires on members.copy_group_id = wires.copy_group_id
inner join members as wire_members
    on wires.copy_group_id = wire_members.copy_group_id and wires.wire_place = wire_members.place_in_group
left join sources on members.source = sources.source
left join shared
    on
        wires.copy_group_id = shared.copy_group_id
        and wires.wire_sha256 = shared.text_sha256
        and members.text_sha256 = shared.other_sha256
