"""The one map in a real browser: cargo goes from yard to ship, figures are those of the records, an hour is played again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from kouan_sim.ais import Position, Talker, type1
from kouan_sim.identifiers import References, container, imo_number
from tests.conftest import ROOT, Running
from tests.journeys.browser import signed_in

pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "src/kouan/app/http/static/index.html").exists(), reason="the web client is not built"),
]  # fmt: skip
CALL = "/api/records/base/portcall/port_call"
PLAN = "/api/records/operations/berth/plan"
MOVEMENT = "/api/records/operations/berth/movement"
MOVE = "/api/records/base/movement/move"
ORDER = "/api/records/base/movement/handling_order"
SHOWN = 45_000
KEPT_EVERY = 5.2
"""Seconds after which a ship's next position is kept, and shown."""
FIGURES = {
    "base.movement.move": (MOVE, "activity"), "base.portcall.port_call": (CALL, "state"),
    "base.declaration.declaration": ("/api/records/base/declaration/declaration", "state"),
    "supervision.inspection.order": ("/api/records/supervision/inspection/order", "state"),
    "operations.alerts.warning": ("/api/records/operations/alerts/warning", "state"),
}  # fmt: skip


def post(platform: Running, org: str, path: str, body: dict[str, Any], status: int = 201) -> Any:
    """File something as an organisation."""
    with platform.client(org) as client:
        answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def until(look: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """Look again until what is seen fits."""
    limit = time.monotonic() + 45
    while not fits(seen := look()):
        assert time.monotonic() < limit, seen
        time.sleep(0.2)
    return seen


class Loading:
    """A ship alongside that takes boxes, one of them straight from the gate."""

    def __init__(self, platform: Running) -> None:
        self.platform, self.refs = platform, References()
        self.now = datetime.now(UTC).replace(microsecond=0)
        chance = self.refs.chance(self.refs.next("map"))
        self.vessel = f"vessel:imo:{imo_number(chance.randrange(910_000, 999_999))}"
        self.voyage = self.refs.next("MAPV")
        self.boxes = [container("MAP", serial) for serial in chance.sample(range(1_000_000), 4)]
        self.name = f"SIM {self.voyage[-8:]}"

    def moved(self, box: str, activity: str, minutes: int, **more: Any) -> None:
        """The terminal tells a move, so many minutes ago."""
        body = {"equipment": box, "activity": activity, "at": (self.now - timedelta(minutes=minutes)).isoformat(), "status": "full",
                "gross_kg": 20_000, "vessel": self.vessel, "voyage": self.voyage, **more}  # fmt: skip
        post(self.platform, "terminal", MOVE, body)

    def alongside(self) -> str:
        """Call, berth plan and report: she lies alongside."""
        eta = self.now + timedelta(days=2000 + self.refs.chance("eta").randrange(3000))
        item = post(self.platform, "agent", CALL, {
            "vessel": self.vessel, "ship_name": self.name, "flag": "CN", "voyage": self.voyage, "port": "CNWHH",
            "eta": eta.isoformat(), "crew_count": 20,
        })["item"]  # fmt: skip
        post(self.platform, "terminal", PLAN, {
            "call": item["ref"], "berth": "place:CNWHH/BERTH/B4", "ship_name": self.name, "planned_from": eta.isoformat(),
            "planned_to": (eta + timedelta(hours=9)).isoformat(),
        })  # fmt: skip
        post(self.platform, "terminal", MOVEMENT, {
            "call": item["ref"], "activity": "alongside", "at": self.now.isoformat(), "place": "place:CNWHH/BERTH/B4"})  # fmt: skip
        return str(item["ref"])

    def ordered(self) -> None:
        """The carrier orders four boxes to be loaded."""
        units = [{"equipment": box} for box in self.boxes]
        post(self.platform, "carrier", ORDER, {
            "number": self.refs.next("HO"), "task": "load", "units": units, "vessel": self.vessel, "voyage": self.voyage})  # fmt: skip

    def depart(self, call: str) -> None:
        """She leaves the berth to others."""
        post(self.platform, "terminal", MOVEMENT, {"call": call, "activity": "departed", "at": datetime.now(UTC).isoformat()})


def work(platform: Running, call: str) -> Any:
    """The ship's cargo as the map's door tells it."""
    with platform.client("customs") as client:
        ships = client.get("/api/map/ships").json()["ships"]
    return next((one for one in ships if one["call"] == call), None)


def opened(page: Page, platform: Running, tab: str) -> None:
    """The map page at one of its tabs."""
    page.goto(f"{platform.url}/operations/onemap", wait_until="domcontentloaded")
    expect(page.locator("[data-test=map-status]")).to_contain_text(re.compile("实时|滞后"), timeout=SHOWN)
    page.locator(f"#tab-{tab}").dispatch_event("click")


@pytest.mark.clause("W06")
def test_direct_loading_moves_amounts_from_yard_to_ship(platform: Running) -> None:
    ship = Loading(platform)
    call = ship.alongside()
    ship.ordered()
    for box in ship.boxes[:3]:
        ship.moved(box, "gate-in", 60)
    for box in ship.boxes[:2]:
        ship.moved(box, "stack", 50, position="A01")
    seen = until(lambda: work(platform, call), lambda w: bool(w and w["stop"] == "alongside" and w["load"]["ashore"] == 3))
    assert (seen["berth"], seen["load"]["total"], seen["load"]["percent"]) == ("place:CNWHH/BERTH/B4", 4, 0.0)
    with signed_in(platform, "customs", "officer") as page:
        opened(page, platform, "cargo")
        card = page.locator(f"[data-test=cargo-panel] [data-call='{call}']")
        expect(card).to_contain_text("4号泊位", timeout=SHOWN)
        expect(card.locator("[data-test=amounts]")).to_have_text("场内 3 箱 60.0 吨 → 船上 0 箱 0.0 吨，应装 4 箱")
        mark = page.locator(f".berth-mark[data-call='{call}']")
        expect(mark).to_contain_text("装 0/4（0%）", timeout=SHOWN)
        ship.moved(ship.boxes[2], "load", 30)  # straight from the gate
        expect(card.locator("[data-test=percent]")).to_have_text("25%", timeout=SHOWN)
        expect(card.locator("[data-test=amounts]")).to_have_text("场内 2 箱 40.0 吨 → 船上 1 箱 20.0 吨，应装 4 箱")
        expect(card.locator("[data-test=direct]")).to_have_text("其中直装 1 箱（未落场）")
        ship.moved(ship.boxes[0], "load", 20)
        expect(card.locator("[data-test=percent]")).to_have_text("50%", timeout=SHOWN)
        expect(mark).to_contain_text("装 2/4（50%）", timeout=SHOWN)
        shown = mark.bounding_box()
        assert shown is not None
        assert shown["width"] < 300, "it stays a mark at the berth when it is filled anew"
        expect(card.locator("[data-test=direct]")).to_have_text("其中直装 1 箱（未落场）")
    ship.depart(call)


@pytest.mark.clause("H8.4.1b")
def test_figures_move_with_the_port_and_are_those_of_the_records(platform: Running) -> None:
    ship = Loading(platform)
    with signed_in(platform, "customs", "officer") as page:
        opened(page, platform, "figures")
        shown = page.locator("[data-test=figure-panel] [data-record='base.movement.move'] [data-part='gate-in']")
        flow = page.locator("[data-test=figure-panel] [data-record='base.movement.move'] [data-test=total]")
        expect(flow).to_be_visible(timeout=SHOWN)
        before = int(shown.inner_text()) if shown.count() else 0
        for box in ship.boxes:
            ship.moved(box, "gate-in", 0)
        until(lambda: int(shown.inner_text()) if shown.count() else 0, lambda n: n >= before + 4)
    with platform.client("customs") as client:
        told = client.get("/api/map/figures").json()
        figures = {figure["record"]: figure for group in told["groups"] for figure in group["figures"]}
        assert {group["code"] for group in told["groups"] if group["figures"]} == {"clearance", "flow", "warning", "handling"}
        for record, (door, by) in FIGURES.items():
            until(partial(_differs, client, record, door, by), lambda wrong: not wrong)
        assert figures["base.movement.move"]["parts"]


def _differs(client: Any, record: str, door: str, by: str) -> list[str]:
    """Where a figure is not the count of the records that the list shows; others file beside us, so it is asked again."""
    told = client.get("/api/map/figures").json()
    figure = next(one for group in told["groups"] for one in group["figures"] if one["record"] == record)
    since, counts, after = datetime.fromisoformat(told["since"]), dict[str, int](), ""
    while True:
        page = client.get(door, params={"limit": 200, **({"after": after} if after else {})}).json()
        for item in page["items"]:
            at = datetime.fromisoformat(item["data"]["at"] if figure["at"] else item["filed_at"])
            value = item["state"] if by == "state" else item["data"][by]
            counts[value] = counts.get(value, 0) + (at >= since)
        after = page["next"] or ""
        if not after:
            break
    counted = {part["value"]: part["count"] for part in figure["parts"]}
    wanted = {value: count for value, count in counts.items() if count}
    return [] if counted == wanted else [f"{record}: {counted} for {wanted}"]


def test_an_hour_of_the_past_is_played_again(platform: Running) -> None:
    mmsi = 413_000_000 + References().chance("past").randrange(1000, 999_999)
    with platform.client("maritime") as client:
        for pause, lon in ((0.0, 121.640), (KEPT_EVERY, 121.642)):
            time.sleep(pause)
            payload = type1(mmsi, Position(lon, 36.085, speed=10.0, course=90.0, heading=90))
            assert client.post("/api/intake/nmea", content="\n".join(Talker().sentences(payload))).status_code < 300
        now = datetime.now(UTC)
        span = {"since": (now - timedelta(minutes=50)).isoformat(), "until": (now + timedelta(seconds=5)).isoformat()}
        query = {**span, "bbox": "121.63,36.08,121.65,36.09"}
        past = until(lambda: client.get("/api/map/past", params=query).json(), lambda told: len(told["lon"]) >= 2)
        [ship] = past["objects"]
        assert ship[1] == f"vessel:mmsi:{mmsi}"
        assert past["lon"] == [121.64, 121.642]
        assert past["at_s"] == sorted(past["at_s"])
        assert client.get("/api/map/past", params={**query, "until": query["since"]}).status_code == 422
        assert client.get("/api/map/past", params={**query, "bbox": "here"}).status_code == 422
    with signed_in(platform, "maritime", "officer") as page:
        page.evaluate("""sessionStorage.setItem('kouan.map', JSON.stringify({center: [121.641, 36.085], zoom: 14}))""")
        opened(page, platform, "movers")
        page.keyboard.press("r")
        bar = page.locator("[data-test=time-bar]")
        expect(bar).to_contain_text(re.compile(r"[1-9]\d* 个目标"), timeout=SHOWN)
        expect(page.locator("[data-test=map-status]")).to_contain_text("回放")
        bar.locator("input[type=range]").evaluate("e => { e.value = 1000; e.dispatchEvent(new Event('input')) }")
        expect(page.locator(".live-layer")).to_have_attribute("data-drawn", re.compile("[1-9]"), timeout=SHOWN)
        played(page, bar)
        page.keyboard.press("r")
        expect(page.locator("[data-test=map-status]")).to_contain_text(re.compile("实时|滞后"), timeout=SHOWN)
        followed(page, platform, mmsi)


def played(page: Page, bar: Locator) -> None:
    """Any speed, and a pause; what lies beyond the view is read on a pan; what is not kept is not drawn and said so."""
    slider = bar.locator("input[type=range]")
    slider.evaluate("e => { e.value = 100; e.dispatchEvent(new Event('input')) }")
    bar.locator("[data-test=speed]").fill("37")
    bar.locator("[data-test=play]").click()
    until(lambda: float(slider.input_value()), lambda share: share > 103)
    bar.locator("[data-test=play]").click()
    paused = float(slider.input_value())
    page.locator("#tab-layers").dispatch_event("click")
    expect(page.locator("[data-layer=devices] .state")).to_have_text("过去的不保留", timeout=SHOWN)
    expect(page.locator("[data-layer=warnings] .state")).to_have_text(re.compile(r"暂无数据|\d+"), timeout=SHOWN)
    with page.expect_request(re.compile("/api/map/past"), timeout=SHOWN) as asked:
        for _ in range(4):
            page.mouse.move(700, 300)
            page.mouse.down()
            page.mouse.move(400, 300, steps=6)
            page.mouse.up()
            page.wait_for_timeout(300)
    assert "bbox=" in asked.value.url
    assert float(slider.input_value()) == pytest.approx(paused, abs=1), "the moment stays"


def followed(page: Page, platform: Running, mmsi: int) -> None:
    """The map goes with a ship that is followed."""
    page.locator("#tab-movers").dispatch_event("click")
    page.locator("[data-test=map-find]").fill(str(mmsi))
    expect(page.get_by_role("list", name="查找结果")).to_contain_text(str(mmsi), timeout=SHOWN)
    page.locator("[data-test=map-find]").press("Enter")
    expect(page.get_by_role("button", name="跟随")).to_be_visible(timeout=SHOWN)
    page.locator("h1").first.evaluate("() => document.activeElement?.blur()")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="停止跟随")).to_be_visible(timeout=SHOWN)
    with platform.client("maritime") as client:
        for pause, east in ((0.0, 121.650), (KEPT_EVERY, 121.654)):
            page.wait_for_timeout(1000 * pause)
            payload = type1(mmsi, Position(east, 36.085, speed=10.0, course=90.0, heading=90))
            assert client.post("/api/intake/nmea", content="\n".join(Talker().sentences(payload))).status_code < 300
    until(lambda: page.evaluate("JSON.parse(sessionStorage.getItem('kouan.map')).center[0]"), lambda lon: abs(lon - 121.654) < 0.001)
