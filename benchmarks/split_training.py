"""Train and measure the weights with which `articles.split` cuts pages that hold several articles.

    python benchmarks/split_training.py [../shared/corpus] [--folds 4] [--write]

Pages are made by putting articles of one language end to end, with and without their headlines, from the texts of
publishers/ and wide/ and from what trafilatura reads on the pages of snippets/; half of them hold articles about
like things, which are the hard ones. A few hundred Arabic articles of stream/ join them. Each fold trains on three quarters of the publishers and measures on the
others, words and weights alike. Prints, per corpus and dress, boundary precision, recall and F1, how many single
articles were cut, and how many of the unsure cuts are right. --write trains on everything and replaces
articles/rules/split.toml. About ten minutes on one core.

The weights are a logistic regression, one for lines that are paragraphs and one for lines that look like
headlines. They are fitted on whole pages and, in a second round, also on the stretches between the cuts that the
first round proposes, because that is how `split.best_cuts` asks.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import justext
import numpy as np
import trafilatura
from babel import Locale

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from articles import cohesion, split
from articles.languages import identify

RULES = Path(__file__).resolve().parent.parent / "articles" / "rules" / "split.toml"
DRESSES = ("bare", "headed", "mixed", "dressed")  # mixed: a headline over the first article alone
SIZES = (1, 1, 2, 3, 4, 6)  # articles to a page
TRAINING_PAGES = 2000
MOST_PARAGRAPHS = (
    60  # of longer articles the first ones train, and none measures: so does tools/score_splitting.py
)
MEASURED_PAGES = 120  # for each fold, corpus and dress
STREAM_TEXTS = 400
ALIKE_SHARE = 0.5  # of the training pages
RIDGE = 3.0

# Stop lists for languages of which the corpus has too little to count; share of articles is set, not counted.
STOP_LISTS = (
    "Arabic", "Azerbaijani", "Catalan", "Czech", "Danish", "Dutch", "Finnish", "French", "Greek", "Hebrew",
    "Hungarian", "Indonesian", "Italian", "Kurdish", "Norwegian_Bokmal", "Persian", "Polish", "Portuguese", "Romanian",
    "Russian", "Spanish", "Swedish", "Turkish", "Ukrainian", "Urdu", "Vietnamese",
)  # fmt: skip
STOP_SHARE = 0.12
LONG_STOP_LIST, LONG_STOP_CHARS = (
    600,
    5,
)  # of a longer list only shorter words, as it holds less common ones too
LEVELS = (0.015, 0.03, 0.06, 0.12, 0.25, 0.5)
COUNTED_FROM = 60  # articles in a language before its words are counted


@dataclass(frozen=True, slots=True)
class Text:
    """One article: its headline, paragraphs and captions, and where it comes from."""

    corpus: str
    publisher: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glued:
    """A made page and the lines at which its articles start, 0 first."""

    lines: list[str]
    starts: list[int]


def squash(text: object) -> str:
    return " ".join(str(text).split())


def read_corpus(folder: Path) -> list[Text]:
    """Articles with a title and at least four paragraphs; at most MOST_PARAGRAPHS of them are kept."""
    texts = []
    for corpus in ("publishers", "wide", "snippets"):
        for path in sorted((folder / corpus).glob("*.json")):
            item = json.loads(path.read_text("utf-8"))
            paragraphs = item.get("paragraphs") or (item.get("text") or "").split("\n")
            if corpus == "snippets":
                page = gzip.decompress(path.with_suffix(".html.gz").read_bytes())
                paragraphs = (trafilatura.extract(page, include_comments=False) or "").split("\n")
            paragraphs = [squash(p) for p in paragraphs if squash(p)]
            title = squash(item.get("title") or "")
            if paragraphs and paragraphs[0] == title:
                paragraphs = paragraphs[1:]
            least_chars = 1200 if corpus == "snippets" else 0  # shorter ones are mostly not articles
            if not title or len(paragraphs) < 4 or sum(map(len, paragraphs)) < least_chars:
                continue
            url = item.get("url") or ""
            publisher = {"publishers": path.name.rsplit("_", 3)[0], "wide": path.stem}.get(corpus)
            texts.append(
                Text(
                    corpus=corpus,
                    publisher=publisher or (url.split("/")[2] if "//" in url else path.stem),
                    language=identify("\n".join(paragraphs[:20])) or "und",
                    title=title,
                    paragraphs=tuple(paragraphs[:MOST_PARAGRAPHS]),
                    captions=tuple(squash(c) for c in item.get("captions") or ()),
                )
            )
    return texts


def read_stream(path: Path, count: int) -> list[Text]:
    """A sample of the Arabic stream, the same each time; its texts stand in no relation to the others."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = random.Random(1).sample([json.loads(line) for line in file], 4 * count)
    texts = []
    for row in rows:
        paragraphs = [squash(p) for p in row["text"].split("\n") if squash(p)]
        if row.get("title") and len(paragraphs) >= 4:
            texts.append(
                Text(
                    corpus="stream",
                    publisher=row["source"],
                    language="ar",
                    title=squash(row["title"]),
                    paragraphs=tuple(paragraphs[:MOST_PARAGRAPHS]),
                    captions=(),
                )
            )
    return texts[:count]


