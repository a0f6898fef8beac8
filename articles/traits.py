"""Traits: what a box of a page is called, in the words that class names, ids and roles use everywhere.

A trait is a hint that rules may ask for, never a verdict.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Names are matched at the start of a word of the attribute.
TRAITS = {
    "caption": r"caption|cap\b|wp-caption|legend|bildunterschrift|image-?text|img-?(?:desc|text)",
    "credit": r"credit|photographer|fotograf|img-?source|image-?(?:source|credit)|photo-?(?:by|source)",
    "related": r"related|recommend|read-?more|readmore|more-?(?:on|from|stories|news)|also-?read|read-?(?:also|next)|"
    r"most-?(?:read|popular)|trending|teaser|outbrain|taboola|up-?next|recirc|see-?also|similar|promo|latest",
    "appeal": r"newsletter|subscri|donat|sign-?up|membership|regwall|support-us",
    "share": r"share|sharing|social|follow-?us|toolbar|article-?tools|bookmark|print-",
    "comment": r"comments?\b|disqus|respond|comment-?(?:form|list|area)",
    "bio": r"author-?(?:box|bio|info|card|desc|profile|about)|about-?(?:the-?)?author|bio\b|biography",
    "byline": r"byline|author|writer|journalist|reporter|autor|auteur|yazar",
    "dek": r"dek\b|standfirst|sub-?title|sub-?head(?:line)?\b|sapo|chapo|article-?(?:summary|excerpt|intro|lead)",
    "advert": r"ads?\b|ad-|advert|sponsor|anzeige|publicidad|gpt-",
    "date": r"date|time\b|timestamp|published|updated|pubdate",
    "tags": r"tags?\b|tag-|topics?\b|keywords|categor",
    "nav": r"nav|menu|breadcrumb|pagination|sidebar|site-?(?:header|footer)|masthead|footer|skip-",
    "notice": r"cookie|consent|gdpr|modal|popup|overlay|lightbox",
    "pull-quote": r"pull-?quote|pull_quote|quote-?box|zitat-?box",
}
_TAG_TRAITS = {
    "nav": "nav", "footer": "footer", "aside": "aside", "figure": "figure", "figcaption": "caption",
    "form": "form", "button": "button", "header": "header", "blockquote": "quote", "table": "table",
    "ul": "list", "ol": "list", "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading",
    "h6": "heading", "time": "date", "address": "byline",
}  # fmt: skip
NO_TRAITS = frozenset[str]()
_TRAIT = re.compile("|".join(f"({names})" for names in TRAITS.values()))
_TRAIT_NAMES = tuple(TRAITS)
_NAME_START = re.compile(r"(?:^|_|--|__)|(?<=[a-z0-9])(?=[A-Z])|-")
_MOST_NAME_CHARS = 1000  # an attribute longer than this is data, not a name


@lru_cache(maxsize=20_000)
def read_traits(tag: str, *names: str | None) -> frozenset[str]:
    """Read the traits that an element's tag and its names (class, id, role, itemprop) give it."""
    found = {_TAG_TRAITS[tag]} if tag in _TAG_TRAITS else set()
    for name in names:
        if name and len(name) <= _MOST_NAME_CHARS:
            for word in name.split():
                found |= _read_word(word)
    return frozenset(found) if found else NO_TRAITS


@lru_cache(maxsize=20_000)
def _read_word(word: str) -> frozenset[str]:
    lower = word.lower()
    hits = (_TRAIT.match(lower, start.end()) for start in _NAME_START.finditer(word))
    return frozenset(_TRAIT_NAMES[hit.lastindex - 1] for hit in hits if hit and hit.lastindex)
