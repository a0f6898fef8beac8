"""Two texts side by side: what of the one stands in the other, what was cut, added, changed or moved.

Words are compared as `fingerprints` folds them, so that quotes, accents and Arabic letter forms are no change. The
texts are pinned together at the heaviest series of runs whose five words stand exactly once in both (patience
diff), then at three words; what lies between two pins is compared word by word. Cost is linear in the length of
the texts but for sorting, and for stretches of up to `CLOSE_LOOK` pairs of words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from articles.fingerprints import normalise

PIN_WORDS = (5, 3)  # pins over the whole text; then, where none is left, between two of them
CLOSE_LOOK = 25_000_000  # pairs of words between two pins: 5,000 against 5,000 take 30 ms and 3 MB
SMALL_LOOK = 4_096  # up to so many pairs looking for pins first takes longer
SURE_WORDS = 3  # so many words in a row are no chance; fewer count only beside others
CHANCE_GAP = 2  # words between matches that stand beside each other
AKIN_WORDS = 8  # two paragraphs that share fewer are put together only ...
AKIN_SHARE = 0.25  # ... by so much of the shorter: "Iran's state media" opens many a paragraph
MOVED_WORDS = 8  # a shorter run found elsewhere is a phrase, not a passage that moved

Match = tuple[int, int, int]  # place in the first text, in the second, number of words
Pair = tuple[int, int]  # place of a word in the first text, and of the same word in the second
Numbers = NDArray[np.uint64]  # a text, each different word as a number

_ODD = np.array(
    [(0x9E3779B97F4A7C15 * (2 * place + 1)) % 2**64 | 1 for place in range(MOVED_WORDS)], dtype=np.uint64
)  # as in fingerprints: one odd constant for each place, so that the order of the words counts


class Change(StrEnum):
    """What became of a run of words."""

    KEPT = "kept"  # stands on both sides, in one order
    CUT = "cut"  # of the first text: stands in the second no more
    ADDED = "added"  # of the second text: was not in the first
    CHANGED = "changed"  # other words at the same place
    MOVED = "moved"  # stands on both sides, at another place


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with one fate, as printed, with the space after it where there is one."""

    change: Change
    text: str
    word_count: int  # as `fingerprints.words` counts


Paragraph = tuple[Piece, ...]  # its pieces' texts, put together, are the paragraph with single spaces


@dataclass(frozen=True, slots=True)
class Row:
    """Paragraphs that belong together; a side is empty where the other text has nothing of them."""

    first: tuple[Paragraph, ...]
    second: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What became of the words of two texts, in words of the one they stand in."""

    words: tuple[int, int]
    kept: tuple[int, int]  # moved ones included; punctuation may part a word on one side alone
    moved: tuple[int, int]
    changed: tuple[int, int]  # so many words of the first text for so many of the second
    cut: int  # of the first text
    added: int  # of the second text

    @property
    def kept_share(self) -> float:
        """How much of the first text the second keeps, 0 to 1; 0 for an empty text."""
        return self.kept[0] / self.words[0] if self.words[0] else 0.0

    @property
    def own_words(self) -> int:
        """Words of the second text that the first does not have."""
        return self.added + self.changed[1]


@dataclass(frozen=True, slots=True)
class _Side:
    """One text while it is being compared; lists are as long as the text has words."""

    printed: list[str]  # with the space after the word where there is one
    folded: list[str]
    paragraphs: list[int]
    changes: list[Change]


def align(first: str, second: str) -> list[Row]:
    """Put two texts side by side.

    Args:
        first: the earlier text, a paragraph a line.
        second: the later one, likewise.

    Returns:
        Rows in reading order of both; no word of either text is missing. The other way round the same words are
        kept, changed and moved, and what was cut is added.
    """
    a, b = _side(first, Change.CUT), _side(second, Change.ADDED)
    pairs = _of_akin_paragraphs(
        a,
        b,
        [
            (start_a + n, start_b + n)
            for start_a, start_b, length in _kept(a.folded, b.folded)
            for n in range(length)
        ],
    )
    for place_a, place_b in pairs:
        a.changes[place_a] = b.changes[place_b] = Change.KEPT
    _mark_moved(a, b)
    _mark_changed(a, b, pairs)
    return list(_rows(a, b, pairs))


def shares(rows: Iterable[Row]) -> Shares:
    """Count what became of the words of two aligned texts."""
    counts = {(side, change): 0 for side in (0, 1) for change in Change}
    for row in rows:
        for side, paragraphs in enumerate((row.first, row.second)):
            for piece in (piece for paragraph in paragraphs for piece in paragraph):
                counts[side, piece.change] += piece.word_count

    def both(*changes: Change) -> tuple[int, int]:
        first, second = (sum(counts[side, change] for change in changes) for side in (0, 1))
        return first, second

    return Shares(
        words=both(*Change),
        kept=both(Change.KEPT, Change.MOVED),
        moved=both(Change.MOVED),
        changed=both(Change.CHANGED),
        cut=counts[0, Change.CUT],
        added=counts[1, Change.ADDED],
    )


class _Letters(dict[int, str]):
    """What `normalise` reads a character as, for `str.translate`; a space where it parts words."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = normalise(f"a{chr(code)}a")[1:-1]
        return folded


