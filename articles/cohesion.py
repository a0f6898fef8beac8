"""What speaks for and against a new article at a line of a page: words shared across it, and roles of lines.

Two articles share few words beyond the common ones; two halves of one article share its names and its subject.
How much is measured against chance, against the page's own habits and against how common a word is in its
language, so that nothing here is bound to one language. Words are folded as in fingerprints and cut to their
first letters, which makes one word of most inflections; a script without spaces gives pairs of characters.
Ledes, last lines and headlines use other words than the lines between them; that is known of some languages only.
Positions are line numbers of the page; evidence is one row of numbers per line asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from articles.fingerprints import normalise
from articles.lineforms import (
    HEADLINE_WORDS,
    Columns,
    Flags,
    Floats,
    Forms,
    Lines,
    read_forms,
    running,
    weigh_forms,
)

_STEM_CHARS = 6  # "government", "governments"; 5 joins strangers, 8 parts inflections
_ARABIC_STEM_CHARS = 5  # vowels are not written
_ARABIC_ARTICLE = re.compile(r"(?:[وفبک]?ال|لل)(?=...)")
_FIRST_SPACELESS = "\u0e00"  # Thai and above: scripts that print no spaces between words
_ARABIC_LETTERS = ("\u0600", "\u06ff")
_SHORT_STEM, _LONG_STEM = 3, 6  # in most languages short words are the common ones
_RARE = 0.05  # share of articles; a word in fewer says what an article is about
_COMMON = 0.12  # a word in more is a matter of style
_HEAD_CONTENT = 12  # so many words of a headline are counted at most

# An article's words are taken as drawn from a Dirichlet-multinomial, in which a word weighs by how common it is. The
# constants are plain ones, not searched for: an unlisted word in two lines speaks seven times as strongly against a
# cut as one that stands in half of all articles.
_WEIGHT, _UNLISTED, _MASS = 2.0, 0.003, 120.0
_CALM = 20  # words; short sides gain less by chance

Role = tuple[float, float, float]  # log odds to stand in a lede, a last line, a headline

# The columns of `weigh`, in order; the trained weights in rules/split.toml are kept under these names.
EVIDENCE = (
    "shared_rare",
    "surprise_rare",
    "expected_rare",
    "shared_name",
    "surprise_name",
    "expected_name",
    "shared_long",
    "surprise_long",
    "expected_long",
    "shared_any",
    "surprise_any",
    "expected_any",
    "near_shared_rare",
    "surprise_9",
    "surprise_4",
    "likeness_1",
    "likeness_8",
    "likeness_all",
    "rare_likeness_2",
    "rare_likeness_4",
    "rare_likeness_8",
    "rare_likeness_all",
    "lede_known",
    "lede_known_names",
    "lede_new",
    "lede_new_names",
    "lede_goes_on",
    "lede_names_once",
    "following_known",
    "following_known_near",
    "following_from_lede",
    "head_known",
    "head_goes_on",
    "head_new",
    "last_goes_on",
    "last_known",
    "words_before",
    "words_after",
    "lines_before",
    "lines_after",
    "page_lines",
    "length",
    "length_of_lede",
    "length_after",
    "length_before",
    "length_to_median",
    "opens_quote",
    "lede_opens_quote",
    "ends_colon",
    "is_numbered",
    "is_numbered_before",
    "is_bullet_before",
    "is_headline_before",
    "is_headline_after",
    "is_prose_before",
    "page_opens_with_headline",
    "headline_share",
    "apostrophes_differ",
    "quotation_marks_differ",
    "gain",
    "gain_of_words",
    "gain_total",
    "gain_to_best",
    "gain_12",
    "gain_of_words_12",
    "gain_to_near_12",
    "gain_5",
    "gain_of_words_5",
    "gain_to_near_5",
    "common_words_differ",
    "opening_role",
    "opening_role_of_lede",
    "opening_role_after",
    "opening_role_before",
    "closing_role",
    "closing_role_before",
    "closing_role_before_2",
    "headline_role",
    "head_in_next",
    "head_in_last",
    "head_content",
    "head_content_in_next",
    "is_title_case",
    "title_case_to_left",
    "title_case_to_right",
    "title_case_differs",
    "title_case_to_first",
    "is_upper",
    "is_question",
    "is_question_before",
    "has_colon",
    "has_digit",
    "headlines_before",
    "headlines_after",
    "headlines_close_before",
    "headlines_close_after",
    "is_headline_after_2",
    "is_prose_after",
    "is_prose_after_2",
    "is_bullet_after",
    "is_bullet_before_2",
    "length_before_2",
    "length_after_2",
    "numbers_differ",
    "quotes_differ",
    "sentences_differ",
    "prose_differs",
    "headlines_differ",
    "bullets_differ",
    "paragraph_lengths_differ",
    "is_headline",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What is known of words before a page is seen, by stem."""

    common: Mapping[str, float]  # share of articles that hold it; what is not listed counts as rare
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Which words stand in which lines. Columns are the words that stand in two lines or more."""

    lines: tuple[list[str], ...]  # each line's stems, in order
    shared: list[str]  # the stem of each column
    share: Floats  # of articles that hold it
    table: Floats  # line x word: uses
    lines_with: Floats  # lines up to n that hold the word; (lines + 1) x word
    log_rise: Floats  # count x word: log of the product of (weight + 0 … count - 1)
    distinct: Floats  # words up to line n, each once a line
    once: list[tuple[int, str]]  # line and stem of the words that stand nowhere else


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The lines of one page as numbers."""

    words: Words
    forms: Forms
    spread: Floats  # per word: weight by how unevenly it lies on this page
    rarity: Floats  # per word: weight by how seldom it is in its language
    is_rare: Flags
    is_name: Flags
    is_long: Flags
    is_in: Flags  # line x word
    mass: Floats  # weighted words up to line n, by spread
    rare_mass: Floats  # and by rarity
    style: Floats  # uses of each common word up to line n; (lines + 1) x common word
    once_count: Floats  # words of a line that stand nowhere else
    once_name_count: Floats
    roles: Floats  # line x role: how much its words are those of a lede, a last line, a headline
    heads: Floats  # of a short line: words that are not common, shares of them just below and just above

    @property
    def line_count(self) -> int:
        """How many lines the page has."""
        return self.forms.line_count


