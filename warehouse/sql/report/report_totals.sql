-- One row per lake: exactly one.
-- Answers: how much does the lake hold?
select
    (select count(*) from stg_captures) as capture_count,
    (select count(*) from stg_articles) as article_count,
    (select count(*) from int_article_groups where place_in_group = 1) as independent_text_count,
    (select count(*) from mart_wires) as wire_count,
    (select count(*) from rejected) as rejected_count,
    (select max(night) from runs where flow = 'nightly') as last_night
