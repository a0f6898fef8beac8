"""Bytes to text, with how the charset was decided.

What the bytes themselves prove comes first (a byte order mark, being valid UTF-8), then what the server or the
page says, then a detection among charsets that news is really printed in, which is reported as "detected" and
never as a fact. Sizes are in bytes; shares are 0 to 1.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from charset_normalizer import CharsetMatch, from_bytes

from articles.records import Reason, Rejected

MAX_BYTES = 10_000_000  # decompressed; the largest of 1,686 real pages had 2.9 MB (notes/reliability.md 3.4)

# Shares above which bytes are no text: real pages have none at all, a photo or an archive about one byte in ten.
_MAX_CONTROL_SHARE = 0.01
_MAX_DAMAGE_SHARE = 0.01  # undecodable bytes tolerated as damage in transit where a charset is declared
_MAX_DAMAGED_LETTERS = (
    0.1  # of letters beyond ASCII; text of another charset is hardly ever valid UTF-8 by chance
)
_SAMPLE_BYTES = 60_000  # detection looks at this much

_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "an image, sound or film"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x7fELF", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_BOMS = (  # UTF-32 first: its little-endian mark begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MEDIA_NOT_TEXT = re.compile(
    r"(?i)\s*(?:image|audio|video|font)/(?!svg)|\s*application/(?:pdf|zip|gzip|msword|vnd\.)"
)
_HEADER_CHARSET = re.compile(r"(?i)charset\s*=\s*[\"']?\s*([\w.:-]+)")
_UNSEEN = re.compile(rb"(?i)script|style|!--")
_META_CHARSET = re.compile(
    rb"""(?i)<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)"""
)
_ESCAPED_CHARSETS = frozenset(
    {"iso2022_jp", "iso2022_kr", "hz"}
)  # look like ASCII, say so by escape sequences
# As browsers read them (encoding.spec.whatwg.org, "names and labels"): the older charset is a subset of the one that
# is really meant, and a page that can say "utf-16" in ASCII is not in it.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"), "utf-8"),
}
# Labels of the same list that Python does not know; a leading "x-" is taken off before.
_LABELS = {
    "user-defined": "cp1252",
    "unicode": "utf-8",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "mac": "mac-roman",
    "mac-ukrainian": "mac-cyrillic",
    "dos-874": "cp874",
    "windows-874": "cp874",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "gb_2312": "gb18030",
    "gb_2312-80": "gb18030",
    "cn-big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "windows-31j": "cp932",
    "windows-949": "cp949",
    "ksc_5601": "cp949",
    "ks_c_5601-1989": "cp949",
}
_LATIN = frozenset({"cp1252", "cp1254", "iso8859-15"})
_CYRILLIC = frozenset({"cp1251", "koi8_r", "koi8-r", "koi8-u", "iso8859-5", "cp866", "mac-cyrillic"})
_CONTROL = bytes({*range(9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F})
_HTML_START = re.compile(rb"(?i)\s*<(?:!doctype\s+html|html[\s>])")  # browsers read such a page past its NULs
_DETECTABLE = [
    "cp1256", "cp1251", "koi8_r", "cp1254", "cp1252", "cp1250", "cp1253", "cp1255", "iso8859_6", "iso8859_5",
    "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp874",
]  # fmt: skip
# Latin text sprinkles its accents one by one; any other script misread as Latin has them in rows, of many kinds.
_FOREIGN_ROW = re.compile(r"[^\x00-\x7f\xa0]{3,}")
_FOREIGN = re.compile(r"[^\x00-\x7f\xa0]")
_MAX_LATIN_ROWS = (
    0.5  # of these characters; French and German stay below 0.02, Arabic and Russian are above 0.9
)
_MIN_ROW_KINDS = 8  # fewer different ones are ornaments
# Small letters before capitals inside words: Cyrillic read in a charset where the two have changed places.
_SWAPPED_CASE, _USUAL_CASE = re.compile(r"[а-яё][А-ЯЁ]"), re.compile(r"[А-ЯЁ][а-яё]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, and what decided how to read its bytes."""

    text: str  # NUL and other characters that no tree may hold taken out
    encoding: str  # a Python codec name
    origin: str  # "bom" "utf-8" "header" "meta" "detected"
    is_exact: bool  # the bytes are this text: nothing damaged, nothing taken out but a byte order mark


