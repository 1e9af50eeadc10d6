"""The courier against real HTTP servers: subsets, retries, outages, dead letters, isolation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from kouan.base.exchange import connectors
from kouan.base.exchange.codecs import wco
from kouan.base.exchange.codecs.edifact import cuscar as cuscar_codec
from kouan.base.exchange.connectors import Courier, courier_of
from kouan.base.exchange.store import deliveries
from kouan.base.portcall.records import CUSTOMS, MARITIME, TERMINAL, TRANSPORT
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, RESPONSE, call, cuscar, declaration, fal, post
from tests.base.exchange.parties import first, party

PARTIES = ("customs", "maritime", "border", "portoffice", "transport", "terminal")
REF = "portcall:CNWHH/VESSEL:IMO:9321483/2611E"


@pytest.fixture
async def courier(house: House) -> AsyncIterator[Courier]:
    found = courier_of(house.port)
    yield found
    await found.stop()


async def know(house: House, org: str, url: str) -> dict[str, Any]:
    async with house.client(org) as client:
        answer = await client.put(f"/api/connectors/{org}", json={"address": url})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def file(house: House, **changes: Any) -> str:
    async with house.client("agent") as agent:
        answer = await post(agent, "json", call(**changes), record=CALL)
    assert answer.status_code == 201, answer.text
    await house.work()
    return str(answer.json()["records"][0]["ref"])


async def connector(house: House, org: str) -> dict[str, Any]:
    async with house.client(org) as client:
        found = (await client.get("/api/connectors")).json()
    return next(one for one in found if one["name"] == org)


async def inbox(house: House, org: str, role: str = "officer") -> list[dict[str, Any]]:
    async with house.client(org, role) as client:
        answer = await client.get("/api/inbox")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def until(what: Any, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.05)


async def test_a_call_filed_once_reaches_six_parties_each_with_its_own_part(house: House, courier: Courier) -> None:
    async with party() as a, party() as b, party() as c, party() as d, party() as e, party() as f:
        told = dict(zip(PARTIES, (a, b, c, d, e, f), strict=True))
        for org, its in told.items():
            await know(house, org, its.url)
        begun = time.monotonic()
        async with house.client("agent") as agent:
            assert (await post(agent, "imo-fal", fal())).status_code == 201
        await house.work()
        calls = {org: await first(its, CALL) for org, its in told.items()}
        took = time.monotonic() - begun
        for org, body in calls.items():
            async with house.client(org) as client:
                said = {"about": body["ref"], "code": "accepted", "reference": "R", "at": "2026-11-22T03:20:00Z",
                        "delivery": body["id"]}  # fmt: skip
                assert (await post(client, "json", said, record=RESPONSE)).status_code == 201
        await house.work()
    parts = {"customs": CUSTOMS, "terminal": TERMINAL}
    assert {body["ref"] for body in calls.values()} == {REF}
    for org in ("maritime", "portoffice", "border"):
        notice = calls[org]["data"]
        assert (notice["ShipID"]["ShipName"], notice["VoyageNumber"]) == ("WANGHAI STAR", "2611E"), "they get a FAL data set"
        assert notice.get("MasterName") == ("TESTER SAMPLE MASTER" if org != "portoffice" else None)
    document = ET.fromstring(calls["transport"]["data"])
    assert {child.tag.rpartition("}")[2] for child in document} <= set(TRANSPORT)
    assert document.findtext("{urn:kouan:record:1}ship_name") == "WANGHAI STAR"
    for org, fields in parts.items():
        assert set(calls[org]["data"]) <= set(fields), org
        assert calls[org]["data"]["ship_name"] == "WANGHAI STAR"
    assert "stores" in calls["customs"]["data"]
    assert took < 30, "a generous limit for a busy machine; the courier looks every 0.4 s"
    async with house.client("agent") as agent:
        meter = (await agent.get("/api/meter")).json()
    one = meter["calls"][0]
    assert {r["org"]: r["fields"] for r in one["receivers"]}.keys() == set(PARTIES)
    assert all(r["receipt"] == "accepted" and r["state"] == "answered" for r in one["receivers"])
    assert one["delivered"] == sum(r["fields"] for r in one["receivers"]) > one["typed"]
    assert one["saved_percent"] == round(100 * (1 - one["typed"] / one["delivered"]), 1)
    assert meter["totals"]["receipts"] == 6


async def test_border_inspection_is_told_who_is_aboard_and_nobody_else_is(house: House, courier: Courier) -> None:
    async with party() as border, party() as customs:
        await know(house, "border", border.url)
        await know(house, "customs", customs.url)
        async with house.client("agent") as agent:
            assert (await post(agent, "imo-fal", fal())).status_code == 201
        await house.work()
        await border.wait(4)
        await customs.wait(1)
    persons = [t["data"] for t in border.told if t["record"] == "base.portcall.person_aboard"]
    assert {p["document_number"] for p in persons} == {"E00000001", "P0000002A", "A00000003"}
    assert all(p["family_name"] == "TESTER" for p in persons)
    assert [t["record"] for t in customs.told] == [CALL]
    clear = await house.rows("select d::text as line from delivery d")
    assert not any("TESTER" in row["line"] or "E00000001" in row["line"] for row in clear)
    reads = await house.rows("select account from audit where action = 'base.portcall.person_aboard:deliver'")
    assert [row["account"] for row in reads] == ["connector:border"] * 3


async def test_cargo_goes_to_customs_and_terminal(house: House, courier: Courier) -> None:
    async with party() as customs, party() as terminal, party() as border:
        for org, its in (("customs", customs), ("terminal", terminal), ("border", border)):
            await know(house, org, its.url)
        async with house.client("carrier") as carrier, house.client("trader") as trader:
            assert (await post(carrier, "edifact", cuscar())).status_code == 201
            assert (await post(trader, "wco-dec", declaration())).status_code == 201
        await house.work()
        await customs.wait(5)
        await terminal.wait(5)
    full = next(t["data"] for t in customs.told if t["record"].endswith("declaration"))
    part = next(t["data"] for t in terminal.told if t["record"].endswith("declaration"))
    assert wco.read(full).items, "customs gets WCO XML"
    assert "items" not in part
    assert "invoice_amount" not in part
    report = next(t["data"] for t in terminal.told if t["record"] == "base.manifest.manifest")
    assert len(cuscar_codec.read(report)[0].consignments) == 3, "the terminal gets a cargo report"
    assert not border.told


async def test_a_party_that_was_down_gets_everything_soon_after_it_is_back(house: House, courier: Courier) -> None:
    async with party() as customs:
        await know(house, "customs", customs.url)
        await customs.down()
        refs = [await file(house, voyage=f"{n}E") for n in range(6)]

        async def out() -> bool:
            return bool((await connector(house, "customs"))["outage_since"])

        await until(out)
        state = await connector(house, "customs")
        assert state["status"] == "down"
        assert state["waiting"] == 6
        assert state["dead"] == 0
        await asyncio.sleep(3)
        waiting = await inbox(house, "customs")
        assert {one["state"] for one in waiting} == {"waiting"}
        assert max(one["attempts"] for one in waiting) >= 1
        await customs.up()
        await customs.wait(6, seconds=12)
        assert sorted(t["ref"] for t in customs.told) == sorted(refs)
        assert len(set(customs.events)) == 6

        async def back() -> bool:
            found = await connector(house, "customs")
            return found["status"] == "up" and found["waiting"] == 0 and found["outage_since"] is None

        await until(back)
    assert {one["state"] for one in await inbox(house, "customs")} == {"delivered"}


async def test_one_dead_party_harms_no_other(house: House, courier: Courier) -> None:
    async with party(pause=30) as hung, party() as maritime:
        await know(house, "customs", hung.url)
        await know(house, "terminal", "http://127.0.0.1:1")
        await know(house, "maritime", maritime.url)
        begun = time.monotonic()
        for n in range(5):
            await file(house, voyage=f"{n}E")
        await maritime.wait(5, seconds=10)
        assert time.monotonic() - begun < 10
    assert (await connector(house, "maritime"))["outage_since"] is None


async def test_the_event_is_the_same_on_every_try_and_a_duplicate_is_known_by_it(house: House, courier: Courier) -> None:
    seen: list[str] = []

    def twice(delivery: dict[str, Any]) -> int:
        seen.append(delivery["event"])
        return 500 if len(seen) < 3 else 200

    async with party(status=twice) as customs:
        await know(house, "customs", customs.url)
        await file(house)
        await customs.wait(1)
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert customs.events == seen[:1]


async def test_what_a_party_refuses_becomes_a_dead_letter_and_can_be_tried_again(
    house: House, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(connectors, "MOST_REFUSED", 3)
    async with party(status=lambda d: 400 if d["ref"].endswith("/BAD") else 200) as customs:
        await know(house, "customs", customs.url)
        await file(house, voyage="BAD")
        await file(house, voyage="GOOD")
        await customs.wait(1)
        assert customs.told[0]["ref"].endswith("/GOOD")

        async def dead() -> bool:
            return bool((await connector(house, "customs"))["dead"] == 1)

        await until(dead)
        letter = next(one for one in await inbox(house, "customs") if one["dead"])
        assert letter["state"] == "waiting"
        assert "400" in letter["error"]
        calls = customs.calls
        await asyncio.sleep(1)
        assert customs.calls == calls, "a dead letter is not tried any more"
        customs.status = lambda _delivery: 200
        async with house.client("maritime") as other:
            assert (await other.post(f"/api/inbox/{letter['id']}/retry")).status_code == 404
        async with house.client("customs") as client:
            assert (await client.post(f"/api/inbox/{letter['id']}/retry")).status_code == 204
        await customs.wait(2)


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"reference": null}', b"{" * 100_000])
async def test_an_answer_without_a_reference_is_no_answer(house: House, courier: Courier, body: bytes) -> None:
    async with party(body=body) as customs:
        await know(house, "customs", customs.url)
        await file(house)
        await customs.wait(1)

        async def failed() -> bool:
            return bool((await inbox(house, "customs"))[0]["error"])

        await until(failed)
    assert (await inbox(house, "customs"))[0]["state"] == "waiting"


async def test_versions_of_a_record_come_in_order(house: House, courier: Courier) -> None:
    ref = await file(house)
    kept = (await house.port.find(house.who("agent"), CALL, ref=ref))[0]
    for number in (2, 3):
        changed = kept.data.model_copy(update={"crew_count": 20 + number})
        await house.port.amend(house.who("agent"), changed, kept.id, number - 1, str(number).encode())
    await house.work()
    async with party() as customs:
        await know(house, "customs", customs.url)
        await customs.wait(3)
    assert [(t["version"], t["data"]["crew_count"]) for t in customs.told] == [(1, 21), (2, 22), (3, 23)]


async def asked(house: House, org: str) -> list[str]:
    """What still waits for an organisation's answer."""
    async with house.client(org) as client:
        found = (await client.get("/api/inbox", params={"asking": "true"})).json()
    assert all(one["asks"] for one in found)
    return [one["ref"] for one in found]


