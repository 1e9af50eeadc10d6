"""The outbox by its doors: hops, sending again, skipping, order, routes, credentials, the public status."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.exchange import connectors
from kouan.base.exchange.connectors import Courier, courier_of
from kouan.base.exchange.service import signing
from kouan.base.exchange.service.status import _percent, beat
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, cuscar, post
from tests.base.exchange.parties import Party, party
from tests.base.exchange.test_connectors import connector, file, know, until


@pytest.fixture
async def courier(house: House) -> AsyncIterator[Courier]:
    found = courier_of(house.port)
    yield found
    await found.stop()


async def lines(house: House, org: str, **query: str) -> list[dict[str, Any]]:
    async with house.client(org) as client:
        answer = await client.get("/api/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json() if one["connector"] == "customs"]


async def hops(house: House, org: str, delivery: str) -> list[dict[str, Any]]:
    async with house.client(org) as client:
        answer = await client.get(f"/api/deliveries/{delivery}/hops")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["hops"]
    return found


async def dead(house: House) -> dict[str, Any]:
    """The dead letter, once it is one."""

    async def is_dead() -> bool:
        return bool(await lines(house, "customs", state="dead"))

    await until(is_dead)
    return (await lines(house, "customs", state="dead"))[0]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(connectors, "MOST_REFUSED", 3)


@pytest.mark.usefixtures("impatient")
async def test_a_dead_letter_tells_its_hops_and_is_sent_again_under_the_same_event(house: House, courier: Courier) -> None:
    async with party(status=lambda _: 400) as customs:
        await know(house, "customs", customs.url)
        await file(house)
        letter = await dead(house)
        assert (letter["state"], letter["yours"], letter["next_try"]) == ("dead", True, None)
        found = await hops(house, "customs", letter["id"])
        assert [(h["hop"], h["times"]) for h in found[2:]] == [("queued", 1), ("refused", 3), ("dead", 1)]
        assert found[3]["why"] == "HTTP 400"
        told = await hops(house, "agent", letter["id"])
        assert [h["hop"] for h in told] == [h["hop"] for h in found], "the sender sees every hop"
        assert all(h["why"] is None for h in told if h["hop"] in ("refused", "dead")), "but not the receiver's errors"
        customs.status = lambda _: 200
        async with house.client("customs", "viewer") as viewer, house.client("customs") as client:
            assert (await viewer.post(f"/api/deliveries/{letter['id']}/resend")).status_code == 403
            assert (await client.post("/api/deliveries/resend", json={"note": "mended"})).json() == {"resent": 1, "overtaken": 0}
        await customs.wait(1)

        async def settled() -> bool:
            return [h["hop"] for h in await hops(house, "customs", letter["id"])][-2:] == ["resent", "delivered"]

        await until(settled)
    assert len({h["x-kouan-event"] for h in customs.headers}) == 1


@pytest.mark.usefixtures("impatient")
async def test_a_delivery_is_skipped_with_a_reason_only(house: House, courier: Courier) -> None:
    async with party(status=lambda _: 400) as customs:
        await know(house, "customs", customs.url)
        await file(house)
        letter = await dead(house)
        url = f"/api/deliveries/{letter['id']}/skip"
        async with house.client("customs") as client, house.client("maritime") as other, house.client("agent") as sender:
            assert (await client.post(url, json={"note": " "})).json()["field"] == "note"
            for stranger in (other, sender):
                assert (await stranger.post(url, json={"note": "x"})).status_code == 404
            assert (await client.post(url, json={"note": "came on paper"})).status_code == 204
            assert (await client.post(url, json={"note": "again"})).status_code == 409
            assert (await client.post(f"/api/deliveries/{letter['id']}/resend")).status_code == 409
        last = (await hops(house, "customs", letter["id"]))[-1]
        assert (last["hop"], last["why"], last["by"]) == ("skipped", "came on paper", "customs")
        assert await lines(house, "customs") == []


@pytest.mark.usefixtures("impatient")
async def test_what_a_later_version_overtook_is_not_sent_out_of_order(house: House, courier: Courier) -> None:
    async with party(status=lambda d: 400 if d["version"] == 1 else 200) as customs:
        await know(house, "customs", customs.url)
        ref = await file(house)
        letter = await dead(house)
        kept = (await house.port.find(house.who("agent"), CALL, ref=ref))[0]
        await house.port.amend(house.who("agent"), kept.data.model_copy(update={"crew_count": 22}), kept.id, 1, b"2")
        await house.work()
        await customs.wait(1)

        async def noted() -> bool:
            return bool(await lines(house, "customs", state="delivered"))

        await until(noted)
        async with house.client("customs") as client:
            answer = await client.post(f"/api/deliveries/{letter['id']}/resend")
            assert (answer.status_code, answer.json()["code"]) == (409, "delivery.overtaken")
            assert (await client.post("/api/deliveries/resend")).json() == {"resent": 0, "overtaken": 1}
    assert [t["version"] for t in customs.told] == [2]


async def test_every_message_is_signed_and_a_replaced_key_signs_beside_the_new_one(house: House, courier: Courier) -> None:
    async with party() as customs:
        await know(house, "customs", customs.url)
        async with house.client("customs") as client, house.client("maritime") as other, house.client("customs", "clerk") as clerk:
            for stranger in (other, clerk):
                assert (await stranger.post("/api/connectors/customs/secret")).status_code == 403
            keys = [(await client.post("/api/connectors/customs/secret")).json()["secret"] for _ in range(2)]
            assert keys[0] != keys[1]
            assert "whsec_" not in (await client.get("/api/connectors")).text, "a key is told once"
        await file(house)
        await customs.wait(1)
    headers, body = customs.headers[0], customs.bodies[0]
    assert headers["webhook-id"] == headers["x-kouan-event"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    raw = [base64.b64decode(key.removeprefix("whsec_")) for key in reversed(keys)]
    expected = ["v1," + base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode() for key in raw]
    assert headers["webhook-signature"].split() == expected
    rows = await house.rows("select wrapped from connector_secret")
    assert not any(key in bytes(row["wrapped"]) for key in raw for row in rows), "keys are kept wrapped"


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=40))
def test_a_signature_holds_for_one_key_and_one_body(body: bytes, key: bytes, other: bytes) -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    signed = signing.headers("e", at, body, [key])[signing.SIGNATURE]
    assert signing.headers("e", at, body, [key])[signing.SIGNATURE] == signed
    assert signing.headers("e", at, body + b"x", [key])[signing.SIGNATURE] != signed
    if key.ljust(64, b"\0") != other.ljust(64, b"\0"):
        assert signing.headers("e", at, body, [other])[signing.SIGNATURE] != signed
    assert signing.SIGNATURE not in signing.headers("e", at, body, [])


async def test_routes_choose_form_and_condition_and_widen_nothing(house: House, courier: Courier) -> None:
    async with party() as customs, party() as trader:
        await know(house, "customs", customs.url)
        async with house.client("customs") as client, house.client("trader", "operator") as owner:
            for record, body in ((CALL, {"form": "none"}), ("base.manifest.consignment", {"form": "xml"}),
                                 ("base.manifest.manifest", {"form": "json", "field": "port", "value": "CNXXX"})):  # fmt: skip
                assert (await client.put(f"/api/routes/customs/{record}", json=body)).status_code == 200
            wrong = (("customs", CALL, {"form": "wco"}, 422), ("customs", "base.place.place", {"form": "json"}, 422),
                     ("customs", CALL, {"form": "json", "field": "master_name", "value": "X"}, 422),
                     ("maritime", CALL, {"form": "json"}, 403), ("nosuch", CALL, {"form": "json"}, 404))  # fmt: skip
            for name, record, body, status in wrong:
                assert (await client.put(f"/api/routes/{name}/{record}", json=body)).status_code == status, (name, record, body)
            assert (await owner.put("/api/connectors/partner", json={"address": trader.url})).status_code == 200
            assert (await owner.put("/api/routes/partner/base.manifest.consignment", json={"form": "json"})).status_code == 200
            assert len((await client.get("/api/routes")).json()) == 3
        await file(house)
        async with house.client("carrier") as carrier:
            assert (await post(carrier, "edifact", cuscar())).status_code == 201
        await house.work()
        await customs.wait(3)
        assert {t["record"] for t in customs.told} == {"base.manifest.consignment"}
        assert all(t["media"] == "application/xml" for t in customs.told)
        seen = await house.rows("select distinct org from delivery where connector = 'partner'")
        mine = house.orgs.numbers["trader"]
        entitled = await house.rows("select id from r_base_manifest_consignment where $1 = any(readers)", mine)
        assert len(trader.told) == len(entitled)
        assert {row["org"] for row in seen} <= {mine}
        async with house.client("customs") as client:
            assert (await client.delete(f"/api/routes/customs/{CALL}")).status_code == 204
            assert (await client.delete(f"/api/routes/customs/{CALL}")).status_code == 404


async def test_outages_are_told_to_everyone_without_content(house: House, courier: Courier) -> None:
    customs = Party()
    await customs.up()
    await know(house, "customs", customs.url)
    await customs.down()
    ref = await file(house)

    async def status() -> dict[str, Any]:
        house.port.extras.pop("exchange.status", None)
        async with house.client() as stranger:
            answer = await stranger.get("/api/status")
        assert answer.status_code == 200
        assert customs.url not in answer.text
        assert ref not in answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def out() -> bool:
        return any(p["status"] == "down" for p in (await status())["parties"])

    await until(out)
    assert (await connector(house, "customs"))["breaker"] in ("open", "half-open")
    await customs.up()
    await customs.wait(1)

    async def over() -> bool:
        found = await status()
        return bool(found["outages"]) and found["outages"][0]["ended"] is not None

    await until(over)
    assert (await connector(house, "customs"))["breaker"] == "closed"
    await customs.down()


async def test_a_silence_of_the_platform_is_kept_as_its_outage(house: House) -> None:
    await beat(house.port)
    await house.rows("update exchange_beat set at = now() - interval '90 seconds', since = now() - interval '180 seconds'")
    await beat(house.port)
    await beat(house.port)
    async with house.client() as stranger:
        found = (await stranger.get("/api/status")).json()
    assert found["platform"]["status"] == "up"
    assert 40 < found["platform"]["available_percent"] < 60, "of the time since it began, not of seven days"
    assert [(o["name"], 88 <= o["seconds"] <= 95) for o in found["outages"]] == [("platform", True)]


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=8))
def test_availability_is_the_share_of_seconds_without_outage(pairs: list[tuple[int, int]]) -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    spans = [(start + timedelta(seconds=min(p)), start + timedelta(seconds=max(p))) for p in pairs]
    away = {second for p in pairs for second in range(min(p), max(p))}
    expected = 100 * (1 - len(away) / 1000)
    assert _percent(spans, start, start + timedelta(seconds=1000)) == pytest.approx(min(expected, 99.999 if away else 100), abs=0.001)


async def test_an_unauthorised_platform_waits_instead_of_making_dead_letters(house: House, courier: Courier) -> None:
    async with party(status=lambda _: 401) as customs:
        await know(house, "customs", customs.url)
        await file(house)

        async def out() -> bool:
            return bool((await connector(house, "customs"))["status"] == "down")

        await until(out)
        assert (await lines(house, "customs"))[0]["away"] is True
        customs.status = lambda _: 200
        await customs.wait(1)
