-- One row per run and kind of block that was taken out of the texts the run read.
-- Answers: what was taken out of last night's texts, how often, and what does it look like?
select
    readings.run_id,
    blocks.kind,
    count(*) as block_count,
    count(distinct blocks.article_id) as article_count,
    arg_max(blocks.rule, length(blocks.text)) filter (where length(blocks.text) < 90) as example_rule,
    max_by(blocks.text, length(blocks.text)) filter (where length(blocks.text) < 90) as example
from readings
inner join blocks on readings.capture_id = blocks.capture_id
where
    blocks.article_id is not null
    and blocks.kind not in ('body', 'subhead')
group by readings.run_id, blocks.kind
