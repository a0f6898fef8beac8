"""Bad input through a real lake: texts that are hardly any, that are far too much, and that only look alike.

All cases lie in one lake, as one night would leave them: each case says which of its own articles belong together, and
no article may be paired with one of another case.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.warehouse.pages import load, page, prose, rows
from warehouse import Lake, run_checks

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
UNDATED = {"published_date": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Articles a, b, c, …, each at an outlet of its own, and which of them are one text."""

    texts: Sequence[str]
    together: Sequence[str] = ()  # groups of two and more: "ab"
    kept: Sequence[str] = ()  # pairs that are kept and unite nobody
    fields: Sequence[dict[str, object]] = field(
        default=()
    )  # of each article, where they are not the usual ones


def written(letters: str, seed: int, *, size: int, gap: str = " ", paragraphs: int = 6) -> str:
    """A text in a script: words of these letters, out of a vocabulary that all its texts share."""
    spell, chance = random.Random(letters), random.Random(seed)
    vocabulary = ["".join(spell.choices(letters, k=spell.randint(2, 5))) for _ in range(400)]
    return "\n".join(gap.join(chance.choices(vocabulary, k=size // paragraphs)) for _ in range(paragraphs))


def span(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last)))


SCRIPTS = {  # letters, and what stands between words
    "latin": ("etaoinshrdlucmfwypvbgk", " "),
    "arabic": ("ابتثجحخدذرزسشصضطعغفقكلمنهوي", " "),
    "persian": ("ابپتجچحخدرزژسشصضطعفقکگلمنوهی", "\u200c"),
    "urdu": ("ابپتٹجچحخدڈرڑزسشصعفقکگلمنںوہھیے", " "),
    "hebrew": (span(0x5D0, 0x5EB), " "),
    "cyrillic": (span(0x430, 0x450), " "),
    "greek": (span(0x3B1, 0x3CA), " "),
    "georgian": (span(0x10D0, 0x10F1), " "),
    "devanagari": (span(0x915, 0x93A), " "),
    "hangul": (span(0xAC00, 0xAE00), " "),
    "chinese": (span(0x4E00, 0x5000), ""),
    "japanese": (span(0x3041, 0x3094) + span(0x5000, 0x5080), ""),
    "thai": (span(0xE01, 0xE2F), ""),
    "khmer": (span(0x1780, 0x17A3), ""),
}


def in_script(letters: str, gap: str) -> Case:
    """A text, the first two thirds of it framed, and a stranger of the same words."""
    whole, own, stranger = (written(letters, seed, size=300, gap=gap) for seed in (1, 2, 3))
    trimmed = "\n".join([*whole.split("\n")[:4], own.split("\n")[0]])
    return Case(texts=(whole, trimmed, stranger), together=["ab"])


def huge(seed: int) -> str:
    """Two megabytes in 5,000 paragraphs."""
    chance = random.Random(seed)
    vocabulary = [f"{start}{end:03}{seed}" for start in ("mel", "kos", "dra") for end in range(1000)]
    drawn = chance.choices(vocabulary, k=5000 * 50)
    return "\n".join(" ".join(drawn[start : start + 50]) for start in range(0, len(drawn), 50))


HUGE = huge(1)
SHORT = prose(12)
NOTICE = "All rights reserved. This material may not be published, broadcast, rewritten, sold or redistributed, in whole or in part, by any person in any form without the prior written permission of the Karsan News Trust, which is asked for by letter at its office."  # fmt: skip
WIRE = prose(11, paragraphs=6, words=60)
TRIMMED = "\n".join([*WIRE.split("\n")[:4], prose(19, paragraphs=1)])


def with_notice(seed: int, gap: str) -> str:
    return prose(seed, paragraphs=2, words=40) + gap + NOTICE


def bulletin(day: str, seed: int) -> str:
    """The weather, in the words of every day."""
    chance = random.Random(seed)
    towns = ("Karsan", "Melrak", "Vernesh", "Dravo", "Tarutu", "Linba")
    lines = (f"In {town} the day will be dry and warm with light wind from the north-west, and the night clear; highest {chance.randint(20, 40)} and lowest {chance.randint(5, 19)} degrees." for town in towns)  # fmt: skip
    return "\n".join(
        [f"The office of weather said on {day} that no rain is expected in the five provinces.", *lines]
    )


REPORT = prose(61, paragraphs=3)
CASES = {
    "nothing but white space": Case(texts=[" ", " "]),
    "nothing but signs": Case(texts=["…—! ??? " * 40] * 2 + ["…—! ??? " * 39]),
    "nothing but emoji": Case(texts=["😀🚒🌊" * 40] * 2 + ["🚒 " * 60]),
    "three words": Case(texts=["Photo gallery today"] * 3),
    "three long words": Case(texts=["Subscribers continue reading"] * 2 + ["Subscribers continue listening"]),
    "four letters without spaces": Case(texts=["大桥开通"] * 2),
    "a line of five words": Case(texts=["Karsan reopens the Blue Bridge"] * 2, together=["ab"]),
    "two megabytes": Case(
        texts=[HUGE, HUGE[: len(HUGE) * 2 // 3], huge(2)[:500_000], HUGE[9000:9700] + "\n" + SHORT, SHORT],
        together=["ab", "de"],
        kept=["ad", "bd"],
    ),
    "one word": Case(
        texts=["flood " * 100_000, "flood " * 99_000, "flood " * 30, "ebb " * 100_000, prose(71) + "\n" + "flood " * 9]
    ),
    "one sentence": Case(
        texts=["The ferry leaves Karsan at noon every other day. " * 2000, prose(72) + "\nThe ferry leaves Karsan at noon every other day."]
    ),
    "a legal notice as a paragraph": Case(texts=[with_notice(seed, "\n") for seed in (21, 22)]),
    "a legal notice glued to the last": Case(texts=[with_notice(seed, " ") for seed in (23, 24)]),
    "a notice under a long paragraph": Case(
        texts=[prose(seed, paragraphs=1, words=170) + " " + NOTICE for seed in (25, 26)]
    ),
    "nothing but a legal notice": Case(texts=[NOTICE, NOTICE + " Karsan, November 2026."]),
    "without dates": Case(texts=[WIRE, TRIMMED, prose(14)], together=["ab"], fields=[UNDATED] * 3),
    "one without a date": Case(
        texts=[prose(15, paragraphs=6), prose(15, paragraphs=6), prose(16)], together=["ab"], fields=[UNDATED, {}, UNDATED]
    ),
    "the weather of two days": Case(
        texts=[bulletin("Friday", 1), bulletin("Saturday", 2), bulletin("Friday", 1)],
        together=["ac"],
        kept=["ab", "bc"],
        fields=[{}, {"published_date": SATURDAY}, {}],
    ),
    "one report, another count": Case(
        texts=[f"{REPORT}\nAt least 3 people were hurt, and 40 of 200 houses lost their roofs.", f"{REPORT}\nAt least 5 people were hurt, and 40 of 200 houses lost their roofs."],
        together=["ab"],
        fields=[{}, {"published_date": SATURDAY}],
    ),
    "null bytes": Case(texts=[prose(17).replace(" ", "\x00 ", 3), prose(17), "\x00" * 400], together=["ab"]),
    **{f"in {script}": in_script(*how) for script, how in SCRIPTS.items()},
}  # fmt: skip
LETTERS = "abcdefgh"


def test_who_belongs_together_and_no_case_to_another(lake: Lake):
    """One night of all of them: groups and kept pairs case by case, by the letters of their articles."""
    load(
        lake,
        *(
            page(letter, text, source=f"zz_{n}_{letter}", title=f"{name}/{letter}", **fields)
            for n, (name, case) in enumerate(CASES.items())
            for letter, text, fields in zip(
                "abcde", case.texts, case.fields or [{}] * len(case.texts), strict=False
            )
        ),
    )
    groups = rows(
        lake,
        "select list(title order by title) from articles join copy_members using (article_id) "
        "group by copy_group_id having count(*) > 1",
    )
    kept = rows(
        lake,
        "select [least(a.title, b.title), greatest(a.title, b.title)] from copies "
        "join articles as a on a.article_id = copies.article_id join articles as b on b.article_id = of_article_id "
        "where not is_uniting",
    )
    assert _by_case(groups) == {name: set(case.together) for name, case in CASES.items() if case.together}
    assert _by_case(kept) == {name: set(case.kept) for name, case in CASES.items() if case.kept}
    assert run_checks(lake) == []


def _by_case(found: Sequence[tuple[Sequence[str]]]) -> dict[str, set[str]]:
    """Letters of the articles of each case; articles of two cases stand under both names."""
    cases: dict[str, set[str]] = {}
    for (titles,) in found:
        names = sorted({title[:-2] for title in titles})
        cases.setdefault(" and ".join(names), set()).add("".join(title[-1] for title in titles))
    return cases
