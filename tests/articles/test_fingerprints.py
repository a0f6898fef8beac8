"""Words are folded alike in every script, and a hash once stored stays what it was."""

from __future__ import annotations

import random
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import fingerprints
from articles.fingerprints import normalise, shingle_hashes, sketch, sketches, words


def prose(count: int, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join("".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 8))) for _ in range(count))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The “Blue Bridge” re-opened—at noon…", 'the "blue bridge" RE OPENED at noon'),
        ("Café naïve Ünal", "cafe naive unal"),
        ("İSTANBUL Istanbul ıstanbul", "istanbul istanbul istanbul"),
        ("ﬁnal ofﬁce", "final office"),
        ("Straße", "STRASSE"),
        ("أُعِيدَ فَتْحُ المَعْبَرِ", "اعيد فتح المعبر"),
        ("مكتـــبة على الأرض", "مكتبه علی الارض"),
        ("كتاب يكتب", "کتاب یکتب"),
        ("ﻻ ﺷﻲﺀ", "لا شيء"),
        ("می‌روند به خانهٔ ما", "می روند به خانه ما"),
        ("ہفتہ گاڑی", "هفته گاڑی"),
        ("١٢٣ ۴۵۶ 789", "123 456 789"),
        ("שָׁלוֹם עולם", "שלום עולם"),
        ("Ёлка Й", "елка и"),
        ("\u202bرويترز\u202c \u200fقال", "رویترز قال"),
        ("한국어 뉴스", unicodedata.normalize("NFC", "한국어 뉴스")),
    ],
)
def test_two_spellings_of_the_same_words_fold_alike(one, other):
    assert normalise(one) == normalise(other) != ""


def test_a_script_without_spaces_is_cut_into_characters():
    assert words("大桥 reopened 了") == ["大", "桥", "reopened", "了"]
    assert len(shingle_hashes("大桥星期四重新开放")) == 9 - 4


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("A dog and a cat", 1, 1),
        ("a b c d", 1, 1),
        ("大桥星期四重新开放", 1.6, 1.8),
        ("大桥 reopened on Thursday", 1, 1.3),
        ("สะพานเปิดอีกครั้ง", 3.9, 4.1),
        ("", 1, 1),
    ],
)
def test_how_many_letters_make_a_word_where_no_spaces_are_printed(text, least, most):
    assert least <= fingerprints.letters_a_word(normalise(text)) <= most


@pytest.mark.parametrize("empty", ["", " \n\t", "…—!", "\u200f", "😀"])
def test_a_text_without_words_has_no_shingles(empty):
    assert words(empty) == []
    assert len(shingle_hashes(empty)) == len(sketch(empty)) == 0


def test_fewer_than_five_words_share_no_made_up_signature():
    assert len(shingle_hashes("one two three four")) == 0
    assert len(shingle_hashes("one two three four five")) == 1


@settings(deadline=None)  # the folding table is made once
@given(st.text(max_size=200))
def test_folding_is_done_once_and_never_fails(text):
    folded = normalise(text)
    assert normalise(folded) == folded
    assert folded.split() == words(text)


@settings(deadline=None)
@given(st.text(alphabet="abcdé ıكيى١", max_size=80))
def test_the_fast_table_and_the_slow_path_fold_alike(text):
    """An emoji sends a text down the path that handles what the table cannot."""
    assert normalise(text + " 😀") == normalise(text)


def test_order_and_every_word_count():
    base = prose(40, seed=1).split()
    swapped = [*base[:10], base[11], base[10], *base[12:]]
    assert len(np.intersect1d(shingle_hashes(" ".join(base)), shingle_hashes(" ".join(swapped)))) == 36 - 6


def test_distinct_shingles_have_distinct_hashes():
    text = prose(60_000, seed=2)
    tokens = text.split()
    distinct = {tuple(tokens[n : n + 5]) for n in range(len(tokens) - 4)}
    assert len(shingle_hashes(text)) == len(distinct)


def test_a_sketch_keeps_the_same_eighth_of_every_text():
    long_text = prose(20_000, seed=3)
    hashes, kept = shingle_hashes(long_text), sketch(long_text)
    assert kept.tolist() == [value for value in hashes.tolist() if value < fingerprints.SKETCH_LIMIT]
    assert 0.11 < len(kept) / len(hashes) < 0.14
    passage = " ".join(long_text.split()[5_000:7_000])
    assert set(sketch(passage).tolist()) <= set(kept.tolist())


def test_a_short_text_keeps_at_least_sixteen():
    brief = prose(30, seed=4)
    assert sketch(brief).tolist() == shingle_hashes(brief).tolist()[:16]
    assert len(sketch(prose(8, seed=4))) == 4


def test_many_sketches_at_once_are_the_same_as_one_by_one():
    texts = [prose(count, seed=count) for count in (0, 3, 5, 9, 200, 1, 450)]
    assert [found.tolist() for found in sketches(texts)] == [sketch(text).tolist() for text in texts]
    assert sketches([]) == []


def test_one_repeated_word_is_one_shingle():
    assert len(sketch("word " * 300_000)) == 1


def test_stored_hashes_stay_what_they_were():
    """Sketches in existing lakes were made with these; whoever changes one raises METHOD_VERSION."""
    assert fingerprints.METHOD_VERSION == "2"
    assert shingle_hashes("The Blue Bridge reopened at noon").tolist() == [
        5202633707533118142,
        14120187590470480273,
    ]
    assert (
        fingerprints.text_sha256("پل ۱") == "a039b07e878a3aefe7d0ac77cfe77f669b722a04e67b977e2126d341217b8d92"
    )