_LETTERS = _Letters()


def _side(text: str, change: Change) -> _Side:
    printed: list[str] = []
    folded: list[str] = []
    paragraphs: list[int] = []
    for number, line in enumerate(text.splitlines()):
        begins = len(printed)
        for word in line.split():
            read = word.translate(_LETTERS).split()
            if len(read) == 1 or (not read and len(printed) == begins):
                printed.append(f"{word} ")
                folded.extend(read or [word])  # a dash before the first word of a line
            elif read:
                pieces = _parted(word)
                printed.extend(piece for piece, _ in pieces)
                folded.extend(piece for _, piece in pieces)
                printed[-1] += " "
            else:  # a dash between words goes with the one before
                printed[-1] += f"{word} "
        if len(printed) > begins:
            printed[-1] = printed[-1].rstrip(" ")
            paragraphs += [number] * (len(printed) - begins)
    return _Side(printed, folded, paragraphs, [change] * len(printed))


def _parted(word: str) -> list[tuple[str, str]]:
    """What is printed as one word and read as several ("well-known", a line of Chinese), as printed and as read."""
    starts = [0]
    has_letters = is_parted = False
    for place, character in enumerate(word):
        folded = _LETTERS[ord(character)]
        if folded.strip(" "):
            if has_letters and (is_parted or folded[0] == " "):
                starts.append(place)
            has_letters, is_parted = True, folded[-1] == " "
        elif folded:
            is_parted = True
    pieces = [word[start:end] for start, end in pairwise([*starts, len(word)])]
    return [(piece, " ".join(piece.translate(_LETTERS).split())) for piece in pieces]


def _kept(a: list[str], b: list[str]) -> list[Match]:
    """Runs of equal words in an order that both texts keep; the same ones whichever text is the first."""
    if a == b:
        return [(0, 0, len(a))]
    if a > b:  # of two ways to match equally well, the two orders of the texts would take different ones
        return [(start_a, start_b, length) for start_b, start_a, length in _kept(b, a)]
    number_of = {word: number for number, word in enumerate(dict.fromkeys([*a, *b]))}
    numbers_a, numbers_b = (
        np.fromiter(map(number_of.__getitem__, words), np.uint64, len(words)) for words in (a, b)
    )
    shorter = min(len(a), len(b))
    head = _equal_from_start(numbers_a[:shorter], numbers_b[:shorter])
    tail = _equal_from_start(numbers_a[::-1][: shorter - head], numbers_b[::-1][: shorter - head])
    inside = _inside(numbers_a[head : len(a) - tail], numbers_b[head : len(b) - tail], PIN_WORDS)
    found = [
        (0, 0, head),
        *((head + start_a, head + start_b, length) for start_a, start_b, length in inside),
        (len(a) - tail, len(b) - tail, tail),
    ]
    return _grown(a, b, list(_without_chance([match for match in found if match[2]])))


def _grown(a: Sequence[str], b: Sequence[str], matches: Sequence[Match]) -> list[Match]:
    """The runs with the equal words beside them that are in no run: the word by word look may have given one away.

    Of two ways to match as many words it may take "the" of another sentence, which chance then takes away.
    """
    grown: list[Match] = []
    end_a = end_b = 0
    for number, (start_a, start_b, length) in enumerate(matches):
        stop_a, stop_b = matches[number + 1][:2] if number + 1 < len(matches) else (len(a), len(b))
        while start_a > end_a and start_b > end_b and a[start_a - 1] == b[start_b - 1]:
            start_a, start_b, length = start_a - 1, start_b - 1, length + 1
        while (
            start_a + length < stop_a
            and start_b + length < stop_b
            and a[start_a + length] == b[start_b + length]
        ):
            length += 1
        grown.append((start_a, start_b, length))
        end_a, end_b = start_a + length, start_b + length
    return grown


