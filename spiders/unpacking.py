"""What a server packed its answer in, undone: as the crawler does it, for answers that others have kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_PACKED_STARTS = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


class CannotUnpack(Exception):
    """The body is not what its headers say, or is larger than allowed; the message says which."""

    def __init__(self, message: str, *, is_too_large: bool = False) -> None:
        super().__init__(message)
        self.is_too_large = is_too_large


def undo_chunks(body: bytes) -> bytes:
    """A body without its Transfer-Encoding `chunked`; one that has no chunks is given back as it is.

    Archives often keep the header of a body whose chunks they took away (commoncrawl/news-crawl#30).

    Raises:
        CannotUnpack: it begins with a chunk and ends inside one.
    """
    size = _CHUNK_SIZE.match(body)
    pieces = []
    place = 0
    while size is not None:
        length = int(size[1], 16)
        place = size.end()
        if length == 0:
            return b"".join(pieces)
        if place + length > len(body):
            break
        pieces.append(body[place : place + length])
        line_end = _LINE_END.match(body, place + length)
        if line_end is None:
            break
        size = _CHUNK_SIZE.match(body, line_end.end())
    if not pieces:
        return body  # its first bytes only looked like a size, or not even that
    raise CannotUnpack(f"its chunks break off {place:,} bytes into the body")


def undo_content_encoding(body: bytes, encodings: Sequence[str], *, max_bytes: int) -> bytes:
    """A body without its Content-Encoding; one that is plainly not packed is given back as it is.

    Args:
        body: as sent, chunks undone.
        encodings: the values of all Content-Encoding headers, in order.
        max_bytes: of what is unpacked, layer by layer.

    Raises:
        CannotUnpack: it does not unpack, or to more than `max_bytes`.
    """
    from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware as Packing
    from scrapy.utils._compression import _DecompressionMaxSizeExceeded

    layers, unknown = Packing._split_encodings([one.encode("latin-1", "replace") for one in encodings])
    if unknown and not all(one in (b"identity", b"none", b"") for one in unknown):
        said = b", ".join(unknown).decode("latin-1")
        if not _is_unpacked(body):
            raise CannotUnpack(f"it is packed in a way nothing here unpacks: {said}")
    for layer in layers:
        start = _PACKED_STARTS.get(layer.decode())
        if not body or (start is not None and not body.startswith(start)):
            return body
        try:
            body = Packing._decode(body, layer, max_bytes)
        except _DecompressionMaxSizeExceeded as problem:
            raise CannotUnpack(
                f"unpacked it is larger than {max_bytes:,} bytes", is_too_large=True
            ) from problem
        except Exception as problem:  # each library raises its own, and a body is no reason to stop
            if _is_unpacked(body):
                return body
            raise CannotUnpack(
                f"its {layer.decode()} does not unpack ({type(problem).__name__})"
            ) from problem
    return body


def _is_unpacked(body: bytes) -> bool:
    """Whether a body is plainly a page: no packed one begins so, but for freaks of brotli and raw deflate."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
