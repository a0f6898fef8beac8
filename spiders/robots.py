"""What a robots.txt says to us, and what in it is said to people. Text in, facts out; nothing is fetched here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from protego import Protego

from spiders.settings import ROBOTSTXT_USER_AGENT as AGENT

TERM_LINES = 40  # shown of one file; the longest seen that speaks of terms has some thirty

# Lines with fields of their own for licences and preferences of use, whatever their values say.
_TERM_FIELDS = re.compile(r"(?i)\s*(?:content-(?:signal|usage)|licen[cs]e|tdm-?\w*|noai|ai-?\w*)\s*:")
# What a comment is about when a person should read it.
_TERM_WORDS = re.compile(
    r"(?i)\b(?:AI|A\.I\.|artificial|machine[ -]learning|train(?:ing)?|LLMs?|language models?|scrap(?:e|ing|er)s?|crawl(?:ing|er)s?|"
    r"automated|data[ -]mining|text and data|TDM|licen[cs]\w+|permi\w+|prohibit\w*|forbid\w*|consent|copyright|"
    r"terms|agreement|reproduc\w+|2019/790|reserv\w+ (?:of )?(?:all )?rights?|rights? (?:are )?reserv\w+)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """One robots.txt as it concerns us."""

    rules: Protego
    crawl_delay_s: float | None  # as written; None where it asks for none
    names_us: bool  # it has a group of rules for our name, not only for all robots
    refused: tuple[str, ...]  # the other robots that are refused everything by name
    sitemaps: tuple[str, ...]
    terms: tuple[str, ...]  # lines that a person should read, as written
    terms_left_out: int  # beyond TERM_LINES

    def allows(self, url: str) -> bool:
        """Whether we may ask for an address."""
        return self.rules.can_fetch(url, AGENT)


def read_robots(body: bytes) -> Robots:
    """Read a robots.txt; what is none, such as a web page, has no rules."""
    text = body.decode("utf-8-sig", errors="replace")
    rules = Protego.parse(text)
    delay = rules.crawl_delay(AGENT)
    groups = list(_groups(text))
    refused = dict.fromkeys(
        name for group in groups if group.is_shut for name in group.agents if name not in ("*", AGENT)
    )
    terms = list(_terms(text))
    return Robots(
        rules=rules,
        crawl_delay_s=delay if delay is not None and math.isfinite(delay) and delay > 0 else None,
        names_us=any(AGENT in agent.lower() for group in groups for agent in group.agents),
        refused=tuple(refused),
        sitemaps=tuple(dict.fromkeys(rules.sitemaps)),
        terms=tuple(terms[:TERM_LINES]),
        terms_left_out=max(len(terms) - TERM_LINES, 0),
    )


@dataclass(slots=True)
class _Group:
    agents: list[str] = field(default_factory=list)
    is_shut: bool = False  # disallows everything
    is_open: bool = False  # but allows something
    has_rules: bool = False


def _groups(text: str) -> Iterator[_Group]:
    group = _Group()
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if group.has_rules:
                yield group
                group = _Group()
            group.agents.append(value)
        elif key in ("allow", "disallow"):
            group.has_rules = True
            group.is_shut = group.is_shut or (key == "disallow" and value in ("/", "/*"))
            group.is_open = group.is_open or (key == "allow" and bool(value))
            if group.is_open:
                group.is_shut = False
    yield group


def _terms(text: str) -> Iterator[str]:
    """Fields of terms; and whole runs of comment lines of which one speaks of terms, so that sentences stay whole."""
    run: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.lstrip().startswith("#"):
            run.append(line.strip())
            continue
        if any(map(_TERM_WORDS.search, run)):
            yield from (comment for comment in run if comment.strip("# -=*_"))
        run = []
        if _TERM_FIELDS.match(line) or _TERM_WORDS.search(line.partition("#")[2]):
            yield line.strip()
