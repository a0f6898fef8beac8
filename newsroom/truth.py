"""What a good crawler and a good reader find on each page, derived from the files the pages are made of.

Menus, margins and footers are not listed: they stand outside the article and every template has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from newsroom.content import TEXT_KINDS, Article, Outlet, outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A line of the page that is not text of the article."""

    kind: str  # as in the ledger: "caption" "repeat" "related" …
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTruth:
    """One page as it stands from one night on. Pages that are no article have titles but no body that counts."""

    outlet: str  # folder name, e.g. "karsan_post"
    host: str
    path: str  # canonical, with query where the outlet's addresses have one
    night: int  # from which night the page reads like this
    outcome: str  # "article" "not_an_article" "challenge_page" "disallowed" "not_found"
    listed: tuple[str, ...]  # the addresses by which discovery shows it
    moved_from: tuple[str, ...]  # addresses that answer 301 to `path`
    amp: str | None
    is_busy_first: bool  # the first request is answered 429 with Retry-After
    language: str
    titles: tuple[str | None, ...]  # one per article of the page; None where no headline is printed
    authors: tuple[str, ...]
    published_at: datetime | None  # None where the page does not state it
    published_date: date | None  # the day in the outlet's zone
    modified_at: datetime | None
    printed_date: str | None  # the date line a reader sees
    calendar: str | None  # of the date line
    is_machine_dated: bool  # the markup has the date too
    agency: str | None
    wire_group: str | None  # pages with one value carry one text
    happening: str | None  # pages with one value tell of one happening
    bodies: tuple[tuple[str, ...], ...]  # paragraphs and subheads of each article of the page
    noise: tuple[Noise, ...]

    @property
    def source(self) -> str:
        """The id of the outlet's source file, `spiders/sources/<id>.toml`."""
        return f"zz_{self.outlet}"

    @property
    def url(self) -> str:
        """The address as the crawler knows it."""
        return f"http://{self.host}{self.path}"

    @property
    def title(self) -> str | None:
        """Of the page's first article."""
        return self.titles[0]

    @property
    def article_count(self) -> int:
        """How many articles stand on the page; 0 when it is none."""
        return len(self.bodies) if self.outcome == "article" else 0

    @property
    def body(self) -> tuple[str, ...]:
        """Paragraphs and subheads of all its articles."""
        return tuple(text for body in self.bodies for text in body)


@cache
def truth() -> tuple[PageTruth, ...]:
    """Every state of every page, by outlet, file and night."""
    return tuple(_truth_of(outlet, article) for outlet in outlets() for article in outlet.articles)


def _truth_of(outlet: Outlet, article: Article) -> PageTruth:
    published = article.published
    return PageTruth(
        outlet=outlet.stem,
        host=outlet.host,
        path=article.path,
        night=article.night,
        outcome=article.outcome,
        listed=article.listed,
        moved_from=article.moved_from,
        amp=article.amp,
        is_busy_first=article.busy_first,
        language=outlet.language,
        titles=tuple(part.title for part in article.parts),
        authors=article.authors,
        published_at=published,
        published_date=published.date() if published else None,
        modified_at=article.modified,
        printed_date=article.printed,
        calendar=outlet.calendar if published and article.printed else None,
        is_machine_dated=outlet.is_machine_dated and published is not None,
        agency=article.agency,
        wire_group=article.wire_group,
        happening=article.happening,
        bodies=tuple(part.body for part in article.parts),
        noise=tuple(_noise_of(outlet, article)) if article.outcome == "article" else (),
    )


def _noise_of(outlet: Outlet, article: Article) -> list[Noise]:
    head = [
        ("title", article.title),
        ("dek", article.dek),
        ("byline", outlet.byline_of(article)),
        ("published", article.printed),
        *[("repeat", article.title)] * outlet.title_copies,
    ]
    if article.hero is not None:
        head += [("caption", article.hero.caption), ("credit", article.hero.credit)]
        head += [("repeat", article.hero.caption)] * outlet.caption_copies
    lines = [
        (line.kind, line.text) for part in article.parts for line in part.lines if line.kind not in TEXT_KINDS
    ]
    around = [(row.kind, text) for row in outlet.furniture for text in row.text]
    return [Noise(kind=kind, text=text) for kind, text in (*head, *lines, *around) if text is not None]
