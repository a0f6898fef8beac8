-- One row per article whose text is not its body and subhead blocks, joined in order.
-- Answers: promise 4, nothing unexplained: is every line of every text in the ledger, and back?
-- By month: articles.captured_at, blocks.captured_at
-- Lines are compared by their hashes, so that the texts of a month need not be held at once.
with told as (
    select
        article_id,
        captured_at,
        source,
        url,
        list_transform(string_split(text, chr(10)), lambda line: hash(line)) as lines
    from articles
),

ledger as (
    select
        article_id,
        captured_at,
        flatten(
            list(list_transform(string_split(text, chr(10)), lambda line: hash(line)) order by position)
            filter (where kind in ('body', 'subhead'))
        ) as lines
    from blocks
    where article_id is not null
    group by article_id, captured_at
)

select
    coalesce(told.article_id, ledger.article_id) as article_id,
    told.source,
    told.url
from told
full join ledger on told.article_id = ledger.article_id and told.captured_at = ledger.captured_at
where told.lines is distinct from coalesce(ledger.lines, [hash('')])
