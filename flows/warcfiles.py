"""The records of a WARC file, plain or gzip, and the places where it is damaged.

fastwarc parses; the bytes it parses are handed over here, one gzip member after another, for three reasons measured
with its version 1.1: it ends a cut file without a word, it stops at the first damaged member, and its digest check asks
for as much memory as a record says it is long, which ends the process. So lengths, ends and digests are checked here.
Offsets are bytes of the file as it lies on the disk.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from io import SEEK_CUR, SEEK_END
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord
from typing_extensions import override  # in `typing` from Python 3.12 on

CHUNK_BYTES = 64 << 10
MAX_HEADER_BYTES = 32 << 10  # of one record; fastwarc's own bound
MAX_PLACES = 100  # damaged places of one file; behind the last it is left, so that a hostile one cannot keep us for days

_GZIP = b"\x1f\x8b\x08"
_WARC_LINE = re.compile(rb"\nWARC/(?:0\.1[78]|1\.[01])\r?\n")

HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512, "md5": hashlib.md5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record that is whole, or was not asked for."""

    offset: int  # of the record, or of the gzip member that holds it
    inside: int  # bytes into the unpacked member; 0 for the usual member with one record
    headers: Mapping[str, str]  # names in lower case; of several with one name the first
    length: int  # of the block, in bytes
    block: bytes | None  # None: not asked for, or longer than was allowed
    is_block_right: bool | None  # whether it has the digest it states; None: it states none that we know

    @property
    def name(self) -> str:
        """The record and its place, for a person."""
        into = f", {self.inside:,} bytes into the gzip member there" if self.inside else ""
        return f"record {self.headers.get('warc-record-id', 'without an id')} at byte {self.offset:,}{into}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A place of the file that gave no record."""

    offset: int
    until: int  # where reading goes on; the file's size when there is nothing more to read
    what: str
    is_to_end: bool = False  # nothing more of the file can be read


def read_records(
    path: Path,
    bytes_wanted: Callable[[Mapping[str, str]], int],
    *,
    on_position: Callable[[int], None] = lambda _: None,
) -> Iterator[Record | Damage]:
    """Every record of a file in order, and every damaged place.

    A record is given when the one behind it, or the end, has been found where its length says; of a damaged place's
    records only those are given whose digest proves them. Neighbouring damages are one.

    Args:
        path: plain or gzip, told by its first bytes; one member a record, or one for all.
        bytes_wanted: by a record's headers, how long a block may be to be read; 0 for one that is not wanted.
        on_position: called with the number of bytes behind us.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        pending: Damage | None = None
        for found in _File(file, bytes_wanted, on_position).read():
            if isinstance(found, Record):
                if pending is not None:
                    yield pending
                pending = None
                yield found
            else:
                pending = found if pending is None else replace(pending, until=found.until)
        if pending is not None:
            yield pending


def agrees(stated: str, data: bytes) -> bool | None:
    """Whether a digest such as "sha1:3I42H3S6…" is that of the data; None for one we cannot compute.

    Base 32, base 16 and base 64 are told apart by their length, as files in the wild have all three.
    """
    algorithm, _, value = stated.strip().partition(":")
    hashed = HASHES.get(algorithm.lower().replace("-", ""))
    if hashed is None or not value:
        return None
    digest = hashed(data, usedforsecurity=False).digest()
    bare = value.rstrip("=")
    if len(bare) == 2 * len(digest):
        return bare.lower() == digest.hex()
    if len(bare) == (8 * len(digest) + 4) // 5:
        return bare.upper() == base64.b32encode(digest).decode().rstrip("=")
    try:
        return (
            base64.b64decode(
                f"{bare}{'=' * (-len(bare) % 4)}", altchars=b"-_" if "-" in bare or "_" in bare else None
            )
            == digest
        )
    except ValueError:
        return False


class _Span:
    """A piece of the file that is parsed in one go: the file-like thing fastwarc asks for. It cannot be wound back."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self.file = file
        self.offset = offset
        self.given = 0  # bytes handed over
        self.fault: str | None = None  # what ended it before its time

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(CHUNK_BYTES if size < 1 else size)
        self.given += len(data)
        return data

    def tell(self) -> int:
        return self.given

    def seek(self, offset: int, whence: int = 0) -> int:
        if (offset, whence) != (0, SEEK_CUR):
            raise OSError("an archive is read from its start to its end")
        return self.given

    def close(self) -> None:
        """The file stays open: what follows is read from it."""


