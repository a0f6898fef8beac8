"""Labels: what each piece of one article is, from its words, its place and its neighbours.

Rules kept as data (rules.py) say what a line looks like; this file holds what needs more than one line: where
the text begins and ends, what was said before, which line is the headline, how far an appeal runs.
A rule that eats body text is worse than one that leaves a caption: what no rule claims is body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from articles import agencies, dates, people
from articles.facts import Facts
from articles.lines import PARAGRAPH_WORDS, fold
from articles.records import BlockKind
from articles.rules import Place, Rule, RuleSet, load_rules

# The judge's belief from which no rule can take a block out of the text. Source: publishers and wide, beliefs of
# folds that the model was not trained on.
_SURE = 0.9
_HOPELESS = 0.02  # and the belief below which words are not read to name a block
# But a rule this sure of a line this brief, by its words, is believed over the judge.
_FIRM, _BRIEF_WORDS = 0.85, 25
_LONG_WORDS = 30  # a paragraph, however it ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a piece is, which rule said so, and how sure it is (0 to 1)."""

    kind: BlockKind
    rule: str
    confidence: float


_SHORT_SENTENCE_WORDS = 4  # the shortest sentence an article is believed to end with
_TITLE_REACH = 6  # lines of a page among which its headline is looked for
_TITLE_MIN_WORDS, _TITLE_MAX_WORDS = 2, 35  # the longest headline of the shared corpus has 31 words
_LABEL_WORDS = 3  # above the text, shorter lines are labels such as a section's name
_DEK_LINES, _DEK_MAX_WORDS = 2, 60
_DEK_REACH = 4  # lines under a standfirst in which byline or date stand
_BYLINE_WORDS = 15  # of a line that names who wrote the text, with place, date and desk
_SPECIAL_MAX_WORDS = 40  # no byline, date or agency line is longer
_QUOTE_MIN_WORDS = 6  # of a line that stands in a paragraph as well and is no answer or name
_REPEAT_MIN_WORDS = 8  # shorter lines may well stand twice in a text: answers, items of lists
_BIO_MAX_WORDS = 60  # the longest bios of the publishers corpus that open with the name have fewer
_APPEAL_GAP_WORDS = 25  # between two appeals that belong together
_LETTER_HEAD = 6  # lines of slogans between the appeal and the salutation of its letter
_SUBHEAD_MAX_WORDS = 10
_LINK_MIN_WORDS, _LINK_MAX_WORDS = 10, 25  # of a headline printed inside a text as a link
# How many such links a text may hold, at least or as a share of its lines, before they look like its own subheads.
_LOOSE_MIN, _LOOSE_SHARE = 3, 0.1
_OPEN_SHARE = 0.3  # of the long paragraphs, those without a stop, above which a missing stop tells nothing
# Rules that decide by shape and place alone: what they claim may still be the headline of a further article.
BY_SHAPE = frozenset({"related.headline-between-paragraphs", "related.below-text", "chrome.below-text"})
_SALUTATION = "appeal.salutation"
_SALUTATION_MAX_WORDS = 7  # of that rule
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTED_TAGS = _HEADING_TAGS | {"li", "td", "th", "dd", "dt", "tr", "pre"}
_KEPT_STYLES = frozenset({"list", "table", "quote", "heading"})  # are no paragraphs, and may well be text
_EMPHASISED = 0.8  # of a line's characters, those in italics or bold
_LINKED = 0.5  # of a line's characters, those inside a link
_CLOSED = re.compile(r"(?:(?<!\.\.)[.。۔]|[:,;])$")  # a headline ends so only by carelessness
# One sentence ends and another begins.
_SENTENCES = re.compile(r"[.!?…؟。][\"'”’»)]*\s+[\"'“‘«(]*[^\W\d_a-z]")
_CONTINUES = re.compile(r"^[\W_]*(?:[a-zà-öø-ÿ\d•]|[-–—*])|[:;,،؛：]$")
_ABOVE_DEK = frozenset(
    {BlockKind.TITLE, BlockKind.CHROME, BlockKind.PUBLISHED, BlockKind.BYLINE, BlockKind.REPEAT}
)
_BELOW_DEK = frozenset({BlockKind.BYLINE, BlockKind.PUBLISHED, BlockKind.CHROME, BlockKind.REPEAT})
_NEVER_REPEATS = frozenset(
    {
        BlockKind.CHROME,
        BlockKind.APPEAL,
        BlockKind.RELATED,
        BlockKind.BYLINE,
        BlockKind.PUBLISHED,
        BlockKind.WIRE,
    }
)

