"""The traffic picture on the running platform: simulated ships over real sockets, answers from public doors."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Any, TypeVar

import httpx
import pytest

from kouan_sim.ais import Identity, Position
from kouan_sim.feed import Station, feed
from kouan_sim.identifiers import plate
from kouan_sim.nautical import Point, moved
from kouan_sim.radar import Radar, fleet, turn
from kouan_sim.ships import Ship
from tests.conftest import Running

T = TypeVar("T")
FAR = (122.6, 35.2)
"""Waters of these tests' own, where no other test sails."""


def until(look: Callable[[], T], seconds: float = 30) -> T:
    """What a look shows at last; AssertionError when it shows nothing in time."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.3)
    return found


class Still(Ship):
    """A ship that is where she is put."""

    def __init__(self, identity: Identity, at: Point, speed: float = 0.0, course: float = 0.0, status: int = 0) -> None:
        super().__init__(identity, every=1.0)
        self.at, self.speed, self.course, self.status = at, speed, course, status

    def step(self, seconds: float) -> None:
        self.at = moved(self.at, self.course, self.speed * seconds / 3600)

    def position(self) -> Position:
        return Position(*self.at, self.speed, self.course, None, self.status)


def ports(client: httpx.Client) -> dict[str, int]:
    found: dict[str, int] = client.get("/api/health").json()["ports"]
    return found


def listens(port: int) -> bool:
    """Whether somebody is there."""
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def box(at: Point, miles: float) -> str:
    wide = miles / 60
    return f"{at[0] - 1.4 * wide},{at[1] - wide},{at[0] + 1.4 * wide},{at[1] + wide}"


@pytest.fixture(scope="module", autouse=True)
def lying(platform: Running) -> Iterator[tuple[int, Future[None]]]:
    """A ship that lies at berth B3 for 70 seconds and leaves: her number, and when all of it was sent. The others sail meanwhile."""
    mmsi = 414_996_000 + random.randrange(900)
    ship = Still(Identity(mmsi, f"SIM LIES {mmsi % 1000}", ship_type=70, bow=50, stern=20), (121.6055, 36.0551))

    ended = Event()

    async def replay(port: int) -> None:
        sending = asyncio.create_task(feed(Station([ship]), "127.0.0.1", port, factor=1.0, seconds=85))
        leaves = time.monotonic() + 70
        while not sending.done() and not ended.is_set():
            await asyncio.wait([sending], timeout=1)
            if time.monotonic() >= leaves:
                ship.speed, ship.course = 60.0, 180.0
        if sending.done():
            await sending

    with platform.client("portoffice") as client, ThreadPoolExecutor(1) as beside:
        yield mmsi, beside.submit(asyncio.run, replay(ports(client)["nmea"]))
        ended.set()


@pytest.mark.clause("H9.1.4b")
def test_ais_and_radar_of_200_ships_are_one_track_each_with_close_pairs_and_density(platform: Running) -> None:
    ships = fleet(200, FAR, random.Random(5))
    radar = Radar(FAR, ships, random.Random(6))

    async def sail(seconds: float, at: dict[str, int]) -> None:
        await asyncio.gather(
            feed(Station(ships), "127.0.0.1", at["nmea"], factor=1.0, seconds=seconds),
            turn(radar, "127.0.0.1", at["radar"], seconds),
        )

    with platform.client("maritime") as client:
        until(lambda: listens(ports(client)["radar"]))  # who watches the traffic may begin after who serves
        asyncio.run(sail(14, ports(client)))
        found = client.get("/api/traffic/tracks", params={"bbox": box(FAR, 30)}).json()["features"]
        wanted = {f"vessel:mmsi:{ship.identity.mmsi:09d}" for ship in ships}
        facts = [feature["properties"] for feature in found if feature["properties"]["ref"] in wanted]
        assert sorted(one["ref"] for one in facts) == sorted(wanted)
        assert {one["sources"] for one in facts} == {"ais+radar"}
        assert sum(one["quality"] == "both" for one in facts) >= 195
        assert all(one["simulated"] and one["name"].startswith("SIM ") and one["sigma"] < 60 for one in facts)
        pairs = client.get("/api/traffic/pairs").json()["pairs"]
        mine = [one for one in pairs if all("SIM V" in ship["name"] for ship in one["ships"])]
        assert mine
        assert all(one["cpa_nm"] <= 1 and 0 < one["tcpa_s"] <= 1800 and one["simulated"] for one in mine)
        cells = client.get("/api/traffic/density").json()["features"]
        here = [cell for cell in cells if abs(cell["geometry"]["coordinates"][0][0][0] - FAR[0]) < 0.4]
        assert sum(cell["properties"]["now"] for cell in here) >= 195
        assert sum(cell["properties"]["ship_minutes"] for cell in here) > 5
        risk = partial(warnings, client, "operations.traffic.collision_risk", "SIM V")
        for _ in range(6):  # on a busy machine the ships have to be near each other for longer before they are looked at
            if not risk():
                asyncio.run(sail(8, ports(client)))
        warned = until(risk)
        assert all(len(one["data"]["subjects"]) == 2 and one["data"]["evidence"]["cpa_nm"] < 0.2 for one in warned)
        assert client.get("/api/traffic").json()["radar"]["targets"] >= 800
    with platform.client("trader") as client:
        seen = client.get("/api/traffic/tracks", params={"bbox": box(FAR, 30)}).json()["features"]
        assert all(feature["properties"]["ref"] for feature in seen), "radar targets without a name are the authorities'"


def warnings(client: httpx.Client, alert: str, name: str) -> list[dict[str, Any]]:
    """The warnings of an alert whose message names a ship."""
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"alert": alert, "limit": 100}
    while True:
        page = client.get("/api/records/operations/alerts/warning", params=asked).json()
        found += [one for one in page["items"] if name in one["data"]["message"]["en"]]
        if page["next"] is None:
            return found
        asked["after"] = page["next"]


def set_sooner(platform: Running, client: httpx.Client, alert: str) -> None:
    """Have a word warn after 12 seconds: proposed, tried on the last minutes, approved by another."""
    setting = {"alert": alert, "values": {"minutes": 0.2}, "enabled": True, "reason": "acceptance test"}
    proposed = client.post("/api/alert-settings", json=setting)
    assert proposed.status_code == 201, proposed.text
    door, until_ = f"/api/alert-settings/{proposed.json()['id']}", datetime.now(UTC)
    span = {"since": (until_ - timedelta(minutes=2)).isoformat(), "until": until_.isoformat()}
    assert client.post(f"{door}/trial", json=span).status_code == 200
    with platform.client("maritime") as other:
        assert other.post(f"{door}/approve").status_code == 200


@pytest.mark.clause("H9.1.3h")
def test_a_small_boat_alongside_an_anchored_ship_and_a_ship_that_stays_near_are_told_to_three_agencies(platform: Running) -> None:
    at = moved(FAR, 45, 40)
    mmsi = 414_997_000 + random.randrange(0, 900, 2)
    ship = Still(Identity(mmsi, f"SIM BIG {mmsi % 1000}", ship_type=80, bow=120, stern=60), at, status=1)
    boat = Still(Identity(mmsi + 1, f"SIM SKIFF {mmsi % 1000}", ship_type=37, bow=6, stern=6), moved(at, 90, 0.02))
    near = Still(Identity(mmsi + 1000, f"SIM NEAR {mmsi % 1000}", ship_type=70, bow=80, stern=20), moved(at, 270, 0.15))

    with platform.client("portoffice") as client:
        # Two minutes by default: the port's staff may ask to be told sooner.
        for alert in ("alongside", "rendezvous"):
            set_sooner(platform, client, f"operations.traffic.{alert}")
        asyncio.run(feed(Station([ship, boat, near]), "127.0.0.1", ports(client)["nmea"], factor=1.0, seconds=45))
    for org in ("customs", "border", "maritime"):
        with platform.client(org) as client:
            (warned,) = until(partial(warnings, client, "operations.traffic.alongside", ship.identity.name))
            said = warned["data"]["message"]["en"]
            assert ship.identity.name in said
            assert boat.identity.name in said
            assert len(warned["data"]["subjects"]) == 2
            assert warned["data"]["simulated"]
            found = until(partial(warnings, client, "operations.traffic.rendezvous", near.identity.name))
            (both,) = [one["data"] for one in found if ship.identity.name in one["data"]["message"]["en"]]
            assert {len(track) for track in both["evidence"]["tracks"].values()} <= {1, 2, 3}
            assert both["evidence"]["nearest_m"] == pytest.approx(278, abs=30)


@pytest.mark.clause("H8.1.2b")
def test_a_trucks_turn_through_the_port_is_timed(platform: Running) -> None:
    number = plate(random.Random())
    way = [(121.5995, 36.0742), (121.5995, 36.0740), (121.5995, 36.0738), (121.5990, 36.0700), (121.6022, 36.0750), (121.72, 36.2)]
    with platform.client("terminal") as client:
        for lon, lat in way:
            fix = {"kind": "truck", "code": number, "at": datetime.now(UTC).isoformat(), "lon": lon, "lat": lat, "simulated": True}
            assert client.post("/api/intake/positions", json=[fix]).status_code in (200, 201)
            time.sleep(2)
        asked = {"conveyance": f"vehicle:{number}"}
        (turn_,) = until(lambda: [
            one for one in client.get("/api/traffic/turns", params=asked).json()["turns"] if one["turn_s"] is not None
        ])  # fmt: skip
        assert turn_["mover"] == "truck"
        assert 6 <= turn_["turn_s"] <= 40
        stays = {stay["place"]: stay["duration_s"] for stay in turn_["stays"]}
        assert stays["place:CNWHH/PORT"] == turn_["turn_s"]
        assert 1 <= stays["place:CNWHH/LANE/IN-1"] <= 20


@pytest.mark.clause("H8.1.2b")
@pytest.mark.clause("H7.2.4d")
def test_a_ships_stay_at_a_berth_its_time_and_what_fell_there(platform: Running, lying: tuple[int, Future[None]]) -> None:
    mmsi, sent = lying
    sent.result(120)
    ref = f"vessel:mmsi:{mmsi:09d}"
    with platform.client("portoffice") as client:
        (turn_,) = until(lambda: [
            one for one in client.get("/api/traffic/turns", params={"conveyance": ref}).json()["turns"]
            if any(stay["place"].endswith("/B3") and stay["left"] for stay in one["stays"])
        ])  # fmt: skip
        stay = next(stay for stay in turn_["stays"] if stay["place"] == "place:CNWHH/BERTH/B3")
        assert 60 <= stay["duration_s"] <= 90
        since = datetime.now(UTC) - timedelta(days=1)
        asked = {"since": since.isoformat(), "until": datetime.now(UTC).isoformat()}
        fell = client.get("/api/places/CNWHH/berth/B3/events", params=asked).json()
        assert fell["place"]["geometry"]["type"] == "Polygon"
        mine = [one for one in fell["features"] if one["properties"]["ref"] == stay["ref"]]
        assert len(mine) == 1
        assert mine[0]["geometry"]["type"] == "Point"
        earlier = {"since": (since - timedelta(days=2)).isoformat(), "until": since.isoformat()}
        assert client.get("/api/places/CNWHH/berth/B3/events", params=earlier).json()["features"] == []
        other = client.get("/api/places/CNWHH/berth/B2/events", params=asked).json()["features"]
        assert stay["ref"] not in [one["properties"]["ref"] for one in other]
        assert client.get("/api/places/CNWHH/nowhere/events").status_code == 404
