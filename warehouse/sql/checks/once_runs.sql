-- One row per run, source, night or page read on trial that is written down more than once.
-- Answers: promise 1, once: is everything that runs note written down exactly one time?
select
    'claim' as table_name,
    'the claim' as row_key,
    count(*) as row_count
from claim
having count(*) > 1
union all
select
    'reread_pages' as table_name,
    concat_ws(' ', reader_sha256, capture_id) as row_key,
    count(*) as row_count
from reread_pages
group by reader_sha256, capture_id
having count(*) > 1
union all
select
    'runs' as table_name,
    cast(run_id as varchar) as row_key,
    count(*) as row_count
from runs
group by run_id
having count(*) > 1
union all
select
    'source_nights' as table_name,
    concat_ws(' ', source, night, run_id) as row_key,
    count(*) as row_count
from source_nights
group by source, night, run_id
having count(*) > 1
union all
select
    'sources' as table_name,
    cast(source as varchar) as row_key,
    count(*) as row_count
from sources
group by source
having count(*) > 1
union all
select
    'reread_changes' as table_name,
    concat_ws(' ', reader_sha256, capture_id, change, coalesce(was, '-'), coalesce(becomes, '-')) as row_key,
    count(*) as row_count
from reread_changes
group by reader_sha256, capture_id, change, was, becomes
having count(*) > 1
