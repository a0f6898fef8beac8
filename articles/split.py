"""Where each article of a page starts, for pages that hold several put end to end.

Infinite scroll and careless dumps glue articles together. A headline printed again around a repeated caption is
sure evidence; where a page prints such heads, they alone cut it. Elsewhere a trained network over the evidence of
`cohesion` says how likely an article starts at a line, given where its neighbours start, and the page's best set
of cuts is taken. A cut that the evidence does not carry is not made; one that it carries barely is made as unsure.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from articles.cohesion import EVIDENCE, Page, Vocabulary, measure_page, most_gained, read_words, weigh
from articles.lineforms import Floats

_WORD = re.compile(r"\w+")

# Publishers print a head twice within a handful of lines: headline, captions, a share button, headline again
# (seeds/truth.json, kind "repeat"). Further apart, a repeated line is a running title or a pull quote.
_HEAD_REACH = 8
_HEAD_CHARS = 300  # the longest headline we have seen printed twice has 130; a repeated paragraph is longer
_LABEL_WORDS = 3  # a line between head and head that need not repeat: "TT", "Share", "5 min read"
_PROSE_WORDS = 12  # a line this long is a paragraph rather than a label or a credit,
_PROSE_CHARS = 80  # in scripts without spaces one of so many characters

# Log odds, chosen on publishers held out from training (benchmarks/split_training.py).
# A page's surest cut must reach a bar or the page is left whole, as at most 1 % of single articles reach it. The
# more lines, the more chances to reach it wrongly: up to 10 lines the first bar holds, from 30 on the second.
_GLUED_LINES, _GLUED = (10, 30), (0.45, 1.0)
_CUT = 0.0  # further cuts of a page that is glued: below, fewer than half are right
_SURE = 2.0  # from here on nineteen cuts in twenty are right
_CANDIDATE = -2.5  # first look; what is less likely than this is not looked at again
# What the best cut of a page gains in shared words, by its lines: of 231 pages put together none gains less, of
# single articles half. It spares those the longer look.
_LEAST_GAIN_LINES, _LEAST_GAIN = (10, 50), (0.5, 6.0)
_LEAST_LINES = 3  # an article has a lede and something below it
_ROUNDS = 12  # cuts settle in two or three; the bound keeps two that push each other from going on

ROLES = ("opens", "closes", "heads")  # as in Vocabulary.roles
FAR = 4.0  # standard deviations; evidence beyond them counts as so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One article's first line."""

    index: int  # into the lines given
    confidence: float  # 0 to 1, that an article starts here
    is_unsure: bool  # the cut is more likely right than wrong, but may be wrong
    rule: str  # what decided, e.g. "split.repeated-head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What training learned: words, and a network of one hidden layer over EVIDENCE.

    Of the network's two answers one is for a line that is a paragraph, one for a line like a headline.
    """

    known: Vocabulary
    mean: Floats  # of each column of evidence, and its
    scale: Floats  # standard deviation
    hidden: Floats  # column x unit
    hidden_bias: Floats
    direct: Floats  # column x answer: what a column weighs by itself
    outer: Floats  # unit x answer
    outer_bias: Floats


def find_starts(
    lines: Sequence[str],
    *,
    noise: Collection[int] = (),
    is_declared_single: bool = False,
    model: Model | None = None,
) -> list[Start]:
    """Find the line at which each article of a page starts.

    Args:
        lines: the page in reading order, one paragraph-like piece each; blank ones are passed over.
        noise: indexes of lines known to be no prose (an appeal, a share button); they are no evidence.
        is_declared_single: the page or its record says that it is one article, so only a repeated head cuts it.
        model: another model than the one that comes with the project, for its training and its tests.

    Returns:
        Starts in order; the first is always line 0. Empty only where no line was given.
    """
    if not lines:
        return []
    skipped = frozenset(noise)
    kept = [n for n, line in enumerate(lines) if n not in skipped and line.strip()]
    text = [lines[n].strip() for n in kept]
    starts = [Start(index=0, confidence=1.0, is_unsure=False, rule="split.page-start")]
    heads = _repeated_heads(text)
    if heads:
        return starts + [
            Start(index=kept[n], confidence=0.99, is_unsure=False, rule="split.repeated-head")
            for n in heads
            if n
        ]
    if is_declared_single or len(text) < 2 * _LEAST_LINES:
        return starts
    model = model or load_model()
    words = read_words(text, model.known)
    if most_gained(words) < np.interp(len(text), _LEAST_GAIN_LINES, _LEAST_GAIN):
        return starts
    page = measure_page(text, words, model.known)
    for n, log_odds in best_cuts(page, model):
        rule = "split.headline" if page.forms.is_headline[n] else "split.lede"
        confidence = 1 / (1 + float(np.exp(-log_odds)))
        starts.append(Start(index=kept[n], confidence=confidence, is_unsure=log_odds < _SURE, rule=rule))
    return starts


@cache
def load_model() -> Model:
    """The trained model that comes with the project."""
    data = tomllib.loads(resources.files("articles").joinpath("rules/split.toml").read_text("utf-8"))
    rows = np.array([data["evidence"][name] for name in EVIDENCE], dtype=np.float32)
    units = np.array([data["units"][name] for name in ("bias", "paragraph", "headline")], dtype=np.float32)
    opens, closes, heads = (_by_stem(data[role]) for role in ROLES)
    roles = {
        stem: (opens.get(stem, 0.0), closes.get(stem, 0.0), heads.get(stem, 0.0))
        for stem in {*opens, *closes, *heads}
    }
    return Model(
        known=Vocabulary(common=_by_stem(data["common"]), roles=roles),
        mean=rows[:, 0],
        scale=rows[:, 1],
        direct=rows[:, 2:4],
        hidden=rows[:, 4:],
        hidden_bias=units[0],
        outer=units[1:].T,
        outer_bias=np.array(data["units"]["intercept"], dtype=np.float32),
    )


def _by_stem(levels: dict[str, str]) -> dict[str, float]:
    """Turn lists of stems under the value that they share into the value of each."""
    return {stem: float(level) for level, stems in levels.items() for stem in stems.split()}


def best_cuts(page: Page, model: Model) -> list[tuple[int, float]]:
    """Find the cuts of a page and the log odds of each, given its neighbours.

    A first look at the whole page proposes cuts (the best set that leaves no part too short). Each is then
    weighed between its neighbours alone, moves to the best line between them, and the weakest is given up,
    until all that remain are likely.
    """
    known: dict[tuple[int, int], NDArray[np.float64]] = {}

    def odds(first: int, end: int) -> NDArray[np.float64]:
        if (first, end) not in known:
            known[first, end] = log_odds(page, model, first, end)
        return known[first, end]

    cuts = propose(odds(0, page.line_count))
    while cuts:
        cuts = _settle(cuts, page.line_count, odds)
        bounds = [0, *cuts, page.line_count]
        held = [float(odds(bounds[n], bounds[n + 2])[cut - bounds[n] - 1]) for n, cut in enumerate(cuts)]
        weakest = int(np.argmin(held))
        if held[weakest] >= _CUT:
            bar = np.interp(page.line_count, _GLUED_LINES, _GLUED)
            return list(zip(cuts, held, strict=True)) if max(held) >= bar else []
        del cuts[weakest]
    return []


def log_odds(page: Page, model: Model, first: int, end: int) -> NDArray[np.float64]:
    """For each line after `first` and before `end`: the log odds that an article starts there.

    Minus infinity where none can start: in a table or a list, or where the line goes on with the one above.
    """
    answers = answer(model, weigh(page, first, end))
    odds = np.where(page.forms.is_headline[first + 1 : end], answers[:, 1], answers[:, 0])
    return np.where(page.forms.can_start[first + 1 : end], odds, -np.inf)


def answer(model: Model, evidence: Floats) -> Floats:
    """The network's log odds, one row per row of evidence: for a paragraph, and for a headline."""
    inputs = np.clip((evidence - model.mean) / model.scale, -FAR, FAR)
    sums = inputs @ model.hidden + model.hidden_bias
    units = sums / (1 + np.exp(-np.clip(sums, -30, 30)))
    answers = inputs @ model.direct + units @ model.outer + model.outer_bias
    return answers.astype(np.float32)


