"""Kept records as messages on their way out: what intake reads again says the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.exchange.codecs import fal, wco
from kouan.base.exchange.codecs.edifact import cuscar
from kouan.base.exchange.formats.wco_dec.mapping import data_of
from kouan.base.exchange.outgoing import Fact, Unwritable, forms_of, written

AT = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)
DECLARATION, MANIFEST, CALL = "base.declaration.declaration", "base.manifest.manifest", "base.portcall.port_call"
WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '+:?", min_size=1, max_size=30).filter(lambda t: t.strip() == t)
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=17)


def fact(record: str, data: dict[str, Any], *below: dict[str, Any]) -> Fact:
    return Fact(record, f"x:{record}/1", 1, data, "CNWHH", "customs", "01a20204-80ef-7cce-8153-d3e37e78fc1f", AT, below)


@given(reference=CODES, description=WORDS, hs=st.text("0123456789", min_size=6, max_size=10), packages=st.integers(0, 9999),
       bills=st.lists(CODES, max_size=3, unique=True), gross=st.integers(1, 99999))  # fmt: skip
def test_a_declaration_comes_back_from_wco_xml(
    reference: str, description: str, hs: str, packages: int, bills: list[str], gross: int
) -> None:
    item = {"sequence": 1, "description": description, "hs": hs, "origin": "KR", "value": "12.50", "currency": "USD",
            "net_kg": 1.5, "gross_kg": float(gross), "packages": packages, "package_type": "CT", "procedure": "4000"}  # fmt: skip
    data = {"functional_reference": reference, "function_code": "9", "type_code": "IMA", "office": "9901", "items": [item],
            "bills": [f"bill:{bill}" for bill in bills], "containers": ["container:MSKU9070323"], "vessel": "vessel:imo:9321483",
            "invoice_amount": "12.50", "invoice_currency": "USD", "gross_kg": float(gross), "packages": packages,
            "transport_mode": "1"}  # fmt: skip
    again = data_of(wco.read(written("wco", fact(DECLARATION, data)).body))
    for name in ("functional_reference", "function_code", "type_code", "office", "gross_kg", "packages", "transport_mode"):
        assert again[name] == data[name], name
    assert again.get("bills", []) == bills
    assert again["containers"] == ["MSKU9070323"]
    assert again["vessel"] == "imo:9321483"
    found = again["items"][0]
    assert {name: found[name] for name in ("description", "hs", "origin", "currency", "net_kg", "gross_kg", "procedure")} == {
        name: item[name] for name in ("description", "hs", "origin", "currency", "net_kg", "gross_kg", "procedure")
    }


@given(number=CODES, name=WORDS, bills=st.lists(CODES, min_size=1, max_size=4, unique=True), description=WORDS,
       packages=st.integers(1, 999))  # fmt: skip
def test_a_manifest_comes_back_from_edifact(
    number: str, name: str, bills: list[str], description: str, packages: int
) -> None:
    below = [
        {"manifest": f"manifest:CARRIER/{number}", "bill": f"bill:{bill}", "loading": "KRPUS", "discharge": "CNWHH",
         "containers": ["container:MSKU9070323"], "packages": packages, "gross_kg": 10.5,
         "goods": [{"sequence": 1, "description": description, "packages": packages, "package_type": "CT", "gross_kg": 10.5}]}
        for bill in bills
    ]  # fmt: skip
    head = {"number": number, "function": "original", "vessel": "vessel:imo:9321483", "ship_name": name, "voyage": "2611E",
            "port": "CNWHH", "arrival": "2026-11-23T06:00:00Z"}  # fmt: skip
    report = cuscar.read(written("edifact", fact(MANIFEST, head, *below)).body)[0]
    assert (report.reference, report.imo, report.voyage, report.place) == (number, "9321483", "2611E", "CNWHH")
    assert report.arrival == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert [c.bill for c in report.consignments] == bills
    for one in report.consignments:
        assert (one.loading, one.discharge, one.packages, one.containers) == ("KRPUS", "CNWHH", packages, ("MSKU9070323",))
        assert one.goods[0].description == description


def test_a_consignment_alone_names_its_manifest() -> None:
    data = {"manifest": "manifest:CARRIER/M-1", "bill": "bill:B1", "containers": ["container:MSKU9070323"], "packages": 3}
    report = cuscar.read(written("edifact", fact("base.manifest.consignment", data)).body)[0]
    assert (report.reference, [c.bill for c in report.consignments], report.consignments[0].packages) == ("M-1", ["B1"], 3)


def test_a_port_call_is_a_fal_notice() -> None:
    data = {"vessel": "vessel:imo:9321483", "ship_name": "WANGHAI STAR", "flag": "CN", "voyage": "2611E", "port": "CNWHH",
            "eta": "2026-11-23T06:00:00Z", "crew_count": 21, "passenger_count": 0, "draught_m": 10.4,
            "dangerous": [{"un_number": "1993", "imdg_class": "3", "description": "FLAMMABLE LIQUID", "gross_kg": 20.0}]}  # fmt: skip
    notice = fal.read(written("fal", fact(CALL, data)).body)
    assert notice.persons_onboard is not None
    assert (notice.ship_id.imo_number, notice.voyage_number, notice.persons_onboard.number_of_crew) == ("9321483", "2611E", 21)
    assert notice.dangerous_goods[0].un_number == "1993"
    with pytest.raises(Unwritable):
        written("fal", fact(CALL, {"ship_name": "X"}))


@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True), st.one_of(st.text(), st.integers(), st.booleans(), st.none(),
       st.lists(st.text(), max_size=3)), max_size=6))  # fmt: skip
def test_any_record_is_well_formed_xml(data: dict[str, Any]) -> None:
    root = ET.fromstring(written("xml", fact(CALL, data)).body)
    assert root.get("type") == CALL
    expected = sum(len(v) if isinstance(v, list) else v is not None for v in data.values())
    assert len(list(root)) == expected


def test_forms_are_offered_where_they_can_be_written() -> None:
    assert set(forms_of(DECLARATION)) == {"json", "xml", "wco"}
    assert set(forms_of(MANIFEST)) == {"json", "xml", "edifact"}
    assert set(forms_of("services.booking.booking")) == {"json", "xml"}
