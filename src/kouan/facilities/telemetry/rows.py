"""Rows of frames in order, without repeats, thinned: what reading and keeping share."""

from __future__ import annotations

import numpy as np

from kouan.facilities.telemetry.marks import fingerprint
from kouan.kernel.signals import Array, Frame


def ordered(frame: Frame, *names: str) -> Frame:
    """The rows in order of these columns, the first one first."""
    if len(frame) < 2:
        return frame
    return frame.pick(np.lexsort([frame[name] for name in reversed(names)]))


def without_repeats(frame: Frame) -> Frame:
    """Rows (in order of key and time) without those that say the same of the same thing at the same time again."""
    if len(frame) < 2:
        return frame
    near = (frame["key"][1:] == frame["key"][:-1]) & (frame["at"][1:] == frame["at"][:-1])
    if not near.any():
        return frame
    # Repeats have equal marks, but others of the same key and time may stand between them.
    marks = fingerprint(frame)
    order = np.lexsort([marks, frame["at"], frame["key"]])
    same = marks[order][1:] == marks[order][:-1]
    kept = np.ones(len(frame), bool)
    kept[order[1:][same & (frame["at"][order][1:] == frame["at"][order][:-1])]] = False
    return frame.pick(kept)


def thinned(frame: Frame, every: int) -> Frame:
    """One row for each key in each span of so many microseconds: the last one; of readings the mean, with lowest, highest
    and how many there were (columns `low`, `high`, `count`)."""
    if not len(frame):
        return frame
    frame = ordered(frame, "key", "at")
    spans = frame["at"] // every
    ends = np.flatnonzero(np.append((frame["key"][1:] != frame["key"][:-1]) | (spans[1:] != spans[:-1]), True))
    last = frame.pick(ends)
    if "value" not in frame.columns:
        return ordered(last, "at", "key")
    starts = np.concatenate([[0], ends[:-1] + 1])
    count = ends - starts + 1
    more: dict[str, Array] = {
        "value": np.add.reduceat(frame["value"], starts) / count, "low": np.minimum.reduceat(frame["value"], starts),
        "high": np.maximum.reduceat(frame["value"], starts), "count": count,
    }  # fmt: skip
    return ordered(Frame(frame.signal, {**last.columns, **more}), "at", "key")
