-- One row per block without a place, a rule or a sound confidence.
-- Answers: promise 4, nothing unexplained: does every block say where it stood and which rule decided?
-- By month: blocks.captured_at
select
    capture_id,
    position,
    kind,
    rule,
    confidence
from blocks
where position < 0 or rule is null or rule = '' or confidence is null or confidence not between 0 and 1
