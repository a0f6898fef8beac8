-- One row per source whose newest night was not well.
-- Answers: which sources need a look in the morning?
select
    source,
    publisher,
    night,
    health,
    asked,
    stored,
    failed,
    newest_published_at
from mart_source_nights
where health <> 'ok'
qualify night = max(night) over (partition by source)