# May be said of a block that the judge is sure of.
_BESIDE_JUDGE = frozenset({BlockKind.REPEAT, BlockKind.TITLE, BlockKind.SUBHEAD})

_LEFT_OUT = Label(kind=BlockKind.CHROME, rule="chrome.left-out", confidence=0.6)
_OUTSIDE = Label(kind=BlockKind.CHROME, rule="chrome.outside-article", confidence=0.7)
_BODY = Label(kind=BlockKind.BODY, rule="body.default", confidence=0.8)


def label(
    facts: Sequence[Facts],
    *,
    title: str | None = None,
    authors: Sequence[str] = (),
    is_headless: bool = False,
    zone: ZoneInfo | None = None,
    captured_at: datetime | None = None,
) -> list[Label]:
    """Say what each piece of one article is.

    Args:
        facts: the article's pieces in reading order; may be empty.
        title: the headline where the page's metadata or a record states it; None to find it among the first lines.
        authors: who wrote it, where the page's metadata or a record name them; what its bylines print is added.
        is_headless: it starts with its first paragraph, so no line is taken for a headline.
        zone: the source's zone, to read printed dates.
        captured_at: when the page was taken, to read relative dates.

    Returns:
        As many labels, in the same order.
    """
    sheet = _Sheet(facts, authors, zone, captured_at)
    if not is_headless:
        sheet.find_title(title)
    sheet.mark_appeals()
    sheet.find_places()
    sheet.apply_rules()
    sheet.mark_repeats()
    sheet.mark_neighbours()
    return [known or _default(found) for found, known in zip(facts, sheet.labels, strict=True)]


def _default(found: Facts) -> Label:
    """What a piece is that nothing claims: text where it was chosen, else named after its box."""
    piece, belief = found.piece, found.belief
    if piece.is_chosen:
        return _BODY if belief is None else Label(kind=BlockKind.BODY, rule="body.judged", confidence=belief)
    if belief is None:
        return _LEFT_OUT
    if piece.traits & {"caption", "figure", "picture-text"}:
        kind = BlockKind.CAPTION
    elif piece.link_share >= _LINKED and found.words >= _LABEL_WORDS:
        kind = BlockKind.RELATED
    else:
        kind = BlockKind.CHROME
    return Label(kind=kind, rule=f"{kind}.judged", confidence=1 - belief)


def label_outside(found: Facts) -> Label:
    """Say what a block is that stands outside every article of its page: by its box, or as an appeal by its words."""
    is_menu_item = found.words <= _LABEL_WORDS or found.piece.link_share >= _LINKED
    rule = (_box_rules() if is_menu_item else _outside_rules()).find(found, "tail")
    return _from_rule(rule) if rule else _OUTSIDE


@cache
def _all_rules() -> RuleSet:
    return RuleSet(load_rules())


@cache
def _appeal_rules() -> RuleSet:
    return RuleSet(rule for rule in load_rules() if rule.kind is BlockKind.APPEAL)


@cache
def _firm_rules() -> RuleSet:
    """Rules that may contradict a judge who is sure: those that know a brief line by its words, with little doubt."""
    return RuleSet(rule for rule in load_rules() if rule.pattern is not None and rule.confidence >= _FIRM)


@cache
def _box_rules() -> RuleSet:
    return RuleSet(rule for rule in load_rules() if rule.pattern is None)


@cache
def _outside_rules() -> RuleSet:
    return RuleSet(rule for rule in load_rules() if rule.pattern is None or rule.kind is BlockKind.APPEAL)


