"""The yard's stock on a port at work: it follows the moves in whatever order they are told, and balances."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.town import GREEN, Town

MOVE = "/api/records/base/movement/move"


def moved(box: str, activity: str, minutes: float, **more: Any) -> dict[str, Any]:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3) + timedelta(minutes=minutes)
    return {"equipment": box, "activity": activity, "at": at.isoformat(), **more}


def visit_of(box: str) -> list[dict[str, Any]]:
    return [
        moved(box, "discharge", 0, place="CNWHH/BERTH/B1", vessel="vessel:imo:9321483", voyage="YARD1", status="full"),
        moved(box, "stack", 10, place="CNWHH/YARD/A1", position="A1-03-2"),
        moved(box, "shift", 20, place="CNWHH/YARD/A2", position="A2-01-1"),
        moved(box, "to-bay", 30, place="CNWHH/BAY/1"), moved(box, "from-bay", 60, place="CNWHH/YARD/A1", position="A1-09-1"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_reports_gives_the_same_place(town: Town, seed: int) -> None:
    (box,) = town.bill(GREEN).boxes
    told = visit_of(box.number)
    random.Random(seed).shuffle(told)
    await asyncio.gather(*(town.call("terminal", "POST", MOVE, one, 201) for one in told))
    await town.work()
    found = await town.call("terminal", "GET", f"/api/yard/{box.number}")
    (stay,) = found["stays"]
    assert (stay["presence"], stay["place"], stay["position"]) == ("yard", "place:CNWHH/YARD/A1", "A1-09-1")
    assert (stay["moves"], stay["doubts"], stay["how_in"]) == (5, [], "discharge")
    repeated = await town.client("terminal").post(MOVE, json=told[0])
    assert repeated.status_code == 409


async def test_the_stock_is_what_came_in_less_what_left(town: Town) -> None:
    before = await town.call("terminal", "GET", "/api/yard")
    boxes = [box.number for box in town.bill(GREEN, 4).boxes]
    for box in boxes:
        await town.call("terminal", "POST", MOVE, moved(box, "gate-in", 0, place="CNWHH/YARD/A1", status="empty"), 201)
    await town.call("terminal", "POST", MOVE, moved(boxes[0], "load", 90), 201)
    await town.work()
    after = await town.call("terminal", "GET", "/api/yard", params={"limit": 500})
    assert after["today"]["closing"] == before["today"]["closing"] + 3
    assert sum(block["boxes"] for block in after["blocks"]) == after["today"]["closing"]
    today = after["today"]
    assert today["opening"] + today["came"] - today["went"] == today["closing"]
    here = {row["container"] for row in after["boxes"]}
    assert {f"container:{box}" for box in boxes} & here == {f"container:{box}" for box in boxes[1:]}


async def test_the_gate_lets_a_box_out_and_the_stock_follows(town: Town) -> None:
    (box,) = town.bill(GREEN).boxes
    await town.call("terminal", "POST", MOVE, moved(box.number, "gate-in", 0, status="empty"), 201)
    plate = f"鲁B{town.refs.chance('yard').randrange(10_000, 99_999)}"
    await town.book(plate, [box.number], "out", -timedelta(minutes=30), business="empty")
    passage = await town.present("out-1", plate, [box.number])
    assert passage["decision"] == "open", passage
    await town.work()
    (stay,) = (await town.call("customs", "GET", f"/api/yard/{box.number}"))["stays"]
    assert (stay["presence"], stay["how_out"]) == ("out", "gate-out")


async def test_who_may_not_see_the_moves_sees_no_stock(town: Town) -> None:
    (box,) = town.bill(GREEN).boxes
    await town.call("terminal", "POST", MOVE, visit_of(box.number)[0], 201)
    await town.work()
    for org, status in (("customs", 200), ("portoffice", 200), ("maritime", 200), ("trader", 404), ("trucker", 404)):
        await town.call(org, "GET", f"/api/yard/{box.number}", status=status)
    assert (await town.call("trader", "GET", "/api/yard"))["boxes"] == []
    await town.call("customs", "GET", "/api/yard/%20", status=422)