def fold_of(publisher: str, folds: int) -> int:
    return int(hashlib.sha256(publisher.encode()).hexdigest(), 16) % folds


# --- how common words are ---------------------------------------------------------------------------------------


@cache
def stop_stems() -> frozenset[str]:
    stems: set[str] = set()
    for name in STOP_LISTS:
        words = justext.get_stoplist(name)
        if len(words) > LONG_STOP_LIST:
            words = {word for word in words if len(word) <= LONG_STOP_CHARS}
        stems.update(cohesion.stems_of("\n".join(sorted(words))))
    return frozenset(stems)


@cache
def calendar_stems() -> frozenset[str]:
    """Days and months: capital in English, and common all the same."""
    names = [
        name for part in ("days", "months") for name in getattr(Locale("en"), part)["format"]["wide"].values()
    ]
    return frozenset(cohesion.stems_of("\n".join(names)))


def count_common(texts: Iterable[Text]) -> dict[str, float]:
    """Share of a language's articles that hold a stem, its highest in any language; names are left out.

    German writes every noun with a capital, so there only what is a name in English is known to be one.
    """
    by_language: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        by_language[text.language].append(text)
    holding: dict[str, Counter[str]] = {}
    named: Counter[str] = Counter()
    for language, members in by_language.items():
        counts = holding[language] = Counter()
        for text in members:
            stems = {stem for line in text.paragraphs for stem in cohesion.stems_of(line)}
            counts.update(stems)
            if language == "en":
                named.update(cohesion.names_of(text.paragraphs) & stems)
    english = holding.get("en", Counter())
    names = {s for s, n in named.items() if n > english[s] / 2} - calendar_stems()
    shares = dict.fromkeys(stop_stems(), STOP_SHARE)
    for language, counts in holding.items():
        size = len(by_language[language])
        for stem, count in counts.items():
            if size >= COUNTED_FROM and count >= 3 and count / size >= LEVELS[0] and stem not in names:
                shares[stem] = max(shares.get(stem, 0), count / size)
    return {stem: max(level for level in LEVELS if level <= share) for stem, share in sorted(shares.items())}


# --- pages ------------------------------------------------------------------------------------------------------


def glue(rng: random.Random, texts: Sequence[Text], dress: str, *, is_cut: bool) -> Glued:
    """Put articles end to end; `is_cut` shortens some to their first 5 to 14 paragraphs."""
    lines: list[str] = []
    starts = []
    for n, text in enumerate(texts):
        starts.append(len(lines))
        if dress == "headed" or (dress == "mixed" and n == 0):
            lines.append(text.title)
        if dress == "dressed":
            agency = rng.choice(("AFP", "Reuters", "AP"))
            caption = text.captions[0] if text.captions else f"A file photograph. ({agency})"
            lines += [text.title, caption, caption, text.title]
        is_short = is_cut and len(text.paragraphs) > 5 and rng.random() < 0.4
        lines += text.paragraphs[: rng.randint(5, 14) if is_short else None]
    return Glued(lines, starts)


