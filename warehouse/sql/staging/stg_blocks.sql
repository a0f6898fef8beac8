-- One row per block of a page, with whether it is part of an article's text.
-- Answers: what was read, and what became of it?
select
    article_id,
    capture_id,
    source,
    position,
    path,
    kind,
    rule,
    confidence,
    text,
    captured_at,
    length(text) as text_chars,
    kind in ('body', 'subhead') and article_id is not null as is_text
from blocks
