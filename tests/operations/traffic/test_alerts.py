"""Each warning about traffic: what raises it, and what must leave it quiet."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kouan.facilities.telemetry.api import KINDS
from kouan.kernel.alerts import Raised
from kouan.operations.traffic.calls import Call, Calls
from kouan.operations.traffic.service import moment
from kouan.operations.traffic.watching import TrafficWatcher
from kouan.operations.traffic.ways import APART, KEPT
from kouan.operations.traffic.zones import zone_of
from tests.operations.traffic.sea import TRUCK, Boat, Sea, box, place

ROADS = box("zone", "t/roads", 0, 0, 40_000, 40_000)


def meeting(aside: float = 0, ship_type: int = 70) -> list[Boat]:
    return [
        Boat(414_000_001, -2500, 0, 12, 90, length=150, name="ONE"),
        Boat(414_000_002, 2500, aside, 12, 270, length=150, name="TWO", ship_type=ship_type),
    ]  # fmt: skip


def test_two_ships_that_meet_are_warned_of_both_named() -> None:
    sea = Sea(meeting())
    sea.run(30)
    (raised,) = sea.warn("collision_risk")
    assert "ONE (414000001)" in raised.message.en
    assert "TWO (414000002)" in raised.message.zh
    assert raised.subjects == ("vessel:mmsi:414000001", "vessel:mmsi:414000002")
    assert raised.value is not None
    assert raised.value < 0.05
    left = 5000 / (24 * 1852 / 3600) - 30
    assert raised.evidence["tcpa_s"] == pytest.approx(left, rel=0.05)
    assert raised.simulated
    sea.run(250, 5)
    (raised,) = sea.warn("collision_risk")
    assert raised.severity == "serious"
    for ship in raised.evidence["ships"]:  # each with her way, which ends where she is
        at, lon, lat = zip(*ship["way"], strict=True)
        assert len(at) == KEPT
        assert all((later - earlier) * 1000 >= APART for earlier, later in pairwise(at))
        assert (lon[-1], lat[-1]) == pytest.approx((ship["lon"], ship["lat"]), abs=0.002)
        assert abs(lon[-1] - lon[0]) > 0.01


@pytest.mark.parametrize(
    "boats",
    [
        pytest.param(meeting(aside=900), id="they pass far off"),
        pytest.param(meeting(ship_type=52), id="one is a tug"),
        pytest.param([Boat(1, -9000, 0, 3, 90), Boat(2, 9000, 0, 3, 270)], id="far in time"),
        pytest.param([Boat(1, 0, 0, 12, 90, length=100), Boat(2, 0, 90, 12, 90, length=100)], id="side by side"),
        pytest.param([Boat(1, 0, 0, 12, 270), Boat(2, 2000, 0, 12, 90)], id="they part"),
        pytest.param([Boat(1, 0, 0, 0.2, 0, status=1), Boat(2, 400, 0, 0.2, 0, status=1)], id="both lie at anchor"),
        pytest.param([Boat(1, -300, 0, 8, 90, kind=TRUCK), Boat(2, 300, 0, 8, 270, kind=TRUCK)], id="they are trucks"),
    ],
)
def test_no_risk_of_collision(boats: list[Boat]) -> None:
    sea = Sea(boats)
    sea.run(30)
    assert sea.warn("collision_risk") == []


def test_ships_at_berth_and_ships_that_meet_in_a_fairway_are_no_risk() -> None:
    berth = Sea([Boat(1, 0, 0, 0, 0, length=200), Boat(2, -800, 150, 4, 90)], [box("berth", "t/b", 0, 0, 400, 200)])
    berth.run(30)
    assert berth.warn("collision_risk") == []
    lane = Sea(meeting(aside=180), [box("fairway", "t/f", 0, 0, 9000, 600)])
    lane.run(30)
    assert lane.warn("collision_risk") == []
    assert len(lane.warn("collision_risk", fairway_cpa_nm=0.2)) == 1


def alongside(boat: Boat, seconds: int = 220, anchored: bool = True) -> Sea:
    ship = Boat(414_000_001, 0, 0, 0, 0, status=1 if anchored else 0, length=180, name="BIG", ship_type=80)
    sea = Sea([ship, boat], [ROADS])
    sea.run(240, 8)
    boat.east, boat.north, boat.knots = 45, 10, 0
    sea.run(seconds, 4)
    return sea


@pytest.mark.parametrize(
    "boat", [Boat(412_000_009, 1500, 0, 10, 270, length=12, name="SKIFF", ship_type=37), Boat(0, 1500, 0, 10, 270, plot=44)]
)
def test_a_small_boat_alongside_an_anchored_ship_names_both_and_goes_to_three_agencies(boat: Boat) -> None:
    sea = alongside(boat)
    (raised,) = sea.warn("alongside")
    other = "SKIFF (412000009)" if boat.mmsi else "R"
    assert "BIG (414000001)" in raised.message.en
    assert other in raised.message.en
    assert set(raised.orgs) == {"customs", "border", "maritime"}
    assert raised.subjects[0] == "vessel:mmsi:414000001"
    assert len(raised.evidence["ships"]) == 2
    assert raised.severity is None


@pytest.mark.parametrize(
    ("boat", "seconds"),
    [
        pytest.param(Boat(412_000_009, 1500, 0, 10, 270, length=20, ship_type=50), 220, id="a pilot boat at work"),
        pytest.param(Boat(412_000_009, 1500, 0, 10, 270, length=20, ship_type=55), 220, id="a patrol"),
        pytest.param(Boat(412_000_009, 1500, 0, 10, 270, length=20), 60, id="not for long"),
    ],
)
def test_no_unannounced_contact(boat: Boat, seconds: int) -> None:
    assert alongside(boat, seconds).warn("alongside") == []


def test_ships_side_by_side_at_a_berth_are_no_contact() -> None:
    sea = Sea([Boat(1, 0, 0, length=180), Boat(2, 40, 0, length=40)], [box("berth", "t/b", 0, 0, 400, 200), ROADS])
    sea.run(300, 10)
    assert sea.warn("alongside") == []


def met(sea: Sea, minutes: int) -> list[Raised]:
    """What is raised of meetings after some minutes in which it was asked every half minute."""
    found: list[Raised] = []
    for _ in range(2 * minutes):
        sea.run(30, 15)
        found = sea.warn("rendezvous")
    return found


@pytest.mark.parametrize("other", [Boat(414_000_002, 0, 300, 0.5, 90, name="TWO"), Boat(0, 0, 300, 0.5, 90, plot=44)])
def test_two_ships_that_stay_slow_beside_each_other_are_told_with_both_tracks(other: Boat) -> None:
    sea = Sea([Boat(414_000_001, 0, 0, 0.5, 90, length=120, name="ONE"), other], [ROADS])
    assert met(sea, 26) == [], "not for long"
    (raised,) = met(sea, 8)
    assert "ONE (414000001)" in raised.message.en
    assert raised.value == pytest.approx(34, abs=2)
    assert raised.evidence["nearest_m"] == pytest.approx(290, abs=40)
    assert len(raised.evidence["ships"]) == len(raised.evidence["tracks"]) == 2
    assert all(len(track) > 60 for track in raised.evidence["tracks"].values())
    assert set(raised.orgs) == {"customs", "border", "maritime"}
    assert raised.simulated
    other.knots, other.course = 8, 0
    assert met(sea, 5) == [], "they have parted"


def test_ships_that_pass_or_lie_or_work_beside_each_other_have_no_rendezvous() -> None:
    zones = [ROADS, box("berth", "t/b", 3000, 0, 600, 600), box("anchorage", "t/a", -6000, 0, 2000, 2000)]
    sea = Sea([
        Boat(1, -9000, -9000, 5, 90), Boat(2, -9000, -8800, 5, 90),  # in company, not slow
        Boat(3, 0, 9000, 0, 0), Boat(4, -600, 9200, 1.9, 90),  # one passes slowly
        Boat(5, 3000, 0, 0, 0), Boat(6, 3000, 200, 0, 0), Boat(7, -6000, 0, 0, 0, status=1), Boat(8, -6000, 300, 0, 0, status=1),
        Boat(9, 0, -4000, 0.5, 90), Boat(10, 0, -3800, 0.5, 90, ship_type=52), Boat(11, 0, -4200, 0.5, 90, ship_type=50),
        Boat(12, 9000, 0, 0.5, 90), Boat(13, 9000, 1200, 0.5, 90),  # far apart
        Boat(14, 9000, 9000, 1, 90, status=7), Boat(15, 9000, 9200, 1, 90, status=7),  # they fish
    ], zones)  # fmt: skip
    assert met(sea, 45) == []


def test_a_ship_that_falls_silent_beside_another_stays_there_no_longer_than_she_said() -> None:
    sea = Sea([Boat(1, 0, 0, 0.5, 90), Boat(2, 0, 300, 0.5, 90)], [ROADS])
    assert met(sea, 20) == []
    sea.boats[1].silent = True
    assert met(sea, 15) == []


def test_a_ship_that_falls_silent_is_missed_more_so_while_radar_sees_her() -> None:
    dark, seen, other = Boat(414_000_001, 0, 0, 8, 90), Boat(414_000_002, 0, 5000, 8, 90, plot=9), Boat(414_000_003, 0, 9000, 8, 90)
    sea = Sea([dark, seen, other], [ROADS])
    sea.run(60)
    dark.silent = seen.silent = True
    sea.run(700, 10)
    found = {raised.key: raised for raised in sea.warn("ais_gap")}
    assert set(found) == {"414000001", "414000002"}
    assert found["414000002"].severity == "serious"
    assert found["414000001"].severity is None
    other.silent = True
    sea.run(120, 10)
    assert sea.warn("ais_gap") == [], "the whole feed is silent: no ship is blamed"


def test_who_lies_or_leaves_watched_waters_is_not_missed() -> None:
    sea = Sea([Boat(1, 0, 0, 0), Boat(2, 0, 90_000, 12, 0), Boat(3, 0, 300, 8, 90)], [ROADS])
    sea.run(60)
    sea.boats[0].silent = sea.boats[1].silent = True
    sea.run(700, 10)
    assert sea.warn("ais_gap") == []


def test_an_impossible_jump_is_told_with_both_positions() -> None:
    sea = Sea([Boat(414_000_001, 0, 0, 10, 90, name="LIAR"), Boat(414_000_002, 0, 900, 10, 90)], [ROADS])
    sea.run(20)
    sea.boats[0].east += 30_000
    sea.boats[1].east += 300
    sea.run(4)
    (raised,) = sea.warn("impossible_jump")
    assert "LIAR" in raised.message.en
    assert raised.value == pytest.approx(30_000 / 1852, rel=0.02)
    assert len(raised.evidence["before"]) == 2


@pytest.mark.parametrize(
    ("imo", "call", "what"),
    [
        (9_321_484, None, "check"),
        (9_321_483, Call("portcall:x", "vessel:imo:9074729", "414000001", "X", moment(0)), "call"),
        (9_321_483, Call("portcall:x", "vessel:imo:9321483", "414000077", "X", moment(0)), "call"),
        (9_321_483, Call("portcall:x", "vessel:imo:9321483", "414000001", "X", moment(0)), None),
        (0, None, None),
    ],
)
def test_identities_that_do_not_agree(imo: int, call: Call | None, what: str | None) -> None:
    sea = Sea([Boat(414_000_001, 0, 0, 10, 90, imo=imo)], [ROADS])
    sea.run(10)
    watcher = TrafficWatcher()
    if call:
        watcher.calls = Calls({call.mmsi: call}, {call.imo: call})
    assert [raised.evidence["what"] for raised in sea.warn("wrong_identity", watcher)] == ([what] if what else [])


def test_a_ship_that_changes_her_imo_number() -> None:
    sea = Sea([Boat(414_000_001, 0, 0, 10, 90, imo=9_321_483)], [ROADS])
    sea.run(10)
    sea.boats[0].imo = 9_074_729
    sea.run(10)
    assert [raised.evidence["what"] for raised in sea.warn("wrong_identity")] == ["change"]


def test_loitering_outside_anchorages_only() -> None:
    zones = [ROADS, box("anchorage", "t/a", 9000, 0, 2000, 2000)]
    sea = Sea([
        Boat(1, 0, 0, 0.5, 90), Boat(2, 9000, 0, 0, 0, status=1), Boat(3, 0, 5000, 0.5, 90, ship_type=52), Boat(4, 0, 9000, 8, 90),
        Boat(5, -9000, 0, 0.5, 90, status=7),
    ], zones)  # fmt: skip
    sea.run(3660, 60)
    assert [raised.key for raised in sea.warn("loitering")] == ["000000001"]
    assert sea.warn("loitering", minutes=90) == []


def test_who_is_new_has_stayed_since_the_look_that_found_it() -> None:
    new, sails = Boat(414_000_001, 0, 0, 1, 90, length=100), Boat(414_000_002, 5000, 0, 9, 90, length=100)
    sea = Sea([new, sails])
    sea.run(2)
    seen = sea.traffic.seen
    assert len(seen) == 2
    assert seen.hover_at.tolist() == seen.at.tolist(), "nobody stays since 1970"
    assert sea.warn("loitering", minutes=30) == []
    sea.run(600)
    stayed = (sea.traffic.seen.at - sea.traffic.seen.hover_at) / 60e6
    assert stayed.max() == pytest.approx(10, abs=0.2)
    assert stayed.min() < 5, "who has sailed half a mile begins anew"


def test_an_anchor_that_drags_and_one_that_holds() -> None:
    zones = [box("anchorage", "t/a", 0, 0, 4000, 4000)]
    drags, holds = Boat(414_000_001, 0, 0, 0, 90, status=1, length=150), Boat(414_000_002, 1000, 0, 0, 0, status=1, length=150)
    sea = Sea([drags, holds], zones)
    sea.run(400, 10)
    holds.east += 200
    drags.knots = 1.2
    sea.run(400, 10)
    assert sea.warn("dragging") == []
    sea.run(400, 10)
    (raised,) = sea.warn("dragging")
    assert raised.key == "414000001"
    assert raised.value is not None
    assert raised.threshold == 400
    assert raised.value > 400
    drags.status, drags.knots = 0, 9
    sea.run(60, 10)
    assert sea.warn("dragging") == [], "she has weighed anchor"


def test_entry_into_a_restricted_area() -> None:
    sea = Sea([Boat(414_000_001, -1000, 0, 10, 90), Boat(0, -1000, 370, 10, 90, plot=4), Boat(7, -1000, -370, 10, 90, ship_type=55)],
              [box("restricted_area", "t/r", 0, 0, 800, 800)])  # fmt: skip
    sea.run(60, 4)
    assert sea.warn("restricted_entry") == []
    sea.run(100, 4)
    found = sea.warn("restricted_entry")
    assert {raised.key[0] for raised in found} == {"4", "R"}
    assert all("place:T/R" in raised.subjects for raised in found)
    sea.run(240, 10)
    assert sea.warn("restricted_entry") == []


def test_a_vehicle_in_a_restricted_area_is_named_as_one_and_the_ports_machines_work_there() -> None:
    truck, machine = Boat(5, -1000, 0, 10, 90, kind=TRUCK), Boat(6, -1000, 50, 10, 90, kind=KINDS.index("equipment"))
    sea = Sea([truck, machine], [box("restricted_area", "t/r", 0, 0, 800, 800)])
    sea.traffic.plates[TRUCK << 56 | 5], sea.traffic.refs[TRUCK << 56 | 5] = "鲁B12345", "vehicle:鲁B12345"
    sea.run(160, 4)
    (raised,) = sea.warn("restricted_entry")
    assert (raised.key, raised.subjects) == ("truck5@t/r", ("vehicle:鲁B12345", "place:T/R"))
    assert raised.evidence["ships"][0]["name"] == "鲁B12345"


def test_speed_and_direction_in_a_fairway() -> None:
    lane = box("fairway", "t/f", 0, 0, 30_000, 4000, speed_limit_kn=12)
    sea = Sea([Boat(1, 0, 0, 15, 90), Boat(2, 0, 300, 12.5, 90), Boat(3, 0, 3000, 20, 90)], [lane])
    sea.run(10)
    assert sea.warn("speeding") == []
    sea.run(40)
    assert [raised.key for raised in sea.warn("speeding")] == ["000000001@t/f"]


def test_against_the_direction_of_a_fairway() -> None:
    line = {"type": "LineString", "coordinates": [list(place(-9000, 0)), list(place(9000, 0))]}
    doc = {"code": "t/w", "kind": "fairway", "name_zh": "航道", "name_en": "Fairway", "geometry": line, "width_m": 800}
    boats = [Boat(1, 0, 0, 10, 90), Boat(2, 0, 200, 10, 270), Boat(3, 0, -200, 1, 270)]
    for direction, wrong in (("along", ["000000002@t/w"]), ("against", ["000000001@t/w"]), (None, [])):
        zone = zone_of({**doc, "direction": direction})
        assert zone is not None
        sea = Sea([Boat(b.mmsi, b.east, b.north, b.knots, b.course) for b in boats], [zone])
        sea.run(10)
        assert sea.warn("wrong_way") == []
        sea.run(40)
        assert [raised.key for raised in sea.warn("wrong_way")] == wrong
