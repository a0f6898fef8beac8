-- One row per thing about a source that a person should know, by run.
-- Answers: where were articles lost between visits, left for later, or taken over a line nobody vouches for?
select
    run_id,
    source,
    'articles lost' as notice,
    'every item of ' || unnest(overflowed_lists)
    || ' was new: it overflowed since the last visit; visit it more often, or add its news sitemap' as detail
from source_nights
union all
select
    run_id,
    source,
    'over budget' as notice,
    over_budget || ' addresses wait for the next run' as detail
from source_nights
where over_budget > 0
union all
select
    run_id,
    source,
    'certificate not checked' as notice,
    'its file says insecure_tls' as detail
from source_nights
where is_tls_unchecked