def propose(odds: NDArray[np.float64]) -> list[int]:
    """The best set of cuts by the first look alone, no part shorter than an article can be.

    Dynamic programming over line 1, 2, …: the best sum of odds above the bar, with the last cut in its place.
    """
    gains = np.concatenate(([-np.inf], odds - _CANDIDATE))
    end = len(gains)
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * (end + 1)  # by number of lines looked at
    for n in range(1, end + 1):
        best[n] = best[n - 1]
        cut = n - 1
        if gains[cut] > 0 and _LEAST_LINES <= cut <= end - _LEAST_LINES:
            total, cuts = best[cut - _LEAST_LINES + 1]
            if total + gains[cut] > best[n][0]:
                best[n] = (total + float(gains[cut]), (*cuts, cut))
    return list(best[end][1])


def _settle(
    cuts: Sequence[int], line_count: int, odds: Callable[[int, int], NDArray[np.float64]]
) -> list[int]:
    """Move each cut to the likeliest line between its neighbours, until none moves."""
    bounds = [0, *cuts, line_count]
    for _ in range(_ROUNDS):
        before = list(bounds)
        for n in range(1, len(bounds) - 1):
            first, end = bounds[n - 1], bounds[n + 1]
            inner = odds(first, end)[_LEAST_LINES - 1 : end - first - _LEAST_LINES]
            if inner.size and inner.max() > odds(first, end)[bounds[n] - first - 1]:
                bounds[n] = first + _LEAST_LINES + int(inner.argmax())
        if bounds == before:
            break
    return bounds[1:-1]


