-- One row per source, stage and reason of what was set aside.
-- Answers: what did not become an article, and why?
select
    source,
    stage,
    reason,
    count(*) as rejected_count,
    max(rejected_at) as last_rejected_at,
    arg_max(detail, rejected_at) as last_detail
from rejected
group by source, stage, reason
