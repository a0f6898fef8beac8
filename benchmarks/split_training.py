"""Train and measure the weights with which `articles.split` cuts pages that hold several articles.

    python benchmarks/split_training.py [../shared/corpus] [--folds 4] [--write]

Pages are made by putting articles of one language end to end, with and without their headlines, from the texts of
publishers/ and wide/ and from what trafilatura reads on the pages of snippets/; some hold articles about like
things, which are the hard ones, and some hold briefs of a few lines. Each fold trains on three quarters of the
publishers and measures on the others, words, roles and weights alike. The Arabic articles of stream/ are licensed
for research alone: they are measured on and never trained on. Prints, per corpus and dress, boundary precision,
recall and F1, how many single articles were cut, and how many of the unsure cuts are right. --write trains on
everything and replaces articles/rules/split.toml, the same each time. A few minutes a fold.

The weights are a network of one hidden layer, fitted in numpy by Adam. It is fitted on whole pages and, in a second
round, also on the stretches between the cuts that the first round proposes, because that is how `split.best_cuts`
asks. On lines of wide/ left out of training its average precision was .89, a logistic regression's on the same
evidence .86.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import random
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from multiprocessing import get_context
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
TRAINING_PAGES = 1200
MOST_PARAGRAPHS = (
    60  # of longer articles the first ones train, and none measures, as tools/score_splitting.py
)
MEASURED_PAGES = 120  # for each fold, corpus and dress
STREAM_TEXTS = 400  # measured on
ALIKE_SHARE = 0.4  # of the training pages
BRIEFS_SHARE = 0.2

LEDE_WORDS = 12  # a paragraph has as many; shorter lines have no role of their own
ROLE_CALM = 3.0  # as many times each word is taken to have been seen where it is expected
ROLE_STEP, LEAST_ROLE, ROLE_PUBLISHERS = 0.25, 0.5, 7  # of log odds; publishers that use the word
PARTS = 5
ROLELESS_SHARE = 0.15  # of the training pages

PROCESSES, CHUNK_PAGES = 2, 20
UNITS, BATCH, RATE, DECAY = 32, 512, 3e-3, 0.3
FIRST_ROUNDS, ROUNDS = 6, 16
DROPPED_INPUTS, DROPPED_UNITS = 0.1, 0.5

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
    parts: list[int]  # for each line, that of its text
    is_roleless: bool  # trained on as if nothing were known of what its words say of a line


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
            site = url.split("/")[2] if "//" in url else path.stem
            publisher = path.name.rsplit("_", 3)[0] if corpus == "publishers" else site
            texts.append(
                Text(
                    corpus=corpus,
                    publisher=publisher,
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


def part_of(text: Text) -> int:
    return fold_of(f"part {text.publisher}", PARTS)


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
    """Put articles end to end; `is_cut` shortens some to their first paragraphs, on pages of briefs all."""
    lines: list[str] = []
    starts = []
    parts: list[int] = []
    is_briefs = is_cut and rng.random() < BRIEFS_SHARE
    for n, text in enumerate(texts):
        starts.append(len(lines))
        if dress == "headed" or (dress == "mixed" and n == 0):
            lines.append(text.title)
        if dress == "dressed":
            agency = rng.choice(("AFP", "Reuters", "AP"))
            caption = text.captions[0] if text.captions else f"A file photograph. ({agency})"
            lines += [text.title, caption, caption, text.title]
        if is_briefs:
            lines += text.paragraphs[: rng.randint(3, 6)]
        else:
            is_short = is_cut and len(text.paragraphs) > 5 and rng.random() < 0.4
            lines += text.paragraphs[: rng.randint(5, 14) if is_short else None]
        parts += [part_of(text)] * (len(lines) - len(parts))
    return Glued(lines, starts, parts, is_roleless=is_cut and rng.random() < ROLELESS_SHARE)


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


# --- in which lines words stand ---------------------------------------------------------------------------------


def learn_roles(texts: Iterable[Text]) -> dict[str, cohesion.Role]:
    """Log odds, by stem, to stand in a lede against other paragraphs, in a last line against others, and in a
    headline against subheads; in steps, drawn to 0 where little was seen, and without what publishers say alone.
    """
    inside = [Counter[str]() for _ in split.ROLES]
    outside = [Counter[str]() for _ in split.ROLES]
    publishers: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        lines = [cohesion.stems_of(paragraph) for paragraph in text.paragraphs]
        lede = next((n for n, line in enumerate(lines) if len(line) >= LEDE_WORDS), 0)
        for n, line in enumerate(lines):
            stems = set(line)
            for stem in stems:
                publishers[stem].add(text.publisher)
            if len(line) >= LEDE_WORDS or n == lede:
                (inside if n == lede else outside)[0].update(stems)
            (inside if n == len(lines) - 1 else outside)[1].update(stems)
            if n and len(line) < LEDE_WORDS + 3 and not text.paragraphs[n].endswith((".", ";", ",")):
                outside[2].update(stems)
        inside[2].update(set(cohesion.stems_of(text.title)))
    shares = [
        within.total() / (within.total() + out.total()) for within, out in zip(inside, outside, strict=True)
    ]
    roles = {}
    for stem, names in sorted(publishers.items()):
        odds = []
        for within, out, share in zip(inside, outside, shares, strict=True):
            expected = (within[stem] + out[stem]) * share
            step = round(math.log((within[stem] + ROLE_CALM) / (expected + ROLE_CALM)) / ROLE_STEP)
            odds.append(step * ROLE_STEP)
        if len(names) >= ROLE_PUBLISHERS and max(map(abs, odds)) >= LEAST_ROLE:
            roles[stem] = (odds[0], odds[1], odds[2])
    return roles


# --- training ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rows:
    """Evidence with its answers, one row for each line at which an article may start."""

    evidence: np.ndarray
    is_start: np.ndarray
    is_headline: np.ndarray


@dataclass(frozen=True, slots=True)
class Teaching:
    """What the rows of a made page are built with."""

    known: cohesion.Vocabulary
    others: list[dict[str, cohesion.Role]]  # for each part of the texts, roles learned without it


def measure_glued(glued: Glued, teaching: Teaching) -> cohesion.Page:
    """A made page in numbers, with roles that its own texts have not taught."""
    words = cohesion.read_words(glued.lines, teaching.known)
    page = cohesion.measure_page(glued.lines, words, teaching.known)
    pairs = zip(words.lines, glued.parts, strict=True)
    roles = [
        (0.0, 0.0, 0.0) if glued.is_roleless else cohesion.role_of(w, teaching.others[n]) for w, n in pairs
    ]
    return replace(page, roles=np.array(roles, dtype=np.float32))


def rows_of(glued: Glued, teaching: Teaching, first_look: split.Model | None) -> Rows:
    """Rows of the whole page, or given a first look, of stretches between cuts that it proposes or that are right."""
    page = measure_glued(glued, teaching)
    stretches = {(0, page.line_count)}
    if first_look is not None:
        proposed = split.propose(split.log_odds(page, first_look, 0, page.line_count) + 0.5)
        stretches = set()
        for bounds in ([0, *proposed, page.line_count], [*glued.starts, page.line_count]):
            stretches.update(zip(bounds, bounds[2:], strict=False))
            stretches.update(pairwise(bounds))
        chosen = random.Random(len(glued.lines)).sample(sorted(stretches), min(6, len(stretches)))
        stretches = {(first, end) for first, end in chosen if end - first >= 4}
    parts = []
    for first, end in sorted(stretches):
        at = np.arange(first + 1, end)
        taken = page.forms.can_start[at]
        parts.append(
            (
                cohesion.weigh(page, first, end)[taken],
                np.isin(at, glued.starts)[taken],
                page.forms.is_headline[at][taken],
            )
        )
    return join_rows(parts)


def join_rows(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Rows:
    empty = (np.zeros((0, len(cohesion.EVIDENCE)), dtype=np.float32), np.zeros(0, bool), np.zeros(0, bool))
    return Rows(*(np.concatenate(column) for column in zip(empty, *parts, strict=True)))


def build_rows(
    pages: Sequence[Glued], teaching: Teaching, first_look: split.Model | None
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The rows of all pages, on two processes."""
    build = partial(rows_of, teaching=teaching, first_look=first_look)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as pool:
        chunks = [pages[n : n + CHUNK_PAGES] for n in range(0, len(pages), CHUNK_PAGES)]
        built = pool.map(partial(build_chunk, build), chunks)
        return [(rows.evidence, rows.is_start, rows.is_headline) for chunk in built for rows in chunk]


