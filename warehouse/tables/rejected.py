"""What did not become an article, at which stage and why; its capture or address is kept, so that it can be replayed."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

REJECTED = Table(
    name="rejected",
    one_row_per="thing set aside",
    key=("rejected_id",),
    columns=(
        Column("rejected_id", "varchar", "stable id of this refusal"),
        Column("capture_id", "varchar", "capture that was set aside; null where nothing was captured"),
        Column("source", "varchar", "source id; null where unknown"),
        Column("url", "varchar", "address after redirects; null where unknown"),
        Column("requested_url", "varchar", "what was asked for, or the file's path; null where unknown"),
        Column("stage", "varchar", "fetch, file, spool, decode, read or load"),
        Column(
            "reason",
            "varchar",
            "not_an_article, too_short, paywalled, challenge_page, not_text, empty, undecodable, too_large, unreadable, damaged, http_error, timed_out, out_of_memory, worker_died",
        ),
        Column("detail", "varchar", "one sentence a person can act on"),
        Column("run_id", "varchar", "run that set it aside"),
        Column("rejected_at", "timestamptz", "when it was set aside (UTC)"),
    ),
)
