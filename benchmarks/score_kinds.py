"""How right the ledger is, kind by kind, and which rules take out body text.

    python benchmarks/score_kinds.py [KIND …] [--corpus ../shared/corpus] [--limit 40] [--examples 3]

First table: precision and recall of the kinds that the pages of `publishers` have truth for (title, dek, byline,
caption, credit; body and subhead together). Precision counts blocks: of those given the kind, how many say what the
truth lists under it. Recall counts the truth's lines that stand on the page at all (in some block): how many lie in
blocks of the kind. A block that says a second time what an earlier block of its page said may be a `repeat`
without being wrong, so a truth line counts as found when any of its blocks has the kind.

Then, for each kind (those named, or all that have a rules file, and whatever else takes text out): every rule that
took body text out of an article's text on a page of `publishers` or `wide`, with its blocks, those of them that are
body, their words and the pages. A rule belongs to the kind its id begins with: "caption.photo" to caption.

Text is compared in folded words: case, punctuation and white space do not count. A block is body when at least 80 %
of its runs of four words stand in the truth's text; one that was taken out, when they stand in no text that was kept
either, so that a teaser which repeats a paragraph is no loss, and no earlier block says the same.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from articles import Block, BlockKind, Reading, read_page  # noqa: E402
from articles.fingerprints import words  # noqa: E402
from articles.records import TEXT_KINDS  # noqa: E402

SHARED = Path(os.environ.get("NIGHTWIRE_SHARED", ROOT.parent / "shared"))
CORPORA = ("publishers", "wide")
RUN = 4  # words; as in tools/score_extraction.py
IS_BODY = 0.8  # share of a block's runs that stand in the truth's text
TRUTH = {  # kind -> where a page's truth lists its lines
    BlockKind.TITLE: "title",
    BlockKind.DEK: "summary",
    BlockKind.BYLINE: "authors",
    BlockKind.CAPTION: "captions",
    BlockKind.CREDIT: "credits",
}
TEXT = "body, subhead"

Words = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Counts of one kind; added up over pages."""

    given: int = 0  # blocks of the kind
    right: int = 0  # of them, those that say what the truth lists
    listed: int = 0  # lines of the truth that stand on the page
    found: int = 0  # of them, those in a block of the kind


@dataclass(slots=True)
class RuleTally:
    """What one rule took out of the texts; added up over pages."""

    blocks: int = 0
    body_blocks: int = 0
    body_words: int = 0
    pages: set[str] = field(default_factory=set)  # on which it took body out
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PageScore:
    """One page's share of every table."""

    kinds: dict[str, Tally]
    rules: dict[str, RuleTally]
    body_words: int  # of the truth that stand on the page


