"""Letters as rules compare them: one form for each Arabic-script letter, digit, space and dash.

Unlike the folding of fingerprints this keeps case and punctuation, as patterns for dates, names and agencies
need both. Rules pass their own words through the same function, so that they may be written as people write.
"""

from __future__ import annotations

import re
import unicodedata

_FORMS = {
    **dict.fromkeys("أإآٱ", "ا"),
    "ؤ": "و",
    **dict.fromkeys("يىئېۍ", "ی"),
    **dict.fromkeys("كڪ", "ک"),
    **dict.fromkeys("ةہۃھەۀۂ", "ه"),
    **dict.fromkeys("–—‒―−‐‑", "-"),
    **dict.fromkeys("’‘ʼ`´", "'"),
    **dict.fromkeys("“”„«»", '"'),
    "،": ",",
    "؛": ";",
    "٫": ".",
    "ـ": None,
    "\u200c": " ",  # zero-width non-joiner: "ربیع‌الاول" and "ربیع الاول" are one name
    **dict.fromkeys("\u00ad\u200b\u200d\u200e\u200f\u061c\u2060\ufeff", None),
    **dict.fromkeys(map(chr, range(0x202A, 0x202F)), None),  # bidi marks
    **dict.fromkeys(map(chr, range(0x2066, 0x206A)), None),
    **dict.fromkeys(map(chr, [*range(0x064B, 0x0660), 0x0670]), None),  # Arabic vowel signs
}
_TABLE = str.maketrans(_FORMS)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


def even_out(text: str) -> str:
    """The text with ASCII digits, one form of each Arabic-script letter, plain dashes and quotes, single spaces."""
    evened = unicodedata.normalize("NFKC", text).translate(_TABLE)
    evened = _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), evened)
    return " ".join(evened.split())
