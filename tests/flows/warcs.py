"""Web archives made for tests: records, right or wrong, and pages to put into them. Texts are invented."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from uuid import UUID

HTML = "text/html; charset=utf-8"


def sha1(data: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(data).digest()).decode()}"


def story(number: int, words: int = 60) -> bytes:
    """A page with an article of its own."""
    places = ("north", "south", "east", "west")
    lines = "".join(
        f"<p>The well of Sangar {place} was reopened by engineer {number * 7 + step} on Thursday, who said that "
        f"{number + step} families would draw water there again before winter set in.</p>"
        for step, place in enumerate(places * max(1, words // 60))
    )
    return (
        f"<!DOCTYPE html><html><head><title>Engineers reopen well number {number}</title></head>"
        f"<body><article><h1>Engineers reopen well number {number}</h1>{lines}</article></body></html>"
    ).encode()


def http(
    body: bytes,
    *,
    status: str = "HTTP/1.1 200 OK",
    media_type: str | None = HTML,
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    named = [("Content-Type", media_type)] if media_type else []
    lines = [status, *(f"{name}: {value}" for name, value in (*named, *headers))]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def record(
    block: bytes,
    url: str | None = "http://karsan-post.example/news/1",
    *,
    number: int = 1,
    kind: str = "response",
    form: str = "WARC/1.0",
    is_packed: bool = True,
    **changes: str | None,
) -> bytes:
    """One record; `changes` replace its headers by name with _ for -, None leaves one out."""
    is_response = kind in ("response", "revisit")
    headers: dict[str, str | None] = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{UUID(int=number)}>",
        "WARC-Date": "2026-11-19T04:05:06Z",
        "WARC-Target-URI": url,
        "Content-Type": "application/http; msgtype=response" if is_response else HTML,
        "WARC-Block-Digest": sha1(block),
        "WARC-Payload-Digest": sha1(block.partition(b"\r\n\r\n")[2] if is_response else block),
        "Content-Length": str(len(block)),
    }
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [form, *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"
    return gzip.compress(data, mtime=0) if is_packed else data


def page(number: int, *, is_packed: bool = True, **changes: str | None) -> bytes:
    """The record of a sound page of the sample web."""
    url = f"http://karsan-post.example/news/{number}"
    return record(http(story(number)), url, number=number, is_packed=is_packed, **changes)
