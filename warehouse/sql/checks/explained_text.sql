-- One row per article whose text is not its body and subhead blocks, joined in order.
-- Answers: promise 4, nothing unexplained: is every line of every text in the ledger, and back?
with joined as (
    select
        article_id,
        string_agg(text, chr(10) order by position) filter (where is_text) as text_of_blocks
    from stg_blocks
    where article_id is not null
    group by article_id
)

select
    coalesce(articles.article_id, joined.article_id) as article_id,
    articles.source,
    articles.url
from articles
full join joined on articles.article_id = joined.article_id
where articles.text is distinct from coalesce(joined.text_of_blocks, '')
