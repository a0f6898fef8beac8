-- One row per article that does not show its newest version.
-- Answers: promise 2, all or nothing: do articles and article_versions tell the same story?
with newest as (
    select
        article_id,
        version,
        text_sha256
    from article_versions
    qualify row_number() over (
        partition by article_id
        order by captured_at desc, capture_id desc, version desc
    ) = 1
)

select
    coalesce(articles.article_id, newest.article_id) as article_id,
    articles.version as shown_version,
    newest.version as newest_version
from articles
full join newest on articles.article_id = newest.article_id
where
    (articles.version, articles.text_sha256) is distinct from (newest.version, newest.text_sha256)
    -- a withdrawn article is not shown
    and (articles.article_id is not null or newest.text_sha256 is not null)
