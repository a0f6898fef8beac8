-- One row per article that a reading names and no version knows.
-- Answers: promise 2, all or nothing: did every article of a loaded capture arrive?
with named as (
    select
        capture_id,
        unnest(article_ids) as article_id
    from readings
)

select
    named.capture_id,
    named.article_id
from named
anti join article_versions on named.article_id = article_versions.article_id
