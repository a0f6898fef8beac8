"""Bytes become a tree that says what the bytes say, in whatever charset, and a page that is cut says so."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import read_page
from articles.decoding import Decoded, decode
from articles.parsing import MAX_ATTRIBUTES, MAX_ELEMENTS, Parsed, parse
from articles.records import Reason, Rejected

ARABIC = "عادت العبارة إلى العمل بين الضفتين يوم الخميس بعد ثلاثة أسابيع من انخفاض المياه. "
RUSSIAN = "Паром снова ходит между двумя берегами после трёх недель низкой воды, сообщил порт. "
JAPANESE = "三週間の低水位のあと、木曜日に渡し船が再び両岸の間を往復したと港が発表した。"
CHINESE = "港口说,经过三周的低水位之后,渡船星期四重新往返于两岸之间。"
KOREAN = "항구는 삼 주 동안의 낮은 수위가 지나고 목요일에 나룻배가 다시 두 강둑 사이를 오갔다고 밝혔다. "
THAI = "ท่าเรือกล่าวว่าเรือข้ามฟากกลับมาแล่นระหว่างสองฝั่งอีกครั้งในวันพฤหัสบดี "
GREEK = "Το πορθμείο έκανε ξανά τη διαδρομή ανάμεσα στις δύο όχθες, ανακοίνωσε το λιμάνι. "
HEBREW = "המעבורת חזרה לשוט בין שתי הגדות ביום חמישי, כך הודיע הנמל. "
TURKISH = "Feribot üç haftalık düşük sudan sonra iki kıyı arasında yeniden çalışıyor, dedi liman. "
FRENCH = "Le bac a repris jeudi entre les deux rives après trois semaines de basses eaux, précise le port. "
ENGLISH = "The ferry sailed again on Thursday after three weeks of low water, the port office said. "


def tree_text(body: bytes, content_type: str | None = None) -> str:
    decoded = decode(body, content_type=content_type)
    assert isinstance(decoded, Decoded), decoded
    parsed = parse(body, decoded)
    assert isinstance(parsed, Parsed), parsed
    return " ".join(parsed.tree.text_content().split())


def page(text: str, declared: str | None = None) -> str:
    meta = "" if declared is None else f"<meta charset='{declared}'>"
    scripts = "<script>function f(a) { return a ? 1 : 2 }</script>" * 40  # ASCII, as most of a real page is
    return f"<!doctype html><html><head>{meta}{scripts}</head><body><p>{text * 4}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        (ARABIC, "utf-8", None),
        (ARABIC, "utf-8", "windows-1256"),  # a meta tag that is wrong
        (ARABIC, "utf-8", "x-user-defined"),
        (ARABIC, "utf-16-le", None),
        (ARABIC, "utf-16", "utf-8"),
        (RUSSIAN, "utf-16-be", None),
        (ARABIC, "cp1256", "windows-1256"),
        (ARABIC, "cp1256", "utf-8"),
        (ARABIC, "cp1256", "iso-8859-1"),
        (ARABIC, "cp1256", None),
        (ARABIC, "iso8859-6", "iso-8859-6-i"),
        (RUSSIAN, "cp1251", "x-cp1251"),
        (RUSSIAN, "koi8-r", "koi8"),
        (RUSSIAN, "koi8-r", "windows-1251"),  # every byte of either charset is a letter of the other
        (RUSSIAN, "cp1251", "koi8-r"),
        (RUSSIAN, "iso8859-5", None),
        (JAPANESE, "shift_jis", "x-sjis"),
        (JAPANESE, "euc-jp", "x-euc-jp"),
        (JAPANESE, "iso-2022-jp", "iso-2022-jp"),
        (JAPANESE, "shift_jis", "iso-8859-1"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gbk", None),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (THAI, "cp874", "windows-874"),
        (THAI, "cp874", "iso-8859-1"),
        (GREEK, "cp1253", "windows-1253"),
        (GREEK, "cp1253", "latin1"),
        (HEBREW, "cp1255", "iso-8859-8-i"),
        (HEBREW, "cp1255", None),
        (TURKISH, "cp1254", "iso-8859-9"),
        (FRENCH, "cp1252", "iso-8859-1"),
        (FRENCH, "mac-roman", "macintosh"),  # libxml2 knows the name and another table
        (FRENCH, "cp1252", None),
    ],
)
def test_a_page_reads_the_same_in_every_charset_and_under_every_label(text, codec, declared):
    assert tree_text(page(text, declared).encode(codec)).endswith(" ".join((text * 4).split()))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\xef\xbb\xbf<p>caf\xc3\xa9", "café"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><html><p>caf\xc3\xa9", "café"),
        (b"<html><meta charset=iso-8859-1><p>one\x00 caf\xc3\xa9 two", "one café two"),
        (b"<p>one \xef\xbf\xbe\xef\xbf\xbf two", "one two"),  # U+FFFE and U+FFFF
        (b"<p>one &#1;&#x1f;&#X000B;&#65535;&#xFFFE two", "one two"),
        (b"<p>&#10;&#128; &#233; &#x41; &#19968;", "€ é A 一"),
        (b"<p>" + b"caf\xc3\xa9 " * 9 + b"b\xffr " + b"caf\xc3\xa9", "café " * 9 + "b�r café"),
    ],
)
def test_what_no_tree_may_hold_costs_nothing_but_itself(body, text):
    assert tree_text(body, "text/html") == text


def test_garbage_behind_a_page_is_no_part_of_it():
    body = page(ARABIC, "utf-8").encode() + random.Random(1).randbytes(100_000)
    assert tree_text(body, "text/html").endswith(" ".join((ARABIC * 4).split()))


def test_a_character_that_no_tree_may_hold_does_not_lose_the_page():
    """trafilatura stops at the first one it copies, and the page would be empty."""
    body = f"<html><body><article><h1>Ferry returns</h1><p>{ENGLISH * 4}&#31;</p></article></body></html>"
    (article,) = read_page(body.encode(), url=None, content_type="text/html").articles
    assert article.text == (ENGLISH * 4).strip()


DEEP = {
    "divs": "<div>" * 300,
    "unclosed bold": "<b>" * 2_000,
    "lists": "<ul><li>x" * 1_000,
    "quotes": "<blockquote>" * 5_000,
    "after a hundred errors": "</i></u>" * 200 + "<table><tr><td>" * 500,
}


@pytest.mark.parametrize("name", DEEP)
def test_a_page_that_the_parser_did_not_finish_is_flagged(name):
    whole = (
        f"<html><body><h1>Ferry returns</h1><p>{ENGLISH * 4}</p>%s<p>The queue was long.</p></body></html>"
    )
    for inside, is_cut in (("", False), (DEEP[name], True)):
        reading = read_page((whole % inside).encode(), url=None, content_type="text/html")
        assert [article.is_cut for article in reading.articles] == [is_cut]
        assert reading.articles[0].text.startswith(ENGLISH.strip())


@pytest.mark.parametrize("inside", ["<p>%s</p>", "<p title='%s'>x</p>", "<!--%s-->", "<script>%s</script>"])
def test_a_text_longer_than_the_parser_takes_is_flagged_too(inside):
    """Bytes of one charset may be more in another: 6 MB here, more than 10 MB to the parser."""
    long = inside % (RUSSIAN * 75_000)
    body = f"<html><meta charset=windows-1251><p>One.</p>{long}<p>Two.</p>".encode("cp1251")
    decoded = decode(body, content_type=None)
    assert isinstance(decoded, Decoded)
    parsed = parse(body, decoded)
    assert isinstance(parsed, Parsed)
    assert parsed.gave_up is not None
    assert parsed.gave_up.startswith("Resource limit exceeded")


def test_a_page_cut_before_its_article_is_rejected_as_that():
    body = f"<html><body>{'<div>' * 300}<p>{ENGLISH * 4}</p></body></html>".encode()
    (why,) = read_page(body, url=None, content_type="text/html").rejected
    assert why.reason is Reason.TOO_LARGE
    assert "gave up before the page's end (Excessive depth" in why.detail


def test_many_words_in_one_attribute_are_one_attribute():
    names = " ".join(f"class-{n}" for n in range(50_000))
    assert (
        tree_text(f"<p class='{names}'>one</p><p class=\"{names}\">two</p>".encode(), "text/html") == "onetwo"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<p " + b" ".join(b"a%d" % n for n in range(MAX_ATTRIBUTES + 2)) + b">x", "attributes"),
        (b"<p " + b"/".join(b"a%d=1" % n for n in range(100_000)) + b">x", "attributes"),
        (b"<p>" + b"<br>" * (MAX_ELEMENTS + 1), "elements"),
    ],
)
def test_what_would_take_a_minute_is_refused_at_once(body, said):
    decoded = decode(body, content_type="text/html")
    assert isinstance(decoded, Decoded)
    refused = parse(body, decoded)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.TOO_LARGE
    assert said in refused.detail


@given(st.binary(max_size=500).map(lambda noise: b"<html><p>A page.</p>" + noise))
def test_any_bytes_are_answered(body):
    decoded = decode(body, content_type="text/html")
    if isinstance(decoded, Decoded):
        assert isinstance(parse(body, decoded), Parsed | Rejected)