def _equal_from_start(a: Numbers, b: Numbers) -> int:
    differ = np.flatnonzero(a != b)
    return int(differ[0]) if len(differ) else len(a)


def _inside(a: Numbers, b: Numbers, sizes: Sequence[int]) -> Iterator[Match]:
    """Matches of two stretches: between pins of the first size, there between pins of the next, at last word by word."""
    pairs = len(a) * len(b)
    if not pairs:
        return
    if not sizes or pairs <= SMALL_LOOK:
        if pairs <= CLOSE_LOOK:
            yield from _longest_common(a.tolist(), b.tolist())
        return  # too much to look at, and nothing in it stands once: cut on one side, added on the other
    end_a = end_b = 0
    for start_a, start_b, length in [*_pinned(a, b, sizes[0]), (len(a), len(b), 0)]:
        for inner_a, inner_b, inner in _inside(a[end_a:start_a], b[end_b:start_b], sizes[1:]):
            yield end_a + inner_a, end_b + inner_b, inner
        if length:
            yield start_a, start_b, length
        end_a, end_b = start_a + length, start_b + length


def _pinned(a: Numbers, b: Numbers, size: int) -> Iterator[Match]:
    """The heaviest series of runs, each word of which stands in a shingle that both have once; rising on both sides."""
    end_a = end_b = 0
    for start_a, start_b, _ in _heaviest(_runs(a, b, size)):
        begin_a, begin_b = start_a, start_b
        while begin_a > end_a and begin_b > end_b and a[begin_a - 1] == b[begin_b - 1]:
            begin_a, begin_b = begin_a - 1, begin_b - 1
        overlap = max(end_a - begin_a, end_b - begin_b, 0)
        begin_a, begin_b = begin_a + overlap, begin_b + overlap
        shorter = min(len(a) - begin_a, len(b) - begin_b)
        length = _run_length(a, b, begin_a, begin_b, shorter)
        if length:
            yield begin_a, begin_b, length
            end_a, end_b = begin_a + length, begin_b + length


def _run_length(a: Numbers, b: Numbers, start_a: int, start_b: int, longest: int) -> int:
    """How many words are equal from two places on; looks twice as far each time, so that short runs are cheap."""
    done, look = 0, 16
    while done < longest:
        ahead = min(look, longest - done)
        equal = _equal_from_start(
            a[start_a + done : start_a + done + ahead], b[start_b + done : start_b + done + ahead]
        )
        done += equal
        if equal < ahead:
            break
        look *= 2
    return done


def _runs(a: Numbers, b: Numbers, size: int) -> list[Match]:
    """Shingles that stand once in each text, neighbours on both sides put together; in the order of the first."""
    shingles_a, places_a = _single(_shingles(a, size))
    shingles_b, places_b = _single(_shingles(b, size))
    _, at_a, at_b = np.intersect1d(shingles_a, shingles_b, assume_unique=True, return_indices=True)
    found_a, found_b = places_a[at_a], places_b[at_b]
    order = np.argsort(found_a)
    found_a, found_b = found_a[order], found_b[order]
    if not len(found_a):
        return []
    opens = np.append(True, (np.diff(found_a) != 1) | (np.diff(found_b) != 1))
    starts = np.flatnonzero(opens)
    lengths = np.diff(np.append(starts, len(found_a)))
    return list(zip(found_a[starts].tolist(), found_b[starts].tolist(), lengths.tolist(), strict=True))


