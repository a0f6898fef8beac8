"""Dates as a newspaper prints them: three calendars, four languages, three sets of digits.

An outlet's `outlet.toml` holds the pattern, for example "{weekday} {jalali_day} {jalali_month} {jalali_year}".
Gregorian names come from CLDR (babel), conversions from `persiantools` and `hijridate` (Umm al-Qura).
"""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date, format_datetime
from hijridate import Gregorian
from persiantools.jdatetime import JalaliDate

DIGITS = {
    "latin": "0123456789",
    "arabic-indic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
}

# hijridate has no Persian and no Urdu names.
HIJRI_MONTHS = {
    "fa": [
        *("محرم", "صفر", "ربیع‌الاول", "ربیع‌الثانی", "جمادی‌الاول", "جمادی‌الثانی"),
        *("رجب", "شعبان", "رمضان", "شوال", "ذی‌القعده", "ذی‌الحجه"),
    ],
    "ur": [
        *("محرم الحرام", "صفر المظفر", "ربیع الاول", "ربیع الثانی", "جمادی الاول", "جمادی الثانی"),
        *("رجب المرجب", "شعبان المعظم", "رمضان المبارک", "شوال المکرم", "ذوالقعدہ", "ذوالحجہ"),
    ],
}


def printed_date(moment: datetime, *, pattern: str, locale: str, digits: str) -> str:
    """Write a moment the way an outlet prints it.

    Args:
        moment: aware, already in the outlet's own zone.
        pattern: a `str.format` pattern; its fields are `weekday`, `day`, `month`, `year`, the same three with
            `jalali_` or `hijri_` before them, `hour`, `minute` (two digits each) and `clock` ("7:20 PM").
        locale: CLDR locale of the names, e.g. "ar_LB" for the Levantine months.
        digits: a key of `DIGITS`.

    Raises:
        KeyError: the pattern has a field that does not exist, or `digits` is no set of digits.
    """
    day = moment.date()
    jalali = JalaliDate(day)
    hijri = Gregorian.fromdate(day).to_hijri()
    language = locale.split("_")[0]
    hijri_months = HIJRI_MONTHS.get(language)
    text = pattern.format(
        weekday=format_date(day, "EEEE", locale=locale),
        day=day.day,
        month=format_date(day, "MMMM", locale=locale),
        year=day.year,
        jalali_day=jalali.day,
        jalali_month=jalali.strftime("%B", locale="fa"),
        jalali_year=jalali.year,
        hijri_day=hijri.day,
        hijri_month=(
            hijri_months[hijri.month - 1]
            if hijri_months
            else hijri.month_name("ar" if language == "ar" else "en")
        ),
        hijri_year=hijri.year,
        hour=f"{moment.hour:02}",
        minute=f"{moment.minute:02}",
        clock=format_datetime(moment, "h:mm a", locale="en"),
    )
    return text.translate(str.maketrans(DIGITS["latin"], DIGITS[digits]))
