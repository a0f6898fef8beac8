-- One row per reader that read captures again, by what it is made of.
-- Answers: which rule changes were tried on the kept pages, what did they change, and were they accepted?
-- A changed page is accepted when the lake's reading says what the trial said.
select
    reread_pages.reader_sha256,
    any_value(reread_pages.reader_version) as reader_version,
    min(reread_pages.read_at) as first_read_at,
    max(reread_pages.read_at) as last_read_at,
    count(*) as page_count,
    count(*) filter (where reread_pages.is_changed) as changed_count,
    count(*) filter (
        where reread_pages.is_changed and reread_pages.reading_sha256 = readings.reading_sha256
    ) as accepted_count,
    count(*) filter (
        where
        reread_pages.is_changed
        and reread_pages.reading_sha256 is distinct from readings.reading_sha256
    ) as waiting_count
from reread_pages
left join readings on reread_pages.capture_id = readings.capture_id
group by reread_pages.reader_sha256
