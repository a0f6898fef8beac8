-- One row per capture of which the queue and the readings do not agree.
-- Answers: is everything in the queue kept and not read, and is everything else read?
-- By month: captures.captured_at, unread.captured_at
select
    coalesce(captures.capture_id, unread.capture_id) as capture_id,
    unread.capture_id is not null as is_queued,
    readings.capture_id is not null as is_read
from captures
full join unread
    on captures.capture_id = unread.capture_id and captures.captured_at = unread.captured_at
left join readings on coalesce(captures.capture_id, unread.capture_id) = readings.capture_id
where
    captures.capture_id is null
    or (unread.capture_id is null) = (readings.capture_id is null)
