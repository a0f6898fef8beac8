"""Bytes of a page to its tree, with whether the parser came to the page's end.

libxml2 is given the bytes as they came wherever it reads their charset as we do, else the same text in UTF-8; what
decided the charset is settled before (decoding.py), so that no meta tag or XML declaration may change it. It gives
up without a word past 256 levels or on a text of 10 MB, and what follows is missing from the tree
(notes/reliability.md 0.4). Sizes are in bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree, html

from articles.decoding import Decoded
from articles.lines import squeeze
from articles.records import Reason, Rejected

MAX_ELEMENTS = 100_000  # the largest of 1,686 real pages had 10,112 (notes/reliability.md 3.4)
# A tag's attributes are compared with each other: 20,000 take 0.4 s, 100,000 most of a minute.
MAX_ATTRIBUTES = 20_000
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}" % (2 * MAX_ATTRIBUTES))
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE_GAP = re.compile(rb"[\s/]+")

# References to characters that no tree may hold: trafilatura stops at one and the page's whole text is lost.
_FORBIDDEN_REFERENCE = re.compile(
    r"&#(?:0*(?:[1-8]|1[4-9]|2\d|3[01]|6553[45])|x0*(?:[1-8ef]|1[0-9a-f]|fff[ef]))(?![0-9a-f]);?",
    re.IGNORECASE,
)
# lxml.html chooses a class for each element in Python whenever it is touched; one class for all of them is 5 % of
# all the CPU that trafilatura needs.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
_ASCII = bytes(range(0x20, 0x7F))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A page's tree."""

    tree: html.HtmlElement
    gave_up: (
        str | None
    )  # what the parser said when it stopped before the page's end; None when it read it all


def parse(body: bytes, decoded: Decoded) -> Parsed | Rejected:
    """Parse a page.

    Args:
        body: its bytes, transfer encoding undone.
        decoded: the same bytes read as text, with their charset.

    Returns:
        Its tree, or a Rejected: not_an_article where it holds no element, too_large where it holds more elements, or
        a tag more attributes, than a page is read with.

    Raises:
        MemoryError: the parser got no more memory.
    """
    if any(_count_attributes(found.group()) > MAX_ATTRIBUTES for found in _LONG_TAG.finditer(body)):
        return _rejected(
            Reason.TOO_LARGE,
            f"one tag has more than the {MAX_ATTRIBUTES:,} attributes that a page is read with",
        )
    source, encoding = _source(body, decoded)
    parser = html.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        tree = None
    fatal = next((entry for entry in parser.error_log if entry.level == etree.ErrorLevels.FATAL), None)
    if fatal is not None and fatal.type == etree.ErrorTypes.ERR_NO_MEMORY:
        raise MemoryError(fatal.message)
    if tree is None:
        return _rejected(Reason.NOT_AN_ARTICLE, "the page holds no element that can be read")
    if (count := int(tree.xpath("count(//*)"))) > MAX_ELEMENTS:
        return _rejected(
            Reason.TOO_LARGE,
            f"{count:,} elements are more than the {MAX_ELEMENTS:,} that a page is read with",
        )
    return Parsed(tree=tree, gave_up=squeeze(fatal.message) if fatal is not None else None)


def _rejected(reason: Reason, detail: str) -> Rejected:
    return Rejected(capture_id=None, stage="read", reason=reason, detail=detail)


def _count_attributes(tag: bytes) -> int:
    return len(_ATTRIBUTE_GAP.findall(_QUOTED.sub(b"", tag)))


def _source(body: bytes, decoded: Decoded) -> tuple[bytes, str]:
    """What the parser is given, and the charset it is told."""
    text = _FORBIDDEN_REFERENCE.sub("", decoded.text) if "&#" in decoded.text else decoded.text
    if decoded.is_exact and text is decoded.text and _is_read_alike(decoded.encoding):
        return body, decoded.encoding.removesuffix("-sig")
    return text.encode("utf-8", "replace"), "utf-8"


@lru_cache(maxsize=256)
def _is_read_alike(encoding: str) -> bool:
    """Whether libxml2 reads a charset byte by byte as our codec does; asked of the very build that is installed.

    Only charsets of one byte a character can be asked in full. Of the others UTF-8 is sure; tables of Chinese,
    Japanese and Korean charsets differ between libraries in places that nobody lists.
    """
    if encoding in {"utf-8", "utf-8-sig"}:
        return True
    letters = "".join(bytes([byte]).decode(encoding, "ignore") for byte in range(0x80, 0x100))
    if (
        not letters
        or letters != bytes(range(0x80, 0x100)).decode(encoding, "ignore")
        or _ASCII.decode(encoding, "ignore").encode() != _ASCII
    ):
        return False
    try:
        parser = html.HTMLParser(encoding=encoding)
    except LookupError:
        return False
    found = html.document_fromstring(b"<p>-" + letters.encode(encoding), parser=parser)
    return found.text_content() == f"-{letters}"
