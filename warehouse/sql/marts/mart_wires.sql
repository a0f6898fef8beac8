-- One row per copy group with two articles or more.
-- Answers: which text ran in several outlets, whose is it, who had it first, and who kept how much of it?
-- agency: the one that most articles name, agency_article_count of them; several in agencies are a
-- disagreement of the pages. is_agency_text: one is named. kept_by: for each publisher, of its article
-- that kept most of the wire, the share of the wire's five-word runs, 0 to 1, and the words of its own; null
-- where they were not compared. The wire is the text of wire_article_id: the agency's own page where one is
-- among them, else the text of which the others carry most words. span_days: from the first to the last
-- publication.
with publishers as (
    select
        copy_group_id,
        publisher,
        min(place_in_group) as first_place,
        max(kept_share) as kept_share,
        arg_max(own_word_count, (kept_share, -own_word_count)) filter (
            where kept_share is not null
        ) as own_word_count
    from int_wire_members
    group by copy_group_id, publisher
),

kept as (
    select
        copy_group_id,
        list(publisher order by first_place) as publishers,
        list(
            struct_pack(
                publisher := publisher, kept_share := kept_share, own_word_count := own_word_count
            )
            order by first_place
        ) as kept_by
    from publishers
    group by copy_group_id
),

groups as (
    select
        copy_group_id,
        arg_min(title, place_in_group) as title,
        arg_min(publisher, place_in_group) as first_publisher,
        min(published_at) as first_published_at,
        min(published_date) as first_published_date,
        min(first_seen_at) as first_seen_at,
        max(published_date) - min(published_date) as span_days,
        count(*) as article_count,
        count(distinct source) as source_count,
        any_value(wire_article_id) as wire_article_id,
        arg_min(publisher, place_in_group) filter (where article_id = wire_article_id) as wire_publisher,
        list_sort(coalesce(list(distinct country) filter (where country is not null), [])) as countries,
        list_sort(coalesce(list(distinct language) filter (where language is not null), [])) as languages
    from int_wire_members
    group by copy_group_id
)

select
    groups.copy_group_id,
    int_group_agencies.agency,
    int_group_agencies.agency is not null as is_agency_text,
    coalesce(int_group_agencies.agency_article_count, 0) as agency_article_count,
    coalesce(int_group_agencies.agencies, []) as agencies,
    groups.title,
    groups.first_publisher,
    groups.first_published_at,
    groups.first_published_date,
    groups.first_seen_at,
    groups.span_days,
    groups.article_count,
    groups.source_count,
    kept.publishers,
    groups.countries,
    groups.languages,
    groups.wire_article_id,
    groups.wire_publisher,
    kept.kept_by
from groups
inner join kept on groups.copy_group_id = kept.copy_group_id
left join int_group_agencies on groups.copy_group_id = int_group_agencies.copy_group_id
