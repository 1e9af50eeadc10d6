"""The desk on a real database: four eyes, editions, strata, who sees what, results fed back, one thing to do next."""

from __future__ import annotations

from typing import Any

from kouan.kernel.principal import Principal
from tests.supervision.targeting.test_assessing import ASSESSMENT
from tests.town import GREEN, Town

PROFILE = "/api/records/supervision/targeting/profile"
TRIAL = "/api/records/supervision/targeting/trial"
RESULT = "/api/records/supervision/targeting/result"
SECRET = "ZSECRETREASON"
ITEM = {"sequence": 1, "hs": "84581100", "value": "210000", "currency": "USD", "net_kg": 10400.0}


def draft(town: Town, box: str = "", **more: Any) -> dict[str, Any]:
    conditions = [{"what": "declaration.containers", "operator": "is", "values": [box or "XXXU0000000"]}]
    return {
        "code": town.refs.next("P"), "title_zh": "试模板", "title_en": "Test profile", "agency": "border", "score": 60,
        "conditions": conditions, "reason_zh": f"理由 {SECRET}", "reason_en": f"Reason {SECRET}", **more,
    }  # fmt: skip


async def made(town: Town, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await town.call("customs", "POST", PROFILE, draft(town, **more), 201))["item"]
    return answer


async def tried(town: Town, profile: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await town.call("customs", "POST", f"/api/targeting/profiles/{profile['id']}/try", {"days": 30, "most": 500})
    return answer


async def approved(town: Town, profile: dict[str, Any]) -> None:
    """Tried and proposed by the officer of the demo, approved by somebody else."""
    await tried(town, profile)
    await town.call("customs", "POST", f"{PROFILE}/{profile['id']}/actions/propose", {})
    office = town.port.service("customs")
    other = Principal(office.org, "customs", "customs", "li.wei", frozenset({"officer"}))
    await town.port.act(other, "supervision.targeting.profile", profile["id"], "approve")
    await town.work()


async def declared(town: Town) -> tuple[str, str, Any]:
    """A green declaration at work: its number, its box, its row."""
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    return reference, bill.boxes[0].number, await town.declared(reference)


async def test_a_profile_is_tried_proposed_and_approved_by_another_or_nothing(town: Town) -> None:
    profile = await made(town)
    door = f"{PROFILE}/{profile['id']}/actions"
    untried = await town.call("customs", "POST", f"{door}/propose", {}, 422)
    assert untried["rule"] == "TARGET-TRIED"
    await tried(town, profile)
    await town.call("customs", "POST", f"{door}/approve", {}, 409)
    await town.call("customs", "POST", f"{door}/propose", {"data": {"approved_by": "me"}}, 422)
    proposed = await town.call("customs", "POST", f"{door}/propose", {})
    assert proposed["state"] == "proposed"
    assert proposed["data"]["proposed_by"] == (await tried(town, profile))["data"]["by"]
    alone = await town.call("customs", "POST", f"{door}/approve", {}, 403)
    assert alone["rule"] == "approve.second_person"
    for org in ("trader", "border", "terminal"):
        await town.call(org, "POST", f"{door}/approve", {}, 404)
    body = {**draft(town), "code": profile["data"]["code"], "score": 10}
    changed = await town.call("customs", "PUT", f"{PROFILE}/{profile['id']}", body, 422, headers={"If-Match": "2"})
    assert changed["rule"] == "TARGET-DRAFT"
    back = await town.call("customs", "POST", f"{door}/return", {})
    assert (back["state"], back["data"]["proposed_by"]) == ("draft", None)
    await town.call("customs", "PUT", f"{PROFILE}/{profile['id']}", body, headers={"If-Match": str(back["version"])})
    assert (await town.call("customs", "POST", f"{door}/propose", {}, 422))["rule"] == "TARGET-TRIED"


async def test_a_trial_counts_what_it_would_have_hit_and_what_was_new(town: Town) -> None:
    _, box, row = await declared(town)
    profile = await made(town, box=box)
    trial = await tried(town, profile)
    data = trial["data"]
    assert (data["matched"], data["newly"], data["declarations"]) == (1, 1, [row.ref])
    assert data["seen"] >= 1
    assert (data["inspected"], data["hits"]) == (0, 0)
    again = await tried(town, profile)
    assert (again["id"], again["version"]) == (trial["id"], 2)
    await town.call("border", "GET", f"{TRIAL}/{trial['id']}", status=404)
    await town.call("trader", "GET", f"{TRIAL}/{trial['id']}", status=404)


async def test_an_approved_profile_selects_and_its_reason_stays_with_agencies(town: Town) -> None:
    bill = town.bill(GREEN)
    profile = await made(town, box=bill.boxes[0].number)
    await approved(town, profile)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    assert await town.state(reference) == "targeted"
    row = await town.declared(reference)
    (said,) = (await town.call("customs", "GET", f"{ASSESSMENT}?declaration={row.ref}"))["items"]
    (reason,) = [one for one in said["data"]["reasons"] if one["rule"] == f"{profile['data']['code']}/1"]
    assert (reason["score"], reason["agency"]) == (60.0, "border")
    assert said["data"]["agencies"] == ["customs", "border"]
    order = await town.order_of(reference)
    assert SECRET in str(order["data"]["reasons"])
    for org in ("trader", "terminal", "portoffice"):
        assert SECRET not in str(await town.trace(org, bill.boxes[0].number))
        assert profile["data"]["code"] not in str(await town.trace(org, row.ref))
        await town.call(org, "GET", f"{PROFILE}/{profile['id']}", status=404)
    (item,) = [one for one in (await town.call("customs", "GET", "/api/targeting/worklist"))["items"] if one["ref"] == row.ref]
    assert (item["state"], item["chosen"], item["order"]) == ("targeted", "rules", order["ref"])
    assert item["action"]["en"] == "Ask the terminal for the box"
    assert item["href"] == f"/supervision/inspection/{order['id']}"
    await follow(town, reference, order, profile)


async def follow(town: Town, reference: str, order: Any, profile: Any) -> None:
    """The visit finds something; the profile's rate says so, once, also when the goods are seen again."""
    name = f"{profile['data']['code']}/1"
    findings = [{"agency": "customs", "outcome": "release"}, {"agency": "border", "outcome": "treat", "note": "x"}]
    await town.call("customs", "POST", f"/api/inspections/{order['id']}/findings", {"findings": findings})
    await town.work()
    row = await town.declared(reference)
    (result,) = (await town.call("customs", "GET", f"{RESULT}?declaration={row.ref}"))["items"]
    assert (result["data"]["hit"], result["data"]["chosen"], result["data"]["found_by"]) == (True, "rules", ["border"])
    (item,) = [one for one in (await town.call("customs", "GET", "/api/targeting/worklist"))["items"] if one["ref"] == row.ref]
    assert item["action"]["en"] == "Decide on the goods: release after treatment"
    second = await town.call("customs", "POST", "/api/inspections/target", {"declaration": row.ref, "reason": "treated"})
    fine = {"findings": [{"agency": "customs", "outcome": "release"}]}
    await town.call("customs", "POST", f"/api/inspections/{second['id']}/findings", fine)
    await town.work()
    rows = {one["code"]: one for one in (await town.call("customs", "GET", "/api/targeting/rates"))["rows"]}
    assert (rows[name]["selected"], rows[name]["inspected"], rows[name]["hits"], rows[name]["rate"]) == (1, 1, 1, 1.0)
    assert 0.2 < rows[name]["low"] < 0.21
    await town.call("border", "GET", "/api/targeting/rates", status=403)
    await town.call("trader", "GET", "/api/targeting/worklist", status=403)
    sheet = await town.client("customs").get("/api/targeting/rates/export")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert name in sheet.text
    book = await town.client("customs").get("/api/targeting/rates/export", params={"format": "xlsx"})
    assert book.content.startswith(b"PK")


async def test_a_new_edition_takes_over_and_a_retired_one_is_silent(town: Town) -> None:
    bill = town.bill(GREEN)
    box = bill.boxes[0].number
    first = await made(town, box=box)
    await approved(town, first)
    second = await made(town, box=box, code=first["data"]["code"], edition=2, score=20)
    await approved(town, second)
    assert (await town.call("customs", "GET", f"{PROFILE}/{first['id']}"))["state"] == "retired"
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    row = await town.declared(reference)
    (said,) = (await town.call("customs", "GET", f"{ASSESSMENT}?declaration={row.ref}"))["items"]
    assert [one["rule"] for one in said["data"]["reasons"] if "/" in one["rule"]] == [f"{first['data']['code']}/2"]
    assert said["data"]["outcome"] == "green"
    await town.call("customs", "POST", f"{PROFILE}/{second['id']}/actions/retire", {})
    _, _, other = await declared(town)
    (said,) = (await town.call("customs", "GET", f"{ASSESSMENT}?declaration={other.ref}"))["items"]
    assert said["data"]["reasons"] == []


async def test_of_a_stratum_only_a_share_is_drawn_and_stands_as_chance(town: Town) -> None:
    voyage = town.refs.next("V")
    conditions = [{"what": "declaration.voyage", "operator": "is", "values": [voyage]}]
    profile = await made(town, conditions=conditions, share=1.0, score=0)
    await approved(town, profile)
    number = town.refs.next("D")
    body = {"functional_reference": number, "function_code": "9", "office": "9901", "voyage": voyage, "items": [ITEM]}
    await town.call("trader", "POST", "/api/records/base/declaration/declaration", body, 201)
    await town.work()
    row = await town.declared(number)
    (said,) = (await town.call("customs", "GET", f"{ASSESSMENT}?declaration={row.ref}"))["items"]
    assert (said["data"]["outcome"], said["data"]["chosen"]) == ("targeted", "random")
    (reason,) = [one for one in said["data"]["reasons"] if "/" in one["rule"]]
    assert (reason["rule"], reason["score"]) == (f"{profile['data']['code']}/1", 0.0)


async def test_conditions_that_cannot_be_judged_are_refused_with_their_place(town: Town) -> None:
    wrong = [{"what": "item.hs", "operator": "at_least", "values": ["1"]}]
    answer = await town.call("customs", "POST", PROFILE, draft(town, conditions=wrong), 422)
    assert answer["field"] == "conditions.0.operator"
    assert answer["reason"]["zh"]
    await town.call("trader", "POST", PROFILE, draft(town), 403)
    await town.call("customs", "POST", TRIAL, {}, 403)
    await town.call("customs", "POST", PROFILE, draft(town, proposed_by="me"), 422)
    said = await town.call("customs", "GET", "/api/targeting/fields")
    assert {"item.hs", "trader.hits", "route.flag"} <= {one["name"] for one in said["fields"]}
