-- One row per address or feed that the crawler's memory holds more than once.
-- Answers: promise 1, once: is every address known exactly one time?
-- Hashes of keys need little memory; the keys themselves are looked at where a hash comes twice.
with twice_feed_state as (
    select hash(source, feed_url) as key_hash
    from feed_state
    group by key_hash
    having count(*) > 1
),

twice_seen_urls as (
    select hash(url_key) as key_hash
    from seen_urls
    group by key_hash
    having count(*) > 1
)

select
    'feed_state' as table_name,
    concat_ws(' ', feed_state.source, feed_state.feed_url) as row_key,
    count(*) as row_count
from feed_state
semi join twice_feed_state on hash(feed_state.source, feed_state.feed_url) = twice_feed_state.key_hash
group by feed_state.source, feed_state.feed_url
having count(*) > 1
union all
select
    'seen_urls' as table_name,
    cast(seen_urls.url_key as varchar) as row_key,
    count(*) as row_count
from seen_urls
semi join twice_seen_urls on hash(seen_urls.url_key) = twice_seen_urls.key_hash
group by seen_urls.url_key
having count(*) > 1
