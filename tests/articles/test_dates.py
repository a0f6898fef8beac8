"""Dates are read in one way or not at all; expected days come from the calendar libraries, not from our tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hijridate import Gregorian
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from articles import dates
from articles.records import Calendar, DatePrecision, Published

KARACHI, TEHRAN, BEIRUT, NEW_YORK = map(
    ZoneInfo, ("Asia/Karachi", "Asia/Tehran", "Asia/Beirut", "America/New_York")
)
CAPTURED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def read(
    text: str, zone: ZoneInfo | None = KARACHI, captured_at: datetime | None = CAPTURED
) -> Published | None:
    return dates.parse_printed(text, zone=zone, captured_at=captured_at)


def day_of(text: str) -> date | None:
    found = read(text)
    return found.day if found else None


# -- every month of every calendar ------------------------------------------------------------------------------

JALALI = {
    "Iran": [
        "فروردین",
        "اردیبهشت",
        "خرداد",
        "تیر",
        "مرداد",
        "شهریور",
        "مهر",
        "آبان",
        "آذر",
        "دی",
        "بهمن",
        "اسفند",
    ],
    "Dari": ["حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"],
    "Pashto": [
        "وری",
        "غویی",
        "غبرګولی",
        "چنګاښ",
        "زمری",
        "وږی",
        "تله",
        "لړم",
        "لیندۍ",
        "مرغومی",
        "سلواغه",
        "کب",
    ],
    "English": [
        "Farvardin",
        "Ordibehesht",
        "Khordad",
        "Tir",
        "Mordad",
        "Shahrivar",
        "Mehr",
        "Aban",
        "Azar",
        "Dey",
        "Bahman",
        "Esfand",
    ],
}
HIJRI = {
    "Arabic": [
        "محرم",
        "صفر",
        "ربيع الأول",
        "ربيع الآخر",
        "جمادى الأولى",
        "جمادى الآخرة",
        "رجب",
        "شعبان",
        "رمضان",
        "شوال",
        "ذو القعدة",
        "ذو الحجة",
    ],
    "Persian": [
        "محرم",
        "صفر",
        "ربیع‌الاول",
        "ربیع‌الثانی",
        "جمادی‌الاول",
        "جمادی‌الثانی",
        "رجب",
        "شعبان",
        "رمضان",
        "شوال",
        "ذی‌القعده",
        "ذی‌الحجه",
    ],
    "Urdu": [
        "محرم الحرام",
        "صفر المظفر",
        "ربیع الاول",
        "ربیع الثانی",
        "جمادی الاول",
        "جمادی الثانی",
        "رجب المرجب",
        "شعبان المعظم",
        "رمضان المبارک",
        "شوال المکرم",
        "ذوالقعدہ",
        "ذوالحجہ",
    ],
    "English": [
        "Muharram",
        "Safar",
        "Rabi al-Awwal",
        "Rabi al-Thani",
        "Jumada al-Awwal",
        "Jumada al-Thani",
        "Rajab",
        "Shaban",
        "Ramadan",
        "Shawwal",
        "Dhu al-Qidah",
        "Dhu al-Hijjah",
    ],
}
GREGORIAN = {
    "Levant": ["كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"],
    "Egypt and Gulf": ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    "Algeria and Tunisia": ["جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    "Morocco": ["يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"],
    "Urdu": ["جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر"],
    "Persian": ["ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"],
    "Sorani": ["کانوونی دووەم", "شوبات", "ئازار", "نیسان", "ئایار", "حوزەیران", "تەمووز", "ئاب", "ئەیلوول", "تشرینی یەکەم", "تشرینی دووەم", "کانوونی یەکەم"],
}  # fmt: skip


def months(names: dict[str, list[str]]) -> list[tuple[int, str]]:
    return [(number, name) for spelled in names.values() for number, name in enumerate(spelled, start=1)]


@pytest.mark.parametrize(("month", "name"), months(JALALI))
def test_jalali_months_of_iran_and_afghanistan(month, name):
    expected = JalaliDate(1404, month, 17).to_gregorian()
    for text in (f"17 {name} 1404", f"{name} 17, 1404", f"17 {name} 1404".translate(PERSIAN_DIGITS)):
        found = read(text)
        assert found is not None
        assert (found.day, found.calendar, found.at) == (expected, Calendar.JALALI, None)


@pytest.mark.parametrize(("month", "name"), months(HIJRI))
def test_hijri_months(month, name):
    from hijridate import Hijri

    expected = date(*Hijri(1447, month, 9).to_gregorian().datetuple())
    for text in (f"9 {name} 1447", f"9 {name} 1447 هـ".translate(ARABIC_DIGITS)):
        found = read(text)
        assert found is not None
        assert (found.day, found.calendar) == (expected, Calendar.HIJRI)


@pytest.mark.parametrize(("month", "name"), months(GREGORIAN))
def test_gregorian_months_by_region(month, name):
    for text in (f"18 {name} 2024", f"18 {name} 2024م", f"18 {name}، 2024".translate(ARABIC_DIGITS)):
        found = read(text)
        assert found is not None
        assert (found.day, found.calendar) == (date(2024, month, 18), Calendar.GREGORIAN)


@pytest.mark.parametrize("locale", ["en", "en_GB", "fr", "de", "es", "it", "pt", "tr", "ru", "uk", "nl", "sv", "pl", "id", "ar", "ar_LB", "ar_MA", "ar_DZ", "ur", "fa_AF"])  # fmt: skip
def test_the_long_dates_of_each_locale(locale):
    for day in (
        date(2026, 11, 19),
        date(2024, 2, 29),
        date(2025, 8, 3),
        date(2026, 5, 31),
        date(2023, 12, 1),
    ):
        for style in ("long", "full"):
            text = format_date(day, style, locale=locale)
            assert day_of(text) == day, text


@given(st.dates(date(1991, 1, 1), date(2026, 11, 20)))
def test_a_day_is_the_same_in_three_calendars_and_all_digits(day):
    jalali, hijri = JalaliDate(day), Gregorian.fromdate(day).to_hijri()
    lines = [
        day.isoformat(),
        f"{day.year}/{day.month:02}/{day.day:02}",
        f"{day:%A, %B} {day.day}, {day.year}",
        f"{jalali.year}/{jalali.month:02}/{jalali.day:02}".translate(PERSIAN_DIGITS),
        f"{jalali.day} {JALALI['Iran'][jalali.month - 1]} {jalali.year}".translate(PERSIAN_DIGITS),
        f"{hijri.day} {HIJRI['Arabic'][hijri.month - 1]} {hijri.year}",
        f"{day.day} {GREGORIAN['Levant'][day.month - 1]} {day.year} - {hijri.day} {HIJRI['Arabic'][hijri.month - 1]} {hijri.year} هـ",
    ]
    # A year such as 1412 is Hijri or, from 1410 on, a Jalali year that lies ahead.
    assert [day_of(line) for line in lines] == [day] * len(lines)


# -- forms, times and zones -------------------------------------------------------------------------------------

NOV_19 = date(2026, 11, 19)
DAYS = [
    "Nov 19, 2026", "Nov. 19, 2026", "19 Nov 2026", "19-Nov-2026", "November 19 2026", "19th November, 2026", "Thursday, November 19, 2026",
    "Thu 19 November 2026", "Published: November 19, 2026", "Published on 19 November 2026", "Posted on Nov 19, 2026", "First published Nov 19, 2026",
    "2026-11-19", "2026/11/19", "19/11/2026", "11/19/2026", "19.11.2026", "19-11-2026", "2026.11.19", "2026年11月19日", "2026년 11월 19일",
    "Nov 19, 2026 · 5 min read", "19 novembre 2026", "jeudi 19 novembre 2026", "Publié le 19 novembre 2026", "19. November 2026",
    "Donnerstag, 19. November 2026", "Veröffentlicht am 19.11.2026", "19 de noviembre de 2026", "19 Kasım 2026 Perşembe", "19 ноября 2026 г.", "Опубликовано: 19 ноября 2026",
    "19 AD November 2026", "Date: 19 November 2026 CE", "الخميس 19 نوفمبر 2026", "الخميس، ١٩ تشرين الثاني ٢٠٢٦", "نشر في: 19 نوفمبر 2026",
    "تاريخ النشر: 19/11/2026", "١٩/١١/٢٠٢٦", "جمعرات 19 نومبر 2026ء", "تاریخ اشاعت: 19 نومبر 2026", "19 نومبر ، 2026",
    "۲۸ آبان ۱۴۰۵", "پنجشنبه ۲۸ آبان ۱۴۰۵", "تاریخ انتشار: ۲۸ آبان ۱۴۰۵", "۱۴۰۵/۰۸/۲۸", "1405-08-28", "1405/8/28", "پنج‌شنبه 28 آبان 1405", "۲۸ عقرب ۱۴۰۵",
    "Thursday 28 Aban 1405", "1448/06/09", "9 جمادى الآخرة 1448 هـ", "١٩ نوفمبر ٢٠٢٦م الموافق ٩ جمادى الآخرة ١٤٤٨هـ",
    "19 November 2026 AD - 9 Jumada al-Akhirah 1448 AH", "پنجشنبه ۲۸ آبان ۱۴۰۵ برابر با ۱۹ نوامبر ۲۰۲۶", "28 Aban 1405 / 19 November 2026", "2026-11-19T00:00:00", "2026-11-19T00:00:00+05:00",
]  # fmt: skip


@pytest.mark.parametrize("text", DAYS)
def test_a_line_that_states_a_day(text):
    found = read(text)
    assert found is not None
    assert (found.day, found.at, found.precision) == (NOV_19, None, DatePrecision.DAY)
    assert found.text == text


INSTANTS = [  # text, zone of the source, moment in UTC, precision
    ("Nov 19, 2026 2:05 PM", KARACHI, "09:05", "minute"), ("Nov 19, 2026, 2:05 p.m. PKT", KARACHI, "09:05", "minute"), ("19 Nov, 2026 02:05pm", KARACHI, "09:05", "minute"),
    ("November 19, 2026 14:05 PKT", None, "09:05", "minute"), ("14:05 - 19 November 2026", KARACHI, "09:05", "minute"), ("Nov 19, 2026 5 PM", KARACHI, "12:00", "hour"),
    ("2026-11-19 14:05:11", KARACHI, "09:05:11", "second"), ("2026-11-19T14:05:11+05:00", None, "09:05:11", "second"), ("2026-11-19T09:05Z", KARACHI, "09:05", "minute"),
    ("20261119T140511+0500", None, "09:05:11", "second"), ("2026-11-19T09:05:11.123456Z", None, "09:05:11", "second"),
    ("Thu, 19 Nov 2026 14:05:00 +0500", None, "09:05", "second"), ("Thu, 19 Nov 2026 09:05:00 GMT", KARACHI, "09:05", "second"), ("Thu, 19 Nov 2026 14:05:00 PKT", KARACHI, "09:05", "second"),
    ("19 November 2026 at 12:05 GMT+3", KARACHI, "09:05", "minute"), ("Nov 19, 2026, 14:35 IST", ZoneInfo("Asia/Kolkata"), "09:05", "minute"),
    ("Nov 19, 2026, 11:05 IST", ZoneInfo("Asia/Jerusalem"), "09:05", "minute"), ("Nov 19, 2026 12:05 AST", ZoneInfo("Asia/Riyadh"), "09:05", "minute"),
    ("Nov 19, 2026 4:05 a.m. ET", NEW_YORK, "09:05", "minute"), ("19 novembre 2026 à 14h05", KARACHI, "09:05", "minute"), ("19.11.2026, 14:05 Uhr", KARACHI, "09:05", "minute"),
    ("19.11.2026, 14.05 Uhr", KARACHI, "09:05", "minute"), ("19 Kasım 2026 12:05", ZoneInfo("Europe/Istanbul"), "09:05", "minute"), ("2026年11月19日 14:05", KARACHI, "09:05", "minute"),
    ("الخميس 19 نوفمبر 2026 - 11:05", BEIRUT, "09:05", "minute"), ("19 نوفمبر 2026 - 09:05 بتوقيت غرينتش", BEIRUT, "09:05", "minute"), ("19/11/2026 - 2:05 م", KARACHI, "09:05", "minute"),
    ("١٩ نوفمبر ٢٠٢٦ - ١١:٠٥ صباحاً", BEIRUT, "09:05", "minute"), ("پنجشنبه ۲۸ آبان ۱۴۰۵ - ساعت ۱۲:۳۵", TEHRAN, "09:05", "minute"), ("۱۴۰۵/۰۸/۲۸ ۱۲:۳۵", TEHRAN, "09:05", "minute"),
    ("تاریخ انتشار: ۲۸ آبان ۱۴۰۵ - ۱۲:۳۵", TEHRAN, "09:05", "minute"), ("۱۲:۳۵ - ۱۴۰۵/۰۸/۲۸", TEHRAN, "09:05", "minute"), ("1405-08-28T12:35:00+03:30", None, "09:05", "second"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "zone", "expected", "precision"), INSTANTS)
def test_a_line_that_states_a_moment(text, zone, expected, precision):
    found = read(text, zone)
    assert found is not None
    assert found.at == datetime.fromisoformat(f"2026-11-19T{expected}").replace(tzinfo=UTC)
    assert found.precision == precision
    assert found.day == NOV_19


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Nov 19, 2026 14:05", None),  # whose clock?
        ("Nov 19, 2026 14:05 EST", KARACHI),  # contradicts the source's zone
        ("Nov 19, 2026 14:05 IST", None),  # India, Israel or Ireland
        ("Nov 19, 2026 14:05 PST", None),  # California, Pakistan or the Philippines
        ("November 1, 2026 1:30 AM", NEW_YORK),  # the clocks are put back: it happens twice
        ("۲۸ آبان ۱۴۰۵ - ساعت ۵:۰۰ عصر", TEHRAN),
    ],
)
def test_a_clock_time_that_is_not_sure_leaves_the_day(text, zone):
    found = read(text, zone)
    assert found is not None
    assert (found.at, found.precision) == (None, DatePrecision.DAY)
    assert found.day in (NOV_19, date(2026, 11, 1))


def test_the_day_is_the_sources_own():
    """22:00 UTC is already the next day in Karachi."""
    found = dates.parse_machine("2026-11-18T22:00:00Z", zone=KARACHI, origin="json-ld", captured_at=CAPTURED)
    assert found is not None
    assert (found.day, found.at, found.origin) == (NOV_19, datetime(2026, 11, 18, 22, tzinfo=UTC), "json-ld")


def test_midnight_is_a_template_for_a_day_only_where_the_day_agrees():
    assert read("2026-11-19T00:00:00Z", KARACHI).precision is DatePrecision.DAY
    assert read("2026-11-19T00:00:00Z", NEW_YORK).precision is DatePrecision.UNKNOWN


# -- unknown rather than wrong ----------------------------------------------------------------------------------

UNCLEAR = [
    "03/04/2026", "3/4/2026 14:05", "03-04-2026", "Published: 03/04/2026",  # which is the month?
    "Friday, November 19, 2026",  # it was a Thursday
    "19 November 2026 - 20 Aban 1405", "19 November 2026 - 9 Rajab 1448 AH",  # two dates, two days
    "Nov 18, 2026 - Nov 19, 2026",  # a period
    "Thursday, November 19", "Nov 19, 14:05",  # of which year?
    "2 days ago", "3 weeks ago",  # counted in what?
    "Published: 1 January 1890", "Updated: Nov 25, 2026 Published: Nov 25, 2026",  # before the web; after the capture
]  # fmt: skip


@pytest.mark.parametrize("text", UNCLEAR)
def test_an_unclear_date_is_a_date_line_and_unknown(text):
    found = read(text)
    assert found is not None
    assert (found.precision, found.day, found.at) == (DatePrecision.UNKNOWN, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Friday 3/4/2026", date(2026, 4, 3)), ("Wednesday 3/4/2026", date(2026, 3, 4)), ("٠٣/٠٤/٢٠٢٦", date(2026, 4, 3)), ("03.04.2026", date(2026, 4, 3)), ("4/4/2026", date(2026, 4, 4))],
)  # fmt: skip
def test_a_weekday_digits_or_dots_settle_day_and_month(text, expected):
    assert day_of(text) == expected


@pytest.mark.parametrize(
    "text", ["1890-01-01", "2026-11-25T10:00:00Z", "0001-01-01T00:00:00", "1970-01-01T00:00:00Z"]
)
def test_a_stamp_that_no_page_can_bear_is_no_date(text):
    assert dates.read_date_line(text, zone=KARACHI, captured_at=CAPTURED) is None


def test_a_month_has_no_day():
    found = read("November 2026")
    assert found is not None
    assert (found.precision, found.day, found.at) == (DatePrecision.MONTH, None, None)


def test_iso_like_jalali_is_never_the_middle_ages():
    assert day_of("1402-10-28") == JalaliDate(1402, 10, 28).to_gregorian() == date(2024, 1, 18)
    assert (
        dates.parse_machine("1412-01-01", zone=TEHRAN, origin="meta") is None
    )  # Jalali 2033 or Hijri 1991: not decided


NO_DATES = [
    "", " ", "-", "2026", "19", "November", "Thursday", "14:05", "9 a.m.", "May", "March on", "May 5", "3-2", "4:30", "0300-1234567", "+92 300 1234567", "021-111-222-333",
    "Rs 4,200", "$19.11", "19.11", "1,900", "40 kilograms", "12/7", "24/7", "20261119", "19/11/26", "v2.11.2026.1", "192.168.10.20", "page 19 of 2026", "40/13/2026", "2026-13-45", "30 February 2026",
    "The crossing reopened on November 19, 2026.", "On Thursday, November 19, the crossing reopened", "By November 2026 the bridge will be open", "In 2026, 19 people crossed",
    "Nov 19, 2026 was cold", "Karsan, November 19, 2026", "Nov 19 (Reuters) -", "January 1, 1967", "Nov 25, 2026", "1402", "Updated", "Published", "3 hours", "hours ago", "Photo: Nov 19, 2026",
    "Karsan 3, Zarvan 2", "5 November 3 2026", "Nov 19, 2026 25:70", "Copyright 2026", "© 2026", "وأعيد فتح المعبر في 19 نوفمبر 2026.", "در ۲۸ آبان ۱۴۰۵ پل بازگشایی شد.", "19 نومبر کو پل کھل گیا", "بازدید: ۱۴۰۵", "کد خبر: ۱۴۰۵۰۸۲۸",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_line(text):
    assert dates.read_date_line(text, zone=KARACHI, captured_at=CAPTURED) is None


@given(st.text(max_size=80))
def test_any_text_is_answered(text):
    line = dates.read_date_line(text, zone=KARACHI, captured_at=CAPTURED)
    assert line is None or line.published is not None or line.modified is not None


# -- labels and relative dates ----------------------------------------------------------------------------------


def test_updated_is_not_published():
    line = dates.read_date_line(
        "Published Nov 18, 2026 - Updated Nov 19, 2026 14:05", zone=KARACHI, captured_at=CAPTURED
    )
    assert line is not None
    assert line.published is not None
    assert line.modified is not None
    assert (line.published.day, line.modified.at) == (
        date(2026, 11, 18),
        datetime(2026, 11, 19, 9, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize("text", ["Updated: Nov 19, 2026", "Last updated on 19 November 2026", "آخر تحديث: 19/11/2026", "آخرین به‌روزرسانی: ۲۸ آبان ۱۴۰۵", "Mis à jour le 19 novembre 2026"])  # fmt: skip
def test_a_line_about_an_update_states_no_publication(text):
    line = dates.read_date_line(text, zone=KARACHI, captured_at=CAPTURED)
    assert line is not None
    assert line.published is None
    assert line.modified is not None
    assert line.modified.day == NOV_19


@pytest.mark.parametrize(
    ("text", "at", "day", "precision"),
    [
        ("3 hours ago", CAPTURED - timedelta(hours=3), date(2026, 11, 20), "hour"),
        ("منذ 3 ساعات", CAPTURED - timedelta(hours=3), date(2026, 11, 20), "hour"),
        ("۳ ساعت پیش", CAPTURED - timedelta(hours=3), date(2026, 11, 20), "hour"),
        ("3 گھنٹے قبل", CAPTURED - timedelta(hours=3), date(2026, 11, 20), "hour"),
        ("5 minutes ago", CAPTURED - timedelta(minutes=5), date(2026, 11, 20), "minute"),
        (
            "17 hours ago",
            CAPTURED - timedelta(hours=17),
            None,
            "hour",
        ),  # midnight in Karachi, give or take an hour
        ("Yesterday", None, NOV_19, "day"),
        ("امروز", None, date(2026, 11, 20), "day"),
        ("Yesterday at 5 pm", datetime(2026, 11, 19, 12, tzinfo=UTC), NOV_19, "hour"),
    ],
)
def test_relative_dates_count_from_the_capture(text, at, day, precision):
    found = read(text)
    assert found is not None
    assert (found.at, found.day, found.precision) == (at, day, precision)
    without = read(text, captured_at=None)
    assert without is not None
    assert without.precision is DatePrecision.UNKNOWN


# -- addresses and choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://daily.example/2026/11/19/talks", NOV_19),
        ("https://daily.example/2026/nov/19/talks", NOV_19),
        ("https://daily.example/World/2026/1119/Talks", NOV_19),
        ("https://daily.example/talks-2026-11-19", NOV_19),
        ("https://daily.example/fa/news/1405/08/28/3145/talks", NOV_19),
        ("https://daily.example/news/20261119/talks", None),  # an article number as likely as a day
        ("https://daily.example/2026/13/19/talks", None),
        ("https://daily.example/1911/11/19/talks", None),
        ("https://daily.example/2026/11/talks", None),
    ],
)
def test_a_date_in_an_address(url, day):
    found = dates.from_url(url)
    assert (found.day if found else None) == day


def stated(day: int, origin: str, hour: int | None = None) -> Published:
    at = None if hour is None else datetime(2026, 11, day, hour, tzinfo=UTC)
    precision = DatePrecision.DAY if hour is None else DatePrecision.MINUTE
    return Published(
        at=at,
        day=date(2026, 11, day),
        precision=precision,
        calendar=Calendar.GREGORIAN,
        origin=origin,
        text="",
    )


@pytest.mark.parametrize(
    ("candidates", "winner"),
    [
        ([], None),
        ([None], None),
        ([stated(19, "text"), stated(19, "json-ld", 9)], "json-ld"),
        ([stated(19, "json-ld"), stated(19, "time", 9)], "time"),  # the moment is finer than the day
        ([stated(19, "json-ld", 9), stated(19, "meta", 9)], "json-ld"),
        ([stated(20, "text"), stated(19, "meta")], "meta"),  # a page's header prints today
        (
            [stated(20, "json-ld", 9), stated(19, "text"), stated(19, "url")],
            "text",
        ),  # republished: two against one
        ([stated(20, "json-ld", 9), stated(20, "meta", 9), stated(19, "text"), stated(19, "url")], "json-ld"),
        ([stated(18, "record"), stated(19, "json-ld", 9), stated(19, "url")], "record"),
    ],
)
def test_choosing_among_what_a_page_states(candidates, winner):
    chosen = dates.choose(candidates)
    assert (chosen.origin if chosen else None) == winner


def test_an_unknown_date_is_chosen_only_where_nobody_states_one():
    unclear = read("03/04/2026")
    assert dates.choose([unclear, stated(19, "url")]) == stated(19, "url")
    assert dates.choose([unclear, None]) == unclear
