-- One row per article, or page of blocks, that leads to no capture of its moment, or to another one's.
-- Answers: promise 4, nothing unexplained: does every text lead to the page it was read from?
-- By month: articles.captured_at, blocks.captured_at, captures.captured_at
with pages as (
    select distinct
        article_id,
        capture_id,
        captured_at
    from blocks
)

select
    articles.article_id,
    articles.capture_id
from articles
left join captures
    on articles.capture_id = captures.capture_id and articles.captured_at = captures.captured_at
where captures.capture_id is null
union all
select
    pages.article_id,
    pages.capture_id
from pages
left join captures on pages.capture_id = captures.capture_id and pages.captured_at = captures.captured_at
left join articles on pages.article_id = articles.article_id and pages.captured_at = articles.captured_at
where
    captures.capture_id is null
    or (pages.article_id is not null and pages.capture_id is distinct from articles.capture_id)
