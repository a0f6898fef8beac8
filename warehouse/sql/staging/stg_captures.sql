-- One row per capture, without its body.
-- Answers: what did we fetch, when, from where, and how did the server answer?
select
    capture_id,
    run_id,
    source,
    url,
    requested_url,
    discovered_via,
    status,
    media_type,
    body_bytes,
    body_sha256,
    captured_at,
    cast(captured_at at time zone 'UTC' as date) as captured_date,
    fetch_ms
from captures