class _Sheet:
    """One article's pieces beside the labels found so far; None where nothing claims a piece yet."""

    def __init__(
        self,
        facts: Sequence[Facts],
        authors: Sequence[str],
        zone: ZoneInfo | None,
        captured_at: datetime | None,
    ) -> None:
        self.facts = facts
        self.folds = [found.fold for found in facts]
        self.paragraphs = [n for n, found in enumerate(facts) if found.piece.is_chosen and found.is_paragraph]
        self.labels: list[Label | None] = [None] * len(facts)
        self.names = tuple(name.casefold() for name in authors if " " in name)
        self.authors = set(_openings(authors))  # how a line about one of them begins
        self.zone = zone
        self.captured_at = captured_at
        self.claims: dict[tuple[int, Place], Label | None] = {}  # what was asked once need not be asked again
        self.head_end = 0  # where the text begins
        self.tail_start = len(facts)  # where it has ended

    def claim(self, n: int, kind: BlockKind, rule: str, confidence: float) -> None:
        """Label a piece; a piece that the judge is sure of is furniture only where it says again what was said."""
        if self.is_sure(n) and kind not in _BESIDE_JUDGE:
            return
        self.labels[n] = Label(kind=kind, rule=rule, confidence=confidence)

    def kind(self, n: int) -> BlockKind | None:
        found = self.labels[n]
        return found.kind if found else None

    def is_prose(self, n: int) -> bool:
        facts = self.facts[n]
        return facts.piece.is_chosen and (
            facts.words >= _LONG_WORDS or (facts.is_sentence and facts.words >= PARAGRAPH_WORDS)
        )

    # -- headline -------------------------------------------------------------------------------------------

    def find_title(self, stated: str | None) -> None:
        """Claim the headline: the stated one where it is printed, else the line that reads like one at the top."""
        if stated is not None:
            wanted = fold(stated)
            places = [n for n, reading in enumerate(self.folds) if reading == wanted]
            text = next((n for n in range(len(self.facts)) if self.is_prose(n)), len(self.facts))
            first = next((n for n in range(text) if self.facts[n].piece.tag == "h1"), None)
            if first is None and places:
                first = places[0]
            if first is not None:
                self.claim(first, BlockKind.TITLE, "title.stated", 0.95)
            self._claim_as_repeats(places, first)
            return
        for n in range(min(_TITLE_REACH, len(self.facts))):
            if self.is_prose(n) and not self._returns_soon(n) and not self._asks(n):
                return
            if self._reads_like_headline(n):
                self.claim(n, BlockKind.TITLE, "title.first-line", 0.85)
                self._claim_as_repeats(
                    [k for k, reading in enumerate(self.folds) if reading == self.folds[n]], n
                )
                return

    def _claim_as_repeats(self, places: Iterable[int], title: int | None) -> None:
        for n in places:
            if n != title:
                self.claim(n, BlockKind.REPEAT, "repeat.headline", 0.95)

    def _reads_like_headline(self, n: int) -> bool:
        facts = self.facts[n]
        if not _TITLE_MIN_WORDS <= facts.words <= _TITLE_MAX_WORDS or _all_rules().find(facts, "head"):
            return False
        if self._special(n, "head") is not None or not any(map(self.is_prose, range(n + 1, len(self.facts)))):
            return False
        return self._returns_soon(n) or not _CLOSED.search(facts.piece.text)

    def _asks(self, n: int) -> bool:
        facts = self.facts[n]
        return facts.words <= _TITLE_MAX_WORDS and facts.piece.text.endswith(
            ("?", "!", "…", "...", "؟", "？")
        )

    def _returns_soon(self, n: int) -> bool:
        return (
            self.facts[n].words <= _TITLE_MAX_WORDS
            and self.folds[n] in self.folds[n + 1 : n + 1 + _TITLE_REACH]
        )

    # -- where the text begins and ends ---------------------------------------------------------------------

    def find_places(self) -> None:
        """Find head and tail: what stands before the first and after the last paragraph that nothing claims."""
        count = len(self.facts)
        n = 0
        has_dek = False
        while n < count:
            if self.kind(n) is None and self._claimable(n, "head") is None and self.is_prose(n):
                if has_dek or not self._is_dek(n):
                    break
                self.claim(n, BlockKind.DEK, "dek.above-byline", 0.75)
                has_dek = True
            n += 1
        self.head_end = n if n < count else 0
        for k in range(self.head_end):
            if (found := self._claimable(k, "head")) and found.kind is BlockKind.BYLINE:
                self.authors.update(_openings(people.read_byline(self.facts[k].piece.text)))
        n = count
        while n > self.head_end:
            if self.kind(n - 1) is None and self._claimable(n - 1, "tail") is None and self._is_text(n - 1):
                break
            n -= 1
        self.tail_start = n

    def _is_text(self, n: int) -> bool:
        """A sentence of body, however short: what an article may end with."""
        facts = self.facts[n]
        return facts.piece.is_chosen and (
            facts.words >= _LONG_WORDS or (facts.is_sentence and facts.words >= _SHORT_SENTENCE_WORDS)
        )

    def _is_dek(self, n: int) -> bool:
        """A paragraph right under the headline is a standfirst when a byline, date or rule follows, then the text."""
        if self.facts[n].words > _DEK_MAX_WORDS or not any(self.kind(k) is BlockKind.TITLE for k in range(n)):
            return False
        if any(self.kind(k) not in _ABOVE_DEK for k in range(n)):
            return False
        for k in range(n + 1, min(n + 1 + _DEK_REACH, len(self.facts))):
            if self.is_prose(k) and self._claimable(k, "head") is None:
                return False
            found = self.labels[k] or self._claimable(k, "head")
            if found is not None and found.kind in _BELOW_DEK:
                return any(self.is_prose(m) for m in range(k + 1, len(self.facts)))
        return False

    def place(self, n: int) -> Place:
        if n < self.head_end:
            return "head"
        return "tail" if n >= self.tail_start else "middle"

    # -- one line at a time ---------------------------------------------------------------------------------

    def apply_rules(self) -> None:
        """Label every piece that a rule, a date, a byline or an agency line claims at its place."""
        for n in range(len(self.facts)):
            if self.labels[n] is None:
                self.labels[n] = self._claimable(n, self.place(n))

    def _claimable(self, n: int, place: Place) -> Label | None:
        if (n, place) not in self.claims:
            self.claims[n, place] = self._find_claim(n, place)
        return self.claims[n, place]

    def is_sure(self, n: int) -> bool:
        """The judge believes so firmly in a piece as text that no rule is asked."""
        belief = self.facts[n].belief
        return belief is not None and belief >= _SURE

    def _may_contradict(self, n: int) -> bool:
        """Of a brief line with a word of furniture in it, rules are asked whatever the judge believes."""
        return self.facts[n].has_idea and self.facts[n].words <= _BRIEF_WORDS

    def _find_claim(self, n: int, place: Place) -> Label | None:
        is_bio = place == "tail" and self._opens_with_author(n)
        if self.is_sure(n) and not is_bio:
            rule = _firm_rules().find(self.facts[n], place) if self._may_contradict(n) else None
            return _from_rule(rule) if rule else None
        if self.facts[n].words <= _SPECIAL_MAX_WORDS and (
            wire := agencies.is_wire_line(self.facts[n].piece.text)
        ):
            return Label(kind=BlockKind.WIRE, rule=wire, confidence=0.9)
        if place == "head" and (found := self._special(n, place)):
            return found
        if place == "middle" and self._is_far_from_text(n) and not self._names_author(n):
            rule = _box_rules().find(self.facts[n], place)
            return _from_rule(rule) if rule else None
        rule = _all_rules().find(self.facts[n], place)
        if rule is None and place != "tail" and self._names_author(n):
            return Label(kind=BlockKind.BYLINE, rule="byline.names-author", confidence=0.85)
        if rule is None and place != "tail" and self._is_beside_picture(n):
            return Label(kind=BlockKind.CAPTION, rule="caption.beside-picture", confidence=0.7)
        if rule is None and is_bio:
            return Label(kind=BlockKind.BIO, rule="bio.opens-with-author", confidence=0.8)
        return _from_rule(rule) if rule else self._special(n, place)

    def _is_far_from_text(self, n: int) -> bool:
        """Nobody takes it for text and no word of furniture is in it: its box names it, no rule need read its words."""
        found = self.facts[n]
        is_hopeless = found.belief is not None and found.belief < _HOPELESS
        return is_hopeless and not found.has_idea and not found.piece.chosen_share

    def _names_author(self, n: int) -> bool:
        """A short line that is no sentence, that nobody takes for text, with the name of who wrote it."""
        found = self.facts[n]
        if found.belief is None or found.piece.is_chosen or found.words > _BYLINE_WORDS or found.is_sentence:
            return False
        reading = found.piece.text.casefold()
        return any(name in reading for name in self.names)

    def _is_beside_picture(self, n: int) -> bool:
        """A line in italics, or one without a stop, that the judge doubts and that stands under or beside an image.

        Source: publishers and wide, beliefs of folds not trained on: of such lines to 40 words 34 are no text and 24
        are, most of these on one page.
        """
        found = self.facts[n]
        piece = found.piece
        return (
            found.belief is not None
            and (piece.is_under_image or piece.has_image)
            and found.words <= _SPECIAL_MAX_WORDS
            and piece.tag not in _LISTED_TAGS
            and (piece.emphasis_share >= _EMPHASISED or not found.is_sentence)
        )

    def _opens_with_author(self, n: int) -> bool:
        """Below the text, a sentence whose subject is who wrote the text."""
        facts = self.facts[n]
        is_sentence = facts.is_sentence and _LABEL_WORDS < facts.words <= _BIO_MAX_WORDS
        return is_sentence and facts.piece.text.casefold().startswith(tuple(self.authors))

    def _special(self, n: int, place: Place) -> Label | None:
        """What only a reader of dates and names can tell; inside the text such lines are its own."""
        facts = self.facts[n]
        text = facts.piece.text
        if place == "middle" or facts.words > _SPECIAL_MAX_WORDS:
            return None
        if dates.read_date_line(text, zone=self.zone, captured_at=self.captured_at) is not None:
            return Label(kind=BlockKind.PUBLISHED, rule="published.date-line", confidence=0.9)
        if people.is_byline(text):
            return Label(kind=BlockKind.BYLINE, rule="byline.names", confidence=0.9)
        return None

    # -- what needs its neighbours --------------------------------------------------------------------------

    def mark_repeats(self) -> None:
        """Label each later copy of an earlier piece; a line printed twice above the text is a caption.

        Two pieces are copies when they read the same without case and punctuation. Short sentences of the text
        ("Yes.") may return in it and stay.
        """
        first_at: dict[str, int] = {}
        for n, facts in enumerate(self.facts):
            if not facts.piece.is_chosen and "pull-quote" not in facts.piece.traits:
                continue
            may_be_quote = "pull-quote" in facts.piece.traits or (
                facts.piece.tag != "line" and _QUOTE_MIN_WORDS <= facts.words <= _SPECIAL_MAX_WORDS
            )
            if self.labels[n] is None and may_be_quote and self._is_said_elsewhere(n):
                self.claim(n, BlockKind.REPEAT, "repeat.pull-quote", 0.9)
        for n, reading in enumerate(self.folds):
            if not self.facts[n].piece.is_chosen:
                continue  # a table of contents says first what the text's own headings say
            first = first_at.setdefault(reading, n)
            if first == n or not reading or self.kind(n) in _NEVER_REPEATS:
                continue
            if (
                self.labels[first] is None
                and self.facts[n].words < _REPEAT_MIN_WORDS
                and self.place(n) != "head"
            ):
                continue
            if self.facts[n].piece.tag in _LISTED_TAGS and self.kind(first) is not BlockKind.TITLE:
                continue
            if (
                self.labels[first] is None
                and self.place(first) == "head"
                and self.facts[n].piece.tag == "line"
            ):
                self.claim(first, BlockKind.CAPTION, "caption.printed-twice", 0.8)
            self.claim(n, BlockKind.REPEAT, "repeat.earlier-block", 0.95)

    def _is_said_elsewhere(self, n: int) -> bool:
        """A longer paragraph of the text says it too, from its beginning, from its end or between its sentences."""
        quote = self.folds[n]
        return any(
            k != n and quote in self.folds[k] and len(self.folds[k]) > len(quote) for k in self.paragraphs
        )

    def mark_appeals(self) -> None:
        """Claim what appeals, and join the appeals at a page's end into one run with the letter between them.

        An appeal beside the salutation of a letter takes with it everything up to the last line that appeals
        again; without a letter only a few words between two appeals go with them.
        """
        first_text = next((n for n in range(len(self.facts)) if self.is_prose(n)), len(self.facts))
        place: Place = "middle"
        for n in range(first_text, len(self.facts)):
            is_open = self.labels[n] is None and (not self.is_sure(n) or self._may_contradict(n))
            rule = _appeal_rules().find(self.facts[n], place) if is_open else None
            if rule is not None:
                self.labels[n] = _from_rule(rule)
                place = "tail"  # what may only stand below the text is believed once an appeal has begun
        appeals = [n for n in range(first_text, len(self.facts)) if self.kind(n) is BlockKind.APPEAL]
        salutation = next((n for n in appeals if _rule_id(self.labels[n]) == _SALUTATION), None)
        for before, after in pairwise(appeals):
            gap = range(before + 1, after)
            is_letter = salutation is not None and before >= salutation - _LETTER_HEAD
            if is_letter or sum(self.facts[n].words for n in gap) <= _APPEAL_GAP_WORDS:
                for n in gap:
                    self.claim(n, BlockKind.APPEAL, "appeal.run", 0.8)
        for n in range(first_text, len(self.facts)):
            if appeals and self._is_salutation(n):
                for before in appeals:
                    if n - _LETTER_HEAD <= before < n:
                        self._mark_box_of_letter(before, n)
                break

    def _is_salutation(self, n: int) -> bool:
        if self.facts[n].words > _SALUTATION_MAX_WORDS:
            return False
        rule = _appeal_rules().find(self.facts[n], "tail")
        return rule is not None and rule.id == _SALUTATION

    def _mark_box_of_letter(self, appeal: int, salutation: int) -> None:
        """Claim what stands below an appeal in its box with a letter, however much like an article it reads.

        The box is the outermost element around the appeal that holds none of the text above it. Without a letter in
        it, it stays: publishers put the rest of a metered text into such boxes, too.
        Seen on the metered pages of us_csmonitor, whose letters the judge takes for text.
        """
        path = self.facts[appeal].piece.path
        text_above = [n for n in range(appeal) if self.is_prose(n) and self.labels[n] is None]
        shared = max((_shared_boxes(path, self.facts[n].piece.path) for n in text_above), default=len(path))
        if shared == len(path):
            return  # it stands in one box with the text, or on a page without boxes
        box = path[: shared + 1]
        below = [n for n in range(appeal + 1, len(self.facts)) if self.facts[n].piece.path[: len(box)] == box]
        if salutation not in below:
            return
        for n in below:
            if self.kind(n) is not BlockKind.APPEAL:
                self.labels[n] = Label(kind=BlockKind.APPEAL, rule="appeal.run", confidence=0.8)

    def mark_neighbours(self) -> None:
        """Label by shape and neighbours what no rule named: standfirst, subheads, links to other articles."""
        self._mark_joined()
        self._mark_head()
        for n, facts in enumerate(self.facts):
            if self.labels[n] is None and facts.piece.tag in _HEADING_TAGS and facts.piece.is_chosen:
                self.claim(n, BlockKind.SUBHEAD, "subhead.element", 0.9)
        for n in range(self.head_end + 1, self.tail_start):
            if self.labels[n] is None and self._has_other_style(n):
                self.claim(n, BlockKind.CHROME, "chrome.other-style", 0.6)
        if self._has_open_paragraphs():
            return
        loose = [n for n in range(self.head_end, self.tail_start) if self._is_loose(n)]
        links = [n for n in loose if self._reads_like_link(n)]
        few = max(_LOOSE_MIN, round((self.tail_start - self.head_end) * _LOOSE_SHARE))
        for n in loose:
            if n in links and len(links) <= few:
                self.claim(n, BlockKind.RELATED, "related.headline-between-paragraphs", 0.6)
            elif self.facts[n].words <= _SUBHEAD_MAX_WORDS:
                self.claim(n, BlockKind.SUBHEAD, "subhead.short-line", 0.7)
        self._mark_tail()
        self._mark_idle_headings()

    def _mark_idle_headings(self) -> None:
        """A heading under which no text of the article follows heads what is not there."""
        for n in range(len(self.facts) - 1, -1, -1):
            found = self.labels[n]
            if found is None and self.facts[n].piece.is_chosen:
                return
            if found is not None and found.kind is BlockKind.SUBHEAD:
                self.labels[n] = Label(
                    kind=BlockKind.CHROME, rule="chrome.heading-of-nothing", confidence=0.7
                )

    def _mark_joined(self) -> None:
        """A line printed right under a photo credit, where the page sets its paragraphs apart, is the caption."""
        for n in range(1, len(self.facts)):
            joined = "joined" in self.facts[n].piece.traits
            if joined and self.labels[n] is None and self.kind(n - 1) is BlockKind.CREDIT:
                self.claim(n, BlockKind.CAPTION, "caption.joined-to-credit", 0.75)

    def _mark_head(self) -> None:
        """Above the text: the first line under the headline is the standfirst, other short ones are furniture."""
        title = next((n for n in range(self.head_end) if self.kind(n) is BlockKind.TITLE), None)
        for n in range(self.head_end):
            if self.labels[n] is not None:
                continue
            words = self.facts[n].words
            is_lede = self.facts[n].is_sentence and (n + 1 == self.head_end or self.labels[n + 1] is None)
            continues = is_lede or _CONTINUES.search(self.facts[n].piece.text) is not None
            dek_count = sum(self.kind(k) is BlockKind.DEK for k in range(n))
            if (
                title is not None
                and n > title
                and words >= _LABEL_WORDS
                and dek_count < _DEK_LINES
                and not continues
            ):
                self.claim(n, BlockKind.DEK, "dek.under-headline", 0.7)
            elif (title is None or n < title or words < _LABEL_WORDS) and not self.facts[n].is_sentence:
                self.claim(n, BlockKind.CHROME, "chrome.above-text", 0.6)

    def _mark_tail(self) -> None:
        """Below the text: what is no sentence and continues no list belongs to the page, not to the article."""
        for n in range(self.tail_start, len(self.facts)):
            facts = self.facts[n]
            if self.labels[n] is not None or facts.is_sentence or self._follows_colon(n):
                continue
            if facts.piece.tag in _LISTED_TAGS or (
                facts.piece.tag != "line" and facts.words > _SUBHEAD_MAX_WORDS
            ):
                continue
            if self.facts[n].words >= _LINK_MIN_WORDS:
                self.claim(n, BlockKind.RELATED, "related.below-text", 0.6)
            else:
                self.claim(n, BlockKind.CHROME, "chrome.below-text", 0.6)

    def _has_open_paragraphs(self) -> bool:
        """Some pages close no paragraph with a stop; there a missing stop tells nothing."""
        long = [
            n for n, facts in enumerate(self.facts) if self.labels[n] is None and facts.words >= _LONG_WORDS
        ]
        return sum(not self.facts[n].is_sentence for n in long) > len(long) * _OPEN_SHARE

    def _is_loose(self, n: int) -> bool:
        """A line without a stop that stands alone between two paragraphs of the text."""
        facts = self.facts[n]
        return (
            self.labels[n] is None
            and not facts.is_sentence
            and facts.words < _LONG_WORDS
            and not _CONTINUES.search(facts.piece.text)
            and self._is_text_at(n - 1)
            and self._is_text_at(n + 1)
            and not self._follows_colon(n)
        )

    def _has_other_style(self, n: int) -> bool:
        """A short sentence between paragraphs that share a class which it has not."""
        facts = self.facts[n]
        traits = facts.piece.traits
        return (
            "other-style" in traits
            and traits.isdisjoint(_KEPT_STYLES)
            and facts.piece.tag in {"p", "div"}
            and facts.is_sentence
            and _LABEL_WORDS < facts.words < _LONG_WORDS
        )

    def _is_text_at(self, n: int) -> bool:
        return 0 <= n < len(self.facts) and self.labels[n] is None and self._is_text(n)

    def _reads_like_link(self, n: int) -> bool:
        facts = self.facts[n]
        if facts.piece.tag != "line" and facts.piece.link_share < _LINKED:  # HTML shows which lines are links
            return False
        return _LINK_MIN_WORDS <= facts.words <= _LINK_MAX_WORDS and not _SENTENCES.search(facts.piece.text)

    def _follows_colon(self, n: int) -> bool:
        return n > 0 and self.facts[n - 1].piece.text.endswith((":", "："))


def _openings(names: Iterable[str]) -> Iterator[str]:
    """How a line about one of these people begins; a single word may be anybody's name, or no name."""
    return (name.casefold() + mark for name in names if " " in name for mark in (" ", ", "))


def _from_rule(rule: Rule) -> Label:
    return Label(kind=rule.kind, rule=rule.id, confidence=rule.confidence)


def _shared_boxes(path: Sequence[int], other: Sequence[int]) -> int:
    """How many of the block elements around two pieces are the same, counted from the outside."""
    return next(
        (depth for depth, pair in enumerate(zip(path, other, strict=False)) if pair[0] != pair[1]),
        min(len(path), len(other)),
    )


def _rule_id(found: Label | None) -> str | None:
    return found.rule if found else None
