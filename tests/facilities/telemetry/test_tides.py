"""Marks: up to when the stream is complete, by what each kind of process that listens says of itself."""

from __future__ import annotations

import pytest

from kouan.facilities.telemetry.tides import Tide, mark

SECOND = 1_000_000


def said(tide: Tide, role: str, owner: str, second: float) -> float:
    return tide.take(mark(role, owner, int(second * SECOND))[1]) / SECOND


def test_the_stream_is_complete_up_to_where_the_slowest_is() -> None:
    tide = Tide(gone=lambda owner: False)
    assert [said(tide, "picture", "a", 100), said(tide, "watch", "w", 99), said(tide, "picture", "b", 98)] == [100, 99, 98]
    assert said(tide, "picture", "b", 150) == 99
    assert said(tide, "watch", "w", 150) == 100, "one that hangs is waited for"
    assert said(tide, "picture", "b", 161) == 150, "but not for ever"


def test_one_that_died_is_not_waited_for_once_another_listens_in_its_place() -> None:
    dead: set[str] = set()
    tide = Tide(gone=dead.__contains__)
    assert said(tide, "picture", "a", 100) == 100
    assert said(tide, "watch", "w", 100) == 100
    dead.add("w")
    assert [said(tide, "picture", "a", at) for at in (101, 2000)] == [100, 100], "devices are heard by nobody"
    assert said(tide, "watch", "x", 2001) == 2000
    with pytest.raises(ValueError, match="invalid"):
        tide.take(b"no mark")