def build_chunk(build: Callable[[Glued], Rows], chunk: Sequence[Glued]) -> list[Rows]:
    return [build(glued) for glued in chunk]


def fit_network(rows: Rows, known: cohesion.Vocabulary, *, rounds: int) -> split.Model:
    """Fit the network by Adam with decoupled decay and dropout, the rate rising and falling once.

    Args:
        rows: of all pages; of the network's two answers the one for the row's kind of line counts.
        known: what the evidence was weighed with.
        rounds: passes over the rows.
    """
    rng = np.random.default_rng(7)
    mean, scale = rows.evidence.mean(0), rows.evidence.std(0) + 1e-6
    inputs = np.clip((rows.evidence - mean) / scale, -split.FAR, split.FAR).astype(np.float32)
    answers, which = rows.is_start.astype(np.float32), rows.is_headline.astype(np.intp)
    columns = inputs.shape[1]
    weights = {
        "hidden": rng.normal(0, 1 / math.sqrt(columns), (columns, UNITS)),
        "hidden_bias": np.zeros(UNITS),
        "direct": np.zeros((columns, 2)),
        "outer": rng.normal(0, 1 / math.sqrt(UNITS), (UNITS, 2)),
        "outer_bias": np.full(2, -3.0),
    }
    weights = {name: value.astype(np.float32) for name, value in weights.items()}
    first = {name: np.zeros_like(value) for name, value in weights.items()}
    second = {name: np.zeros_like(value) for name, value in weights.items()}
    steps = rounds * math.ceil(len(inputs) / BATCH)
    step = 0
    for _ in range(rounds):
        order = rng.permutation(len(inputs))
        for start in range(0, len(order), BATCH):
            step += 1
            taken = order[start : start + BATCH]
            slopes = slopes_of(weights, inputs[taken], answers[taken], which[taken], rng)
            phase = step / steps
            rate = RATE * (phase / 0.3 if phase < 0.3 else (1 + math.cos(math.pi * (phase - 0.3) / 0.7)) / 2)
            for name, slope in slopes.items():
                first[name] += 0.1 * (slope - first[name])
                second[name] += 0.001 * (slope**2 - second[name])
                size = np.sqrt(second[name] / (1 - 0.999**step)) + 1e-8
                weights[name] -= rate * (first[name] / (1 - 0.9**step) / size + DECAY * weights[name])
    return split.Model(known=known, mean=mean, scale=scale, **weights)