async def test_without_an_address_the_inbox_is_worked_by_hand(house: House, courier: Courier) -> None:
    ref = await file(house, master_name="TESTER MASTER", master="person:P/CN/E1")
    waiting = await inbox(house, "maritime")
    assert [(one["ref"], one["state"], one["attempts"]) for one in waiting] == [(ref, "waiting", 0)]
    assert set(waiting[0]["data"]) <= set(MARITIME)
    assert waiting[0]["data"]["master_name"] == "TESTER MASTER"
    clerk = (await inbox(house, "maritime", "clerk"))[0]
    assert (clerk["data"]["master_name"], clerk["masked"]) == ("T***", ["master_name"])
    async with house.client("maritime") as maritime, house.client("customs") as customs:
        url = f"/api/inbox/{waiting[0]['id']}/answer"
        assert (await customs.post(url, json={"code": "accepted"})).status_code == 404
        said = await maritime.post(url, json={"code": "rejected", "reason": {"zh": "吃水不符", "en": "draught differs"}})
        assert said.status_code == 201, said.text
        keyed = [await maritime.post(url, json={"code": "received"}, headers={"Idempotency-Key": "a"}) for _ in range(2)]
        assert keyed[0].status_code == 201
        assert keyed[0].json() == keyed[1].json()
        again = await maritime.post(url, json={"code": "rejected"})
        assert (again.status_code, again.json()["code"]) == (409, "natural_key_kept")
        assert (await maritime.post(url, json={"code": "eaten"})).status_code == 422
    async with house.client("maritime", "viewer") as viewer:
        assert (await viewer.post(url, json={"code": "accepted"})).status_code == 403
    assert await asked(house, "maritime") == [ref]
    await house.work()
    done = (await inbox(house, "maritime"))[0]
    assert done["state"] == "answered"
    assert await asked(house, "maritime") == [], "what was answered waits no more"
    assert [(r["code"], r["reason"]["en"]) for r in done["receipts"]] == [
        ("rejected", "draught differs"), ("received", None),
    ]  # fmt: skip
    kept = (await house.port.find(house.who("agent"), CALL, ref=ref))[0]
    assert kept.tracks["maritime"]["state"] == "rejected"


