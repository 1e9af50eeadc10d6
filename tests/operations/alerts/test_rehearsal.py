"""Alerts that the platform brings, tried with other numbers on what was heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from kouan.kernel.alerts import Alert
from kouan.kernel.rules import Found
from kouan.kernel.signals import Frame
from kouan.kernel.words import named
from kouan.operations.alerts.rehearsal import rehearsed
from kouan.operations.alerts.thresholds import AlertSetting, FitSetting, newest
from kouan.operations.traffic.past import TrafficPast
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import moment
from tests.operations.traffic.sea import START, Boat, Sea

SPAN = timedelta(minutes=6)


class Told(Traffic):
    """A picture that only notes what it is told: that is what history holds."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []

    def fold(self, frame: Frame) -> None:
        """Note it."""
        self.frames.append(frame)


@dataclass
class Heard:
    """Two ships on opposite courses that pass each other so many metres apart, as history would give them back."""

    aside: float

    async def parts(self) -> AsyncIterator[tuple[datetime, list[Frame]]]:
        boats = [Boat(414_000_001, -1500, 0, 12, 90, length=100), Boat(414_000_002, 1500, self.aside, 12, 270, length=100)]
        sea, told = Sea(boats), Told()
        sea.traffic = told
        sea.run(int(SPAN.total_seconds()), 5)
        frames = told.frames
        half = len(frames) // 2
        yield moment(START) + SPAN / 2, frames[:half]
        yield moment(START) + SPAN, frames[half:]


@pytest.mark.parametrize(("cpa_nm", "alarms"), [(0.1, 0), (0.5, 1)])
async def test_other_numbers_would_have_raised_other_warnings(cpa_nm: float, alarms: int) -> None:
    word, since = named(Alert, "operations.traffic.collision_risk"), moment(START)
    found = await rehearsed(word, TrafficPast(), {"cpa_nm": cpa_nm}, Heard(600).parts(), since, since + SPAN)
    assert (found.alarms, found.until) == (alarms, since + SPAN)
    assert found.rows > 50
    for hit in found.hits:
        assert since < hit["at"] < hit["until"] < since + SPAN, "she passed, and it was over"
        assert hit["subject"] == "vessel:mmsi:414000001"
        assert 0.25 < hit["value"] < 0.4


async def test_a_rehearsal_ends_when_time_is_up_and_says_where() -> None:
    word, since = named(Alert, "operations.traffic.collision_risk"), moment(START)
    found = await asyncio.wait_for(rehearsed(word, TrafficPast(), {}, Heard(600).parts(), since, since + SPAN, most_s=0.0), 20)
    assert found.until == since + TrafficPast.every


def setting(**stated: object) -> AlertSetting:
    return AlertSetting.model_validate({"alert": "operations.traffic.collision_risk", "values": {}, "reason": "x", **stated})


def test_numbers_that_an_alert_does_not_have_are_refused_and_the_newest_approved_stand() -> None:
    judge = FitSetting().judge
    found = Found(moment(START), "portoffice")
    assert judge(setting(values={"cpa_nm": 0.3}), found) is None
    for stated, field in (
        ({"alert": "operations.traffic.none"}, "alert"), ({"values": {"cpa": 1}}, "values.cpa"),
        ({"values": {"cpa_nm": 2}}, "values.cpa_nm"),
        ({"values": {"cpa_nm": float("nan")}}, "values.cpa_nm"), ({"approved_by": "customs/li"}, "trial"),
    ):  # fmt: skip
        unmet = judge(setting(**stated), found)
        assert unmet is not None
        assert unmet.field == field
    docs: list[Mapping[str, Any]] = [{"alert": "a", "revision": 2}, {"alert": "a", "values": {"x": 1}}, {"alert": "b"}]
    assert {doc["alert"]: doc.get("revision") for doc in newest(docs)} == {"a": 2, "b": None}
