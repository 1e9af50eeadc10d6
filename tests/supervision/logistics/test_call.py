"""A vessel's call followed by customs, the carrier, the trader and the terminal, each its own part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kouan_sim.calls import fal_port_call
from kouan_sim.traders import Bill, Box, Voyage
from tests.town import GREEN, RISKY, Town

MOVE = "/api/records/base/movement/move"


async def landed(town: Town, voyage: Voyage, box: Box, **more: Any) -> None:
    """The terminal tells that a box came off the ship, and where it was put."""
    now = datetime.now(UTC).replace(microsecond=0)
    told = {"equipment": box.number, "vessel": f"vessel:imo:{voyage.imo}", "voyage": voyage.number, "status": "full", "gross_kg": box.gross}
    discharge = {"activity": "discharge", "place": "CNWHH/BERTH/B1", "at": (now - timedelta(minutes=30)).isoformat(), **told, **more}
    await town.call("terminal", "POST", MOVE, discharge, 201)


async def moved(town: Town, box: Box, activity: str, ago: float = 1.0, **more: Any) -> None:
    """The terminal tells a move in the yard."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=ago)
    await town.call("terminal", "POST", MOVE, {"equipment": box.number, "activity": activity, "at": at.isoformat(), **more}, 201)


async def called(town: Town, *bills: Bill, eta: timedelta = timedelta(hours=1), stay: timedelta = timedelta(hours=8)) -> tuple[Voyage, str]:
    """A ship's call with its manifest; answers the call's reference."""
    voyage = town.trade.voyage(datetime.now(UTC).replace(microsecond=0) + eta, 0, extra=bills, stay=stay)
    filed = await town.intake("agent", "imo-fal", fal_port_call(voyage))
    await town.manifest(voyage)
    kept = next(one for one in filed["records"] if one["ref"].startswith("portcall:"))
    await town.call("customs", "POST", f"/api/records/base/portcall/port_call/{kept['id']}/actions/customs.accept", {})
    return voyage, kept["ref"]


async def follow(town: Town, org: str, status: int = 200, **asked: str) -> Any:
    return await town.call(org, "GET", "/api/logistics", status=status, params=asked)


async def one(town: Town, org: str, box: Box) -> Any:
    (item,) = (await follow(town, org, container=box.number))["items"]
    return item


async def test_customs_follows_a_targeted_box_from_manifest_to_gate(town: Town) -> None:
    bill = town.bill(RISKY)
    (box,) = bill.boxes
    voyage, call = await called(town, bill)
    seen = await one(town, "customs", box)
    assert (seen["stage"], seen["next"]["owner"]) == ("manifested", "carrier")
    reference = await town.declare(voyage, bill)
    await town.work()
    await landed(town, voyage, box)
    await town.work()
    seen = await one(town, "customs", box)
    assert (seen["stage"], seen["next"]["owner"], seen["declaration_state"]) == ("targeted", "terminal", "targeted")
    assert seen["call"] == call
    await moved(town, box, "to-bay", 5, place="CNWHH/BAY/1")
    await town.work()
    seen = await one(town, "customs", box)
    assert (seen["stage"], seen["next"]["owner"]) == ("bay", "customs")
    order = await town.order_of(reference)
    assert order["tracks"]["terminal"]["state"] == "moved"
    findings = [{"agency": agency, "outcome": "release"} for agency in order["data"]["agencies"]]
    await town.call("customs", "POST", f"/api/inspections/{order['id']}/findings", {"findings": findings})
    await town.work()
    seen = await one(town, "customs", box)
    assert (seen["stage"], seen["next"]["owner"]) == ("released", "trucker")
    await moved(town, box, "from-bay", 2, place="CNWHH/YARD/A1", position="A1-01-1")
    await moved(town, box, "gate-out", -1, place="CNWHH/GATE")
    await town.work()
    whole = await follow(town, "customs", call=call)
    (seen,) = whole["items"]
    assert (seen["stage"], seen["next"], seen["wrong"]) == ("out", None, [])
    assert [step["stage"] for step in seen["steps"]] == [
        "manifested", "arrived", "discharged", "targeted", "bay", "inspected", "released", "out",
    ]  # fmt: skip
    assert (whole["call"]["landed"], whole["call"]["gone"]) == (1, 1)


