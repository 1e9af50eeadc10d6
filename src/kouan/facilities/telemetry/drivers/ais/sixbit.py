"""Six-bit payloads as arrays: unarmouring, numbers and texts of many messages at once (ITU-R M.1371-5 annex 8, IEC 61162-1).

A payload matrix has a row for each message and a six-bit value in each cell, zero beyond the message's end. Bits are
numbered from the first of the message; a number may begin anywhere and be up to 40 bits wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
GROUP = 24  # bits in four signs
WIDEST = 40


def rows_at(buffer: Array, starts: Array, width: int) -> Array:
    """`width` bytes of the buffer from each start, a row each. The buffer is longer than the last start by `width`."""
    windows = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, strides=(1,))
    return windows[starts].view(np.uint8).reshape(len(starts), width)


def payloads(buffer: Array, starts: Array, lengths: Array) -> tuple[Array, Array]:
    """The payload matrix of armoured payloads, and for each row whether all its signs are armoured six-bit values."""
    width = (int(lengths.max(initial=1)) + 3) // 4 * 4 + 4
    signs = rows_at(buffer, starts, width)
    signs -= 48
    high = signs >= 40
    fair: npt.NDArray[np.bool_] = (signs < 72) & (~high | (signs >= 48))
    signs -= high.view(np.uint8) * np.uint8(8)
    beyond = _beyond(lengths, width)
    signs[beyond] = 0
    fair |= beyond
    return signs, np.asarray(fair.all(axis=1))


def _beyond(lengths: Array, width: int) -> Array:
    kind = np.dtype(np.uint8 if width < 256 else np.uint16)
    found: Array = np.greater_equal(np.arange(width, dtype=kind), lengths.astype(kind)[:, None])
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the numbers of a layout lie in words of three groups: worked out once."""

    groups: Array
    words: Array
    shifts: Array
    masks: Array

    @classmethod
    def of(cls, spans: Sequence[tuple[int, int]]) -> Plan:
        """The plan for numbers given by first bit and width."""
        needed = sorted({start // GROUP for start, _ in spans})
        at = {group: row for row, group in enumerate(needed)}
        return cls(
            np.array(needed, np.intp),
            np.array([at[start // GROUP] for start, _ in spans], np.intp),
            np.array([[64 - start % GROUP - width] for start, width in spans], np.uint64),
            np.array([[(1 << width) - 1] for _, width in spans], np.uint64),
        )

    def numbers(self, signs: Array) -> Array:
        """The numbers of a payload matrix as uint64: a row for each number, a column for each message."""
        four = np.ascontiguousarray(signs).view("<u4")
        packed = ((four & 0x3F) << 18) | ((four & 0x3F00) << 4) | ((four >> 10) & 0xFC0) | (four >> 24)
        count = int(self.groups[-1]) + 3
        groups = np.zeros((count, len(signs)), np.uint64)
        have = min(count, packed.shape[1])
        groups[:have] = packed.T[:have]
        words = groups[self.groups]
        words <<= np.uint64(40)
        words |= groups[self.groups + 1] << np.uint64(16)
        words |= groups[self.groups + 2] >> np.uint64(8)
        found: Array = words[self.words]
        found >>= self.shifts
        found &= self.masks
        return found


def bits(signs: Array, start: int, units: int, each: int) -> Array:
    """`units` values of `each` (6 or 8) bits from a first bit on, as uint8; zero beyond the matrix."""
    if each == 8:
        return _octets(signs, start, units)
    first, shift = divmod(start, 6)
    block = _block(signs, first, units + 1)
    if not shift:
        return block[:, :units]
    found: Array = ((block[:, :-1] << shift) | (block[:, 1:] >> (6 - shift))) & 0x3F
    return found


def _block(signs: Array, first: int, width: int) -> Array:
    found = signs[:, first : first + width]
    missing = width - found.shape[1]
    return np.pad(found, ((0, 0), (0, missing))) if missing > 0 else found


def _octets(signs: Array, start: int, units: int) -> Array:
    """Three octets of each four six-bit values."""
    fours = (units + 2) // 3
    six = bits(signs, start, fours * 4, 6).reshape(len(signs), fours, 4)
    found = np.empty((len(signs), fours, 3), np.uint8)
    found[:, :, 0] = (six[:, :, 0] << 2) | (six[:, :, 1] >> 4)
    found[:, :, 1] = (six[:, :, 1] << 4) | (six[:, :, 2] >> 2)
    found[:, :, 2] = (six[:, :, 2] << 6) | six[:, :, 3]
    return found.reshape(len(signs), fours * 3)[:, :units]


def texts(signs: Array, start: int, chars: Array | int, most: int) -> Array:
    """Six-bit texts as bytes of NumPy type S`most`, without what follows the first @ and without spaces around them.

    `chars`: how many characters each message has room for (an array where that differs).
    """
    six = np.ascontiguousarray(bits(signs, start, most, 6))
    places = np.arange(most, dtype=np.uint16)
    ended = six == 0
    ends = np.where(ended.any(axis=1), ended.argmax(axis=1), most)
    solid = (six != 32) & (places < np.minimum(ends, chars)[:, None])
    last = np.where(solid.any(axis=1), most - solid[:, ::-1].argmax(axis=1), 0)
    signs_out = six + ((six < 32).view(np.uint8) << 6)
    signs_out[places >= last[:, None]] = 0
    found: Array = signs_out.view(f"S{most}")[:, 0]
    indented = np.flatnonzero(six[:, 0] == 32)
    if len(indented):
        found[indented] = np.char.lstrip(found[indented])
    return found
