-- One row per capture that nothing came of.
-- Answers: promise 3, nothing lost: did every capture give an article, or a reason why not?
-- By month: captures.captured_at
with refused as (
    select capture_id
    from rejected
    where capture_id is not null
)

select
    captures.capture_id,
    captures.source,
    captures.url,
    readings.reader_version
from captures
left join readings on captures.capture_id = readings.capture_id
where
    readings.capture_id is null
    or (readings.article_count = 0 and captures.capture_id not in (select refused.capture_id from refused))
