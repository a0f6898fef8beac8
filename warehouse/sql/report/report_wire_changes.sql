-- One row per copy group with two articles or more.
-- Answers: of those that carry a text, who kept least of it, who added most, and who chose another headline?
-- Of several alike the earliest; null where nobody did. Headlines differ by their Jaro-Winkler similarity.
with members as (
    select
        copy_group_id,
        place_in_group,
        publisher,
        title,
        kept_share,
        own_word_count,
        jaro_winkler_similarity(lower(title), lower(wire_title)) as title_similarity
    from int_wire_members
)

select
    copy_group_id,
    arg_min(title, place_in_group) as title,
    arg_min(publisher, place_in_group) as first_publisher,
    min(kept_share) filter (where kept_share < 1) as least_kept_share,
    arg_min(publisher, (kept_share, place_in_group)) filter (where kept_share < 1) as kept_least_by,
    max(own_word_count) filter (where own_word_count > 0) as most_own_word_count,
    arg_max(publisher, (own_word_count, -place_in_group)) filter (where own_word_count > 0) as added_most_by,
    arg_min(publisher, (title_similarity, place_in_group)) filter (where title_similarity < 1) as retitled_by,
    arg_min(title, (title_similarity, place_in_group)) filter (where title_similarity < 1) as other_title
from members
group by copy_group_id
