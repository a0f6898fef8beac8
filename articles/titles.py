"""An article's headline, chosen among what a page claims in several places, without the site's name.

JSON-LD, Open Graph, the title element and the printed heading are dressed differently: with the site's name, a
section, a kicker. Claims are undressed with the names the site gives itself and by comparing them with one
another: what one claim has beyond another's whole text and a separator is dress.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from articles.head import MAX_TITLE_CHARS, Head, Heading, clean_text
from articles.lines import fold
from articles.records import Evidence

_META = ("twitter:title", "parsely-title", "sailthru.title", "dc.title", "title")
# Between blanks a dash or bar parts a headline from a name; bars and the CJK colon do so without blanks too.
_SEPARATOR = re.compile(r"\s+(?:[|·•»«–—:/\\~-]|::|\|\|)\s+|\s?[|｜ㅣ│¦：]\s?")
_COLON = re.compile(r"\s?:\s+")
_TIGHT_SEPARATOR = re.compile(r"\s?[-–—|:/·]\s?")  # believed before the site's own name only
_NAME_AND_COLON = re.compile(r"(?P<name>[^:]+ [^:]+): +")  # one word before a colon may be what it is about
_MAX_NAME_WORDS = 6
_MIN_HEADLINE_WORDS = 4  # a headline this long keeps no section behind it
_MAX_SECTION_WORDS = 2
_MIN_DRESSED_CHARS = 12  # letters; less stands at the edge of a longer title by chance
_MAX_MARKS = 6  # at one end; a path of sections has four
_DOMAIN_END = re.compile(r"(?<=\w)\.[a-z]{2,12}$", re.IGNORECASE)
_CUT_CHARS = range(90, 112)  # templates cut JSON-LD headlines at the 110 characters that search engines show
_ELLIPSIS = ("…", "...")


def read_titles(head: Head, sites: Sequence[str], sections: Sequence[str]) -> list[Evidence]:
    """Every claim about the headline, undressed, the most trusted place first.

    Args:
        head: the page's claims.
        sites: names of the publisher and its site.
        sections: names of the section the article stands in, where the page gives them.
    """
    printed = [("json-ld", node.get("headline") or node.get("name")) for node in head.article[:1]]
    printed += [("og", head.meta.get("og:title"))]
    printed += [("heading", heading.text) for heading in head.headings]
    printed += [("title-element", head.title)]
    printed += [("meta", head.meta.get(name)) for name in _META]
    return [
        Evidence(field="title", origin=origin, value=value, text=text, is_chosen=False)
        for origin, raw in printed
        if (text := clean_text(raw))
        and len(text) <= MAX_TITLE_CHARS
        and (value := cut_site_name(text, sites, sections))
    ]


def choose_title(claims: Sequence[Evidence], headings: Sequence[Heading], sites: Sequence[str]) -> str | None:
    """Choose the headline.

    Rules, in order: the JSON-LD headline where any other place says the same; the printed heading, one that another
    place repeats before others; JSON-LD, Open Graph, the title element. A claim cut short by an ellipsis is
    completed from another that begins like it, and a heading that is a claim with a kicker or a number in an
    element of its own gives way to that claim.

    Source: `publishers`, `wide` and `snippets` of the shared corpus. Where the JSON-LD headline and og:title
    differ no rule is right for more than 22 of 36 publisher pages; og:title is what is written for sharing.
    """
    by_origin: dict[str, list[str]] = {}
    for claim in claims:
        by_origin.setdefault(claim.origin, []).append(_completed(claim.value, claims))
    json_ld = next(iter(by_origin.get("json-ld", ())), None)
    open_graph = next(iter(by_origin.get("og", ())), None)
    element = next(iter(by_origin.get("title-element", ())), None)
    printed = [text for text in by_origin.get("heading", ()) if not _is_site(text, sites)]
    others = [text for text in (open_graph, element, *by_origin.get("meta", ())) if text]

    if json_ld and any(_is_dressed(other, json_ld) for other in (*printed, *others)):
        return json_ld
    repeated = [text for text in printed if any(_is_dressed(other, text) for other in others)]
    heading = repeated[0] if repeated else printed[0] if len(printed) == 1 else None
    if heading is not None and (repeated or not heading.isupper() or not others):
        return _written_best(heading, [json_ld, *others], headings)
    return next((text for text in (json_ld, *others) if text), None)


def _is_site(heading: str, sites: Sequence[str]) -> bool:
    """Whether a heading is the site's own ("valleypost.example") or says nothing at all."""
    folded = fold(_DOMAIN_END.sub("", heading))
    return not folded or any(fold(site).startswith(folded) for site in sites)


def find_heading(title: str | None, headings: Sequence[Heading]) -> str | None:
    """The heading that the page prints over its article; None where it cannot be told among several."""
    if title is not None:
        for heading in headings:
            if fold(heading.text) == fold(title):
                return heading.text
        for heading in headings:
            if _share_words(heading.text, title):
                return heading.text
    return headings[0].text if len(headings) == 1 else None