def main() -> None:
    """Read the pages of both corpora and print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="kinds whose rules are listed; default: all")
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus")
    parser.add_argument("--limit", type=int, help="pages of each corpus, spread evenly over it")
    parser.add_argument("--examples", type=int, default=0, help="body blocks to show for each rule")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    unknown = sorted(set(given.kinds) - {kind.value for kind in BlockKind})
    if unknown:
        parser.error(f"no kind is called {', '.join(unknown)}; there are: {', '.join(BlockKind)}")
    if not given.corpus.is_dir():
        parser.error(f"there is no folder {given.corpus}; set NIGHTWIRE_SHARED or --corpus")
    scores = []
    with ProcessPoolExecutor(given.workers) as pool:
        for corpus in CORPORA:
            pages = _spread(sorted((given.corpus / corpus).glob("*.json")), given.limit)
            score = partial(score_file, has_kinds=corpus == "publishers")
            scores += list(pool.map(score, pages, chunksize=8))
            print(f"{corpus}: {len(pages)} pages", file=sys.stderr)
    print("\n".join([*_kind_rows(scores), "", *_rule_rows(scores, given.kinds, given.examples)]))


def score_file(meta: Path, *, has_kinds: bool) -> PageScore:
    """Read one page of a corpus and hold its ledger against its truth."""
    truth = json.loads(meta.read_text(encoding="utf-8"))
    body = gzip.decompress(meta.with_suffix(".html.gz").read_bytes())
    reading = read_page(body, url=truth.get("url"), content_type="text/html")
    return score_reading(reading, truth, page=meta.stem, has_kinds=has_kinds)


def score_reading(reading: Reading, truth: Mapping[str, object], *, page: str, has_kinds: bool) -> PageScore:
    """Hold a reading against the truth of its page.

    Args:
        reading: all articles of the page and what stands outside them.
        truth: as in NAME.json of a corpus; what a page states nothing of is missing.
        page: its name, to count pages.
        has_kinds: the truth lists captions, credits, authors and standfirsts where the page has them.
    """
    blocks = sorted(_all_blocks(reading), key=lambda owned: owned[0].position)
    in_truth = _runs(words(_text_of(truth)))
    kept = {run for block, is_text in blocks if is_text for run in _runs(words(block.text))}
    lost = in_truth.keys() - kept
    is_copy = _copies([block.text for block, _ in blocks])
    is_body = [
        not copy and _share(words(block.text), in_truth if is_text else lost) >= IS_BODY
        for (block, is_text), copy in zip(blocks, is_copy, strict=True)
    ]
    return PageScore(
        kinds=_score_kinds([block for block, _ in blocks], is_body, truth) if has_kinds else {},
        rules=_score_rules(blocks, is_body, page),
        body_words=sum(
            len(words(block.text)) for (block, _), body in zip(blocks, is_body, strict=True) if body
        ),
    )


def _all_blocks(reading: Reading) -> Iterator[tuple[Block, bool]]:
    """Every block, with whether it is part of an article's text."""
    for block in reading.chrome:
        yield block, False
    for article in reading.articles:
        for block in article.blocks:
            yield block, block.kind in TEXT_KINDS


def _copies(texts: Sequence[str]) -> list[bool]:
    """Which texts say again what an earlier one said."""
    seen: set[Words] = set()
    found = []
    for text in texts:
        reading = tuple(words(text))
        found.append(reading in seen)
        seen.add(reading)
    return found


def _text_of(truth: Mapping[str, object]) -> str:
    return "\n".join(
        [*_lines(truth.get("paragraphs")), *([] if truth.get("paragraphs") else _lines(truth.get("text")))]
    )


def _lines(value: object) -> list[str]:
    """What the truth lists: nothing, one line or several."""
    if isinstance(value, str):
        return [value]
    return [line for line in value if isinstance(line, str)] if isinstance(value, list) else []


def _runs(found: Sequence[str]) -> Counter[Words]:
    """Runs of four words; a shorter text is one run."""
    if not found:
        return Counter()
    return Counter(tuple(found[n : n + RUN]) for n in range(max(1, len(found) - RUN + 1)))


def _share(found: Sequence[str], known: Collection[Words]) -> float:
    """The share of a block's runs that are known; 0 for a block without words."""
    runs = _runs(found)
    return sum(count for run, count in runs.items() if run in known) / runs.total() if runs else 0.0


# -- kinds ----------------------------------------------------------------------------------------------------


def _score_kinds(
    blocks: Sequence[Block], is_body: Sequence[bool], truth: Mapping[str, object]
) -> dict[str, Tally]:
    tallies = {kind.value: _score_kind(blocks, kind, _lines(truth.get(name))) for kind, name in TRUTH.items()}
    text = [block.kind in TEXT_KINDS for block in blocks]
    tallies[TEXT] = Tally(
        given=sum(text),
        right=sum(body and kept for body, kept in zip(is_body, text, strict=True)),
        listed=sum(is_body),
        found=sum(body and kept for body, kept in zip(is_body, text, strict=True)),
    )
    return tallies


def _score_kind(blocks: Sequence[Block], kind: BlockKind, lines: Sequence[str]) -> Tally:
    """A block says a line when its words are the line's, or hold them beside others ("By", "Photo:"), or are held."""
    tally = Tally()
    wanted = [words(line) for line in lines]
    said = [words(block.text) for block in blocks]
    ours = [n for n, block in enumerate(blocks) if block.kind is kind]
    tally.given = len(ours)
    tally.right = sum(any(_says(said[n], line) for line in wanted) for n in ours)
    for line in wanted:
        holders = [n for n, block in enumerate(said) if _says(block, line)]
        tally.listed += bool(holders)
        tally.found += any(blocks[n].kind is kind for n in holders)
    return tally