def read_words(lines: Sequence[str], known: Vocabulary) -> Words:
    """Find the words that lines of a page share."""
    stems = tuple(stems_of(line) for line in lines)
    vocabulary: dict[str, int] = {}
    where = np.array(
        [
            n << 24 | vocabulary.setdefault(word, len(vocabulary))
            for n, line in enumerate(stems)
            for word in line
        ],
        dtype=np.int64,
    )
    cells, uses = np.unique(where, return_counts=True)
    line_of, word_of = cells >> 24, cells & 0xFFFFFF
    line_counts = np.bincount(word_of, minlength=len(vocabulary))
    all_words = list(vocabulary)

    kept = np.flatnonzero(line_counts >= 2)
    shared = [all_words[word] for word in kept]
    column = np.full(len(vocabulary), -1)
    column[kept] = np.arange(len(kept))
    is_once = line_counts[word_of] == 1
    table = np.zeros((len(lines), len(kept)), dtype=np.float32)
    table[line_of[~is_once], column[word_of[~is_once]]] = uses[~is_once]
    share = np.array([known.common.get(word, 0.0) for word in shared], dtype=np.float32)
    weights = _WEIGHT * (share + _UNLISTED)
    most = int(line_counts[kept].max(initial=0))
    return Words(
        lines=stems,
        shared=shared,
        share=share,
        table=table,
        lines_with=running((table > 0).astype(np.float32)),
        log_rise=running(np.log(weights + np.arange(most, dtype=np.float32)[:, None])),
        distinct=running(np.bincount(line_of, minlength=len(lines)).astype(np.float32)),
        once=[
            (line, all_words[word])
            for line, word in zip(line_of[is_once].tolist(), word_of[is_once].tolist(), strict=True)
        ],
    )


