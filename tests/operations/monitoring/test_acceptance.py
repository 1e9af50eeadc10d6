"""Officers and firms who read the port's figures on the running platform, and the single window that loads them."""

from __future__ import annotations

import io
import random
import secrets
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from tests.conftest import Running
from tests.journeys.browser import signed_in

FIGURE, DECLARATION = "operations.monitoring.figure", "/api/records/base/declaration/declaration"
MINE = "singlewindow:transport"
WEEK = (1.0, 1.05, 1.0, 1.02, 0.95, 0.6, 0.45)
TRADE, VOLUME, CLEARANCE = "trade.total_cny", "boxes.cargo_tonnes", "clearance.export_median"
USUAL = {TRADE: 4e8, VOLUME: 50_000, CLEARANCE: 20}


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def until(look: Callable[[], Any], seconds: float = 40) -> Any:
    """What a look finds at last."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.25)
    return found


def sheet(first: int, last: int, chance: random.Random, **times: float) -> bytes:
    """The figures of some days ago until others, as the single window's CSV has them; `times`: what is unusual on them."""
    rows = ["指标,日期,数值,来源"]
    for back in range(first, last - 1, -1):
        day = today() - timedelta(days=back)
        for code, level in USUAL.items():
            week = 1.0 if code == CLEARANCE else WEEK[day.weekday()]
            value = level * week * chance.lognormvariate(0, 0.03) * times.get(code.partition(".")[0], 1.0)
            rows.append(f"{code},{day.isoformat()},{value:.2f},singlewindow")
    return "\n".join(rows).encode()


