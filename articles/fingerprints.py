"""What a text is recognised by under another headline: folded words, five-word shingles, and a sample of them.

Two outlets print one wire story with other quotes, digits, accents or Arabic letter forms, so words are folded
first; then every run of five words gets a 64-bit hash of our own (no library's, which may change between
releases), and the sketch keeps the hashes below a fixed limit: the same one in eight on every text, so sketches
of different texts can be compared. Words are folded in Latin, Cyrillic, Greek, Hebrew and Arabic script; a script
that prints no spaces is cut into single characters. Hashes are unsigned 64-bit integers.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_digest

# Raised with any change below that moves one hash, and with what copies are told by: copies are then looked for anew.
METHOD_VERSION = "2"
SHINGLE_WORDS = 5  # 3 words found .10 of the next unrelated pair, 8 words lost a tenth of the true one
SKETCH_LIMIT = 2**61  # one hash in eight; one in sixteen lost 3 % of trimmed wire copies and 9 % of excerpts
SKETCH_LEAST = 16  # a brief of 60 words would otherwise be represented by seven hashes

Hashes = NDArray[np.uint64]

_DELETED, _SPACE, _LONGER = 0, 0x20, 0xFFFFFFFF  # entries of the folding table that are no letter
_FOLDED_LETTERS = str.maketrans(
    {
        **dict.fromkeys("ٱ", "ا"),
        **dict.fromkeys("يىېۍ", "ی"),
        **dict.fromkeys("كڪ", "ک"),
        **dict.fromkeys("ةہۃھەۀ", "ه"),
        "ı": "i",  # Istanbul, ISTANBUL and İstanbul are one word
    }
)
# Scripts without spaces, by their names in Unicode, and how many letters make a word, roughly: signs above and below a
# letter are folded away. Five words of Thai are no five letters: strangers share many of those.
_SPACELESS = {"CJK": 1.7, "HIRAGANA": 1.7, "KATAKANA": 1.7, "THAI": 4.0, "LAO": 4.0, "KHMER": 4.0, "MYANMAR": 4.0, "TIBETAN": 4.0}  # fmt: skip
_RARE = 50  # characters to one that is read as several: more of these, and reading one by one is faster
_ODD = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)  # one odd constant for each place in a shingle: the same words in another order are another shingle


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """What a character is read as: one letter, several, a space where it parts words, or nothing."""
    if character in "\u200c\u200b\u2060\ufeff":  # ZWNJ and its like part words in Persian and Urdu typing
        return " "
    kept = []
    for piece in unicodedata.normalize("NFKD", character.casefold()):
        category = unicodedata.category(piece)
        if category in ("Mn", "Me", "Cf") or piece == "ـ":  # accents, vowel signs, bidi marks, kashida
            continue
        if category == "Nd":
            kept.append(str(unicodedata.decimal(piece)))
        elif category[0] in "LN" or category == "Mc":
            kept.append(piece.casefold().translate(_FOLDED_LETTERS))
        else:
            kept.append(" ")
    folded = unicodedata.normalize("NFC", "".join(kept))  # puts Hangul syllables together again
    if folded.isspace():
        return " "
    if folded.isalpha() and unicodedata.name(folded[0], "").startswith(tuple(_SPACELESS)):
        return f" {folded} "
    return folded


@lru_cache(maxsize=1)
def _folding_table() -> NDArray[np.uint32]:
    """For every character of the basic plane the one code point it is read as, or one of the three marks."""
    table = np.full(0x10000, _LONGER, dtype=np.uint32)
    for code in range(0x10000):
        folded = _fold(chr(code))
        if len(folded) < 2:
            table[code] = ord(folded) if folded else _DELETED
    return table


def normalise(text: str) -> str:
    """The words of a text as they are compared: folded, in order, parted by one space.

    Case, accents, Arabic vowel signs, kashida, presentation forms, alef, yeh, kaf and heh variants, digits of
    any script and bidi marks are evened out; a zero-width non-joiner and all punctuation part words.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if codes.size == 0:
        return ""
    table = _folding_table()
    folded = table[np.minimum(codes, 0xFFFF)]
    longer = np.flatnonzero((folded == _LONGER) | (codes > 0xFFFF))
    if len(longer) * _RARE > len(codes):
        return " ".join("".join(map(_fold, text)).split())
    pieces: list[str] = []
    start = 0
    for place in [*longer.tolist(), len(codes)]:
        piece = folded[start:place]
        pieces.append(piece[piece != _DELETED].tobytes().decode("utf-32-le", "surrogatepass"))
        pieces.append(_fold(text[place]) if place < len(codes) else "")
        start = place + 1
    return " ".join("".join(pieces).split())


