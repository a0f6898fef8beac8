-- One row per article, newest version, without its text.
-- Answers: which articles are there, and on which day do they count?
-- counted_date is the publisher's day; where none is known, the day of our first sight.
select
    article_id,
    version,
    source,
    url,
    part,
    title,
    authors,
    published_at,
    published_date,
    published_precision,
    published_from,
    language,
    dateline,
    agency,
    word_count,
    text_sha256,
    capture_id,
    first_seen_at,
    captured_at,
    run_id,
    coalesce(published_date, cast(first_seen_at at time zone 'UTC' as date)) as counted_date,
    coalesce(published_at, cast(published_date as timestamp) at time zone 'UTC', first_seen_at) as ordered_at
from articles
