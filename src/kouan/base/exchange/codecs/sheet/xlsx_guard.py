"""Looking at an XLSX before it is opened: what it unpacks to, and how far its sheets stretch.

Two cells in opposite corners of a sheet, or a long shared text used in every cell, make a small file that needs
all memory once it is read; sizes stated in the archive's directory may be untrue. So everything is unpacked here
first, piece by piece and to a limit.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from kouan.base.exchange.codecs.sheet import faults

LARGEST = 128 * 1024 * 1024
"""Bytes that a file may unpack to, and that the texts of its cells may take."""

MOST_CELLS = 5_000_000
MOST_PARTS = 2_000
_CHUNK = 1 << 20
_STORED, _DEFLATED = 0, 8

# What may be the place of a cell or a row, wherever it stands: a tag can be written so that its end is not seen where it is.
_CELL = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{1,4})([0-9]{1,9})[\"']")
_ROW = re.compile(rb"r\s*=\s*[\"']([0-9]{1,9})[\"']")
_ANY_CELL, _ANY_ROW = re.compile(rb"<(?:\w+:)?c[\s>/]"), re.compile(rb"<(?:\w+:)?row[\s>/]")
_PLACED_CELL, _PLACED_ROW = re.compile(rb"<(?:\w+:)?c r=\"[A-Za-z]{1,4}[0-9]{1,9}\""), re.compile(rb"<(?:\w+:)?row r=\"[0-9]{1,9}\"")
_USE = re.compile(rb"t\s*=\s*[\"']s[\"']")
_SHARED_USE = re.compile(rb"\bt\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*([0-9]{1,9})\s*<")
_SHARED = re.compile(rb"<(?:\w+:)?si[\s>].*?</(?:\w+:)?si>", re.DOTALL)
_NO_TEXT = re.compile(rb"<(?:\w+:)?si[^>]*/>")


def check(body: bytes) -> None:
    """Raises CodecError for what is no XLSX, unpacks to too much, or stretches too far."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as wrong:
        raise faults.XLSX.error("", found=str(wrong)) from None
    names = {info.filename.lower() for info in infos}
    if not any(name.endswith("workbook.xml") for name in names):
        raise faults.XLSX.error("", found="no workbook.xml")
    if len(infos) > MOST_PARTS:
        raise faults.XLSX.error("", found=f"{len(infos)} parts")
    left = LARGEST
    sheets: list[bytes] = []
    shared = b""
    for info in infos:
        part = _unpacked(body, info, left)
        left -= len(part)
        name = info.filename.lower()
        if name.endswith("sharedstrings.xml"):
            shared += part
        if b"sheetData" in part:  # A sheet is one by what it holds: where it lies, the workbook says.
            sheets.append(part)
    for sheet in sheets:
        _check_extent(sheet)
        _check_texts(sheet, shared)


def _unpacked(body: bytes, info: zipfile.ZipInfo, limit: int) -> bytes:
    """The part's content, at most `limit` bytes; whatever size its directory entry states."""
    head = body[info.header_offset : info.header_offset + 30]
    if len(head) < 30 or info.flag_bits & 1 or info.compress_type not in (_STORED, _DEFLATED):
        raise faults.XLSX.error(info.filename, found="damaged or encrypted part")
    start = info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    packed = body[start : start + info.compress_size]
    if info.compress_type == _STORED:
        if len(packed) > limit:
            raise faults.LARGE.error(info.filename, most=LARGEST)
        return packed
    inflater = zlib.decompressobj(-15)
    pieces: list[bytes] = []
    try:
        while packed and not inflater.eof:
            piece = inflater.decompress(packed, _CHUNK)
            pieces.append(piece)
            limit -= len(piece)
            if limit < 0:
                raise faults.LARGE.error(info.filename, most=LARGEST)
            packed = inflater.unconsumed_tail
    except zlib.error as wrong:
        raise faults.XLSX.error(info.filename, found=str(wrong)) from None
    return b"".join(pieces)


def _check_extent(sheet: bytes) -> None:
    columns, rows, count = 1, 1, _number(_ANY_CELL, sheet)
    for found in _CELL.finditer(sheet):
        columns, rows = max(columns, _column(found[1])), max(rows, int(found[2]))
    for found in _ROW.finditer(sheet):
        rows = max(rows, int(found[1]))
    # Cells and rows that do not say where they are stand behind the one before.
    if _number(_PLACED_CELL, sheet) != count:
        columns += max(_number(_ANY_CELL, row) for row in _ANY_ROW.split(sheet))
    if _number(_PLACED_ROW, sheet) != (lines := _number(_ANY_ROW, sheet)):
        rows += lines
    spanned = max(columns * rows, count)
    if spanned > MOST_CELLS:
        raise faults.CELLS.error("", found=spanned, most=MOST_CELLS)


def _number(of: re.Pattern[bytes], text: bytes) -> int:
    return sum(1 for _ in of.finditer(text))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_texts(sheet: bytes, shared: bytes) -> None:
    """Shared texts are copied into each cell that uses them: what the copies take must fit."""
    if not shared or len(shared) * sheet.count(b"<") < LARGEST:
        return
    sizes = [len(found[0]) for found in _SHARED.finditer(shared)]
    uses = _number(_USE, sheet)
    if uses * max(sizes, default=0) <= LARGEST:
        return
    total = 0
    known = [int(found[1]) for found in _SHARED_USE.finditer(sheet)]
    if len(known) != uses or _NO_TEXT.search(shared):
        raise faults.LARGE.error("sharedStrings.xml", most=LARGEST)
    for index in known:
        total += sizes[index] if index < len(sizes) else 0
        if total > LARGEST:
            raise faults.LARGE.error("sharedStrings.xml", most=LARGEST)
