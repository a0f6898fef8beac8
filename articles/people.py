"""Who wrote an article: printed bylines and the authors that structured data states.

A byline is believed only where the whole line is one; a sentence that opens with "By" is none. Newsroom desks and
agencies are no people: they are left out of the names, and `is_byline` still knows the line for what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from articles.agencies import agency_named, is_wire_line
from articles.letters import even_out

_MAX_BYLINE_CHARS = 160  # three names with their roles; a sentence opening with "By" may well be longer
_MAX_NAME_WORDS = 6

# Words behind which only a name can follow, and words that need a colon or dash to be more than an ordinary word.
_SURE_OPENING = re.compile(
    r"^(?:(?:(?:written|reported|story|words|text|compiled|report|photos? and text|opinion|analysis|reporting) )?by|"
    r"authors?|written by|texte? de|propos recueillis par|"
    r"بقلم|بقلم الکاتب|به قلم|نوشته ی?|نوشته|نویسنده|نویسندگان|تحریر|لیکوال|نووسینی|автор|авторы|yazan|autor|autora|auteur)\b ?[:\-|]? ?",
    re.IGNORECASE,
)
_NEEDS_MARK = re.compile(
    r"^(?:کتب|کتبت|اعداد|تقریر|حاوره|حاورته|گزارش|گزارشگر|خبرنگار|گفت و گو|رپورٹ|از|از قلم|مصنف|مراسله|haber|reporter|correspondent|editor)"
    r" ?[:\-|] ?",
    re.IGNORECASE,
)
_FOREIGN_OPENING = re.compile(r"^(?:Par|Von|Por|De notre correspondant) (?=[A-ZÀ-Þ])")

_BETWEEN_NAMES = re.compile(
    r"\s*(?:[,;&/،؛、]|\s\+\s|\s-\s|\b(?:and|et|und|y|ve|with|och|og|и)\b|(?<!\w)(?:و|اور|او)(?!\w))\s*"
    r"|(?<=\w) (?:e|i) (?=\w+ \w)",  # "Costa e Silva" is one name, "Anna Rossi e Ugo Bianchi" are two
    re.IGNORECASE,
)
_TURNED = re.compile(r"([A-ZÀ-Þ][\w'’-]+), ([A-ZÀ-Þ][\w'’-]+)")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}", re.IGNORECASE)
_MONTH_AS_NAME = re.compile(r"^(?:January|April|May|June|August) (?=[A-Z]\w)")
_MAX_SIGNED_WORDS = 8  # "Staff of the Karsan Post's desk for the north" has nine; more is a sentence
# What content management systems call whoever wrote nothing.
_ACCOUNTS = frozenset({"admin", "administrator", "webmaster", "root", "user", "guest", "no author", "author", "unknown", "none", "null", "undefined", "n/a"})  # fmt: skip
_SECTION = re.compile(r"\s*[|•·]\s*")

# "in Kabul", "for the Karsan Post", "Published Nov 19": what may follow the names on the same line
_BEHIND_NAMES = re.compile(
    r",?\s+(?:in(?= [A-ZÀ-Þ])|for(?= the [A-ZÀ-Þ]| [A-ZÀ-Þ])|(?i:published|updated|posted)\b)(?:\s\S+){1,6}$"
)
_TITLE_BEHIND = re.compile(r"(?:Ph\.?D|M\.?D|M\.?A|M\.?Sc|MBA|Esq|QC|KC|OBE)\.?")
_PARTICLE = re.compile(
    r"(?:al|el|ul|ur|ud|uz|us|as|ad|ar|az|an|ash|at|de|del|della|der|den|di|da|das|dos|du|e|la|le|van|von|ten|ter|bin|bint|ibn|ben|abu|zu|of|y)",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(r"(?:[A-ZÀ-ÞĀ-ſА-ЯЁḀ-ỿ][\w'.]*|Mc\w+|[dlo]'[A-ZÀ-Þ]\w+)(?:-[\w'.]+)*")
_OTHER_NAME = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\.?")
_ROLE = re.compile(
    r"\b(?:staff|writers?|reporters?|correspondents?|editors?|editorial|journalists?|columnists?|contributors?|contributing|producers?|"
    r"photographers?|bureau|desk|chief|special to|guest|team|newsroom|analyst|professor|director|fellow|author|intern|web|online|"
    r"monitoring|agency|agencies|news|our|own|admin|administrator|webmaster|redaktion|rédaction|redacción|redazione|redaksiya)\b",
    re.IGNORECASE,
)
# Behind a name without "By" only a reporter's own title will do: "Key Roles, Staff Training" is a heading.
_REPORTERS_TITLE = re.compile(
    r"\b(?:writer|reporter|correspondent|columnist|journalist|bureau chief|staff|contributor)s?(?: (?:in|for) [\w ]+)?$",
    re.IGNORECASE,
)
_ROLE_WORDS = frozenset(
    map(
        even_out,
        # Arabic, Persian, Urdu, Pashto: reporter, correspondent, editor, desk, website, agency, our, special
        (
            *(
                "مراسل",
                "مراسلة",
                "مراسلنا",
                "محرر",
                "المحرر",
                "تحرير",
                "هيئة التحرير",
                "فريق",
                "صحفي",
                "صحافي",
                "كاتب",
                "الكاتب",
                "وكالات",
            ),
            *("خبرنگار", "خبرگزاری", "سردبیر", "گروه", "سرویس", "تحریریه", "دبیر", "روزنامه‌نگار", "نویسنده"),
            *(
                "نامہ نگار",
                "نمائندہ",
                "نیوز",
                "ڈیسک",
                "ویب",
                "رپورٹر",
                "نمائندہ خصوصی",
                "سٹاف",
                "اسٹاف",
                "ایڈیٹر",
            ),
            *("خبریال",),
        ),
    )
)
_NO_NAME = frozenset(
    """the a an this that these those our my his her its their your monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december today yesterday tomorrow
    popular demand design force accident law land sea air night day then now contrast comparison default definition far
    numbers mail email phone order morning evening noon midnight""".split()  # noqa: SIM905 - read as a paragraph
)
_NO_NAME_ELSEWHERE = frozenset(
    map(
        even_out,
        (
            "في",
            "من",
            "إلى",
            "عن",
            "أن",
            "إن",
            "هذا",
            "هذه",
            "که",
            "در",
            "از",
            "به",
            "را",
            "این",
            "است",
            "کے",
            "کی",
            "کا",
            "میں",
            "سے",
            "نے",
            "کو",
            "ہے",
        ),
    )
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|(?<!\w)@\w+")
_BRACKETED = re.compile(r"\([^)]*\)|\[[^\]]*\]")


_PLACE_AND_AGENCY = re.compile(
    r"(?P<place>[^\W\d]\w*(?: \w+){0,2}) ?(?:: ?(?P<behind_colon>[^:()]{2,25})|\((?P<bracketed>[^()]{2,25})\)|- ?(?P<behind_dash>[^-:()]{2,25}))$"
)
_NO_PLACE = re.compile(
    r"\b(?:photos?|images?|pictures?|credit|video|file|foto|source|via|courtesy|graphic|map)\b|صوره|تصویر|عکس|عدسه|فوٹو|фото|ویدی",
    re.IGNORECASE,
)


def read_byline(text: str) -> tuple[str, ...]:
    """The people that a byline names; empty when the line is no byline or names a desk or an agency only.

    "By JANE DOE | Karsan Post" gives ("Jane Doe",). Names without "By" or the like are read only before a role
    ("Jane Doe, Staff Writer").
    """
    claimed = _claimed_names(text)
    return () if claimed is None else _people(claimed)


def is_byline(text: str) -> bool:
    """Whether a whole line says who wrote the text: people, a desk ("By our staff reporter") or an agency."""
    claimed = _claimed_names(text)
    return _is_place_and_agency(text) if claimed is None else bool(_people(claimed)) or _is_desk(claimed)


def clean_authors(raw: str | Iterable[str]) -> tuple[str, ...]:
    """The people in author fields of structured data: each once, in order, without roles, addresses and agencies.

    Args:
        raw: one field or several; a field may hold several names ("By Jane Doe and John Roe, Staff Writers").
    """
    names: dict[str, str] = {}
    for field in [raw] if isinstance(raw, str) else raw:
        bare = _ADDRESS.sub(" ", _BRACKETED.sub(" ", " ".join(field.split())))
        opened = _opening_end(bare)
        for name in _people(_SECTION.sub(", ", bare[opened or 0 :])):
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def signed_names(raw: Iterable[str]) -> tuple[str, ...]:
    """All who sign in author fields of structured data, as they are named: people, desks, agencies, the house.

    Args:
        raw: the fields; one may hold several names ("Jane Doe and AFP"). What stands behind a bar is where somebody
            works, what stands behind a house's address is where the house is, and a role beside a name is no name.
    """
    names: dict[str, str] = {}
    for field in raw:
        bare = _ADDRESS.sub(" ", _BRACKETED.sub(" ", " ".join(field.split())))
        opened = _opening_end(bare)
        first = _SECTION.split(bare[opened or 0 :].strip())[0]
        pieces = [_as_signed(piece) for piece in _names_in(first)]
        is_somebody_named = any(is_person(piece) for piece in pieces)
        if len(pieces) > 1 and _DOMAIN.fullmatch(pieces[0]):
            pieces = pieces[:1]
        elif not is_somebody_named and not any(map(agency_named, pieces)):
            pieces = [first.strip()]  # "Staff and news service reports" signs as one
        for piece in pieces:
            is_role = is_somebody_named and _is_role(piece) and agency_named(piece) is None
            if _can_sign(piece) and not is_role:
                names.setdefault(piece.casefold(), piece)
    return tuple(names.values())


def is_person(name: str) -> bool:
    """Whether a name that signs an article is somebody's, not a desk's or an agency's."""
    bare = _MONTH_AS_NAME.sub("", name)  # "April Doe"
    return agency_named(name) is None and not _is_role(name) and _is_name(bare, sure=True)


