"""Agency twins over real sockets against a tiny platform: answers, refusals, deduplication and bad days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from kouan_sim.agencies import AGENCIES, INSTRUCTION, PORT_CALL, Faults, Twin, judge, response, run_twins
from kouan_sim.envelopes import Told
from tests.sim.conftest import Signed

DECLARATION = "base.declaration.declaration"


def delivery(event: str, record: str = DECLARATION, **data: Any) -> dict[str, Any]:
    return {
        "id": f"d-{event}",
        "event": event,
        "connector": "customs",
        "record": record,
        "ref": "declaration:T|1",
        "version": 1,
        "data": data,
    }


async def until(what: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(name: str, platform: Any, **options: Any) -> AsyncIterator[tuple[Twin, httpx.AsyncClient]]:
    twin = Twin(AGENCIES[name], platform.url, f"token-{name}", think=0.05, **options)
    task = asyncio.create_task(twin.run())
    await until(lambda: name in platform.addresses)
    async with httpx.AsyncClient(base_url=platform.addresses[name], trust_env=False, auth=Signed()) as client:
        yield twin, client
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_delivery_is_taken_and_answered(platform: Any) -> None:
    async with running("customs", platform) as (_, client):
        assert (await client.get("/check")).json()["simulated"] is True
        taken = await client.post("/deliveries", json=delivery("e1"), headers={"X-Kouan-Event": "e1"})
        assert taken.status_code == 200
        reference = taken.json()["reference"]
        assert reference.startswith("CUS-")
        await until(lambda: len(platform.answers()) == 1)
    answer = platform.answers()[0]
    assert (answer["about"], answer["code"], answer["delivery"]) == ("declaration:T|1", "accepted", "d-e1")
    assert answer["reference"] == reference
    assert platform.filed[0][0] == "customs"


async def test_a_retry_of_the_same_event_is_answered_once(platform: Any) -> None:
    async with running("customs", platform) as (twin, client):
        replies = [
            (await client.post("/deliveries", json=delivery("e7"), headers={"X-Kouan-Event": "e7"})).json()
            for _ in range(3)
        ]
        await until(lambda: len(platform.answers()) == 1)
        await asyncio.sleep(0.2)
        assert {reply["reference"] for reply in replies} == {replies[0]["reference"]}
        assert (twin.deliveries, twin.repeated, len(platform.answers())) == (1, 2, 1)


async def test_a_line_of_a_manifest_is_taken_note_of_only(platform: Any) -> None:
    async with running("terminal", platform) as (twin, client):
        for event, record in (("e1", "base.manifest.consignment"), ("e2", "base.manifest.manifest")):
            reply = await client.post("/deliveries", json=delivery(event, record), headers={"X-Kouan-Event": event})
            assert reply.json()["reference"].startswith("TER-")
        await until(lambda: len(platform.answers()) == 1)
        await asyncio.sleep(0.2)
        assert [answer["delivery"] for answer in platform.answers()] == ["d-e2"]
        assert twin.deliveries == 2


async def test_a_port_call_is_received_then_judged(platform: Any) -> None:
    async with running("border", platform) as (_, client):
        for event, crew in (("e1", 21), ("e2", None)):
            told = delivery(event, PORT_CALL, crew_count=crew)
            await client.post("/deliveries", json=told, headers={"X-Kouan-Event": event})
        await until(lambda: len(platform.answers()) == 4)
    codes: dict[str, list[str]] = {"d-e1": [], "d-e2": []}
    for answer in platform.answers():
        codes[answer["delivery"]].append(answer["code"])
    assert codes == {"d-e1": ["received", "accepted"], "d-e2": ["received", "rejected"]}
    refusal = next(answer for answer in platform.answers() if answer["code"] == "rejected")
    assert "船员" in refusal["reason_zh"]
    assert "crew" in refusal["reason_en"]


@pytest.mark.parametrize("name", sorted(set(AGENCIES) - {"transport"}))
def test_each_agency_refuses_what_it_cannot_do_without(name: str) -> None:
    agency = AGENCIES[name]
    full = {"voyage": "1E", "draught_m": 9.4, "crew_count": 21, "eta": (datetime.now(UTC) + timedelta(hours=6)).isoformat()}
    assert judge(agency, PORT_CALL, full).code == "accepted"
    need = agency.needs[PORT_CALL][0].fields[0]
    assert judge(agency, PORT_CALL, {k: v for k, v in full.items() if k != need}).code == "rejected"
    answer = response(Told("d-e", "e", PORT_CALL, "", "portcall:X", "filed", "json", {}), "X-1", judge(agency, PORT_CALL, {}))
    assert "模拟" in answer["reason_zh"]
    assert "simulated" in answer["reason_en"]


async def test_answers_wait_for_a_platform_that_is_away(platform: Any) -> None:
    async with running("maritime", platform) as (_, client):
        platform.away = True
        await client.post("/deliveries", json=delivery("e1"), headers={"X-Kouan-Event": "e1"})
        await asyncio.sleep(0.4)
        assert platform.answers() == []
        platform.away = False
        await until(lambda: len(platform.answers()) == 1)


async def test_a_twin_registers_again_when_the_platform_forgot_it(platform: Any) -> None:
    async with running("terminal", platform, watch=0.2):
        await platform.server.close()
        platform.addresses.clear()
        await asyncio.sleep(0.5)
        await platform.server.open()
        await until(lambda: "terminal" in platform.addresses)


async def test_a_guest_takes_the_place_over_and_the_elder_takes_it_back(platform: Any) -> None:
    async with running("customs", platform, watch=0.2) as (elder, _):
        guest = Twin(AGENCIES["customs"], platform.url, "token-customs", watch=0.2, guest=True)
        task = asyncio.create_task(guest.run())
        await until(lambda: platform.addresses["customs"] != elder.server.url)
        await asyncio.sleep(0.6)
        assert platform.addresses["customs"] == guest.server.url
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: platform.addresses.get("customs") == elder.server.url)


async def test_an_elder_takes_the_place_back_from_one_that_died_but_not_at_once(platform: Any) -> None:
    async with running("customs", platform, watch=0.1) as (elder, _):
        platform.addresses["customs"] = "http://127.0.0.1:9"
        await asyncio.sleep(0.5)
        assert platform.addresses["customs"] != elder.server.url
        await until(lambda: platform.addresses["customs"] == elder.server.url)


async def test_a_twin_that_is_down_refuses_connections_and_comes_back(platform: Any) -> None:
    # So long that a busy machine does not sleep through it.
    faults = Faults(down=6, down_after=0.3)
    async with running("portoffice", platform, faults=faults) as (_, client), asyncio.timeout(60):
        while await up(client):
            await asyncio.sleep(0.05)
        while not await up(client):
            await asyncio.sleep(0.05)


async def up(client: httpx.AsyncClient) -> bool:
    """Whether a twin answers."""
    try:
        return (await client.get("/check")).status_code == 200
    except httpx.HTTPError:
        return False


async def test_slow_unavailable_and_doubling_twins(platform: Any) -> None:
    async with running("customs", platform, faults=Faults(unavailable=1.0)) as (_, client):
        assert (await client.get("/check")).status_code == 503
    platform.addresses.clear()
    async with running("customs", platform, faults=Faults(slow=0.3, duplicates=True)) as (twin, client):
        reply = await client.post("/deliveries", json=delivery("e1"), headers={"X-Kouan-Event": "e1"})
        assert reply.elapsed.total_seconds() > 0.3
        await until(lambda: len(twin.answers) == 2)
        assert twin.answers[0][0] == twin.answers[1][0]
        assert len(platform.answers()) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id":1}', b"\xff"])
async def test_nonsense_is_refused_politely(platform: Any, body: bytes) -> None:
    async with running("customs", platform) as (twin, client):
        assert (await client.post("/deliveries", content=body)).status_code == 400
        assert (await client.get("/elsewhere")).status_code == 404
        assert twin.deliveries == 0


async def test_twins_end_in_time(platform: Any) -> None:
    twins = [Twin(AGENCIES[name], platform.url, f"token-{name}") for name in AGENCIES]
    await asyncio.wait_for(run_twins(twins, 1.5), 6)
    assert set(platform.addresses) == set(AGENCIES)


async def test_what_is_not_signed_by_our_key_is_not_taken(platform: Any) -> None:
    async with running("customs", platform) as (twin, client):
        headers = {"X-Kouan-Event": "e1"}
        assert (await client.post("/deliveries", json=delivery("e1"), headers=headers, auth=httpx.Auth())).status_code == 401
        signed = client.build_request("POST", "/deliveries", json=delivery("e1"), headers=headers)
        next(Signed().auth_flow(signed))
        for name, value in (("webhook-id", "e2"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA"), ("x-kouan-event", "e2")):
            other = client.build_request("POST", "/deliveries", content=signed.content, headers={**signed.headers, name: value})
            assert (await client.send(other, auth=None)).status_code == 401, name
        altered = client.build_request("POST", "/deliveries", content=signed.content + b" ", headers={
            k: v for k, v in signed.headers.items() if k != "content-length"})  # fmt: skip
        assert (await client.send(altered, auth=None)).status_code == 401
        assert (twin.deliveries, twin.forged) == (0, 6)
        assert (await client.send(signed, auth=None)).status_code == 200


@pytest.mark.parametrize(
    ("media", "body", "form", "says"),
    [
        ("application/xml", b"<a xmlns='urn:x'><B>1</B></a>", "xml", {"B": "1"}),
        ("application/edifact", b"UNB+UNOC:3+A+B+1+1'UNH+1+CUSCAR:D:95B:UN'BGM+785+M?'1+9'UNT+3+1'UNZ+1+1'", "edifact",
         {"message": "CUSCAR", "document": "M?'1"}),
        ("application/json", b'{"VoyageNumber": "1E"}', "fal", {"VoyageNumber": "1E"}),
    ],
)  # fmt: skip
async def test_messages_of_other_standards_are_read(platform: Any, media: str, body: bytes, form: str, says: dict[str, Any]) -> None:
    async with running("customs", platform) as (twin, client):
        facts = {"id": "d-1", "event": "e1", "record": INSTRUCTION, "ref": "instruction:A/%E6%B5%B7", "what": "withdraw"}
        headers = {"Content-Type": media, **{f"X-Kouan-{name}": value for name, value in facts.items()}}
        assert (await client.post("/deliveries", content=body, headers=headers)).status_code == 200
        told = twin.instructions[0]
        assert (told.form, told.ref) == (form, "instruction:A/海")
        assert says.items() <= told.data.items()


async def test_an_instruction_is_acknowledged_and_replied_to(platform: Any) -> None:
    async with running("border", platform) as (_, client):
        told = {**delivery("e1", INSTRUCTION, to="org:border"), "record_id": "r-1", "what": "filed"}
        await client.post("/deliveries", json=told, headers={"X-Kouan-Event": "e1"})
        await until(lambda: bool(platform.bodies("/r-1/actions/reply")))
        assert platform.bodies("/r-1/actions/reply")[0]["data"]["outcome"] == "nothing-found"
