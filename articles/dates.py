"""Dates as pages state them, in three calendars and a dozen languages, each with its evidence.

Unknown is allowed, wrong is not: what cannot be read in one way only keeps its printed text and the precision
`unknown`. A printed date is read from a line that as a whole is one; sentences that mention a date never match.
Names, labels and zones are data in rules/dates.toml, month and weekday names besides come from CLDR.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from importlib import resources
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_timedelta
from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from articles.letters import even_out
from articles.records import Calendar, DatePrecision, Published

FIRST_DAY = date(1990, 1, 1)  # nothing on the web was published before; older dates are history inside a text
LAST_DAY = date(2100, 1, 1)  # where the moment of capture is not given
_FIRST_GREGORIAN_YEAR = 1700  # Jalali and Hijri years come to 1480 and 1530 by LAST_DAY
CLOCK_SKEW = timedelta(days=1)  # a page of another zone may be dated tomorrow
_SAME_MOMENT = timedelta(minutes=1)
_MAX_LINE_CHARS = 160  # two labelled dates in two calendars, with weekday and time, have 120

_MAX_WORDY_CHARS = 60  # a date without a figure, and its label
_DIGIT = re.compile(r"\d")

_LOCALES = ("en", "fr", "de", "es", "it", "pt", "nl", "tr", "az", "ru", "uk", "pl", "sv", "id", "ar", "ar_LB", "ar_IQ", "ar_DZ", "ar_TN", "ar_MA", "ar_SA", "fa", "fa_AF", "ur", "ps", "ckb", "ku", "sd", "uz", "tg", "kk", "he", "el", "hi")  # fmt: skip
_RELATIVE_LOCALES = ("en", "fr", "de", "es", "it", "pt", "nl", "tr", "az", "ru", "uk", "pl", "sv", "id", "ar", "fa", "ur", "ps", "uz", "tg", "kk", "he", "el", "hi")  # fmt: skip
_EXAMPLE_NUMBERS = (1, 2, 3, 5, 11, 21, 22, 25)  # one of each form that nouns take behind a number
_HIJRI_TOLERANCE_DAYS = 2  # the month begins with the sighting of the moon, which differs between countries


@dataclass(frozen=True, slots=True)
class DateLine:
    """What a line that is a date says; one of the two is None unless the line states both."""

    published: Published | None  # also for a line without any label
    modified: Published | None  # from "Updated: ..."


# -- what others call -------------------------------------------------------------------------------------------


def read_date_line(
    text: str, *, zone: ZoneInfo | None, captured_at: datetime | None = None, origin: str = "text"
) -> DateLine | None:
    """Read a line that is nothing but a date: label, weekday, time and zone may stand with it.

    Args:
        text: one line of a page.
        zone: the zone the source prints in; None keeps days and drops clock times that name no zone.
        captured_at: when the page was taken, aware; without it "3 hours ago" stays unknown.
        origin: where the line stood, for `Published.origin`.

    Returns:
        None when the line is no date line. A date that may be read in two ways (03/04/2026) or contradicts itself
        is a `Published` of precision `unknown`.
    """
    printed = " ".join(text.split())
    if not printed or len(printed) > _MAX_LINE_CHARS:
        return None
    if not _DIGIT.search(printed) and (
        len(printed) > _MAX_WORDY_CHARS or not _words().wordy.search(even_out(printed).casefold())
    ):
        return None
    evened = _ZONE_IN_WORDS.sub("", even_out(printed).casefold())
    stamp = _stamp(evened)
    if stamp is not None:
        published = _finish(stamp, zone, captured_at, origin, printed)
        return DateLine(published, None) if published else None
    tokens = _tokens(evened)
    if tokens is None:
        return None
    has_native_digits = any(character.isdigit() and not character.isascii() for character in printed)
    stated: dict[str, Published] = {}
    for label, part in _labelled(tokens):
        reading = _read_part(
            part, is_labelled=label is not None, is_day_first=has_native_digits, captured_at=captured_at
        )
        if reading is None:
            if label is None or not any(token.kind in ("month", "numeric") for token in part):
                return None
            reading = _Reading()  # "Published: 1 January 1890": certainly a date, and not this one
        published = _finish(reading, zone, captured_at, origin, printed)
        if published is None:
            if label is None:
                return None
            published = _unknown(origin, printed)
        key = label or "published"
        if key in stated:
            return None
        stated[key] = published
    return DateLine(stated.get("published"), stated.get("modified")) if stated else None


def parse_printed(
    text: str, *, zone: ZoneInfo | None, captured_at: datetime | None = None, origin: str = "text"
) -> Published | None:
    """The publication date a whole line states; None where it states none, or only when it was updated."""
    line = read_date_line(text, zone=zone, captured_at=captured_at, origin=origin)
    return line.published if line else None


def parse_machine(
    text: str, *, zone: ZoneInfo | None, origin: str, captured_at: datetime | None = None
) -> Published | None:
    """Read a date from structured data: ISO 8601, RFC 5322, or whatever a template printed there instead.

    A time of exactly midnight is how templates write a day without a time, and is read as the day.

    Args:
        text: the value of a field.
        zone: the source's zone; decides stamps without an offset, and the day.
        origin: "json-ld", "meta", "time", "feed", "sitemap" or "record".
        captured_at: when the page was taken; later dates are not believed.
    """
    return parse_printed(text, zone=zone, captured_at=captured_at, origin=origin)


def from_url(url: str) -> Published | None:
    """The day or month that an address states in its folders: /2026/11/19/, /2026/1119/, /1405/08/28/, /2026-11-19.

    Eight digits in one piece are not believed: many publishers number their articles so.
    """
    path = unquote(urlsplit(url).path)
    for pattern in _URL_DAYS:
        if match := pattern.search(path):
            month = _english_month(match["month"])
            day = _one_day(int(match["year"]), month, int(match["day"]), LAST_DAY) if month else None
            if day is not None:
                return Published(
                    at=None,
                    day=day[0],
                    precision=DatePrecision.DAY,
                    calendar=day[1],
                    origin="url",
                    text=match[0].strip("/"),
                )
    if (match := _URL_MONTH.search(path)) and _one_day(int(match["year"]), int(match["month"]), 1, LAST_DAY):
        calendar = Calendar.GREGORIAN if int(match["year"]) > 1900 else Calendar.JALALI
        return Published(
            at=None,
            day=None,
            precision=DatePrecision.MONTH,
            calendar=calendar,
            origin="url",
            text=match[0].strip("/"),
        )
    return None


_ORIGINS = ("record", "json-ld", "meta", "time", "feed", "sitemap", "text", "url")  # who is believed first
_SURE_ORIGINS = ("record", "json-ld", "meta")  # who may say that a date is not the first one
_FINENESS = (DatePrecision.SECOND, DatePrecision.MINUTE, DatePrecision.HOUR, DatePrecision.DAY)


def choose(candidates: Iterable[Published | None], *, modified: Published | None = None) -> Published | None:
    """Choose one date among what a page states in several places.

    Args:
        candidates: what the places state.
        modified: when the page says that it was last changed.

    Rules, in order: a user's own record decides alone. The very moment of the last change is no moment of
    publication where JSON-LD or meta state an earlier day. The day that most kinds of place state wins (a page's
    header prints today's date, an address keeps the first one); between equals the place believed first, in the
    order of `_ORIGINS`. On that day the finest statement wins, an instant before a bare day. Months and
    unknown dates are chosen only where nobody states a day.
    """
    known = [candidate for candidate in candidates if candidate is not None]
    dated = [candidate for candidate in known if candidate.day is not None]
    records = [candidate for candidate in dated if candidate.origin == "record"]
    if records:
        dated = records
    dated = _without_echoes(dated, modified)
    if not dated:
        return min(known, key=_vagueness, default=None)
    places: dict[date, set[str]] = {}
    for candidate in dated:
        if candidate.day is not None:
            places.setdefault(candidate.day, set()).add(candidate.origin)
    day = min(places, key=lambda day: (-len(places[day]), min(map(_rank, places[day]))))
    return min(
        (candidate for candidate in dated if candidate.day == day),
        key=lambda candidate: (_FINENESS.index(candidate.precision), _rank(candidate.origin)),
    )


def _without_echoes(dated: list[Published], modified: Published | None) -> list[Published]:
    """The claims that do not merely repeat the last change; all of them where nobody states an earlier day."""
    if modified is None or modified.at is None:
        return dated
    apart = [claim for claim in dated if claim.at is None or abs(claim.at - modified.at) > _SAME_MOMENT]
    first = min((claim.day for claim in apart if claim.day and claim.origin in _SURE_ORIGINS), default=None)
    is_earlier = first is not None and modified.day is not None and first < modified.day
    return apart if is_earlier else dated


def _rank(origin: str) -> int:
    return _ORIGINS.index(origin) if origin in _ORIGINS else len(_ORIGINS)


def _vagueness(candidate: Published) -> tuple[bool, bool, int]:
    return candidate.at is None, candidate.precision is not DatePrecision.MONTH, _rank(candidate.origin)


# -- one reading ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a line states, before zones: a local day and clock time, an instant, or only that a date stands there."""

    day: date | None = None
    calendar: Calendar = Calendar.GREGORIAN
    clock: time | None = None
    clock_precision: DatePrecision = DatePrecision.DAY
    offsets: tuple[timedelta, ...] | None = None  # None: no zone is named; empty: one that is not known
    is_absolute: bool = False  # the offset is stated in figures or is UTC: it need not be the source's own
    instant: datetime | None = None  # from a relative date
    relative_day: int | None = None  # days before the day of capture
    precision: DatePrecision | None = None  # overrides, for months and relative dates
    month: tuple[int, int] | None = None  # year and month where no day is stated


def _unknown(origin: str, printed: str, calendar: Calendar = Calendar.GREGORIAN) -> Published:
    return Published(
        at=None, day=None, precision=DatePrecision.UNKNOWN, calendar=calendar, origin=origin, text=printed
    )


def _finish(
    reading: _Reading, zone: ZoneInfo | None, captured_at: datetime | None, origin: str, printed: str
) -> Published | None:
    """Put a reading into the source's zone and check its range; None when it lies outside."""

    def published(at: datetime | None, day: date | None, precision: DatePrecision) -> Published | None:
        latest = captured_at + CLOCK_SKEW if captured_at else None
        if at is not None and latest is not None and at > latest:
            return None
        if day is not None and not FIRST_DAY <= day <= _last_day(captured_at):
            return None
        at = at.astimezone(UTC) if at else None
        return Published(
            at=at, day=day, precision=precision, calendar=reading.calendar, origin=origin, text=printed
        )

    if reading.instant is not None or reading.relative_day is not None:
        return published(*_relative(reading, zone, captured_at))
    if reading.month is not None:
        first = date(*reading.month, 1)
        is_possible = FIRST_DAY <= first <= _last_day(captured_at)
        return published(None, None, DatePrecision.MONTH) if is_possible else None
    if reading.day is None:
        return _unknown(origin, printed, reading.calendar)
    if reading.clock is None:
        return published(None, reading.day, DatePrecision.DAY)
    at = _instant(reading.day, reading, zone)
    if (
        reading.clock == time(0) and reading.clock_precision is DatePrecision.SECOND
    ):  # a template's way to write a day
        shown = at.astimezone(zone).date() if at and zone else reading.day
        return (
            published(None, reading.day, DatePrecision.DAY)
            if shown == reading.day
            else _unknown(origin, printed)
        )
    if at is None:
        return published(None, reading.day, DatePrecision.DAY)
    return published(at, at.astimezone(zone).date() if zone else reading.day, reading.clock_precision)


def _last_day(captured_at: datetime | None) -> date:
    return (captured_at + CLOCK_SKEW + timedelta(hours=14)).date() if captured_at else LAST_DAY


def _instant(day: date, reading: _Reading, zone: ZoneInfo | None) -> datetime | None:
    """The moment of a local clock time; None where its zone is not known, contradicts the source's, or is unclear."""
    assert reading.clock is not None
    local = datetime.combine(day, reading.clock)
    own: timedelta | None = None
    if zone is not None:
        early, late = (
            local.replace(tzinfo=zone, fold=0).utcoffset(),
            local.replace(tzinfo=zone, fold=1).utcoffset(),
        )
        own = early if early == late else None  # at the change of clocks a time may happen twice or never
    if reading.offsets is None:
        offset = own
    elif reading.is_absolute or (zone is None and len(reading.offsets) == 1):
        offset = reading.offsets[0]
    else:
        offset = own if own in reading.offsets else None
    return local.replace(tzinfo=timezone(offset)) if offset is not None else None


def _relative(
    reading: _Reading, zone: ZoneInfo | None, captured_at: datetime | None
) -> tuple[datetime | None, date | None, DatePrecision]:
    """A date counted back from the moment of capture, with the precision that the counting leaves."""
    nothing = (None, None, DatePrecision.UNKNOWN)
    if captured_at is None:
        return nothing
    if reading.relative_day is not None:
        if zone is None:
            return nothing
        day = captured_at.astimezone(zone).date() - timedelta(days=reading.relative_day)
        if reading.clock is None:
            return None, day, DatePrecision.DAY
        at = _instant(day, reading, zone)
        return (at, day, reading.clock_precision) if at else (None, day, DatePrecision.DAY)
    at = reading.instant
    assert at is not None
    assert reading.precision is not None
    slack = (
        timedelta(hours=1) if reading.precision is DatePrecision.HOUR else timedelta(minutes=1)
    )  # rounding down or up
    days = {(at + step).astimezone(zone).date() for step in (-slack, timedelta(0), slack)} if zone else set()
    return at, days.pop() if len(days) == 1 else None, reading.precision


# -- machine stamps ---------------------------------------------------------------------------------------------

_ISO_STAMP = re.compile(
    r"(?P<year>\d{4})(?P<dash>-)?(?P<month>\d{2})(?(dash)-)(?P<day>\d{2})(?(dash)|(?=t))"  # eight digits alone are a number
    r"(?:[t ]\s?(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?\s?(?P<zone>z|[+\-]\d{2}(?::?\d{2})?)?)?"
)
_MAIL_STAMP = re.compile(  # Thu, 19 Nov 2026 14:05:00 +0500
    r"(?:(?P<weekday>[a-z]{3}),? )?(?P<day>\d{1,2}) (?P<month>[a-z]{3}) (?P<year>\d{4}) (?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))? (?P<zone>[+\-]\d{4})"
)


def _stamp(evened: str) -> _Reading | None:
    """A date in one of the two forms that machines write, if the whole text is one and names a day that exists."""
    match = _ISO_STAMP.fullmatch(evened) or _MAIL_STAMP.fullmatch(evened)
    if match is None:
        return None
    month = int(match["month"]) if match["month"].isdigit() else _english_month(match["month"])
    found = _one_day(int(match["year"]), month, int(match["day"]), LAST_DAY) if month else None
    if found is None:
        return None
    day, calendar = found
    reading = _Reading(day=day, calendar=calendar)
    if match["hour"] is None:
        return reading
    clock = _clock(match["hour"], match["minute"], match["second"] or "0")
    if clock is None:
        return None
    offset = _offset(match["zone"]) if match["zone"] else None
    if match["zone"] and offset is None:
        return None
    return replace(
        reading,
        clock=clock,
        clock_precision=DatePrecision.SECOND if match["second"] else DatePrecision.MINUTE,
        offsets=None if offset is None else (offset,),
        is_absolute=True,
    )


def _clock(hour: str, minute: str, second: str) -> time | None:
    try:
        return time(int(hour), int(minute), int(second))
    except ValueError:
        return None


def _offset(text: str) -> timedelta | None:
    """An offset in figures: "z", "+05:00", "+0500", "+5"; None when no zone has it."""
    if text == "z":
        return timedelta(0)
    match = re.fullmatch(r"([+\-])(\d{1,2})(?::?(\d{2}))?", text)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return (
        None
        if offset > timedelta(hours=14) or int(match[3] or 0) % 15
        else offset * (-1 if match[1] == "-" else 1)
    )


# -- days of three calendars ------------------------------------------------------------------------------------


def _one_day(
    year: int, month: int, day: int, last: date, calendar: Calendar | None = None
) -> tuple[date, Calendar] | None:
    """The day with these numbers, when exactly one calendar makes it a possible day of publication.

    Jalali 1369 to today and Hijri 1410 to today overlap only in years that lie ahead in the one or the other.
    """
    possible = []
    for name, convert in _CALENDARS.items():
        if calendar not in (None, name) or (name is Calendar.GREGORIAN) != (year >= _FIRST_GREGORIAN_YEAR):
            continue
        try:
            gregorian = convert(year, month, day)
        except (ValueError, OverflowError):
            continue
        if FIRST_DAY <= gregorian <= last:
            possible.append((gregorian, name))
    return possible[0] if len(possible) == 1 else None


def _from_jalali(year: int, month: int, day: int) -> date:
    return JalaliDate(year, month, day).to_gregorian()


def _from_hijri(year: int, month: int, day: int) -> date:
    return date(*Hijri(year, month, day).to_gregorian().datetuple())


_CALENDARS = {Calendar.GREGORIAN: date, Calendar.JALALI: _from_jalali, Calendar.HIJRI: _from_hijri}

_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_URL_DAYS = (
    re.compile(
        r"/(?P<year>(?:19|20|13|14)\d\d)/(?P<month>\d{1,2}|[a-z]{3})/(?P<day>\d{1,2})(?=/|$|-)", re.IGNORECASE
    ),
    re.compile(r"/(?P<year>(?:19|20|13|14)\d\d)/(?P<month>\d\d)(?P<day>\d\d)(?=/|$)"),
    re.compile(r"(?:/|[_-])(?P<year>(?:19|20|13|14)\d\d)[-_](?P<month>\d\d)[-_](?P<day>\d\d)(?=/|$|[-_.])"),
)
_URL_MONTH = re.compile(r"/(?P<year>(?:19|20|13|14)\d\d)/(?P<month>\d\d)(?=/)")


def _english_month(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return _ENGLISH_MONTHS.index(text.casefold()) + 1 if text.casefold() in _ENGLISH_MONTHS else None


# -- printed dates: words ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    """One word of a date line."""

    kind: str  # label, weekday, month, number, numeric, clock, part, zone, offset, relative
    text: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The vocabulary, evened out and in lower case."""

    months: Mapping[str, tuple[tuple[Calendar, int], ...]]  # a name may be a month of two calendars
    weekdays: Mapping[str, int]  # Monday is 0
    labels: Mapping[str, str]
    parts: Mapping[str, str]
    zones: Mapping[str, tuple[timedelta, ...]]
    eras: frozenset[str]
    relative: Mapping[str, tuple[str, int | None]]  # pattern with "#" or fixed words -> unit, number
    wordy: re.Pattern[str]  # what a date without a figure holds: "yesterday", "an hour ago"
    scanner: re.Pattern[str]


_NUMERIC = r"(?P<numeric>(?<![\d/.\-])\d{1,4}(?P<separator>\s?[/.\-]\s?)\d{1,2}(?P=separator)\d{1,4}(?![\d/]|\.\d|-\d)|\d{4}[年년]\s?\d{1,2}[月월]\s?\d{1,2}[日일])"
_CLOCK = (
    r"(?P<clock>(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])|(?<!\d)\d{1,2}\s?(?:h|時|시)\s?\d{2}(?:分|분|(?!\d))"
    r"|(?<!\d)\d{1,2}\.\d{2}(?=\s?uhr)|(?<=kl )\d{1,2}\.\d{2}(?!\d)|(?<=kl\. )\d{1,2}\.\d{2}(?!\d)"
    r"|(?<!\d)\d{1,2}(?=\s?(?:am|pm|a\.m|p\.m)(?!\w)))"
)
_OFFSET = (
    r"(?P<offset>(?:gmt|utc)\s?[+\-]\s?\d{1,2}(?::?\d{2})?(?!\d)|(?<=[\d\s])[+\-]\d{2}:?\d{2}(?![\d/\-]))"
)
_SIGNED_OFFSET = re.compile(r"(?<=[\d\s])[+\-]\d{2}:?\d{2}(?![\d/\-])")
_NUMBER = (  # with the endings of its order or case: "19th", "1er", "۱۹مه", "١٩ی", "19ê", "2026an"
    r"(?P<number>(?<![\d])\d{1,4})(?:st|nd|rd|th|er|re|º|ª|\.|مه|می|ی|'?(?:yê|ê|an))?(?!\d|\.\d)"
)
_ZONE_IN_WORDS = re.compile(r"(?<=[+\-]\d{4}) \([a-z ]+ time\)$")  # as JavaScript prints dates
_EDGE, _END = r"(?<![^\W\d_])", r"(?![^\W\d_])"
_READING_TIME = r"(?P<skip>\d{1,3}[ -]?min(?:ute)?s? read)"
_PUNCTUATION = re.compile(r"[\s,;|•·\-()\[\]/.:@]*")


@cache
def _words() -> _Words:
    table = tomllib.loads(resources.files("articles").joinpath("rules", "dates.toml").read_text("utf-8"))
    months: dict[str, set[tuple[Calendar, int]]] = {}
    weekdays: dict[str, set[int]] = {}

    def add_month(name: str, calendar: Calendar, number: int) -> None:
        months.setdefault(_plain(name), set()).add((calendar, number))

    for calendar in Calendar:
        for number, names in enumerate(table["months"][calendar.value], start=1):
            for name in names:
                add_month(name, calendar, number)
    for code in _LOCALES:
        locale = Locale.parse(code)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    add_month(name, Calendar.GREGORIAN, int(number))
            for number, name in locale.days[context]["wide"].items():
                weekdays.setdefault(_plain(name), set()).add(int(number))
    for number, name in Locale.parse("en").days["format"]["abbreviated"].items():
        weekdays.setdefault(_plain(name), set()).add(int(number))
    for number, names in enumerate(table["weekdays"]["rows"]):
        for name in names:
            weekdays.setdefault(_plain(name), set()).add(number)
    # A name that means two months of one calendar in two languages says nothing.
    clear = {
        name: tuple(found)
        for name, found in months.items()
        if name and len({c for c, _ in found}) == len(found)
    }
    labels = {_plain(name): kind for kind in ("published", "modified") for name in table["labels"][kind]}
    parts = {
        _plain(name): kind for kind in ("morning", "evening", "unsure") for name in table["dayparts"][kind]
    }
    zones = {
        _plain(name): tuple(found for text in offsets if (found := _offset(text)) is not None)
        for name, offsets in table["zones"].items()
    }
    relative: dict[str, tuple[str, int | None]] = {}
    fixed = {"one_minute": ("minute", 1), "one_hour": ("hour", 1), "two_hours": ("hour", 2), "one_day": ("day", 1), "today": ("today", 0), "yesterday": ("today", 1)}  # fmt: skip
    for unit, names in table["relative"].items():
        for name in names:
            relative[_plain(name)] = fixed.get(unit, (unit, None))
    for code in _RELATIVE_LOCALES:
        for unit, pattern, number in _relative_forms(code):
            relative.setdefault(pattern, (unit, number))
    glue, eras = map(_plain, table["glue"]["words"]), frozenset(map(_plain, table["glue"]["era"]))
    single_weekdays = {
        name: found.pop()
        for name, found in weekdays.items()
        if name and len(found) == 1 and name not in clear
    }
    scanner = "|".join(
        (
            _READING_TIME,
            f"(?P<relative>{_EDGE}(?:{_group(relative, number=True)}){_END})",
            _NUMERIC,
            _OFFSET,
            _CLOCK,
            rf"(?P<part>(?<=[\d\s])(?:{_group(parts)})\.?{_END})",
            f"(?P<label>{_EDGE}(?:{_group(labels)}){_END})",
            f"(?P<month>{_EDGE}(?:{_group(clear)}){_END})",
            f"(?P<weekday>{_EDGE}(?:{_group(single_weekdays)}){_END})",
            f"(?P<zone>{_EDGE}(?:{_group(zones)}){_END})",
            f"(?P<era>(?<=[\\d\\s])(?:{_group(eras)}){_END})",
            f"(?P<glue>{_EDGE}(?:{_group(glue)}){_END})",
            _NUMBER,
        )
    )
    wordy = re.compile(f"{_EDGE}(?:{_group(name for name in relative if '#' not in name)}){_END}")
    return _Words(clear, single_weekdays, labels, parts, zones, eras, relative, wordy, re.compile(scanner))


def _relative_forms(code: str) -> Iterator[tuple[str, str, int | None]]:
    """How a language counts back minutes and hours, from CLDR: unit, pattern with "#", the number it has no figure for."""
    for unit in ("minute", "hour"):
        for number in _EXAMPLE_NUMBERS:
            length = timedelta(**{f"{unit}s": number})
            said = _plain(
                format_timedelta(-length, granularity=unit, threshold=100, add_direction=True, locale=code)
            )
            figures = re.findall(r"\d+", said)
            if figures == [str(number)]:
                yield unit, said.replace(figures[0], "#"), None
            elif not figures and number <= 2:
                yield unit, said, number


def _plain(name: str) -> str:
    return even_out(name).casefold().rstrip(".")


def _group(names: Iterable[str], *, number: bool = False) -> str:
    ordered = sorted(set(names), key=len, reverse=True)
    return "|".join(
        re.escape(name).replace(r"\#", r"\d{1,3}") if number else re.escape(name) for name in ordered
    )


def _tokens(evened: str) -> list[_Token] | None:
    """Cut a line into the words of a date; None as soon as one is none."""
    words = _words()
    tokens: list[_Token] = []
    position = 0
    while position < len(evened):
        position = _end_of_punctuation(evened, position)
        if position >= len(evened):
            break
        match = words.scanner.match(evened, position)
        if match is None or match.end() == position:
            return None
        position = match.end()
        kind = match.lastgroup if match.lastgroup != "separator" else "numeric"
        text = match[0]
        if kind == "number":
            tokens.append(_Token("number", match["number"]))
        elif kind == "part" and text in words.eras and (not tokens or tokens[-1].kind != "clock"):
            continue  # "2026م": the year of our era, not the afternoon
        elif kind not in ("glue", "skip", "era", None):
            tokens.append(_Token(kind, text.rstrip(".") if kind == "part" else text))
    return tokens


def _end_of_punctuation(evened: str, position: int) -> int:
    match = _PUNCTUATION.match(evened, position)
    end = match.end() if match else position
    # A sign before figures belongs to an offset, not to the punctuation.
    return end - 1 if end > position and _SIGNED_OFFSET.match(evened, end - 1) else end


def _labelled(tokens: Sequence[_Token]) -> Iterator[tuple[str | None, list[_Token]]]:
    """The parts of a line, each with the label before it; labels that follow one another are one."""
    labels = _words().labels
    label: str | None = None
    part: list[_Token] = []
    for token in tokens:
        if token.kind == "label":
            if part:
                yield label, part
                part = []
            label = labels[token.text]
        else:
            part.append(token)
    if part:
        yield label, part


# -- printed dates: sentences of such words ---------------------------------------------------------------------


def _read_part(
    tokens: Sequence[_Token], *, is_labelled: bool, is_day_first: bool, captured_at: datetime | None
) -> _Reading | None:
    """Read the words behind one label; None when they make no date."""
    kinds = [token.kind for token in tokens]
    if kinds.count("clock") > 1 or kinds.count("relative") > 1:
        return None
    clock = _read_clock(tokens)
    if clock is None:
        return None
    if "relative" in kinds:
        return _read_relative(tokens, clock, captured_at)
    last = _last_day(captured_at)
    found = _find_dates(tokens, last=last, is_day_first=is_day_first)
    if found is None:
        return None
    dates, months, is_unclear = found
    weekdays = {_words().weekdays[token.text] for token in tokens if token.kind == "weekday"}
    if not dates and not months and not is_unclear:
        return None
    if is_unclear and not dates:
        is_dated = is_labelled or bool(weekdays) or clock.clock is not None or "numeric" in kinds
        return _Reading() if is_dated else None
    if dates:
        agreed = _agree(dates, weekdays)
        return (
            replace(clock, day=agreed[0], calendar=agreed[1])
            if agreed
            else _Reading(calendar=_first_calendar(dates))
        )
    if len(months) == 1 and not weekdays and clock.clock is None:
        calendar, year, month = months[0]
        if calendar is Calendar.GREGORIAN:
            return _Reading(month=(year, month))
        first = _one_day(year, month, 1, last, calendar)
        return _Reading(month=(first[0].year, first[0].month), calendar=calendar) if first else None
    return None


_Dates = list[
    list[tuple[date, Calendar]]
]  # for each date printed, the days it may be; none outside the range


def _agree(dates: _Dates, weekdays: set[int]) -> tuple[date, Calendar] | None:
    """The one day that all dates of a line and its weekday mean; None when they mean none or several.

    A Hijri date may lie a day or two off, as the month begins with the sighting of the moon: a Gregorian or Jalali
    date beside it decides, or the weekday.
    """
    if len(weekdays) > 1 or not all(dates):
        return None
    exact = [days for days in dates if any(calendar is not Calendar.HIJRI for _, calendar in days)]
    lunar = [days for days in dates if days not in exact]
    if exact:
        common = set.intersection(*({day for day, _ in days} for days in exact))
        common = {day for day in common if not weekdays or day.weekday() in weekdays}
        common = {
            day
            for day in common
            if all(abs(day - other[0][0]).days <= _HIJRI_TOLERANCE_DAYS for other in lunar)
        }
        if len(common) != 1:
            return None
        (day,) = common
        calendars = [calendar for days in exact for known, calendar in days if known == day]
        return day, Calendar.GREGORIAN if Calendar.GREGORIAN in calendars else calendars[0]
    if len({days[0] for days in lunar}) != 1:
        return None
    computed = lunar[0][0][0]
    near = [computed, computed - timedelta(days=1), computed + timedelta(days=1)]
    fitting = [day for day in near if not weekdays or day.weekday() in weekdays]
    return (fitting[0], Calendar.HIJRI) if fitting else None


def _first_calendar(dates: _Dates) -> Calendar:
    return next(days[0][1] for days in dates if days)


def _find_dates(
    tokens: Sequence[_Token], *, last: date, is_day_first: bool
) -> tuple[_Dates, list[tuple[Calendar, int, int]], bool] | None:
    """All dates among the words: full ones, months with a year, and whether an unclear one stands there.

    Returns:
        None when a number or month is left over or a date cannot exist: the line is no date line.
    """
    parts = _without_doubled_months(tokens)
    dates: _Dates = []
    months: list[tuple[Calendar, int, int]] = []
    is_unclear = False
    index = 0
    while index < len(parts):
        numeric = parts[index]
        if numeric.kind == "numeric":
            found = _numeric_days(numeric.text, last=last, is_day_first=is_day_first)
            if found is None:
                return None
            dates, is_unclear, index = dates + ([found] if found else []), is_unclear or not found, index + 1
            continue
        shape = "".join(
            "m" if part.kind == "month" else _number_shape(part.text) for part in parts[index : index + 3]
        )
        size = next((length for length in (3, 2) if shape[:length] in _ORDERS), 0)
        if not size:
            return None
        order, used = _ORDERS[shape[:size]], parts[index : index + size]
        named = {role: part.text for role, part in zip(order, used, strict=True)}
        calendars = _words().months[named["m"]]
        if "y" not in named:
            is_unclear = True
        elif "d" not in named:
            months += [
                (calendar, int(named["y"]), month)
                for calendar, month in calendars
                if _is_year_of(calendar, named["y"])
            ]
            if not months:
                return None
        else:
            year, day = int(named["y"]), int(named["d"])
            possible = [_one_day(year, month, day, last, calendar) for calendar, month in calendars]
            dates.append([known for known in possible if known is not None])
        index += size
    return None if dates and not any(dates) else (dates, months, is_unclear)


def _without_doubled_months(tokens: Sequence[_Token]) -> list[_Token]:
    """Months, numbers and figures; a month said in two ways ("تشرين الثاني/نوفمبر") is the one that both mean."""
    months = _words().months
    parts: list[_Token] = []
    for token in tokens:
        if token.kind not in ("month", "number", "numeric"):
            continue
        before = parts[-1] if parts and parts[-1].kind == token.kind == "month" else None
        if before is None or not set(months[before.text]) & set(months[token.text]):
            parts.append(token)
        elif len(months[token.text]) < len(months[before.text]):
            parts[-1] = token
    return parts


# How numbers (d up to 31, y four digits) and a month's name follow one another in a date.
_ORDERS = {
    "dmy": "dmy",
    "mdy": "mdy",
    "ydm": "ydm",
    "ymd": "ymd",
    "my": "my",
    "ym": "ym",
    "dm": "dm",
    "md": "md",
}


def _number_shape(text: str) -> str:
    return "y" if len(text) == 4 else "d" if 1 <= int(text) <= 31 else "?"


def _is_year_of(calendar: Calendar, year: str) -> bool:
    return (int(year) > 1900) == (calendar is Calendar.GREGORIAN)


def _numeric_days(text: str, *, last: date, is_day_first: bool) -> list[tuple[date, Calendar]] | None:
    """The days that figures may mean: a list of one or two, empty when unclear for good; None when they are no date."""
    figures = re.findall(r"\d+", text)
    first, second, third = map(int, figures)
    if len(figures[0]) == 4:
        readings = [(first, second, third)]
    elif len(figures[2]) == 4 and len(figures[0]) <= 2:
        readings = [(third, second, first)]  # 19/11/2026
        if (
            not is_day_first and "." not in text
        ):  # with dots, and in Arabic script, the day comes first everywhere
            readings.append((third, first, second))
    else:
        return None  # two figures for a year: a score or a number as likely as a date
    days = {found for year, month, day in readings if (found := _one_day(year, month, day, last)) is not None}
    if len(days) == 1:
        return list(days)
    return sorted(days) or None


def _read_clock(tokens: Sequence[_Token]) -> _Reading | None:
    """The clock time and zone among the words, on a reading without a day; None when they are wrong."""
    zones = [token for token in tokens if token.kind in ("zone", "offset")]
    clocks = [token.text for token in tokens if token.kind == "clock"]
    parts = [_words().parts[token.text] for token in tokens if token.kind == "part"]
    offsets: tuple[timedelta, ...] | None = None
    is_absolute = False
    for token in zones:
        if token.kind == "offset":
            stated = _offset(re.sub(r"^(?:gmt|utc)|\s", "", token.text))
            offsets, is_absolute = (stated,) if stated is not None else (), stated is not None
        elif offsets is None or not is_absolute:
            offsets = _words().zones[token.text]
            is_absolute = offsets == (timedelta(0),) and token.text != "wet"
    if not clocks:
        return _Reading() if not parts else None
    figures = re.findall(r"\d+", clocks[0])
    hour = int(figures[0])
    is_halved = bool(set(parts) & {"morning", "evening"})
    if len(parts) > 1 or (is_halved and hour > 12 and "morning" in parts):
        return None
    if is_halved and hour <= 12:
        hour = hour % 12 + (12 if "evening" in parts else 0)
    if "unsure" in parts and hour <= 12:
        return _Reading()  # "5:00 in the evening": a day, but no moment that is sure
    clock = _clock(
        str(hour), figures[1] if len(figures) > 1 else "0", figures[2] if len(figures) > 2 else "0"
    )
    if clock is None:
        return None
    precision = (DatePrecision.HOUR, DatePrecision.MINUTE, DatePrecision.SECOND)[len(figures) - 1]
    return _Reading(clock=clock, clock_precision=precision, offsets=offsets, is_absolute=is_absolute)


def _read_relative(
    tokens: Sequence[_Token], clock: _Reading, captured_at: datetime | None
) -> _Reading | None:
    """Read "3 hours ago", "yesterday at 17:00"; other dates must not stand beside them."""
    if any(token.kind in ("month", "number", "numeric", "weekday") for token in tokens):
        return None
    text = next(token.text for token in tokens if token.kind == "relative")
    number = re.search(r"\d+", text)
    unit, fixed = _words().relative[re.sub(r"\d+", "#", text)]
    count = int(number[0]) if number else fixed
    if unit == "today":
        return replace(clock, relative_day=count) if captured_at else _Reading()
    if clock.clock is not None:
        return None
    if captured_at is None or count is None or unit in ("day", "longer"):
        return _Reading()  # "2 days ago" may be two days of the calendar or 71 hours
    step = timedelta(minutes=count) if unit == "minute" else timedelta(hours=count)
    return _Reading(
        instant=captured_at - step, precision=DatePrecision.MINUTE if unit == "minute" else DatePrecision.HOUR
    )