def _as_signed(piece: str) -> str:
    return _in_title_case(re.sub(r"(?i)^(?:by|from)\s+", "", piece))


def _can_sign(piece: str) -> bool:
    """Whether a piece of an author field can name anybody: not an account of the site's software, a number or a text."""
    letters = [character for character in piece if character.isalpha()]
    is_account = piece.casefold() in _ACCOUNTS
    return len(letters) > 1 and len(piece.split()) <= _MAX_SIGNED_WORDS and not is_account


def _claimed_names(text: str) -> str | None:
    """What a line says behind "By" or before a role, if it can be a byline; as printed."""
    line = " ".join(_ADDRESS.sub(" ", _BRACKETED.sub(" ", text)).split()).strip(" -–—|•·*,")
    if (
        not line
        or len(line) > _MAX_BYLINE_CHARS
        or re.search(r"[.!?؟۔:]$", re.sub(r"\b(?:Jr|Sr|[A-Z])\.$", "", line))
    ):
        return None
    opened = _opening_end(line)
    if opened is not None:
        claimed = _BEHIND_NAMES.sub("", _SECTION.split(line[opened:])[0])
        sure = line[:opened].rstrip().endswith(":")
        is_plain = all(
            _is_name(piece, sure=sure) or _is_role(piece) or agency_named(piece) for piece in _pieces(claimed)
        )
        return claimed if claimed and is_plain else None
    first, *rest = _pieces(_SECTION.sub(", ", line)) or [""]
    named = [first, *(piece for piece in rest if not _REPORTERS_TITLE.search(piece))]
    is_signed = len(named) < len(rest) + 1 and all(
        _is_name(piece, sure=False) and " " in piece for piece in named
    )
    return line if is_signed else None


