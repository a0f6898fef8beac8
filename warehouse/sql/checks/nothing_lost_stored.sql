-- One row per source and run that stored more captures than the lake holds.
-- Answers: promise 3, nothing lost: did every capture of the crawl arrive?
with arrived as (
    select
        run_id,
        source,
        count(*) as capture_count
    from captures
    group by run_id, source
)

select
    source_nights.source,
    source_nights.run_id,
    source_nights.stored,
    coalesce(arrived.capture_count, 0) as capture_count
from source_nights
left join arrived
    on source_nights.run_id = arrived.run_id and source_nights.source = arrived.source
where source_nights.stored > coalesce(arrived.capture_count, 0)
