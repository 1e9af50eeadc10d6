"""What stands on the one map beside ships: a tag's track with its stays and slot, wind, head counts, devices, stations, own tiles."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from kouan_sim.ais import Talker
from kouan_sim.ais_messages import payload
from tests.conftest import ROOT, Running
from tests.journeys.browser import signed_in
from tests.journeys.test_map import SHOWN, opened, until

pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "src/kouan/app/http/static/index.html").exists(), reason="the web client is not built"),
]  # fmt: skip
PLACE = "/api/records/base/place/place"
PORT = ZoneInfo("Asia/Shanghai")
VIOLET = (0x6A, 0x3B, 0xBD)


def middles(platform: Running) -> dict[str, tuple[float, float]]:
    """The middles of places that are drawn as polygons, by the end of their code."""
    with platform.client("terminal") as client:
        places = [item["data"] for item in client.get(PLACE, params={"limit": 200}).json()["items"]]
    drawn = {place["code"].upper(): place["geometry"] for place in places if place["geometry"]["type"] == "Polygon"}
    return {
        code.partition("/")[2]: tuple(sum(p[n] for p in shape["coordinates"][0][:-1]) / (len(shape["coordinates"][0]) - 1) for n in (0, 1))
        for code, shape in drawn.items()
    }  # fmt: skip


def clock(moment: datetime) -> str:
    """The port's wall clock."""
    return moment.astimezone(PORT).strftime("%H:%M")


def pixels(page: Page, selector: str, colour: tuple[int, int, int]) -> int:
    """How many pixels of a canvas are of a colour."""
    return int(page.locator(selector).evaluate(
        """(canvas, [r, g, b]) => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
          let count = 0
          for (let at = 0; at < data.length; at += 4) {
            count += data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255
          }
          return count
        }""", list(colour)))  # fmt: skip


@pytest.mark.clause("H8.1.2a")
def test_a_tags_replayed_fixes_show_its_track_stays_and_slot_on_the_map(platform: Running) -> None:
    code, place = f"T-{secrets.token_hex(4).upper()}", middles(platform)
    berth, block, waiting = place["BERTH/B1"], place["YARD/A01"], place["WAITING"]
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=70)
    half = tuple((a + b) / 2 for a, b in zip(block, waiting, strict=True))
    way = [berth] * 16 + [block] * 31 + [half] * 2 + [waiting] * 14
    fixes = [
        {"kind": "tag", "code": code, "name": f"SIM {code}", "at": (start + timedelta(minutes=n)).isoformat(), "lon": lon, "lat": lat,
         "simulated": "true"} for n, (lon, lat) in enumerate(way)
    ]  # fmt: skip
    with platform.client("terminal") as terminal:
        assert terminal.post("/api/intake/positions", json=fixes[:-1]).json()["accepted"] == len(way) - 1
        until(lambda: len(terminal.get("/api/tracks", params={"ref": f"tag:{code}"}).json().get("points", [])), lambda n: n == len(way) - 1)
        with signed_in(platform, "terminal", "operator") as page:
            opened(page, platform, "movers")
            page.locator("[data-test=map-find]").fill(code)
            expect(page.get_by_role("list", name="查找结果")).to_contain_text(f"SIM {code}", timeout=SHOWN)
            page.locator("[data-test=map-find]").press("Enter")
            panel = page.locator(f"[data-test=track-panel][data-of='tag:{code}']")
            expect(panel.locator("[data-test=fixes]")).to_have_text(str(len(way) - 1), timeout=SHOWN)
            expect(panel.locator("[data-test=slot]")).to_have_text("待检停车区")
            stays = panel.locator("[data-test=stays] li")
            expect(stays).to_have_count(3)
            for n, (name, first, last) in enumerate((("1号泊位", 0, 15), ("A01", 16, 46), ("待检停车区", 49, 61))):
                expect(stays.nth(n)).to_contain_text(name)
                expect(stays.nth(n)).to_contain_text(f"{clock(start + timedelta(minutes=first))}–{clock(start + timedelta(minutes=last))}")
            expect(panel).to_contain_text("模拟")
            layer = page.locator(".still-layer")
            expect(layer).to_have_attribute("data-stays", "3")
            panel.get_by_role("button", name="全部轨迹").click()
            until(lambda: pixels(page, ".still-layer", VIOLET), lambda n: n > 300)
            # Its way again: at the beginning it lies at the berth, and the rest of the way is faint.
            whole = pixels(page, ".still-layer", VIOLET)
            panel.locator("[data-test=track-moment]").evaluate("e => { e.value = 0; e.dispatchEvent(new Event('input')) }")
            expect(panel.locator("[data-test=track-at]")).to_contain_text(clock(start))
            until(lambda: pixels(page, ".still-layer", VIOLET), lambda n: 0 < n < whole - 100)
            panel.get_by_role("button", name="播放").click()
            expect(panel.locator("[data-test=track-at]")).not_to_contain_text(clock(start), timeout=SHOWN)
            panel.get_by_role("button", name="暂停").click()
            # One more fix comes in elsewhere: the page follows.
            moved = {**fixes[-1], "lon": block[0], "lat": block[1]}
            assert terminal.post("/api/intake/positions", json=[moved]).json()["accepted"] == 1
            expect(panel.locator("[data-test=slot]")).to_contain_text("A01", timeout=SHOWN)
        assert terminal.get("/api/tracks", params={"ref": f"tag:{code}", "every": 600}).json()["points"].__len__() < 10