def _opening_end(line: str) -> int | None:
    """Where the names begin behind "By" and its like; None without such an opening."""
    head = line[:40]
    evened = even_out(head)
    for opening in (_SURE_OPENING, _NEEDS_MARK, _FOREIGN_OPENING):
        if match := opening.match(evened):
            return _position_in(line, match.end())
    return None


def _position_in(line: str, evened_end: int) -> int:
    """The position in a line at which its evened-out form has a given length."""
    return next((n for n in range(len(line) + 1) if len(even_out(line[:n] + "x")) > evened_end), len(line))


def _pieces(text: str) -> list[str]:
    """A line cut at commas, "and" and their like; "Doe, Jane" stays one name, turned round."""
    pieces = [piece.strip(" .-–—") for piece in _BETWEEN_NAMES.split(text)]
    return [piece for piece in pieces if piece and not _TITLE_BEHIND.fullmatch(piece)]


def _names_in(text: str) -> list[str]:
    """The pieces of a line; "Doe, Jane" is one piece, turned round."""
    turned = _TURNED.fullmatch(text)
    if turned and not _is_role(text) and agency_named(turned[1]) is None and agency_named(turned[2]) is None:
        return [f"{turned[2]} {turned[1]}"]
    return _pieces(text)


def _people(text: str) -> tuple[str, ...]:
    people: dict[str, str] = {}
    for piece in _names_in(text):
        bare = re.sub(r"(?i)^(?:by|from)\s+", "", piece)
        if agency_named(bare) is None and not _is_role(bare) and _is_name(bare, sure=True):
            name = _in_title_case(bare)
            people.setdefault(name.casefold(), name)
    return tuple(people.values())


