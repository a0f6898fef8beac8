-- One row per sampled shingle that an article has more than once.
-- Answers: promise 1, once: does every sampled shingle of an article count exactly one time?
-- By month: sketches.day
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_sketches as (
    select hash(article_id, shingle_hash) as key_hash
    from sketches
    group by key_hash
    having count(*) > 1
)

select
    'sketches' as table_name,
    concat_ws(' ', sketches.article_id, sketches.shingle_hash) as row_key,
    count(*) as row_count
from sketches
semi join twice_sketches on hash(sketches.article_id, sketches.shingle_hash) = twice_sketches.key_hash
group by sketches.article_id, sketches.shingle_hash
having count(*) > 1
