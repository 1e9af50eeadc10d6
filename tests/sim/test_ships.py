"""Simulated ships: routes, speed profile, consistency of course and place, and the feed over real TCP."""

from __future__ import annotations

import asyncio
import itertools
import random

import pyais
import pytest

from kouan_sim.ais import AT_ANCHOR, MOORED, UNDER_WAY
from kouan_sim.feed import Station, feed
from kouan_sim.nautical import Chart, Route, bearing, distance, inside, moved
from kouan_sim.ships import MAIN_SHIP, background, main_ship

BERTH = (121.600, 36.052)


def turned(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


@pytest.mark.parametrize(("course", "miles"), [(0.0, 5.0), (90.0, 3.0), (225.0, 8.0), (359.0, 0.5)])
def test_moving_off_and_measuring_agree(course: float, miles: float) -> None:
    start = (121.7, 36.0)
    end = moved(start, course, miles)
    assert distance(start, end) == pytest.approx(miles, rel=1e-3)
    assert turned(bearing(start, end), course) < 0.2


def test_a_degree_of_latitude_has_sixty_miles() -> None:
    assert distance((121.0, 35.0), (121.0, 36.0)) == pytest.approx(60.0)


def test_a_route_is_walked_at_its_length() -> None:
    route = Chart.fallback().fairway
    assert route.length == pytest.approx(10.5, abs=0.5)
    assert route.at(0) == (121.75, 35.93)
    assert route.at(99) == BERTH
    steps = [route.at(route.length * n / 500) for n in range(501)]
    walked = sum(distance(a, b) for a, b in itertools.pairwise(steps))
    assert walked == pytest.approx(route.length, rel=1e-3)


def test_a_route_needs_two_places() -> None:
    with pytest.raises(ValueError, match="two different points"):
        Route([(121.0, 36.0), (121.0, 36.0)])


def test_the_ship_approaches_slows_down_and_moors() -> None:
    ship = main_ship(Chart.fallback(), once=True)
    assert distance(ship.position().lon_lat, BERTH) > 8
    speeds, before = [], ship.position()
    for _ in range(600):
        ship.step(20.0)
        now = ship.position()
        if now.status == UNDER_WAY:
            gone = distance(before.lon_lat, now.lon_lat)
            assert now.speed is not None
            assert gone <= max(now.speed, before.speed or 0) * 20 / 3600 * 1.35 + 0.001
            if gone > 0.02:
                assert now.course is not None
                assert turned(bearing(before.lon_lat, now.lon_lat), now.course) < 25
            speeds.append(now.speed)
        before = now
    assert max(speeds) == pytest.approx(12.0)
    assert speeds[-1] < 2.5
    end = ship.position()
    assert (end.status, end.speed) == (MOORED, 0.0)
    assert distance(end.lon_lat, BERTH) < 0.01
    ship.step(48 * 3600)
    assert ship.state == "moored"


@pytest.mark.parametrize(("quay", "heading"), [(90.0, 90), (270.0, 90), (0.0, 0), (180.0, 0), (None, 45)])
def test_a_moored_ship_lies_along_the_quay(quay: float | None, heading: int) -> None:
    sea = moved(BERTH, 225.0, 4.0)
    ship = main_ship(Chart.around(Route([sea, BERTH]), quay=quay), once=True)
    ship.step(5 * 3600)
    assert ship.position().heading == heading


def test_a_looping_ship_comes_again_as_a_new_voyage() -> None:
    ship = main_ship(Chart.fallback())
    states: list[str] = []
    for _ in range(1500):
        ship.step(20.0)
        if not states or states[-1] != ship.state:
            states.append(ship.state)
    assert states[:5] == ["approaching", "moored", "departing", "away", "approaching"]
    assert ship.voyages == 2


def test_movement_is_visible_within_twenty_real_seconds() -> None:
    ship = main_ship(Chart.fallback())
    start = ship.position().lon_lat
    for _ in range(40):
        ship.step(0.5 * 20)
    assert distance(start, ship.position().lon_lat) > 0.5


def test_the_background_is_a_dozen_ships_that_say_they_are_simulated() -> None:
    chart = Chart.fallback()
    ships = background(chart, random.Random(7))
    assert len(ships) == 12
    assert len({ship.identity.mmsi for ship in ships} | {MAIN_SHIP.mmsi}) == 13
    assert all(ship.identity.name.startswith("SIM ") for ship in ships)
    assert {ship.kind for ship in ships} == {"A", "B", "long-range"}
    assert {50, 52} <= {ship.identity.ship_type for ship in ships}
    for _ in range(300):
        for ship in ships:
            ship.step(60)
    anchored = [ship.position() for ship in ships if ship.position().status == AT_ANCHOR]
    assert len(anchored) == 4
    assert all(distance(place.lon_lat, chart.fairway.at(0)) < 12 for place in anchored)


def test_the_chart_is_read_from_the_ports_places() -> None:
    ring = [[121.70, 35.90], [121.74, 35.90], [121.74, 35.88], [121.70, 35.88], [121.70, 35.90]]
    chart = Chart.from_geojson(
        {
            "type": "FeatureCollection",
            "features": [
                feature("berth", "Point", [121.6, 36.05]),
                feature("fairway", "LineString", [[121.8, 35.9], [121.61, 36.05]]),
                feature("anchorage", "Polygon", [ring]),
                feature("pilot_station", "Point", [121.79, 35.91]),
                feature("quay", "Polygon", [[[121.58, 36.055], [121.62, 36.055], [121.62, 36.056], [121.58, 36.056]]]),
                {"type": "Feature", "properties": {"kind": "land"}, "geometry": None},
            ],
        }
    )
    assert chart.fairway.points == ((121.8, 35.9), (121.61, 36.05))
    assert chart.pilots == (121.79, 35.91)
    assert chart.quay in (pytest.approx(90.0, abs=0.1), pytest.approx(270.0, abs=0.1))
    assert all(inside(chart.anchor_place(random.Random(n)), chart.anchorage) for n in range(20))


@pytest.mark.parametrize("places", [{}, {"features": [{"properties": {"kind": "berth"}, "geometry": None}]}])
def test_a_port_without_a_fairway_gets_the_built_in_line(places: dict[str, object]) -> None:
    assert Chart.from_geojson(places).fairway.points[-1] == BERTH


def feature(kind: str, shape: str, coordinates: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"kind": kind},
        "geometry": {"type": shape, "coordinates": coordinates},
    }


async def test_the_feed_reconnects_and_tells_everything_again() -> None:
    heard: list[list[bytes]] = []
    second = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines: list[bytes] = []
        heard.append(lines)
        lines.extend([await reader.readline() for _ in range(6)])
        if len(heard) == 2:
            second.set()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    chart = Chart.fallback()
    station = Station([main_ship(chart), *background(chart, random.Random(1))])
    task = asyncio.create_task(feed(station, "127.0.0.1", port, factor=20))
    try:
        await asyncio.wait_for(second.wait(), 8)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()
    for lines in heard[:2]:
        messages = [message.decode().asdict() for message in pyais.stream.IterMessages(lines)]
        assert messages[0]["shipname"] == "SIM STAR"
        assert messages[1]["mmsi"] == MAIN_SHIP.mmsi


async def test_a_feed_ends_in_time_when_nobody_listens() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    told = await feed(Station([main_ship(Chart.fallback())]), "127.0.0.1", 9, factor=20, seconds=0.7)
    assert (told.sentences, told.connections) == (0, 0)
    assert loop.time() - began < 2
