"""Frames: columns of equal length, picked, completed and joined without work per row."""

from __future__ import annotations

import numpy as np
import pytest

from kouan.kernel.signals import AT, KEY, Column, Frame, join
from kouan.kernel.text import Text

VALUE = Column("value", "f8", "t", Text("值", "Value"))
NOTE = Column("note", "S4", "", Text("注", "Note"))


def frame(*keys: int) -> Frame:
    return Frame("reading", {"key": np.array(keys, "u8"), "value": np.array(keys, "f4") * 2})


def test_rows_are_picked_by_mask_and_by_index() -> None:
    whole = frame(3, 1, 2)
    assert whole.pick(whole["key"] > 1)["key"].tolist() == [3, 2]
    assert whole.pick(np.array([2, 0]))["value"].tolist() == [4.0, 6.0]


def test_a_complete_frame_says_what_is_not_known() -> None:
    whole = frame(1, 2).complete((KEY, AT, VALUE, NOTE))
    assert list(whole.columns) == ["key", "at", "value", "note"]
    assert whole["value"].dtype == np.float64
    assert whole["at"].tolist() == [0, 0]
    assert whole["note"].tolist() == [b"", b""]
    assert np.isnan(VALUE.absent(1)).all()


def test_frames_are_joined_in_order_and_only_with_their_like() -> None:
    assert join([frame(1), frame(), frame(5, 4)])["key"].tolist() == [1, 5, 4]
    with pytest.raises(ValueError, match="one signal"):
        join([])
    with pytest.raises(ValueError, match="one signal"):
        join([frame(1), Frame("position", frame(1).columns)])
    with pytest.raises(ValueError, match="columns"):
        join([frame(1), Frame("reading", {"key": np.array([1], "u8")})])
