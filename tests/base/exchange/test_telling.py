"""Plans, status events and port calls as BAPLIE, IFTSTA and CUSREP: what is read again says the same."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import baplie, cusrep, iftsta
from kouan.base.exchange.codecs.edifact.container import Envelope
from kouan.base.exchange.formats.edifact.format import Edifact
from kouan.base.exchange.formats.edifact.plans import ACTIVITIES
from kouan.base.exchange.outgoing import Fact, Unwritable, forms_of, written
from kouan.base.movement.api import Status, Stowage
from kouan.kernel.formats import Submission
from kouan_sim import edi, identifiers
from kouan_sim.edi import Handled, Ship
from tests.base.conftest import load
from tests.conftest import Running

load()
PLAN, STATUS, CALL = "base.movement.stowage", "base.movement.status", "base.portcall.port_call"
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
# Several spaces in a row, or one where a text is cut, are not promised: free text of EDIFACT does not keep them.
words = st.lists(st.text("ABCDEFGHIJ0123456789-/+:?'", min_size=1, max_size=12), min_size=1, max_size=6).map(" ".join)
codes = st.text("ABCDEFGHIJ0123456789", min_size=2, max_size=12)
moments = st.integers(0, 10**5).map(lambda minutes: NOW - timedelta(seconds=minutes))
boxes = st.integers(0, 999_999).map(lambda serial: f"container:{identifiers.container('SIM', serial)}")
ports = st.sampled_from(("KRPUS", "CNWHH", "JPOSA", "DEHAM"))
tonnes = st.integers(1, 400_000).map(lambda hundred: hundred / 10)
ships = st.sampled_from(("vessel:imo:9321483", "vessel:BWHS"))


def maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


hazards = st.fixed_dictionaries(
    {"un_number": st.sampled_from(("1203", "3077"))},
    optional={"imdg_class": st.sampled_from(("3", "9")), "packing_group": st.sampled_from(("1", "II")), "description": words,
              "flashpoint_c": st.integers(-300, 900).map(lambda tenth: tenth / 10)},
)  # fmt: skip
cells = st.fixed_dictionaries(
    {"position": st.sampled_from(("", "0010282", "0240182"))},
    optional={
        "equipment": boxes, "size_type": st.just("22G1"), "status": st.sampled_from(("full", "empty")), "gross_kg": tonnes,
        "loading": ports, "discharge": ports, "delivery": ports, "operator": codes, "booking": codes.map("booking:{}".format),
        "bill": codes.filter(lambda t: t != "1").map("bill:{}".format), "hazards": st.lists(hazards, min_size=1, max_size=3),
        "temperature_c": st.integers(-300, 300).map(lambda tenth: tenth / 10),
        "oversize": st.sampled_from(("5: 10 CMT", "9: - x - x 35 CMT", "5: 12.5 x 4 CMT; 9: - x - x 3 CMT")),
        "handling": st.lists(words, min_size=1, max_size=3).map("; ".join),
    },
)  # fmt: skip


def fact(record: str, data: dict[str, Any]) -> Fact:
    return Fact(record, f"x:{record}/1", 1, data, "CNWHH", "carrier", "01a20204-80ef-7cce-8153-d3e37e78fc1f", NOW)


def back(record: str, data: dict[str, Any]) -> dict[str, Any]:
    (part,) = Edifact().read(written("edifact", fact(record, data)).body, record="", office="").parts
    assert isinstance(part, Submission), part
    assert not part.drafts[0].warnings
    return dict(part.drafts[0].data)


def counted(plan: dict[str, Any]) -> dict[str, Any]:
    told = plan["cells"]
    return {**plan, "boxes": sum("equipment" in c or "size_type" in c for c in told), "reefers": sum("temperature_c" in c for c in told),
            "dangerous_boxes": sum("hazards" in c for c in told)}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(
    {"number": codes, "at": moments, "cells": st.lists(cells, max_size=4)},
    optional={"vessel": ships, "ship_name": words, "voyage": codes, "departure": ports, "next_port": ports, "departed_at": moments,
              "arrives_at": moments, "carrier": codes}), st.booleans())  # fmt: skip
def test_a_plan_comes_back_from_baplie(plan: dict[str, Any], weighed: bool) -> None:
    told = [{**cell, "verified": weighed} if "gross_kg" in cell else cell for cell in plan["cells"]]
    sent = Stowage.model_validate(counted({**plan, "cells": told}))
    again = Stowage.model_validate(back(PLAN, sent.model_dump()))
    assert again.model_copy(update={"source": None}) == sent


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(
    {"code": st.sampled_from(("21", "UV", "AE", "I", "OA", "X9")), "at": moments, "text": words},
    optional={"equipment": boxes, "bill": codes.map("bill:{}".format), "booking": codes.map("booking:{}".format), "consignee": codes,
              "place": st.sampled_from(("place:CNWHH", "place:CNWHH/BERTH/B1"))}),
       st.sampled_from(({}, {"vessel": "vessel:imo:9321483", "voyage": "2611E"}, {"vehicle": "vehicle:LUB123"})))  # fmt: skip
def test_a_status_comes_back_from_iftsta(told: dict[str, Any], carried: dict[str, Any]) -> None:
    sent = Status.model_validate({**told, **carried, "activity": ACTIVITIES.get(told["code"])})
    again = Status.model_validate(back(STATUS, sent.model_dump()))
    assert again.model_copy(update={"source": None}) == sent


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries(
    {"vessel": ships, "voyage": codes, "port": ports, "eta": moments},
    optional={"ship_name": words, "flag": st.just("CN"), "etd": moments, "last_port": ports, "next_port": ports, "agent_name": words,
              "berth_wish": st.sampled_from(("place:CNWHH/BERTH/B1", "place:CNWHH")), "cargo_summary": words,
              "crew_count": st.integers(0, 99), "passenger_count": st.integers(0, 2000)}))  # fmt: skip
def test_a_call_comes_back_from_cusrep(call: dict[str, Any]) -> None:
    again = back(CALL, call)
    sign = {"call_sign": "BWHS"} if call["vessel"] == "vessel:BWHS" else {}
    assert again == {**call, **sign}


@pytest.mark.parametrize("codec", [baplie, iftsta, cusrep])
def test_a_sheet_that_is_written_is_read_equal(codec: Any) -> None:
    box = Handled("SIMU0000010", NOW, un="1203", imdg="3", cell="0010282", celsius=4, bill="B1")
    body = {"BAPLIE": edi.baplie(Ship(), [box, box], "R1", NOW), "IFTSTA": edi.iftsta([box, box], "24", "GONE", "R1", NOW),
            "CUSREP": edi.cusrep(Ship(), NOW, NOW, "R1", NOW)}[codec.TYPE]  # fmt: skip
    sheet = codec.read(edifact.read(body).interchanges[0].messages[0])
    again = codec.read(edifact.read(codec.write(sheet, Envelope("A", "B"))).interchanges[0].messages[0])
    for one in (sheet, again):
        one.position, one.warnings = "", []
        for part in (*one.units, *one.statuses, *(unit for status in one.statuses for unit in status.units)):
            part.position = ""
    assert again == sheet


def test_a_call_without_ship_voyage_or_port_is_no_cusrep() -> None:
    for missing in ("vessel", "voyage", "port"):
        told = {"vessel": "vessel:imo:9321483", "voyage": "1", "port": "CNWHH", "eta": NOW}
        with pytest.raises(Unwritable):
            written("edifact", fact(CALL, {**told, missing: None}))
    assert all("edifact" in forms_of(record) for record in (PLAN, STATUS, CALL))


def test_what_a_carrier_files_is_handed_out_as_its_own_message(platform: Running) -> None:
    run = secrets.token_hex(4).upper()
    box = Handled(identifiers.container("SIM", secrets.randbelow(10**6)), NOW, un="1203", imdg="3", cell="0010282", bill=f"B{run}")
    with platform.client("carrier") as carrier:
        for kind, sent in (("BAPLIE", edi.baplie(Ship(voyage=run), [box], f"P{run}", NOW)),
                           ("IFTSTA", edi.iftsta([box], "UV", "LANDED", f"S{run}", NOW))):  # fmt: skip
            filed = carrier.post("/api/intake/edifact", content=sent, headers={"Accept": "application/json"})
            assert filed.status_code == 201, filed.text
            (kept,) = filed.json()["records"]
            told = carrier.get(f"/api/messages/{kept['record']}/{kept['id']}", params={"form": "edifact"})
            assert told.status_code == 200, told.text
            assert f"+{kind}:D:".encode() in told.content
            assert box.number.encode() in told.content
