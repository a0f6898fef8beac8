-- One row per reader that read captures again, source and kind of change.
-- Answers: what would a rule change do to each source, or what did it do, with two examples?
-- change 'block': blocks of kind `was` get kind `becomes`; null: they come newly, or go. See reread_changes.
select
    reader_sha256,
    source,
    change,
    was,
    becomes,
    count(*) as page_count,
    sum(block_count) as block_count,
    sum(word_count) as word_count,
    sum(article_count) as article_count,
    max_by(struct_pack(text := example, place := place), word_count, 2) as examples
from reread_changes
group by reader_sha256, source, change, was, becomes
