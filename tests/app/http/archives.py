"""Writes small PMTiles 3 archives of one picture, from the specification alone."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

NONE, PNG = 1, 2


def png(red: int, green: int, blue: int, side: int = 256) -> bytes:
    """A square picture of one colour."""
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def varint(number: int) -> bytes:
    """A number in sevens of bits, the least first."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def archive(path: Path, picture: bytes, zooms: int = 3) -> Path:
    """An archive in which every tile down to a zoom is the same picture: one entry, run over all of them."""
    tiles = sum(4**zoom for zoom in range(zooms + 1))
    directory = b"".join(map(varint, (1, 0, tiles, len(picture), 1)))  # entries; first id; run; length; offset + 1
    told = json.dumps({"name": "synthetic"}).encode()
    start = 127
    places = (start, len(directory), start + len(directory), len(told), 0, 0, start + len(directory) + len(told), len(picture))
    head = b"PMTiles\x03" + struct.pack("<8Q3Q", *places, tiles, 1, 1)
    head += struct.pack("<6B", 1, NONE, NONE, PNG, 0, zooms)
    head += struct.pack("<4iB2i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000, 0, 0, 0)
    assert len(head) == start
    path.write_bytes(head + directory + told + picture)
    return path
