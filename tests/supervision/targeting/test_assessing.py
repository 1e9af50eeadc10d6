"""Assessing on a real database: who sees it, chance that replays agree on, newcomers, the manifest beside it."""

from __future__ import annotations

import pytest

from kouan.supervision.targeting.service import Desk, Policy
from kouan_sim.traders import Bill, understated
from tests.town import GREEN, Town

ASSESSMENT = "/api/records/supervision/targeting/assessment"


async def assessed(town: Town, bill: Bill, told: Bill | None = None) -> dict[str, object]:
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, told or bill)
    await town.work()
    row = await town.declared(reference)
    (item,) = (await town.call("customs", "GET", f"{ASSESSMENT}?declaration={row.ref}"))["items"]
    found: dict[str, object] = {**item["data"], "id": item["id"]}
    return found


async def test_chance_selects_the_same_ones_at_every_replay(town: Town) -> None:
    always, never = Desk(town.port, Policy(share=1.0)), Desk(town.port, Policy(share=0.0))
    town.port.extras["supervision.targeting.desk"] = always
    found = await assessed(town, town.bill(GREEN))
    assert (found["outcome"], found["chosen"], found["agencies"]) == ("targeted", "random", ["customs"])
    town.port.extras["supervision.targeting.desk"] = never
    assert (await assessed(town, town.bill(GREEN)))["outcome"] == "green"


async def test_an_understated_declaration_is_seen_through_beside_its_manifest(town: Town) -> None:
    bill = town.bill(GREEN)
    found = await assessed(town, bill, understated(bill))
    assert found["outcome"] == "targeted"
    assert {reason["rule"] for reason in found["reasons"]} >= {"RISK-MASS", "RISK-PRICE"}  # type: ignore[attr-defined]  # JSON


async def test_only_the_first_declaration_of_a_declarant_is_a_first_one(town: Town) -> None:
    name, firsts = f"NEW{town.refs.run}", []
    for _ in range(2):
        reference = town.refs.next("D")
        item = {"sequence": 1, "hs": "84581100", "value": "210000", "currency": "USD", "net_kg": 10400.0}
        body = {"functional_reference": reference, "function_code": "9", "office": "9901", "declarant": name, "items": [item]}
        await town.call("trader", "POST", "/api/records/base/declaration/declaration", body, 201)
        await town.work()
        row = await town.declared(reference)
        (found,) = (await town.call("customs", "GET", f"{ASSESSMENT}?declaration={row.ref}"))["items"]
        firsts.append("RISK-FIRST" in {reason["rule"] for reason in found["data"]["reasons"]})
    assert firsts == [True, False]


async def test_reasons_are_customs_own_and_the_declarant_sees_no_assessment(town: Town) -> None:
    found = await assessed(town, town.bill(GREEN))
    path = f"{ASSESSMENT}/{found['id']}"
    assert "score" in (await town.call("customs", "GET", path))["data"]
    assert not {"score", "reasons"} & set((await town.call("border", "GET", path))["data"])
    await town.call("trader", "GET", path, status=404)
    await town.call("terminal", "GET", path, status=404)


@pytest.mark.parametrize(("text", "share"), [("0", 0.0), ("0.5", 0.5), ("7", 1.0), ("-1", 0.0), ("", 0.02)])
def test_the_policy_is_read_from_the_environment_within_bounds(
    monkeypatch: pytest.MonkeyPatch, text: str, share: float
) -> None:
    monkeypatch.setenv("KOUAN_RANDOM_SHARE", text)
    assert Policy.read().share == share
