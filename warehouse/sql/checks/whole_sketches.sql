-- One row per article with sampled shingles that is not there.
-- Answers: promise 2, all or nothing: do the sketches fit the articles?
select distinct sketches.article_id
from sketches
anti join articles on sketches.article_id = articles.article_id
