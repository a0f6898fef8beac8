-- One row per lake: exactly one.
-- Answers: how much does the lake hold?
with texts as (
    select
        count(*) as article_count,
        count(*) filter (where place_in_group = 1) as independent_text_count,
        count(*) filter (where place_in_group = 1 and group_article_count > 1) as wire_count
    from int_article_groups
),

nights as (
    select max(night) filter (where flow = 'nightly') as last_night
    from runs
)

select
    (select count(*) from stg_captures) as capture_count,
    texts.article_count,
    texts.independent_text_count,
    texts.wire_count,
    (select count(*) from rejected) as rejected_count,
    nights.last_night
from texts
cross join nights