def groups_of(texts: Iterable[Text]) -> list[list[Text]]:
    """Articles that may stand on one page: of one corpus and language, six or more."""
    groups: dict[tuple[str, str], list[Text]] = defaultdict(list)
    for text in texts:
        groups[text.corpus, text.language].append(text)
    return [group for _, group in sorted(groups.items()) if len(group) >= 6]


def neighbours_of(group: Sequence[Text], common: Mapping[str, float]) -> list[list[int]]:
    """For each article the eight that share most of its rare words."""
    stems = [
        {s for line in t.paragraphs for s in cohesion.stems_of(line) if common.get(s, 0) < 0.05}
        for t in group
    ]
    alike = []
    for mine in stems:
        likeness = [len(mine & other) / math.sqrt(len(mine) * len(other) + 1) for other in stems]
        alike.append([int(i) for i in np.argsort(likeness)[::-1][1:9]])
    return alike


def make_pages(
    rng: random.Random,
    texts: Sequence[Text],
    count: int,
    dresses: Sequence[str],
    *,
    common: Mapping[str, float],
    alike_share: float = 0.0,
    is_cut: bool = True,
) -> Iterator[Glued]:
    groups = groups_of(texts)
    alike = [neighbours_of(group, common) if alike_share else [] for group in groups]
    for _ in range(count):
        which = rng.choices(range(len(groups)), [math.sqrt(len(group)) for group in groups])[0]
        group, size = groups[which], rng.choice(SIZES)
        if rng.random() < alike_share:
            seed = rng.randrange(len(group))
            chosen = [seed, *rng.sample(alike[which][seed], min(size - 1, len(alike[which][seed])))]
            rng.shuffle(chosen)
        else:
            chosen = rng.sample(range(len(group)), size)
        yield glue(rng, [group[i] for i in chosen], rng.choice(dresses), is_cut=is_cut)


# --- training ---------------------------------------------------------------------------------------------------


class Rows:
    """Evidence rows with their answers, gathered for the two kinds of lines."""

    def __init__(self) -> None:
        self.evidence: dict[bool, list[np.ndarray]] = {False: [], True: []}
        self.answers: dict[bool, list[np.ndarray]] = {False: [], True: []}

    def add(self, page: cohesion.Page, starts: Sequence[int], first: int, end: int) -> None:
        at = np.arange(first + 1, end)
        evidence, answers = cohesion.weigh(page, first, end), np.isin(at, starts)
        for is_headline in (False, True):
            taken = (page.is_headline[at] == is_headline) & page.can_start[at]
            self.evidence[is_headline].append(evidence[taken])
            self.answers[is_headline].append(answers[taken])

    def fit(self, common: Mapping[str, float]) -> split.Model:
        lede, headline = (
            fit_logistic(np.vstack(self.evidence[kind]), np.concatenate(self.answers[kind]))
            for kind in (False, True)
        )
        return split.Model(common=common, lede=lede, headline=headline)


