"""What a report says about its happening: numbers, names, places, words, in the scripts we read."""

from __future__ import annotations

import pytest

from articles.tellings import Kind, Telling, read_telling


def telling(text: str, *, language: str | None = "en", **fields: str | None) -> Telling:
    return read_telling(
        **{"title": None, "dek": None, "dateline": None, "text": text, "language": language} | fields
    )  # type: ignore[arg-type]


def found(kind: Kind, text: str, *, language: str | None = "en", **fields: str | None) -> set[str]:
    return {term.text for term in telling(text, language=language, **fields).weights if term.kind is kind}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "Twenty-three people and five soldiers were buried, and 47,000 litres were lost.",
            {"23", "5", "47000"},
        ),
        ("en", "Some 1.5 million tonnes, 3 thousand lorries.", {"1500000", "3000"}),
        ("en", "On 19 November 2026 and on November 19 nobody was counted.", set()),
        ("en", "One or two of them came back in 1998.", set()),  # too common to say anything; a year
        ("ar", "مقتل ثلاثة وعشرين شخصا و14 جريحا، وخسائر تبلغ 5 ملايين", {"23", "14", "5000000"}),
        ("ar", "وقال ثلاثة عشر شاهدا في ١٩ يوليو ٢٠٢٦", {"13"}),
        ("fa", "بیست و پنج تن و ۵ هزار خانواده", {"25", "5000"}),
        ("fa", "صبح پنج\u200cشنبه ۹ کارگر و عصر سه شنبه ۴ تن", {"9", "4"}),  # Thursday is no five
        ("ur", "تین لاکھ روپے اور ۱۲ افراد", {"300000", "12"}),
    ],
)
def test_counts_and_amounts_are_read_in_numerals_and_in_words_and_dates_are_not(language, text, expected):
    assert found(Kind.NUMBER, text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The lorries left Kot Samand at dawn.", {"kot samand"}),
        ("Officials waited. Adam Vale met General Hassan al-Dar.", {"adam vale", "general hassan al dar"}),
        ("Residents fled. Engineers stayed.", set()),  # the head of a sentence says nothing
        ("Lorwah is closed. The mayor of Lorwah resigned.", {"lorwah"}),
        ("В городе Лорва закрыт Синий Мост.", {"лорва", "синии мост"}),
    ],
)
def test_names_are_runs_of_capitals_that_no_sentence_begins_with(text, expected):
    assert found(Kind.NAME, text, language=None) == expected


def test_a_headline_that_capitalises_everything_names_nobody():
    assert found(Kind.NAME, "", title="Two Lorries Collide Near The Old Bridge") == set()
    assert found(Kind.NAME, "", title="Two lorries collide near Blue Bridge") == {"blue bridge"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Shelling was heard in Taiz."),
        ("ar", "سمع دوي القصف في تعز وضواحيها"),
        ("ar", "وصلت القوافل لتعز صباحا"),
        ("fa", "صدای گلوله‌باران در تعز شنیده شد"),
    ],
)
def test_a_place_has_one_name_in_all_languages(language, text):
    assert "Taiz" in found(Kind.PLACE, text, language=language)


def test_a_dateline_counts_as_a_place_even_where_no_table_knows_it():
    assert found(Kind.PLACE, "", dateline="UMM SIDR") == {"umm sidr"}
    assert found(Kind.PLACE, "", dateline="BEIRUT, Lebanon") == {"Beirut", "Lebanon"}


def test_arabic_words_are_compared_without_their_article_and_particles():
    words = found(Kind.WORD, "هاجم المسلحون القرية وأحرقوا المدرسة", language="ar")
    assert words & found(Kind.WORD, "مسلحون في قرية ومدرسة", language="ar") == {"مسلح", "قری", "مدرس"}


def test_what_is_common_says_nothing_and_the_headline_counts_double():
    weights = {
        term.text: weight for term, weight in telling("The ferry sank.", title="Ferry").weights.items()
    }
    assert weights["ferry"] == 3.0
    assert "the" not in weights


def test_only_the_opening_is_read():
    text = "\n".join(f"Paragraph{number} mentions harbour{number}." for number in range(10))
    assert "harbour2" in found(Kind.WORD, text)
    assert "harbour3" not in found(Kind.WORD, text)


@pytest.mark.parametrize("text", ["", "Photo of day", "word " * 5000, "\n\n"])
def test_a_text_that_tells_nothing_is_not_telling(text):
    assert not telling(text).is_telling
