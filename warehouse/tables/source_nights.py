"""What was asked of a source and what came of it: asked = stored + failed + skipped."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

SOURCE_NIGHTS = Table(
    name="source_nights",
    one_row_per="source, night and run",
    key=("source", "night", "run_id"),
    columns=(
        Column("source", "varchar", "source id"),
        Column("night", "date", "the night the run was for"),
        Column("run_id", "varchar", "the run"),
        Column("asked", "integer", "addresses the run meant to fetch"),
        Column("stored", "integer", "captures kept"),
        Column("failed", "integer", "addresses that gave nothing"),
        Column("skipped", "integer", "addresses left alone (robots, known, budget …)"),
        Column("failed_by_reason", "map(varchar, integer)", "failed, by reason"),
        Column("skipped_by_reason", "map(varchar, integer)", "skipped, by reason"),
        Column("lists_asked", "integer", "feeds, sitemaps and section pages asked for"),
        Column("lists_failed", "integer", "of these, how many gave nothing for a fault"),
        Column(
            "overflowed_lists",
            "varchar[]",
            "of these, the ones whose every item was new although they had been read before: articles were lost between the visits",
        ),
        Column(
            "over_budget",
            "integer",
            "addresses that wait for a later run because the source's budget was spent; part of skipped",
        ),
        Column("is_tls_unchecked", "boolean", "its certificate was not verified, as its file allows"),
        Column("new_articles", "integer", "articles seen for the first time"),
        Column("changed_articles", "integer", "articles with a new version"),
        Column("rejected", "integer", "things set aside"),
        Column(
            "newest_published_at",
            "timestamptz",
            "latest publication among the run's versions (UTC); null where none states one",
        ),
        Column(
            "health",
            "varchar",
            "ok; quiet: nothing new; silent: nothing new though each of the last five nights or more had some; failing: nothing stored and something failed; unreachable: no feed, sitemap or section page answered",
        ),
    ),
)
