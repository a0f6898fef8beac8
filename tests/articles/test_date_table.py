"""Some hundreds of dates as pages print them, each with the day that a calendar library gives; none is read wrong.

The table stands in date_table.tsv, so that it can be read and so that a library that changes its mind is noticed.
It is written by `python tests/articles/test_date_table.py`. Names of months that no library has are listed here,
in the order of the year; everything else about a row is computed by babel, persiantools, hijridate or zoneinfo.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_timedelta
from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from articles import dates

TABLE = Path(__file__).parent / "date_table.tsv"
CAPTURED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LEAST_ROWS = 300
READ_SHARE = 0.98  # of the rows that state a date; unknown is allowed, wrong is not

DIGITS = {
    "ascii": str.maketrans("", ""),
    "arabic": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    "persian": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
}
JALALI = {
    "Iran": "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
    "Dari": "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت",
    "Pashto": "وری غویی غبرګولی چنګاښ زمری وږی تله لړم لیندۍ مرغومی سلواغه کب",
    "Sorani": "خاکەلێوە گوڵان جۆزەردان پووشپەڕ گەلاوێژ خەرمانان ڕەزبەر گەڵاڕێزان سەرماوەز بەفرانبار ڕێبەندان ڕەشەمە",
    "English": "Farvardin Ordibehesht Khordad Tir Mordad Shahrivar Mehr Aban Azar Dey Bahman Esfand",
}
HIJRI = {
    "Arabic": "محرم|صفر|ربيع الأول|ربيع الآخر|جمادى الأولى|جمادى الآخرة|رجب|شعبان|رمضان|شوال|ذو القعدة|ذو الحجة",
    "Persian": "محرم|صفر|ربیع‌الاول|ربیع‌الثانی|جمادی‌الاول|جمادی‌الثانی|رجب|شعبان|رمضان|شوال|ذی‌القعده|ذی‌الحجه",
    "Urdu": "محرم الحرام|صفر المظفر|ربیع الاول|ربیع الثانی|جمادی الاول|جمادی الثانی|رجب المرجب|شعبان المعظم|رمضان المبارک|شوال المکرم|ذوالقعدہ|ذوالحجہ",
    "English": "Muharram|Safar|Rabi al-Awwal|Rabi al-Thani|Jumada al-Awwal|Jumada al-Thani|Rajab|Shaban|Ramadan|Shawwal|Dhu al-Qidah|Dhu al-Hijjah",
}
LONG_DATES = (
    "ar",
    "ar_LB",
    "ar_IQ",
    "ar_DZ",
    "ar_TN",
    "ar_MA",
    "fa_AF",
    "ur",
    "ps",
    "ckb",
    "en",
    "fr",
    "tr",
    "ru",
)
TWICE_NAMED = "كانون الثاني/يناير شباط/فبراير آذار/مارس نيسان/أبريل أيار/مايو حزيران/يونيو تموز/يوليو آب/أغسطس أيلول/سبتمبر تشرين الأول/أكتوبر تشرين الثاني/نوفمبر كانون الأول/ديسمبر"
KURMANJI = "Çile Sibat Adar Nîsan Gulan Hezîran Tîrmeh Tebax Îlon Cotmeh Mijdar Kanûn"
RELATIVE = ("en", "ar", "fa", "ur", "ps", "tr", "fr", "ru", "de", "es")
ZONES = (
    "Asia/Karachi", "Asia/Kolkata", "Asia/Jerusalem", "Europe/London", "Europe/Paris", "Europe/Istanbul", "Europe/Moscow", "Europe/Athens", "Europe/Kyiv", "Europe/Lisbon",
    "Africa/Cairo", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Asia/Tokyo", "Asia/Seoul", "Asia/Jakarta", "Asia/Hong_Kong", "Asia/Manila", "Australia/Sydney",
    "Australia/Perth", "Pacific/Auckland", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Halifax", "America/Anchorage",
)  # fmt: skip
NO_DATES = (
    "3-2", "Karsan 3, Zarvan 2", "2:1 (1:0)", "1402", "۱۴۰۲", "2026", "١٤٤٧", "021-88887777", "+98 21 8888 7777", "0300-1234567", "+964 770 123 4567", "Rs 4,200", "$19.11", "€ 1.402,00",
    "۱٬۴۰۲ تومان", "١٤٠٢ دينار", "12/7", "24/7", "9/11", "19/11/26", "192.168.10.20", "v2.11.2026.1", "کد خبر: ۱۴۰۵۰۸۲۸", "بازدید: ۱۴۰۵", "page 19 of 2026", "6:0, 6:4, 7:5", "40 % - 2026", "٣ - ٢",
    "20261119", "ISBN 978-0-14-044793-4", "No. 28/1405", "5 November 3 2026", "13/13/2026", "40/13/2026", "2026-13-45", "1405/13/01", "1448/13/09", "00/00/2026",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line as printed in a zone, and what it says; empty where it says nothing that is sure."""

    text: str
    zone: str
    day: str
    at: str
    precision: str
    calendar: str