def measure_page(lines: Sequence[str], words: Words, known: Vocabulary) -> Page:
    """Turn a page into numbers.

    Args:
        lines: one paragraph-like piece each, none blank.
        words: those of the lines.
        known: how common words are, and in what lines they stand.
    """
    names = names_of(lines)
    table, share = words.table, words.share
    is_name = np.array([word in names for word in words.shared], dtype=bool)
    chars = np.array([len(word) for word in words.shared])
    is_number = np.array([word[0].isdigit() for word in words.shared], dtype=bool)
    is_spaceless = np.array([word > _FIRST_SPACELESS for word in words.shared], dtype=bool)
    is_short = (chars <= _SHORT_STEM) & ~is_number & ~is_spaceless
    is_long = chars >= _LONG_STEM
    unevenness = np.maximum(np.log((len(lines) + 1) / (words.lines_with[-1] + 0.5)), 0)
    spread = unevenness * np.select([is_short, is_long], [0.2, 1.0], 0.6) * np.where(is_name, 1.3, 1.0)
    rarity = np.clip(-np.log(share + 0.004) / 5.5, 0, 1) * np.where(is_short & (share == 0), 0.5, 1.0)
    once = [line for line, _ in words.once]
    once_names = [line for line, word in words.once if word in names]
    return Page(
        words=words,
        forms=read_forms(lines, np.array([len(line) for line in words.lines], dtype=np.float32)),
        spread=spread.astype(np.float32),
        rarity=rarity.astype(np.float32),
        is_rare=share < _RARE,
        is_name=is_name,
        is_long=is_long,
        is_in=table > 0,
        mass=running(np.log1p(table) * spread.astype(np.float32)),
        rare_mass=running(np.log1p(table) * (rarity * np.minimum(1, unevenness + 0.3)).astype(np.float32)),
        style=running(table[:, share >= _COMMON]),
        once_count=_count_lines(once, len(lines)),
        once_name_count=_count_lines(once_names, len(lines)),
        roles=np.array([role_of(line, known.roles) for line in words.lines], dtype=np.float32),
        heads=_heads(words.lines, known.common),
    )


def _count_lines(lines: Sequence[int], count: int) -> Floats:
    return np.bincount(np.array(lines, dtype=np.int64), minlength=count).astype(np.float32)


def role_of(stems: Sequence[str], roles: Mapping[str, Role]) -> Role:
    """How much a line's words are those of a lede, a last line, a headline."""
    opens = closes = heads = 0.0
    for stem in set(stems):
        if (known := roles.get(stem)) is not None:
            opens, closes, heads = opens + known[0], closes + known[1], heads + known[2]
    return opens, closes, heads


def _heads(stems: Sequence[Sequence[str]], common: Mapping[str, float]) -> Floats:
    """Per short line: its words that are not common, and the shares of them just below and just above."""
    table = np.zeros((len(stems), 3), dtype=np.float32)
    for n, line in enumerate(stems):
        if 0 < len(line) <= HEADLINE_WORDS:
            content = {word for word in line if common.get(word, 0) < _COMMON} or set(line)
            below, above = set().union(*stems[n + 1 : n + 4]), set().union(*stems[max(0, n - 5) : n])
            size = len(content)
            table[n] = (min(size, _HEAD_CONTENT), len(content & below) / size, len(content & above) / size)
    return table


def stems_of(line: str) -> list[str]:
    """The words of a line, folded and cut to what inflections share; single letters are left out."""
    words = normalise(line).split()
    stems = [_stem(word) for word in words if len(word) > 1]
    characters = [word for word in words if len(word) == 1 and word > _FIRST_SPACELESS]
    return stems + [one + other for one, other in pairwise(characters)]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if _ARABIC_LETTERS[0] <= word[0] <= _ARABIC_LETTERS[1]:
        return _ARABIC_ARTICLE.sub("", word, count=1)[:_ARABIC_STEM_CHARS]
    return word[:_STEM_CHARS]


