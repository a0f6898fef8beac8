-- One row per source and night, all runs of that night together.
-- Answers: what was asked of each source, what came of it, and is the source well?
-- A night is well when one of its runs was; else it is what its last run was.
select
    source_nights.source,
    source_nights.night,
    any_value(sources.publisher) as publisher,
    count(*) as run_count,
    sum(source_nights.asked) as asked,
    sum(source_nights.stored) as stored,
    sum(source_nights.failed) as failed,
    sum(source_nights.skipped) as skipped,
    sum(source_nights.new_articles) as new_articles,
    sum(source_nights.changed_articles) as changed_articles,
    sum(source_nights.rejected) as rejected,
    max(source_nights.newest_published_at) as newest_published_at,
    case
        when bool_or(source_nights.health = 'ok') then 'ok'
        else max_by(source_nights.health, coalesce(runs.started_at, timestamptz '1970-01-01'))
    end as health
from source_nights
left join sources on source_nights.source = sources.source
left join runs on source_nights.run_id = runs.run_id
group by source_nights.source, source_nights.night
