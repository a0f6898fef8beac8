"""A byline is a whole line that names people; a sentence, a heading or a desk gives no names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.people import clean_authors, is_byline, read_byline

BYLINES = [
    ("By Jane Doe", ("Jane Doe",)),
    ("by Jane Doe and John Roe", ("Jane Doe", "John Roe")),
    ("BY ANNA DOE AND OMAR AL-SHAMI", ("Anna Doe", "Omar Al-Shami")),
    ("By JANE DOE | Karsan Post", ("Jane Doe",)),
    ("By Jane Doe, Staff Writer | Nov 19, 2026", ("Jane Doe",)),
    ("By Jane Doe, John Roe & Omar Khalil", ("Jane Doe", "John Roe", "Omar Khalil")),
    ("By Jane Doe • 5 min read", ("Jane Doe",)),
    ("By Jane Doe in Kot Samand", ("Jane Doe",)),
    ("By Jane Doe for the Karsan Post", ("Jane Doe",)),
    ("By Jane Doe Published Nov 19, 2026", ("Jane Doe",)),
    ("By Jane Doe (Reuters)", ("Jane Doe",)),
    ("By Jane Doe and AFP", ("Jane Doe",)),
    ("By Muhammad Saad ul Haq", ("Muhammad Saad ul Haq",)),
    ("By Jean-Luc d'Arc", ("Jean-Luc d'Arc",)),
    ("Written by Dr Amna Kehar", ("Dr Amna Kehar",)),
    ("Written by: Zafar", ("Zafar",)),
    ("Jane Doe, Staff Writer", ("Jane Doe",)),
    ("Jane Doe, Karsan Post Staff Writer and John Roe, Correspondent", ("Jane Doe", "John Roe")),
    ("Par Jean Dupont", ("Jean Dupont",)),
    ("Von Hans Meier", ("Hans Meier",)),
    ("Автор: Иван Петров", ("Иван Петров",)),
    ("بقلم: مريم الحداد", ("مريم الحداد",)),
    (
        "بقلم مريم الحداد وسالم",
        ("مريم الحداد وسالم",),
    ),  # "and" written together is part of a name as likely as not
    ("كتب: سالم الأحمد", ("سالم الأحمد",)),
    ("كتبت - مريم الحداد", ("مريم الحداد",)),
    ("نویسنده: مهرداد کاویان و نسترن پیروز", ("مهرداد کاویان", "نسترن پیروز")),
    ("نوشتهٔ مهرداد کاویان", ("مهرداد کاویان",)),
    ("به قلم مهرداد کاویان", ("مهرداد کاویان",)),
    ("تحریر: احمد علی", ("احمد علی",)),
    ("رپورٹ: احمد علی اور سارہ خان", ("احمد علی", "سارہ خان")),
]

DESKS = [
    "By our staff reporter",
    "By Reuters",
    "By AFP and Reuters",
    "By The Associated Press",
    "By Web Desk",
    "گزارش: خبرنگار ما",
    "بقلم: هيئة التحرير",
    "Umm Sidr: Reuters",
    "كوت سمند - أ ف ب",
    "نورگڑھ (اے ایف پی)",
]

NO_BYLINES = [
    "", "By", "By Monday", "By Monday the crossing had reopened", "By The Numbers", "By Land and Sea", "By Nightfall", "By the time the imam began two thousand people stood there.",
    "By Jane Doe's account, the bridge had been shut for days.", "Jane Doe", "JANE DOE", "Jane Doe and John Roe", "Key Roles and Staff Training", "Jane Doe, a teacher in Kot Samand, said so.",
    "Bystanders watched", "Byron Bay Reopens", "كتب الرئيس رسالة إلى البرلمان", "كتب سالم رسالة", "از تهران تا مشهد", "رپورٹ کے مطابق پل بند ہے", "Par exemple", "Von Montag an", "Reuters",
    "Photo: Reuters", "Source: AFP", "Anna Vale/AP", "Anna Vale (AP)", "تصوير: رويترز", "المصدر: رويترز", "عکس: رویترز", "Umm Sidr: the bridge",
]  # fmt: skip


@pytest.mark.parametrize(("line", "names"), BYLINES)
def test_names_in_a_byline(line, names):
    assert read_byline(line) == names
    assert is_byline(line)


@pytest.mark.parametrize("line", DESKS)
def test_a_desk_or_an_agency_signs_without_a_name(line):
    assert read_byline(line) == ()
    assert is_byline(line)


@pytest.mark.parametrize("line", NO_BYLINES)
def test_what_is_no_byline(line):
    assert read_byline(line) == ()
    assert not is_byline(line)


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("By Jane Doe", ("Jane Doe",)),
        ("Jane Doe, John Roe", ("Jane Doe", "John Roe")),
        ("Doe, Jane", ("Jane Doe",)),
        (["JANE DOE", "jane@daily.example", "https://social.example/jane", "Jane Doe"], ("Jane Doe",)),
        ("Jane Doe and John Roe, Staff Writers", ("Jane Doe", "John Roe")),
        ("Jane Doe, Reuters", ("Jane Doe",)),
        ("Jane Doe, Ph.D.", ("Jane Doe",)),
        ("Jane Doe (Kot Samand)", ("Jane Doe",)),
        ("jane doe", ("jane doe",)),
        ("مريم الحداد، سالم الأحمد", ("مريم الحداد", "سالم الأحمد")),
        ("احمد علی اور سارہ خان", ("احمد علی", "سارہ خان")),
        (["Reuters", "AFP", "رويترز", "admin", "Web Desk", "Staff Reporter", "", "42"], ()),
        ([], ()),
    ],
)
def test_author_fields_are_cleaned(raw, names):
    assert clean_authors(raw) == names
    assert clean_authors(names) == names


@given(st.text(max_size=60))
def test_any_text_is_answered(text):
    assert is_byline(text) or read_byline(text) == ()
    assert all(name.strip() for name in clean_authors(text))
