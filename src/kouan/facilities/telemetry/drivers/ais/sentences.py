"""NMEA 0183 sentences of AIS in a chunk of bytes, found and checked as arrays (IEC 61162-1; tag blocks and stamps around them).

`find` looks at whole lines: where a sentence begins and ends, what its fields say, and why it is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor

import numpy as np

from kouan.facilities.telemetry.drivers.ais.sixbit import Array, rows_at

LINE_MOST = 1024
PAD = LINE_MOST + 64  # bytes that a buffer has beyond its last line
CAUSES = (
    "", "not_ais", "other_sentence", "malformed", "checksum", "parts", "fill", "empty", "payload", "short", "variant",
    "too_long", "blank",
)  # fmt: skip
CODE = {name: number for number, name in enumerate(CAUSES)}
_HEAD = re.compile(rb"[!$]..VD[MO],", re.DOTALL)
_OTHER = re.compile(rb"[!$][A-Z]{2}[A-Z0-9]{3,4},|[!$]P[A-Z]{3}")
_HEX = np.full(256, 255, np.uint8)
_HEX[np.frombuffer(b"0123456789ABCDEF", np.uint8)] = range(16)
_HEX[np.frombuffer(b"abcdef", np.uint8)] = range(10, 16)
_VDM, _VDO, _ONE_OF_ONE = (int.from_bytes(word, "little") for word in (b"VDM,", b"VDO,", b"1,1,"))
_COMMA, _STAR, _BANG, _LINE = b",*!\n"
_BUCKETS = (48, 96, 256, PAD)
_MASKS = {
    width: np.where(np.arange(width) < np.arange(width + 1)[:, None], 255, 0).astype(np.uint8) for width in _BUCKETS
}


@dataclass(slots=True)
class Sentences:
    """The lines of a chunk: arrays of equal length. What a sentence says means something where `cause` is 0."""

    start: Array
    end: Array
    head: Array
    star: Array
    payload: Array
    length: Array
    fill: Array
    count: Array
    part: Array
    sequence: Array
    channel: Array
    own: Array
    cause: Array


def lines(buffer: Array, size: int) -> tuple[Array, Array]:
    """First and last-but-one byte of each line that has any, of the first `size` bytes, which end with a line end."""
    ends = np.flatnonzero(buffer[:size] == _LINE)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    some = ends > starts
    return (starts, ends) if some.all() else (starts[some], ends[some])


def find(buffer: Array, size: int) -> Sentences:
    """The sentences of all lines of a buffer, which is PAD bytes longer than `size`."""
    starts, ends = lines(buffer, size)
    cause = np.zeros(len(starts), np.uint8)
    cause[ends - starts > LINE_MOST] = CODE["too_long"]
    heads, own = _heads(buffer, size, starts, ends, cause)
    stars = _stars(buffer, size, heads, ends, cause)
    found = _headers(buffer, (starts, ends, heads, stars), own, cause)
    _check(buffer, found)
    return found


def _last_before(places: Array, starts: Array, ends: Array) -> Array:
    """The last of some places in each line; -1 where there is none."""
    if len(places) == len(starts) and (places >= starts).all() and (places < ends).all():
        return places
    at = np.searchsorted(places, ends) - 1
    found = places[at] if len(places) else np.full(len(starts), -1)
    return np.where((at >= 0) & (found >= starts), found, -1)


def _heads(buffer: Array, size: int, starts: Array, ends: Array, cause: Array) -> tuple[Array, Array]:
    heads = _last_before(np.flatnonzero(buffer[:size] == _BANG), starts, ends)
    words = rows_at(buffer, heads + 3, 4).view("<u4")[:, 0]
    lost = np.flatnonzero((heads < 0) | (heads + 7 > ends) | ((words != _VDM) & (words != _VDO)))
    for row in lost.tolist():
        line = buffer[starts[row] : ends[row]].tobytes()
        match = _HEAD.search(line) if not cause[row] else None
        if match is not None:
            heads[row] = starts[row] + match.start()
        else:
            heads[row] = starts[row]
            cause[row] = cause[row] or CODE[no_ais(line)]
    if len(lost):
        words = rows_at(buffer, heads + 3, 4).view("<u4")[:, 0]
    return heads, words == _VDO


def no_ais(line: bytes) -> str:
    """What a line is that holds no sentence of AIS: blank, another sentence, or none at all."""
    if not line.strip():
        return "blank"
    return "other_sentence" if _OTHER.search(line) else "not_ais"


def _stars(buffer: Array, size: int, heads: Array, ends: Array, cause: Array) -> Array:
    stars: Array = np.maximum(ends - 3, 0)
    odd = np.flatnonzero((buffer[stars] != _STAR) | (stars <= heads))
    if len(odd):
        places = np.append(np.flatnonzero(buffer[:size] == _STAR), size + PAD)
        stars[odd] = places[np.searchsorted(places, heads[odd])]
        without = odd[stars[odd] + 2 >= ends[odd]]
        stars[without] = ends[without]
        cause[without] = np.where(cause[without], cause[without], CODE["malformed"])
    return stars


def _headers(buffer: Array, bounds: tuple[Array, Array, Array, Array], own: Array, cause: Array) -> Sentences:
    _, _, heads, stars = bounds
    words = rows_at(buffer, heads + 7, 8).view("<u4")
    counts, fields = words[:, 0], words[:, 1]
    alone = counts == _ONE_OF_ONE
    number, part = ((counts & 255) - 48).astype(np.uint8), ((counts >> 16 & 255) - 48).astype(np.uint8)
    fair = alone | ((counts & 0xFF00FF00 == 0x2C002C00) & (number <= 9) & (part <= 9))
    sequenced = (fields & 255) != _COMMA
    after = np.where(sequenced, fields >> 8, fields)
    channel = (after >> 8 & 255).astype(np.uint8)
    bare = channel == _COMMA
    fair &= ((after & 255) == _COMMA) & (bare | ((after >> 16 & 255) == _COMMA))
    sequence = np.where(sequenced, fields & 255, 0).astype(np.uint8)
    payload = heads + 13 + sequenced + ~bare
    length = stars - 2 - payload
    fill = buffer[stars - 1] - np.uint8(48)
    fair &= (length >= 0) & (buffer[np.maximum(stars - 2, 0)] == _COMMA)
    cause[~fair & (cause == 0)] = CODE["malformed"]
    channel[bare] = 0
    return Sentences(*bounds, payload, length, fill, number, part, sequence, channel, own, cause)


def _check(buffer: Array, found: Sentences) -> None:
    """Checksums first: what a damaged sentence says about itself means nothing."""
    cause = found.cause
    stated = _HEX[buffer[found.star + 1]] * 16 + _HEX[buffer[found.star + 2]]
    digits = np.maximum(_HEX[buffer[found.star + 1]], _HEX[buffer[found.star + 2]])
    wrong = (exclusive_or(buffer, found.head + 1, np.maximum(found.star - found.head - 1, 0)) != stated) | (digits > 15)
    _refuse(cause, wrong, "checksum")
    _refuse(cause, (found.count == 0) | (found.part == 0) | (found.part > found.count), "parts")
    _refuse(cause, found.fill > 5, "fill")
    _refuse(cause, found.length == 0, "empty")


def _refuse(cause: Array, where: Array, code: str) -> None:
    if where.any():
        cause[where & (cause == 0)] = CODE[code]


def exclusive_or(buffer: Array, starts: Array, lengths: Array) -> Array:
    """The exclusive or of the bytes of each span (at most PAD bytes), as uint8."""
    found = np.zeros(len(starts), np.uint8)
    before = -1
    for width in _BUCKETS:
        rows = np.flatnonzero((lengths > before) & (lengths <= width))
        before = width
        if len(rows) == len(starts):
            return _folded(buffer, starts, lengths, width)
        if len(rows):
            found[rows] = _folded(buffer, starts[rows], lengths[rows], width)
    return found


def _folded(buffer: Array, starts: Array, lengths: Array, width: int) -> Array:
    words = rows_at(buffer, starts, width).view(np.uint64)
    words &= rows_at(_MASKS[width].ravel(), lengths * width, width).view(np.uint64)
    one = reduce(xor, words.T)
    for shift in (32, 16, 8):
        one = one ^ one >> np.uint64(shift)
    found: Array = one.astype(np.uint8)
    return found