def told(platform: Running, kind: str, place: str, metrics: dict[str, tuple[str, float]]) -> str:
    """A device of the port office in use that has told readings; its code."""
    code = f"SIM-{kind[:2].upper()}-{secrets.token_hex(3).upper()}"
    body: dict[str, Any] = {
        "code": code, "name_zh": f"模拟{code}", "name_en": f"Simulated {code}", "kind": kind, "place": place, "driver": "http",
        "metrics": [{"name": name, "unit": unit} for name, (unit, _) in metrics.items()], "keep_alive_s": 600, "simulated": True,
    }  # fmt: skip
    with platform.client("portoffice") as office:
        filed = office.post("/api/records/facilities/devices/device", json=body)
        assert filed.status_code == 201, filed.text
        door = f"/api/records/facilities/devices/device/{filed.json()['item']['id']}/actions/commission"
        assert office.post(door, json={}).status_code == 200

        def heard() -> int:
            at = datetime.now(UTC).isoformat()
            rows = [{"device": code, "metric": name, "at": at, "value": value} for name, (_, value) in metrics.items()]
            assert office.post("/api/intake/readings", json=rows).status_code == 200
            return len(office.get(f"/api/devices/{code}").json()["last"])

        until(heard, lambda known: known == len(metrics))
    return code


def test_wind_head_counts_devices_and_stations_are_drawn_for_those_who_may_see_them(platform: Running) -> None:
    told(platform, "weather", "place:CNWHH/QUAY/1", {"wind_speed": ("m/s", 18.0), "wind_from": ("deg", 220.0)})
    told(platform, "head_counter", "place:CNWHH/HALL", {"inside": ("", 37.0)})
    mmsi = 994_130_000 + int(secrets.token_hex(1), 16)
    name = f"SIM BUOY {mmsi % 1000}"
    buoy = payload("21", {"mmsi": mmsi, "aid_type": 14, "name": name, "lon": round(121.60 * 600_000), "lat": round(36.0512 * 600_000)})
    base = payload("4", {"mmsi": 4_132_101, "year": 2026, "month": 11, "day": 22, "hour": 1, "lon": round(121.602 * 600_000),
                         "lat": round(36.051 * 600_000)})  # fmt: skip
    with platform.client("maritime") as client:
        lines = [line for one in (buoy, base) for line in Talker(source="SIMAID").sentences(one)]
        assert client.post("/api/intake/nmea", content="\n".join(lines)).status_code < 300
        ships = until(lambda: {ship["mmsi"]: ship for ship in client.get("/api/vessels").json()["vessels"]},
                      lambda found: str(mmsi) in found and "004132101" in found)  # fmt: skip
        assert (ships[str(mmsi)]["kind"], ships[str(mmsi)]["name"], ships["004132101"]["kind"]) == ("station", name, "station")
        found = until(lambda: client.get("/api/map/find", params={"q": name}).json()["found"], bool)
        assert (found[0]["ref"], found[0]["kind"]) == (f"station:mmsi:{mmsi}", 7)
        assert client.get("/api/tracks", params={"ref": f"station:mmsi:{mmsi}"}).json()["kind"] == "station"
    with signed_in(platform, "portoffice", "officer") as page:
        page.evaluate("sessionStorage.setItem('kouan.map', JSON.stringify({center: [121.601, 36.0535], zoom: 14}))")
        opened(page, platform, "layers")
        for layer in ("weather", "heads", "devices"):
            expect(page.locator(f"[data-layer={layer}]")).to_contain_text(re.compile("[1-9]"), timeout=SHOWN)
        expect(page.locator(".still-layer")).to_have_attribute("data-marks", re.compile("[2-9]"), timeout=SHOWN)
        until(lambda: pixels(page, ".still-layer", VIOLET), lambda n: n > 50)
        page.locator("[data-layer=weather] input").uncheck()
        page.locator("[data-layer=heads] input").uncheck()
        expect(page.locator(".still-layer")).to_be_hidden(timeout=SHOWN)
        page.locator("[data-layer=weather] input").check()
        page.locator("[data-layer=heads] input").check()
        # Tilted: cranes and hulls stand; the page stays without an error.
        page.get_by_role("button", name="立体").click()
        expect(page.get_by_role("button", name="平面")).to_be_visible(timeout=SHOWN)
    with signed_in(platform, "trader", "clerk") as page:
        opened(page, platform, "layers")
        expect(page.locator("[data-layer=devices]")).to_contain_text("暂无数据", timeout=SHOWN)
