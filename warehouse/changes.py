"""What another reading of a capture changes in the lake. Pure: what is kept and what was read in, changes out.

Blocks are the same where they read the same after case folding and squeezing of white space; of several alike, those
of one kind are matched first, then the others in their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest

from articles.fingerprints import words
from articles.records import Article, Reading

EXAMPLE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBlock:
    """A block as the lake holds it, or as it was read now."""

    position: int
    kind: str
    text: str
    path: str | None
    article_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArticle:
    """The fields of a version of an article that a reader may read otherwise."""

    title: str | None
    dek: str | None
    authors: Sequence[str]
    published_at: datetime | None
    published_date: date | None
    published_precision: str
    language: str | None
    dateline: str | None
    agency: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the lake holds of one capture."""

    article_ids: Sequence[str]  # that its stored reading gave, in page order
    articles: Mapping[str, KeptArticle]  # those of them that have a version read from this capture
    blocks: Sequence[KeptBlock]  # those the lake shows of this capture
    reasons: Collection[str]  # why something of it was set aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One kind of change and how much of it; the columns of `reread_changes`."""

    change: str
    was: str | None
    becomes: str | None
    block_count: int = 0
    word_count: int = 0
    article_count: int = 0
    example: str | None = None
    place: str | None = None


def compare(kept: Kept, reading: Reading, *, shown_elsewhere: Collection[str]) -> list[Change]:
    """What the lake would hold otherwise of one capture, if this reading were stored.

    Args:
        kept: what it holds now.
        reading: what was read; one article per id.
        shown_elsewhere: articles of the reading whose newest version comes from another capture. The lake keeps the
            blocks of the newest version only, so theirs are not compared.

    Returns:
        At most one change per kind of change, before and after.
    """
    blocks = [
        KeptBlock(
            position=block.position,
            kind=block.kind.value,
            text=block.text,
            path=block.path,
            article_id=article_id,
        )
        for article_id, found in [
            (None, reading.chrome),
            *(
                (one.article_id, one.blocks)
                for one in reading.articles
                if one.article_id not in shown_elsewhere
            ),
        ]
        for block in found
    ]
    return [
        *_block_changes(kept.blocks, sorted(blocks, key=lambda block: block.position)),
        *_sum_up(_article_changes(kept, reading)),
        *_rejection_changes(kept.reasons, reading),
    ]


def _block_changes(before: Sequence[KeptBlock], after: Sequence[KeptBlock]) -> list[Change]:
    moved = defaultdict[tuple[str | None, str | None], list[KeptBlock]](list)
    for old, new in _pair_blocks(before, after):
        was = old.kind if old is not None else None
        becomes = new.kind if new is not None else None
        shown = new or old
        if shown is not None and was != becomes:
            moved[was, becomes].append(shown)
    return [
        Change(
            change="block",
            was=was,
            becomes=becomes,
            block_count=len(blocks),
            word_count=sum(len(words(block.text)) for block in blocks),
            article_count=len({block.article_id for block in blocks} - {None}),
            example=_clip(blocks[0].text),
            place=blocks[0].path or f"block {blocks[0].position}",
        )
        for (was, becomes), blocks in moved.items()
    ]


def _pair_blocks(
    before: Sequence[KeptBlock], after: Sequence[KeptBlock]
) -> Iterator[tuple[KeptBlock | None, KeptBlock | None]]:
    """Every block once, beside the one that reads the same, or None."""
    old, new = _by_reading(before), _by_reading(after)
    for reading in old | new:
        left, right = old.get(reading, []), new.get(reading, [])
        alike = Counter(block.kind for block in left) & Counter(block.kind for block in right)
        yield from zip_longest(_without(left, alike), _without(right, alike))


def _by_reading(blocks: Sequence[KeptBlock]) -> dict[str, list[KeptBlock]]:
    found: dict[str, list[KeptBlock]] = {}
    for block in blocks:
        found.setdefault(" ".join(block.text.casefold().split()), []).append(block)
    return found


