-- One row per source and day of publication (of first sight where no day is known).
-- Answers: how much did each source print, and how much of it was printed before by itself or others?
select
    source,
    counted_date,
    count(*) as article_count,
    count(*) filter (where place_in_group = 1) as first_text_count,
    count(*) filter (where place_in_group > 1) as copied_count
from int_article_groups
group by source, counted_date
