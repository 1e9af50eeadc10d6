"""Permits and certificates as their users meet them, through the public doors of a running platform."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kouan_sim.authority import Authority, Paper
from kouan_sim.identifiers import References
from tests.base.permit.papers import CERTIFICATE, DECLARATION, PERMIT, VERIFIER, WRITEOFF, declared, permit
from tests.conftest import Running
from tests.shipment import until

KIND = "L"


@contextmanager
def at_work(authority: Authority) -> Iterator[asyncio.AbstractEventLoop]:
    """An issuing authority's service on a socket of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(authority.server.open(), loop).result(5)
    yield loop
    asyncio.run_coroutine_threadsafe(authority.server.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def call(platform: Running, org: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
    """The answer to an organisation's call, which must have the status expected."""
    with platform.client(org) as client:
        answer = client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


def xml(reference: str, number: str, quantity: str, kind: str = KIND) -> bytes:
    """A WCO declaration whose item names a licence and the quantity that it takes of it."""
    stamp = f"{datetime.now(UTC):%Y%m%d%H%M%S}Z"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"
 xmlns:p="urn:wco:datamodel:WCO:Declaration_DS:DMS:2"><md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>
<md:WCOTypeName>DEC</md:WCOTypeName><Declaration><FunctionCode>9</FunctionCode>
<FunctionalReferenceID>{reference}</FunctionalReferenceID>
<IssueDateTime><p:DateTimeString formatCode="304">{stamp}</p:DateTimeString></IssueDateTime><TypeCode>IMA</TypeCode>
<GoodsItemQuantity>1</GoodsItemQuantity><DeclarationOfficeID>9901</DeclarationOfficeID><GoodsShipment>
<GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric><AdditionalDocument><ID>{number}</ID>
<TypeCode>{kind}</TypeCode><WriteOff><QuantityQuantity unitCode="KGM">{quantity}</QuantityQuantity></WriteOff>
</AdditionalDocument><Commodity><Description>Lathes</Description><Classification><ID>84581100</ID>
<IdentificationTypeCode>TSP</IdentificationTypeCode></Classification></Commodity>
<Origin><CountryCode>DE</CountryCode></Origin></GovernmentAgencyGoodsItem></GoodsShipment></Declaration></md:MetaData>
""".encode()


@pytest.mark.clause("H7.2.1a3")
def test_the_second_declaration_above_a_permit_s_quota_is_refused_with_what_is_left(platform: Running) -> None:
    refs = References()
    item = call(platform, "customs", "POST", PERMIT, 201, json=permit(refs))["item"]
    number = item["data"]["number"]
    filed = {"content": xml(refs.next("PA"), number, "60", "7")}
    call(platform, "trader", "POST", "/api/intake/wco-dec", 201, **filed)
    refused = call(platform, "trader", "POST", "/api/intake/wco-dec", 422, content=xml(refs.next("PA"), number, "60", "7"))
    assert refused["rule"] == "PERMIT-USE"
    assert "余量 40 KGM" in refused["reason"]["zh"]
    assert "40 KGM left" in refused["reason"]["en"]
    seen = call(platform, "customs", "GET", f"{PERMIT}/{item['id']}")["data"]
    assert (seen["drawn"], seen["used"]) == ("60", 1)
    told = until(lambda: call(platform, "trader", "GET", WRITEOFF, params={"permit": item["ref"]})["items"], bool)
    assert [(float(one["data"]["quantity"]), float(one["data"]["remaining"])) for one in told] == [(60.0, 40.0)]
    traced = call(platform, "trader", "POST", "/api/trace", json={"ref": item["ref"]})
    assert {d["record"] for d in traced["documents"]} >= {"base.declaration.declaration", "base.permit.writeoff"}


@pytest.mark.clause("H7.2.1a3")
def test_twenty_declarations_at_once_never_take_more_than_the_quota(platform: Running) -> None:
    refs = References()
    item = call(platform, "customs", "POST", PERMIT, 201, json=permit(refs))["item"]
    bodies = [declared(refs.next("PC"), item["ref"], 10) for _ in range(20)]
    with platform.client("trader") as trader, ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda body: trader.post(DECLARATION, json=body).status_code, bodies))
    assert sorted(codes) == [201] * 10 + [422] * 10
    assert call(platform, "customs", "GET", f"{PERMIT}/{item['id']}")["data"]["drawn"] == "100"


@pytest.mark.clause("H9.1.6a1")
def test_a_certificate_cited_by_its_number_is_verified_online_and_written_off(platform: Running) -> None:
    refs, authority = References(), Authority()
    good = Paper(KIND, refs.next("CE"), "TRADER", date(2090, 1, 1), hs="8458", left=Decimal(100))
    expired = Paper(KIND, refs.next("CE"), "TRADER", date(2021, 1, 1), hs="8458")
    authority.issue([good, expired])
    with at_work(authority) as loop:
        service = {"number": refs.next("V"), "title_zh": "模拟药监部门", "title_en": "SIM Medicines Authority", "kinds": [KIND],
                   "address": authority.url}  # fmt: skip
        named = call(platform, "portoffice", "POST", VERIFIER, 201, json=service)["item"]
        first = refs.next("CA")
        call(platform, "trader", "POST", "/api/intake/wco-dec", 201, content=xml(first, good.number, "60"))
        found = until(lambda: verification(platform, first), lambda one: one is not None and one["state"] == "valid")
        assert found["data"]["source"] == "模拟药监部门 / SIM Medicines Authority"
        assert found["data"]["verified_at"]
        assert Decimal(found["data"]["remaining"]) == good.left == 40
        assert until(lambda: state(platform, first), lambda now: now == "released")
        wrong = refs.next("CA")
        call(platform, "trader", "POST", "/api/intake/wco-dec", 201, content=xml(wrong, expired.number, "1"))
        denied = until(lambda: verification(platform, wrong), lambda one: one is not None and one["state"] == "invalid")
        assert denied["data"]["reason_zh"] == "（模拟）证件已过期"
        assert state(platform, wrong) == "assessed"
        asyncio.run_coroutine_threadsafe(authority.server.close(), loop).result(5)
        later = refs.next("CA")
        call(platform, "trader", "POST", "/api/intake/wco-dec", 201, content=xml(later, good.number, "30"))
        until(lambda: verification(platform, later), lambda one: one is not None and one["data"]["verdict"] == "away")
        missing = call(platform, "trader", "POST", "/api/trace", json={"ref": f"declaration:trader/{later}"})["missing"]
        waits = next(one for one in missing if one["rule"] == "REL-PERMIT")
        assert waits["owner"]["org"] == "portoffice"
        assert waits["deadline"]
        asyncio.run_coroutine_threadsafe(authority.server.open(), loop).result(5)
        until(lambda: state(platform, later), lambda now: now == "released")
        assert good.left == 10
        call(platform, "portoffice", "POST", f"{VERIFIER}/{named['id']}/actions/stop", json={})


def verification(platform: Running, reference: str) -> Any:
    """The verification of a declaration's one certificate, as its declarant sees it."""
    ref = f"declaration:TRADER/{reference}"
    items = call(platform, "trader", "GET", CERTIFICATE, params={"declaration": ref})["items"]
    return items[0] if items else None


def state(platform: Running, reference: str) -> str:
    """The state of a declaration."""
    found = call(platform, "trader", "GET", DECLARATION, params={"functional_reference": reference})
    return str(found["items"][0]["state"])
