"""Certificates cited by number alone: verified at their issuer's service over HTTP, written off, waited for, given back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kouan.base.permit import service
from kouan.base.permit.asking import Asking, Away
from kouan_sim.authority import Authority, Paper
from kouan_sim.httpd import Reply, Request, Server
from tests.base.permit.papers import CERTIFICATE, DECLARATION, VERIFIER, WRITEOFF, declare, declared, issue
from tests.town import Town


@asynccontextmanager
async def open_authority(town: Town, kind: str, *papers: Paper) -> AsyncIterator[Authority]:
    """An authority that answers for a kind, at work."""
    authority = Authority()
    authority.issue(papers)
    await authority.server.open()
    town.port.extras[service.DEMO] = True
    body = {"number": town.refs.next("V"), "title_zh": "模拟商务主管部门", "title_en": "SIM Commerce Authority", "kinds": [kind],
            "address": authority.url}  # fmt: skip
    await town.call("portoffice", "POST", VERIFIER, body, 201)
    yield authority
    await authority.server.close()


async def look(town: Town) -> None:
    """One pass of the verifying job, and what follows from it."""
    await service.look(town.port)
    await town.work()


async def becomes(town: Town, ref: str, state: str) -> dict[str, Any]:
    """Work on until the verification of a declaration stands in a state."""
    limit = time.monotonic() + 20
    while (found := await verification(town, ref))["state"] != state:
        assert time.monotonic() < limit, found
        await asyncio.sleep(0.2)
        await town.work(2)
    await town.work(2)
    return found


async def verification(town: Town, ref: str, org: str = "trader") -> dict[str, Any]:
    """The one verification of a declaration, as an organisation sees it."""
    found = await town.call(org, "GET", CERTIFICATE, params={"declaration": ref})
    assert len(found["items"]) == 1, found
    return dict(found["items"][0])


async def state(town: Town, item: dict[str, Any]) -> str:
    """The state of a declaration."""
    return str((await town.call("trader", "GET", f"{DECLARATION}/{item['id']}"))["state"])


def paper(town: Town, **more: Any) -> Paper:
    """A certificate of 100 kg for the demo's trader."""
    stated: dict[str, Any] = {"kind": "1", "number": town.refs.next("C"), "holder": "TRADER", "until": date(2090, 1, 1),
                              "hs": "8458", "left": Decimal(100)}  # fmt: skip
    return Paper(**{**stated, **more})


async def test_a_number_alone_is_verified_and_written_off_and_the_goods_released(town: Town) -> None:
    one = paper(town)
    async with open_authority(town, "1", one):
        item = (await declare(town, f"1/{one.number}", 60))["item"]
        await look(town)
        found = await verification(town, item["ref"])
        assert (found["state"], found["data"]["verdict"], found["data"]["remaining"]) == ("valid", "valid", "40")
        assert "SIM Commerce Authority" in found["data"]["source"]
        assert found["data"]["verified_at"]
        assert one.left == 40
        assert await state(town, item) == "released"
        rows = (await town.call("trader", "GET", WRITEOFF, params={"declaration": item["ref"]}))["items"]
        assert [(r["data"]["quantity"], r["data"]["remaining"]) for r in rows] == [("60", "40")]
        await look(town)
        assert one.left == 40, "written off once, however often it is looked at"
        for other in ("trucker", "terminal"):
            assert (await town.call(other, "GET", CERTIFICATE, params={"declaration": item["ref"]}))["items"] == []


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"number": "NONE"}, "unknown"),
        ({"until": date(2021, 1, 1)}, "expired"),
        ({"holder": "SOMEBODY"}, "holder"),
        ({"left": Decimal(5)}, "exceeded"),
    ],
)
async def test_a_certificate_that_is_not_good_holds_the_goods_with_its_reason(
    town: Town, more: dict[str, Any], verdict: str
) -> None:
    one = paper(town, **{name: value for name, value in more.items() if name != "number"})
    cited = town.refs.next("FAKE") if "number" in more else one.number
    async with open_authority(town, "1", one):
        item = (await declare(town, f"1/{cited}", 60))["item"]
        await look(town)
        found = await verification(town, item["ref"])
        assert (found["state"], found["data"]["verdict"]) == ("invalid", verdict)
        assert found["data"]["reason_zh"]
        assert await state(town, item) == "assessed"
        missing = {m["rule"]: m for m in (await town.trace("trader", item["ref"]))["missing"]}
        assert missing["REL-PERMIT-VALID"]["owner"]["org"] == "trader"
        assert missing["REL-PERMIT-VALID"]["deadline"]
        assert missing["REL-PERMIT-VALID"]["reason"]["en"] == found["data"]["reason_en"]