async def test_what_does_not_agree_is_told_and_gravest_first(town: Town) -> None:
    bills = [town.bill(GREEN) for _ in range(5)]
    short, heavy, gone, early, fine = (bill.boxes[0] for bill in bills)
    stranger, elsewhere = town.trade.box(GREEN), town.bill(GREEN)
    await town.manifest(town.voyage(elsewhere))
    voyage, call = await called(town, *bills, eta=-timedelta(hours=9), stay=timedelta(hours=8))
    await town.declare(voyage, bills[0])
    await town.declare(voyage, bills[4])
    await town.work()
    for box in (gone, early, fine):
        await landed(town, voyage, box)
    await landed(town, voyage, heavy, gross_kg=heavy.gross + 9_000)
    for box in (stranger, elsewhere.boxes[0]):
        await landed(town, voyage, box)
    await landed(town, voyage, town.trade.box(GREEN), status="empty")
    await moved(town, gone, "gate-out")
    await moved(town, early, "discharge", 1, vessel="vessel:imo:9000001", voyage="ELSE")
    await town.work()
    whole = await follow(town, "customs", call=call)
    wrong = {item["container"].partition(":")[2]: [w["code"] for w in item["wrong"]] for item in whole["items"]}
    assert wrong == {
        short.number: ["short_landed", "released_not_landed"], heavy.number: ["mass_differs"], gone.number: ["gone_unreleased"],
        early.number: ["moves_disagree"], fine.number: [], stranger.number: ["over_landed"],
        elsewhere.boxes[0].number: ["other_manifest"],
    }  # fmt: skip
    grave = [min((w["grave"] != "red" for w in item["wrong"]), default=2) for item in whole["items"]]
    assert grave == sorted(grave)
    assert {count["code"]: count["count"] for count in whole["wrong"]}["short_landed"] == 1
    only = await follow(town, "customs", call=call, only="wrong")
    assert only["total"] == 6
    first = await follow(town, "customs", call=call, limit="3")
    second = await follow(town, "customs", call=call, limit="500", skip=str(first["more"]))
    assert [i["container"] for i in (*first["items"], *second["items"])] == [i["container"] for i in whole["items"]]


async def test_each_side_sees_its_own(town: Town) -> None:
    mine, others = town.bill(RISKY), town.trade.bill(GREEN, 1, None)
    while others.consignee.code == "trader":
        others = town.trade.bill(GREEN, 1, None)
    voyage, call = await called(town, mine, others)
    await town.declare(voyage, mine)
    await town.work()
    box = mine.boxes[0]
    await landed(town, voyage, box)
    await moved(town, box, "stack", 3, place="CNWHH/YARD/A1", position="A1-02-2")
    await town.work()
    customs, terminal, trader, carrier = [await follow(town, org, call=call) for org in ("customs", "terminal", "trader", "carrier")]
    assert [len(seen["items"]) for seen in (customs, terminal, trader, carrier)] == [2, 2, 1, 2]
    (own,) = trader["items"]
    assert (own["stage"], own["position"], own["declaration_state"]) == ("targeted", None, "targeted")
    told = next(item for item in carrier["items"] if item["container"].endswith(box.number))
    assert (told["stage"], told["declaration"], told["order"], told["next"]) == ("yard", None, None, None)
    assert "targeted" not in str(carrier["stages"])
    assert "RISK" not in str([trader, carrier, terminal])
    await follow(town, "trucker", 404, call=call)
    assert (await follow(town, "trucker", container=box.number))["items"] == []
    assert (await follow(town, "border", call=call))["items"] == []
    await follow(town, "customs", 422, call=call, bill=mine.number)
    await follow(town, "customs", 404, call="portcall:CNWHH/NONE/1")
    assert any(found["ref"] == call for found in (await town.call("customs", "GET", "/api/logistics/calls"))["calls"])
    newest = await follow(town, "trader")
    assert box.number in str(newest["items"])
