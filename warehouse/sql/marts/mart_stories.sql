-- One row per story, those of a single text included.
-- Answers: what happened, who told it first, who else told it, in how many independent texts, and by what
-- are they joined?
-- A story is of one language: what other languages tell of the happening are stories of their own.
-- first_published_at is the publishers' own moment, first_seen_at is ours; first_day is ours where none is
-- stated. shared_names, shared_places, shared_numbers: what each text shares with the one it is most like;
-- story_members has them text by text, with shared_terms and the score.
with articles_of as (
    select
        story_id,
        list(distinct publisher order by publisher) filter (where publisher is not null) as publishers,
        arg_min(publisher, ordered_at) as first_publisher
    from int_story_articles
    group by story_id
),

texts_of as (
    select
        story_id,
        list(distinct agency order by agency) filter (where agency is not null) as agencies,
        count(*) filter (where is_independent) as independent_text_count
    from int_story_texts
    group by story_id
),

reasons_of as (
    select
        story_id,
        list_sort(list_distinct(flatten(list(shared_names)))) as shared_names,
        list_sort(list_distinct(flatten(list(shared_places)))) as shared_places,
        list_sort(list_distinct(flatten(list(shared_numbers)))) as shared_numbers
    from story_members
    where nearest_group_id is not null
    group by story_id
)

select
    stories.story_id,
    stories.title,
    stories.first_day,
    stories.last_day,
    stories.first_published_at,
    stories.first_seen_at,
    articles_of.first_publisher,
    coalesce(articles_of.publishers, []) as publishers,
    stories.languages,
    coalesce(texts_of.agencies, []) as agencies,
    texts_of.independent_text_count,
    stories.article_count,
    coalesce(reasons_of.shared_names, []) as shared_names,
    coalesce(reasons_of.shared_places, []) as shared_places,
    coalesce(reasons_of.shared_numbers, []) as shared_numbers
from stories
left join articles_of on stories.story_id = articles_of.story_id
left join texts_of on stories.story_id = texts_of.story_id
left join reasons_of on stories.story_id = reasons_of.story_id
where stories.group_count > 0