async def test_a_service_that_is_away_is_asked_again_by_itself(town: Town) -> None:
    one = paper(town)
    async with open_authority(town, "1", one) as authority:
        await authority.server.close()
        item = (await declare(town, f"1/{one.number}", 60))["item"]
        await look(town)
        found = await verification(town, item["ref"])
        assert (found["state"], found["data"]["verdict"]) == ("pending", "away")
        assert found["data"]["tries"] >= 1
        assert await state(town, item) == "assessed"
        missing = {m["rule"]: m for m in (await town.trace("trader", item["ref"]))["missing"]}
        assert missing["REL-PERMIT"]["owner"]["org"] == "portoffice"
        assert "away" in missing["REL-PERMIT"]["reason"]["en"]
        assert missing["REL-PERMIT"]["deadline"]
        await authority.server.open()
        await becomes(town, item["ref"], "valid")
        assert await state(town, item) == "released"
        assert one.left == 40


async def test_cancelling_gives_back_what_the_issuer_wrote_off(town: Town) -> None:
    one = paper(town)
    async with open_authority(town, "1", one):
        body = declared(town.refs.next("D"), f"1/{one.number}", 60)
        fake = {**body["items"][0], "sequence": 2, "permits": [{"permit": "1/FAKE", "quantity": "1", "unit": "KGM"}]}
        item = (await town.call("trader", "POST", DECLARATION, {**body, "items": [*body["items"], fake]}, 201))["item"]
        await look(town)
        assert one.left == 40
        assert await state(town, item) == "assessed"
        await town.call("trader", "POST", f"{DECLARATION}/{item['id']}/actions/cancel", {})
        await look(town)
        assert one.left == 100
        found = await town.call("trader", "GET", CERTIFICATE, params={"declaration": item["ref"]})
        assert {(one["state"], one["data"]["line"]) for one in found["items"]} == {("returned", 1), ("returned", 2)}
        rows = (await town.call("customs", "GET", WRITEOFF, params={"declaration": item["ref"]}))["items"]
        assert [Decimal(row["data"]["quantity"]) for row in rows] in ([60, -60], [-60, 60])


async def test_a_permit_that_comes_after_its_declaration_is_drawn_upon_then(town: Town) -> None:
    number = town.refs.next("L")
    first = (await declare(town, f"4/{number}", 60))["item"]
    second = (await declare(town, f"4/{number}", 60))["item"]
    await look(town)
    assert "not on file here" in (await verification(town, first["ref"]))["data"]["reason_en"]
    _, permit = await issue(town, kind="4", number=number)
    states: list[str] = []
    limit = time.monotonic() + 20
    while sorted(states) != ["invalid", "valid"]:
        assert time.monotonic() < limit, states
        await asyncio.sleep(0.2)
        await town.work(2)
        states = [(await verification(town, one["ref"]))["state"] for one in (first, second)]
    seen = await town.call("customs", "GET", f"/api/records/base/permit/permit/{permit['id']}")
    assert (seen["data"]["drawn"], seen["data"]["used"]) == ("60", 1)


async def test_a_declaration_for_another_office_asks_nobody(town: Town) -> None:
    item = (await declare(town, f"1/{town.refs.next('C')}", 60, office="0101"))["item"]
    await look(town)
    assert (await town.call("trader", "GET", CERTIFICATE, params={"declaration": item["ref"]}))["items"] == []


@pytest.mark.parametrize("reply", [Reply(200, {"verdict": "perhaps"}), Reply(500, {}), Reply(200, [1]), Reply(302, {})])
async def test_what_cannot_be_understood_is_no_answer(reply: Reply) -> None:
    async def handle(_: Request) -> Reply:
        return reply

    server = Server(handle)
    await server.open()
    async with Asking(demo=True) as asking:
        with pytest.raises(Away):
            await asking.verify(server.url, {})
        with pytest.raises(Away):
            await Asking(demo=False).verify(server.url, {})
    await server.close()
    await asyncio.sleep(0)