async def test_checks_are_shown(house: House, courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors, "CHECK", 0.1)
    await courier.stop()
    async with party() as customs:
        await know(house, "customs", customs.url)
        await know(house, "border", "http://127.0.0.1:1")
        courier.start()

        async def checked() -> bool:
            return all([(await connector(house, org))["check"] for org in ("customs", "border")])

        await until(checked)
    assert (await connector(house, "customs"))["check"]["ok"] is True
    wrong = (await connector(house, "border"))["check"]
    assert wrong["ok"] is False
    assert wrong["reason"]["zh"]


async def test_two_couriers_deliver_once(house: House, courier: Courier) -> None:
    other = Courier(house.port)
    async with party() as customs:
        for n in range(40):
            async with house.client("agent") as agent:
                assert (await post(agent, "json", call(voyage=f"{n}E"), record=CALL)).status_code == 201
        await house.work()
        other.start()
        await know(house, "customs", customs.url)
        await customs.wait(40)
        await asyncio.sleep(1)
        await other.stop()
    assert len(customs.told) == len({t["event"] for t in customs.told}) == 40


async def test_a_courier_that_died_in_the_middle_loses_nothing(
    house: House, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "LEASE", timedelta(seconds=1))
    async with party(pause=3) as customs:
        await know(house, "customs", customs.url)
        await file(house)

        async def taken() -> bool:
            return bool(await house.rows("select 1 from delivery where connector = 'customs' and attempts = 1"))

        await until(taken)
        await courier.stop()  # as a killed process: the party may have it, nobody noted so
        customs.pause = 0
        courier.start()
        await customs.wait(1)

        async def settled() -> bool:
            return bool((await inbox(house, "customs"))[0]["state"] == "delivered")

        await until(settled)
    assert len(set(customs.events)) == 1
