"""One visit for all agencies: planned once, joined, entered together, goods released by class."""

from __future__ import annotations

import asyncio

import pytest

from tests.town import GREEN, RISKY, Town


async def targeted(town: Town) -> tuple[str, str]:
    """A risky declaration and its box."""
    bill = town.bill(RISKY)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    assert await town.state(reference) == "targeted"
    return reference, bill.boxes[0].number


async def green(town: Town) -> tuple[str, str]:
    """A released declaration and its box."""
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    return reference, bill.boxes[0].number


async def enter(town: Town, org: str, order: str, status: int = 200, **outcomes: str) -> dict[str, object]:
    findings = [{"agency": agency, "outcome": outcome, "note": "模拟"} for agency, outcome in outcomes.items()]
    answer: dict[str, object] = await town.call(
        org, "POST", f"/api/inspections/{order}/findings", {"findings": findings}, status
    )
    return answer


async def test_one_order_at_a_bay_for_all_agencies_concerned(town: Town) -> None:
    reference, _ = await targeted(town)
    order = await town.order_of(reference)
    assert order["data"]["agencies"] == ["customs", "border", "maritime"]
    assert order["data"]["bay"].startswith("place:CNWHH/BAY/")
    assert order["data"]["planned_at"].endswith(":00:00Z")
    assert order["state"] == "planned"


@pytest.mark.parametrize(
    ("outcomes", "result", "state"),
    [
        (("release", "release", "release"), "release", "released"), (("release", "treat", "release"), "treat", "held"),
        (("return", "release", "treat"), "return", "held"), (("release", "release", "detain"), "detain", "held"),
    ],
)  # fmt: skip
async def test_results_entered_together_by_customs_release_by_class(
    town: Town, outcomes: tuple[str, ...], result: str, state: str
) -> None:
    reference, _ = await targeted(town)
    order = await town.order_of(reference)
    after = await enter(town, "customs", order["id"], **dict(zip(("customs", "border", "maritime"), outcomes, strict=True)))
    assert after["state"] == "finished"
    data = after["data"]
    assert isinstance(data, dict)
    assert data["result"] == result
    assert {finding["by"] for finding in data["findings"]} == {"customs"}
    await town.work()
    assert await town.state(reference) == state


async def test_agencies_enter_side_by_side_without_losing_each_others_results(town: Town) -> None:
    reference, _ = await targeted(town)
    order = await town.order_of(reference)
    agencies = ("customs", "border", "maritime")
    await asyncio.gather(*(enter(town, agency, order["id"], **{agency: "release"}) for agency in agencies))
    kept = await town.call("customs", "GET", f"/api/records/supervision/inspection/order/{order['id']}")
    assert {(f["agency"], f["by"]) for f in kept["data"]["findings"]} == {(agency, agency) for agency in agencies}
    assert kept["data"]["result"] == "release"
    await town.work()
    assert await town.state(reference) == "released"


async def test_an_agency_speaks_for_itself_only_and_once(town: Town) -> None:
    reference, _ = await targeted(town)
    order = await town.order_of(reference)
    await enter(town, "border", order["id"], 403, maritime="release")
    await enter(town, "trader", order["id"], 403, customs="release")
    await enter(town, "terminal", order["id"], 403, customs="release")
    await enter(town, "border", order["id"], border="release")
    again = await enter(town, "border", order["id"], 422, border="detain")
    assert again["code"] == "not_waited_for"


async def test_the_generic_action_cannot_forge_another_agencys_result(town: Town) -> None:
    reference, _ = await targeted(town)
    order = await town.order_of(reference)
    path = f"/api/records/supervision/inspection/order/{order['id']}/actions"
    forged = [{"agency": "customs", "outcome": "release"}, {"agency": "border", "outcome": "release", "officer": "x"}]
    after = await town.call("border", "POST", f"{path}/border.enter", {"data": {"findings": forged}})
    assert [(f["agency"], f["by"]) for f in after["data"]["findings"]] == [("border", "border")]
    await town.call("border", "POST", f"{path}/maritime.enter", {"data": {"findings": forged}}, 403)
    await town.call("terminal", "POST", f"{path}/terminal.move", {"data": {"result": "release"}}, 422)


