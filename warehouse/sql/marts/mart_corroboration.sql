-- One row per story, those of a single text included.
-- Answers: how many independent voices tell of this happening, and whose are they?
-- Copies count once. A text whose agency is known is the agency's voice, any other that of the outlet that
-- had it first. voice_count is what to count corroboration by: agencies, and outlets with a text of their
-- own; two texts of one agency are two texts and one voice, and a passage of another's text is none. Who
-- only carries others' texts is in carrier_count alone. countries and state_voices are of the voices; an
-- agency's are known where it is a source itself. Texts of other languages about the happening are stories
-- of their own: add their voices.
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
        count(distinct country) as country_count,
        count(distinct voice) filter (where state is not null) as state_voice_count,
        list(distinct voice order by voice) filter (where voice is not null) as voices,
        list(distinct country order by country) filter (where country is not null) as countries,
        list(distinct voice order by voice) filter (where state is not null) as state_voices
    from int_story_texts
    where is_independent
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
    voices.state_voice_count,
    voices.country_count,
    carriers.carrier_count,
    carriers.article_count,
    coalesce(voices.voices, []) as voices,
    coalesce(voices.countries, []) as countries,
    coalesce(voices.state_voices, []) as state_voices
from stories
inner join voices on stories.story_id = voices.story_id
inner join carriers on stories.story_id = carriers.story_id
