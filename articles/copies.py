"""Whether one text carries another: an exact comparison of two texts, and the one word that sums it up.

Wire copy is trimmed, re-headlined and framed with paragraphs of the outlet's own, so what counts is containment
(how much of the one stands in the other), not resemblance. Lengths are in words as `fingerprints` folds them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from articles.agencies import agency_named
from articles.fingerprints import (
    SHINGLE_WORDS,
    Hashes,
    distinct,
    letters_a_word,
    normalise,
    shingles_in_order,
    shingles_of_folded,
)

# Where a threshold says "stream", it was set on the 51 pairs labelled by hand in a real stream of 14 outlets
# (pairs.json of the shared corpus): together they find 24 of 31 copies there and take 1 of 20 formulas for a copy.
IDENTICAL_WORDS = 5  # a shorter text says too little: "Photo gallery", "Subscribe to continue reading"
NEAR_CONTAINMENT = 0.8  # a word changed in every third sentence leaves .85; trimmed copies stay below it
NEAR_WORDS = 20  # under it two captions of one formula are "near"
COPY_CONTAINMENT = 0.5  # stream: formulas (weather, cables, appointments) end at .49, save one
COPY_WORDS = 60  # an attributed quote is shorter; a photo caption has 26 words in the nearest strangers known
LONG_COPY_CONTAINMENT = 0.35  # of texts sharing LONG_COPY_WORDS; one happening in own words stays under .352
LONG_COPY_WORDS = 95  # stream: formulas share at most 91 words, save one
OTHER_SIDE = 0.2  # below it the longer text only contains the shorter one, as a glued page does: no union
PASSAGE_WORDS = 60  # stream: the longest passage of a formula has 52 words, save one
PASSAGE_GAP_WORDS = 8  # words changed inside a passage that is still one passage
NOVEL_DAYS = 2  # a passage nobody had printed earlier than this before the older text is news, not formula
UNITING_DAYS = 3  # stream: pairs further apart are formulas, or another run of a text; 2 loses a true copy
LEAST_NOVELTY = (
    0.3  # stream: copies begin at .31, save one of four days; the one formula that passes is older
)
FRESH_DAYS = 1  # apart; of such pairs less is a copy, when ...
FRESH_HASHES = 5  # ... there is enough to tell by, ...
FRESH_NOVELTY = 0.8  # ... nearly all of it was new, ...
FRESH_CONTAINMENT = (
    0.28  # ... and this much of the shorter is shared. stream: adds 3 copies of 31, and no formula of 20
)
# Other figures in the same words: the weather of the next day. Of the stream's 14,048 pairs one is such, of traffic counts.
OTHER_FIGURES = 3  # at least so many ...
OTHER_FIGURES_PART = (
    2 / 3
)  # ... and of all figures; copies write 33.5 for 5ر33 and 2014م for 2014, and stay below .5

CLEARLY_EARLIER = timedelta(
    minutes=10
)  # desks take a wire line within minutes; clocks and caches differ by as much

_LEGAL_NOTICE_WORDS = 150  # a longer paragraph that speaks of copyright is a report about it
_LEGAL_HINTS = (
    "right",
    "©",
    "not be ",
    "permission",
    "consent",
    "droits",
    "vorbehalten",
    "derechos",
    "hakları",
    "права",
    "حقوق",
)
_LEGAL = re.compile(
    r"all rights reserved|(?:may|must) not be (?:published|reproduced|broadcast|rewritten|redistributed|republished|copied)"
    r"|©|\bcopyright (?:\(c\)|\d{4})|without (?:the )?(?:prior |express |written |explicit )+(?:permission|consent)"
    r"|tous droits réservés|alle rechte vorbehalten|todos los derechos reservados|tüm hakları saklıdır|все права защищены"
    r"|(?:جميع|كل|كافة) الحقوق محفوظة|حقوق النشر محفوظة|(?:تمام|کلیه|تمامی|کليه)[ \u200c]?(?:ی )?حقوق|جملہ حقوق",
    re.IGNORECASE,
)

_OFTEN_READ_CHARS = 10_000  # a longer text is not kept between comparisons
_FIGURE = re.compile(r"[0-9]+")  # in folded words


class Relation(StrEnum):
    """How two texts belong together."""

    IDENTICAL = "identical"  # word for word, after folding
    NEAR = "near"  # nearly all of each stands in the other
    SYNDICATED = "syndicated"  # one copy in both, trimmed or framed with each outlet's own words
    EXCERPT = "excerpt"  # a passage of the one, or all of a short one, stands in a long other: never unites
    UPDATE = "update"  # one publisher's other state of a text, at another address


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two texts share; all zeros for texts without five words.

    Where a script prints no spaces a word is so many letters as make one (`letters_a_word`).
    """

    jaccard: float  # shared five-word shingles of all distinct ones, 0 to 1
    containment_a: float  # share of the first text's shingles that stand in the second
    containment_b: float  # share of the second's that stand in the first
    shared_words: int  # words inside shared shingles, of the text that has fewer of them
    longest_run: int  # words of the longest stretch whose every shingle stands in the other text
    passage_words: int  # of the longest passage, which single changed words do not end
    has_other_figures: bool = False  # the same words around other figures, as in a bulletin of another day
    relation: Relation | None  # None: they share nothing that one took from the other


