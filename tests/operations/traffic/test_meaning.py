"""Zones, stays, arrivals, turns and density: what positions mean."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely  # type: ignore[import-untyped]  # the package states no types
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.app.demo import geometry
from kouan.operations.traffic import located
from kouan.operations.traffic.calls import Call, Calls, due_at
from kouan.operations.traffic.density import Density
from kouan.operations.traffic.fairways import Fairway
from kouan.operations.traffic.turns import turns_of
from kouan.operations.traffic.zones import Zone, Zones, zone_of
from tests.operations.traffic.sea import TRUCK, Boat, Sea, box, place

DEMO = list(geometry.places())


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(0, 200))
@settings(max_examples=12, deadline=None)
def test_membership_is_what_shapely_says_for_each_point(seed: int, zones: int, points: int) -> None:
    chance = np.random.default_rng(seed)
    areas = [shapely.Point(*chance.uniform(0, 1, 2)).buffer(chance.uniform(0.01, 0.3), 6) for _ in range(zones)]
    made = Zones([Zone(f"z{n}", "zone", "区", "Zone", area) for n, area in enumerate(areas)])
    lon, lat = chance.uniform(-0.2, 1.2, (2, points))
    found = set(zip(*(x.tolist() for x in made.locate(lon, lat)), strict=True))
    assert found == {(p, z) for z, area in enumerate(areas) for p in range(points) if area.covers(shapely.Point(lon[p], lat[p]))}


@given(st.lists(st.integers(-40, 40), min_size=1, max_size=30))
@settings(max_examples=12, deadline=None)
def test_each_entry_has_its_exit_and_noise_at_the_border_makes_none(steps: list[int]) -> None:
    made = Zones([box("berth", "t/one", 0, 0, 200, 200)])
    east, inside, told = -160.0, False, 0
    for number, step in enumerate(steps):
        east = min(max(east + step, -200.0), 0.0)
        lon, lat = place(east, 0)
        entered, left = made.look(np.array([5], np.uint64), np.array([lon]), np.array([lat]), np.array([number]))
        assert len(entered) + len(left) <= 1
        if len(entered):
            assert not inside
            assert east > -100.5
        if len(left):
            assert inside
            assert east < -114.5
        inside, told = inside ^ bool(len(entered) + len(left)), told + len(entered) + len(left)
        assert (len(made.inside()[0]) == 1) is inside


def test_a_line_is_an_area_only_with_a_width() -> None:
    line = {"type": "LineString", "coordinates": [[121.6, 36.0], [121.7, 36.0]]}
    doc = {"code": "c", "name_zh": "线", "name_en": "Line", "geometry": line}
    wide = zone_of({**doc, "kind": "fairway", "width_m": 400})
    assert wide is not None
    assert wide.area.covers(shapely.Point(121.65, 36.0 + 190 / 111_195))
    assert not wide.area.covers(shapely.Point(121.65, 36.0 + 215 / 111_195))
    assert zone_of({**doc, "kind": "tripwire"}) is None
    assert zone_of({**doc, "kind": "pilot_station", "geometry": {"type": "Point", "coordinates": [1, 2]}}) is None


def test_a_berth_is_occupied_by_who_lies_there_not_by_who_passes() -> None:
    lies, passes = Boat(414_000_001, -400, 0, 6, 90), Boat(414_000_002, -400, 30, 6, 90)
    sea = Sea([lies, passes], [box("berth", "t/b3", 0, 0, 300, 120)])
    sea.run(120)
    lies.knots = 0
    sea.run(30)
    assert sea.begun == []
    sea.run(60)
    (stay,) = sea.begun
    assert stay.arrived == pytest.approx(sea.now - 90e6, abs=8e6)
    lies.knots = 5
    sea.run(120)
    ((ended, at),) = sea.ended
    assert ended is stay
    assert sea.now - 120e6 < at < sea.now - 30e6


def test_trucks_occupy_lanes_and_ships_do_not() -> None:
    lane = box("lane", "t/in", 0, 0, 60, 20)
    sea = Sea([Boat(1, -200, 0, 10, 90, kind=TRUCK), Boat(414_000_002, -200, 0, 10, 90)], [lane])
    sea.run(60)
    assert [int(sea.traffic.fusion.tracks.by_key[TRUCK << 56 | 1] >= 0)] == [1]
    assert len(sea.begun) == len(sea.ended) == 1
    assert sea.ended[0][1] > sea.begun[0].arrived


def test_a_mover_that_is_lost_occupies_nothing() -> None:
    boat = Boat(0, 0, 0, 0, 0, plot=4)
    sea = Sea([boat], [box("anchorage", "t/a", 0, 0, 900, 900)])
    sea.run(240, 10)
    assert len(sea.traffic.stays.occupied()) == 1
    boat.plot = 0
    sea.run(80, 10)
    assert sea.traffic.stays.occupied() == []
    assert len(sea.ended) == 1


def fairway() -> Fairway:
    return Fairway([place(0, 0), place(6000, 0), place(6000, 6000)])


def test_distance_along_a_fairway() -> None:
    line = fairway()
    assert line.length == pytest.approx(12_000, rel=0.002)
    lon, lat = zip(*(place(*spot) for spot in ((3000, 200), (6100, 3000), (-500, 0))), strict=True)
    along, aside, bearing = line.project(np.array(lon), np.array(lat))
    assert along == pytest.approx([3000, 9000, 0], abs=15)
    assert aside == pytest.approx([200, 100, 500], abs=15)
    assert bearing == pytest.approx([90, 0, 90], abs=0.2)


@pytest.mark.parametrize(
    ("spot", "knots", "course", "seconds"),
    [
        ((0, 0), 10, 90, 12_000 / (10 * 1852 / 3600)), ((3000, 0), 10, 90, 9_000 / (10 * 1852 / 3600)),
        ((-2000, 0), 10, 90, 14_000 / (10 * 1852 / 3600)), ((3000, 0), 10, 270, None), ((3000, 0), 1, 90, None), ((6000, 5990), 8, 0, 2),
    ],
)  # fmt: skip
def test_arrival_is_distance_over_speed_for_who_comes_in(spot: Any, knots: float, course: float, seconds: float | None) -> None:
    lon, lat = place(*spot)
    east, north = (knots * 1852 / 3600 * f for f in (np.sin(np.radians(course)), np.cos(np.radians(course))))
    due = fairway().due((lon, lat, east, north), 12_000)
    assert (due is None) is (seconds is None)
    if due and seconds is not None:
        assert due.seconds == pytest.approx(seconds, rel=0.01, abs=3)


def test_the_ship_of_a_call_is_expected_by_her_track_and_then_has_arrived() -> None:
    boat = Boat(414_000_001, 0, 0, 12, 90, imo=9_321_483)
    sea = Sea([boat, Boat(414_000_002, 500, 0, 12, 90)])
    sea.run(20)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    call = Call("portcall:X", "vessel:imo:9321483", "", "SIM", now + timedelta(hours=9), "place:T/B3")
    calls = Calls({}, {"9321483": call})
    pilot, berth = due_at(sea.traffic, calls, fairway(), ("place:T/PILOT", 6000), now)
    assert (pilot.place, berth.place, pilot.arrived, berth.arrived) == ("place:T/PILOT", "place:T/B3", False, False)
    assert (pilot.eta - now).total_seconds() == pytest.approx((6000 - boat.east) / (12 * 1852 / 3600), rel=0.02)
    slow = (6000 - boat.east) / (12 * 1852 / 3600) + 6000 / (8 * 1852 / 3600)
    assert (berth.eta - now).total_seconds() == pytest.approx(slow, rel=0.02)
    sea.run(900, 20)
    later = due_at(sea.traffic, calls, fairway(), ("place:T/PILOT", 6000), now)
    assert [one.arrived for one in later if one.place == "place:T/PILOT"] == [True]


def stay(ref: str, where: str, arrived: int, left: int | None) -> dict[str, Any]:
    begin = datetime(2026, 11, 22, tzinfo=UTC)
    at = [None if m is None else (begin + timedelta(minutes=m)).isoformat() for m in (arrived, left)]
    return {"ref": f"visit:{ref}/{where}/{arrived}", "data": {
        "conveyance": ref, "place": where, "arrived": at[0], "left": at[1], "duration_s": None if left is None else (left - arrived) * 60,
    }}  # fmt: skip


def test_stays_that_follow_each_other_are_one_turn() -> None:
    items = [stay("v:a", "gate", 0, 4), stay("v:a", "port", 1, 50), stay("v:a", "gate", 600, 610), stay("v:b", "berth", 0, None)]
    found = {(turn["conveyance"], turn["turn_s"], len(turn["stays"])) for turn in turns_of(items)}
    assert found == {("v:a", 3000, 2), ("v:a", 600, 1), ("v:b", None, 1)}


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 300)), min_size=1, max_size=25))
@settings(max_examples=12, deadline=None)
def test_turns_hold_every_stay_once_and_do_not_overlap(spans: list[tuple[int, int]]) -> None:
    turns = turns_of([stay("v:a", "p", begin, begin + long) for begin, long in spans])
    assert sum(len(turn["stays"]) for turn in turns) == len(spans)
    ordered = sorted(turns, key=lambda turn: turn["arrived"])
    assert all(a["left"] + timedelta(hours=6) < b["arrived"] for a, b in itertools.pairwise(ordered))


def test_density_counts_ship_minutes_and_forgets_after_half_an_hour() -> None:
    density = Density()
    for second in range(0, 600, 5):
        density.add(np.array([121.6, 121.6, 121.7]), np.array([36.0, 36.0, 36.0]), 5.0, float(second))
    assert sorted((now, minutes) for _, _, now, minutes in density.cells()) == [(1, 10.0), (2, 20.0)]
    for second in range(600, 2600, 300):
        density.add(np.zeros(0), np.zeros(0), 5.0, float(second))
    assert density.cells() == []


def test_the_area_of_a_place_holds_what_is_drawn_in_it_and_what_says_it_is_part_of_it() -> None:
    by = {one["code"]: one for one in DEMO}
    area = located.area_of(by["CNWHH/gate"], DEMO)
    assert "place:CNWHH/GATE" in area.refs
    assert "place:CNWHH/BERTH/B3" not in area.refs
    hall = located.area_of(by["CNWHH/hall"], DEMO)
    assert {"place:CNWHH/HALL/1", "place:CNWHH/HALL/1/DESK", "place:CNWHH/HALL/2"} <= hall.refs
    berth = located.area_of(by["CNWHH/berth/B3"], DEMO)
    assert berth.refs == {"place:CNWHH/BERTH/B3"}
    assert berth.covers(121.604, 36.055)
    assert not berth.covers(121.59, 36.055)
