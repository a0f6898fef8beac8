"""Printed dates, read back by way of the other direction of each calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from newsroom import truth
from newsroom.printed_dates import printed_date

MONTHS = {
    "November": ("gregorian", 11),
    "تشرين الثاني": ("gregorian", 11),
    "نومبر": ("gregorian", 11),
    "آبان": ("jalali", 8),
    "جمادى الآخرة": ("hijri", 6),
    "جمادی الثانی": ("hijri", 6),
    "Jumada al-Akhirah": ("hijri", 6),
}
TO_GREGORIAN = {
    "gregorian": date,
    "jalali": lambda year, month, day: JalaliDate(year, month, day).to_gregorian(),
    "hijri": lambda year, month, day: date(*Hijri(year, month, day).to_gregorian().datetuple()),
}
PRINTED = [page for page in truth() if page.published_date and page.printed_date]


def days_in(text: str) -> dict[str, date]:
    """Every date in a line, by calendar. int() reads Arabic-Indic and Persian digits as well."""
    found = {}
    for name, (calendar, month) in MONTHS.items():
        for before, after, year in re.findall(rf"(\d+)?[ -]?{name}[ -](\d+, )?(\d{{4}})", text):
            found[calendar] = TO_GREGORIAN[calendar](int(year), month, int(before or after.rstrip(", ")))
    return found


@pytest.mark.parametrize("page", PRINTED, ids=lambda page: f"{page.outlet}-{page.night}-{page.path[-24:]}")
def test_a_printed_date_is_the_day_of_publication_in_the_outlets_zone(page):
    days = days_in(page.printed_date)

    assert page.calendar in days
    assert set(days.values()) == {page.published_date}


@pytest.mark.parametrize(
    ("day", "pattern", "locale", "digits", "expected"),
    [
        (date(2026, 3, 21), "{jalali_day} {jalali_month} {jalali_year}", "fa", "persian", "۱ فروردین ۱۴۰۵"),
        (date(2025, 3, 20), "{jalali_day} {jalali_month} {jalali_year}", "fa", "persian", "۳۰ اسفند ۱۴۰۳"),
        (date(2026, 2, 18), "{hijri_day} {hijri_month} {hijri_year}", "ar", "arabic-indic", "١ رمضان ١٤٤٧"),
        (date(2026, 6, 16), "{hijri_day} {hijri_month} {hijri_year}", "ur", "persian", "۱ محرم الحرام ۱۴۴۸"),
        (date(2026, 11, 18), "{weekday} {day} {month}", "ar_LB", "arabic-indic", "الأربعاء ١٨ تشرين الثاني"),
        (date(2026, 11, 18), "{weekday} {day} {month}", "ar", "latin", "الأربعاء 18 نوفمبر"),
        (date(2026, 11, 18), "{clock}", "en", "latin", "9:05 PM"),
    ],
)
def test_known_days_are_written_as_the_calendars_have_them(day, pattern, locale, digits, expected):
    moment = datetime(day.year, day.month, day.day, 21, 5, tzinfo=UTC)

    assert printed_date(moment, pattern=pattern, locale=locale, digits=digits) == expected