def _says(block: Sequence[str], line: Sequence[str]) -> bool:
    """Whether a block says a line: one holds the other, and the longer has at most a line's length beside it.

    Lines of truth are short (a name, a photographer), blocks bring a few words of their own ("By", "Photo:", a date);
    a paragraph that mentions the name does not say the line.
    """
    if not block or not line:
        return False
    short, long = sorted((tuple(block), tuple(line)), key=len)
    if len(long) > 2 * len(short) + RUN:
        return False
    return any(long[n : n + len(short)] == short for n in range(len(long) - len(short) + 1))


def _kind_rows(scores: Sequence[PageScore]) -> list[str]:
    totals: defaultdict[str, Tally] = defaultdict(Tally)
    for score in scores:
        for kind, tally in score.kinds.items():
            total = totals[kind]
            total.given += tally.given
            total.right += tally.right
            total.listed += tally.listed
            total.found += tally.found
    rows = [
        "| kind | blocks | right | precision | on the pages | found | recall |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, one in totals.items():
        rows.append(
            f"| {kind} | {one.given:,} | {one.right:,} | {_ratio(one.right, one.given)} "
            f"| {one.listed:,} | {one.found:,} | {_ratio(one.found, one.listed)} |"
        )
    return rows


# -- rules ----------------------------------------------------------------------------------------------------


def _score_rules(
    blocks: Sequence[tuple[Block, bool]], is_body: Sequence[bool], page: str
) -> dict[str, RuleTally]:
    rules: defaultdict[str, RuleTally] = defaultdict(RuleTally)
    for (block, is_text), body in zip(blocks, is_body, strict=True):
        if is_text:
            continue
        one = rules[block.rule]
        one.blocks += 1
        if body:
            one.body_blocks += 1
            one.body_words += len(words(block.text))
            one.pages.add(page)
            one.examples.append(f"{page}: {block.text[:100]}")
    return dict(rules)


def _rule_rows(scores: Sequence[PageScore], kinds: Sequence[str], examples: int) -> list[str]:
    totals: dict[str, RuleTally] = {}
    for score in scores:
        for rule, tally in score.rules.items():
            if not kinds or _kind_of(rule) in kinds:
                total = totals.setdefault(rule, RuleTally())
                total.blocks += tally.blocks
                total.body_blocks += tally.body_blocks
                total.body_words += tally.body_words
                total.pages |= tally.pages
                total.examples += tally.examples
    body_words = sum(score.body_words for score in scores)
    harmful = sorted(
        (rule for rule, one in totals.items() if one.body_blocks),
        key=lambda rule: (_kind_of(rule), -totals[rule].body_words, rule),
    )
    clean = sorted({_kind_of(rule) for rule in totals} - {_kind_of(rule) for rule in harmful})
    return [
        "| rule | blocks taken out | of them body | body words | of all body words | pages |",
        "|---|---|---|---|---|---|",
        *(_rule_row(rule, totals[rule], body_words) for rule in harmful),
        "",
        f"{len(totals) - len(harmful):,} other rules took out blocks and no body text; "
        f"the pages hold {body_words:,} words of body. Kinds without a harmful rule: {', '.join(clean) or 'none'}.",
        *(line for rule in harmful for line in _example_rows(rule, totals[rule].examples[:examples])),
    ]


def _rule_row(rule: str, one: RuleTally, body_words: int) -> str:
    return (
        f"| {rule} | {one.blocks:,} | {one.body_blocks:,} | {one.body_words:,} "
        f"| {one.body_words / max(1, body_words):.3%} | {len(one.pages):,} |"
    )


def _example_rows(rule: str, examples: Sequence[str]) -> list[str]:
    return ["", f"{rule}:", *(f"- {one}" for one in examples)] if examples else []


def _kind_of(rule: str) -> str:
    return rule.partition(".")[0]


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def _spread(pages: Sequence[Path], limit: int | None) -> list[Path]:
    """At most `limit` pages, at equal distances."""
    if limit is None or limit >= len(pages):
        return list(pages)
    return [pages[n * len(pages) // limit] for n in range(limit)]


if __name__ == "__main__":
    main()