def _is_place_and_agency(text: str) -> bool:
    """Whether a line is a place and an agency ("Umm Sidr: Reuters"), not a photographer or "source" and one."""
    match = _PLACE_AND_AGENCY.match(even_out(text).strip(" ."))
    if match is None or is_wire_line(text) is not None or _NO_PLACE.search(match["place"]):
        return False
    is_latin = match["place"].isascii()
    source = match["behind_colon"] or (None if is_latin else match["bracketed"] or match["behind_dash"])
    return source is not None and agency_named(source) is not None and agency_named(match["place"]) is None


def _is_desk(text: str) -> bool:
    return any(_is_role(piece) or agency_named(piece) is not None for piece in _pieces(text))


@cache
def _role_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_ROLE_WORDS, key=len, reverse=True))})(?!\w)")


def _is_role(piece: str) -> bool:
    return bool(_ROLE.search(piece)) or bool(_role_pattern().search(even_out(piece)))


def _is_name(piece: str, *, sure: bool) -> bool:
    """Whether a piece can be a person's name: capitals where the script has them, few words, no common word.

    Args:
        piece: text between two separators.
        sure: something else has shown that names stand here: a single word is enough, small letters will do.
    """
    words = even_out(piece).split()
    if not 1 <= len(words) <= _MAX_NAME_WORDS or any(
        word.casefold().strip(".") in _NO_NAME for word in words
    ):
        return False
    if re.search(r"[A-Za-zА-Яа-я]", piece):
        named = [word for word in words if not _PARTICLE.fullmatch(word.rstrip("-"))] or words
        is_lower = sure and 2 <= len(words) <= 3 and piece.islower()  # "jane doe" in an author field
        return (is_lower or all(_LATIN_NAME.fullmatch(word) for word in named)) and (sure or len(words) > 1)
    return (
        all(_OTHER_NAME.fullmatch(word) for word in words)
        and not _NO_NAME_ELSEWHERE.intersection(words)
        and len(piece) > 1
        and (sure or len(words) > 1)
    )


def _in_title_case(name: str) -> str:
    """JANE DOE as Jane Doe; a name that has small letters, or initials alone, as printed."""
    longest = max(name.split(), key=len)
    return name.title().replace("'S ", "'s ") if name.isupper() and len(longest) > 3 else name
