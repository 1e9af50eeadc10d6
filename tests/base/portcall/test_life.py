"""A port call's five tracks follow what the five authorities answer."""

from __future__ import annotations

import random

import pytest

from kouan.base.portcall.lifecycle import PARTIES, PortCallLife
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, call, post
from tests.base.receipt.test_receipts import REF, answer, filed, respond


async def states(house: House) -> tuple[str, dict[str, str]]:
    kept = (await house.port.find(house.who("agent"), CALL, ref=REF))[0]
    return kept.state, {name: track["state"] for name, track in kept.tracks.items()}


async def test_it_is_accepted_when_all_five_accept(house: House) -> None:
    await filed(house)
    assert await states(house) == ("under_review", dict.fromkeys(PARTIES, "submitted"))
    for org in PARTIES:
        await respond(house, org, answer("received"))
        await respond(house, org, answer("accepted"))
    await house.work()
    assert await states(house) == ("accepted", dict.fromkeys(PARTIES, "accepted"))


async def test_one_rejection_rejects_it_until_it_is_taken_back(house: House) -> None:
    await filed(house)
    await respond(house, "border", answer("rejected"))
    await house.work()
    assert (await states(house))[0] == "rejected"
    await respond(house, "border", answer("accepted", at="2026-11-22T04:00:00Z"))
    await house.work()
    assert (await states(house))[0] == "under_review"


async def test_answers_may_come_in_any_order(house: House) -> None:
    await filed(house)
    said = [
        answer("received", at="2026-11-22T03:00:00Z"),
        answer("rejected", at="2026-11-22T04:00:00Z"),
        answer("accepted", at="2026-11-22T05:00:00Z"),
    ]
    for number, org in enumerate(PARTIES):
        random.Random(number).shuffle(said)
        for body in said:
            await respond(house, org, body)
            await house.work(1)
    assert await states(house) == ("accepted", dict.fromkeys(PARTIES, "accepted"))


async def test_an_agency_moves_its_own_track_only(house: House) -> None:
    await filed(house)
    await respond(house, "transport", answer("rejected"))
    await house.work()
    assert (await states(house))[0] == "under_review"
    assert not await house.rows("select 1 from task where handler like 'base.%'")


@pytest.mark.parametrize(
    ("held", "overall"),
    [
        (["accepted"] * 5, "accepted"),
        (["accepted"] * 4 + ["received"], "under_review"),
        (["accepted"] * 4 + ["rejected"], "rejected"),
        (["submitted"] * 5, "under_review"),
    ],
)
def test_overall(held: list[str], overall: str) -> None:
    assert PortCallLife.overall(dict(zip(PARTIES, held, strict=True))) == overall


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"vessel": "IMO 9321484"}, "PC-IMO", "vessel"),
        ({"eta": "2020-01-01T00:00:00Z"}, "PC-ETA", "eta"),
        ({"eta": "2030-01-01T00:00:00"}, "timezone_aware", "eta"),
        ({"mmsi": "12345"}, "string_pattern_mismatch", "mmsi"),
    ],
)
async def test_a_call_that_cannot_be_is_refused(house: House, changes: dict[str, str], rule: str, field: str) -> None:
    async with house.client("agent") as agent:
        found = await post(agent, "json", call(**changes), record=CALL)
    assert found.status_code == 422
    assert (found.json()["rule"], found.json()["field"]) == (rule, field)


async def test_an_unassigned_mmsi_is_kept_with_a_warning(house: House) -> None:
    async with house.client("agent") as agent:
        found = await post(agent, "json", call(mmsi="299999999"), record=CALL)
    assert found.status_code == 201
    assert [warning["rule"] for warning in found.json()["records"][0]["warnings"]] == ["PC-MMSI"]
