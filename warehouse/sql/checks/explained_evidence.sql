-- One row per claim that belongs to no article, or stands on another page than the article's.
-- Answers: promise 4, nothing unexplained: does every claim lead to its article and its page?
-- By month: articles.captured_at, evidence.captured_at
select
    evidence.article_id,
    evidence.position,
    evidence.field,
    evidence.origin
from evidence
left join articles
    on evidence.article_id = articles.article_id and evidence.captured_at = articles.captured_at
where
    articles.capture_id is distinct from evidence.capture_id
    or evidence.field is null
    or evidence.origin is null
    or evidence.is_chosen is null