def _share_words(heading: str, title: str) -> bool:
    """Whether a heading is a headline worded a little differently: most words are the same, or one holds the other."""
    left, right = fold(heading), fold(title)
    if min(len(left), len(right)) >= 12 and (left in right or right in left):
        return True
    ours, theirs = set(heading.casefold().split()), set(title.casefold().split())
    return len(ours & theirs) >= 0.7 * max(len(ours), len(theirs))


def _completed(text: str, claims: Sequence[Evidence]) -> str:
    """A claim that breaks off with an ellipsis or at the length of search results, as another place has it in full."""
    if not text.endswith(_ELLIPSIS) and len(text) not in _CUT_CHARS:
        return text
    whole = (claim.value for claim in claims if not claim.value.endswith(_ELLIPSIS))
    return next((value for value in whole if _continues(value, text)), text)


def _continues(longer: str, text: str) -> bool:
    start, whole = fold(text), fold(longer)
    return bool(start) and whole.startswith(start) and whole != start and not _is_dressed(longer, text)


def _is_dressed(other: str, headline: str) -> bool:
    """Whether another claim is a headline, or that headline with something before or behind a separator."""
    folded = fold(headline)
    if fold(other) == folded:
        return bool(folded)
    if len(folded) < _MIN_DRESSED_CHARS or len(other) <= len(headline):
        return False
    marks = [*_marks(_SEPARATOR, other), *_marks(_COLON, other)]
    return any(folded in (fold(other[: mark.start()]), fold(other[mark.end() :])) for mark in marks)


def _written_best(heading: str, claims: Sequence[str | None], headings: Sequence[Heading]) -> str:
    """The heading as metadata spell it; without a kicker or number that stands in an element of its own."""
    stated = [claim for claim in claims if claim]
    for claim in stated:
        if fold(claim) == fold(heading):
            return claim
    pieces = next((found.pieces for found in headings if found.text == heading), ())
    for claim in stated:
        folded = fold(claim)
        ends = range(1, len(pieces))
        if len(folded) >= _MIN_DRESSED_CHARS and any(
            folded in (fold("".join(pieces[end:])), fold("".join(pieces[:end]))) for end in ends
        ):
            return claim
    return heading


def cut_site_name(title: str, sites: Iterable[str], sections: Iterable[str] = ()) -> str:
    """Cut the publisher's name, and the sections between it and the headline, off either end of a title.

    >>> cut_site_name("Bridge reopens - World - Valley Post", ["Valley Post"])
    'Bridge reopens'
    """
    names = {folded for site in sites if (folded := fold(site))}
    if not names:
        return title
    if (opening := _NAME_AND_COLON.match(title)) and fold(opening["name"]) in names:
        return title[opening.end() :].strip()
    known = {folded for section in sections if (folded := fold(section))}
    kept = title
    while (shorter := _without_tail(kept, names)) != kept and shorter:
        kept = shorter
    if kept != title:
        return _without_sections(kept, known)
    marks = _marks(_SEPARATOR, title)
    if marks and _names_site(title[: marks[0].start()], names):
        return title[marks[0].end() :].strip()
    return title


def _without_tail(title: str, names: set[str]) -> str:
    """A title without the site's name at its end, however it is set off."""
    mark = _last(_SEPARATOR, title)
    if mark is not None and _names_site(title[mark.end() :], names):
        return title[: mark.start()].strip()
    for mark in _marks(_TIGHT_SEPARATOR, title):
        if fold(title[mark.end() :]) in names:
            return title[: mark.start()].strip()
    return title


def _without_sections(title: str, known: set[str]) -> str:
    """A title without the section behind it: one that the page names, or a word or two behind a long headline."""
    while (mark := _last(_TIGHT_SEPARATOR, title)) and fold(title[mark.end() :]) in known and mark.start():
        title = title[: mark.start()].strip()
    mark = _last(_SEPARATOR, title)
    if mark is not None:
        head, tail = title[: mark.start()], title[mark.end() :]
        if len(tail.split()) <= _MAX_SECTION_WORDS and len(head.split()) >= _MIN_HEADLINE_WORDS:
            return head.strip()
    return title


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    marks = _marks(pattern, text)
    return marks[-1] if marks else None


def _marks(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """The separators near either end of a title: dress stands there, and a hostile title has hundreds."""
    marks = list(pattern.finditer(text))
    return marks if len(marks) <= 2 * _MAX_MARKS else [*marks[:_MAX_MARKS], *marks[-_MAX_MARKS:]]


def _names_site(part: str, names: set[str]) -> bool:
    folded = fold(part)
    if not folded or len(part.split()) > _MAX_NAME_WORDS:
        return False
    return any(
        folded == name or (len(name) >= 4 and (name in folded or (len(folded) >= 4 and folded in name)))
        for name in names
    )
