"""The tables of the lake, one file each."""

from __future__ import annotations

from warehouse.tables.article_versions import ARTICLE_VERSIONS
from warehouse.tables.articles import ARTICLES
from warehouse.tables.blocks import BLOCKS
from warehouse.tables.captures import CAPTURES
from warehouse.tables.claim import CLAIM
from warehouse.tables.copies import COPIES
from warehouse.tables.copy_group_changes import COPY_GROUP_CHANGES
from warehouse.tables.copy_groups import COPY_GROUPS
from warehouse.tables.copy_members import COPY_MEMBERS
from warehouse.tables.definition import Column, Table
from warehouse.tables.evidence import EVIDENCE
from warehouse.tables.feed_state import FEED_STATE
from warehouse.tables.readings import READINGS
from warehouse.tables.rejected import REJECTED
from warehouse.tables.reread_changes import REREAD_CHANGES
from warehouse.tables.reread_pages import REREAD_PAGES
from warehouse.tables.runs import RUNS
from warehouse.tables.seen_urls import SEEN_URLS
from warehouse.tables.sketches import SKETCHES
from warehouse.tables.source_nights import SOURCE_NIGHTS
from warehouse.tables.sources import SOURCES
from warehouse.tables.stories import STORIES
from warehouse.tables.story_members import STORY_MEMBERS
from warehouse.tables.story_terms import STORY_TERMS
from warehouse.tables.unplaced import UNPLACED
from warehouse.tables.unread import UNREAD
from warehouse.tables.untold import UNTOLD

TABLES = (
    CAPTURES,
    UNREAD,
    UNTOLD,
    ARTICLES,
    ARTICLE_VERSIONS,
    BLOCKS,
    EVIDENCE,
    REJECTED,
    READINGS,
    REREAD_PAGES,
    REREAD_CHANGES,
    SKETCHES,
    COPIES,
    COPY_MEMBERS,
    COPY_GROUPS,
    COPY_GROUP_CHANGES,
    UNPLACED,
    STORY_TERMS,
    STORY_MEMBERS,
    STORIES,
    SOURCES,
    SOURCE_NIGHTS,
    RUNS,
    SEEN_URLS,
    FEED_STATE,
    CLAIM,
)

__all__ = [
    "ARTICLES",
    "ARTICLE_VERSIONS",
    "BLOCKS",
    "CAPTURES",
    "CLAIM",
    "COPIES",
    "COPY_GROUPS",
    "COPY_GROUP_CHANGES",
    "COPY_MEMBERS",
    "EVIDENCE",
    "FEED_STATE",
    "READINGS",
    "REJECTED",
    "REREAD_CHANGES",
    "REREAD_PAGES",
    "RUNS",
    "SEEN_URLS",
    "SKETCHES",
    "SOURCES",
    "SOURCE_NIGHTS",
    "STORIES",
    "STORY_MEMBERS",
    "STORY_TERMS",
    "TABLES",
    "UNPLACED",
    "UNREAD",
    "UNTOLD",
    "Column",
    "Table",
]
