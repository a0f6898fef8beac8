"""Who carries a text: the question behind `nightwire copies`, asked of the published lake.

A text of the lake has its copy group and its checked pairs; one from outside is sketched and looked up in the whole
archive. Nothing is stored, and a night may be written meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from articles.copies import Relation, compare
from articles.errors import NightwireError
from articles.fingerprints import METHOD_VERSION, sketch, text_sha256
from warehouse.copies import SHARED_HASHES
from warehouse.copy_facts import fetch_texts
from warehouse.duck import Connection, first_line
from warehouse.publish import published
from warehouse.staging import arrow_ids, staged

CANDIDATES = 200  # compared for a text from outside, those sharing most first; a fifth of a second
GROUP_COMPARED = 1_000  # other texts of its group that an article is compared with; about a second
_PAIR = ("article_id", "of_article_id", "relation", "origin_article_id", "origin_from", "origin_confidence")
SHOWN_PARTS = 10  # of a page with many articles, in an error


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """An article of the lake as a person is told of it; its text is fetched apart."""

    article_id: str
    source: str | None
    publisher: str | None  # the source's id where the lake has no name for it
    country: str | None
    language: str | None
    url: str | None
    part: int
    title: str | None
    published_at: datetime | None
    published_date: date | None
    published_precision: str
    ordered_at: datetime  # published, or the start of that day, else first seen
    first_seen_at: datetime
    captured_at: datetime
    dateline: str | None
    agency: str | None
    agency_rule: str | None
    word_count: int
    text_sha256: str
    copy_group_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An article that carries the text asked about, or the other way round."""

    article: KnownArticle
    relation: (
        str | None
    )  # None: in one copy group by another text; the two alone are no copies, or were not compared
    is_origin: bool | None  # True: the text asked about was taken from it; False: it took it; None: not known
    origin_from: str | None  # what tells: agency, dateline, published
    origin_confidence: float | None  # 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriers:
    """All that carry one text, each list the earliest first; the text asked about is not among them."""

    carriers: tuple[Carrier, ...]
    grouped: tuple[Carrier, ...]  # in its copy group by another member's text; `relation` is None
    excerpts: tuple[Carrier, ...]  # share a passage only; these are in other copy groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Where was looked, so that "nobody" means something."""

    article_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    not_looked_at: int  # articles no run has compared yet