def names_of(lines: Sequence[str]) -> frozenset[str]:
    """Stems that are written with a capital inside sentences and never without; none in scripts without case."""
    capital: set[str] = set()
    small: set[str] = set()
    for line in lines:
        words = line.split()
        small.update([word for word in words if word[0].islower()])
        capital.update(
            [
                word
                for before, word in pairwise(words)
                if word[0].isupper() and (before[-1].isalpha() or before[-1] == ",")
            ]
        )
    if not capital:
        return frozenset()
    return frozenset(stems_of(" ".join(sorted(capital)))) - frozenset(stems_of(" ".join(sorted(small))))


def most_gained(words: Words) -> float:
    """The most that one cut gains on the page, see `_gains`; minus infinity on a page of one line."""
    at = np.arange(1, len(words.lines))
    _, total, least = _gain(words, np.zeros_like(at), at, np.full_like(at, len(words.lines)))
    return float((total / np.sqrt(least + _CALM)).max(initial=-np.inf))


def weigh(page: Page, first: int, end: int) -> Floats:
    """Say for each line after `first` and before `end` what speaks for an article starting there.

    It is asked against the page from `first` up to `end` alone: the article before would start at `first`, and
    this one would reach to `end`.

    Returns:
        One row per line first + 1 … end - 1, one column per entry of EVIDENCE.
    """
    at = np.arange(first + 1, end)
    columns = {
        **_shared_words(page, first, at, end),
        **_gains(page.words, first, at, end),
        **_opening(page, first, at, end),
        **_roles(page, first, at, end),
        **_style(page, first, at, end),
        **weigh_forms(page.forms, first, at, end),
    }
    return np.stack([np.asarray(columns[name], dtype=np.float32) for name in EVIDENCE], axis=1)


def _shared_words(page: Page, first: int, at: Lines, end: int) -> Columns:
    """How many words stand on both sides of a line, against chance, on the whole stretch and close by."""
    rare = page.rarity * page.is_rare
    name = page.spread * page.is_name
    long = page.spread * (page.is_long & ~page.is_name)
    columns: Columns = {}
    left, chance = _crossings(page, np.full_like(at, first), at, np.full_like(at, end))
    for kind, weight in (("rare", rare), ("name", name), ("long", long), ("any", page.spread)):
        found, expected, spread = left @ weight, chance @ weight, (chance * (1 - chance)) @ weight**2
        columns[f"shared_{kind}"] = (found + 1) / (expected + 1)
        columns[f"surprise_{kind}"] = (found - expected) / np.sqrt(spread + 1)
        columns[f"expected_{kind}"] = np.log1p(expected)
    near = _crossings(page, np.maximum(first, at - 9), at, np.minimum(end, at + 9))
    columns["near_shared_rare"] = (near[0] @ rare + 1) / (near[1] @ rare + 1)
    for reach, (both, chance) in (
        (9, near),
        (4, _crossings(page, np.maximum(first, at - 4), at, np.minimum(end, at + 4))),
    ):
        spread = (chance * (1 - chance)) @ page.spread**2
        columns[f"surprise_{reach}"] = (both @ page.spread - chance @ page.spread) / np.sqrt(spread + 1)
    for reach in (1, 8, None):
        columns[f"likeness_{reach or 'all'}"] = _likeness(page.mass, first, at, end, reach)
    for reach in (2, 4, 8, None):
        columns[f"rare_likeness_{reach or 'all'}"] = _likeness(
            page.rare_mass, first, at, end, reach, damp=True
        )
    return columns


