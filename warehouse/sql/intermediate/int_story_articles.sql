-- One row per article that is in a story.
-- Answers: who printed something about the happening, in own words or another's?
select
    story_members.story_id,
    story_members.copy_group_id,
    int_article_groups.article_id,
    int_article_groups.source,
    coalesce(sources.publisher, int_article_groups.source) as publisher,
    sources.country,
    sources.state,
    int_article_groups.ordered_at
from story_members
inner join int_article_groups on story_members.copy_group_id = int_article_groups.copy_group_id
left join sources on int_article_groups.source = sources.source
