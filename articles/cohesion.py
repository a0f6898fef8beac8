"""What speaks for and against a new article at a line of a page: words shared across it, and the forms of lines.

Two articles share few words beyond the common ones; two halves of one article share its names and its subject.
How much is measured against chance, against the page's own habits and against how common a word is in its
language, so that nothing here is bound to one language. Words are folded as in fingerprints and cut to their
first letters, which makes one word of most inflections; a script without spaces gives pairs of characters.
Positions are line numbers of the page; evidence is one row of numbers per line asked about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from articles.fingerprints import normalise

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_STEM_CHARS = 6  # "government", "governments"; 5 joins strangers, 8 parts inflections
_ARABIC_STEM_CHARS = 5  # vowels are not written
_ARABIC_ARTICLE = re.compile(r"(?:[وفبک]?ال|لل)(?=...)")
_FIRST_SPACELESS = "\u0e00"  # Thai and above: scripts that print no spaces between words
_ARABIC_LETTERS = ("\u0600", "\u06ff")
_SHORT_STEM, _LONG_STEM = 3, 6  # in most languages short words are the common ones
_RARE = 0.05  # share of articles; a word in fewer says what an article is about

_PROSE_WORDS = 18  # from here on a line is a paragraph
_LEDE_WORDS = 15  # a lede may be one short sentence
_HEADLINE_WORDS = 22
_LEDE_REACH = 3  # standfirst, byline and date may stand between headline and lede

_ENDS_SENTENCE = re.compile(r"""(?:[.…。؟۔:;,!?]["”»')\]’]*|["”»])$""")
_ENDS_CALL = re.compile(r"[!?؟]$")  # closes sentences and headlines alike
_OPENS_QUOTE = re.compile(r"""["“„«‘'»]""")
_BULLET = re.compile(r"[-•*–—·▪►]|\d+[.)]\s|#\d")
_NUMBER = re.compile(r"\d{1,2}[.)]?\s")
_HABITS = (("'", "’"), ('"', "“", "„", "«"))  # apostrophes, quotation marks: a writer keeps to one

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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The lines of one page as numbers. `words` below are those standing in two lines or more."""

    line_count: int
    lengths: Floats  # words per line
    ends: Floats  # words up to line n, 0 first
    spread: Floats  # per word: weight by how unevenly it lies on this page
    rarity: Floats  # per word: weight by how seldom it is in its language
    is_rare: Flags
    is_name: Flags
    is_long: Flags
    is_in: Flags  # line x word
    lines_with: Floats  # lines up to n that hold the word; (line_count + 1) x word
    mass: Floats  # weighted words up to line n, by spread
    rare_mass: Floats  # and by rarity
    once_count: Floats  # words of a line that stand nowhere else
    once_name_count: Floats
    is_headline: Flags  # a short line that is no sentence
    can_start: Flags  # no table row, list item or continuation of the line before
    lede: NDArray[np.int64]  # the paragraph that an article starting here opens with
    is_prose: Flags
    opens_quote: Flags
    ends_colon: Flags
    is_numbered: Flags
    is_bullet: Flags
    habits: tuple[Floats, ...]  # per habit: uses of each mark up to line n


def read_lines(lines: Sequence[str], common: Mapping[str, float]) -> Page:
    """Turn a page into numbers.

    Args:
        lines: one paragraph-like piece each, none blank.
        common: stem to the share of articles that hold it; what is not listed counts as rare.
    """
    count = len(lines)
    stems = [stems_of(line) for line in lines]
    names = names_of(lines)
    vocabulary: dict[str, int] = {}
    where = np.array(
        [
            n * 0x1000000 + vocabulary.setdefault(w, len(vocabulary))
            for n, line in enumerate(stems)
            for w in line
        ],
        dtype=np.int64,
    )
    cells, uses = np.unique(where, return_counts=True)
    line_of, word_of = cells >> 24, cells & 0xFFFFFF
    line_counts = np.bincount(word_of, minlength=len(vocabulary))
    all_words = list(vocabulary)

    is_single = line_counts[word_of] == 1
    once_count = np.bincount(line_of[is_single], minlength=count)
    is_once_name = np.array([all_words[w] in names for w in word_of[is_single]], dtype=bool)
    once_name_count = np.bincount(line_of[is_single][is_once_name], minlength=count)

    kept = np.flatnonzero(line_counts >= 2)
    words = [all_words[w] for w in kept]
    column = np.full(len(vocabulary), -1)
    column[kept] = np.arange(len(kept))
    table = np.zeros((count, len(kept)), dtype=np.float32)
    table[line_of[~is_single], column[word_of[~is_single]]] = uses[~is_single]

    is_name = np.array([w in names for w in words], dtype=bool)
    chars = np.array([len(w) for w in words])
    is_number = np.array([w[0].isdigit() for w in words], dtype=bool)
    is_spaceless = np.array([w > _FIRST_SPACELESS for w in words], dtype=bool)
    is_short = (chars <= _SHORT_STEM) & ~is_number & ~is_spaceless
    is_long = chars >= _LONG_STEM
    share = np.array([common.get(w, 0.0) for w in words], dtype=np.float32)
    unevenness = np.maximum(np.log((count + 1) / (line_counts[kept] + 0.5)), 0)
    spread = unevenness * np.select([is_short, is_long], [0.2, 1.0], 0.6) * np.where(is_name, 1.3, 1.0)
    rarity = np.clip(-np.log(share + 0.004) / 5.5, 0, 1) * np.where(is_short & (share == 0), 0.5, 1.0)

    lengths = np.array([len(line) for line in stems], dtype=np.float32)
    is_bullet = _each(lines, lambda line: _BULLET.match(line) is not None)
    ends_colon = _each(lines, lambda line: line.rstrip().endswith((":", "،", ",")))
    goes_on = _each(lines, lambda line: line[:1].islower() or "|" in line) | is_bullet
    is_numbered = _each(lines, lambda line: _NUMBER.match(line) is not None)
    is_headline = (lengths <= _HEADLINE_WORDS) & (lengths > 0)
    is_headline &= _each(lines, lambda line: _is_open(line.rstrip()))
    goes_on[1:] |= ends_colon[:-1] | (is_numbered & is_headline)[:-1]
    return Page(
        line_count=count,
        lengths=lengths,
        ends=_running(lengths),
        spread=spread.astype(np.float32),
        rarity=rarity.astype(np.float32),
        is_rare=share < _RARE,
        is_name=is_name,
        is_long=is_long,
        is_in=table > 0,
        lines_with=_running((table > 0).astype(np.float32)),
        mass=_running(np.log1p(table) * spread.astype(np.float32)),
        rare_mass=_running(np.log1p(table) * (rarity * np.minimum(1, unevenness + 0.3)).astype(np.float32)),
        once_count=once_count.astype(np.float32),
        once_name_count=once_name_count.astype(np.float32),
        is_headline=is_headline,
        can_start=~goes_on,
        lede=_ledes(lengths),
        is_prose=lengths >= _PROSE_WORDS,
        opens_quote=_each(lines, lambda line: _OPENS_QUOTE.match(line) is not None),
        ends_colon=ends_colon,
        is_numbered=is_numbered,
        is_bullet=is_bullet,
        habits=tuple(
            _running(np.array([[line.count(mark) for mark in marks] for line in lines], dtype=np.float32))
            for marks in _HABITS
        ),
    )


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
    seen: set[str] = set()
    for line in lines:
        words = line.split()
        seen.update(words)
        for before, word in pairwise(words):
            if word[0].isupper() and (before[-1].isalpha() or before[-1] == ","):
                capital.add(word)
    small = {word for word in seen if word[0].islower()}
    return frozenset(stems_of(" ".join(sorted(capital)))) - frozenset(stems_of(" ".join(sorted(small))))


def _is_open(line: str) -> bool:
    return _ENDS_SENTENCE.search(line) is None or _ENDS_CALL.search(line) is not None


def _each(lines: Sequence[str], is_so: Callable[[str], bool]) -> Flags:
    return np.array([is_so(line) for line in lines], dtype=bool)


def _running(values: Floats) -> Floats:
    """Sums of the first 0, 1, … lines."""
    total = np.zeros((len(values) + 1, *values.shape[1:]), dtype=np.float32)
    np.cumsum(values, axis=0, out=total[1:])
    return total


def _ledes(lengths: Floats) -> NDArray[np.int64]:
    """For each line itself, or where it is short, the paragraph close below it."""
    lede = np.arange(len(lengths))
    for n in np.flatnonzero(lengths < _LEDE_WORDS):
        below = np.flatnonzero(lengths[n + 1 : n + 1 + _LEDE_REACH] >= _LEDE_WORDS)
        if below.size:
            lede[n] = n + 1 + below[0]
    return lede


def weigh(page: Page, first: int, end: int) -> NDArray[np.float64]:
    """Say for each line after `first` and before `end` what speaks for an article starting there.

    It is asked against the page from `first` up to `end` alone: the article before would start at `first`, and
    this one would reach to `end`.

    Returns:
        One row per line first + 1 … end - 1, one column per entry of EVIDENCE.
    """
    at = np.arange(first + 1, end)
    columns = {
        **_shared_words(page, first, at, end),
        **_opening(page, first, at, end),
        **_sizes(page, first, at, end),
        **_forms(page, first, at, end),
    }
    return np.stack([np.asarray(columns[name], dtype=np.float64) for name in EVIDENCE], axis=1)


def _shared_words(page: Page, first: int, at: NDArray[np.int64], end: int) -> dict[str, NDArray[np.generic]]:
    """How many words stand on both sides of a line, against chance, on the whole stretch and close by."""
    rare = page.rarity * page.is_rare
    name = page.spread * page.is_name
    long = page.spread * (page.is_long & ~page.is_name)
    columns: dict[str, NDArray[np.generic]] = {}
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


def _crossings(
    page: Page, first: NDArray[np.int64], at: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """For each line and word: does the word stand on both sides, and how likely would that be by chance?"""
    held = page.lines_with
    before, after = held[at] - held[first], held[end] - held[at]
    words_before, words_after = page.ends[at] - page.ends[first], page.ends[end] - page.ends[at]
    share = np.clip(words_before / np.maximum(words_before + words_after, 1), 0.01, 0.99)[:, None]
    lines = (before + after).astype(np.intp)
    counts = np.arange(lines.max(initial=1) + 1)
    by_count = (1 - share**counts - (1 - share) ** counts).astype(np.float32)
    by_count[:, :2] = 0  # a word in one line crosses nothing
    chance = np.take_along_axis(by_count, lines, axis=1)
    return ((before > 0) & (after > 0)).astype(np.float32), chance


def _likeness(
    mass: Floats, first: int, at: NDArray[np.int64], end: int, reach: int | None, *, damp: bool = False
) -> Floats:
    """Cosine of the words on both sides; a constant in the divisor makes short sides look less alike."""
    far = end - first if reach is None else reach
    before = mass[at] - mass[np.maximum(first, at - far)]
    after = mass[np.minimum(end, at + far)] - mass[at]
    if damp:
        before, after = np.sqrt(before), np.sqrt(after)
    size = np.sqrt((before**2).sum(1) * (after**2).sum(1))
    return (before * after).sum(1) / (size + 3)


def _opening(page: Page, first: int, at: NDArray[np.int64], end: int) -> dict[str, NDArray[np.generic]]:
    """Whether the lede brings what the lines below it go on with, or goes on with what stood before.

    Articles introduce their people and places in the lede; a paragraph in their midst takes them up again.
    """
    held = page.lines_with
    lede = np.minimum(page.lede[at], end - 1)
    below = np.minimum(lede + 1, end)
    is_known = held[at] > held[first]
    is_known_near = held[at] > held[np.maximum(first, at - 6)]
    goes_on = held[end] > held[below]
    goes_on_near = held[np.minimum(end, lede + 7)] > held[below]

    once_weight = 0.7 * np.log(page.line_count + 1)
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


def _sizes(page: Page, first: int, at: NDArray[np.int64], end: int) -> dict[str, NDArray[np.generic]]:
    """How much stands on either side: a part of two lines is seldom an article."""
    return {
        "words_before": np.log1p(page.ends[at] - page.ends[first]),
        "words_after": np.log1p(page.ends[end] - page.ends[at]),
        "lines_before": np.minimum(at - first, 8),
        "lines_after": np.minimum(end - at, 8),
        "page_lines": np.full(len(at), np.log(page.line_count)),
    }


def _forms(page: Page, first: int, at: NDArray[np.int64], end: int) -> dict[str, NDArray[np.generic]]:
    """What the lines look like: lengths, quotes, lists, headlines, and the typist's habits on either side."""
    lengths = np.log1p(page.lengths)
    after = np.minimum(at + 1, page.line_count - 1)
    lede = np.minimum(page.lede[at], end - 1)
    columns: dict[str, NDArray[np.generic]] = {
        "length": lengths[at],
        "length_of_lede": lengths[lede],
        "length_after": lengths[after],
        "length_before": lengths[at - 1],
        "length_to_median": lengths[at] - np.log1p(np.median(page.lengths)),
        "opens_quote": page.opens_quote[at],
        "lede_opens_quote": page.opens_quote[lede],
        "ends_colon": page.ends_colon[at],
        "is_numbered": page.is_numbered[at],
        "is_numbered_before": page.is_numbered[at - 1],
        "is_bullet_before": page.is_bullet[at - 1],
        "is_headline_before": page.is_headline[at - 1],
        "is_headline_after": page.is_headline[after],
        "is_prose_before": page.is_prose[at - 1],
        "page_opens_with_headline": np.full(len(at), page.is_headline[0]),
        "headline_share": np.full(len(at), page.is_headline.mean()),
    }
    for name, uses in zip(("apostrophes", "quotation_marks"), page.habits, strict=True):
        before, behind = uses[at] - uses[first], uses[end] - uses[at]
        total_before, total_behind = before.sum(1, keepdims=True), behind.sum(1, keepdims=True)
        differ = (
            np.abs(before / np.maximum(total_before, 1) - behind / np.maximum(total_behind, 1)).sum(1) / 2
        )
        certain = np.minimum(1, np.minimum(total_before, total_behind)[:, 0] / 3)
        columns[f"{name}_differ"] = differ * certain
    return columns
