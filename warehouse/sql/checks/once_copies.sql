-- One row per pair, copy group or member of one that is there more than once.
-- Answers: promise 1, once: does every pair count, and every article have its copy group, one time?
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_copies as (
    select hash(article_id, of_article_id) as key_hash
    from copies
    group by key_hash
    having count(*) > 1
),

twice_copy_group_changes as (
    select hash(copy_group_id, other_group_id, run_id) as key_hash
    from copy_group_changes
    group by key_hash
    having count(*) > 1
),

twice_copy_groups as (
    select hash(copy_group_id) as key_hash
    from copy_groups
    group by key_hash
    having count(*) > 1
),

twice_copy_members as (
    select hash(article_id) as key_hash
    from copy_members
    group by key_hash
    having count(*) > 1
),

twice_unplaced as (
    select hash(article_id) as key_hash
    from unplaced
    group by key_hash
    having count(*) > 1
)

select
    'copies' as table_name,
    concat_ws(' ', copies.article_id, copies.of_article_id) as row_key,
    count(*) as row_count
from copies
semi join twice_copies on hash(copies.article_id, copies.of_article_id) = twice_copies.key_hash
group by copies.article_id, copies.of_article_id
having count(*) > 1
union all
select
    'copy_group_changes' as table_name,
    concat_ws(
        ' ', copy_group_changes.copy_group_id, copy_group_changes.other_group_id, copy_group_changes.run_id
    ) as row_key,
    count(*) as row_count
from copy_group_changes
semi join twice_copy_group_changes
    on
        hash(copy_group_changes.copy_group_id, copy_group_changes.other_group_id, copy_group_changes.run_id)
        = twice_copy_group_changes.key_hash
group by copy_group_changes.copy_group_id, copy_group_changes.other_group_id, copy_group_changes.run_id
having count(*) > 1
union all
select
    'copy_groups' as table_name,
    cast(copy_groups.copy_group_id as varchar) as row_key,
    count(*) as row_count
from copy_groups
semi join twice_copy_groups on hash(copy_groups.copy_group_id) = twice_copy_groups.key_hash
group by copy_groups.copy_group_id
having count(*) > 1
union all
select
    'copy_members' as table_name,
    cast(copy_members.article_id as varchar) as row_key,
    count(*) as row_count
from copy_members
semi join twice_copy_members on hash(copy_members.article_id) = twice_copy_members.key_hash
group by copy_members.article_id
having count(*) > 1
union all
select
    'unplaced' as table_name,
    cast(unplaced.article_id as varchar) as row_key,
    count(*) as row_count
from unplaced
semi join twice_unplaced on hash(unplaced.article_id) = twice_unplaced.key_hash
group by unplaced.article_id
having count(*) > 1
