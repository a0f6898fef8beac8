"""What the lines of a page look like: lengths, headlines, lists, quotes, and the habits that a writer keeps to.

Articles open with a headline or a lede, and each is typed in its own way: what they quote with, how long their
paragraphs are, whether their headlines open every word with a capital. Nothing here asks what the words mean.
Positions are line numbers of the page; lengths are in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Lines = NDArray[np.int64]
Columns = dict[str, NDArray[np.generic]]

HEADLINE_WORDS = 22
_PROSE_WORDS = 18  # from here on a line is a paragraph
_LEDE_WORDS = 15  # a lede may be one short sentence
_LEDE_REACH = 3  # standfirst, byline and date may stand between headline and lede
_LENGTH_VARIANCE = 0.35  # of the logarithms of an article's paragraph lengths

_ENDS_SENTENCE = re.compile(r"""(?:[.…。؟۔:;,!?]["”»')\]’*]*|["”»])$""")
_ENDS_CALL = re.compile(r"[!?؟]$")  # closes sentences and headlines alike
_OPENS_QUOTE = re.compile(r"""["“„«‘'»]""")
_BULLET = re.compile(r"[-•*–—·▪►]|\d+[.)]\s|#\d")
_NUMBER = re.compile(r"\d{1,2}[.)]?\s")
_DIGITS = re.compile(r"\d+")
_STOP = re.compile(r"[.!?…。؟۔](?:\s|$)")
_MARKS = (("'", "’"), ('"', "“", "„", "«"))  # apostrophes, quotation marks: a writer keeps to one


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """How each line of a page is typed."""

    line_count: int
    lengths: Floats
    is_headline: Flags  # a short line that is no sentence
    can_start: Flags  # no table row, list item or continuation of the line before
    lede: Lines  # the paragraph that an article starting here opens with
    is_prose: Flags
    opens_quote: Flags
    ends_colon: Flags
    is_numbered: Flags
    is_bullet: Flags
    is_upper: Flags
    is_question: Flags
    has_colon: Flags
    has_digit: Flags
    title_case: Floats  # share of a headline's longer words that open with a capital
    marks: tuple[Floats, ...]  # apostrophes, quotation marks: uses of each form up to line n, 0 first
    totals: Mapping[str, Floats]  # of things counted in lines, up to line n


def read_forms(lines: Sequence[str], lengths: Floats) -> Forms:
    """Look at each line of a page; none is blank."""
    is_bullet = _each(lines, lambda line: _BULLET.match(line) is not None)
    ends_colon = _each(lines, lambda line: line.rstrip().endswith((":", "،", ",")))
    is_numbered = _each(lines, lambda line: _NUMBER.match(line) is not None)
    is_headline = (lengths <= HEADLINE_WORDS) & (lengths > 0)
    is_headline &= _each(lines, lambda line: _is_open(line.rstrip()))
    goes_on = _each(lines, lambda line: line[:1].islower() or "|" in line) | is_bullet
    goes_on[1:] |= ends_colon[:-1] | (is_numbered & is_headline)[:-1]
    is_prose = lengths >= _PROSE_WORDS
    title_case = np.array(
        [_title_case(line) if is_head else 0.5 for line, is_head in zip(lines, is_headline, strict=True)],
        dtype=np.float32,
    )
    numbers = np.array([len(_DIGITS.findall(line)) for line in lines])
    counted = {
        "words": lengths,
        "numbers": numbers,
        "quotes": np.array([sum(map(line.count, _MARKS[1])) for line in lines]),
        "sentences": np.array([max(1, len(_STOP.findall(line))) for line in lines]),
        "lines": np.ones(len(lines)),
        "prose": is_prose,
        "prose_lengths": np.where(is_prose, np.log1p(lengths), 0),
        "headlines": is_headline,
        "title_case": title_case * is_headline,
        "bullets": is_bullet,
    }
    return Forms(
        line_count=len(lines),
        lengths=lengths,
        is_headline=is_headline,
        can_start=~goes_on,
        lede=_ledes(lengths),
        is_prose=is_prose,
        opens_quote=_each(lines, lambda line: _OPENS_QUOTE.match(line) is not None),
        ends_colon=ends_colon,
        is_numbered=is_numbered,
        is_bullet=is_bullet,
        is_upper=_each(lines, str.isupper),
        is_question=_each(lines, lambda line: line.endswith(("?", "؟"))),
        has_colon=_each(lines, lambda line: ":" in line[:-1]),
        has_digit=numbers > 0,
        title_case=title_case,
        marks=tuple(
            running(np.array([[line.count(mark) for mark in marks] for line in lines], dtype=np.float32))
            for marks in _MARKS
        ),
        totals={name: running(values.astype(np.float32)) for name, values in counted.items()},
    )


