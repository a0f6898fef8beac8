-- One row per term that a copy group has more than once.
-- Answers: promise 1, once: does every term of a text count exactly one time?
-- By month: story_terms.day
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_story_terms as (
    select hash(copy_group_id, kind, term) as key_hash
    from story_terms
    group by key_hash
    having count(*) > 1
)

select
    'story_terms' as table_name,
    concat_ws(' ', story_terms.copy_group_id, story_terms.kind, story_terms.term) as row_key,
    count(*) as row_count
from story_terms
semi join twice_story_terms
    on hash(story_terms.copy_group_id, story_terms.kind, story_terms.term) = twice_story_terms.key_hash
group by story_terms.copy_group_id, story_terms.kind, story_terms.term
having count(*) > 1