def table() -> list[Row]:
    return [
        *printed_days(),
        *clocks(),
        *relative(),
        *impossible(),
        *(Row(text, "Asia/Karachi", "", "", "", "") for text in NO_DATES),
    ]


def day_row(text: str, day: date, calendar: str) -> Row:
    return Row(text, "Asia/Karachi", day.isoformat(), "", "day", calendar)


def printed_days() -> Iterator[Row]:
    digits = cycle(DIGITS.values())
    for names in JALALI.values():
        for month, name in enumerate(names.split(), start=1):
            year, day = 1380 + 2 * month, 1 + 2 * month
            expected = JalaliDate(year, month, day).to_gregorian()
            yield day_row(f"{day} {name} {year}".translate(next(digits)), expected, "jalali")
    for names in HIJRI.values():
        for month, name in enumerate(names.split("|"), start=1):
            year, day = 1422 + 2 * month, 1 + 2 * month
            expected = date(*Hijri(year, month, day).to_gregorian().datetuple())
            yield day_row(f"{day} {name} {year} هـ".translate(next(digits)), expected, "hijri")
    for locale in LONG_DATES:
        for month in range(1, 13):
            day = date(2012 + month, month, 2 * month + 3)
            text = format_date(day, "full" if month % 3 == 0 else "long", locale=locale)
            yield day_row(text.translate(next(digits)), day, "gregorian")
    twice = TWICE_NAMED.replace("كانون ", "كانون_").replace("تشرين ", "تشرين_").split()
    for month, name in enumerate(twice, start=1):
        day = date(2025, month, 28)
        yield day_row(f"28 {name.replace('_', ' ')} 2025".translate(next(digits)), day, "gregorian")
    for month, name in enumerate(KURMANJI.split(), start=1):
        yield day_row(f"{month + 9} {name} 2025", date(2025, month, month + 9), "gregorian")
    for month in range(1, 13):
        jalali, day = JalaliDate(1392 + month, month, 13), date(2013 + month, month, 13)
        hijri = Hijri(1433 + month, month, 13)
        for text, expected, calendar in (
            (f"{jalali.year}/{jalali.month:02}/{jalali.day:02}", jalali.to_gregorian(), "jalali"),
            (
                f"{hijri.year}-{hijri.month:02}-{hijri.day:02}",
                date(*hijri.to_gregorian().datetuple()),
                "hijri",
            ),
            (f"{day.day}/{day.month}/{day.year}", day, "gregorian"),
        ):
            yield day_row(text.translate(next(digits)), expected, calendar)


