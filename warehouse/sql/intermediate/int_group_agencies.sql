-- One row per copy group in which an agency is named.
-- Answers: whose copy is it, in the words of most of its members?
select
    copy_members.copy_group_id,
    articles.agency
from copy_members
inner join articles on copy_members.article_id = articles.article_id
where articles.agency is not null
group by copy_members.copy_group_id, articles.agency
qualify row_number() over (
    partition by copy_members.copy_group_id
    order by count(*) desc, min(articles.first_seen_at), articles.agency
) = 1