async def test_a_second_agency_joins_the_open_visit(town: Town) -> None:
    reference, box = await green(town)
    first = await town.call("maritime", "POST", "/api/inspections/target", {"container": box, "reason": "dangerous goods"})
    assert first["data"]["agencies"] == ["customs", "maritime"]
    assert await town.state(reference) == "targeted"
    second = await town.call("border", "POST", "/api/inspections/target", {"declaration": reference, "reason": "stowaways"})
    assert second["id"] == first["id"]
    assert second["data"]["agencies"] == ["customs", "maritime", "border"]
    assert second["data"]["reasons"] == ["maritime: dangerous goods", "border: stowaways"]
    third = await town.call("border", "POST", "/api/inspections/target", {"container": f" {box[:4]} {box[4:]}"})
    assert third["data"]["agencies"] == second["data"]["agencies"]


async def test_agencies_that_target_at_the_same_moment_get_one_visit(town: Town) -> None:
    reference, box = await green(town)
    asked = [town.call(org, "POST", "/api/inspections/target", {"container": box}) for org in ("customs", "border", "maritime")]
    answers = await asyncio.gather(*asked)
    assert len({answer["id"] for answer in answers}) == 1
    order = await town.order_of(reference)
    assert sorted(order["data"]["agencies"]) == ["border", "customs", "maritime"]


async def test_targeting_by_others_or_of_nothing_is_refused(town: Town) -> None:
    _, box = await green(town)
    path = "/api/inspections/target"
    await town.call("trader", "POST", path, {"container": box}, 403)
    await town.call("border", "POST", path, {"container": box, "agency": "maritime"}, 403)
    await town.call("border", "POST", path, {}, 422)
    await town.call("border", "POST", path, {"container": box, "declaration": "x"}, 422)
    assert (await town.call("border", "POST", path, {"container": "TSTU0000004"}, 404))["code"] == "nothing_declared"
    lead = await town.call("customs", "POST", path, {"container": box, "agency": "border"})
    assert lead["data"]["agencies"] == ["customs", "border"]


async def test_goods_seen_again_after_treatment_are_released_by_the_second_visit(town: Town) -> None:
    reference, box = await targeted(town)
    first = await town.order_of(reference)
    await enter(town, "customs", first["id"], customs="treat", border="release", maritime="release")
    await town.work()
    assert await town.state(reference) == "held"
    (missing,) = [m for m in (await town.trace("trader", reference))["missing"] if m["rule"] == "REL-INSPECTED"]
    assert "treatment" in missing["reason"]["en"]
    second = await town.call("customs", "POST", "/api/inspections/target", {"container": box, "reason": "treated"})
    assert second["id"] != first["id"]
    await enter(town, "customs", second["id"], customs="release")
    await town.work()
    assert await town.state(reference) == "released"


async def test_two_visits_never_share_a_bay_and_an_hour(town: Town) -> None:
    found = await asyncio.gather(*(green(town) for _ in range(3)))
    boxes = [box for _, box in found]
    asked = [town.call("customs", "POST", "/api/inspections/target", {"container": box}) for box in boxes]
    orders = await asyncio.gather(*asked)
    slots = [(order["data"]["bay"], order["data"]["planned_at"]) for order in orders]
    assert len(set(slots)) == 3


async def test_the_declarant_learns_when_and_whose_but_never_why(town: Town) -> None:
    reference, box = await targeted(town)
    traced = await town.trace("trader", box)
    text = str(traced)
    for secret in ("RISK-", "武器", "arms or ammunition", "UN 0012", "assessment"):
        assert secret not in text
    waited = [m for m in traced["missing"] if m["rule"] == "REL-INSPECTED"]
    assert {m["owner"]["org"] for m in waited} == {"customs", "border", "maritime"}
    assert all(m["deadline"] for m in waited)
    order = await town.order_of(reference)
    assert order["data"]["number"] in waited[0]["reason"]["en"]
    seen = await town.trace("customs", box)
    assert "RISK-ARMS" in str(seen)
    await enter(town, "border", order["id"], border="release")
    waited = [m for m in (await town.trace("trader", box))["missing"] if m["rule"] == "REL-INSPECTED"]
    assert {m["owner"]["org"] for m in waited} == {"customs", "maritime"}
