"""Parties' own systems answer in their own standards, and what they answer is the chain of the document (issue 3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kouan.base.exchange.formats.edifact.format import Edifact
from kouan.base.exchange.formats.replies import Reply
from kouan.base.exchange.formats.wco_res.format import WcoResponse
from kouan_sim.answers import Said, aperak, cusres, wco_response
from kouan_sim.calls import fal_port_call
from kouan_sim.identifiers import imo_number
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.ships import SISTER
from tests.conftest import Running
from tests.shipment import GREEN, Shipment
from tests.supervision.clearance.test_live import seen, systems

AT = datetime(2026, 11, 22, 4, 5, tzinfo=UTC)
RESPONSES = "/api/records/base/receipt/response"
CALL, MANIFEST, DECLARATION = "base.portcall.port_call", "base.manifest.manifest", "base.declaration.declaration"


@pytest.mark.parametrize("code", ["received", "accepted", "rejected"])
@pytest.mark.parametrize("written", [wco_response, cusres, aperak])
def test_an_answer_says_what_the_agency_said(code: str, written: Any) -> None:
    if (written, code) == (aperak, "received"):
        return
    reason = "simulated: 1 < 2" if code == "rejected" else ""
    said = Said(code, "CUS-1", "A<&1" if written is wco_response else "A+B'1", "26CUS1", AT, reason)
    found = WcoResponse() if written is wco_response else Edifact()
    (part,) = found.read(written(said), record="", office="").parts
    assert isinstance(part, Reply), part
    data = part.drafts[0].data
    assert (data["code"], data["reference"], data["at"], part.names[0]) == (code, "CUS-1", AT, said.document)
    assert ("simulated: 1 < 2" in data.get("reason_en", "")) == (code == "rejected")
    if written is not aperak:
        assert data["number"] == "26CUS1"


def chain(shipment: Shipment, org: str, receipt: str) -> dict[str, set[str]]:
    """By agency, what it answered."""
    found: dict[str, set[str]] = {}
    for link in shipment.call(org, "GET", f"/api/receipts/{receipt}")["chain"]:
        found.setdefault(link["agency"], set()).add(link["code"])
    return found


async def test_each_system_is_told_in_its_standard_and_its_receipt_is_in_the_chain(platform: Running) -> None:
    shipment = Shipment(platform, GREEN)
    number = imo_number(shipment.refs.chance("answers").randrange(100_000, 900_000))
    shipment.voyage = replace(shipment.voyage, vessel=replace(SISTER, imo=int(number)))
    now = datetime.now(UTC)
    receipts: dict[str, str] = {}

    def file() -> None:
        bodies = (
            (CALL, "agent", "imo-fal", fal_port_call(shipment.voyage)), (MANIFEST, "carrier", "edifact", cuscar(shipment.voyage, now)),
            (DECLARATION, "trader", "wco-dec", wco_declaration(shipment.voyage, shipment.bill, shipment.reference, now)),
        )  # fmt: skip
        for record, org, form, body in bodies:
            accept = {"Accept": "application/json"}
            found = shipment.call(org, "POST", f"/api/intake/{form}", 201, content=body, headers=accept)
            receipts[record] = found["receipt"]["id"]

    def answered() -> bool:
        by = chain(shipment, "agent", receipts[CALL])
        return (
            all("accepted" in by.get(org, ()) for org in ("transport", "portoffice"))
            and all("accepted" in chain(shipment, "carrier", receipts[MANIFEST]).get(org, ()) for org in ("customs", "terminal"))
            and any(told.record == DECLARATION for told in customs.told) and len(customs.answers) >= 4
        )  # fmt: skip

    def notices(record: str) -> dict[str, list[Any]]:
        """Customs' and the terminal's notices about a document, each with what was flagged."""
        items = shipment.call("customs", "GET", RESPONSES, params={"about": ref[record], "limit": "50"})["items"]
        mine = [item for item in items if item["data"].get("notice")]
        return {item["data"]["notice"]: item["warnings"] for item in mine}

    async with systems(platform, "customs", "terminal", "transport", "portoffice") as (customs, terminal, transport, portoffice):
        await asyncio.to_thread(file)
        await seen(answered)
        ref = {told.record: told.ref for told in customs.told}
        assert await seen(lambda: notices(DECLARATION)) == {"DMSACC": []}
        await seen(lambda: len(notices(MANIFEST)) == 2)
        assert notices(MANIFEST) == {"CUSRES": [], "APERAK": []}
    assert {(CALL, "xml")} <= transport.forms
    assert {(CALL, "fal")} <= portoffice.forms
    assert {(DECLARATION, "xml"), (MANIFEST, "edifact"), ("base.manifest.consignment", "edifact")} <= customs.forms
    assert (customs.spoken, terminal.spoken) == ({"wco-res", "edifact"}, {"edifact"})
    assert all(answer.ok for twin in (customs, terminal, transport, portoffice) for _, answer in twin.answers)