class _Member(_Span):
    """One gzip member, unpacked as it is asked for; where it breaks off or is damaged, it ends and says so."""

    def __init__(self, file: BinaryIO, offset: int, packed: bytes) -> None:
        super().__init__(file, offset)
        self._packed = packed
        self._inflate = zlib.decompressobj(wbits=31)

    @override
    def read(self, size: int = -1) -> bytes:
        while self.fault is None and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._packed or self.file.read(CHUNK_BYTES)
            self._packed = b""
            if not packed:
                self.fault = "the file ends inside it"
                break
            try:
                data = self._inflate.decompress(packed, CHUNK_BYTES if size < 1 else size)
            except zlib.error as error:
                self.fault = f"its gzip data is wrong ({str(error).rpartition(': ')[2]})"
                break
            if data:
                self.given += len(data)
                return data
        return b""

    def drain(self) -> bool:
        """Go to the member's end; returns whether anything was left of it but white space."""
        is_any = False
        while data := self.read():
            is_any = is_any or bool(data.strip())
        return is_any

    @property
    def beyond(self) -> bytes:
        """What was read of the file behind the member's end."""
        return self._inflate.unused_data


@dataclass(frozen=True, slots=True)
class _Held:
    """A record that is given when nothing speaks against it any more."""

    record: Record
    fault: str | None  # why it is not whole