def load(client: httpx.Client, format: str, body: bytes) -> dict[str, Any]:
    answer = client.post(f"/api/intake/{format}", params={"record": FIGURE}, content=body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def figure(client: httpx.Client, code: str, source: str, **asked: Any) -> dict[str, Any] | None:
    """A source's figure of an indicator."""
    figures = client.get(f"/api/monitoring/{code}", params=asked).json()["indicator"]["figures"]
    return next((one for one in figures if one["source"] == source), None)


def read(platform: Running, page: Page, day: date) -> dict[str, str]:
    """Our tiles of the board, up to a day."""
    page.goto(f"{platform.url}/operations/monitoring?until={day}")
    for code in USUAL:
        expect(page.locator(f"[data-test='{code}']")).to_be_visible()
    return {code: page.locator(f"[data-test='{code}']").inner_text() for code in USUAL}


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.clause("W11")
def test_daily_data_are_loaded_the_figures_update_and_unusual_ones_are_marked(platform: Running, tmp_path: Path) -> None:
    chance = random.Random(secrets.randbits(32))
    day, eve = today() - timedelta(days=1), today() - timedelta(days=2)
    with platform.client("transport") as window:
        assert not load(window, "csv", sheet(70, 2, chance))["refused"]
        until(lambda: figure(window, TRADE, MINE, until=eve))
    (tmp_path / "yesterday.csv").write_bytes(sheet(1, 1, chance, trade=2.5, clearance=3.0))
    with signed_in(platform, "transport", "officer", locale="en-US") as page:
        before = read(platform, page, eve)
        assert not [code for code, text in before.items() if "Unusually" in text]
        page.get_by_role("link", name="Load figures", exact=True).click()
        page.locator("[data-test=file]").set_input_files(tmp_path / "yesterday.csv")
        page.locator("[data-test=send]").click()
        expect(page.locator("main")).to_contain_text("3")
        with platform.client("transport") as window:
            until(lambda: all((figure(window, code, MINE, until=day) or {}).get("value") for code in USUAL))
        after = read(platform, page, day)
        assert all(after[code] != before[code] for code in USUAL)
        assert "Unusually high" in after[TRADE]
        assert "times the usual spread off" in after[TRADE]
        assert "expected" in after[TRADE]
        assert "Unusually high" in after[CLEARANCE]
        assert "Unusually" not in after[VOLUME]
        assert "Single window" in after[TRADE], "whose figure it is stands beside it"
        expect(page.locator("[data-test=unusual]")).to_contain_text("Imports and exports, total value")
        page.locator("[data-test=unusual]").get_by_role("link", name="Imports and exports, total value").first.click()
        expect(page.locator("[data-test=facts] tbody tr")).to_have_count(1)
        page.locator("[data-test=facts] tbody a").click()
        expect(page.locator("main")).to_contain_text("Single window")


def declare(client: httpx.Client, number: str, value: str, kg: float) -> dict[str, Any]:
    item = {"sequence": 1, "hs": "851679", "origin": "ZW", "value": value, "currency": "USD", "net_kg": kg, "description": "Kettles"}
    told = {"functional_reference": number, "function_code": "9", "type_code": "IMA", "office": "9901", "hs": "851679", "items": [item]}
    answer = client.post(DECLARATION, json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["item"]
    return found


def facts(client: httpx.Client, code: str, **asked: Any) -> dict[str, Any]:
    """Everything behind today's figure, page by page."""
    found: dict[str, Any] = {}
    items: list[Any] = []
    after = ""
    while True:
        answer = client.get(f"/api/monitoring/{code}/facts", params={"until": today(), "after": after, "limit": 500, **asked})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        items += found["items"]
        if not found["next"]:
            return {**found, "items": items}
        after = found["next"]


def test_totals_are_the_records_behind_them_and_a_firm_reads_its_own(platform: Running) -> None:
    """Filed, amended and filed late: the total is always what its records come to, for the port and for each firm."""
    run, zimbabwe = secrets.token_hex(4).upper(), {"by.country": "ZW"}
    with platform.client("trader") as trader, platform.client("agent") as agent, platform.client("customs") as customs:
        before = facts(customs, "trade.value_usd", **zimbabwe)["figure"] or 0
        mine = [declare(trader, f"MON-{run}-{n}", "1000.25", 50) for n in range(3)]
        other = declare(agent, f"MON-{run}-A", "7", 1)
        until(lambda: facts(customs, "trade.value_usd", **zimbabwe)["figure"] == pytest.approx(before + 3007.75))
        for client, own, foreign in ((trader, mine, other), (agent, [other], mine[0])):
            found = facts(client, "clearance.filed")
            ids = {one["id"] for one in found["items"]}
            assert {one["id"] for one in own} <= ids
            assert foreign["id"] not in ids
            assert found["figure"] == found["listed"] == len(found["items"])
        changed = {name: value for name, value in mine[0]["data"].items() if value is not None}
        changed["items"] = [{**changed["items"][0], "value": "500.25"}]
        answer = trader.put(f"{DECLARATION}/{mine[0]['id']}", json=changed, headers={"If-Match": str(mine[0]["version"])})
        if answer.status_code == 409:
            version = trader.get(f"{DECLARATION}/{mine[0]['id']}").json()["version"]
            answer = trader.put(f"{DECLARATION}/{mine[0]['id']}", json=changed, headers={"If-Match": str(version)})
        expected = before + (2507.75 if answer.status_code == 200 else 3007.75)
        until(lambda: facts(customs, "trade.value_usd", **zimbabwe)["figure"] == pytest.approx(expected))
        port = facts(customs, "trade.value_usd", **zimbabwe)
        assert port["listed"] == pytest.approx(port["figure"])
        assert port["hidden"] == 0
        assert port["cases"] == len(port["items"])
        assert {one["id"] for one in (*mine, other)} <= {one["id"] for one in port["items"]}
        assert all(one["simulated"] for one in port["items"]), "a demo folder holds what is simulated"
        assert figure(customs, "trade.value_usd", "", until=today())["simulated"]  # type: ignore[index]  # it is there
    with platform.client("trucker") as trucker, platform.client("portoffice") as office:
        assert trucker.get("/api/monitoring/inspection.hit_rate").status_code == 404
        codes = {one["code"]: one for one in trucker.get("/api/monitoring").json()["indicators"]}
        assert "inspection.hit_rate" not in codes
        assert codes["clearance.filed"]["own"]
        assert office.get("/api/monitoring/trade.value_usd", params=zimbabwe).status_code == 422, "parts follow the fields"
        whole = facts(office, "trade.value_usd")
        assert whole["figure"]
        assert whole["items"] == []
        assert whole["hidden"] == whole["cases"]


def test_each_hour_of_a_day_leads_to_its_facts_and_equals_them(platform: Running) -> None:
    day = date(2019, 1, 1) + timedelta(days=random.randrange(1500))
    reader, moments = secrets.token_hex(4).upper(), ((7, 59), (8, 0), (8, 59), (9, 0))
    with platform.client("terminal") as terminal:
        for n, (hour, minute) in enumerate(moments):
            at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")).isoformat()
            person = f"person:P/CN/H{reader}{n}"
            told = {"reader": reader, "at": at, "area": "place:CNWHH/RESTRICTED/APRON", "direction": "in", "person": person}
            answer = terminal.post("/api/records/facilities/access/passage", json=told)
            assert answer.status_code == 201, answer.text
        code, asked = "persons.passages", {"until": day.isoformat()}
        until(lambda: facts(terminal, code, **asked)["figure"] == len(moments))
        found = terminal.get(f"/api/monitoring/{code}", params=asked).json()
        assert [one["figure"] for one in found["hours"]] == [1, 2, 1]
        for hour, expected in ((7, 1), (8, 2), (9, 1), (10, 0)):
            behind = facts(terminal, code, **asked, hour=hour)
            assert (behind["figure"] or 0) == behind["listed"] == len(behind["items"]) == behind["cases"] == expected
        assert terminal.get(f"/api/monitoring/{code}/facts", params={**asked, "hour": 24}).status_code == 422


def test_a_figure_loaded_again_is_a_correction_and_wrong_ones_are_refused_with_reasons(platform: Running) -> None:
    day = today() - timedelta(days=random.randint(500, 900))
    source = "operator:maritime"
    asked = {"until": day.isoformat()}
    with platform.client("maritime") as client:
        told = {"indicator": VOLUME, "day": day.isoformat(), "source": "operator", "value": "41000"}
        first = client.post("/api/records/operations/monitoring/figure", json=told)
        assert first.status_code == 201, first.text
        until(lambda: (figure(client, VOLUME, source, **asked) or {}).get("value") == 41000)
        book = io.BytesIO()
        with xlsxwriter.Workbook(book) as workbook:
            page = workbook.add_worksheet()
            page.write_row(0, 0, ["indicator", "day", "source", "value", "direction"])
            page.write_row(1, 0, [VOLUME, day.isoformat(), "operator", 43000])
            page.write_row(2, 0, [VOLUME, day.isoformat(), "operator", 30000, "in"])
        assert not load(client, "xlsx", book.getvalue())["refused"]
        until(lambda: (figure(client, VOLUME, source, **asked) or {}).get("value") == 43000)
        assert figure(client, VOLUME, source, **asked, **{"by.direction": "in"})["value"] == 30000  # type: ignore[index]  # it is there
        item = client.get(f"/api/records/operations/monitoring/figure/{first.json()['item']['id']}").json()
        assert (item["version"], item["data"]["value"]) == (2, "43000")
        bad = [
            "indicator,day,value,direction", f"no.such,{day},1,", f"{VOLUME},2999-01-01,1,", f"gate.wait,{day},3,in",
            f"clearance.untouched,{day},120,", f"{VOLUME},{day},-4,", f"{VOLUME},yesterday,4,", f"gate.passages,{day},1.5,",
        ]  # fmt: skip
        refused = load(client, "csv", "\n".join(bad).encode())["refused"]
        assert [one["field"] for one in refused] == ["indicator", "day", "direction", "value", "value", "day", "value"]
        assert all(one["rule"] and one["reason"]["zh"] and one["reason"]["en"] for one in refused)
        for path in ("/api/monitoring?until=2999-01-01", "/api/monitoring?until=x", "/api/monitoring?by.colour=red",
                     f"/api/monitoring/{VOLUME}/facts?after=x", "/api/monitoring?period=0"):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code == 422, path
            assert answer.json()["reason"]["zh"]