def slopes_of(
    weights: Mapping[str, np.ndarray],
    inputs: np.ndarray,
    answers: np.ndarray,
    which: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """The slope of the logistic loss in each weight, some inputs and units left out by chance."""
    at = np.arange(len(inputs))
    inputs = inputs * (rng.random(inputs.shape, dtype=np.float32) >= DROPPED_INPUTS) / (1 - DROPPED_INPUTS)
    sums = inputs @ weights["hidden"] + weights["hidden_bias"]
    gates = 1 / (1 + np.exp(-np.clip(sums, -30, 30)))
    kept = (rng.random(sums.shape, dtype=np.float32) >= DROPPED_UNITS) / np.float32(1 - DROPPED_UNITS)
    units = sums * gates * kept
    odds = (inputs @ weights["direct"] + units @ weights["outer"] + weights["outer_bias"])[at, which]
    by_answer = np.zeros((len(inputs), 2), dtype=np.float32)
    by_answer[at, which] = (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - answers) / len(inputs)
    by_sum = (by_answer @ weights["outer"].T) * kept * gates * (1 + sums * (1 - gates))
    return {
        "hidden": inputs.T @ by_sum,
        "hidden_bias": by_sum.sum(0),
        "direct": inputs.T @ by_answer,
        "outer": units.T @ by_answer,
        "outer_bias": by_answer.sum(0),
    }


def train(texts: Sequence[Text], seed: int = 1) -> split.Model:
    """Train on pages made of the texts.

    A text's own words must not tell its roles, so each part of the texts gets the roles learned from the others;
    some pages get none, as pages in languages get of which nothing was learned.
    """
    rng = random.Random(seed)
    known = cohesion.Vocabulary(common=count_common(texts), roles=learn_roles(texts))
    others = [learn_roles([t for t in texts if part_of(t) != part]) for part in range(PARTS)]
    teaching = Teaching(known, others)
    dresses = ("bare", "bare", "headed", "headed", "mixed")
    pages = list(
        make_pages(rng, texts, TRAINING_PAGES, dresses, common=known.common, alike_share=ALIKE_SHARE)
    )
    whole = build_rows(pages, teaching, None)
    first_look = fit_network(join_rows(whole), known, rounds=FIRST_ROUNDS)
    stretches = build_rows(pages, teaching, first_look)
    return fit_network(join_rows([*whole, *stretches]), known, rounds=ROUNDS)


# --- measuring --------------------------------------------------------------------------------------------------


def measure(texts: Sequence[Text], model: split.Model, dress: str, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    rng = random.Random(f"{seed} {dress}")
    for glued in make_pages(rng, texts, MEASURED_PAGES, (dress,), common=model.known.common, is_cut=False):
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


def cross_validate(texts: Sequence[Text], stream: Sequence[Text], folds: int) -> None:
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for fold in range(folds):
        model = train([t for t in texts if fold_of(t.publisher, folds) != fold])
        held_out = [t for t in texts if fold_of(t.publisher, folds) == fold] + list(stream)
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
        "[evidence]  # mean, deviation, weight for a paragraph and for a headline, weight for each unit",
    ]
    rows = np.hstack([model.mean[:, None], model.scale[:, None], model.direct, model.hidden])
    lines += [f"{name} = {numbers(row)}" for name, row in zip(cohesion.EVIDENCE, rows, strict=True)]
    lines += ["", "[units]  # of the hidden layer"]
    lines += [f"bias = {numbers(model.hidden_bias)}"]
    lines += [
        f"{name} = {numbers(row)}" for name, row in zip(("paragraph", "headline"), model.outer.T, strict=True)
    ]
    lines += [f"intercept = {numbers(model.outer_bias)}"]
    for n, role in enumerate(split.ROLES):
        lines += ["", f"[{role}]  # log odds of a word, cut to its first letters, to stand in such a line"]
        lines += stem_lists({stem: odds[n] for stem, odds in model.known.roles.items() if odds[n]})
    lines += ["", "[common]  # share of articles that hold a word, cut to its first letters"]
    return "\n".join(lines + stem_lists(model.known.common)) + "\n"


def numbers(values: Iterable[float]) -> str:
    return f"[{', '.join(f'{float(value):.3g}' for value in values)}]"


def stem_lists(levels: Mapping[str, float]) -> list[str]:
    """One text of stems for each value."""
    lines: list[str] = []
    for level in sorted(set(levels.values())):
        stems = sorted(stem for stem, value in levels.items() if value == level)
        lines += [f'"{level}" = """', *textwrap.wrap(" ".join(stems), 110, break_long_words=False), '"""']
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("../shared/corpus"))
    parser.add_argument("--folds", type=int, default=4, help="0 leaves out the measuring")
    parser.add_argument("--write", action="store_true", help="train on everything and replace the rules")
    args = parser.parse_args()
    texts = read_corpus(args.corpus)
    print(Counter(text.corpus for text in texts), Counter(text.language for text in texts).most_common(8))
    if args.folds:
        stream = read_stream(args.corpus / "stream" / "articles.jsonl.gz", STREAM_TEXTS)
        cross_validate(texts, stream, args.folds)
    if args.write:
        RULES.write_text(to_toml(train(texts)), "utf-8")


if __name__ == "__main__":
    main()