def words(text: str) -> list[str]:
    """The folded words of a text in order; single characters where a script prints no spaces."""
    return normalise(text).split()


@lru_cache(maxsize=1024)  # a page's paragraphs are counted for its verdict and again for its articles
def word_count(text: str) -> int:
    """How many words a text has, as `words` cuts it."""
    return len(words(text))


def letters_a_word(folded: str) -> float:
    """How many entries of a folded text make one word: 1.0, and more where a script without spaces was cut up.

    Args:
        folded: as `normalise` gives it.
    """
    count = folded.count(" ") + 1
    if len(folded) > 3 * count:  # a text cut into single letters has two characters an entry, with the space
        return 1.0
    entries = Counter(folded.split())
    made = sum(number / _entry_letters(entry) for entry, number in entries.items())
    return count / made if made else 1.0


@lru_cache(maxsize=4096)
def _entry_letters(entry: str) -> float:
    name = unicodedata.name(entry, "") if len(entry) == 1 else ""
    return next((letters for script, letters in _SPACELESS.items() if name.startswith(script)), 1.0)


def text_sha256(text: str) -> str:
    """SHA-256 of the text itself (UTF-8, nothing folded), in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _word_hashes(folded: str) -> Hashes:
    entries = folded.encode("utf-8", "surrogatepass").split()
    return np.frombuffer(b"".join(map(xxh3_64_digest, entries)), dtype=">u8").astype(np.uint64)


def _mix(hashes: Hashes) -> Hashes:
    """Hash every window of five word hashes (splitmix64's finaliser over their weighted sum)."""
    count = max(0, len(hashes) - SHINGLE_WORDS + 1)
    mixed = np.zeros(count, dtype=np.uint64)
    for place, odd in enumerate(_ODD):
        mixed += hashes[place : place + count] * odd
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def shingles_in_order(text: str) -> Hashes:
    """One hash for each run of five words, in reading order, repeats kept; empty under five words."""
    return shingles_of_folded(normalise(text))


def shingles_of_folded(folded: str) -> Hashes:
    """The same of a text that `normalise` has folded."""
    return _mix(_word_hashes(folded))


def shingle_hashes(text: str) -> Hashes:
    """All distinct five-word shingles of a text, sorted; empty under five words.

    Nothing is made up for shorter texts: with one shared signature all three-word texts would be copies.
    """
    return distinct(shingles_in_order(text))


def sketch(text: str) -> Hashes:
    """The part of a text's shingles that is kept in the lake, sorted and distinct.

    Every hash below `SKETCH_LIMIT`, and at least the `SKETCH_LEAST` smallest, so that short texts can be found
    too; such a hash may exceed 2**63, so it needs an unsigned column.
    """
    return sketches([text])[0]


def sketches(texts: Sequence[str]) -> list[Hashes]:
    """The sketches of many texts, in their order; hashes of all texts are mixed in one go."""
    hashed = [_word_hashes(normalise(text)) for text in texts]
    if not hashed:
        return []
    mixed = _mix(np.concatenate(hashed))
    ends = np.cumsum([0, *map(len, hashed)])
    return [_sample(mixed[start : max(start, end - SHINGLE_WORDS + 1)]) for start, end in pairwise(ends)]


def _sample(shingles: Hashes) -> Hashes:
    kept = distinct(shingles[shingles < SKETCH_LIMIT])
    return kept if len(kept) >= SKETCH_LEAST else distinct(shingles)[:SKETCH_LEAST]


def distinct(hashes: Hashes) -> Hashes:
    """Sorted and without repeats: ten times as fast as np.unique on an array of one article's size."""
    ordered = np.sort(hashes)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