def clocks() -> Iterator[Row]:
    """The zone's own abbreviation tells the moment; elsewhere it contradicts the source, and the day alone is sure."""
    for name in ZONES:
        for month in (1, 7):
            at = datetime(2025, month, 15, 14, 5, tzinfo=ZoneInfo(name))
            text = f"{at:%B} {at.day}, {at.year} 14:05 {at.tzname()}"
            yield Row(text, name, f"2025-{month:02}-15", moment(at), "minute", "gregorian")
            if at.tzname() != "GMT":  # which is no zone's own
                yield Row(text, "Asia/Kathmandu", f"2025-{month:02}-15", "", "day", "gregorian")


def relative() -> Iterator[Row]:
    for locale in RELATIVE:
        for unit, numbers in (("minute", (1, 2, 5, 12, 45)), ("hour", (1, 2, 3, 7, 11))):
            for number in numbers:
                length = timedelta(**{f"{unit}s": number})
                text = format_timedelta(
                    -length, granularity=unit, threshold=100, add_direction=True, locale=locale
                )
                at = CAPTURED - length
                slack = timedelta(**{f"{unit}s": 1})
                days = {(at + step).astimezone(ZoneInfo("Asia/Karachi")).date() for step in (-slack, slack)}
                day = days.pop().isoformat() if len(days) == 1 else ""
                yield Row(text, "Asia/Karachi", day, moment(at), unit, "gregorian")


def impossible() -> Iterator[Row]:
    """Days that the calendars do not have, as the libraries say themselves."""
    for year, month, day in ((1404, 12, 30), (1402, 7, 31), (1401, 9, 31), (1403, 1, 32), (1400, 11, 31)):
        with pytest.raises(ValueError, match=r".+"):
            JalaliDate(year, month, day)
        yield Row(
            f"{day} {JALALI['Iran'].split()[month - 1]} {year}".translate(DIGITS["persian"]),
            "Asia/Tehran",
            "",
            "",
            "",
            "",
        )
        yield Row(f"{year}/{month:02}/{day}", "Asia/Tehran", "", "", "", "")
    for year, month, day in (
        (2025, 2, 29),
        (2026, 2, 30),
        (2026, 2, 31),
        (2026, 4, 31),
        (2026, 9, 31),
        (2026, 1, 32),
    ):
        with pytest.raises(ValueError, match=r".+"):
            date(year, month, day)
        name = format_date(date(year, month, 1), "MMMM", locale="ar_LB")
        yield Row(f"{day} {name} {year}".translate(DIGITS["arabic"]), "Asia/Beirut", "", "", "", "")
        yield Row(f"{year}-{month:02}-{day}", "Asia/Beirut", "", "", "", "")
    for year, month, day in ((1446, 2, 31), (1445, 9, 31)):
        with pytest.raises(ValueError, match=r".+"):
            Hijri(year, month, day)
        yield Row(f"{day} {HIJRI['Arabic'].split('|')[month - 1]} {year}", "Asia/Riyadh", "", "", "", "")


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def kept_table() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    assert header == [field.name for field in fields(Row)]
    return [Row(*row) for row in rows]


def read(row: Row) -> Row:
    line = dates.read_date_line(row.text, zone=ZoneInfo(row.zone), captured_at=CAPTURED)
    found = line.published if line else None
    if found is None or (found.day is None and found.at is None):
        return Row(row.text, row.zone, "", "", "", "")
    return Row(
        row.text,
        row.zone,
        found.day.isoformat() if found.day else "",
        moment(found.at) if found.at else "",
        found.precision.value,
        found.calendar.value,
    )


def test_the_table_is_what_the_libraries_compute():
    assert kept_table() == table()
    assert len(table()) >= LEAST_ROWS


def test_no_date_of_the_table_is_read_wrong():
    wrong = [(row, found) for row in kept_table() if (found := read(row)) != row and (found.day or found.at)]
    assert wrong == []


def test_nearly_all_dates_of_the_table_are_read():
    stated = [row for row in kept_table() if row.day or row.at]
    unread = [row.text for row in stated if read(row) != row]
    assert len(unread) <= (1 - READ_SHARE) * len(stated), unread


if __name__ == "__main__":
    with TABLE.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written, delimiter="\t", lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(map(astuple, table()))
