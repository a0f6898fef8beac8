-- One row per run, stage and reason.
-- Answers: what was set aside last night, and why?
select
    run_id,
    stage,
    reason,
    count(*) as thing_count,
    min(detail) as example
from rejected
group by run_id, stage, reason
