"""A business system calls an indicator: it is told what the page shows, and by which version of the formula."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Running

CODE = "ships.berth_stay"


@pytest.mark.clause("H7.2.5b4")
def test_the_dwell_time_by_api_is_that_of_the_page_and_says_its_version(platform: Running) -> None:
    day = (datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=random.randint(900, 2000))).isoformat()
    value = round(random.uniform(5, 40), 1)
    asked = {"until": day}
    with platform.client("terminal") as terminal, platform.client("carrier") as system:
        told = {"indicator": CODE, "day": day, "source": "operator", "value": str(value), "basis": 12}
        assert terminal.post("/api/records/operations/monitoring/figure", json=told).status_code == 201
        limit = time.monotonic() + 40
        while not (found := system.get(f"/api/results/{CODE}", params=asked).raise_for_status().json())["values"]:
            assert time.monotonic() < limit
            time.sleep(0.25)
        page_figures = system.get(f"/api/monitoring/{CODE}", params=asked).json()["indicator"]  # what the page is drawn of
        drawn = [(one["source"], one["value"]) for one in page_figures["figures"]]
        assert [(one["source"], one["value"]) for one in found["values"]] == drawn
        assert found["values"][0]["value"] == pytest.approx(value)
        assert found["version"] == page_figures["revision"] >= 1
        assert system.get(f"/api/results/{CODE}", params={**asked, "version": found["version"]}).status_code == 200
        other = system.get(f"/api/results/{CODE}", params={**asked, "version": 999})
        assert (other.status_code, other.json()["rule"]) == (409, "RESULT-VERSION")
        assert CODE in {one["code"] for one in system.get("/api/results").json()["items"]}
        assert system.get("/api/results/inspection.hit_rate").status_code == 404, "not this caller's to read"
        for wrong in ({"until": "2999-01-01"}, {"by": "colour"}, {"period": "0"}, {"version": "x"}):
            assert system.get(f"/api/results/{CODE}", params=wrong).status_code == 422, wrong
