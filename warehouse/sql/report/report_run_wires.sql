-- One row per run and copy group of several sources in which the run placed an article.
-- Answers: which texts did most publishers carry last night? report_wire_changes says what each made of them.
select
    copy_members.run_id,
    copy_members.copy_group_id,
    copy_groups.agency,
    coalesce(int_group_agencies.agency_article_count, 0) as agency_article_count,
    copy_groups.source_count,
    copy_groups.article_count,
    count(*) as placed_count
from copy_members
inner join copy_groups on copy_members.copy_group_id = copy_groups.copy_group_id
left join int_group_agencies on copy_groups.copy_group_id = int_group_agencies.copy_group_id
where copy_groups.source_count > 1
group by all
