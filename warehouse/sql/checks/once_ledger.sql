-- One row per block or claim that is there more than once.
-- Answers: promise 1, once: does every block of a page, and every claim on it, stand there one time?
-- By month: blocks.captured_at, evidence.captured_at
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_blocks as (
    select hash(capture_id, position) as key_hash
    from blocks
    group by key_hash
    having count(*) > 1
),

twice_evidence as (
    select hash(article_id, position) as key_hash
    from evidence
    group by key_hash
    having count(*) > 1
)

select
    'blocks' as table_name,
    concat_ws(' ', blocks.capture_id, blocks.position) as row_key,
    count(*) as row_count
from blocks
semi join twice_blocks on hash(blocks.capture_id, blocks.position) = twice_blocks.key_hash
group by blocks.capture_id, blocks.position
having count(*) > 1
union all
select
    'evidence' as table_name,
    concat_ws(' ', evidence.article_id, evidence.position) as row_key,
    count(*) as row_count
from evidence
semi join twice_evidence on hash(evidence.article_id, evidence.position) = twice_evidence.key_hash
group by evidence.article_id, evidence.position
having count(*) > 1