class CarrierLookup:
    """Questions to one published state of the lake; made by `carrier_lookup`."""

    def __init__(self, connection: Connection, home: Path) -> None:
        self._connection = connection
        self._home = home

    def searched(self) -> Searched:
        """How many articles there are to be found.

        Raises:
            NightwireError: none at all.
        """
        row = self._connection.execute(
            "select count(*), min(articles.first_seen_at), max(articles.first_seen_at), "
            "count(*) filter (where copy_members.article_id is null) "
            "from articles left join copy_members "
            "on articles.article_id = copy_members.article_id and copy_members.method_version = $1",
            [METHOD_VERSION],
        ).fetchone()
        if row is None or not row[0]:
            raise NightwireError(
                f"the lake {self._home} holds no article yet; bring some in with `nightwire nightly` or "
                "`nightwire backfill`"
            )
        return Searched(
            article_count=row[0] - row[3], first_seen_at=row[1], last_seen_at=row[2], not_looked_at=row[3]
        )

    def find_article(self, article_id: str) -> KnownArticle:
        """One article by its id.

        Raises:
            NightwireError: the lake holds no such article.
        """
        found = self._articles("article_id", [article_id])
        if not found:
            raise NightwireError(
                f"the lake {self._home} holds no article {article_id}; "
                'find one with: nightwire sql "select article_id, title from articles limit 10"'
            )
        return found[0]

    def find_url(self, url: str, url_keys: Collection[str]) -> KnownArticle:
        """The article of a page.

        Args:
            url: as it was asked for.
            url_keys: what the address may be known as; sources differ in which parameters count.

        Raises:
            NightwireError: the lake knows none there, or several.
        """
        found = self._articles("url_key", url_keys)
        if not found:
            raise NightwireError(
                f"the lake {self._home} knows no article at {url}; save the page as a file and name that, or find "
                'addresses with: nightwire sql "select url, title from articles limit 10"'
            )
        if len(found) > 1:
            shown = "".join(
                f"\n  {one.article_id}  part {one.part} of {one.source or 'an unknown source'}: {one.title or '(no headline)'}"
                for one in found[:SHOWN_PARTS]
            )
            more = f"\n  and {len(found) - SHOWN_PARTS} more" if len(found) > SHOWN_PARTS else ""
            raise NightwireError(f"{url} holds {len(found)} articles; name one by its id:{shown}{more}")
        return found[0]

    def carriers_of(self, article: KnownArticle) -> Carriers:
        """Who carries the text of an article: its copy group, and the pairs that were checked.

        Where a run found nobody the whole archive is asked, beyond the days the run looked back.
        """
        pairs = self._pairs(article.article_id)
        groups = [] if article.copy_group_id is None else [article.copy_group_id]
        group = self._articles("copy_group_id", groups)
        others = {one.article_id: one for one in group if one.article_id != article.article_id}
        missing = pairs.keys() - others.keys()
        others |= {one.article_id: one for one in self._articles("article_id", missing)}
        if not others:
            return self.carriers_of_text(
                self.texts([article])[article.article_id], but_for=article.article_id
            )
        found = [self._carrier(article.article_id, one, pairs.get(one.article_id)) for one in others.values()]
        return _sorted(self._compared(article, found), {one.article_id for one in group})

    def carriers_of_text(self, text: str, *, but_for: str | None = None) -> Carriers:
        """Who carries a text that may come from outside: by its sketch, in the archive of any age.

        Which way the text went is not known then. Of texts that more than `CANDIDATES` share, those that share most
        of it are compared.

        Args:
            text: body and subheads, a paragraph a line.
            but_for: an article that is not told of.
        """
        hashes = pa.table({"shingle_hash": pa.array(sketch(text), pa.uint64())})
        with staged(self._connection, hashes):
            rows = self._connection.execute(
                "select article_id, count(*) as shared from sketches semi join staged using (shingle_hash) "
                "where method_version = $1 group by article_id having shared >= $2 order by all desc limit $3",
                [METHOD_VERSION, SHARED_HASHES, CANDIDATES],
            ).fetchall()
        equal = self._connection.execute(
            "select article_id from articles where text_sha256 = $1 order by first_seen_at limit $2",
            [text_sha256(text), CANDIDATES],
        ).fetchall()
        candidates = self._articles("article_id", {row[0] for row in (*rows, *equal)} - {but_for})
        texts = self.texts(candidates)
        found = [_unchecked(one, compare(text, texts[one.article_id]).relation) for one in candidates]
        return _sorted((one for one in found if one.relation is not None), set())

    def texts(self, articles: Iterable[KnownArticle]) -> dict[str, str]:
        """The texts of some articles by article_id."""
        return fetch_texts(self._connection, list(articles))

    def _pairs(self, article_id: str) -> dict[str, Mapping[str, Any]]:
        """The checked pairs of an article, by the other one's id."""
        rows = self._connection.execute(
            f"select {', '.join(_PAIR)} from copies where article_id = $1 or of_article_id = $1", [article_id]
        ).fetchall()
        pairs = [dict(zip(_PAIR, row, strict=True)) for row in rows]
        return {
            one["of_article_id"] if one["article_id"] == article_id else one["article_id"]: one
            for one in pairs
        }

    def _carrier(self, asked: str, article: KnownArticle, pair: Mapping[str, Any] | None) -> Carrier:
        if pair is None:
            return _unchecked(article, None)
        origin = pair["origin_article_id"]
        return Carrier(
            article=article,
            relation=pair["relation"],
            is_origin=None if origin is None else origin != asked,
            origin_from=pair["origin_from"],
            origin_confidence=pair["origin_confidence"],
        )

    def _compared(self, article: KnownArticle, found: Sequence[Carrier]) -> Iterator[Carrier]:
        """With the relation of the first `GROUP_COMPARED` that are in the group by another member's pair."""
        unchecked = [
            one.article
            for one in found
            if one.relation is None and one.article.text_sha256 != article.text_sha256
        ][:GROUP_COMPARED]
        texts = self.texts([article, *unchecked]) if unchecked else {}
        for one in found:
            text = texts.get(one.article.article_id)
            if one.relation is None and one.article.text_sha256 == article.text_sha256:
                yield _unchecked(one.article, Relation.IDENTICAL)
            elif one.relation is None and text is not None:
                relation = compare(texts[article.article_id], text).relation
                if article.source == one.article.source and relation in (Relation.NEAR, Relation.SYNDICATED):
                    relation = Relation.UPDATE
                yield _unchecked(one.article, relation)
            else:
                yield one

    def _articles(self, column: str, values: Collection[str]) -> list[KnownArticle]:
        """Articles by one of their columns, or by their group, the earliest first."""
        if not values:
            return []
        with staged(self._connection, arrow_ids(wanted=sorted(values))):
            rows = self._connection.execute(
                f"""
                select
                    articles.article_id, articles.source, coalesce(sources.publisher, articles.source),
                    sources.country, articles.language, articles.url, articles.part, articles.title,
                    articles.published_at, articles.published_date, articles.published_precision,
                    coalesce(
                        articles.published_at,
                        cast(articles.published_date as timestamp) at time zone 'UTC',
                        articles.first_seen_at
                    ) as ordered_at,
                    articles.first_seen_at, articles.captured_at, articles.dateline, articles.agency,
                    articles.agency_rule, articles.word_count, articles.text_sha256, copy_members.copy_group_id
                from articles
                left join sources on articles.source = sources.source
                left join copy_members on articles.article_id = copy_members.article_id
                where {"copy_members" if column == "copy_group_id" else "articles"}.{column}
                in (select wanted from staged)
                order by ordered_at, articles.first_seen_at, articles.part, articles.article_id
                """
            ).fetchall()
        names = tuple(KnownArticle.__dataclass_fields__)
        return [KnownArticle(**dict(zip(names, row, strict=True))) for row in rows]