def _gains(words: Words, first: int, at: Lines, end: int) -> Columns:
    """How much likelier the words are when each side draws its own than when one source draws all of them.

    Source: Eisenstein and Barzilay, Bayesian unsupervised topic segmentation (2008), with a word in a line
    counted once.
    """
    columns: Columns = {}
    for reach in (None, 12, 5):
        start = np.full_like(at, first) if reach is None else np.maximum(first, at - reach)
        stop = np.full_like(at, end) if reach is None else np.minimum(end, at + reach)
        of_words, total, least = _gain(words, start, at, stop)
        size = np.sqrt(least + _CALM)
        suffix = "" if reach is None else f"_{reach}"
        columns[f"gain{suffix}"] = total / size
        columns[f"gain_of_words{suffix}"] = of_words / size
        if reach is None:
            columns["gain_total"] = np.arcsinh(total / 20)
            columns["gain_to_best"] = (total - total.max(initial=-np.inf)) / 20
            continue
        padded = np.pad(total, 3, constant_values=-1e9)
        near = np.max([padded[n : n + len(at)] for n in range(7) if n != 3], axis=0)
        columns[f"gain_to_near{suffix}"] = np.clip((total - near) / 20, -3, 3)
    return columns


def _gain(words: Words, start: Lines, at: Lines, stop: Lines) -> tuple[Floats, Floats, Floats]:
    """Log likelihood gained by a cut: by words on both sides, in all, and the words of the smaller side."""
    before = (words.lines_with[at] - words.lines_with[start]).astype(np.intp)
    after = (words.lines_with[stop] - words.lines_with[at]).astype(np.intp)
    word = np.arange(words.lines_with.shape[1])
    of_words = (
        words.log_rise[before, word] + words.log_rise[after, word] - words.log_rise[before + after, word]
    )
    rise = running(np.log(_MASS + np.arange(int(words.distinct[-1]) + 1, dtype=np.float32)))
    size_before = (words.distinct[at] - words.distinct[start]).astype(np.intp)
    size_after = (words.distinct[stop] - words.distinct[at]).astype(np.intp)
    of_words = of_words.sum(1)
    total = of_words - rise[size_before] - rise[size_after] + rise[size_before + size_after]
    return of_words, total, np.minimum(size_before, size_after).astype(np.float32)


def _crossings(page: Page, first: Lines, at: Lines, end: Lines) -> tuple[Floats, Floats]:
    """For each line and word: does the word stand on both sides, and how likely would that be by chance?"""
    held = page.words.lines_with
    before, after = held[at] - held[first], held[end] - held[at]
    words_before, words_after = (
        page.forms.totals["words"][at] - page.forms.totals["words"][first],
        page.forms.totals["words"][end] - page.forms.totals["words"][at],
    )
    share = np.clip(words_before / np.maximum(words_before + words_after, 1), 0.01, 0.99)[:, None]
    lines = (before + after).astype(np.intp)
    counts = np.arange(lines.max(initial=1) + 1)
    by_count = (1 - share**counts - (1 - share) ** counts).astype(np.float32)
    by_count[:, :2] = 0  # a word in one line crosses nothing
    chance = np.take_along_axis(by_count, lines, axis=1)
    return ((before > 0) & (after > 0)).astype(np.float32), chance


def _likeness(
    mass: Floats, first: int, at: Lines, end: int, reach: int | None, *, damp: bool = False
) -> Floats:
    """Cosine of the words on both sides; a constant in the divisor makes short sides look less alike."""
    far = end - first if reach is None else reach
    before = mass[at] - mass[np.maximum(first, at - far)]
    after = mass[np.minimum(end, at + far)] - mass[at]
    if damp:
        before, after = np.sqrt(before), np.sqrt(after)
    size = np.sqrt((before**2).sum(1) * (after**2).sum(1))
    return (before * after).sum(1) / (size + 3)


