"""Bytes to text, with how the charset was decided.

What the bytes themselves prove comes first (a byte order mark, being valid UTF-8), then what the server or the
page says, then a detection among charsets that news is really printed in, which is reported as "detected" and
never as a fact. Sizes are in bytes; shares are 0 to 1.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from articles.records import Reason, Rejected

MAX_BYTES = 10_000_000  # decompressed; the largest of 1,686 real pages had 2.9 MB (notes/reliability.md 3.4)

# Shares above which bytes are no text: real pages have none at all, a photo or an archive about one byte in ten.
_MAX_CONTROL_SHARE = 0.01
_MAX_DAMAGE_SHARE = 0.01  # undecodable bytes tolerated as damage in transit where a charset is declared
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
_META_CHARSET = re.compile(
    rb"""(?i)<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)"""
)
_ESCAPED_CHARSETS = frozenset(
    {"iso2022_jp", "iso2022_kr", "hz"}
)  # look like ASCII, say so by escape sequences
# As browsers read them: the older name is a subset of the one that is really meant.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_LATIN = frozenset({"cp1252", "cp1254", "iso8859-15"})
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_HTML_START = re.compile(rb"(?i)\s*<(?:!doctype\s+html|html[\s>])")  # browsers read such a page past its NULs
_DETECTABLE = [
    "cp1256", "cp1251", "koi8_r", "cp1254", "cp1252", "cp1250", "cp1253", "cp1255", "iso8859_6", "iso8859_5",
    "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp874",
]  # fmt: skip
_MAX_LATIN_ACCENTS = (
    0.45  # of letters; French and Vietnamese stay below 0.35, Arabic misread as Latin is near 1
)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, and what decided how to read its bytes."""

    text: str  # NUL and other control characters but white space taken out
    encoding: str  # a Python codec name
    origin: str  # "bom" "utf-8" "header" "meta" "detected"


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
            return _decoded(text, encoding, "bom")
    return None


def _by_wide_characters(body: bytes) -> Decoded | Rejected | None:
    """Tell UTF-16 without a mark from bytes that are no text: both are full of NUL and control bytes."""
    sample = body[:_SAMPLE_BYTES]
    control_share = len(_CONTROL.findall(sample)) / len(sample)
    if control_share <= _MAX_CONTROL_SHARE:
        return None
    for encoding, nul in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        other = sample[0::2] if encoding == "utf-16-le" else sample[1::2]
        if nul and nul.count(0) > len(nul) // 3 and other.count(0) < len(other) // 20:
            text = body.decode(encoding, "replace")
            if text.count("�") <= max(1, len(text) * _MAX_DAMAGE_SHARE):
                return _decoded(text, encoding, "detected")
    if _HTML_START.match(_CONTROL.sub(b"", sample)):
        return None
    return _rejected(
        Reason.NOT_TEXT, f"{control_share:.0%} of the bytes are control codes: a binary file, not text"
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
            return _decoded(text, encoding, origin)
    if (text := _strict(body, "utf-8")) is not None:
        says_so = next((origin for encoding, origin in declared if encoding == "utf-8"), "utf-8")
        return _decoded(text, "utf-8", says_so)
    for encoding, origin in declared:
        if encoding is not None and (text := _tolerant(body, encoding)) is not None:
            return _decoded(text, encoding, origin)
    return _detect(body)


def _charset_of(content_type: str | None) -> str | None:
    found = _HEADER_CHARSET.search(content_type) if content_type else None
    return found.group(1) if found else None


def _codec(name: str | None) -> str | None:
    """Resolve a charset's name to a text codec; None for names that are unknown or no charset ("zlib_codec")."""
    if name is None:
        return None
    try:
        info = codecs.lookup(name)
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


def _tolerant(body: bytes, encoding: str) -> str | None:
    """Decode as declared; None where too much is damaged, or where the letters say that it is another charset."""
    try:
        text = body.decode(encoding, "replace")
    except (UnicodeError, ValueError, LookupError):
        return None
    if text.count("�") > max(2, len(text) * _MAX_DAMAGE_SHARE):
        return None
    if encoding in _LATIN:
        letters = _LETTER.findall(text)
        if sum(letter > "\x7f" for letter in letters) > len(letters) * _MAX_LATIN_ACCENTS:
            return None
    return text


def _detect(body: bytes) -> Decoded | Rejected:
    best = from_bytes(body[:_SAMPLE_BYTES], cp_isolation=_DETECTABLE, enable_fallback=False).best()
    if best is not None and (text := _tolerant(body, best.encoding)) is not None:
        return _decoded(text, best.encoding, "detected")
    return _rejected(
        Reason.UNDECODABLE,
        "it is not UTF-8, declares no charset that fits, and none could be detected; convert it to UTF-8",
    )


_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff]")


def _decoded(text: str, encoding: str, origin: str) -> Decoded:
    return Decoded(text=_DROPPED.sub("", text), encoding=encoding, origin=origin)
