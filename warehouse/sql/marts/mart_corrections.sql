-- One row per version that replaced another.
-- Answers: what did publishers change after publication, and what did our reader change?
-- is_by_publisher: another capture showed it; otherwise the same capture was read by a newer reader.
select
    later.article_id,
    later.version,
    later.source,
    later.url,
    later.changes,
    later.captured_at,
    earlier.title as title_before,
    later.title as title_after,
    earlier.text as text_before,
    later.text as text_after,
    later.capture_id <> earlier.capture_id as is_by_publisher
from article_versions as later
asof inner join article_versions as earlier
    on later.article_id = earlier.article_id and later.version > earlier.version