def _is_open(line: str) -> bool:
    return _ENDS_SENTENCE.search(line) is None or _ENDS_CALL.search(line) is not None


def _each(lines: Sequence[str], is_so: Callable[[str], bool]) -> Flags:
    return np.array([is_so(line) for line in lines], dtype=bool)


def _title_case(line: str) -> float:
    longer = [word for word in line.split()[1:] if len(word) > 3 and word[0].isalpha()]
    return sum(word[0].isupper() for word in longer) / len(longer) if longer else 0.5


def running(values: Floats) -> Floats:
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


def weigh_forms(forms: Forms, first: int, at: Lines, end: int) -> Columns:
    """What the forms of the lines from `first` up to `end` say of an article starting at each of `at`."""
    return {
        **_sizes(forms, first, at, end),
        **_lines(forms, first, at, end),
        **_headlines(forms, first, at, end),
        **_habits(forms, first, at, end),
    }


def _sizes(forms: Forms, first: int, at: Lines, end: int) -> Columns:
    """How much stands on either side: a part of two lines is seldom an article."""
    return {
        "words_before": np.log1p(forms.totals["words"][at] - forms.totals["words"][first]),
        "words_after": np.log1p(forms.totals["words"][end] - forms.totals["words"][at]),
        "lines_before": np.minimum(at - first, 8),
        "lines_after": np.minimum(end - at, 8),
        "page_lines": np.full(len(at), np.log(forms.line_count)),
    }


def _lines(forms: Forms, first: int, at: Lines, end: int) -> Columns:
    """What the lines look like: lengths, quotes, lists, headlines, and the typist's habits on either side."""
    lengths = np.log1p(forms.lengths)
    after, after_2 = (np.minimum(at + n, forms.line_count - 1) for n in (1, 2))
    before_2 = np.maximum(at - 2, first)
    lede = np.minimum(forms.lede[at], end - 1)
    return {
        "length": lengths[at],
        "length_of_lede": lengths[lede],
        "length_after": lengths[after],
        "length_before": lengths[at - 1],
        "length_to_median": lengths[at] - np.log1p(np.median(forms.lengths)),
        "opens_quote": forms.opens_quote[at],
        "lede_opens_quote": forms.opens_quote[lede],
        "ends_colon": forms.ends_colon[at],
        "is_numbered": forms.is_numbered[at],
        "is_numbered_before": forms.is_numbered[at - 1],
        "is_bullet_before": forms.is_bullet[at - 1],
        "is_headline_before": forms.is_headline[at - 1],
        "is_headline_after": forms.is_headline[after],
        "is_prose_before": forms.is_prose[at - 1],
        "page_opens_with_headline": np.full(len(at), forms.is_headline[0]),
        "headline_share": np.full(len(at), forms.is_headline.mean()),
        "is_headline": forms.is_headline[at],
        "is_question": forms.is_question[at],
        "is_question_before": forms.is_question[at - 1],
        "has_colon": forms.has_colon[at],
        "has_digit": forms.has_digit[at],
        "is_upper": forms.is_upper[at],
        "is_headline_after_2": forms.is_headline[after_2],
        "is_prose_after": forms.is_prose[after],
        "is_prose_after_2": forms.is_prose[after_2],
        "is_bullet_after": forms.is_bullet[after] | forms.is_bullet[after_2],
        "is_bullet_before_2": forms.is_bullet[before_2],
        "length_before_2": lengths[before_2],
        "length_after_2": lengths[after_2],
    }


