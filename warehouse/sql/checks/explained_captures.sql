-- One row per article whose capture is not kept, or whose blocks come from another one.
-- Answers: promise 4, nothing unexplained: does every text lead to the page it was read from?
select
    articles.article_id,
    articles.capture_id
from articles
left join captures on articles.capture_id = captures.capture_id
where captures.capture_id is null
union all
select distinct
    blocks.article_id,
    blocks.capture_id
from blocks
inner join articles on blocks.article_id = articles.article_id
where blocks.capture_id <> articles.capture_id