def decode(body: bytes, *, content_type: str | None) -> Decoded | Rejected:
    """Read bytes as text, or say why they cannot be.

    Valid UTF-8 wins over whatever is declared: legacy text is practically never valid UTF-8 by chance, while
    servers that call everything ISO-8859-1 are common (notes/reliability.md 0.3).

    Args:
        body: the bytes, transfer encoding undone.
        content_type: the Content-Type header, or what a file's name says; None when nothing is known.

    Returns:
        The text, or a Rejected of stage "decode": empty, too_large, not_text or undecodable.
    """
    if len(body) > MAX_BYTES:
        return _rejected(
            Reason.TOO_LARGE,
            f"{len(body):,} bytes are more than the {MAX_BYTES:,} a page may have; split the file",
        )
    if not body.strip(b"\x00 \t\r\n\f\v"):
        return _rejected(
            Reason.EMPTY, "there is nothing in it but white space; fetch it again or remove the file"
        )
    for signature, what in _SIGNATURES:
        if body.startswith(signature):
            return _rejected(Reason.NOT_TEXT, f"the bytes are {what}, not text; give the text it holds")
    if content_type and _MEDIA_NOT_TEXT.match(content_type):
        return _rejected(Reason.NOT_TEXT, f"the server calls it {content_type!r}, which is not text")
    found = _read(body, content_type)
    end = body.rfind(b"</html>") if isinstance(found, Rejected) else -1
    if end < 0:
        return found
    page = _read(body[: end + len(b"</html>")], content_type)  # what stands behind a page is no part of it
    return replace(page, is_exact=False) if isinstance(page, Decoded) else found


def _read(body: bytes, content_type: str | None) -> Decoded | Rejected:
    return _by_bom(body) or _by_wide_characters(body) or _by_charset(body, content_type)


def _rejected(reason: Reason, detail: str) -> Rejected:
    return Rejected(capture_id=None, stage="decode", reason=reason, detail=detail)


def _by_bom(body: bytes) -> Decoded | Rejected | None:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            text = body.decode(encoding, "replace")
            if text.count("�") > max(1, len(text) * _MAX_DAMAGE_SHARE):
                return _rejected(
                    Reason.UNDECODABLE, f"it starts as {encoding} but the rest of the bytes is not"
                )
            return _decoded(body, text.removeprefix("\ufeff"), encoding, "bom")
    return None


def _by_wide_characters(body: bytes) -> Decoded | Rejected | None:
    """Tell UTF-16 without a mark from bytes that are no text: both are full of NUL and control bytes."""
    sample = body[:_SAMPLE_BYTES]
    printed = sample.translate(None, _CONTROL)
    control_share = 1 - len(printed) / len(sample)
    if control_share <= _MAX_CONTROL_SHARE:
        return None
    for encoding, high, low in (
        ("utf-16-le", sample[1::2], sample[0::2]),
        ("utf-16-be", sample[0::2], sample[1::2]),
    ):
        if _are_high_bytes(high) and low.count(0) < len(low) // 20:
            text = body.decode(encoding, "replace")
            if text.count("�") <= max(1, len(text) * _MAX_DAMAGE_SHARE):
                return _decoded(body, text, encoding, "detected")
    if _HTML_START.match(printed):
        return None
    return _rejected(
        Reason.NOT_TEXT, f"{control_share:.0%} of the bytes are control codes: a binary file, not text"
    )


def _are_high_bytes(half: bytes) -> bool:
    """Whether these may be every second byte of UTF-16: a third NULs, as in markup, or the NULs and one script."""
    if not half or not (nul_count := half.count(0)):
        return False
    others = half.translate(None, b"\x00")
    script = max(map(others.count, set(others)), default=0)
    return nul_count > len(half) // 3 or (
        nul_count > len(half) // 50 and nul_count + script > len(half) * 0.9
    )


def _by_charset(body: bytes, content_type: str | None) -> Decoded | Rejected:
    header = _codec(_charset_of(content_type))
    found = _META_CHARSET.search(body[:4096])
    meta = _codec(found.group(1).decode("ascii", "replace") if found else None)
    declared = [(header, "header"), (meta, "meta")]
    if header in _LATIN and meta is not None:
        declared.reverse()  # a server's default says less than what the page says of itself
    for encoding, origin in declared:
        if encoding in _ESCAPED_CHARSETS and (text := _strict(body, encoding)) is not None:
            return _decoded(body, text, encoding, origin)
    if (text := _strict(body, "utf-8") or _mostly_utf8(body)) is not None:
        says_so = next((origin for encoding, origin in declared if encoding == "utf-8"), "utf-8")
        return _decoded(body, text, "utf-8", says_so)
    for encoding, origin in declared:
        if encoding is not None and (text := _tolerant(body, encoding)) is not None:
            return _decoded(body, text, encoding, origin)
    return _detect(body)