def _opening(page: Page, first: int, at: Lines, end: int) -> Columns:
    """Whether the lede brings what the lines below it go on with, or goes on with what stood before.

    Articles introduce their people and places in the lede; a paragraph in their midst takes them up again.
    """
    held = page.words.lines_with
    lede = np.minimum(page.forms.lede[at], end - 1)
    below = np.minimum(lede + 1, end)
    is_known = held[at] > held[first]
    is_known_near = held[at] > held[np.maximum(first, at - 6)]
    goes_on = held[end] > held[below]
    goes_on_near = held[np.minimum(end, lede + 7)] > held[below]

    once_weight = 0.7 * np.log(page.forms.line_count + 1)
    opening = page.is_in[lede] * page.spread
    opening_mass = opening.sum(1) + once_weight * page.once_count[lede] + 1
    names = opening * page.is_name
    following = page.mass[np.minimum(lede + 4, end)] - page.mass[below]
    following_mass = following.sum(1) + 1
    head = page.is_in[at] * page.spread
    head_mass = head.sum(1) + once_weight * page.once_count[at] + 1
    goes_on_below_head = held[end] > held[np.minimum(at + 1, end)]
    last = page.mass[at] - page.mass[at - 1]
    last_mass = last.sum(1) + 1
    return {
        "lede_known": (opening * is_known).sum(1) / opening_mass,
        "lede_known_names": (names * is_known).sum(1),
        "lede_new": (opening * (goes_on & ~is_known)).sum(1) / opening_mass,
        "lede_new_names": (names * (goes_on & ~is_known)).sum(1),
        "lede_goes_on": (opening * goes_on_near).sum(1) / opening_mass,
        "lede_names_once": page.once_name_count[lede],
        "following_known": (following * is_known).sum(1) / following_mass,
        "following_known_near": (following * is_known_near).sum(1) / following_mass,
        "following_from_lede": (following * (page.is_in[lede] & ~is_known)).sum(1) / following_mass,
        "head_known": (head * is_known).sum(1) / head_mass,
        "head_goes_on": (head * goes_on_below_head).sum(1) / head_mass,
        "head_new": (head * (goes_on_below_head & ~is_known)).sum(1) / head_mass,
        "last_goes_on": (last * (held[end] > held[at])).sum(1) / last_mass,
        "last_known": (last * (held[at - 1] > held[first])).sum(1) / last_mass,
    }


def _roles(page: Page, first: int, at: Lines, end: int) -> Columns:
    """Whether the words at a line and around it are those of ledes, of last lines and of headlines; whether a headline is
    about what stands below it."""
    opening, closing, headline = page.roles.T
    content, in_next, in_last = page.heads.T
    lede = np.minimum(page.forms.lede[at], end - 1)
    return {
        "opening_role": opening[at],
        "opening_role_of_lede": opening[lede],
        "opening_role_after": opening[np.minimum(lede + 1, end - 1)],
        "opening_role_before": opening[at - 1],
        "closing_role": closing[at],
        "closing_role_before": closing[at - 1],
        "closing_role_before_2": closing[np.maximum(at - 2, first)],
        "headline_role": headline[at] * page.forms.is_headline[at],
        "head_content": content[at],
        "head_in_next": in_next[at],
        "head_in_last": in_last[at],
        "head_content_in_next": content[at] * in_next[at],
    }


def _style(page: Page, first: int, at: Lines, end: int) -> Columns:
    """How far the two sides differ in their common words, against chance."""
    words = page.forms.totals["words"]
    size_before = np.maximum(words[at] - words[first], 1)[:, None]
    size_behind = np.maximum(words[end] - words[at], 1)[:, None]
    before, behind = page.style[at] - page.style[first], page.style[end] - page.style[at]
    rate = (before + behind) / (size_before + size_behind)
    variance = rate * (1 - rate) * (1 / size_before + 1 / size_behind) + 1e-9
    squares = ((before / size_before - behind / size_behind) ** 2 / variance).sum(1)
    freedom = max(1, page.style.shape[1])
    return {"common_words_differ": (squares - freedom) / np.sqrt(2 * freedom)}
