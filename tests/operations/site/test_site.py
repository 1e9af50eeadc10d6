"""Queues and reefers by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.api import Series, moment
from kouan.kernel.signals import Frame
from kouan.operations.site.alerts import LongQueue, ReeferTemperature
from kouan.operations.site.queues import Queue, Waiting
from kouan.operations.site.reefers import box_of
from kouan.operations.site.watching import CODE, SiteWatcher

BOX = "MSCU6639870"
NOW = 1_795_300_000_000_000


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), max_size=30))
@settings(max_examples=12, deadline=None)
def test_who_is_there_waits_and_who_is_gone_has_waited(steps: list[tuple[int, int]]) -> None:
    queue, now = Queue("place:q", "队", "Queue"), 0.0
    present: dict[int, float] = {}
    left = 0
    for mover, seconds in steps:
        now += seconds
        left += present.pop(mover, None) is not None or present.update({mover: now}) is not None
        queue.look(now, [Waiting(n, str(n), since) for n, since in present.items()])
        facts = queue.facts(now)
        assert facts["length"] == len(present)
        assert facts["left"] == left
        assert facts["longest_wait_s"] == max((now - since for since in present.values()), default=0)


def test_the_forecast_is_those_before_times_the_time_between_departures() -> None:
    queue = Queue("place:q", "队", "Queue")
    everyone = [Waiting(n, str(n), 0.0) for n in range(20)]
    for gone in range(10):
        queue.look(30.0 * gone, everyone[gone:])
    facts = queue.facts(270.0)
    assert (facts["length"], facts["per_hour"], facts["forecast_wait_s"]) == (11, 120.0, 330.0)
    assert facts["median_wait_s"] == 150.0
    queue.look(10_000.0, everyone[9:])
    assert queue.facts(10_000.0)["forecast_wait_s"] is None


@dataclass
class View:
    watchers: dict[str, Any] = field(default_factory=dict)


def site(*readings: tuple[int, float, int]) -> tuple[View, SiteWatcher]:
    watcher = SiteWatcher()
    keys, values, at = zip(*readings, strict=True)
    frame = {"key": np.array(keys, "u8"), "value": np.array(values), "at": np.array([NOW + s * 1_000_000 for s in at], "i8")}
    watcher.fold(Frame("reading", frame))
    known = {1: Series(1, f"reefer-{BOX}", "temperature"), 2: Series(2, f"reefer-{BOX}", "setpoint"), 3: Series(3, "gate", "count")}
    watcher.reefers.learn(known, list(watcher.reefers.unknown))
    return View({CODE: watcher}), watcher


def judged(view: View, seconds: int) -> list[Any]:
    word = ReeferTemperature()
    for box in view.watchers[CODE].reefers.by_box.values():
        box.asked = box.since
    stated = {name: one.default for name, one in word.parameters.items()}
    return list(word.judge(view, stated, when(seconds)))


def when(seconds: int) -> datetime:
    return moment(NOW) + timedelta(seconds=seconds)


def test_a_warm_reefer_and_its_cargo_are_told() -> None:
    view, watcher = site((1, -10.0, 0), (2, -18.0, 0), (3, 99.0, 0))
    watcher.reefers.by_box[BOX].goods = ("FROZEN SHRIMP",)
    watcher.reefers.by_box[BOX].bills = ("bill:B1",)
    assert judged(view, 0) == []
    (raised,) = judged(view, 70)
    assert (raised.key, raised.value, raised.threshold) == (BOX, -10.0, 3)
    assert "FROZEN SHRIMP" in raised.message.en
    assert {f"container:{BOX}", "bill:B1"} <= set(raised.subjects)


@pytest.mark.parametrize(
    "readings",
    [((1, -17.0, 0), (2, -18.0, 0)), ((1, -10.0, 0),), ((1, float("nan"), 0), (2, -18.0, 0)), ((1, -10.0, -4000), (2, -18.0, 0))],
)
def test_a_reefer_that_is_right_or_says_too_little_is_quiet(readings: Any) -> None:
    view, _ = site(*readings)
    assert judged(view, 0) == judged(view, 70) == []


def test_a_box_is_known_by_its_check_digit() -> None:
    assert box_of("reefer-MSCU 663987-0") == BOX
    assert box_of("reefer-MSCU6639871") == box_of("gate-1") == ""


def test_a_long_queue_is_told_once_it_is_long() -> None:
    watcher = SiteWatcher()
    queue = watcher.queues["place:q"] = Queue("place:q", "队", "Queue")
    word = LongQueue()
    stated = {name: one.default for name, one in word.parameters.items()}
    begin = NOW / 1e6
    queue.look(begin, [Waiting(n, str(n), begin) for n in range(6)])
    assert list(word.judge(View({CODE: watcher}), stated, when(60))) == []
    (raised,) = word.judge(View({CODE: watcher}), stated, when(1900))
    assert raised.value == pytest.approx(31.7, abs=0.1)
