"""The edge by its own means: times judged, floods thinned fairly, readings screened and calibrated, each row counted once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.listener import SHARE, Listener
from kouan.facilities.telemetry.numbers import Series
from kouan.facilities.telemetry.posting import read_batch
from kouan.facilities.telemetry.screening import Screen
from kouan.facilities.telemetry.ships import micros
from kouan.facilities.telemetry.signals import CAUSES, ESTIMATED, LATE
from kouan.facilities.telemetry.state import State
from kouan.facilities.telemetry.tracks import dwells, inside
from kouan.kernel import clock
from kouan.kernel.drivers import Decoded, Driver
from kouan.kernel.errors import Refused
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text

LIMITS = {"low": 0.0, "high": 100.0, "rate": 2.0, "stuck": 60.0, "offset": 1.0, "scale": 2.0}


class Known:
    """Numbers that know one series with limits."""

    def __init__(self, **limits: float) -> None:
        self.one = Series(7, "D-1", "t", "Cel", limits=limits)

    def series_now(self, numbers: list[int]) -> list[Series]:
        return [self.one] if 7 in numbers else []


def now() -> int:
    return micros(clock.now())


def readings(values: list[tuple[float, float]], key: int = 7) -> Frame:
    return Frame("reading", {
        "key": np.full(len(values), key, np.uint64), "at": np.array([now() + int(at * 1e6) for at, _ in values]),
        "value": np.array([value for _, value in values]), "flags": np.zeros(len(values), np.uint8),
    })  # fmt: skip


def edge(**limits: float) -> Edge:
    return Edge(screen=Screen(Known(**limits)))  # type: ignore[arg-type]  # a double that knows one series


def judged(one: Edge, frame: Frame) -> tuple[list[float], list[str]]:
    one.offer([frame], "d")
    frames = {found.signal: found for found in one.drain()}
    bad = [CAUSES[c] for c in frames["rejected"]["cause"].tolist()] if "rejected" in frames else []
    return frames["reading"]["value"].tolist() if "reading" in frames else [], bad


def test_each_cause_is_found_and_what_passes_is_calibrated() -> None:
    one = edge(**LIMITS)
    frame = readings([(-100, 10), (-90, 10.5), (-80, 49.0), (-70, 10.6), (-60, np.nan), (-50, 80), (-40, 10.7)])
    assert judged(one, frame) == ([21.0, 22.0, 22.2, 22.4], ["rate", "not_a_number", "range"])
    assert judged(one, frame)[1] == ["duplicate"] * 7, "sent again, nothing counts twice"
    assert judged(one, readings([(-401 * 86_400, 12)])) == ([], ["old"])
    stuck = edge(stuck=60.0)
    assert judged(stuck, readings([(-100, 5), (-70, 5), (-20, 5), (-10, 6)])) == ([5, 5, 6], ["stuck"])
    assert one.counts["rejected.duplicate"] == 7


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-500, 500), st.sampled_from([1.0, 5.0, 500.0, float("nan")])), max_size=30))
def test_every_row_passes_or_is_rejected_once(values: list[tuple[int, float]]) -> None:
    one = edge(low=0.0, high=10.0, rate=1.0)
    good, bad = judged(one, readings([(float(at), value) for at, value in values]))
    assert len(good) + len(bad) == len(values)
    assert all(0 <= value <= 10 for value in good)


def test_times_are_judged_by_event_time_and_arrival() -> None:
    one = Edge()
    frame = readings([(0, 1), (3600, 2)])
    frame.columns["at"][0] = 0
    one.offer([frame], "a")
    [found] = one.drain()
    assert (abs(found["at"] - now()) < 5e6).all()
    assert found["flags"].tolist() == [ESTIMATED, ESTIMATED]
    one.offer([readings([(-300, 3)])], "a")
    one.offer([readings([(-300, 4)])], "another source, whose time has not come so far")
    flags = {v: f for f_ in one.drain() for v, f in zip(f_["value"].tolist(), f_["flags"].tolist(), strict=True)}
    assert flags == {3.0: LATE, 4.0: 0}
    assert (one.counts["untimed"], one.counts["future"], one.counts["late"]) == (1, 1, 1)


def test_a_flood_loses_its_own_oldest_and_harms_nobody() -> None:
    one = Edge(room=1000)
    one.offer([readings([(-n, n) for n in range(100)], key=1)], "quiet")
    for start in range(0, 10_000, 500):
        one.offer([readings([(-5, start + n) for n in range(500)], key=2)], "flood")
    found = one.drain()
    rows = np.concatenate([f["key"] for f in found])
    assert (rows == 1).sum() == 100
    assert len(rows) == 1000
    assert one.sources["flood"].counts["thinned"] == one.counts["thinned"] == 9100
    assert max(np.concatenate([f["value"] for f in found])) == 9999, "the newest stay"


class Echo(Driver):
    code, title, protocol, signal = "test.echo", Text("测试", "Test"), "test", "reading"

    def decode(self, chunk: bytes) -> Decoded:
        return Decoded(({"bytes": len(chunk)},))


def test_a_sender_of_datagrams_beyond_his_share_is_cut_and_counted() -> None:
    taken: dict[str, int] = {}

    def take(decoded: Decoded, source: str) -> None:
        taken[source] = taken.get(source, 0) + decoded.observations[0]["bytes"]

    listener = Listener(lambda _name: Echo(), take)
    for _ in range(10):
        listener.datagram(b"x" * 60_000, ("10.0.0.1", 1))
        listener.datagram(b"y" * 10, ("10.0.0.2", 1))
    for _ in range(5):
        listener.decode()
    assert taken["10.0.0.2"] == 110
    assert taken["10.0.0.1"] <= SHARE
    assert listener.counts["dropped.datagrams"] == 6


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='device,metr\n"[]{}:1;\x00é', max_size=80).map(str.encode))
def test_noise_is_refused_or_read_and_never_breaks(body: bytes) -> None:
    try:
        batch = read_batch(body, ("device", "metric"))
    except Refused:
        return
    batch.times(), batch.numbers("value", "value"), batch.texts("device")
    assert batch.answer()["accepted"] + len(batch.refused) == batch.rows


def test_json_and_csv_say_the_same() -> None:
    rows: list[dict[str, Any]] = [
        {"device": "D", "metric": "t", "at": "2026-01-01T08:00:00+08:00", "value": 1.5},
        {"device": "D", "metric": "t", "at": "2026-01-01", "value": "x"},
    ]
    as_json = read_batch(str(rows).replace("'", '"').encode(), ("device",))
    for mark in ("", "\ufeff"):
        same = read_batch(f"{mark}device;metric;at;value\nD;m;{rows[0]['at']};1".encode(), ("device",))
        assert (same.texts("metric").to_pylist(), same.refused) == (["m"], {})
    assert read_batch(b"\xef\xbb\xbf[]", ()).rows == 0
    as_csv = read_batch(("device,metric,at,value\n" + "\n".join(",".join(map(str, row.values())) for row in rows)).encode(), ("device",))
    for one in (as_json, as_csv):
        assert one.times()[0] == 1_767_225_600_000_000
        assert one.numbers("value", "value")[0] == 1.5
        assert one.answer()["accepted"] == 1
        assert one.answer()["refused"][0]["code"] == "telemetry.at"
    with pytest.raises(Refused):
        read_batch(b"[]", ("device",))


def test_stays_and_places_of_a_track() -> None:
    minutes = [(n, 121.0 + (0 if n < 20 else (n - 20) * 0.01 if n < 25 else 0.05), 36.0) for n in range(50)]
    track = Frame("position", {
        "at": np.array([int(m * 60e6) for m, _, _ in minutes]), "lon": np.array([x for _, x, _ in minutes]),
        "lat": np.array([y for _, _, y in minutes]), "key": np.ones(50, np.uint64),
    })  # fmt: skip
    assert [(d.since // 60_000_000, d.until // 60_000_000) for d in dwells(track)] == [(0, 20), (25, 49)]
    outer, hole = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]], [[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5], [0.5, 0.5]]
    square = {"type": "Polygon", "coordinates": [outer, hole]}
    assert [inside(x, 0.25, square) for x in (0.25, 3.0)] == [True, False]
    assert not inside(1, 1, square), "a hole is not inside"


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_an_hour_wrong_and_right_again_loses_nothing_and_leaves_nobody_late(hours: int) -> None:
    one, state, told = edge(), State(), []
    former = clock.use(clock.now)
    try:
        for n, wrong in enumerate((0, hours, hours, 0, 0)):
            clock.use(lambda wrong=wrong: former() + timedelta(hours=wrong))
            # One sender dates by itself and is right, the other is dated here.
            right = {"key": np.array([1], np.uint64), "at": np.array([micros(former())])}
            dated = {"key": np.array([2], np.uint64), "at": np.array([0])}
            for source, columns in (("own", right), ("here", dated)):
                one.offer([Frame("reading", {**columns, "value": np.array([float(n)]), "flags": np.zeros(1, np.uint8)})], source)
            for frame in one.drain():
                state.fold(frame)
                told += frame["value"].tolist()
    finally:
        clock.use(former)
    assert sorted(told) == sorted([float(n) for n in range(5)] * 2), "each once"
    last = state.latest("reading")
    assert dict(zip(last["key"].tolist(), last["value"].tolist(), strict=True)) == {1: 4.0, 2: 4.0}, "the picture goes on"
    one.offer([readings([(0, 9.0)])], "here")
    assert not any((frame["flags"] & LATE).any() for frame in one.drain())
