"""What finding copies asks the lake about articles: a few facts of each, and the texts of a few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from articles.copies import Credit
from warehouse.duck import Connection
from warehouse.groups import Rank
from warehouse.staging import among_moments, arrow_ids, staged

AHEAD = timedelta(days=1)  # a page stamped later than this after its capture states no day we believe

_PLACED = (
    "article_id, text_sha256, member_captured_at, member_day, member_source, member_ordered_at, "
    "member_first_seen_at, copy_group_id, method_version, joined_at"
)


class Taken(Protocol):
    """An article with the moment that says in which files its text lies."""

    @property
    def article_id(self) -> str: ...  # noqa: D102

    @property
    def captured_at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What finding copies needs to know of an article; not its text."""

    article_id: str
    text_sha256: str
    captured_at: datetime
    day: date | None  # of publication; None: not known
    source: str | None
    ordered_at: datetime  # published, else first seen
    first_seen_at: datetime

    @property
    def rank(self) -> Rank:
        """Earlier articles first."""
        return self.ordered_at, self.first_seen_at, self.article_id

    @property
    def filed_under(self) -> date:
        """The day its sketch lies at."""
        return self.day or self.captured_at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An article that has its place, as it was when it got it."""

    fact: Fact
    copy_group_id: str
    method_version: str
    joined_at: datetime = field(compare=False)  # when it got this place


def queued_facts(
    connection: Connection, article_ids: Sequence[str], moments: Sequence[datetime]
) -> list[Fact]:
    """The facts of articles that wait, as they are now; those that are gone are not among them."""
    if not moments:
        return []
    with staged(connection, arrow_ids(article_id=list(article_ids))):
        rows = connection.execute(
            "select article_id, text_sha256, captured_at, published_at, published_date, source, first_seen_at "
            f"from articles semi join staged using (article_id) where {among_moments(moments)}"
        ).fetchall()
    return [_fact(row) for row in rows]


def placed_articles(connection: Connection, column: str, values: Collection[str]) -> dict[str, Placed]:
    """The placed articles whose `column` of `copy_members` is among the values, by article_id."""
    if not values:
        return {}
    with staged(connection, arrow_ids(**{column: sorted(values)})):
        moments = connection.execute(
            f"select distinct member_captured_at from copy_members semi join staged using ({column})"
        ).fetchall()
        if not moments:
            return {}
        rows = connection.execute(
            f"select {_PLACED} from copy_members semi join staged using ({column}) "
            f"where {among_moments([moment for (moment,) in moments], 'member_captured_at')}"
        ).fetchall()
    return {row[0]: _placed(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Page:
    """An article's text, and what it says of where that comes from."""

    text: str
    credit: Credit


def fetch_texts(connection: Connection, facts: Sequence[Taken]) -> dict[str, str]:
    """The texts of some articles by article_id."""
    return {row[0]: row[1] for row in _fetch(connection, facts, "article_id, text")}


def fetch_pages(connection: Connection, facts: Sequence[Fact]) -> dict[str, Page]:
    """The texts of some articles, with what they say of their origin, by article_id."""
    publishers = dict(connection.execute("select source, publisher from sources").fetchall())
    columns = "article_id, text, source, agency, dateline, published_at, published_date"
    return {
        article_id: Page(
            text,
            Credit(
                publisher=publishers.get(source),
                agency=agency,
                dateline=dateline,
                published_at=published_at,
                day=day,
            ),
        )
        for article_id, text, source, agency, dateline, published_at, day in _fetch(
            connection, facts, columns
        )
    }


def _fetch(connection: Connection, facts: Sequence[Taken], columns: str) -> list[tuple[Any, ...]]:
    if not facts:
        return []
    with staged(connection, arrow_ids(article_id=[fact.article_id for fact in facts])):
        return connection.execute(
            f"select {columns} from articles semi join staged using (article_id) "
            f"where {among_moments([fact.captured_at for fact in facts])}"
        ).fetchall()


def days_between(one: Fact, other: Fact) -> int | None:
    """Between their days of publication; None where one is not known."""
    return None if one.day is None or other.day is None else abs((one.day - other.day).days)


def _fact(row: tuple[Any, ...]) -> Fact:
    article_id, text_sha256, captured_at, published_at, published_date, source, first_seen_at = row
    is_ahead = published_date is not None and published_date > (captured_at + AHEAD).astimezone(UTC).date()
    day = None if is_ahead else published_date
    moment = None if is_ahead else published_at or (day and datetime.combine(day, time(), tzinfo=UTC))
    return Fact(
        article_id=article_id,
        text_sha256=text_sha256,
        captured_at=captured_at,
        day=day,
        source=source,
        ordered_at=moment or first_seen_at,
        first_seen_at=first_seen_at,
    )


def _placed(row: tuple[Any, ...]) -> Placed:
    *facts, copy_group_id, method_version, joined_at = row
    names = ("article_id", "text_sha256", "captured_at", "day", "source", "ordered_at", "first_seen_at")
    return Placed(
        fact=Fact(**dict(zip(names, facts, strict=True))),
        copy_group_id=copy_group_id,
        method_version=method_version,
        joined_at=joined_at,
    )