@contextmanager
def carrier_lookup(home: Path) -> Iterator[CarrierLookup]:
    """Open the published lake for these questions.

    Raises:
        NightwireError: there is no lake, nothing is published, or what is published is older than this program or damaged.
    """
    with published(home) as (connection, lake):
        try:
            yield CarrierLookup(connection, lake.home)
        except duckdb.Error as error:
            raise NightwireError(
                f"the lake {lake.home} cannot be asked who carries a text: {first_line(error)}; if an older Nightwire "
                "wrote it, the next `nightwire nightly` or `nightwire compare` brings it up to date"
            ) from error


def _unchecked(article: KnownArticle, relation: Relation | None) -> Carrier:
    """A carrier whose pair with the text asked about is not in the lake, so that nothing says who took it from whom."""
    return Carrier(
        article=article,
        relation=None if relation is None else relation.value,
        is_origin=None,
        origin_from=None,
        origin_confidence=None,
    )


def _sorted(found: Iterable[Carrier], members: Collection[str]) -> Carriers:
    """The earliest first; an excerpt is told apart unless it is in the group all the same."""
    ordered = sorted(
        found, key=lambda one: (one.article.ordered_at, one.article.first_seen_at, one.article.article_id)
    )
    lists: dict[str, list[Carrier]] = {"carriers": [], "grouped": [], "excerpts": []}
    for one in ordered:
        if one.relation is None:
            lists["grouped"].append(one)
        elif one.relation == Relation.EXCERPT and one.article.article_id not in members:
            lists["excerpts"].append(one)
        else:
            lists["carriers"].append(one)
    return Carriers(**{name: tuple(found) for name, found in lists.items()})
