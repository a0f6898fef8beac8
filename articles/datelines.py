"""Datelines: the place, and often the agency, that a report opens with ("KARSAN, Nov 19 (Reuters) - ...").

Only what cannot be a sentence is taken for one: capitals before a dash or colon, or an agency in its fixed place.
The block itself keeps its text whole; a dateline is read from it, never cut off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel import Locale

from articles.agencies import agency_named
from articles.letters import even_out

_HEAD_CHARS = 120  # a dateline's mark stands within them
_MAX_HEAD_CHARS = 90  # "KOT SAMAND/UMM SIDR, Karsan, September 19, 2026 (Agence France-Presse) -" has 72
_MIN_REST_WORDS = 3
_MIN_BARE_REST_WORDS = (
    8  # behind capitals alone, without date or agency: shorter ones are list items and captions
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """What stands before the first sentence of a report."""

    place: str  # as printed, e.g. "ISLAMABAD, Pakistan"; several places stay together
    agency: str | None  # as in rules/agencies.toml
    rest: str  # the text behind it


_CAPITALS = (
    r"[A-ZÀ-Þ][A-ZÀ-Þ'’.]*(?:[ -](?:[A-ZÀ-Þ][A-ZÀ-Þ'’.]*|al|el|de|do|la|ul|e|on|the|in)){0,4}[A-ZÀ-Þ.]"
)
_NAMED = r"[A-ZÀ-Þ][\w'’.]*(?:[ -](?:[A-ZÀ-Þ][\w'’.]*|al|of|the|de|and)){0,5}"
_MONTH = (  # how the months begin in the languages whose agencies print the day in the dateline
    r"(?i:(?:jan|jän|gen|ene|oca|feb|fev|fév|şub|mar|mär|apr|avr|abr|nis|may|mai|mag|jun|juin|giu|haz|jul|juil|lug|tem|aug|août|"
    r"aou|ago|ağu|sep|set|eyl|oct|okt|ott|out|eki|nov|kas|dec|dez|déc|dic|ara|янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек)"
    r"[^\W\d_]*\.?)"
)
_DAY = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}}\.? (?:de )?{_MONTH})(?:,? (?:de )?\d{{4}})?"
_SOURCE = r"\((?P<source>[^()]{2,40})\)"
_DASH = r"(?:\s+(?:--?|[–—―])\s*|[—―]\s*|--\s*|\.\s?[-–—]\s+)"  # Spanish agencies print ".-"

# KARSAN, Zarvan, Nov 19 (Reuters) - …   ISLAMABAD, Pakistan — …   QUETTA: …   KARSAN (AFP): …
_IN_CAPITALS = re.compile(
    rf"^(?P<place>{_CAPITALS}(?:/{_CAPITALS})*(?:, (?!{_MONTH} )(?:{_NAMED})){{0,2}})(?P<date>,? {_DAY})?,?(?P<bracket> ?{_SOURCE})?"
    rf"(?P<mark>{_DASH}|\s?: ?)(?P<rest>.+)$",
    re.DOTALL,
)
# Karsan (Reuters) - …   Tehran, Nov 19, IRNA – …   Karsan, IRNA – …
_WITH_AGENCY = re.compile(
    rf"^(?P<place>{_NAMED}(?:/{_NAMED})*(?:, (?!{_MONTH} )(?:{_NAMED})){{0,2}}?)(?:,? {_DAY})?"
    rf"(?:,? ?{_SOURCE}|, (?P<plain>[A-Za-z ]{{2,25}}))(?:{_DASH}|\s?: ?)(?P<rest>.+)$",
    re.DOTALL,
)
# МОСКВА, 19 ноября. /ТАСС/. …   Москва. 19 ноября. ИНТЕРФАКС - …   МОСКВА, 19 ноя — РИА Новости. …
_IN_RUSSIAN = re.compile(
    rf"^(?P<place>[А-ЯЁ][\w-]*(?:[ -][А-ЯЁ][\w-]*){{0,3}})[,.] \d{{1,2}} {_MONTH}(?: \d{{4}}(?: года)?)?[.,]? ?"
    rf"(?:[-–—] ?)?(?:/(?P<between>[^/]{{2,30}})/|(?P<plain>[^.–—/]{{2,25}}?)(?:\.RU)?)(?:\s?[.:–—-]+)\s*(?P<rest>.+)$",
    re.DOTALL,
)
_IN_ARABIC = r"[ء-يٱ-ۓ][ء-يٱ-ۓ\u200c]*(?: [ء-يٱ-ۓ\u200c]+){0,2}"
# بغداد - رويترز: …   بغداد (رويترز) - …   عمان - بترا - …   تهران (ایرنا) - …   ایرنا - تهران - …
_ARABIC_SCRIPT = re.compile(
    rf"^(?P<first>{_IN_ARABIC})(?:\s*[،,]?\s*\(\s*(?P<bracketed>[^()]{{2,30}})\s*\)|\s*[-–—،/]\s*\(?(?P<plain>[^-–—:()،]{{2,30}}?)\)?)"
    rf"\s*(?:[-–—:]+|(?<=\))\s)\s*(?P<rest>.+)$",
    re.DOTALL,
)
# کوئٹہ (ویب ڈیسک): …  an Urdu paper's own desk in the agency's place
_URDU_DESK = re.compile(
    rf"^(?P<place>{_IN_ARABIC})\s*\((?P<desk>[^()]*(?:ڈیسک|نمائند|رپورٹ|نامہ نگار|نیوز|بیورو)[^()]*)\)\s*[:\-–—]*\s*(?P<rest>.+)$",
    re.DOTALL,
)
# کوئٹہ: …  Urdu papers print a bare place; speakers and headings stand before a colon too, and are told by word
_URDU_PLACE = re.compile(rf"^(?P<place>{_IN_ARABIC})\s?:\s+(?P<rest>.+)$", re.DOTALL)
_URDU_ONLY = re.compile(r"[ٹڈڑںےہھ]")
_URDU_NO_PLACE = re.compile(
    r"وزیر|صدر|ترجمان|سربراہ|جج|جنرل|کپتان|رپورٹ|تحریر|خبر|ویڈیو|تصویر|تجزیہ|تبصرہ|اداریہ|سوال|جواب|نوٹ|انٹرویو|اپ ڈیٹ|بریکنگ|فائل|بقلم|کالم|مزید|یہ بھی"
)
_MIN_URDU_REST_WORDS = 12
# بغداد - …   تهران – …  A bare place before a dash opens reports and also labels, so only known places count.
_BARE_PLACE = re.compile(rf"^(?P<place>{_IN_ARABIC})\s*[-–—]\s+(?P<rest>.+)$", re.DOTALL)
_SECOND_DASH = re.compile(r"(?:\S+ ){0,9}[-–—] ")  # "a place - in the north - …" is an aside
_MIN_BARE_ARABIC_REST_WORDS = 12
_PLACE_LOCALES = ("ar", "fa", "ur", "ps", "ckb")
_CITIES = (  # where news of the region comes from, beside the capitals that CLDR has
    *("صنعاء", "عدن", "غزة", "القدس", "رام الله", "نابلس", "الخليل", "حلب", "حمص", "إدلب", "اللاذقية", "الموصل", "أربيل", "البصرة"),
    *("كركوك", "النجف", "كربلاء", "السليمانية", "جدة", "مكة", "مكة المكرمة", "المدينة المنورة", "الدمام", "أبوظبي", "أبو ظبي", "الشارقة"),
    *("الإسكندرية", "بنغازي", "وهران", "قسنطينة", "الرباط", "مراكش", "فاس", "طنجة", "صفاقس", "أم درمان", "بورتسودان", "أنقرة", "واشنطن"),
    *("مشهد", "اصفهان", "شیراز", "تبریز", "قم", "اهواز", "کرمان", "کرمانشاه", "رشت", "ارومیه", "زاهدان", "هرات", "قندهار", "مزار شریف", "جلال آباد"),
    *("اسلام آباد", "لاہور", "پشاور", "کوئٹہ", "راولپنڈی", "ملتان", "فیصل آباد", "مظفر آباد", "نئی دہلی", "ممبئی", "سری نگر"),
    *("هەولێر", "سلێمانی", "دهۆک", "کەرکووک"),
)  # fmt: skip
_MARK = re.compile(r"[-–—―:(/]")
_ARABIC_LETTER = re.compile(r"[\u0621-\u06d5]")
_NO_PLACE = frozenset(
    """breaking update updated updates video watch photo photos gallery exclusive opinion analysis explainer explained live note
    editor's editors correction clarification warning alert read more also see q a factbox timeline profile interview review
    podcast listen host byline summary disclaimer tldr ads your for and with how why what quick tip tips part chapter step
    quote quotes un us usa uk eu nato who imf fifa ipl bbc cnn covid faq tl;dr ps nb pm cm mps sc hc""".split()  # noqa: SIM905
)


def read_dateline(text: str) -> Dateline | None:
    """Read the dateline at the head of a paragraph.

    Args:
        text: a paragraph of body text as printed.

    Returns:
        None where the paragraph opens with an ordinary sentence, or where that cannot be told.
    """
    text = text.strip()
    head = text[:_HEAD_CHARS]
    if not _MARK.search(head):
        return None
    if _ARABIC_LETTER.match(head.lstrip("\"'“‘«(")):
        return _in_arabic_script(text) or _bare_place(text)
    return _in_capitals(text) or _with_agency(text) or _in_russian(text)


def _in_capitals(text: str) -> Dateline | None:
    match = _IN_CAPITALS.match(text)
    if match is None or match.start("rest") > _MAX_HEAD_CHARS or not _opens_sentence(match["rest"]):
        return None
    place = match["place"]
    first = re.split(r"[,/]", place)[0]
    letters = re.sub(r"\W", "", first)
    agency = agency_named(match["source"]) if match["source"] else None
    is_bare = match["date"] is None and agency is None
    if agency_named(first):
        return None
    if any(word.casefold() in _NO_PLACE for word in re.split(r"[ ,/]+", place)):
        return None
    if is_bare and len(match["rest"].split()) < _MIN_BARE_REST_WORDS:
        return None
    if len(letters) < 3 or (is_bare and ":" in match["mark"] and len(letters) < 4):
        return None
    if (
        match["source"]
        and agency is None
        and not re.match(r"(?i)(?:web|news|online|staff|monitoring)", match["source"])
    ):
        return None
    return Dateline(place, agency, match["rest"])


def _with_agency(text: str) -> Dateline | None:
    match = _WITH_AGENCY.match(text)
    if match is None or match.start("rest") > _MAX_HEAD_CHARS:
        return None
    agency = agency_named(match["source"] or match["plain"])
    if agency is None or not _opens_sentence(match["rest"]) or agency_named(match["place"]):
        return None
    return Dateline(match["place"], agency, match["rest"])


def _in_russian(text: str) -> Dateline | None:
    match = _IN_RUSSIAN.match(text)
    if match is None or match.start("rest") > _MAX_HEAD_CHARS:
        return None
    agency = agency_named(match["between"] or match["plain"])
    if agency is None or not _opens_sentence(match["rest"]):
        return None
    return Dateline(match["place"], agency, match["rest"])


def _bare_place(text: str) -> Dateline | None:
    """A place and a dash before a sentence of some length; the place is one that CLDR knows, or a row of ours."""
    match = _BARE_PLACE.match(text)
    if match is None or len(match["rest"].split()) < _MIN_BARE_ARABIC_REST_WORDS:
        return None
    if even_out(match["place"]) not in _places() or _SECOND_DASH.match(match["rest"]):
        return None
    return Dateline(match["place"], None, match["rest"])


@cache
def _places() -> frozenset[str]:
    """Cities and countries as Arabic, Persian, Urdu, Pashto and Sorani write them, evened out."""
    names = set(_CITIES)
    for code in _PLACE_LOCALES:
        locale = Locale.parse(code)
        names.update(locale.territories.values())
        names.update(zone["city"] for zone in locale.time_zones.values() if "city" in zone)
    return frozenset(map(even_out, names))


def _in_arabic_script(text: str) -> Dateline | None:
    if desk := _URDU_DESK.match(text):
        return Dateline(desk["place"], None, desk["rest"]) if _opens_sentence(desk["rest"]) else None
    if (
        (bare := _URDU_PLACE.match(text))
        and len(bare["rest"].split()) >= _MIN_URDU_REST_WORDS
        and _URDU_ONLY.search(bare["rest"])
        and not _URDU_NO_PLACE.search(bare["place"])
    ):
        return Dateline(bare["place"], None, bare["rest"])
    match = _ARABIC_SCRIPT.match(text)
    if match is None or match.start("rest") > _MAX_HEAD_CHARS or not _opens_sentence(match["rest"]):
        return None
    first, second = match["first"], (match["bracketed"] or match["plain"]).strip()
    for place, source in ((first, second), (second, first)):
        agency = agency_named(source)
        if agency is not None and agency_named(place) is None and len(even_out(place).split()) <= 3:
            return Dateline(place, agency, match["rest"])
    return None


def _opens_sentence(rest: str) -> bool:
    """Whether what follows reads as the head of a report: some words, the first not in small letters."""
    first = rest.lstrip("\"'“‘«( ")[:1]
    return len(rest.split()) >= _MIN_REST_WORDS and not first.islower()
