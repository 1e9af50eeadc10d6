"""Signal: a high-rate observation that is streamed, not filed, and may be thinned under load (and says so).

Observations travel in frames: columns of equal length, decoded, judged and kept without work per row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from kouan.kernel.text import Text
from kouan.kernel.words import Word

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a signal: its NumPy type, its unit ("" where it has none) and what it says."""

    name: str
    dtype: str
    unit: str
    title: Text

    def absent(self, rows: int) -> Array:
        """A column of that length in which nothing is known: NaN, 0 or an empty string."""
        kind = np.dtype(self.dtype)
        return np.full(rows, np.nan, kind) if kind.kind == "f" else np.zeros(rows, kind)


class Signal(Word):
    """One kind of observation: its columns, its level (1-4, clause 12.2) and how long its history is kept.

    Every signal has `key` (which entity or stream of readings) and `at` (event time, microseconds UTC, 0: unknown).
    """

    requires = ("title", "columns", "level", "kept")
    title: ClassVar[Text]
    columns: ClassVar[tuple[Column, ...]]
    level: ClassVar[int]
    kept: ClassVar[timedelta]


KEY = Column("key", "u8", "", Text("对象", "Entity"))
AT = Column("at", "i8", "us", Text("观测时刻", "Observed at"))


@dataclass(frozen=True, slots=True)
class Frame:
    """Observations of one signal in columns of equal length; row order is the order of arrival."""

    signal: str
    columns: Mapping[str, Array]

    def __len__(self) -> int:
        """How many observations."""
        return len(self.columns["key"])

    def __getitem__(self, name: str) -> Array:
        """One column; KeyError when the frame has none of that name."""
        return self.columns[name]

    def pick(self, chosen: Array) -> Frame:
        """The rows that a mask or an array of indexes chooses."""
        return Frame(self.signal, {name: column[chosen] for name, column in self.columns.items()})

    def complete(self, columns: Iterable[Column]) -> Frame:
        """The frame with exactly these columns, in their types; missing ones say that nothing is known."""
        rows = len(self)
        whole = {
            column.name: self.columns[column.name].astype(column.dtype, copy=False)
            if column.name in self.columns
            else column.absent(rows)
            for column in columns
        }
        return Frame(self.signal, whole)


def join(frames: Sequence[Frame]) -> Frame:
    """Frames of one signal as one; ValueError for none or for different signals or columns."""
    signals = {frame.signal for frame in frames}
    if len(signals) != 1:
        raise ValueError(f"frames of one signal are joined, these are of {sorted(signals)}")
    names = frames[0].columns.keys()
    if any(frame.columns.keys() != names for frame in frames):
        raise ValueError(f"frames of {frames[0].signal} differ in their columns")
    return Frame(frames[0].signal, {name: np.concatenate([frame[name] for frame in frames]) for name in names})
