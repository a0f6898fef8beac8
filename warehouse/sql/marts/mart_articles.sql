-- One row per article, newest version.
-- Answers: what did whom publish when, and is it a copy of something printed before?
-- For independent texts only: where is_first_of_group.
select
    articles.article_id,
    articles.source,
    coalesce(sources.publisher, articles.source) as publisher,
    sources.country,
    articles.url,
    articles.title,
    articles.dek,
    articles.authors,
    articles.published_at,
    articles.published_date,
    articles.published_precision,
    articles.published_from,
    articles.first_seen_at,
    articles.language,
    articles.dateline,
    articles.agency,
    articles.word_count,
    articles.text,
    int_article_groups.copy_group_id,
    int_article_groups.place_in_group = 1 as is_first_of_group,
    int_article_groups.group_article_count,
    articles.version,
    articles.capture_id
from articles
inner join int_article_groups on articles.article_id = int_article_groups.article_id
left join sources on articles.source = sources.source
