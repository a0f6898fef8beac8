-- One row per run and source that the run visited.
-- Answers: what came in last night, from whom, and what did not?
select
    nights.run_id,
    nights.night,
    nights.source,
    coalesce(sources.publisher, nights.source) as publisher,
    nights.asked,
    nights.stored,
    nights.failed,
    nights.skipped,
    nights.new_articles,
    nights.changed_articles,
    nights.rejected,
    nights.newest_published_at,
    nights.health,
    nights.failed_by_reason,
    nights.skipped_by_reason
from source_nights as nights
left join sources on nights.source = sources.source
