-- One row per run and text that its publisher was seen to have changed, on its page or on another one.
-- Answers: what did publishers do to their texts after they had printed them?
-- change: corrected at its address, or updated: the text stands at another address too, in another state.
-- changes: the fields that differ; null of updated. source_count: of its copy group.
with corrected as (
    select
        later.run_id,
        later.article_id,
        'corrected' as change,
        later.changes,
        later.source,
        later.url,
        later.language,
        earlier.title as title_before,
        later.title as title_after,
        earlier.text as text_before,
        later.text as text_after
    from article_versions as later
    inner join article_versions as earlier
        on later.article_id = earlier.article_id and later.version - 1 = earlier.version
    where
        later.version > 1 and later.capture_id <> earlier.capture_id
        and later.text is not null and earlier.text is not null
),

updated as (
    select
        copies.run_id,
        copies.article_id,
        'updated' as change,
        null as changes,
        later.source,
        later.url,
        later.language,
        earlier.title as title_before,
        later.title as title_after,
        earlier.text as text_before,
        later.text as text_after
    from copies
    inner join articles as later on copies.article_id = later.article_id
    inner join articles as earlier on copies.of_article_id = earlier.article_id
    where copies.relation = 'update'
),

changed as (
    select * from corrected
    union all
    select * from updated
)

select
    changed.run_id,
    changed.article_id,
    changed.change,
    changed.changes,
    changed.source,
    coalesce(sources.publisher, changed.source) as publisher,
    changed.url,
    changed.language,
    coalesce(copy_groups.source_count, 1) as source_count,
    changed.title_before,
    changed.title_after,
    changed.text_before,
    changed.text_after
from changed
left join sources on changed.source = sources.source
left join copy_members on changed.article_id = copy_members.article_id
left join copy_groups on copy_members.copy_group_id = copy_groups.copy_group_id
