"""A port office defines a daily throughput report: on schedule and on demand it says the same, and everyone gets the file."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from tests.conftest import Running
from tests.journeys.browser import signed_in

DEFINITION, REPORT, FIGURE = (f"/api/records/operations/{name}" for name in ("reports/definition", "reports/report", "monitoring/figure"))
MINE = "operator:portoffice"


def until(look: Callable[[], Any], seconds: float = 60) -> Any:
    """What a look finds at last."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.4)
    return found


def received(client: httpx.Client, definition: str, cause: str) -> dict[str, Any] | None:
    """The newest report of a definition that an organisation has."""
    asked = {"definition": definition, "cause": cause, "sort": "-made_at"}
    items = client.get(REPORT, params=asked).raise_for_status().json()["items"]
    return items[0] if items else None


def figures(report: dict[str, Any]) -> list[tuple[int, str, float | None, int]]:
    """What we loaded for the day, as a report has it."""
    return [(row["line"], row["part"], row["value"], row["cases"]) for row in report["data"]["rows"] if row["source"] == MINE]


def lines(body: bytes) -> str:
    """What stands in the Chinese font of a PDF."""
    shown = [part.partition(b">")[0] for part in body.split(b" Tf <")[1:]]
    return "".join(bytes.fromhex(part.decode()).decode("utf-16-be") for part in shown)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.clause("H7.2.2g1")
def test_scheduled_and_run_now_give_the_same_figures_and_the_files_are_delivered(platform: Running) -> None:
    run = secrets.token_hex(3)
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
    title = f"每日吞吐量报表{run}"
    told = {
        "code": f"daily-{run}", "title_zh": title, "title_en": f"Daily throughput {run}", "period": "day", "hour": 0,
        "recipients": ["org:terminal"], "lines": [
            {"indicator": "boxes.quay_teu", "by": "whole"}, {"indicator": "boxes.quay_teu", "by": "direction"},
            {"indicator": "inspection.hit_rate"}, {"record": "operations.monitoring.figure", "by": "whole"},
        ],
    }  # fmt: skip
    with platform.client("portoffice") as office, platform.client("terminal") as terminal, platform.client("trader") as trader:
        for direction, value in ((None, "1234"), ("in", "1000"), ("out", "234")):
            loaded = {"indicator": "boxes.quay_teu", "day": day.isoformat(), "source": "operator", "value": value, "direction": direction}
            answer = office.post(FIGURE, json={name: one for name, one in loaded.items() if one is not None})
            assert answer.status_code == 201, answer.text
        asked = {"until": day.isoformat(), "by": "direction"}
        until(lambda: len(office.get("/api/results/boxes.quay_teu", params=asked).json()["values"]) > 1)
        made = office.post(DEFINITION, json=told)
        assert made.status_code == 201, made.text
        definition = made.json()["item"]
        planned = until(lambda: received(office, definition["ref"], "schedule"))
        answer = office.post(f"/api/reports/definitions/{definition['id']}/run", json={})
        assert (answer.status_code, answer.json()["delivered"]) == (201, 2), answer.text
        now = office.get(f"{REPORT}/{answer.json()['id']}").raise_for_status().json()
        assert figures(planned) == figures(now) == [(0, "", 1234.0, 1), (1, "in", 1000.0, 1), (1, "out", 234.0, 1)]
        assert (planned["data"]["since"], planned["data"]["until"]) == (day.isoformat(), day.isoformat())
        theirs = until(lambda: received(terminal, definition["ref"], "schedule"))
        closed = [head["open"] for head in theirs["data"]["heads"]]
        assert figures(theirs) == [one for one in figures(planned) if one[0] == 0 or one in figures(theirs)]
        assert closed[0]
        assert trader.get(REPORT, params={"definition": definition["ref"]}).json()["items"] == []
        assert trader.get(f"/api/reports/{planned['id']}/file").status_code == 404
        assert terminal.get(f"/api/reports/{planned['id']}/file").status_code == 404, "each has its own"
        pdf = terminal.get(f"/api/reports/{theirs['id']}/file", params={"format": "pdf"}).raise_for_status()
        assert pdf.headers["content-type"] == "application/pdf"
        assert f"{'每日吞吐量报表'}" in lines(pdf.content)
        assert "码头集装箱吞吐量" in lines(pdf.content)
        assert b"(1,234)" in pdf.content
        xlsx = terminal.get(f"/api/reports/{theirs['id']}/file", params={"format": "xlsx"}).raise_for_status()
        rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx.content)).get_sheet_by_index(0).to_python()
        assert rows[0][:3] == ["指标", "分项", "数值"]
        assert ["码头集装箱吞吐量", 1234.0] in [[row[0], row[2]] for row in rows]
        facts = office.get("/api/monitoring/boxes.quay_teu/facts", params={"until": day.isoformat(), "source": MINE}).json()
        assert facts["figure"] == 1234, "the figure leads to what it was made of"
        assert facts["items"]
    with signed_in(platform, "terminal", "operator") as page:
        page.goto(f"{platform.url}/operations/reports")
        page.locator("[data-test=reports]").get_by_role("link", name=title).first.click()
        expect(page.locator("[data-test=figures]")).to_contain_text("1,234")
        page.locator("[data-test=figures]").get_by_role("link", name="码头集装箱吞吐量").first.click()
        expect(page.locator("main h1")).to_contain_text("码头集装箱吞吐量")


def test_what_cannot_be_reported_is_refused_with_its_reason(platform: Running) -> None:
    told = {"code": f"bad-{secrets.token_hex(3)}", "title_zh": "报表", "title_en": "Report"}
    wrong = {
        "lines.0": {}, "lines.0.indicator": {"indicator": "no.such"}, "lines.0.record": {"record": "no.such.type"},
        "lines.0.by": {"indicator": "boxes.quay_teu", "by": "country"},
    }  # fmt: skip
    with platform.client("portoffice") as office, platform.client("trader") as trader, platform.client("portoffice", "viewer") as viewer:
        for field, line in wrong.items():
            answer = office.post(DEFINITION, json={**told, "lines": [line]})
            assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, "REPORT-LINE"), answer.text
            assert answer.json()["reason"]["zh"]
        assert office.post(DEFINITION, json={**told, "lines": []}).status_code == 422
        made = office.post(DEFINITION, json={**told, "scheduled": False, "lines": [{"record": "base.portcall.port_call", "by": "hour"}]})
        door = f"/api/reports/definitions/{made.json()['item']['id']}/run"
        assert trader.post(door, json={}).status_code == 404
        assert viewer.post(door, json={}).status_code == 403
        for body in ({"until": "2999-01-01"}, {"until": "x"}, {"other": 1}):
            assert office.post(door, json=body).status_code == 422, body
        assert office.post(door, json={"until": "2026-01-05"}).status_code == 201