def _single(shingles: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    distinct, places, counts = np.unique(shingles, return_index=True, return_counts=True)
    return distinct[counts == 1], places[counts == 1]


def _shingles(numbers: Numbers, size: int) -> Numbers:
    """A hash for each run of `size` words."""
    count = max(0, len(numbers) - size + 1)
    mixed = np.zeros(count, dtype=np.uint64)
    for place in range(size):
        mixed += (numbers[place : place + count] + np.uint64(1)) * _ODD[place]
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def _heaviest(runs: Sequence[Match]) -> list[Match]:
    """Of runs in the order of the first text the series with most words that rises in the second too."""
    ends: list[int] = []  # places in the second text at which a best series so far may end, rising ...
    weights: list[int] = []  # ... the weight of that series, rising too ...
    lasts: list[int] = []  # ... and its last run
    before: list[int] = []
    for number, (_, place, length) in enumerate(runs):
        at = bisect_left(ends, place)
        weight = length + (weights[at - 1] if at else 0)
        before.append(lasts[at - 1] if at else -1)
        beaten = at
        while beaten < len(ends) and weights[beaten] <= weight:
            beaten += 1
        ends[at:beaten], weights[at:beaten], lasts[at:beaten] = [place], [weight], [number]
    series = []
    number = lasts[-1] if lasts else -1
    while number >= 0:
        series.append(runs[number])
        number = before[number]
    return series[::-1]


def _longest_common(a: Sequence[int], b: Sequence[int]) -> list[Match]:
    """The longest common subsequence, as runs.

    One bit for each word of `b` and one addition for each word of `a` (Hyyrö, "Bit-parallel LCS-length computation
    revisited", 2004): a bit that is 0 says that the series grows there.
    """
    if len(a) < len(b):  # a few words against very many: long numbers are dear, many short ones are not
        return [(start_a, start_b, length) for start_b, start_a, length in _longest_common(b, a)]
    places_of: dict[int, int] = {}
    for place, word in enumerate(b):
        places_of[word] = places_of.get(word, 0) | 1 << place
    everywhere = (1 << len(b)) - 1
    states = [everywhere]
    for word in a:
        state = states[-1]
        grown = state & places_of.get(word, 0)
        states.append((state + grown | state - grown) & everywhere)
    matches: list[Match] = []
    row, column = len(a), len(b)
    while row and column:
        bit = 1 << (column - 1)
        if states[row] & bit:
            column -= 1
        elif states[row - 1] & bit:
            row, column = row - 1, column - 1
            if matches and matches[-1][:2] == (row + 1, column + 1):
                matches[-1] = (row, column, matches[-1][2] + 1)
            else:
                matches.append((row, column, 1))
        else:
            row -= 1
    return matches[::-1]


def _without_chance(matches: Sequence[Match]) -> Iterator[Match]:
    """Leave out words that both texts happen to use: runs too short, with nothing sure beside them.

    Runs of at most `CHANCE_GAP` words apart on both sides stand beside each other; together they are sure when one of
    them is, or when they hold more words than lie between them and at least `SURE_WORDS`.
    """
    neighbours: list[Match] = []
    between = 0
    for match in [*matches, None]:
        if neighbours:
            last_a, last_b, length = neighbours[-1]
            gap = 0 if match is None else max(match[0] - last_a, match[1] - last_b) - length
            if match is None or gap > CHANCE_GAP:
                words = sum(one[2] for one in neighbours)
                is_sure = max(one[2] for one in neighbours) >= SURE_WORDS
                if is_sure or (words >= SURE_WORDS and words > between):
                    yield from neighbours
                between = 0
                neighbours.clear()
            else:
                between += gap
        if match is not None:
            neighbours.append(match)


def _of_akin_paragraphs(a: _Side, b: _Side, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs of words without those of paragraphs that share a phrase and no more."""
    words_a, words_b = Counter(a.paragraphs), Counter(b.paragraphs)
    links = [(a.paragraphs[place_a], b.paragraphs[place_b]) for place_a, place_b in pairs]
    akin = {
        link
        for link, shared in Counter(links).items()
        if shared >= AKIN_WORDS or shared >= AKIN_SHARE * min(words_a[link[0]], words_b[link[1]])
    }
    return [pair for pair, link in zip(pairs, links, strict=True) if link in akin]


def _mark_moved(a: _Side, b: _Side) -> None:
    """Runs that were cut at one place and stand at another."""
    number_of = {word: number for number, word in enumerate(dict.fromkeys([*a.folded, *b.folded]))}
    runs = []
    for side in (a, b):
        is_kept = np.fromiter((one is Change.KEPT for one in side.changes), np.int64, len(side.changes))
        numbers = np.fromiter(map(number_of.__getitem__, side.folded), np.uint64, len(side.folded))
        kept_before = np.append(0, np.cumsum(is_kept))
        loose = np.flatnonzero(kept_before[MOVED_WORDS:] == kept_before[:-MOVED_WORDS])
        runs.append((_shingles(numbers, MOVED_WORDS)[loose], loose))
    common = np.intersect1d(runs[0][0], runs[1][0])
    for side, (shingles, places) in zip((a, b), runs, strict=True):
        upto = 0
        for start in places[np.isin(shingles, common)].tolist():
            for place in range(max(start, upto), start + MOVED_WORDS):
                side.changes[place] = Change.MOVED
            upto = start + MOVED_WORDS


def _mark_changed(a: _Side, b: _Side, pairs: Sequence[Pair]) -> None:
    """Where words were cut and others added in one paragraph, beside the same kept word, they were changed."""
    for (left_a, left_b), (right_a, right_b) in pairwise(
        [(-1, -1), *pairs, (len(a.printed), len(b.printed))]
    ):
        if right_a - left_a == 1 or right_b - left_b == 1:
            continue
        spans = [
            _edges(side, left, right) for side, left, right in ((a, left_a, right_a), (b, left_b, right_b))
        ]
        for edge_a, edge_b in zip(*spans, strict=True):
            if edge_a and edge_b:
                for side, edge in ((a, edge_a), (b, edge_b)):
                    for place in edge:
                        side.changes[place] = Change.CHANGED


def _edges(side: _Side, left: int, right: int) -> tuple[list[int], list[int]]:
    """The words between two kept ones that share a paragraph with the left one, and those with the right one alone."""
    after: list[int] = []
    before: list[int] = []
    paragraph_left = side.paragraphs[left] if left >= 0 else None
    paragraph_right = side.paragraphs[right] if right < len(side.paragraphs) else None
    for place in range(left + 1, right):
        if side.changes[place] is not Change.MOVED:
            if side.paragraphs[place] == paragraph_left:
                after.append(place)
            elif side.paragraphs[place] == paragraph_right:
                before.append(place)
    return after, before


def _rows(a: _Side, b: _Side, pairs: Iterable[Pair]) -> Iterator[Row]:
    """Paragraphs that share kept words, together; between these, first those of the first text, then the others."""
    blocks: list[
        tuple[int, int, int, int]
    ] = []  # first and last paragraph of the first text, and of the second
    for linked_a, linked_b in dict.fromkeys((a.paragraphs[one], b.paragraphs[other]) for one, other in pairs):
        if blocks and (linked_a <= blocks[-1][1] or linked_b <= blocks[-1][3]):
            start_a, _, start_b, _ = blocks[-1]
            blocks[-1] = (start_a, linked_a, start_b, linked_b)
        else:
            blocks.append((linked_a, linked_a, linked_b, linked_b))
    pieces_a, pieces_b = _pieces(a), _pieces(b)
    left_a, left_b = list(pieces_a), list(pieces_b)
    at_a = at_b = 0
    for start_a, last_a, start_b, last_b in blocks:
        while left_a[at_a] < start_a:
            yield Row((pieces_a[left_a[at_a]],), ())
            at_a += 1
        while left_b[at_b] < start_b:
            yield Row((), (pieces_b[left_b[at_b]],))
            at_b += 1
        upto_a, upto_b = bisect_left(left_a, last_a) + 1, bisect_left(left_b, last_b) + 1
        yield Row(
            tuple(pieces_a[one] for one in left_a[at_a:upto_a]),
            tuple(pieces_b[one] for one in left_b[at_b:upto_b]),
        )
        at_a, at_b = upto_a, upto_b
    for one in left_a[at_a:]:
        yield Row((pieces_a[one],), ())
    for one in left_b[at_b:]:
        yield Row((), (pieces_b[one],))


def _pieces(side: _Side) -> Mapping[int, Paragraph]:
    """The paragraphs that hold words, in order, by their number."""
    pieces: dict[int, list[Piece]] = {}
    words = zip(side.paragraphs, side.changes, side.printed, strict=True)
    for (paragraph, change), run in groupby(words, key=lambda word: word[:2]):
        printed = [word for _, _, word in run]
        pieces.setdefault(paragraph, []).append(Piece(change, "".join(printed), len(printed)))
    return {paragraph: tuple(found) for paragraph, found in pieces.items()}
