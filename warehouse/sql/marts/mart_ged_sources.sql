-- One row per independent text of a story, the earliest article of its copies.
-- Answers: what goes into the source columns of an event in UCDP GED, for each source of it?
-- The columns are those of UCDP GED that bear these names. source_article: here "agency or outlet, day,
-- headline". source_office: who published it. source_date: its day of publication. source_headline: its
-- headline. source_original: from whom the information comes; the agency, where the page names one.
-- Persons and offices that the text quotes are not read, so else it is null. number_of_sources: agencies,
-- and outlets with a text of their own, in the whole story; copies count once. GED has one row per event:
-- string_agg(source_article, '; ' order by source_order), grouped by story_id. What is not known is null,
-- and missing from source_article.
select
    int_story_texts.story_id,
    row_number() over (
        partition by int_story_texts.story_id
        order by int_story_texts.ordered_at, int_story_texts.article_id
    ) as source_order,
    concat_ws(
        ', ',
        int_story_texts.voice,
        strftime(articles.published_date, '%Y-%m-%d'),
        articles.title
    ) as source_article,
    int_story_texts.publisher as source_office,
    articles.published_date as source_date,
    articles.title as source_headline,
    int_story_texts.agency as source_original,
    mart_corroboration.voice_count as number_of_sources,
    int_story_texts.copy_group_id,
    int_story_texts.article_id,
    articles.url,
    articles.capture_id
from int_story_texts
inner join articles on int_story_texts.article_id = articles.article_id
inner join mart_corroboration on int_story_texts.story_id = mart_corroboration.story_id
where int_story_texts.is_independent
