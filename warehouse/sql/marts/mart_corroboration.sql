-- One row per story, those of a single text included.
-- Answers: how many independent voices tell of this happening, and whose are they?
-- Copies count once. A text whose agency is known is the agency's voice, any other that of the outlet that
-- had it first. voice_count is what to count corroboration by: agencies, and outlets with a text of their
-- own. Who only carries others' texts is in carrier_count alone. Countries are those of the outlets'
-- voices: where an agency sits is not known here.
with carriers as (
    select
        story_id,
        count(*) as article_count,
        count(distinct publisher) as carrier_count
    from int_story_articles
    group by story_id
),

voices as (
    select
        story_id,
        count(*) as independent_text_count,
        count(distinct voice) as voice_count,
        count(distinct agency) as agency_count,
        count(distinct publisher) filter (where agency is null) as publisher_count,
        count(distinct country) filter (where agency is null) as country_count,
        count(distinct publisher) filter (
            where agency is null and state is not null
        ) as state_publisher_count,
        list(distinct voice order by voice) filter (where voice is not null) as voices,
        list(distinct country order by country) filter (
            where agency is null and country is not null
        ) as countries,
        list(distinct publisher order by publisher) filter (
            where agency is null and state is not null
        ) as state_publishers
    from int_story_texts
    group by story_id
)

select
    stories.story_id,
    stories.title,
    stories.first_day,
    voices.voice_count,
    voices.independent_text_count,
    voices.agency_count,
    voices.publisher_count,
    voices.state_publisher_count,
    voices.country_count,
    carriers.carrier_count,
    carriers.article_count,
    coalesce(voices.voices, []) as voices,
    coalesce(voices.countries, []) as countries,
    coalesce(voices.state_publishers, []) as state_publishers
from stories
inner join voices on stories.story_id = voices.story_id
inner join carriers on stories.story_id = carriers.story_id
