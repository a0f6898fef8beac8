-- One row per thing set aside that cannot be tried again.
-- Answers: promise 3, nothing lost: is its capture kept, or at least its address or file known?
select
    rejected.rejected_id,
    rejected.capture_id,
    rejected.stage,
    rejected.reason
from rejected
left join captures on rejected.capture_id = captures.capture_id
where
    captures.capture_id is null
    and (
        coalesce(rejected.url, rejected.requested_url) is null
        or (rejected.capture_id is not null and rejected.stage not in ('fetch', 'file', 'spool'))
    )
