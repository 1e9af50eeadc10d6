"""A call with all its lists: filed once, amended by later notices, seen by its readers alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.base.conftest import House
from tests.base.exchange.bodies import fal, post, sample

ABOARD = "r_base_portcall_person_aboard"
Change = Callable[[dict[str, Any]], Any]


def notice(**changes: Any) -> dict[str, Any]:
    return {**json.loads(fal()), **changes}


def later(**lists: Any) -> dict[str, Any]:
    """A notice that names its call, and states nothing but some lists."""
    whole = notice()
    head = {"ShipID": {"IMONumber": whole["ShipID"]["IMONumber"]}, "VoyageNumber": whole["VoyageNumber"]}
    return {**head, "PortOfArrival": {"UNLoCode": "CNWHH"}, **lists}


async def told(client: httpx.AsyncClient, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
    answer = await post(client, "imo-fal", json.dumps(body).encode())
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def aboard(house: House) -> dict[str, tuple[str, int]]:
    rows = await house.rows(f"select doc, version from {ABOARD} order by seq")
    return {row["doc"]["rank"]: (row["doc"]["status"], row["version"]) for row in rows}


async def call(house: House) -> Any:
    return (await house.rows("select doc, sealed, version, warnings from r_base_portcall_port_call"))[0]


async def test_a_second_crew_list_replaces_the_first_and_keeps_the_rest(house: House) -> None:
    async with house.client("agent") as agent:
        await told(agent, notice())
        before = await call(house)
        crew = notice()["CrewList"]
        changed = [{**crew[0], "Duty": "Captain"}, crew[1], {**crew[2], "Duty": "Cook", "IdentityDocument": {
            "Type": "passport", "Number": "K0000009", "IssuingCountry": "CN"}}]  # fmt: skip
        await told(agent, later(CrewList=changed))
    after = await call(house)
    assert after["version"] == 2
    assert after["doc"] == before["doc"]
    assert set(after["sealed"]) == set(before["sealed"]) == {"master_name"}
    assert await aboard(house) == {
        "Captain": ("aboard", 2), "Chief Officer": ("aboard", 1), "Chief Engineer": ("removed", 2), "Cook": ("aboard", 1),
    }  # fmt: skip


async def test_a_merged_list_removes_nobody_and_another_list_says_nothing_of_the_crew(house: House) -> None:
    async with house.client("agent") as agent:
        await told(agent, notice())
        await told(agent, later(ListUpdate="merge", CrewList=notice()["CrewList"][:1]))
        await told(agent, later(ShipStore=[{"ArticleName": "Beer", "Quantity": 3, "UnitCode": "LTR"}]))
        assert {status for status, _ in (await aboard(house)).values()} == {"aboard"}
        stores = await house.rows("select doc, version from r_base_portcall_ship_stores")
        assert (stores[0]["version"], stores[0]["doc"]["lines"][0]["article"]) == (2, "Beer")
        found = await told(agent, later(CrewList=[]))
    assert {status for status, _ in (await aboard(house)).values()} == {"removed"}
    assert [w["code"] for w in found["records"][0]["warnings"]] == ["fal.crew"]


async def test_a_first_notice_needs_what_a_call_needs(house: House) -> None:
    async with house.client("agent") as agent:
        problem = await told(agent, later(CrewList=notice()["CrewList"]), 422)
    places = {p["position"] for p in problem["problems"]}
    assert places == {"/ShipID/ShipName", "/ShipID/FlagState", "/PortOfArrival/ArrivalTime", "/PersonsOnboard/NumberOfCrew"}
    assert all(p["reason"]["zh"] and p["reason"]["en"] for p in problem["problems"])
    assert problem["kept"]


async def test_another_agent_neither_amends_a_call_nor_adds_to_it(house: House) -> None:
    house.orgs.add("agent2", "agent")
    async with house.client("agent") as agent, house.client("agent2") as other:
        ref = (await told(agent, notice()))["records"][0]["ref"]
        answer = await post(other, "imo-fal", json.dumps(notice()).encode())
        assert (answer.status_code, answer.json()["code"]) == (409, "natural_key_kept")
        row = {"call": ref, "person": "person:P/CN/E1234567", "role": "crew", "nationality": "CN"}
        answer = await post(other, "json", row, record="base.portcall.person_aboard")
        assert (answer.status_code, answer.json()["problems"][0]["rule"]) == (422, "FAL-OWNER-PERSON")
        cargo = {"call": ref, "lines": [{"description": "GARMENTS"}]}
        answer = await post(other, "json", cargo, record="base.portcall.cargo_declaration")
        assert answer.status_code == 422, answer.text


async def test_many_lists_at_the_same_moment_leave_one_of_them(house: House) -> None:
    crew = notice()["CrewList"]

    def one(number: int) -> dict[str, Any]:
        document = {"Type": "passport", "Number": f"K000000{number}", "IssuingCountry": "CN"}
        return later(CrewList=[{**crew[0], "Duty": f"Rank {number}", "IdentityDocument": document}])

    async with house.client("agent") as agent:
        await told(agent, notice())
        answers = await asyncio.gather(*(post(agent, "imo-fal", json.dumps(one(n)).encode()) for n in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    present = [rank for rank, (status, _) in (await aboard(house)).items() if status == "aboard"]
    assert len(present) == 1


@pytest.mark.parametrize(
    ("record", "readers"),
    [
        ("ship_stores", {"customs"}), ("crew_effects", {"customs"}), ("health_declaration", {"customs", "border"}),
        ("security_declaration", {"maritime", "border", "portoffice"}),
        ("waste_declaration", {"maritime", "customs", "portoffice", "terminal"}),
    ],
)  # fmt: skip
async def test_each_list_has_its_own_readers(house: House, record: str, readers: set[str]) -> None:
    async with house.client("agent") as agent:
        await told(agent, notice())
    rows = await house.rows(f"select readers from r_base_portcall_{record}")
    assert {house.orgs.slug(n) for n in rows[0]["readers"]} - {"agent", "?"} == readers


async def test_the_workbook_and_the_lists_file_the_same_call(house: House) -> None:
    async with house.client("agent") as agent:
        answer = await post(agent, "imo-fal-xlsx", sample("fal-workbook.xlsx"))
        assert answer.status_code == 201, answer.text
        assert len(answer.json()["records"]) == 9
        crew = sample("fal-crew-list.csv").decode("utf-8-sig").encode("gb18030")
        answer = await post(agent, "imo-fal-csv", crew)
        assert answer.status_code == 201, answer.text
    assert await call(house)
    ranks = await aboard_all(house)
    assert ranks == [("Master", "aboard"), (None, "aboard")]


async def aboard_all(house: House) -> list[tuple[str | None, str]]:
    rows = await house.rows(f"select doc from {ABOARD} order by doc->>'role'")
    return [(row["doc"].get("rank"), row["doc"]["status"]) for row in rows]
