"""Kept records as messages on their way out: what intake reads again says the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.edifact import cuscar
from kouan.base.exchange.formats.edifact.format import Edifact
from kouan.base.exchange.formats.edifact.ordering import WRITTEN
from kouan.base.exchange.formats.replies import Reply
from kouan.base.exchange.outgoing import Fact, Unwritable, forms_of, written
from kouan.base.movement.api import HandlingOrder
from kouan.kernel.formats import Submission

AT = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)
DECLARATION, MANIFEST, CALL = "base.declaration.declaration", "base.manifest.manifest", "base.portcall.port_call"
WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '+:?", min_size=1, max_size=30).filter(lambda t: t.strip() == t)
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=17)

ORDER, RESPONSE = "base.movement.handling_order", "base.receipt.response"
BILLS = CODES.filter(lambda text: text != "1")  # which says in SMDG's plans that there is none
UNITS = st.fixed_dictionaries(
    {"equipment": st.sampled_from(["container:MSKU9070323", "container:CSQU3054383"]), "size_type": st.just("22G1")},
    optional={
        "status": st.sampled_from(["full", "empty"]), "gross_kg": st.integers(1, 40_000).map(float), "bill": BILLS.map("bill:{}".format),
        "loading": st.just("KRPUS"), "discharge": st.just("CNWHH"), "position": st.just("0010182"), "count": st.integers(1, 99),
        "seals": st.lists(CODES.filter(lambda t: len(t) <= 10), max_size=2, unique=True), "dangerous": st.just(["1203"]),
    },
)  # fmt: skip


def fact(record: str, data: dict[str, Any], *below: dict[str, Any]) -> Fact:
    return Fact(record, f"x:{record}/1", 1, data, "CNWHH", "customs", "01a20204-80ef-7cce-8153-d3e37e78fc1f", AT,
                {"base.manifest.consignment": below})  # fmt: skip


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


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(WRITTEN)), st.sampled_from(["original", "change", "cancel"]), st.lists(UNITS, min_size=1, max_size=4))
def test_a_handling_order_comes_back_from_coparn_and_coprar(task: str, function: str, units: list[dict[str, Any]]) -> None:
    data = {
        "number": "HO-1", "task": task, "function": function, "vessel": "vessel:imo:9321483", "voyage": "2611E",
        "place": "place:CNWHH/BERTH/B2", "booking": "booking:SIMBN1", "opens": "2026-11-22T02:00:00Z", "closes": "2026-11-23T02:00:00Z",
        "carrier": "SIMC", "units": units, "reason": "for the tests",
    }  # fmt: skip
    body = written("edifact", fact(ORDER, data)).body
    assert WRITTEN[task][0].encode() in body
    (submission,) = Edifact().read(body, record="", office="").parts
    assert isinstance(submission, Submission), submission
    (draft,) = submission.drafts
    sent, back = (HandlingOrder.model_validate(one) for one in (data, dict(draft.data)))
    same = ("number", "task", "function", "vessel", "voyage", "place", "booking", "opens", "closes", "carrier", "reason")
    assert {name: getattr(back, name) for name in same} == {name: getattr(sent, name) for name in same}
    seen = ("equipment", "count", "size_type", "status", "gross_kg", "bill", "loading", "discharge", "position", "seals", "dangerous")
    assert [[getattr(unit, name) for name in seen] for unit in back.units] == [
        [getattr(unit, name) for name in seen] for unit in sent.units
    ]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["accepted", "rejected", "released", "targeted", "documents", "held", "received"]), CODES, WORDS)
def test_an_answer_comes_back_from_cusres(code: str, reference: str, reason: str) -> None:
    data = {
        "about": "manifest:CARRIER/SIMM-1", "code": code, "reference": reference, "at": "2026-11-22T03:20:00Z", "reason_en": reason,
        "number": "26CN9901A00001",
    }  # fmt: skip
    body = written("edifact", fact(RESPONSE, data)).body
    assert (b"BGM+963" if code == "rejected" else b"BGM+962") in body
    (part,) = Edifact().read(body, record="", office="").parts
    assert isinstance(part, Reply), part
    back = part.drafts[0].data
    assert part.names == ("SIMM-1", "26CN9901A00001")
    assert {name: back[name] for name in ("code", "reference", "reason_en", "number")} == {
        name: data[name] for name in ("code", "reference", "reason_en", "number")
    }
    assert back["at"] == datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
    with pytest.raises(Unwritable):
        written("edifact", fact(RESPONSE, {**data, "code": "taxed"}))


def test_an_order_within_the_yard_is_no_edifact_message() -> None:
    with pytest.raises(Unwritable):
        written("edifact", fact(ORDER, {"number": "HO-1", "task": "to-bay", "units": []}))


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
