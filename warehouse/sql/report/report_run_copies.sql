-- One row per run and pair of articles that the run found to share text.
-- Answers: what was a copy of what, and how much of it?
select
    copies.run_id,
    copies.relation,
    later.source,
    later.title,
    earlier.source as of_source,
    earlier.title as of_title,
    coalesce(later.agency, earlier.agency) as agency,
    greatest(copies.containment, copies.containment_of) as containment,
    copies.jaccard,
    copies.shared_words
from copies
inner join articles as later on copies.article_id = later.article_id
inner join articles as earlier on copies.of_article_id = earlier.article_id
