-- One row per source, night and run whose sums do not add up.
-- Answers: promise 3, nothing lost: is asked = stored + failed + skipped, each with its reasons?
select
    source,
    night,
    run_id,
    asked,
    stored,
    failed,
    skipped
from source_nights
where
    asked <> stored + failed + skipped
    or failed <> coalesce(list_sum(map_values(failed_by_reason)), 0)
    or skipped <> coalesce(list_sum(map_values(skipped_by_reason)), 0)
