-- One row per pair of copies that names an article which is not there.
-- Answers: promise 2, all or nothing: do the pairs fit the articles?
select
    copies.article_id,
    copies.of_article_id
from copies
left join articles as later on copies.article_id = later.article_id
left join articles as earlier on copies.of_article_id = earlier.article_id
where later.article_id is null or earlier.article_id is null
