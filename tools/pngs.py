"""Makes screenshots small: a PNG with a palette in the place of one with full colours (PNG 1.2, RFC 2083)."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
_CHANNELS = {2: 3, 6: 4}


class NotSuch(Exception):
    """Not a PNG of eight bits a channel with full colours and without interlacing."""


def smaller(png: bytes) -> bytes:
    """The same picture in at most 256 colours: those that occur most, the others as the nearest of them. Raises NotSuch."""
    pixels = read(png)
    high, wide, _ = pixels.shape
    flat = pixels.reshape(-1, 3).astype(np.uint32)
    coarse = (flat >> 2 << 2) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    known, where, counts = np.unique(coarse, return_inverse=True, return_counts=True)
    kept = np.argsort(-counts, kind="stable")[:COLOURS]
    members = np.bincount(where, minlength=len(known)).astype(np.float64)
    means = np.stack([np.bincount(where, weights=flat[:, at], minlength=len(known)) / members for at in range(3)], axis=1)
    palette = np.rint(means[kept]).astype(np.int32)
    nearest = np.empty(len(known), dtype=np.uint8)
    for start in range(0, len(known), 4096):
        apart = means[start : start + 4096, None, :] - palette[None, :, :]
        nearest[start : start + 4096] = np.argmin((apart**2).sum(axis=2), axis=1)
    return write(nearest[where].reshape(high, wide), palette.astype(np.uint8))


def read(png: bytes) -> NDArray[np.uint8]:
    """Rows, columns, red-green-blue. Raises NotSuch."""
    if png[:8] != SIGNATURE:
        raise NotSuch
    at, packed, head = 8, bytearray(), b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        head = body if kind == b"IHDR" else head
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    wide, high, depth, colour, _, _, laced = struct.unpack(">IIBBBBB", head)
    if depth != 8 or colour not in _CHANNELS or laced:
        raise NotSuch
    step = _CHANNELS[colour]
    raw = np.frombuffer(zlib.decompress(bytes(packed)), dtype=np.uint8).reshape(high, 1 + wide * step)
    return _unfiltered(raw, wide, step)[:, :, :3]


def _unfiltered(raw: NDArray[np.uint8], wide: int, step: int) -> NDArray[np.uint8]:
    out = np.zeros((raw.shape[0], wide, step), dtype=np.uint8)
    above = np.zeros((wide, step), dtype=np.uint8)
    for row in range(raw.shape[0]):
        filtering, line = int(raw[row, 0]), raw[row, 1:].reshape(wide, step)
        if filtering == 0:
            out[row] = line
        elif filtering == 1:
            out[row] = np.cumsum(line, axis=0, dtype=np.uint32).astype(np.uint8)
        elif filtering == 2:
            out[row] = line + above
        else:
            out[row] = _slowly(line, above, paeth=filtering == 4)
        above = out[row]
    return out


def _slowly(line: NDArray[np.uint8], above: NDArray[np.uint8], *, paeth: bool) -> list[list[int]]:
    """Filters 3 and 4 look at the pixel to the left, so that they go one by one."""
    given, up = line.tolist(), above.tolist()
    done: list[list[int]] = []
    left = corner = [0] * len(given[0])
    for here, over in zip(given, up, strict=True):
        guess = map(_paeth, left, over, corner) if paeth else ((a + b) // 2 for a, b in zip(left, over, strict=True))
        left = [(value + other) & 255 for value, other in zip(here, guess, strict=True)]
        corner = over
        done.append(left)
    return done


def _paeth(left: int, over: int, corner: int) -> int:
    near = left + over - corner
    return min((left, over, corner), key=lambda value: abs(near - value))


def write(indices: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """A PNG of palette indices (rows, columns) and red-green-blue of each."""
    high, wide = indices.shape
    rows = np.zeros((high, wide + 1), dtype=np.uint8)
    rows[:, 1:] = indices
    head = struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