class _Evidence(NamedTuple):
    """What a text is compared by."""

    folded: str
    shingles: Hashes  # in order, without legal notices and what is common
    distinct: Hashes  # the same, sorted


def compare(text_a: str, text_b: str, *, common: Hashes | None = None) -> Comparison:
    """Compare two texts word by word.

    Legal notices (short paragraphs about rights) are left out of what is compared. Cost is linear in the length
    of both texts but for sorting; two articles of 450 words take under a millisecond.

    Args:
        text_a: the text of an article: body and subheads, a paragraph a line.
        text_b: likewise.
        common: shingle hashes that are no evidence, as many articles of a source share them; None for none.
    """
    (words_a, shingles_a, distinct_a), (words_b, shingles_b, distinct_b) = (
        _evidence(text, common) for text in (text_a, text_b)
    )
    shared = distinct_a[_stand_in(distinct_a, distinct_b)]
    passages = [_passages(_stand_in(shingles, shared)) for shingles in (shingles_a, shingles_b)]
    covered, run, passage = (min(values) for values in zip(*passages, strict=True))
    # one word repeated a thousand times is five
    counts = (min(covered, SHINGLE_WORDS * len(shared)), run, min(passage, SHINGLE_WORDS * len(shared)))
    letters = max(letters_a_word(words_a), letters_a_word(words_b))
    shared_words, longest_run, passage_words = (int(count / letters) for count in counts)
    containment_a, containment_b = _share(len(shared), len(distinct_a)), _share(len(shared), len(distinct_b))
    more, less = max(containment_a, containment_b), min(containment_a, containment_b)
    is_identical = words_a == words_b and (words_a.count(" ") + 1) / letters >= IDENTICAL_WORDS
    is_alike = not is_identical and more >= FRESH_CONTAINMENT and shared_words >= NEAR_WORDS
    return Comparison(
        jaccard=_share(len(shared), len(distinct_a) + len(distinct_b) - len(shared)),
        containment_a=containment_a,
        containment_b=containment_b,
        shared_words=shared_words,
        longest_run=longest_run,
        passage_words=passage_words,
        has_other_figures=is_alike and _has_other_figures(words_a, words_b),
        relation=Relation.IDENTICAL
        if is_identical
        else _relation(more=more, less=less, shared_words=shared_words, passage_words=passage_words),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What is known of a pair beside its texts: how old what they share is, and how far apart they were printed.

    Hashes are those of both sketches. Why it matters: notes/copies.md 6, measured on a stream full of formulas.
    """

    shared: int  # sampled hashes in both sketches
    evidence: int  # of these, without what stands in many articles of a source, or everywhere
    novel: (
        int | None
    )  # of the evidence, first printed at most `NOVEL_DAYS` before the older text; None: dates not known
    days: int | None  # between the days of publication; None: one of them is not known
    is_same_source: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a pair is to each other."""

    relation: Relation | None  # None: nothing was taken by one from the other
    unites: bool  # both belong to one copy group


def relate(found: Comparison, meeting: Meeting) -> Verdict:
    """Judge a pair by its texts, by how new what it shares was, and by the days between.

    Standing text counts as far as it is more than standing. What two texts of a few days share is a copy rather than a
    formula when nobody had printed it before; then less of it is enough. A text that comes back after more than
    `UNITING_DAYS` is the same text (identical, near …) but another run of it: the pair is kept, and no group joined. So
    it is with the same words around other figures on another day: a bulletin.
    """
    relation = found.relation
    more, less = (pick(found.containment_a, found.containment_b) for pick in (max, min))
    if meeting.evidence < meeting.shared and relation is not Relation.IDENTICAL:
        part = meeting.evidence / meeting.shared
        relation = _relation(
            more=more * part,
            less=less * part,
            shared_words=int(found.shared_words * part),
            passage_words=int(found.passage_words * part),
        )
    novelty = meeting.novel / meeting.evidence if meeting.novel is not None and meeting.evidence else None
    is_fresh = meeting.days is not None and meeting.days <= FRESH_DAYS and meeting.evidence >= FRESH_HASHES
    if relation is None and is_fresh and novelty is not None and novelty >= FRESH_NOVELTY:
        is_copy = more >= FRESH_CONTAINMENT and less >= OTHER_SIDE and found.shared_words >= COPY_WORDS
        relation = Relation.SYNDICATED if is_copy else None
    is_whole = relation in (Relation.IDENTICAL, Relation.NEAR)
    is_old_formula = novelty is not None and novelty < LEAST_NOVELTY and not is_whole
    is_near_in_time = meeting.days is None or meeting.days <= UNITING_DAYS
    is_bulletin = found.has_other_figures and meeting.days != 0  # of one day they are states of one report
    unites = (
        not is_bulletin
        and is_near_in_time
        and (is_whole or (relation is Relation.SYNDICATED and not is_old_formula))
    )
    if meeting.is_same_source and relation in (Relation.NEAR, Relation.SYNDICATED):
        relation = Relation.UPDATE
    return Verdict(relation=relation, unites=unites)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What an article says of where its text comes from."""

    publisher: str | None  # as readers know it
    agency: str | None  # whose copy it is, in the page's own words
    dateline: str | None  # the place it was filed from
    published_at: datetime | None  # to the hour or better; None: not stated so closely
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which of two texts is the one the other carries, as far as the pages tell; never more than a reasoned guess."""

    is_first: bool
    told_by: str  # "agency" "dateline" "published"
    confidence: float  # 0 to 1


def origin_of(first: Credit, second: Credit) -> Origin | None:
    """Say which of two texts the other was taken from.

    An agency's own page is the origin of what credits that agency. Two outlets that credit an agency both carry the
    agency's text: neither is the other's. Else the one filed from a place, where the other names none, is nearer to
    the reporter, if it was not printed later; else the one that states an earlier moment, by `CLEARLY_EARLIER`
    or a day. Confidences are our judgement of the rules, not measured: the shared corpora have no such labels.

    Returns:
        None where the pages do not tell.
    """
    for is_first, own, other in ((True, first, second), (False, second, first)):
        own_agency = agency_named(own.publisher) if own.publisher else None
        if own_agency is not None and other.agency == own_agency:
            return Origin(is_first=is_first, told_by="agency", confidence=0.95)
    if first.agency is not None or second.agency is not None:
        return None
    earlier = _printed_first(first, second)
    if (first.dateline is None) != (second.dateline is None):
        is_first = first.dateline is not None
        if earlier is None or earlier == is_first:
            return Origin(is_first=is_first, told_by="dateline", confidence=0.6 if earlier is None else 0.75)
        return None
    return None if earlier is None else Origin(is_first=earlier, told_by="published", confidence=0.65)


def _printed_first(first: Credit, second: Credit) -> bool | None:
    """Whether the first was printed clearly earlier (True) or later (False); None where the pages do not say."""
    if first.published_at is not None and second.published_at is not None:
        ahead = second.published_at - first.published_at
        return None if abs(ahead) < CLEARLY_EARLIER else ahead > timedelta()
    if first.day is None or second.day is None or first.day == second.day:
        return None
    return first.day < second.day


def _relation(*, more: float, less: float, shared_words: int, passage_words: int) -> Relation | None:
    """Sum up a comparison: `more` and `less` are the containments, the passage is the longest one shared."""
    if less >= NEAR_CONTAINMENT and shared_words >= NEAR_WORDS:
        return Relation.NEAR
    is_copy = (more >= COPY_CONTAINMENT and shared_words >= COPY_WORDS) or (
        more >= LONG_COPY_CONTAINMENT and shared_words >= LONG_COPY_WORDS
    )
    if is_copy and less >= OTHER_SIDE:
        return Relation.SYNDICATED
    return Relation.EXCERPT if is_copy or passage_words >= PASSAGE_WORDS else None


def _has_other_figures(words_a: str, words_b: str) -> bool:
    """Whether most figures of the one stand not in the other, while hardly any of its words do so."""
    figures_a, figures_b = (Counter(_FIGURE.findall(words)) for words in (words_a, words_b))
    changed = min((figures_a - figures_b).total(), (figures_b - figures_a).total())
    if changed < OTHER_FIGURES or changed < OTHER_FIGURES_PART * min(figures_a.total(), figures_b.total()):
        return False
    others_a, others_b = (Counter(_FIGURE.sub(" ", words).split()) for words in (words_a, words_b))
    return min((others_a - others_b).total(), (others_b - others_a).total()) <= changed


def _evidence(text: str, common: Hashes | None) -> _Evidence:
    evidence = _read_often(text) if len(text) < _OFTEN_READ_CHARS else _read(text)
    if common is None:
        return evidence
    shingles = evidence.shingles[~_stand_in(evidence.shingles, distinct(common))]
    return _Evidence(evidence.folded, shingles, distinct(shingles))


def _read(text: str) -> _Evidence:
    folded = normalise(text)
    lowered = text.lower()
    if any(
        hint in lowered for hint in _LEGAL_HINTS
    ):  # the pattern on every paragraph costs as much as the rest
        text = "\n".join(
            line
            for line in text.splitlines()
            if not (_LEGAL.search(line) and len(line.split()) < _LEGAL_NOTICE_WORDS)
        )
        shingles = shingles_in_order(text)
    else:
        shingles = shingles_of_folded(folded)
    return _Evidence(folded, shingles, distinct(shingles))


_read_often = lru_cache(maxsize=512)(
    _read
)  # a text meets several others; with the bound above at most 150 MB


def _stand_in(hashes: Hashes, among: Hashes) -> NDArray[np.bool_]:
    """Which of the hashes are among others, which are sorted."""
    if not len(among):
        return np.zeros(len(hashes), dtype=np.bool_)
    return among[np.minimum(np.searchsorted(among, hashes), len(among) - 1)] == hashes


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _passages(is_shared: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Words inside shared shingles; words of the longest run of them; of the longest passage, gaps not counted."""
    if not is_shared.any():
        return 0, 0, 0
    covered = np.convolve(is_shared, np.ones(SHINGLE_WORDS, dtype=np.int64)) > 0
    edges = np.flatnonzero(np.diff(covered.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    opens = np.append(True, starts[1:] - ends[:-1] > PASSAGE_GAP_WORDS)
    passages = np.add.reduceat(lengths, np.flatnonzero(opens))
    return int(lengths.sum()), int(lengths.max()), int(passages.max())
