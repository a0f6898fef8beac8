"""Behind the door of this room: bytes of one page in, its articles and an account of everything else out.

HTML, plain text and JSON records become the same pieces; the pieces are split into articles, every piece gets a
label, and each article's metadata is chosen among what page, record and text state. Pure: the same bytes, address
and source give the same reading. Lengths are in words; positions count the page's pieces from 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from articles import extract, judge
from articles.assemble import make_article
from articles.boilerplate import BY_SHAPE, Label, label, label_outside
from articles.decoding import Decoded, decode
from articles.facts import Facts, facts_of
from articles.lines import Piece, read_lines
from articles.metadata import Stated, read_metadata
from articles.parsing import parse
from articles.records import (
    TEXT_KINDS,
    Article,
    Block,
    BlockKind,
    Reading,
    Reason,
    Rejected,
    Source,
)
from articles.records_in import read_record
from articles.rescue import rescue_story
from articles.spans import Span, find_spans
from articles.split import find_starts
from articles.verdicts import find_reason
from articles.version import READER_VERSION

_HTML_TYPE = re.compile(r"(?i)\s*(?:text/html|application/xhtml)")
_JSON_TYPE = re.compile(r"(?i)\s*application/(?:\w+\+)?json")
_HTML_START = re.compile(
    r"(?is)\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.*?-->)\s*)*<(?:!doctype\s+html|html\b|head\b|body\b)"
)
_TAG = re.compile(r"<(?:p|div|article|br|span|h[1-6])\b[^>]*>", re.IGNORECASE)
_HEADLINE_TAGS = frozenset({"h1", "h2"})
_LEAST_WORDS = 40  # a page that shows less may keep its story in its scripts
_NO_EVIDENCE = frozenset(
    {
        BlockKind.APPEAL,
        BlockKind.CHROME,
        BlockKind.RELATED,
        BlockKind.WIRE,
        BlockKind.BIO,
        BlockKind.CONTRIBUTION,
        BlockKind.CREDIT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What is known of a page besides its pieces."""

    url: str | None
    source: Source
    captured_at: datetime | None
    stated: Stated


def read_page(
    body: bytes,
    *,
    url: str | None,
    content_type: str | None,
    source: Source,
    captured_at: datetime | None,
) -> Reading:
    """Read one page; what goes in and what comes out is said at the door, `articles.read_page`."""
    decoded = decode(body, content_type=content_type)
    if isinstance(decoded, Rejected):
        return _reading(rejected=(decoded,))
    text = decoded.text
    if content_type and _JSON_TYPE.match(content_type):
        reading = _read_json(text, url=url, source=source, captured_at=captured_at)
    elif _is_html(text, content_type):
        reading = _read_html(body, decoded, url=url, source=source, captured_at=captured_at)
    else:
        context = _Context(url=url, source=source, captured_at=captured_at, stated=Stated())
        reading = _read_text(read_lines(text), context)
    return replace(reading, encoding=decoded.encoding, encoding_from=decoded.origin)


def _is_html(text: str, content_type: str | None) -> bool:
    if content_type and _HTML_TYPE.match(content_type):
        return True
    if _HTML_START.match(text):
        return True
    return not content_type and len(_TAG.findall(text[:20_000])) >= 3


def _reading(
    *, articles: tuple[Article, ...] = (), chrome: tuple[Block, ...] = (), rejected: tuple[Rejected, ...] = ()
) -> Reading:
    return Reading(
        articles=articles,
        chrome=chrome,
        rejected=rejected,
        encoding=None,
        encoding_from=None,
        reader_version=READER_VERSION,
    )


def _rejected(reason: Reason, detail: str) -> Rejected:
    return Rejected(capture_id=None, stage="read", reason=reason, detail=detail)


# -- plain text and records ---------------------------------------------------------------------------------


def _read_json(text: str, *, url: str | None, source: Source, captured_at: datetime | None) -> Reading:
    record = read_record(text, zone=source.zone, captured_at=captured_at)
    if isinstance(record, Rejected):
        return _reading(rejected=(record,))
    if record.source is not None:
        source = replace(source, name=record.source)
    context = _Context(url=record.url or url, source=source, captured_at=captured_at, stated=record.stated)
    return _read_text(read_lines(record.text), context, is_declared_single=True)


def _read_text(lines: Sequence[Piece], context: _Context, *, is_declared_single: bool = False) -> Reading:
    """Read lines: one article, or several put end to end."""
    facts = [facts_of(line) for line in lines]
    labels = _label(facts, context)
    spans = _split(facts, labels, is_declared_single=is_declared_single)
    if len(spans) > 1:
        labels = [
            found for n, span in enumerate(spans) for found in _label_span(facts, span, context, part=n)
        ]
    return _finish(facts, labels, spans, context, has_scripts=False)


