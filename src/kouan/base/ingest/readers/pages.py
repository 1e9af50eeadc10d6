"""What the pages of a Parquet file come to, by the headers that their reader goes by: a footer may say anything of them.

Apache Parquet format 2.10, `PageHeader`, in Thrift's compact protocol. Only headers are read; what lies between them is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from kouan.base.ingest.readers.file import File

FOOTER, MOST_FOOTER = 8, 64 << 20
MOST_PAGES, MOST_HEADER, USUAL_HEADER, DEEPEST = 2_000_000, 4 << 20, 4 << 10, 8
DICTIONARY = 2
"""PageType of a chunk's dictionary; 0 and 3 are data pages of version 1 and 2."""
DELTA_BYTES, DELTAS = 7, frozenset({5, 6, 7})
"""Encodings: texts as what differs from the one before; all that are written as differences."""
_HEADERS = {0: 5, DICTIONARY: 7, 3: 8}
_ENCODING = {0: 2, 3: 4}


class Untrue(Exception):
    """The file is none, or its footer and its pages do not agree."""


@dataclass(slots=True)
class Chunk:
    """A column's stretch of a row group: bytes when unpacked, levels counted by its pages, of its dictionary, and how it is written."""

    path: str
    group: int
    size: int = 0
    values: int = 0
    shared: int = 0
    encodings: set[int] = field(default_factory=set)


def chunks(file: File, metadata: Any) -> list[Chunk]:
    """All chunks of a file as its pages tell of them. Raises Untrue.

    Stretches that the footer names more than once are refused: a file would come to any number of rows by that.
    """
    found, pages, named, length = list[Chunk](), 0, 0, file.size()
    with file.open() as opened:
        for group in range(metadata.num_row_groups):
            its = metadata.row_group(group)
            for column in (its.column(at) for at in range(its.num_columns)):
                start, size = column.data_page_offset, column.total_compressed_size
                if column.has_dictionary_page and 0 < (first := column.dictionary_page_offset or 0) < start:
                    start = first
                named += max(size, 0)
                if start < 0 or size < 0 or start + size > length or named > length:
                    raise Untrue
                chunk = Chunk(column.path_in_schema, group)
                for kind, unpacked, header in _pages(opened, start, start + size):
                    pages += 1
                    if pages > MOST_PAGES:
                        raise Untrue
                    _count(chunk, kind, unpacked, header)
                found.append(chunk)
    return found


def footer(file: File) -> int:
    """Bytes of a file's footer, as its end states them. Raises Untrue."""
    length = file.size()
    if length < FOOTER + 4:
        raise Untrue
    with file.open() as opened:
        opened.seek(length - FOOTER)
        return int.from_bytes(opened.read(4), "little")


def _count(chunk: Chunk, kind: int, unpacked: int, header: dict[int, Any]) -> None:
    chunk.size += unpacked
    its = header.get(_HEADERS.get(kind, 0))
    if not isinstance(its, dict):
        return
    if kind == DICTIONARY:
        chunk.shared = max(chunk.shared, unpacked)
    else:
        chunk.values += max(its.get(1, 0), 0)
        chunk.encodings.add(its.get(_ENCODING[kind], -1))


def _pages(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, dict[int, Any]]]:
    while at < end:
        header, length = _header(file, at, end)
        kind, unpacked, packed = header.get(1, -1), header.get(2, -1), header.get(3, -1)
        if unpacked < 0 or packed < 0 or at + length + packed > end:
            raise Untrue
        yield kind, unpacked, header
        at += length + packed


def _header(file: BinaryIO, at: int, end: int) -> tuple[dict[int, Any], int]:
    room = USUAL_HEADER
    while True:
        file.seek(at)
        held = file.read(min(room, end - at))
        try:
            return _struct(held, 0, 0)
        except IndexError:
            if len(held) < room or room >= MOST_HEADER:
                raise Untrue from None
            room *= 16


def _struct(held: bytes, at: int, depth: int) -> tuple[dict[int, Any], int]:
    """Whole numbers and structures by their field; all else is passed over. IndexError when it goes on behind what is held."""
    if depth > DEEPEST:
        raise Untrue
    found, last = dict[int, Any](), 0
    while head := held[at]:
        at, kind = at + 1, head & 15
        if head >> 4:
            last += head >> 4
        else:
            last, at = _whole(held, at)
        if not 0 <= last < 1 << 15:
            raise Untrue
        value, at = _value(held, at, kind, depth)
        if value is not None:
            found[last] = value
    return found, at + 1


def _value(held: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (1, 2):
        return None, at
    if kind == 5:
        return _whole(held, at)
    if kind in (4, 6):
        return None, _varint(held, at)[1]
    if kind == 12:
        return _struct(held, at, depth + 1)
    if kind == 8:
        size, at = _varint(held, at)
        return None, _within(held, at + size)
    if kind in (3, 7):
        return None, _within(held, at + (1 if kind == 3 else 8))
    if kind in (9, 10):
        size, of = held[at] >> 4, held[at] & 15
        at += 1
        if size == 15:
            size, at = _varint(held, at)
        for _ in range(size):
            at = _within(held, at + 1) if of in (1, 2) else _value(held, at, of, depth + 1)[1]
        return None, at
    raise Untrue  # page headers have no maps


def _within(held: bytes, at: int) -> int:
    if at > len(held):
        raise IndexError
    return at


def _whole(held: bytes, at: int) -> tuple[int, int]:
    """A zigzag number of 32 bits, cut to them as the reader of the pages does."""
    number, at = _varint(held, at)
    number &= 0xFFFFFFFF
    return (number >> 1) ^ -(number & 1), at


def _varint(held: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = held[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise Untrue
