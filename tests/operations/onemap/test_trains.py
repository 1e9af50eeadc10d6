"""A train on its rails: its receiver tells by NMEA, and it moves on the map under its own number, marked as simulated."""

from __future__ import annotations

import asyncio
import json
import secrets
import time

import shapely  # type: ignore[import-untyped]  # the package states no types

from kouan.app.demo import geometry
from kouan_sim.doors import Door
from kouan_sim.trains import RAILS, Train
from tests.conftest import Running
from tests.operations.onemap.test_live_map import positions, socket

VIEW = {"view": [121.55, 36.03, 121.65, 36.08]}


def test_the_rails_of_the_demo_lie_on_land_and_in_no_restricted_area() -> None:
    rails = shapely.LineString(RAILS)
    drawn = {place["code"].partition("/")[2]: shapely.geometry.shape(place["geometry"]) for place in geometry.places()}
    (land,) = (shapely.geometry.shape(place["geometry"]) for place in geometry.places() if place["kind"] == "land")
    assert land.covers(rails)
    assert not [name for name, area in drawn.items() if name.startswith(("restricted", "yard", "berth", "bay")) and rails.intersects(area)]


def test_a_train_moves_on_the_map(platform: Running) -> None:
    mark = secrets.token_hex(3).upper()
    train, ref = Train(f"DF-{mark}", f"SIM-L{mark}", speed=30.0), f"train:DF-{mark}"
    run = secrets.randbelow(40)

    async def enrol() -> None:
        async with Door(platform.url, platform.token("terminal")) as door:
            await train.enrol(door)

    asyncio.run(enrol())
    with platform.client("portoffice") as office:
        port = office.get("/api/health").json()["ports"]["gnss"]

        def found() -> dict[str, object] | None:
            """It as it moves on the map; what is known of one that is not there (no slot) is found too."""
            shown = office.get("/api/map/find", params={"q": f"DF-{mark}"}).json()["found"]
            return next((one for one in shown if one["ref"] == ref and one.get("slot") is not None), None)

        limit = time.monotonic() + 60
        while (first := found()) is None:
            assert time.monotonic() < limit, "the train does not come"
            asyncio.run(train.tell([run], "127.0.0.1", port))
            time.sleep(0.5)
        assert first["simulated"] is True
    with platform.client("portoffice") as office, socket(platform) as line:
        line.send(json.dumps({"token": platform.token("portoffice")}))
        line.send(json.dumps(VIEW))
        # Who looks on reads all the while: a viewer that does not is taken off the line.
        began, seen = time.monotonic(), list[float]()
        while not seen or max(seen) - min(seen) < 0.0005:
            assert time.monotonic() < began + 90, f"the train stands still for who looks on: {seen}"
            asyncio.run(train.tell([run + time.monotonic() - began], "127.0.0.1", port))
            seen += [lon for slot, lon in positions(line, 0.5) if slot == first["slot"]]
        west, east = min(lon for lon, _ in RAILS), max(lon for lon, _ in RAILS)
        assert all(west - 0.001 <= lon <= east + 0.001 for lon in seen)

        def tracked() -> list[bool]:
            features = office.get("/api/traffic/tracks", params={"bbox": "121.55,36.03,121.65,36.08"}).json()["features"]
            return [one["properties"]["simulated"] for one in features if one["properties"]["ref"] == ref]

        while not (mine := tracked()):
            assert time.monotonic() < began + 120, "no track is told of the train"
            asyncio.run(train.tell([run + time.monotonic() - began], "127.0.0.1", port))
            time.sleep(0.5)
        assert mine == [True]
        track = office.get("/api/tracks", params={"ref": ref}).json()
        assert (track["kind"], track["simulated"]) == ("train", True)
