-- One row per article whose page states different days or moments of publication.
-- Answers: which articles' dates disagree between places, what did each place say, and which was followed?
-- A moment counts as a day in the source's own zone, or in UTC where that is not known; a month is no day.
-- Moments less than 30 minutes apart are one: no two zones differ by less, and systems stamp twice.
with claims as (
    select
        evidence.article_id,
        evidence.position,
        evidence.is_chosen,
        concat(evidence.origin, ': ', evidence.value) as claim,
        coalesce(sources.timezone, 'UTC') as zone,
        case when evidence.value like '%T%' then try_cast(evidence.value as timestamptz) end as claimed_at,
        case when evidence.value not like '%T%' then try_cast(evidence.value as date) end as claimed_day
    from evidence
    left join sources on evidence.source = sources.source
    where evidence.field = 'published'
),

dated as (
    select
        article_id,
        position,
        is_chosen,
        claim,
        claimed_at,
        coalesce(claimed_day, cast(claimed_at at time zone zone as date)) as claimed_date
    from claims
),

compared as (
    select
        article_id,
        max(claimed_date) - min(claimed_date) as days_apart,
        date_diff('minute', min(claimed_at), max(claimed_at)) as minutes_apart,
        list(claim order by position) filter (where is_chosen) as followed,
        list(claim order by position) filter (where not is_chosen) as not_followed
    from dated
    group by article_id
)

select
    compared.article_id,
    articles.source,
    articles.url,
    articles.title,
    articles.published_date,
    articles.published_at,
    articles.published_from,
    compared.days_apart,
    compared.minutes_apart,
    compared.followed,
    compared.not_followed
from compared
inner join articles on compared.article_id = articles.article_id
where compared.days_apart > 0 or compared.minutes_apart >= 30