def fit_logistic(rows: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Ridge logistic regression by Newton steps; weights for the rows as they are, the intercept last."""
    mean, scale = rows.mean(0), rows.std(0) + 1e-6
    design = np.hstack([(rows - mean) / scale, np.ones((len(rows), 1))])
    penalty = np.array([RIDGE] * rows.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (answers - chance) - penalty * weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-5:
            break
    plain = weights[:-1] / scale
    return np.append(plain, weights[-1] - plain @ mean)


def train(texts: Sequence[Text], seed: int = 1) -> split.Model:
    rng = random.Random(seed)
    common = count_common(texts)
    pages = [
        (cohesion.read_lines(glued.lines, common), glued.starts)
        for glued in make_pages(
            rng,
            texts,
            TRAINING_PAGES,
            ("bare", "bare", "headed", "mixed"),
            common=common,
            alike_share=ALIKE_SHARE,
        )
    ]
    rows = Rows()
    for page, starts in pages:
        rows.add(page, starts, 0, page.line_count)
    first_round = rows.fit(common)
    for page, starts in pages:
        proposed = split.propose(split.log_odds(page, first_round, 0, page.line_count) + 0.5)
        stretches = set()
        for bounds in ([0, *proposed, page.line_count], [*starts, page.line_count]):
            stretches.update(zip(bounds, bounds[2:], strict=False))
            stretches.update(pairwise(bounds))
        for first, end in rng.sample(sorted(stretches), min(6, len(stretches))):
            if end - first >= 4:
                rows.add(page, starts, first, end)
    return rows.fit(common)


# --- measuring --------------------------------------------------------------------------------------------------


def measure(texts: Sequence[Text], model: split.Model, dress: str, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    rng = random.Random(f"{seed} {dress}")
    for glued in make_pages(rng, texts, MEASURED_PAGES, (dress,), common=model.common, is_cut=False):
        found = split.find_starts(glued.lines, model=model)[1:]
        made, true = {start.index for start in found}, set(glued.starts[1:])
        unsure = {start.index for start in found if start.is_unsure}
        counts.update(made=len(made), true=len(true), right=len(made & true))
        counts.update(unsure=len(unsure), unsure_right=len(unsure & true))
        counts.update(single=not true, single_cut=not true and bool(made))
    return counts


def report(name: str, counts: Counter[str]) -> None:
    precision = counts["right"] / max(1, counts["made"])
    recall = counts["right"] / max(1, counts["true"])
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(
        f"{name:20s} boundaries {counts['true']}, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f};"
        f" single articles cut {counts['single_cut']}/{counts['single']};"
        f" unsure cuts right {counts['unsure_right']}/{counts['unsure']}"
    )


def cross_validate(texts: Sequence[Text], folds: int) -> None:
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for fold in range(folds):
        model = train([t for t in texts if fold_of(t.publisher, folds) != fold])
        held_out = [t for t in texts if fold_of(t.publisher, folds) == fold]
        for corpus in ("publishers", "wide", "snippets", "stream"):
            members = [t for t in held_out if t.corpus == corpus and len(t.paragraphs) < MOST_PARAGRAPHS]
            for dress in DRESSES:
                totals[f"{corpus} {dress}"] += measure(members, model, dress, fold)
    for name, counts in totals.items():
        report(name, counts)


def to_toml(model: split.Model) -> str:
    lines = [
        "# Written by benchmarks/split_training.py; not to be edited by hand.",
        "# Evidence is described in articles/cohesion.py, its use in articles/split.py.",
        "",
        "[weights]  # of a column of evidence, for a line that is a paragraph and for one like a headline",
    ]
    names = (*cohesion.EVIDENCE, "intercept")
    lines += [
        f"{n} = [{a:.5g}, {b:.5g}]"
        for n, a, b in zip(names, map(float, model.lede), map(float, model.headline), strict=True)
    ]
    lines += ["", "[common]  # share of articles that hold a word, cut to its first letters"]
    for level in LEVELS:
        stems = [stem for stem, share in model.common.items() if share == level]
        lines.append(f'"{level}" = """')
        line = ""
        for stem in stems:
            if len(line) + len(stem) > 108:
                lines.append(line.strip())
                line = ""
            line += f" {stem}"
        lines += [line.strip(), '"""']
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("../shared/corpus"))
    parser.add_argument("--folds", type=int, default=4, help="0 leaves out the measuring")
    parser.add_argument("--write", action="store_true", help="train on everything and replace the rules")
    args = parser.parse_args()
    texts = read_corpus(args.corpus) + read_stream(args.corpus / "stream" / "articles.jsonl.gz", STREAM_TEXTS)
    print(Counter(text.corpus for text in texts), Counter(text.language for text in texts).most_common(8))
    if args.folds:
        cross_validate(texts, args.folds)
    if args.write:
        RULES.write_text(to_toml(train(texts)), "utf-8")


if __name__ == "__main__":
    main()
