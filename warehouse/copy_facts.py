"""What finding copies asks the lake about articles: a few facts of each, and the texts of a few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from warehouse.duck import Connection
from warehouse.groups import Rank
from warehouse.staging import arrow_ids, staged

FACTS = (
    "articles.article_id, articles.text_sha256, articles.captured_at, articles.published_at, "
    "articles.published_date, articles.first_seen_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What finding copies needs to know of an article; not its text."""

    article_id: str
    text_sha256: str
    captured_at: datetime
    rank: Rank


def fetch_facts(connection: Connection, article_ids: Collection[str]) -> list[Fact]:
    """The facts of some articles, in no order."""
    with staged(connection, arrow_ids(article_id=sorted(article_ids))):
        rows = connection.execute(
            f"select {FACTS} from articles semi join staged using (article_id)"
        ).fetchall()
    return [fact_of(row) for row in rows]


def fetch_texts(connection: Connection, facts: Sequence[Fact]) -> dict[str, str]:
    """The texts of some articles by article_id."""
    if not facts:
        return {}
    moments = [fact.captured_at for fact in facts]
    wanted = arrow_ids(article_id=[fact.article_id for fact in facts])
    # Ids alone, or a join on the moments, read every text of the lake; a list of constants reads the few row groups
    # that hold them: 25 times as fast for twenty texts of a million (notes/warehouse.md 6).
    listed = ", ".join(f"timestamptz '{moment.isoformat()}'" for moment in sorted(set(moments)))
    with staged(connection, wanted):
        rows = connection.execute(
            "select article_id, text from articles semi join staged using (article_id) "
            f"where captured_at between $1 and $2 and captured_at in ({listed})",
            [min(moments), max(moments)],
        ).fetchall()
    return dict(rows)


def fact_of(row: tuple[Any, ...]) -> Fact:
    """A row of `FACTS` as a record."""
    article_id, text_sha256, captured_at, published_at, published_date, first_seen_at = row
    day = published_date and datetime.combine(published_date, time(), tzinfo=UTC)
    return Fact(
        article_id=article_id,
        text_sha256=text_sha256,
        captured_at=captured_at,
        rank=(published_at or day or first_seen_at, first_seen_at, article_id),
    )
