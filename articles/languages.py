"""Which language a text is written in: by its letters where they tell, by a trained model among those of its script.

Never a default: a text too short, or one the evidence leaves open, has no language.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from copy import copy
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_MIN_LETTERS = (
    24  # a headline of four words; below it the model is wrong on every tenth line of the sample web
)
_MIN_CONFIDENCE = 0.75
_LONG_LETTERS = (
    400  # more of a text changed one answer on 844 corpus pages; the model costs 1 ms per 700 letters
)
_ENOUGH_LETTERS = 200  # where the page says the same: another answer than the whole text's on 2 of 843 pages
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_MIN_SHARE = (
    0.6  # of the letters must be of one script; a text half in one, half in another is in no one language
)

# The languages the model may answer, by script; those it cannot tell apart well are told by letters below.
_BY_SCRIPT = {
    "LATIN": (
        *(
            "en",
            "fr",
            "de",
            "es",
            "it",
            "pt",
            "nl",
            "tr",
            "pl",
            "cs",
            "sk",
            "hu",
            "ro",
            "sv",
            "no",
            "da",
            "fi",
            "is",
            "et",
            "lv",
        ),
        *(
            "lt",
            "hr",
            "sl",
            "sq",
            "az",
            "uz",
            "tk",
            "id",
            "ms",
            "tl",
            "sw",
            "so",
            "ha",
            "xh",
            "zu",
            "af",
            "ku",
            "vi",
            "ca",
            "gl",
            "eu",
            "cy",
            "ga",
        ),
    ),
    "CYRILLIC": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "tt", "mn"),
    "HEBREW": ("he",),
    "GREEK": ("el",),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "DEVANAGARI": ("hi", "mr", "ne"),
    "BENGALI": ("bn", "as"),
    "GURMUKHI": ("pa",),
    "GUJARATI": ("gu",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
    "SINHALA": ("si",),
    "THAI": ("th",),
    "LAO": ("lo",),
    "KHMER": ("km",),
    "ETHIOPIC": ("am",),
    "HANGUL": ("ko",),
}
# Letters that one language of the Arabic script has and those listed before it have not.
_OWN_LETTERS = {
    "ckb": "ڕڵۆێە",
    "sd": "ڄٻڀٿڃڇڏڌڊڍڙڦڳڱڻ",
    "ug": "ۇۈۋېڭ",
    "ps": "ټډړږښڼۍېځڅ",
    "ur": "ٹڈڑںےہھۂۓ",
}
_PERSIAN = "پچژگ"
_ARABIC_ONLY = "ةىيكأإؤ"
_PERSIAN_FORMS = "یک"


def identify(text: str, *, stated: str | None = None) -> str | None:
    """The language of a text.

    Args:
        text: prose, as printed; a few sentences are best.
        stated: the language its page claims: where the first sentence bears it out, the rest is not asked.

    Returns:
        ISO 639-1 code, or 639-3 where there is none ("ckb"); None when the text is too short or mixed, or the
        answer is not sure.
    """
    letters = [character for character in text[: 2 * _LONG_LETTERS] if character.isalpha()][:_LONG_LETTERS]
    if len(letters) < _MIN_LETTERS and not _is_dense(letters):
        return None
    scripts = Counter(map(_script, letters))
    script, count = scripts.most_common(1)[0]
    if script in ("HIRAGANA", "KATAKANA", "CJK"):
        kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
        return "ja" if kana > 0.1 * len(letters) else "zh" if count > _MIN_SHARE * len(letters) else None
    if count < _MIN_SHARE * len(letters):
        return None
    if script == "ARABIC":
        return _in_arabic_script(Counter(letters), count)
    candidates = _BY_SCRIPT.get(script, ())
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    if stated in candidates and _classify(text[: 2 * _ENOUGH_LETTERS], script) == stated:
        return stated
    return _classify(text[: 2 * _LONG_LETTERS], script)


def _classify(text: str, script: str) -> str | None:
    """What the model says, among the languages of a script; None where it is not sure."""
    language, confidence = _model(script).classify(_ADDRESS.sub(" ", text))
    return str(language) if confidence >= _MIN_CONFIDENCE else None


def _in_arabic_script(letters: Counter[str], total: int) -> str | None:
    """Tell Arabic, Persian, Urdu, Pashto, Sorani, Sindhi and Uyghur apart by the letters that only some have."""
    shares = {
        language: sum(letters[letter] for letter in own) / total for language, own in _OWN_LETTERS.items()
    }
    shares["ur"] -= letters["ے"] / total if shares["ckb"] > shares["ur"] else 0
    language = max(shares, key=lambda name: shares[name])
    if shares[language] >= 0.03:  # the scarcest, Pashto, has 5 % of such letters in prose
        return language
    if shares[language] >= 0.01:
        return None  # a quotation in another language, or names
    persian = sum(letters[letter] for letter in _PERSIAN) / total
    arabic = sum(letters[letter] for letter in _ARABIC_ONLY) / total
    forms = sum(letters[letter] for letter in _PERSIAN_FORMS) / total
    if (
        persian >= 0.01 and letters["ة"] <= 0.01 * total
    ):  # Persian prose has 3 to 5 % of these letters, Arabic none
        return "fa"
    if persian < 0.005 and arabic >= 0.03 and forms < arabic:
        return "ar"
    return None


def _is_dense(letters: list[str]) -> bool:
    """Whether the letters are of a script that says in one character what others say in several."""
    return len(letters) >= _MIN_LETTERS // 2 and all(
        _script(letter) in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL") for letter in letters
    )


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0].split("-")[0]


@cache
def _full_model() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)  # half a second, once a process


@cache
def _model(script: str) -> LanguageIdentifier:
    model = copy(_full_model())
    model.set_languages(list(_BY_SCRIPT[script]))
    return model
