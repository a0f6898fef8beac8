-- One row per article without a copy group, and per member that is no article.
-- Answers: promise 2, all or nothing: is every article placed, with the text it has now?
select
    coalesce(articles.article_id, copy_members.article_id) as article_id,
    copy_members.copy_group_id
from articles
full join copy_members on articles.article_id = copy_members.article_id
where articles.text_sha256 is distinct from copy_members.text_sha256
