-- One row per run whose end and outcome do not fit.
-- Answers: promise 2, all or nothing: is every run either running or ended?
select
    run_id,
    outcome,
    ended_at
from runs
where (outcome = 'running') <> (ended_at is null)
