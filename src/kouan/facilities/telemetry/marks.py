"""Marks of rows: equal for what says the same of the same thing at the same time."""

from __future__ import annotations

import numpy as np

from kouan.kernel.signals import Array, Frame


def fingerprint(frame: Frame) -> Array:
    """A 64-bit mark of each row's key, time and values; flags and the number of the source say nothing about the thing."""
    mark = frame["key"].astype(np.uint64)
    for name in sorted(frame.columns.keys() - {"key", "flags", "source"}):
        mark = (mark ^ _bits(frame[name])) * np.uint64(0xFF51AFD7ED558CCD)
        mark ^= mark >> np.uint64(32)
    return mark


def _bits(values: Array) -> Array:
    if values.dtype.kind == "f":
        return values.astype(np.float64).view(np.uint64)
    if values.dtype.kind == "S":
        words = -(-values.dtype.itemsize // 8)
        wide = np.ascontiguousarray(values.astype(f"S{words * 8}")).view(np.uint64).reshape(len(values), words)
        found = np.zeros(len(values), np.uint64)
        for column in range(words):
            found = (found ^ wide[:, column]) * np.uint64(0xC4CEB9FE1A85EC53)
        return found
    return values.astype(np.int64).view(np.uint64) if values.dtype != np.uint64 else values