def _charset_of(content_type: str | None) -> str | None:
    found = _HEADER_CHARSET.search(content_type) if content_type else None
    return found.group(1) if found else None


def _codec(name: str | None) -> str | None:
    """Resolve a charset's name to a text codec; None for names that are unknown or no charset ("zlib_codec")."""
    if name is None:
        return None
    label = name.casefold().removeprefix("x-")
    try:
        info = codecs.lookup(_LABELS.get(label, label))
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in {
        "idna",
        "punycode",
        "unicode_escape",
        "utf-7",
    }:
        return None
    return _MEANT.get(info.name, info.name)


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, ValueError):
        return None


def _mostly_utf8(body: bytes) -> str | None:
    """UTF-8 with a few damaged bytes; None where a tenth of what is not ASCII is damage: then it is something else."""
    text = body.decode("utf-8", "replace")
    damaged = text.count("�")
    letters = len(text) - len(text.encode("ascii", "ignore")) - damaged
    return text if damaged <= letters * _MAX_DAMAGED_LETTERS else None


def _tolerant(body: bytes, encoding: str) -> str | None:
    """Decode as declared; None where too much is damaged, or where the letters say that it is another charset."""
    try:
        text = body.decode(encoding, "replace")
    except (UnicodeError, ValueError, LookupError):
        return None
    if text.count("�") > max(2, len(text) * _MAX_DAMAGE_SHARE):
        return None
    return None if _is_misread(text, encoding) else text


def _is_misread(text: str, encoding: str) -> bool:
    if encoding in _LATIN:
        rows = "".join(_FOREIGN_ROW.findall(text))
        return len(set(rows)) >= _MIN_ROW_KINDS and len(rows) > len(_FOREIGN.findall(text)) * _MAX_LATIN_ROWS
    if encoding in _CYRILLIC:
        return len(_SWAPPED_CASE.findall(text)) > len(_USUAL_CASE.findall(text))
    return False


def _detect(body: bytes) -> Decoded | Rejected:
    guesses = list(from_bytes(_foreign_lines(body), cp_isolation=_DETECTABLE, enable_fallback=False))
    best = {_fit(guess) for guess in guesses[:1]}
    # where nothing in the text tells it from its neighbours, the web's own default is meant
    for guess in sorted(guesses, key=lambda guess: (_fit(guess) not in best, guess.encoding != "cp1252")):
        if (text := _tolerant(body, guess.encoding)) is not None:
            return _decoded(body, text, guess.encoding, "detected")
    return _rejected(
        Reason.UNDECODABLE,
        "it is not UTF-8, declares no charset that fits, and none could be detected; convert it to UTF-8",
    )


def _fit(guess: CharsetMatch) -> tuple[float, float]:
    return guess.chaos, guess.coherence


def _foreign_lines(body: bytes) -> bytes:
    """A sample of the text that is not ASCII: markup is ASCII in every charset and makes all of them look alike."""
    before, *after_tags = body.split(b"<")
    texts = [before, *(piece.partition(b">")[2] for piece in after_tags if not _UNSEEN.match(piece))]
    return b"\n".join(
        line for text in texts if not text.isascii() for line in text.splitlines() if not line.isascii()
    )[:_SAMPLE_BYTES]


# Control characters but white space, byte order marks, and the two code points that are no character in XML.
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_DROPPED_BYTES = bytes({*range(9), *range(0x0E, 0x20), 0x7F})


def readable(text: str) -> str:
    """A text that escapes may have brought what no encoding holds: halves of surrogate pairs become U+FFFD, control
    characters go, as they do when bytes are decoded."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _DROPPED.sub("", text)


def _decoded(body: bytes, text: str, encoding: str, origin: str) -> Decoded:
    is_clean = not any(mark in text for mark in "\ufeff\ufffe\uffff") and len(
        body.translate(None, _DROPPED_BYTES)
    ) == len(body)
    return Decoded(
        text=text if is_clean else _DROPPED.sub("", text),
        encoding=encoding,
        origin=origin,
        is_exact=is_clean and "�" not in text,
    )
