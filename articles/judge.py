"""Which blocks of an HTML page are its article's text: a small trained network over facts of every block.

The facts are of five sorts: what the line looks like, what its box is called, where it stands to the rest of the
text, what its words are about, and whether the extractor took it. None is of one site or one language. The network
looks at each block with its neighbours (two convolutions over the blocks in reading order) and gives a share of
belief. Its weights are trained by benchmarks/block_training.py, which also measures it on sites held out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from articles.facts import Facts
from articles.furniture import find_ideas, ideas
from articles.lines import PARAGRAPH_WORDS, fold, shape_of

_Item = TypeVar("_Item", bound=Hashable)
Floats = npt.NDArray[np.float32]

MODEL_FILE = "text_model.npz"
# The least belief with which a block counts as text. A sentence in the story's own box is rarely furniture, and what
# reads like one elsewhere is doubtful; a short line without a stop or a heading's tag mostly is. Source: publishers and
# wide, beliefs of folds not trained on, with noise and with true lines that look like noise in phrases that
# training never saw (inject_languages.py, its `held` half): 0.06 keeps 98 % of these lines and takes out 64 % of that noise.
TEXT, OWN_SENTENCE, LISTED, LONG_PARAGRAPH, OPEN_LINE = 0.4, 0.06, 0.25, 0.25, 0.75
_SHORT_WORDS, _LONG_WORDS = 12, 30
_LISTED_TAGS = ("h1", "h2", "h3", "h4", "li", "td", "dd", "pre")  # of _TAGS: headings, lists, tables
_OWN_MIN_WORDS, _OWN_SHAPE = 5, 0.5  # words; share of the text that stands in boxes of the same names
_LEAST_LEFT = 0.25  # of the words that the extractor chose
# How many blocks around a block that may be text are judged with it: as far as the convolutions see, and a little more.
_REACH = 8
_ROWS_AT_ONCE = 32  # products of up to 2**18 terms stay in one thread of OpenBLAS
# Furniture is short: in longer blocks words of sharing or subscribing mean what the story says.
_IDEA_WORDS = 60
_FULL_IDEA_WORDS = 12  # in a line this short one such word says much, in a longer one less
_HEAD_CHARS = 80  # that show how a line is written
_STEM_CHARS, _STEM_MIN_CHARS = 5, 4  # so that endings do not make two words of one
_RUN = 4  # words in a row that two blocks share only when one says what the other says

_TAGS = (
    "p", "div", "li", "h1", "h2", "h3", "h4", "td", "blockquote", "figcaption", "article", "section", "dd", "pre", "other",
)  # fmt: skip
_SAME_TAG = {"h5": "h4", "h6": "h4", "th": "td", "tr": "td", "dt": "dd", "main": "article"}
_TRAITS = (
    "caption", "credit", "related", "appeal", "share", "comment", "bio", "byline", "dek", "advert", "date", "tags", "nav",
    "notice", "pull-quote", "footer", "aside", "figure", "form", "button", "header", "quote", "table", "list", "heading",
    "picture-text", "other-style",
)  # fmt: skip
_SIGNS = re.compile(r"[|·•»›→▶►★✓/]")
_QUOTES = re.compile(r'["“”„«»‘’「」]')
_TIMES = re.compile(r"\d{1,2}[:.]\d{2}|(?:19|20)\d\d|[۰-۹٠-٩]{4}")
_SCRIPTS = re.compile(
    r"([a-zà-öø-ÿ\u0100-\u024f])|([\u0400-\u04ff])|([\u0600-\u06ff\u0750-\u077f\ufb50-\ufeff])|([\u0590-\u05ff])|"
    r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|([\u0900-\u0dff\u0e00-\u0eff])",
    re.IGNORECASE,
)


class _Line(NamedTuple):
    """What one block's words show, each 0 to 1 or a little above."""

    words: float  # logarithm
    is_sentence: float
    is_prose: float
    link_share: float
    links: float  # logarithm
    emphasis_share: float
    starts_lower: float
    starts_digit: float
    starts_letter: float
    starts_quote: float
    ends_colon: float
    ends_asking: float
    ends_open: float
    ends_letter: float
    digit_share: float
    capital_share: float
    is_all_capitals: float
    commas: float
    stops: float
    has_sign: float
    has_bracket: float
    has_copyright: float
    has_at: float
    has_quote: float
    has_time: float
    ideas: float
    names_author: float
    opens_with_author: float
    is_under_image: float
    has_image: float
    chosen_share: float
    is_chosen: float
    box_link_share: float
    box_chars: float  # logarithm
    depth: float


