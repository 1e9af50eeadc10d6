"""Images, audio and video: one row a file, with what its header states. Nothing is decoded, so nothing can be unpacked.

Read are PNG, JPEG (with the time of an Exif header), GIF, BMP, WAV, FLAC, MP3, MP4/MOV and AVI.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from kouan.base.ingest.readers.file import File
from kouan.base.ingest.readers.piece import Piece, of_rows

_CHUNK = 1 << 20
SCANNED = 1 << 20
_MPEG = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES = (44100, 48000, 32000)
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
NAMES = ("name", "kind", "format", "bytes", "sha256", "width", "height", "seconds", "channels", "sample_rate", "taken_at")


def kind_of(head: bytes) -> tuple[str, str] | None:
    """Kind (image, audio, video) and format by the first bytes; None for anything else."""
    marks: tuple[tuple[bytes, str, str], ...] = (
        (b"\x89PNG\r\n\x1a\n", "image", "png"), (b"\xff\xd8\xff", "image", "jpeg"), (b"GIF8", "image", "gif"), (b"BM", "image", "bmp"),
        (b"fLaC", "audio", "flac"), (b"ID3", "audio", "mp3"),
    )  # fmt: skip
    if head[4:8] == b"ftyp":
        return ("audio", "m4a") if head[8:11] == b"M4A" else ("video", "mp4")
    if head.startswith(b"RIFF") and head[8:12] in (b"WAVE", b"AVI "):
        return ("audio", "wav") if head[8:12] == b"WAVE" else ("video", "avi")
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio", "mp3"
    found = next(((kind, form) for mark, kind, form in marks if head.startswith(mark)), None)
    return None if found == ("image", "bmp") and head[14:15] not in (b"\x28", b"\x6c", b"\x7c") else found


def read(file: File, *, name: str, start: int = 0) -> Iterator[Piece]:
    """One piece of one row; what a header does not state stays empty."""
    if start < 1:
        yield Piece(of_rows([(1, described(file, name))], NAMES))


def described(file: File, name: str) -> dict[str, Any]:
    """What is known of a file."""
    digest = hashlib.sha256()
    with file.open() as opened:
        head = opened.read(SCANNED)
        opened.seek(0)
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
        kind, form = kind_of(head) or ("other", Path(name).suffix.lstrip(".").lower() or "unknown")
        known = {"name": name, "kind": kind, "format": form, "bytes": file.size(), "sha256": digest.hexdigest()}
        try:
            return known | _READERS[form](opened, head, file.size()) if form in _READERS else known
        except (struct.error, IndexError, ValueError, OverflowError, ZeroDivisionError):
            return known  # a damaged header states nothing


def _png(_file: BinaryIO, head: bytes, _size: int) -> dict[str, Any]:
    width, height = struct.unpack(">II", head[16:24])
    return {"width": width, "height": height}


def _gif(_file: BinaryIO, head: bytes, _size: int) -> dict[str, Any]:
    width, height = struct.unpack("<HH", head[6:10])
    return {"width": width, "height": height}


def _bmp(_file: BinaryIO, head: bytes, _size: int) -> dict[str, Any]:
    width, height = struct.unpack("<ii", head[18:26])
    return {"width": width, "height": abs(height)}


def _jpeg(_file: BinaryIO, head: bytes, _size: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        mark, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4])
        if mark == 0xE1 and head[at + 4 : at + 10] == b"Exif\0\0":
            found |= _exif(head[at + 10 : at + 2 + length])
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return {**found, "width": width, "height": height}
        at += 2 + length
    return found


def _exif(block: bytes) -> dict[str, Any]:
    """The time at which a picture was taken: DateTimeOriginal, else DateTime; Exif states no zone."""
    order = "<" if block[:2] == b"II" else ">"
    tags = _directory(block, order, struct.unpack(order + "I", block[4:8])[0])
    if 0x8769 in tags:
        tags |= _directory(block, order, tags[0x8769][2])
    count, offset = tags[0x9003][1:] if 0x9003 in tags else tags[0x0132][1:] if 0x0132 in tags else (0, 0)
    text = block[offset : offset + min(count, 20)].rstrip(b"\0 ").decode("ascii", "replace")
    return {"taken_at": datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()} if text else {}  # noqa: DTZ007 - Exif has no zone


def _directory(block: bytes, order: str, at: int) -> dict[int, tuple[int, int, int]]:
    entries = struct.unpack(order + "H", block[at : at + 2])[0]
    found = {}
    for number in range(min(entries, 200)):
        tag, kind, count, value = struct.unpack(order + "HHII", block[at + 2 + number * 12 : at + 14 + number * 12])
        found[tag] = (kind, count, value)
    return found


def _wav(file: BinaryIO, head: bytes, size: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at, rate = 12, 0
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"fmt ":
            _, channels, hertz, rate = struct.unpack("<HHII", file.read(12))
            found |= {"channels": channels, "sample_rate": hertz}
        if name == b"data":
            return {**found, "seconds": round(min(length, size - at - 8) / rate, 3)}
        at += 8 + length + length % 2
    return found


def _flac(_file: BinaryIO, head: bytes, _size: int) -> dict[str, Any]:
    packed = int.from_bytes(head[18:26])
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    return {"sample_rate": rate, "channels": channels, "seconds": round(samples / rate, 3)}


def _mp3(_file: BinaryIO, head: bytes, size: int) -> dict[str, Any]:
    """MPEG 1 layer III; of a constant bit rate, as of the first frame."""
    at = 0
    if head.startswith(b"ID3"):
        at = 10 + sum((octet & 0x7F) << shift for octet, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    frame = int.from_bytes(head[at : at + 4])
    if frame >> 17 != 0x7FFD:
        return {}
    bits, rate = _MPEG[frame >> 12 & 15], _RATES[frame >> 10 & 3]
    return {"sample_rate": rate, "channels": 1 if frame >> 6 & 3 == 3 else 2, "seconds": round((size - at) * 8 / (bits * 1000), 3)}


def _mp4(file: BinaryIO, _head: bytes, size: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, at, end in _boxes(file, 0, size):
        if name == b"moov":
            for inner, start, stop in _boxes(file, at, end):
                if inner == b"mvhd":
                    found |= _movie(file, start)
                elif inner == b"trak":
                    found |= {key: value for key, value in _track(file, start, stop).items() if value}
    return found


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(10_000):
        if at + 8 > end:
            return
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        start = at + 8
        if length == 1:
            length, start = struct.unpack(">Q", file.read(8))[0], at + 16
        length = end - at if length == 0 else length
        if length < start - at:
            return
        yield name, start, min(at + length, end)
        at += length


def _movie(file: BinaryIO, at: int) -> dict[str, Any]:
    file.seek(at)
    body = file.read(36)
    made, _, scale, duration = struct.unpack(">IIII", body[4:20]) if body[0] == 0 else struct.unpack(">QQIQ", body[4:32])
    found: dict[str, Any] = {"seconds": round(duration / scale, 3)}
    return {**found, "taken_at": (_EPOCH + timedelta(seconds=made)).isoformat()} if made else found


def _track(file: BinaryIO, at: int, end: int) -> dict[str, Any]:
    for name, start, _ in _boxes(file, at, end):
        if name == b"tkhd":
            file.seek(start)
            version = file.read(1)[0]
            file.seek(start + (76 if version == 0 else 88))
            width, height = struct.unpack(">II", file.read(8))
            return {"width": width >> 16, "height": height >> 16}
    return {}


def _avi(_file: BinaryIO, head: bytes, _size: int) -> dict[str, Any]:
    at = head.find(b"avih")
    micros, frames = struct.unpack("<I12xI", head[at + 8 : at + 28])
    width, height = struct.unpack("<II", head[at + 40 : at + 48])
    return {"width": width, "height": height, "seconds": round(micros * frames / 1e6, 3)}


_READERS = {
    "png": _png, "gif": _gif, "bmp": _bmp, "jpeg": _jpeg, "wav": _wav, "flac": _flac, "mp3": _mp3, "mp4": _mp4, "m4a": _mp4, "avi": _avi,
}  # fmt: skip
