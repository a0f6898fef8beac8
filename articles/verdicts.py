"""Pages that hold no article: checks for robots, empty app shells, lists, errors, walls.

Asked only where little text was found, because every one of these words may stand in a real article. Lengths
are in words, shares 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from articles.facts import Facts
from articles.lines import ends_sentence
from articles.metadata import Stated
from articles.records import TEXT_KINDS, Block, BlockKind, Reason
from articles.rules import RuleSet, load_rules

_SHORT_PAGE_WORDS = 250  # challenge pages and errors say little; a page with more is judged by its text
_BRIEF_WORDS = 20  # the shortest news brief that is believed to be one
_STUB_WORDS = 120  # a page behind a wall shows one or two paragraphs
_LIST_LINK_SHARE = 0.6  # of a page's visible letters, those inside links

_CLOSERS = "\"'”’»›)]} "

_CHALLENGE = re.compile(
    r"(?i)check(?:ing)? (?:if|your browser)|just a moment|verif(?:y|ying) (?:that )?you(?:.re| are)? (?:not a robot|(?:a )?human)|enable java ?script and cookies|"
    r"ddos protection|attention required|are you a (?:robot|human)|captcha|unusual (?:traffic|activity)|access (?:to this page has been )?denied|security check|"
    r"needs to review the security|request (?:was )?blocked|automated (?:access|requests|traffic)|ray id|"
    r"جار[يٍ]? التحقق|التحقق من (?:أنك|متصفحك)|لست روبوت|بررسی مرورگر|ربات نیستید|نیستید که ربات|روبوٹ نہیں|vérifi\w+ (?:que vous|votre navigateur)|"
    r"pas un robot|robot olmadığınızı|tarayıcınız (?:kontrol|denetlen)|не робот|проверк\w+ (?:вашего )?браузер|kein roboter|browser wird überprüft|no eres un robot"
)
_ERROR = re.compile(
    r"(?i)^\W*(?:(?:error|fehler|erreur|hata|ошибка|خطأ|خطا)?\W*(?:404|410|403|500|502|503)\b|"
    r".{0,30}\b(?:page|article|story|content|document)\b.{0,30}\b(?:not (?:be )?found|no longer (?:exists?|available)|does ?n.t exist|does not exist|has been (?:removed|deleted|moved)|can.?t be found|is unavailable)|"
    r"not found\W*$|الصفحة (?:غير موجودة|المطلوبة|التي)|لم يتم العثور|صفحه (?:مورد نظر|یافت نشد|پیدا نشد)|صفحہ (?:نہیں ملا|موجود نہیں)|page (?:introuvable|non trouvée)|sayfa bulunamadı|"
    r"страница не найдена|seite (?:wurde )?nicht gefunden|página no encontrada|pagina non trovata)"
)
_NEEDS_SCRIPT = re.compile(
    r"(?i)(?:enable|requires?|turn on|need).{0,30}java ?script|java ?script.{0,30}(?:enable|require|disabled)"
)


def find_reason(
    facts: Sequence[Facts], blocks: Sequence[Block], stated: Stated, *, text_words: int, has_scripts: bool
) -> tuple[Reason, str] | None:
    """Say why a page is no article, or None where it may be one.

    Args:
        facts: every block of the page.
        blocks: the same with what each was labelled.
        stated: what the page claims of itself.
        text_words: words of body text found on the page.
        has_scripts: the page runs scripts.

    Returns:
        The reason and a sentence for a person.
    """
    kinds = {block.kind for block in blocks}
    pieces = [found.piece for found in facts]
    page_words = sum(found.words for found in facts)
    visible = " ".join(piece.text for piece in pieces) if page_words < _SHORT_PAGE_WORDS else ""
    heading = next((piece.text for piece in pieces if piece.tag == "h1"), "")
    lines = [stated.title or "", heading, *(piece.text for piece in pieces[:6])]
    is_error = any(_ERROR.search(line) for line in lines)
    if page_words < _SHORT_PAGE_WORDS and (text_words < _STUB_WORDS or (is_error and _ERROR.search(heading))):
        if _CHALLENGE.search(" ".join((stated.title or "", visible))):
            return (
                Reason.CHALLENGE_PAGE,
                "the server asks whether a robot is reading; crawl more slowly or ask for access",
            )
        if is_error:
            return (
                Reason.NOT_AN_ARTICLE,
                "the page says that what was asked for is not there, though the server sent it as a page",
            )
        if (
            has_scripts
            and (text_words < _BRIEF_WORDS)
            and (_NEEDS_SCRIPT.search(visible) or page_words < _BRIEF_WORDS)
        ):
            return (
                Reason.NOT_AN_ARTICLE,
                "the page is an empty shell that scripts fill; read this source through its feed",
            )
    has_own_date = bool(stated.published) or BlockKind.PUBLISHED in kinds
    has_own_author = bool(stated.authors or stated.named) or BlockKind.BYLINE in kinds
    is_site_page = stated.is_site_page or (stated.is_website and text_words < _STUB_WORDS)
    if is_site_page and not stated.is_article and not has_own_date and not has_own_author:
        return (
            Reason.NOT_AN_ARTICLE,
            "the page calls itself a page of the site, and names neither date nor author; give an article's address",
        )
    has_wall = BlockKind.APPEAL in kinds or stated.is_free is False
    is_stub = stated.is_free is False and text_words < _STUB_WORDS and _breaks_off(facts, blocks)
    if is_stub or (text_words < _BRIEF_WORDS and has_wall):
        return Reason.PAYWALLED, f"only {text_words} words are shown before it asks to subscribe or sign in"
    letters = sum(len(piece.text) for piece in pieces)
    linked = sum(len(piece.text) * piece.link_share for piece in pieces)
    is_linky = letters > 0 and linked > letters * _LIST_LINK_SHARE
    if stated.is_list or (is_linky and not stated.is_article and text_words < _STUB_WORDS):
        return (
            Reason.NOT_AN_ARTICLE,
            "the page is a list of links to articles; give the addresses it links to",
        )
    if text_words < _BRIEF_WORDS:
        if has_scripts and page_words == 0:
            return Reason.NOT_AN_ARTICLE, "the page shows no text at all without its scripts"
        return (
            Reason.TOO_SHORT,
            f"only {text_words} words of text were found; {_BRIEF_WORDS} are needed for an article",
        )
    return None


def _breaks_off(facts: Sequence[Facts], blocks: Sequence[Block]) -> bool:
    """Tell a stub from a complete flash beside an appeal: it stops within a sentence, or the page says "for subscribers"."""
    last = next((block.text for block in reversed(blocks) if block.kind in TEXT_KINDS), "")
    is_whole = ends_sentence(last) and not last.rstrip(_CLOSERS).endswith(("…", "..."))
    return not is_whole or any(_wall_rules().find(found, "tail") for found in facts)


@cache
def _wall_rules() -> RuleSet:
    return RuleSet(rule for rule in load_rules() if rule.id == "appeal.wall")
