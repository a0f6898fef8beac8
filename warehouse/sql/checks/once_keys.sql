-- One row per key that a table holds more than once.
-- Answers: promise 1, once: is everything in the lake exactly one time?
with keys as (
    select
        'article_versions' as table_name,
        concat_ws(' ', article_id, version) as row_key
    from article_versions
    union all
    select
        'articles' as table_name,
        cast(article_id as varchar) as row_key
    from articles
    union all
    select
        'blocks' as table_name,
        concat_ws(' ', capture_id, position) as row_key
    from blocks
    union all
    select
        'captures' as table_name,
        cast(capture_id as varchar) as row_key
    from captures
    union all
    select
        'claim' as table_name,
        'the claim' as row_key
    from claim
    union all
    select
        'copies' as table_name,
        concat_ws(' ', article_id, of_article_id) as row_key
    from copies
    union all
    select
        'copy_groups' as table_name,
        cast(copy_group_id as varchar) as row_key
    from copy_groups
    union all
    select
        'copy_members' as table_name,
        cast(article_id as varchar) as row_key
    from copy_members
    union all
    select
        'evidence' as table_name,
        concat_ws(' ', article_id, position) as row_key
    from evidence
    union all
    select
        'feed_state' as table_name,
        concat_ws(' ', source, feed_url) as row_key
    from feed_state
    union all
    select
        'readings' as table_name,
        cast(capture_id as varchar) as row_key
    from readings
    union all
    select
        'rejected' as table_name,
        cast(rejected_id as varchar) as row_key
    from rejected
    union all
    select
        'reread_changes' as table_name,
        concat_ws(
            ' ', reader_sha256, capture_id, change, coalesce(was, '-'), coalesce(becomes, '-')
        ) as row_key
    from reread_changes
    union all
    select
        'reread_pages' as table_name,
        concat_ws(' ', reader_sha256, capture_id) as row_key
    from reread_pages
    union all
    select
        'runs' as table_name,
        cast(run_id as varchar) as row_key
    from runs
    union all
    select
        'seen_urls' as table_name,
        cast(url_key as varchar) as row_key
    from seen_urls
    union all
    select
        'sketches' as table_name,
        concat_ws(' ', article_id, shingle_hash) as row_key
    from sketches
    union all
    select
        'source_nights' as table_name,
        concat_ws(' ', source, night, run_id) as row_key
    from source_nights
    union all
    select
        'sources' as table_name,
        cast(source as varchar) as row_key
    from sources
    union all
    select
        'copy_group_changes' as table_name,
        concat_ws(' ', copy_group_id, other_group_id, run_id) as row_key
    from copy_group_changes
    union all
    select
        'unplaced' as table_name,
        cast(article_id as varchar) as row_key
    from unplaced
    union all
    select
        'stories' as table_name,
        cast(story_id as varchar) as row_key
    from stories
    union all
    select
        'story_members' as table_name,
        cast(copy_group_id as varchar) as row_key
    from story_members
    union all
    select
        'story_terms' as table_name,
        concat_ws(' ', copy_group_id, kind, term) as row_key
    from story_terms
    union all
    select
        'unread' as table_name,
        cast(capture_id as varchar) as row_key
    from unread
    union all
    select
        'untold' as table_name,
        cast(copy_group_id as varchar) as row_key
    from untold
)

select
    table_name,
    row_key,
    count(*) as row_count
from keys
group by table_name, row_key
having count(*) > 1
