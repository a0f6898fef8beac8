"""The publishers as they are visited, from spiders/sources/*.toml."""

from __future__ import annotations

from warehouse.tables.definition import Column, Table

SOURCES = Table(
    name="sources",
    one_row_per="source",
    key=("source",),
    columns=(
        Column("source", "varchar", "source id: the name of its file"),
        Column("publisher", "varchar", "name as readers know it"),
        Column("home", "varchar", "front page"),
        Column("country", "varchar", "ISO 3166-1 alpha-2, or zz for the sample web"),
        Column("languages", "varchar[]", "ISO 639-1 codes"),
        Column("timezone", "varchar", "IANA zone of the printed times"),
        Column(
            "state",
            "varchar",
            "ISO 3166-1 alpha-2 of the country whose government owns or directs it, where that is plain fact; else null",
        ),
        Column(
            "agency",
            "varchar",
            "the news agency that it is, by its name, as in articles.agency; null for every other publisher",
        ),
        Column("access", "varchar", "open, metered, paid or refuses-bots"),
        Column("source_group", "varchar", "the desk's own grouping, such as region or sample"),
        Column("is_enabled", "boolean", "visited at night"),
        Column("verified_on", "date", "the day a person last saw it work; null: never tried"),
        Column(
            "delay_s",
            "double",
            "seconds between two requests to one host, before its robots.txt asks for more",
        ),
        Column("keep_query", "varchar[]", "query parameters that identify an article"),
        Column("note", "varchar", "what to know about it; null where nothing is noted"),
    ),
)