def _repeated_heads(lines: Sequence[str]) -> list[int]:
    """Find lines that open an article by being printed again around a repeated caption.

    The line is new on the page, comes again within a few lines, at least one line between is printed twice as
    well, and prose stands before the first and after the second printing.

    Source: seeds 000 (headline, caption twice, button, headline, caption twice); a title that merely returns
    between paragraphs (seed 001) has prose between its printings and is none.
    """
    readings = [" ".join(line.casefold().split()) for line in lines]
    counts = Counter(readings)
    is_prose = [len(_WORD.findall(r)) >= _PROSE_WORDS or len(r) >= _PROSE_CHARS for r in readings]
    seen: set[str] = set()
    heads: list[int] = []
    has_prose = False  # since the start of the article
    n = 0
    while n < len(lines):
        end = _end_of_head(readings, counts, n) if (has_prose or n == 0) and readings[n] not in seen else None
        if end is not None and any(is_prose[end + 1 : end + 1 + _HEAD_REACH]):
            heads.append(n)
            seen.update(readings[n : end + 1])
            has_prose = False
            n = end + 1
            continue
        seen.add(readings[n])
        has_prose = has_prose or (is_prose[n] and counts[readings[n]] == 1)
        n += 1
    return heads


def _end_of_head(readings: Sequence[str], counts: Counter[str], first: int) -> int | None:
    """Find the line that closes a repeated head opened at `first`; None where none is opened."""
    if counts[readings[first]] < 2 or len(readings[first]) > _HEAD_CHARS:
        return None
    for last in range(first + 2, min(first + _HEAD_REACH, len(readings) - 1) + 1):
        between = readings[first + 1 : last]
        if readings[last] != readings[first]:
            continue
        is_furniture = all(counts[r] > 1 or len(_WORD.findall(r)) <= _LABEL_WORDS for r in between)
        return last if is_furniture and any(counts[r] > 1 for r in between) else None
    return None
