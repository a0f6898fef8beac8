-- One row per source, kind and rule of what was taken out of the texts.
-- Answers: what is left out of the articles, by which rule, and what does it look like?
-- Blocks outside every article are counted too (in_article_count tells them apart).
select
    source,
    kind,
    rule,
    count(*) as block_count,
    count(article_id) as in_article_count,
    sum(text_chars) as text_chars,
    min(confidence) as least_confidence,
    mode(text) as most_frequent_text,
    mode(path) as most_frequent_path
from stg_blocks
where not is_text
group by source, kind, rule