_PLACE_FACTS = (
    "box_share", "outer_share", "tag_in_box_share", "style_share", "shape_share", "box_words", "outer_words", "box_blocks", "box_purity",
    "outer_purity", "levels_up", "levels_down", "is_in_main_box", "article_share", "has_article", "text_before", "from_first",
    "from_last", "is_inside", "shared_words", "word_count", "is_title", "title_words", "after_title", "said_before",
    "said_elsewhere", "other_script", "page_words", "page_chosen",
)  # fmt: skip


@cache
def fact_names() -> tuple[str, ...]:
    """The columns of `measure`, in order."""
    return (
        *_Line._fields,
        *_PLACE_FACTS,
        *(f"tag {name}" for name in _TAGS),
        *(f"trait {name}" for name in _TRAITS),
        *(f"idea {name}" for name in ideas()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The network: a dense layer over each block's facts, two convolutions over the blocks, one answer a block."""

    dense: tuple[Floats, Floats]  # (facts, units) and (units,)
    near: tuple[Floats, Floats]  # (taps, units, units) and (units,): the blocks next to a block
    far: tuple[Floats, Floats]  # the same, every second block
    answer: tuple[Floats, Floats]  # (3 units, 1) and (1,)

    def ask(self, facts: Floats) -> Floats:
        """The belief that each block is text, 0 to 1, from facts of shape (blocks, facts)."""
        own = np.maximum(_multiply(facts, self.dense[0]) + self.dense[1], 0)
        near = np.maximum(_convolve(own, *self.near, step=1), 0)
        far = np.maximum(_convolve(near, *self.far, step=2), 0)
        logits = np.concatenate([own, near, far], axis=1) @ self.answer[0] + self.answer[1]
        return (1 / (1 + np.exp(-np.clip(logits[:, 0], -30, 30)))).astype(np.float32)


def _convolve(values: Floats, weights: Floats, bias: Floats, *, step: int) -> Floats:
    """One-dimensional convolution along the blocks, zeros beyond both ends."""
    reach = step * (len(weights) // 2)
    padded = np.pad(values, ((reach, reach), (0, 0)))
    total = np.broadcast_to(bias, values.shape).copy()
    for tap, weight in enumerate(weights):
        total += _multiply(padded[tap * step : tap * step + len(values)], weight)
    return total


def _multiply(rows: Floats, weights: Floats) -> Floats:
    """The product of two matrices, a few rows at a time: larger ones wake threads that cost more than they bring."""
    count = -(-len(rows) // _ROWS_AT_ONCE)
    padded = np.zeros((count * _ROWS_AT_ONCE, rows.shape[1]), np.float32)
    padded[: len(rows)] = rows
    product = padded.reshape(count, _ROWS_AT_ONCE, -1) @ weights
    return product.reshape(len(padded), -1)[: len(rows)]


@cache
def load_model() -> Model:
    """The trained weights.

    Raises:
        ValueError: the file was trained on other facts than this version measures.
    """
    with (
        resources.files("articles").joinpath("rules", MODEL_FILE).open("rb") as file,
        np.load(file) as stored,
    ):
        if tuple(stored["facts"].tolist()) != fact_names():
            raise ValueError(
                f"{MODEL_FILE} was trained on other facts; run benchmarks/block_training.py --write"
            )
        layers = {
            name: (stored[f"{name}_weights"].astype(np.float32), stored[f"{name}_bias"].astype(np.float32))
            for name in ("dense", "near", "far", "answer")
        }
    return Model(dense=layers["dense"], near=layers["near"], far=layers["far"], answer=layers["answer"])


class Judgement(NamedTuple):
    """One entry for each block of a page."""

    belief: Floats  # that it is text, 0 to 1
    is_text: npt.NDArray[np.bool_]
    has_idea: npt.NDArray[np.bool_]  # some word of it belongs to furniture


def judge(facts: Sequence[Facts], *, title: str | None, authors: Sequence[str]) -> Judgement:
    """Say how likely each block of a page is the text of its article, and whether that is enough.

    Args:
        facts: the page's blocks in reading order, with the extractor's choice.
        title: the headline as the metadata state it.
        authors: who wrote it, as the metadata state it.

    Returns:
        What was found of each block; no belief in blocks far from all that may be text.
    """
    count = len(facts)
    belief = np.zeros(count, np.float32)
    is_text, has_idea = np.zeros(count, np.bool_), np.ones(count, np.bool_)
    places = find_places(facts)
    if places:
        rows = measure([facts[n] for n in places], title=title, authors=authors)
        belief[places] = load_model().ask(rows)
        is_text[places] = belief[places] >= _least_belief(rows, np.array([facts[n].words for n in places]))
        has_idea[places] = rows[:, _column("ideas")] > 0
    return Judgement(belief, is_text, has_idea)


def _least_belief(rows: Floats, words: npt.NDArray[np.intp]) -> Floats:
    """The belief from which each block counts as text, from its facts and words."""

    def fact(name: str) -> Floats:
        return rows[:, _column(name)]

    is_listed = rows[:, [_column(f"tag {tag}") for tag in _LISTED_TAGS]].any(axis=1)
    is_sentence = fact("is_sentence") > 0
    is_own = (fact("is_in_main_box") > 0) | (fact("shape_share") >= _OWN_SHAPE)
    is_own_sentence = (
        is_own & is_sentence & (words >= _OWN_MIN_WORDS) & (fact("tag p") > 0) & (fact("link_share") < 0.5)
    )
    is_open_line = ~is_sentence & (words < _SHORT_WORDS) & (fact("emphasis_share") < 0.5)
    return np.select(
        [is_listed, is_own_sentence, is_open_line, words >= _LONG_WORDS],
        [LISTED, OWN_SENTENCE, OPEN_LINE, LONG_PARAGRAPH],
        default=TEXT,
    ).astype(np.float32)


@cache
def _column(name: str) -> int:
    return fact_names().index(name)


def choose(facts: Sequence[Facts], *, title: str | None, authors: Sequence[str]) -> list[Facts]:
    """Give a page's blocks the judge's belief, and count to the text what it believes in.

    Where it would leave but little of what the extractor chose, the page is of a sort that it has not learned, and
    the extractor's choice stands.
    """
    judgement = judge(facts, title=title, authors=authors)
    chosen_words = sum(found.words for found in facts if found.piece.is_chosen)
    kept_words = sum(facts[n].words for n in np.flatnonzero(judgement.is_text).tolist())
    if kept_words < chosen_words * _LEAST_LEFT:
        return list(facts)
    rows = zip(facts, *(column.tolist() for column in judgement), strict=True)
    return [
        Facts(
            piece=found.piece
            if found.piece.is_chosen is is_text
            else replace(found.piece, is_chosen=is_text),
            tokens=found.tokens,
            fold=found.fold,
            words=found.words,
            is_sentence=found.is_sentence,
            has_idea=has_idea,
            belief=belief,
        )
        for found, belief, is_text, has_idea in rows
    ]


def find_places(facts: Sequence[Facts]) -> list[int]:
    """The blocks worth judging: those in reach of a block that may be text. Menus and lists of links are not."""
    is_near = np.zeros(len(facts) + 1, np.intp)
    for n, found in enumerate(facts):
        if found.piece.is_chosen or found.is_paragraph:
            is_near[max(0, n - _REACH)] += 1
            is_near[min(len(facts), n + _REACH + 1)] -= 1
    return np.flatnonzero(np.cumsum(is_near)[:-1] > 0).tolist()


# -- facts --------------------------------------------------------------------------------------------------


def measure(facts: Sequence[Facts], *, title: str | None, authors: Sequence[str]) -> Floats:
    """Measure the facts of a page's blocks: an array of shape (blocks, len(fact_names()))."""
    names = tuple(name.casefold() for name in authors if " " in name)
    bits = np.array([find_ideas(found.tokens) if found.words <= _IDEA_WORDS else 0 for found in facts])
    weight = np.array([min(1.0, _FULL_IDEA_WORDS / max(1, found.words)) for found in facts])
    has_idea = ((bits[:, None] >> np.arange(len(ideas()))) & 1) * weight[:, None]
    lines = np.array([_measure_line(found, names) for found in facts], np.float32)
    lines[:, _Line._fields.index("ideas")] = has_idea.sum(axis=1) / 3
    return np.concatenate(
        [
            lines,
            _measure_places(facts, title),
            np.stack([_tag_row(found.piece.tag) for found in facts]),
            np.stack([_trait_row(found.piece.traits) for found in facts]),
            has_idea.astype(np.float32),
        ],
        axis=1,
        dtype=np.float32,
    )


def _measure_line(found: Facts, names: tuple[str, ...]) -> _Line:
    piece, text = found.piece, found.piece.text
    head = text[:_HEAD_CHARS]
    lower = head.casefold() if names else ""
    first, last = text[0], text[-1]
    return _Line(
        words=_log(found.words),
        is_sentence=found.is_sentence,
        is_prose=found.is_paragraph,
        link_share=piece.link_share,
        links=_log(piece.link_count),
        emphasis_share=piece.emphasis_share,
        starts_lower=first.islower(),
        starts_digit=first.isdigit(),
        starts_letter=first.isalpha(),
        starts_quote=first in "\"“„«‘'",
        ends_colon=last in ":：",
        ends_asking=last in "?؟？",
        ends_open=last == "…" or text.endswith("..."),
        ends_letter=last.isalnum(),
        digit_share=sum(map(str.isdigit, head)) / len(head),
        capital_share=sum(map(str.isupper, head)) / len(head),
        is_all_capitals=text.isupper(),
        commas=min(3, text.count(",") + text.count("،") + text.count("、")) / 3,
        stops=min(4, sum(map(text.count, (". ", "! ", "? ", "؟ ", "۔ ", "。")))) / 4,
        has_sign=_SIGNS.search(head) is not None,
        has_bracket="(" in head,
        has_copyright="©" in text or "(c)" in head,
        has_at="@" in text,
        has_quote=_QUOTES.search(text) is not None,
        has_time=_TIMES.search(head) is not None,
        ideas=0,
        names_author=any(name in lower for name in names),
        opens_with_author=lower.startswith(names),
        is_under_image=piece.is_under_image,
        has_image=piece.has_image,
        chosen_share=piece.chosen_share,
        is_chosen=piece.is_chosen,
        box_link_share=piece.box_link_share,
        box_chars=_log(piece.box_chars) / 3,
        depth=min(piece.depth, 30) / 30,
    )


@lru_cache(maxsize=10_000)
def _log(count: int) -> float:
    return float(np.log1p(count)) / 3


@lru_cache(maxsize=200)
def _tag_row(tag: str) -> Floats:
    name = _SAME_TAG.get(tag, tag)
    return np.array([name == other for other in _TAGS[:-1]] + [name not in _TAGS[:-1]], np.float32)


@lru_cache(maxsize=5_000)
def _trait_row(traits: frozenset[str]) -> Floats:
    return np.array([name in traits for name in _TRAITS], np.float32)


def _measure_places(facts: Sequence[Facts], title: str | None) -> Floats:
    """Where each block stands to the others: its box, its place in the text, what it says again."""
    count = len(facts)
    pieces = [found.piece for found in facts]
    words = np.array([found.words for found in facts], float)
    is_prose = np.array([found.is_paragraph for found in facts])
    text_words = words * np.array([piece.is_chosen and piece.link_share < 0.5 for piece in pieces])
    total = max(1.0, float(text_words.sum()))

    box = _keys([piece.path[-1:] for piece in pieces])
    outer = _keys([piece.path[-2:-1] for piece in pieces])
    tag_in_box = _keys([(piece.tag, *piece.path[-1:]) for piece in pieces])
    style = _keys([(piece.tag, piece.style) for piece in pieces])
    shape = _keys([shape_of(piece) for piece in pieces])
    article = _keys([piece.article for piece in pieces])
    box_text, outer_text = _sums(box, text_words), _sums(outer, text_words)
    box_words, outer_words = _sums(box, words), _sums(outer, words)

    main = int(np.argmax(box_text))
    main_path = pieces[main].path
    common = np.array([_common(piece.path, main_path) for piece in pieces])
    depth = np.array([len(piece.path) for piece in pieces])

    place = np.arange(count)
    own = text_words >= PARAGRAPH_WORDS
    texts = np.flatnonzero(own)
    first, last = (int(texts[0]), int(texts[-1])) if len(texts) else (0, count - 1)
    stems = [_stems(found) for found in facts]
    once, twice = _seen([stems[n] for n in texts])
    title_fold = fold(title) if title else None
    title_stems = _cut_stems(title.casefold().split()) if title else frozenset[str]()
    title_at = _find_title(facts, first, title_fold)

    columns = (
        box_text / total,
        outer_text / total,
        _sums(tag_in_box, text_words) / total,
        _sums(style, text_words) / total,
        _sums(shape, text_words) / total,
        np.log1p(box_words) / 6,
        np.log1p(outer_words) / 6,
        np.log1p(_sums(box, np.ones(count))) / 3,
        box_text / np.maximum(1, box_words),
        outer_text / np.maximum(1, outer_words),
        np.minimum(8, len(main_path) - common) / 8,
        np.minimum(8, depth - common) / 8,
        box == box[main],
        _sums(article, text_words) / total,
        [piece.article > 0 for piece in pieces],
        (np.cumsum(text_words) - text_words) / total,
        np.clip((place - first) / 20, -1, 1),
        np.clip((place - last) / 20, -1, 1),
        (place >= first) & (place <= last),
        [
            len(found & (twice if is_own else once)) / max(1, len(found))
            for found, is_own in zip(stems, own, strict=True)
        ],
        np.log1p([len(found) for found in stems]) / 5,
        [found.fold == title_fold for found in facts],
        [len(title_stems & found) / max(1, len(title_stems | found)) for found in stems],
        np.clip((place - title_at) / 30, -1, 1) if title_at is not None else np.zeros(count),
        _said_before(facts),
        _said_elsewhere(facts),
        _other_script(facts, texts),
        np.full(count, np.log1p(total) / 8),
        np.full(
            count,
            float((words * is_prose).sum() and (text_words * is_prose).sum() / (words * is_prose).sum()),
        ),
    )
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _keys(values: Sequence[Hashable]) -> npt.NDArray[np.intp]:
    """Number equal values alike."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.intp)


def _sums(keys: npt.NDArray[np.intp], amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each block, the sum over all blocks of its key."""
    return np.bincount(keys, weights=amounts).astype(np.float64)[keys]


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _find_title(facts: Sequence[Facts], first: int, title_fold: str | None) -> int | None:
    """Where the headline stands above the text; None where it stands nowhere."""
    said = [n for n in range(first + 1) if title_fold and facts[n].fold == title_fold]
    headings = [n for n in range(first + 1) if facts[n].piece.tag == "h1"]
    return next(iter([*said[-1:], *headings[-1:]]), None)


def _stems(found: Facts) -> frozenset[str]:
    if found.words > len(found.tokens):  # a script without blanks
        return frozenset(found.fold[n : n + 2] for n in range(len(found.fold) - 1))
    return _cut_stems(found.tokens)


def _cut_stems(tokens: Sequence[str]) -> frozenset[str]:
    return frozenset(word[:_STEM_CHARS] for word in tokens if len(word) >= _STEM_MIN_CHARS)


def _said_before(facts: Sequence[Facts]) -> list[bool]:
    seen: set[str] = set()
    said = []
    for found in facts:
        said.append(found.fold in seen)
        seen.add(found.fold)
    return said


def _said_elsewhere(facts: Sequence[Facts]) -> list[float]:
    """The share of each block's runs of words that stand in another block as well."""
    runs = []
    for found in facts:
        units = found.fold if found.words > len(found.tokens) else found.tokens
        runs.append(frozenset(zip(*(units[n:] for n in range(_RUN)), strict=False)) or frozenset({units}))
    _, twice = _seen(runs)
    return [len(own & twice) / len(own) for own in runs]


def _seen(sets: Iterable[frozenset[_Item]]) -> tuple[set[_Item], set[_Item]]:
    """What is in any of the sets, and what is in two or more."""
    once, twice = set[_Item](), set[_Item]()
    for found in sets:
        twice |= once & found
        once |= found
    return once, twice


def _other_script(facts: Sequence[Facts], texts: npt.NDArray[np.intp]) -> list[bool]:
    """Whether a block is written in another script than most of the text."""
    scripts = [_script(found.piece.text) for found in facts]
    counted = Counter(scripts[n] for n in texts if scripts[n])
    if not counted:
        return [False] * len(facts)
    main = counted.most_common(1)[0][0]
    return [script not in {0, main} for script in scripts]


def _script(text: str) -> int:
    """The script of the first letter; 0 for none that is known."""
    found = _SCRIPTS.search(text)
    return found.lastindex or 0 if found else 0
