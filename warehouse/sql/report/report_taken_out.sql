-- One row per kind of what was taken out of the articles' texts.
-- Answers: how much of what was read is not text, and why?
select
    kind,
    sum(in_article_count) as block_count,
    count(distinct rule) as rule_count,
    sum(text_chars) as text_chars
from mart_ledger
where in_article_count > 0
group by kind
