"""Queues and reefers on the running platform."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from kouan_sim.queue import Line
from tests.conftest import Running

PLACE = "place:CNWHH/QUEUE/IN-1"


def queue(client: httpx.Client) -> dict[str, Any]:
    found = client.get("/api/site/queues").json()["queues"]
    return next(one for one in found if one["place"] == PLACE)


@pytest.mark.clause("H9.1.7a")
def test_a_queues_length_and_wait_are_shown_within_seconds_of_the_truth(platform: Running) -> None:
    line = Line((121.5995, 36.0764), 0.0, (121.5995, 36.0735), comes=1.5, goes=4.0, chance=random.Random())
    begun = time.monotonic()
    with platform.client("terminal") as terminal, platform.client("portoffice") as office:
        while time.monotonic() - begun < 40:
            now = time.time()
            line.step(now)
            answer = terminal.post("/api/intake/positions", json=list(line.fixes(now)))
            assert answer.status_code in (200, 201), answer.text
            time.sleep(1)
        shown, truth = queue(office), line.truth(time.time())
        assert abs(shown["length"] - truth["length"]) <= 3, (shown["length"], truth)
        assert abs(shown["longest_wait_s"] - truth["longest_wait_s"]) <= 5
        assert abs(shown["median_wait_s"] - truth["median_wait_s"]) <= 5
        assert shown["forecast_wait_s"] == pytest.approx(truth["length"] * truth["headway_s"], rel=0.35)
        assert shown["simulated"]
        assert {one["name"] for one in shown["vehicles"]} & {truck.plate for truck in line.waiting}
    with platform.client("trader") as trader:
        assert queue(trader)["vehicles"] == []


def stamp() -> str:
    return datetime.now(UTC).isoformat()