def _without(blocks: Sequence[KeptBlock], matched: Counter[str]) -> list[KeptBlock]:
    left = Counter(matched)
    others = []
    for block in blocks:
        if left[block.kind]:
            left[block.kind] -= 1
        else:
            others.append(block)
    return others


def _article_changes(kept: Kept, reading: Reading) -> Iterator[Change]:
    """One change per article and field; an article whose id alone changes stands where the old one stood."""
    given = {article.article_id for article in reading.articles}
    renamed: set[str] = set()
    for place, article in enumerate(reading.articles):
        old_id = article.article_id
        if old_id not in kept.article_ids:
            if place >= len(kept.article_ids) or kept.article_ids[place] in given:
                yield _whole_article(article.word_count, article.title, was=None, becomes="article")
                continue
            old_id = kept.article_ids[place]
            renamed.add(old_id)
            yield Change(
                change="article_id",
                was=None,
                becomes=None,
                article_count=1,
                example=f"{old_id} → {article.article_id}",
            )
        old = kept.articles.get(old_id)
        if old is not None:
            yield from _field_changes(old, article)
    for old_id in kept.article_ids:
        if old_id not in given and old_id not in renamed:
            old = kept.articles.get(old_id)
            yield _whole_article(
                len(words(old.text)) if old is not None else 0,
                old.title if old is not None else None,
                was="article",
                becomes=None,
            )


def _whole_article(word_count: int, title: str | None, *, was: str | None, becomes: str | None) -> Change:
    return Change(
        change="article",
        was=was,
        becomes=becomes,
        word_count=word_count,
        article_count=1,
        example=None if title is None else _clip(title),
    )


def _field_changes(old: KeptArticle, article: Article) -> Iterator[Change]:
    fields: dict[str, tuple[object, object]] = {
        "title": (old.title, article.title),
        "dek": (old.dek, article.dek),
        "authors": (", ".join(old.authors) or None, ", ".join(article.authors) or None),
        "published": (
            _date(old.published_at, old.published_date, old.published_precision),
            _date(article.published_at, article.published_date, article.published_precision.value),
        ),
        "language": (old.language, article.language),
        "dateline": (old.dateline, article.dateline),
        "agency": (old.agency, article.agency),
    }
    for name, (was, becomes) in fields.items():
        if was != becomes:
            half = EXAMPLE_CHARS // 2 - 2
            example = f"{_clip(_shown(was), half)} → {_clip(_shown(becomes), half)}"
            yield Change(change=name, was=None, becomes=None, article_count=1, example=example)
    if old.text != article.text:
        before, after = Counter(words(old.text)), Counter(words(article.text))
        for was, becomes, difference in (("text", None, before - after), (None, "text", after - before)):
            if difference:
                yield Change(
                    change="words",
                    was=was,
                    becomes=becomes,
                    word_count=difference.total(),
                    article_count=1,
                    example=_clip(" ".join(difference)),
                )


def _rejection_changes(before: Collection[str], reading: Reading) -> Iterator[Change]:
    after = {one.reason.value: one.detail for one in reading.rejected}
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    for was, becomes in zip_longest(gone, new):
        example = _clip(after[becomes]) if becomes else None
        yield Change(change="rejected", was=was, becomes=becomes, example=example)


def _sum_up(changes: Iterator[Change]) -> list[Change]:
    """One change per kind, with the first one's example."""
    found: dict[tuple[str, str | None, str | None], list[Change]] = {}
    for one in changes:
        found.setdefault((one.change, one.was, one.becomes), []).append(one)
    return [
        Change(
            change=change,
            was=was,
            becomes=becomes,
            word_count=sum(one.word_count for one in same),
            article_count=sum(one.article_count for one in same),
            example=same[0].example,
        )
        for (change, was, becomes), same in found.items()
    ]


def _date(at: datetime | None, day: date | None, precision: str) -> str | None:
    stated = at or day
    return None if stated is None else f"{stated.isoformat()} ({precision})"


def _shown(value: object) -> str:
    return "(none)" if value is None else str(value)


def _clip(text: str, chars: int = EXAMPLE_CHARS) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= chars else f"{squeezed[: chars - 1]}…"
