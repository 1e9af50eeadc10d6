"""Check digits of whole columns at once: containers (ISO 6346) and ships (IMO Resolution A.1117)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SHAPES = {"container": "(CONTAINER:)?[A-Z]{3}[UJZ][0-9]{7}", "imo": "(VESSEL:)?(IMO:?)?[0-9]{7}"}
"""What a value looks like whose check digit can be reckoned, in capitals and without blanks and hyphens."""
_LENGTH = {"container": 11, "imo": 7}
_LETTERS = "0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ"
_VALUES = np.array([max(_LETTERS.find(chr(code)), 0) for code in range(256)], np.int64)


def wrong(about: str, values: Any) -> npt.NDArray[np.bool_]:
    """Which values of an Arrow column of text have a wrong check digit. All must be of the shape and none absent."""
    parts = [_wrong(about, chunk) for chunk in values.chunks]
    return np.concatenate(parts) if parts else np.zeros(0, np.bool_)


def _wrong(about: str, chunk: Any) -> npt.NDArray[np.bool_]:
    flat = chunk.cast("large_binary")
    if not len(flat):
        return np.zeros(0, np.bool_)
    _, offsets, data = flat.buffers()
    ends = np.frombuffer(offsets, np.int64)[flat.offset + 1 : flat.offset + 1 + len(flat)]
    octets, width = np.frombuffer(data, np.uint8), _LENGTH[about]
    # The number stands at the end, whatever prefix comes before it; one character at a time keeps memory small.
    sums = np.zeros(len(flat), np.int64)
    for at in range(width - 1):
        weight = 1 << at if about == "container" else width - at
        sums += _VALUES[octets[ends - width + at]] * weight
    due = sums % 11 % 10 if about == "container" else sums % 10
    stated: npt.NDArray[np.bool_] = due != _VALUES[octets[ends - 1]]
    return stated
