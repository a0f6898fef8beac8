-- One row per copy group whose terms are kept although it is in no story.
-- Answers: promise 2, all or nothing: were terms written together with what they were written for?
select distinct story_terms.copy_group_id
from story_terms
left join story_members on story_terms.copy_group_id = story_members.copy_group_id
where story_members.copy_group_id is null