class _File:
    """One file on its way through."""

    def __init__(
        self,
        file: BinaryIO,
        bytes_wanted: Callable[[Mapping[str, str]], int],
        on_position: Callable[[int], None],
    ) -> None:
        self.file = file
        self.bytes_wanted = bytes_wanted
        self.on_position = on_position
        self.size = file.seek(0, SEEK_END)
        self.position = 0  # where the next span begins
        file.seek(0)
        self.ahead = file.read(CHUNK_BYTES)  # read from the file, and belonging to the spans to come
        self.is_packed = self.ahead.startswith(_GZIP[:2])
        self.places = 0

    def read(self) -> Iterator[Record | Damage]:
        if self.size == 0:
            yield Damage(offset=0, until=0, what="it is empty", is_to_end=True)
        while self.position < self.size:
            if self.is_packed:
                yield from self._read_member()
            else:
                yield from self._read_plain()
            self.on_position(self.position)

    def _read_member(self) -> Iterator[Record | Damage]:
        start = self.position
        if len(self.ahead) < len(_GZIP):
            self.ahead += self.file.read(CHUNK_BYTES)
        if not self.ahead.startswith(_GZIP[: len(self.ahead)]):
            yield self._go_on(start, start + 1, "no gzip member begins there")
            return
        member = _Member(self.file, start, self.ahead)
        self.ahead = b""
        _, damage = yield from self._read_span(member)
        if member.fault is not None:
            yield self._go_on(start, start + 1, f"the gzip member there is not whole: {member.fault}")
            return
        self.ahead = member.beyond
        self.position = self.file.tell() - len(self.ahead)
        if damage is not None:
            yield self._damage(start, f"in the gzip member there, {damage}")

    def _read_plain(self) -> Iterator[Record | Damage]:
        start = self.position
        self.file.seek(start)
        last, damage = yield from self._read_span(_Span(self.file, start))
        if damage is None:
            self.position = self.size
        elif last is None:
            yield self._go_on(start, start + 1, damage)
        elif last.is_block_right:  # it ends where its length says, at the earliest
            yield self._go_on(
                last.offset + last.length, last.offset + last.length, f"behind the {last.name}, {damage}"
            )
        else:  # nothing tells where it ends: the next one may begin within
            yield self._go_on(last.offset, last.offset + 1, damage)

    def _read_span(self, span: _Span) -> Generator[Record | Damage, None, tuple[Record | None, str | None]]:
        """The whole records of a span; returns the last one met, and what is wrong with the rest."""
        held: _Held | None = None
        damage: str | None = None
        records = iter(
            ArchiveIterator(span, parse_http=False, stream_detect=False, max_header_len=MAX_HEADER_BYTES)
        )
        while damage is None:
            try:
                parsed = next(records)
            except StopIteration:
                break
            except OSError as error:
                damage = f"no record begins where one must ({error})"
                break
            if held is not None:
                yield held.record
            held = self._take(parsed, span)
            damage = held.fault
            if not self.is_packed:
                self.on_position(held.record.offset)
        if isinstance(span, _Member) and span.drain() and damage is None:
            damage = "more follows the last record"
        if held is None:
            return None, damage
        record = held.record
        is_sure = record.block is None or record.is_block_right is not None
        if held.fault is None and (is_sure or (damage is None and span.fault is None)):
            yield record
        elif held.fault is None:
            damage = f"the {record.name} cannot be told to be whole: {damage}"
        return record, damage

    def _take(self, parsed: WarcRecord, span: _Span) -> _Held:
        headers: dict[str, str] = {}
        for name, value in parsed.headers.to_tuples():
            headers.setdefault(name.strip().lower(), value.strip())
        stated = headers.get("content-length", "")
        record = Record(
            offset=span.offset if self.is_packed else span.offset + parsed.stream_pos,
            inside=parsed.stream_pos if self.is_packed else 0,
            headers=headers,
            length=int(stated) if re.fullmatch(r"[0-9]{1,15}", stated) else -1,
            block=None,
            is_block_right=None,
        )
        if record.length < 0 or not headers.get("warc-type"):
            return _Held(record, f"the {record.name} states no length or type")
        limit = self.bytes_wanted(headers)
        if limit == 0 or record.length > limit:
            there = parsed.consume()
        else:
            block = b"".join(iter(partial(parsed.reader.read, CHUNK_BYTES), b""))
            there = len(block)
            stated = headers.get("warc-block-digest", "")
            record = replace(record, block=block, is_block_right=agrees(stated, block))
        if there < record.length:
            return _Held(
                record, f"the {record.name} says it has {record.length:,} bytes, and {there:,} are there"
            )
        return _Held(record, None)

    def _damage(self, offset: int, what: str) -> Damage:
        self.places += 1
        if self.places == MAX_PLACES:
            self.position = self.size
            what = f"{what}; it is the {MAX_PLACES}th damaged place, so the rest of the file is left"
        return Damage(offset=offset, until=self.position, what=what, is_to_end=self.position == self.size)

    def _go_on(self, offset: int, search_from: int, what: str) -> Damage:
        """Stand where the next record can be found."""
        found = self._find_member(search_from) if self.is_packed else self._find_line(search_from)
        self.position = self.size if found is None else found
        self.file.seek(self.position)
        self.ahead = b""
        return self._damage(offset, what)

    def _find_member(self, start: int) -> int | None:
        for place in self._find(re.compile(re.escape(_GZIP)), start):
            self.file.seek(place)
            try:
                opening = zlib.decompressobj(wbits=31).decompress(self.file.read(CHUNK_BYTES), 5)
            except zlib.error:
                continue
            if opening == b"WARC/":
                return place
        return None

    def _find_line(self, start: int) -> int | None:
        return next((place + 1 for place in self._find(_WARC_LINE, start)), None)

    def _find(self, pattern: re.Pattern[bytes], start: int) -> Iterator[int]:
        """Where a short pattern stands from `start` on; the caller may move in the file meanwhile."""
        overlap = 16  # more than either pattern matches
        while start < self.size:
            self.file.seek(start)
            data = self.file.read(CHUNK_BYTES + overlap)
            yield from (
                start + match.start() for match in pattern.finditer(data) if match.start() < CHUNK_BYTES
            )
            start += CHUNK_BYTES
