"""Trials: off the loop, in slices, as the live engine would have done it, and bounded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest

from kouan.facilities.telemetry.api import History
from kouan.kernel.errors import Refused
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text
from kouan.operations.alerts.engine import Engine
from kouan.operations.alerts.past import slices
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.trial import Source, tried
from kouan.operations.alerts.watched import Known
from tests.operations.alerts.frames import NOON, readings

SINCE = datetime.fromtimestamp(NOON, UTC)
HOUR = timedelta(hours=1)


def rule(**stated: Any) -> StaffRule:
    told = {"code": "hall", "name_zh": "大厅", "name_en": "Hall", "signal": "reading", "metric": "head_count", "owner": "org:customs",
            "condition": {"field": "value", "op": ">", "value": 300}, "clears_after_s": 0, "message_zh": "x",
            "message_en": "x", **stated}  # fmt: skip
    return StaffRule.model_validate(told)


def source(*heads: float, every: float = 60.0, parts: int = 2) -> Source:
    """Head counts from the beginning on, one each so many seconds, in some frames."""
    rows = [(1, n * every, value) for n, value in enumerate(heads)]

    async def read(_signal: str, _since: datetime, _until: datetime) -> AsyncIterator[tuple[Frame, Mapping[int, Known]]]:
        for some in np.array_split(np.arange(len(rows)), parts):
            yield readings([rows[n] for n in some]), {1: Known("hall-1", "head_count")}

    return read


async def test_a_trial_says_what_the_live_engine_would_have_raised() -> None:
    found = await tried(rule(), {}, source(120, 320, 120, 330, 340, 100, 350), SINCE, SINCE + HOUR, "UTC")
    assert (found.rows, found.alarms, found.until) == (7, 3, SINCE + HOUR)
    assert [(one["at"] - SINCE, one["value"]) for one in found.hits] == [
        (timedelta(minutes=1), 320), (timedelta(minutes=3), 330), (timedelta(minutes=6), 350)]  # fmt: skip
    assert [one.get("until") and one["until"] - SINCE for one in found.hits] == [timedelta(minutes=2), timedelta(minutes=5), None]


async def test_silence_between_two_observations_of_the_past_is_an_alarm() -> None:
    quiet = rule(condition={"absent": True}, absent_s=300)
    found = await tried(quiet, {}, source(1, 1, every=1500.0), SINCE, SINCE + HOUR, "UTC")
    assert [one["at"] - SINCE for one in found.hits] == [timedelta(minutes=6), timedelta(minutes=31)]


async def test_the_loop_goes_on_while_a_trial_works_and_the_trial_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = Engine.fold

    def slowly(self: Engine, frame: Frame, now: int) -> Any:
        time.sleep(0.05)
        return fold(self, frame, now)

    monkeypatch.setattr(Engine, "fold", slowly)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    beside = asyncio.create_task(others())
    found = await tried(rule(), {}, source(*[1.0] * 20), SINCE, SINCE + HOUR, "UTC", most_s=0.3)
    beside.cancel()
    assert turns >= 20, "a second of work in one thread holds up nobody else"
    assert 0 < found.rows < 20
    assert found.until == SINCE + timedelta(minutes=found.rows - 1)


async def test_a_busy_hour_is_read_in_shorter_pieces() -> None:
    asked: list[tuple[float, float]] = []

    class Busy:
        async def range(self, _signal: str, _keys: Any, since: datetime, until: datetime) -> Frame:
            if until - since > HOUR / 10:
                raise Refused(Text("多", "much"), field="until", rule="history.most_rows", code="history.too_much")
            asked.append(((since - SINCE) / HOUR, (until - SINCE) / HOUR))
            return readings([(1, 0.0, 1.0)])

    pieces = [frame async for frame in slices(cast(History, Busy()), "reading", None, SINCE, SINCE + HOUR)]
    assert len(pieces) == len(asked) == 16
    assert (asked[0][0], asked[-1][1]) == (0.0, 1.0)
    assert all(end == begin for (_, end), (begin, _) in pairwise(asked)), "nothing is read twice or left out"
