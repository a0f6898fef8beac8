-- One row per article, or version of one, that is there more than once.
-- Answers: promise 1, once: is every article, and every version of it, there exactly one time?
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_article_versions as (
    select hash(article_id, version) as key_hash
    from article_versions
    group by key_hash
    having count(*) > 1
),

twice_articles as (
    select hash(article_id) as key_hash
    from articles
    group by key_hash
    having count(*) > 1
)

select
    'article_versions' as table_name,
    concat_ws(' ', article_versions.article_id, article_versions.version) as row_key,
    count(*) as row_count
from article_versions
semi join twice_article_versions
    on hash(article_versions.article_id, article_versions.version) = twice_article_versions.key_hash
group by article_versions.article_id, article_versions.version
having count(*) > 1
union all
select
    'articles' as table_name,
    cast(articles.article_id as varchar) as row_key,
    count(*) as row_count
from articles
semi join twice_articles on hash(articles.article_id) = twice_articles.key_hash
group by articles.article_id
having count(*) > 1
