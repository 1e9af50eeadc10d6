"""Simulated trade messages, read by others' parsers: pydifact, the XML parser, the published WCO schema."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydifact.segmentcollection import Interchange

from kouan_sim.calls import fal_port_call
from kouan_sim.filings import KINDS
from kouan_sim.identifiers import References, container_check
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import DANGEROUS, OFFICE, Bill, Box, Desk, Goods, Party, Voyage

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
NS = {"d": "urn:wco:datamodel:WCO:DEC-DMS:2"}
SHARED = Path(os.environ.get("KOUAN_SHARED") or Path(__file__).parents[3] / "shared")
SCHEMA = SHARED / "data/customs/hmrc-cds/schemas/wco/declaration/WCO_DEC_2_DMS.xsd"


def fresh(run: str = "TESTRUN1", bills: int = 6) -> Voyage:
    return Desk(References(run)).voyage(NOW, bills)


def segments(body: bytes) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        messages = list(Interchange.from_str(body.decode("latin-1")).get_messages())
    assert len(messages) == 1
    return list(messages[0].segments)


def test_the_cargo_report_is_read_by_an_independent_parser() -> None:
    voyage = fresh()
    told = segments(cuscar(voyage, NOW))
    by_tag: dict[str, list[Any]] = {}
    for segment in told:
        by_tag.setdefault(segment.tag, []).append(segment.elements)
    assert by_tag["BGM"][0][:2] == ["85", voyage.manifest]
    assert [line[1] for line in by_tag["CNI"]] == [bill.number for bill in voyage.bills]
    boxes = [box.number for bill in voyage.bills for box in bill.boxes]
    assert [line[1] for line in by_tag["EQD"]] == boxes
    assert [line[0] for line in by_tag["SGP"]] == boxes
    assert by_tag["TDT"][0][7][0] == voyage.imo
    assert by_tag["TDT"][0][7][3] == "SIM STAR"


def test_the_control_counts_are_right() -> None:
    lines = cuscar(fresh(), NOW).decode("latin-1").replace("\r\n", "").split("'")
    start = next(n for n, line in enumerate(lines) if line.startswith("UNH+"))
    end = next(n for n, line in enumerate(lines) if line.startswith("UNT+"))
    assert lines[end].split("+")[1] == str(end - start + 1)
    assert lines[end].split("+")[2] == lines[start].split("+")[1]
    assert lines[-2].startswith("UNZ+1+")


@given(st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=35))
def test_service_signs_in_free_text_survive(text: str) -> None:
    goods = Goods("85171300", text, "KR", "CT", 1, 1, 1, 1)
    bill = Bill(
        "B1", Party("SIM A", "S", "C", "KR"), Party("SIM B", "S", "C", "CN"), "KRPUS", (Box("X", "45G1", "1", 1),),
        (goods,),
    )  # fmt: skip
    voyage = Voyage("1", "C1", "M1", NOW, NOW, (bill,))
    told = next(segment for segment in segments(cuscar(voyage, NOW)) if segment.tag == "FTX")
    assert (told.elements[3] if len(told.elements) > 3 else "") == text


def test_the_declaration_says_what_the_bill_says() -> None:
    voyage = fresh()
    bill = voyage.bills[0]
    tree = etree.fromstring(wco_declaration(voyage, bill, "SIMD1", NOW))

    def one(path: str) -> str:
        found = tree.xpath(f"string(//{path})", namespaces=NS)
        assert isinstance(found, str)
        return found

    assert one("d:Declaration/d:FunctionalReferenceID") == "SIMD1"
    assert one("d:DeclarationOfficeID") == "9901"
    assert one("d:GoodsShipment/d:PreviousDocument/d:ID") == bill.number
    boxes = tree.xpath("//d:Consignment/d:TransportEquipment/d:ID/text()", namespaces=NS)
    assert boxes == [box.number for box in bill.boxes]
    assert one("d:Classification/d:ID") == bill.goods[0].hs
    assert one("d:Importer/d:Name") == bill.consignee.name


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"], max_codepoint=0xFFFD), max_size=60))
def test_the_xml_is_well_formed_whatever_the_words(text: str) -> None:
    goods = Goods("85171300", text, "KR", "CT", 1, 1, 1, 1)
    bill = fresh().bills[0]
    bill = Bill(bill.number, Party(text, text, text, "KR"), bill.consignee, "KRPUS", bill.boxes, (goods,))
    tree = etree.fromstring(wco_declaration(fresh(), bill, "SIMD1", NOW))
    assert tree.xpath("string(//d:Commodity/d:Description)", namespaces=NS) == text


@pytest.mark.skipif(not SCHEMA.exists(), reason="the published schema is not at hand")
def test_the_declaration_is_valid_by_the_published_schema() -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    desk = Desk(References("TESTRUN2"))
    voyage = desk.voyage(NOW, 20)
    for bill in (*voyage.bills, desk.bill(DANGEROUS)):
        tree = etree.fromstring(wco_declaration(voyage, bill, "SIMD1", NOW))
        declaration = tree.find("d:Declaration", NS)
        assert declaration is not None
        schema.assertValid(etree.ElementTree(declaration))


def test_voyages_share_no_reference_and_their_boxes_are_right() -> None:
    desk = Desk(References("TESTRUN3"))
    first, second = desk.voyage(NOW), desk.voyage(NOW)
    assert {first.number, first.call, first.manifest}.isdisjoint({second.number, second.call, second.manifest})
    boxes = [box.number for voyage in (first, second) for bill in voyage.bills for box in bill.boxes]
    assert len(set(boxes)) == len(boxes)
    assert all(container_check(number[:10]) == int(number[10]) for number in boxes)


def test_the_boxes_of_a_bill_weigh_its_goods_and_themselves() -> None:
    desk = Desk(References("TESTRUN5"))
    for count in (1, 2, 3):
        bill = desk.bill(DANGEROUS, count)
        tares = sum(box.gross for box in bill.boxes) - sum(goods.gross for goods in bill.goods)
        assert 3_500 * count <= tares <= 4_000 * count


def test_the_port_call_holds_what_all_agencies_need() -> None:
    voyage = Desk(References("TESTRUN4")).voyage(NOW, 3, extra=(Desk(References("TESTRUN5")).bill(DANGEROUS),))
    document = orjson.loads(fal_port_call(voyage, berth="BERTH/B2"))
    assert (document["ShipID"]["IMONumber"], document["PortOfArrival"]["UNLoCode"]) == ("9321483", "CNWHH")
    assert document["PersonsOnboard"]["NumberOfCrew"] == len(document["CrewList"]) == 21
    assert len({person["IdentityDocument"]["Number"] for person in document["CrewList"]}) == 21
    assert all(person["FamilyName"].startswith("SIM-") for person in document["CrewList"])
    assert document["DangerousGoodsCargoIndicator"] is True
    assert document["DangerousGoods"][0]["UNNumber"] == "1170"
    assert document["BerthArrival"] == {"FacilityCode": "BERTH/B2"}
    assert "模拟" in document["Agent"]["Company"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_load_bodies_are_unique_and_repeatable(kind: str) -> None:
    rows = [list(islice(KINDS[kind](References(run), 150, OFFICE).filings, 150)) for run in ("0AAAAA00", "0AAAAA01")]
    references = [filing.reference for row in rows for filing in row]
    assert len(set(references)) == 300
    assert len({filing.body for row in rows for filing in row}) == 300
    again = next(KINDS[kind](References("0AAAAA00"), 150, OFFICE).filings)
    assert again.reference == references[0]


def test_load_declarations_cite_bills_of_the_manifests_that_come_first() -> None:
    source = KINDS["wco-dec"](References("0AAAAA00"), 250, OFFICE)
    told = [segment for report in source.before for segment in segments(report.body)]
    bills = {segment.elements[1] for segment in told if segment.tag == "CNI"}
    boxes = {segment.elements[1] for segment in told if segment.tag == "EQD"}
    assert (len(source.before), len(bills)) == (2, 250)
    cited = set()
    for filing in islice(source.filings, 260):
        tree = etree.fromstring(filing.body)
        assert tree.xpath("string(//d:FunctionalReferenceID)", namespaces=NS) == filing.reference
        cited.add(str(tree.xpath("string(//d:PreviousDocument/d:ID)", namespaces=NS)))
        own = tree.xpath("//d:Consignment/d:TransportEquipment/d:ID/text()", namespaces=NS)
        assert isinstance(own, list)
        assert {str(box) for box in own} <= boxes
    assert cited == bills
    assert KINDS["wco-dec"](References("0AAAAA00"), 250, "0000").before == ()
