-- One row per run and article of a page that the parser gave up on before its end.
-- Answers: which of last night's texts may lack their end?
select
    run_id,
    source,
    url,
    title,
    word_count
from articles
where is_cut
