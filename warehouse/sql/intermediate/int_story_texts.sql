-- One row per copy group that stands, with its story: a text about a happening, its copies counted once.
-- Answers: whose voice is it, the agency's or the outlet's own, and from where?
-- A text whose agency is known speaks for the agency, however many outlets carry it. Any other speaks for
-- the outlet that had it first. country and state are those of the voice: an agency's are known where the
-- agency is itself a source.
with agencies as (
    select
        agency,
        min(country) as country,
        min(state) as state
    from sources
    where agency is not null
    group by agency
)

select
    story_members.story_id,
    story_members.copy_group_id,
    story_members.day,
    int_group_agencies.agency,
    first_articles.article_id,
    first_articles.source,
    coalesce(sources.publisher, first_articles.source) as publisher,
    first_articles.ordered_at,
    first_articles.group_article_count as article_count,
    coalesce(int_group_agencies.agency, sources.publisher, first_articles.source) as voice,
    case when int_group_agencies.agency is null then sources.country else agencies.country end as country,
    case when int_group_agencies.agency is null then sources.state else agencies.state end as state
from story_members
inner join int_article_groups as first_articles
    on
        story_members.copy_group_id = first_articles.copy_group_id
        and first_articles.place_in_group = 1
left join int_group_agencies on story_members.copy_group_id = int_group_agencies.copy_group_id
left join sources on first_articles.source = sources.source
left join agencies on int_group_agencies.agency = agencies.agency
