-- One row per capture that is kept, queued, read or set aside more than once.
-- Answers: promise 1, once: is every page kept, and read, exactly one time?
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_captures as (
    select hash(capture_id) as key_hash
    from captures
    group by key_hash
    having count(*) > 1
),

twice_readings as (
    select hash(capture_id) as key_hash
    from readings
    group by key_hash
    having count(*) > 1
),

twice_rejected as (
    select hash(rejected_id) as key_hash
    from rejected
    group by key_hash
    having count(*) > 1
),

twice_unread as (
    select hash(capture_id) as key_hash
    from unread
    group by key_hash
    having count(*) > 1
)

select
    'captures' as table_name,
    cast(captures.capture_id as varchar) as row_key,
    count(*) as row_count
from captures
semi join twice_captures on hash(captures.capture_id) = twice_captures.key_hash
group by captures.capture_id
having count(*) > 1
union all
select
    'readings' as table_name,
    cast(readings.capture_id as varchar) as row_key,
    count(*) as row_count
from readings
semi join twice_readings on hash(readings.capture_id) = twice_readings.key_hash
group by readings.capture_id
having count(*) > 1
union all
select
    'rejected' as table_name,
    cast(rejected.rejected_id as varchar) as row_key,
    count(*) as row_count
from rejected
semi join twice_rejected on hash(rejected.rejected_id) = twice_rejected.key_hash
group by rejected.rejected_id
having count(*) > 1
union all
select
    'unread' as table_name,
    cast(unread.capture_id as varchar) as row_key,
    count(*) as row_count
from unread
semi join twice_unread on hash(unread.capture_id) = twice_unread.key_hash
group by unread.capture_id
having count(*) > 1