def _split(
    facts: Sequence[Facts], labels: Sequence[Label], *, is_declared_single: bool, first: int = 0
) -> list[Span]:
    """Cut labelled pieces, the page's from `first` on, into the articles that they hold."""
    printed = Counter(found.fold for found in facts)
    noise = [n for n, known in enumerate(labels) if _is_noise(known) and printed[facts[n].fold] == 1]
    starts = find_starts(
        [found.piece.text for found in facts], noise=noise, is_declared_single=is_declared_single
    )
    ends = [*(start.index for start in starts[1:]), len(facts)][: len(starts)]
    return [
        Span(
            start=first + start.index,
            end=first + end,
            is_start_unsure=start.is_unsure,
            is_headless=start.rule == "split.lede",
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _is_noise(found: Label) -> bool:
    """Furniture by what it says itself; what only its place between paragraphs made a link may be a headline."""
    return found.kind in _NO_EVIDENCE and found.rule not in BY_SHAPE


def _label(facts: Sequence[Facts], context: _Context, *, is_headless: bool = False) -> list[Label]:
    return label(
        facts,
        title=context.stated.heading or context.stated.title,
        authors=context.stated.authors,
        is_headless=is_headless,
        zone=context.source.zone,
        captured_at=context.captured_at,
    )


def _label_span(facts: Sequence[Facts], span: Span, context: _Context, *, part: int) -> list[Label]:
    """Label one article of several; only the page's first is the one that its metadata speak of."""
    if part:
        context = replace(context, stated=Stated())
    return _label(facts[span.start : span.end], context, is_headless=span.is_headless)


# -- HTML ---------------------------------------------------------------------------------------------------


def _read_html(
    body: bytes, decoded: Decoded, *, url: str | None, source: Source, captured_at: datetime | None
) -> Reading:
    parsed = parse(body, decoded)
    if isinstance(parsed, Rejected):
        return _reading(rejected=(parsed,))
    tree = parsed.tree
    stated = read_metadata(
        tree, url=url, publisher=source.publisher, zone=source.zone, captured_at=captured_at
    )
    context = _Context(url=url, source=source, captured_at=captured_at, stated=stated)
    title = stated.heading or stated.title
    scripts = list(tree.iter("script"))
    blocks = [facts_of(piece) for piece in extract.read_blocks(tree)]
    if _text_words(blocks) < _LEAST_WORDS and (story := rescue_story(scripts)) is not None:
        (tree if tree.body is None else tree.body).append(story)
        blocks = [facts_of(piece) for piece in extract.read_blocks(tree)]
    facts, spans = find_spans(judge.choose(blocks, title=title, authors=stated.authors), title=title)
    labels = _label_page(facts, spans, context)
    parts = [part for span in spans for part in _split_span(facts, labels, span, context)]
    if len(parts) > len(spans):
        spans, labels = parts, _label_page(facts, parts, context)
    reading = _finish(facts, labels, spans, context, has_scripts=bool(scripts))
    return reading if parsed.gave_up is None else _flag_as_cut(reading, parsed.gave_up)


def _text_words(facts: Sequence[Facts]) -> int:
    return sum(found.words for found in facts if found.piece.is_chosen)


def _flag_as_cut(reading: Reading, said: str) -> Reading:
    """Say of all that came of a page that the parser did not read it to its end."""
    detail = f"the parser gave up before the page's end ({said}), and what stands before is no article"
    return replace(
        reading,
        articles=tuple(replace(article, is_cut=True) for article in reading.articles),
        rejected=tuple(_rejected(Reason.TOO_LARGE, f"{detail}: {one.detail}") for one in reading.rejected),
    )


def _split_span(facts: Sequence[Facts], labels: Sequence[Label], span: Span, context: _Context) -> list[Span]:
    """Cut a run of blocks again by its words: what is glued inside one box shows in no tag.

    A page that calls itself an article, or has headings, is cut only at one that stands around a repeated caption;
    any other only where the cut is sure.
    """
    has_headings = any(
        block.piece.tag in _HEADLINE_TAGS and block.piece.is_chosen
        for block in facts[span.start + 1 : span.end]
    )
    is_single = context.stated.is_article or has_headings
    found = _split(
        facts[span.start : span.end],
        labels[span.start : span.end],
        is_declared_single=is_single,
        first=span.start,
    )
    starts = [
        other
        for other in found[1:]
        if facts[other.start].piece.tag in _HEADLINE_TAGS or not (is_single or other.is_start_unsure)
    ]
    ends = [*(other.start for other in starts), span.end]
    return [replace(other, end=end) for other, end in zip([span, *starts], ends, strict=True)]


def _label_page(facts: Sequence[Facts], spans: Sequence[Span], context: _Context) -> list[Label]:
    labels: list[Label] = []
    for n, span in enumerate(spans):
        labels += [label_outside(found) for found in facts[len(labels) : span.start]]
        labels += _label_span(facts, span, context, part=n)
    return labels + [label_outside(found) for found in facts[len(labels) :]]


# -- from labelled pieces to a reading ----------------------------------------------------------------------


def _finish(
    facts: Sequence[Facts],
    labels: Sequence[Label],
    spans: Sequence[Span],
    context: _Context,
    *,
    has_scripts: bool,
) -> Reading:
    """Make articles of the spans, or say why the page is none."""
    blocks = [
        Block(
            position=n,
            text=found.piece.text,
            kind=known.kind,
            rule=known.rule,
            confidence=known.confidence,
            path=found.piece.place,
        )
        for n, (found, known) in enumerate(zip(facts, labels, strict=True))
    ]
    text_words = sum(
        facts[block.position].words for span in spans for block in _text_blocks(blocks[span.start : span.end])
    )
    verdict = find_reason(facts, blocks, context.stated, text_words=text_words, has_scripts=has_scripts)
    if verdict is not None:
        return _reading(chrome=tuple(blocks), rejected=(_rejected(*verdict),))
    kept = [span for span in spans if any(_text_blocks(blocks[span.start : span.end]))]
    articles = tuple(
        make_article(
            blocks[span.start : span.end],
            stated=context.stated,
            url=context.url,
            source=context.source,
            captured_at=context.captured_at,
            part=n,
            is_start_unsure=span.is_start_unsure,
            reader_version=READER_VERSION,
        )
        for n, span in enumerate(kept)
    )
    inside = {block.position for article in articles for block in article.blocks}
    return _reading(
        articles=articles, chrome=tuple(block for block in blocks if block.position not in inside)
    )


def _text_blocks(blocks: Sequence[Block]) -> list[Block]:
    return [block for block in blocks if block.kind in TEXT_KINDS]
