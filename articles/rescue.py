"""Stories that a page keeps in its scripts: pages drawn by JavaScript carry their text as data beside an empty body.

Looked for only where nothing can be read of the page itself. Two places are common: markup as a string inside the
state that a framework hands to its scripts, often a string within a string, and the `articleBody` of JSON-LD.
Lengths are in characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from lxml import etree, html

MARK = "data-from-script"  # attribute of the box that a rescued story is put in, with the place it came from

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BODY = re.compile(r'"articleBody"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
_MOST_SCRIPT_CHARS = 2_000_000
_DEEPEST = 3  # strings within strings
_STORY_CHARS = 200  # less is a teaser or a notice
_MIN_PARAGRAPHS = 2


def rescue_story(elements: Iterable[html.HtmlElement]) -> html.HtmlElement | None:
    """Find a story in a page's scripts, the longest there is.

    Args:
        elements: the `script` elements.

    Returns:
        A `div` with the story's markup, in no tree yet; None where the scripts hold none.
    """
    scripts = [text for element in elements if (text := element.text) and len(text) <= _MOST_SCRIPT_CHARS]
    found = [
        box
        for text in scripts
        for markup in _find_markup(text, _DEEPEST)
        if (box := _parse(markup)) is not None
    ]
    if not found:
        found = [_set_lines(body) for text in scripts for body in _find_bodies(text)]
    return max(found, key=_text_chars, default=None)


def _find_markup(text: str, depth: int) -> Iterator[str]:
    """Strings of paragraphs' markup, however often they were quoted."""
    for match in _STRING.finditer(text):
        if match.end() - match.start() < _STORY_CHARS:
            continue
        inner = _unquote(match[0])
        if inner is None:
            continue
        if len(_PARAGRAPH.findall(inner)) >= _MIN_PARAGRAPHS and inner.lstrip().startswith("<"):
            yield inner
        elif depth > 1 and '"' in inner:
            yield from _find_markup(inner, depth - 1)


def _find_bodies(text: str) -> Iterator[str]:
    for match in _BODY.finditer(text):
        body = _unquote(match[1])
        if body and len(body) >= _STORY_CHARS:
            yield body


def _unquote(literal: str) -> str | None:
    try:
        found = json.loads(literal, strict=False)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def _parse(markup: str) -> html.HtmlElement | None:
    """The markup in a box; None where it is none, or says too little."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        box = html.fragment_fromstring(markup.encode("utf-8", "replace"), create_parent="div", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    box.set(MARK, "state")
    return box if _text_chars(box) >= _STORY_CHARS else None


def _set_lines(body: str) -> html.HtmlElement:
    box = html.Element("div", {MARK: "json-ld"})
    for line in filter(str.strip, body.splitlines()):
        etree.SubElement(box, "p").text = line.strip()
    return box


def _text_chars(box: html.HtmlElement) -> int:
    return sum(map(len, box.itertext()))
