"""Bytes become text with how it was decided, or a reason why they cannot."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.decoding import MAX_BYTES, Decoded, decode
from articles.records import Reason, Rejected

ARABIC = "أعلنت بلدية كرسان أن الجسر القديم سيُفتح يوم الاثنين أمام المارة بعد إصلاح دام ثلاثة أشهر. " * 3
RUSSIAN = "Мэрия сообщила в понедельник, что старый мост через реку снова открыт для движения. " * 3
GERMAN = "Die Brücke über den Fluß wurde am Montag für Fußgänger geöffnet, sagte die Bürgermeisterin. " * 3


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "origin"),
    [
        (ARABIC.encode(), None, "utf-8", "utf-8"),
        (ARABIC.encode(), "text/html; charset=utf-8", "utf-8", "header"),
        (ARABIC.encode(), "text/html; charset=iso-8859-1", "utf-8", "utf-8"),  # a server that lies
        (ARABIC.encode("cp1256"), "text/html; charset=windows-1256", "cp1256", "header"),
        (b"<meta charset=windows-1256>" + ARABIC.encode("cp1256"), None, "cp1256", "meta"),
        (
            b"<meta charset=windows-1256>" + ARABIC.encode("cp1256"),
            "text/html; charset=latin-1",
            "cp1256",
            "meta",
        ),
        (ARABIC.encode("cp1256"), "text/html; charset=iso-8859-1", "cp1256", "detected"),
        (ARABIC.encode("cp1256"), None, "cp1256", "detected"),
        (RUSSIAN.encode("koi8-r"), None, "koi8_r", "detected"),
        (RUSSIAN.encode("cp1251"), "text/html; charset=zlib_codec", "cp1251", "detected"),
        (GERMAN.encode("cp1252"), "text/plain; charset=ISO-8859-1", "cp1252", "header"),
        (b"\xef\xbb\xbf" + ARABIC.encode(), None, "utf-8-sig", "bom"),
        (ARABIC.encode("utf-16"), None, "utf-16", "bom"),
        (GERMAN.encode("utf-16-le"), None, "utf-16-le", "detected"),
        (GERMAN.encode("utf-16-be"), "text/html", "utf-16-be", "detected"),
    ],
)
def test_the_charset_is_what_the_evidence_says(body, content_type, encoding, origin):
    found = decode(body, content_type=content_type)
    assert isinstance(found, Decoded)
    assert (found.encoding, found.origin) == (encoding, origin)
    assert found.text.removeprefix("<meta charset=windows-1256>") in {ARABIC, RUSSIAN, GERMAN}


def test_a_few_damaged_bytes_do_not_lose_a_page():
    words = (ARABIC * 10).encode().split(b" ")
    found = decode(b" ".join([*words[:50], b"\xff", *words[50:]]), content_type="text/html; charset=utf-8")
    assert isinstance(found, Decoded)
    assert (found.encoding, found.text.count("�")) == ("utf-8", 1)


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", None, Reason.EMPTY),
        (b" \r\n\t\x00", None, Reason.EMPTY),
        (b"%PDF-1.7\n1 0 obj", "text/html", Reason.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n", None, Reason.NOT_TEXT),
        (b"\x1f\x8b\x08rest", None, Reason.NOT_TEXT),
        (b"just words", "image/png", Reason.NOT_TEXT),
        (random.Random(1).randbytes(5_000), None, Reason.NOT_TEXT),
        (b"word\x00" * 200, "text/plain", Reason.NOT_TEXT),
        (b"a" * (MAX_BYTES + 1), None, Reason.TOO_LARGE),
    ],
)
def test_what_is_no_text_is_rejected_with_a_sentence(body, content_type, reason):
    found = decode(body, content_type=content_type)
    assert isinstance(found, Rejected)
    assert found.reason is reason
    assert found.detail


@given(
    st.binary(max_size=2_000),
    st.sampled_from([None, "text/html", "text/html; charset=x", "text/plain; charset=big5"]),
)
def test_any_bytes_are_answered(body, content_type):
    found = decode(body, content_type=content_type)
    if isinstance(found, Decoded):
        assert not set(found.text) & set(map(chr, [*range(9), *range(14, 32), 127]))