def _headlines(forms: Forms, first: int, at: Lines, end: int) -> Columns:
    """Whether a headline is one of the page's articles or a subhead: how it is typed, and how many there are."""
    count, title_case = forms.totals["headlines"], forms.totals["title_case"]
    below = np.minimum(at + 1, end)
    before, after = count[at] - count[first], count[end] - count[below]
    case_before = (title_case[at] - title_case[first]) / np.maximum(before, 1)
    case_after = (title_case[end] - title_case[below]) / np.maximum(after, 1)
    case = forms.title_case[at]
    return {
        "is_title_case": case,
        "title_case_to_left": (case - case_before) * (before > 0),
        "title_case_to_right": (case - case_after) * (after > 0),
        "title_case_differs": np.abs(case_before - case_after) * ((before > 0) & (after > 0)),
        "title_case_to_first": np.abs(case - forms.title_case[first]) * forms.is_headline[first],
        "headlines_before": np.log1p(before),
        "headlines_after": np.log1p(after),
        "headlines_close_before": count[at] - count[np.maximum(first, at - 5)],
        "headlines_close_after": count[np.minimum(end, at + 6)] - count[below],
    }


def _habits(forms: Forms, first: int, at: Lines, end: int) -> Columns:
    """How far the two sides differ in what writers keep to: marks, figures, quotes, lists, lengths."""
    columns: Columns = {}
    for name, uses in zip(("apostrophes", "quotation_marks"), forms.marks, strict=True):
        before, behind = uses[at] - uses[first], uses[end] - uses[at]
        total_before, total_behind = before.sum(1, keepdims=True), behind.sum(1, keepdims=True)
        differ = (
            np.abs(before / np.maximum(total_before, 1) - behind / np.maximum(total_behind, 1)).sum(1) / 2
        )
        certain = np.minimum(1, np.minimum(total_before, total_behind)[:, 0] / 3)
        columns[f"{name}_differ"] = differ * certain
    for name, things, among in (
        ("numbers_differ", "numbers", "words"),
        ("quotes_differ", "quotes", "words"),
        ("sentences_differ", "sentences", "words"),
        ("prose_differs", "prose", "lines"),
        ("headlines_differ", "headlines", "lines"),
        ("bullets_differ", "bullets", "lines"),
    ):
        total, size = forms.totals[things], forms.totals[among]
        before, behind = total[at] - total[first], total[end] - total[at]
        size_before = np.maximum(size[at] - size[first], 1)
        size_behind = np.maximum(size[end] - size[at], 1)
        rate = (before + behind + 0.5) / (size_before + size_behind + 1)
        error = np.sqrt(rate * (1 / size_before + 1 / size_behind))
        columns[name] = np.minimum(np.abs(behind / size_behind - before / size_before) / error, 10)

    prose, lengths = forms.totals["prose"], forms.totals["prose_lengths"]
    before, behind = prose[at] - prose[first], prose[end] - prose[at]
    some_before, some_behind = np.maximum(before, 1), np.maximum(behind, 1)
    means = (lengths[at] - lengths[first]) / some_before, (lengths[end] - lengths[at]) / some_behind
    error = np.sqrt(_LENGTH_VARIANCE * (1 / some_before + 1 / some_behind))
    columns["paragraph_lengths_differ"] = np.abs(means[1] - means[0]) / error * ((before > 0) & (behind > 0))
    return columns
