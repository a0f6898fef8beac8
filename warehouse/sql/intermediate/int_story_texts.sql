-- One row per copy group that stands, with its story: a text about a happening, its copies counted once.
-- Answers: whose voice is it, the agency's or the outlet's own, and from where?
-- A text whose agency is known speaks for the agency, however many outlets carry it. Any other speaks for
-- the outlet that had it first. country and state are those of the voice: an agency's are known where the
-- agency is itself a source. is_independent is false where half of the text or more stands in a longer one
-- of the same story and no agency is known for it: such passages make no copy group, and no voice either.
with agencies as (
    select
        agency,
        min(country) as country,
        min(state) as state
    from sources
    where agency is not null
    group by agency
),

passages as (
    select
        article_id,
        of_article_id,
        containment
    from copies
    union all
    select
        of_article_id as article_id,
        article_id as of_article_id,
        containment_of as containment
    from copies
),

dependent as (
    select distinct members.copy_group_id
    from passages
    inner join copy_members as members on passages.article_id = members.article_id
    inner join copy_members as others on passages.of_article_id = others.article_id
    inner join story_members as stories on members.copy_group_id = stories.copy_group_id
    inner join story_members as other_stories
        on
            others.copy_group_id = other_stories.copy_group_id
            and stories.story_id = other_stories.story_id
    inner join articles as texts on members.copy_group_id = texts.article_id
    inner join articles as other_texts on others.copy_group_id = other_texts.article_id
    where
        passages.containment >= 0.5
        and members.copy_group_id <> others.copy_group_id
        and texts.word_count < other_texts.word_count
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
    case when int_group_agencies.agency is null then sources.state else agencies.state end as state,
    int_group_agencies.agency is not null or dependent.copy_group_id is null as is_independent
from story_members
inner join int_article_groups as first_articles
    on
        story_members.copy_group_id = first_articles.copy_group_id
        and first_articles.place_in_group = 1
left join int_group_agencies on story_members.copy_group_id = int_group_agencies.copy_group_id
left join sources on first_articles.source = sources.source
left join agencies on int_group_agencies.agency = agencies.agency
left join dependent on story_members.copy_group_id = dependent.copy_group_id
