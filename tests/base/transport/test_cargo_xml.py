"""Cargo-XML: every text of a message is kept, as a field or as stated; what is no waybill is refused."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kouan.base.transport.formats.cargo_xml.format import CargoXml
from kouan.base.transport.formats.cargo_xml.samples import HOUSE, MASTER
from kouan.base.transport.records.document import Document
from kouan.kernel.errors import Refused
from tests.conftest import SHARED

FOLDER = SHARED / "air" / "riege-cargo-xml"
UNIT = """<AssociatedUnitLoadTransportEquipment><ID>{id}</ID><CharacteristicCode>AKE</CharacteristicCode>
  <LoadedPackageQuantity>{pieces}</LoadedPackageQuantity><OperatingParty><PrimaryID>SI</PrimaryID></OperatingParty>
</AssociatedUnitLoadTransportEquipment></IncludedMasterConsignmentItem>"""


def read(body: str | bytes) -> list[Document]:
    content = body.encode() if isinstance(body, str) else body
    (part,) = CargoXml().read(content, record="", office="").parts
    return [Document.model_validate(dict(draft.data)) for draft in part.drafts]  # type: ignore[union-attr]  # a submission


def lost(body: bytes, kept: Document) -> list[str]:
    """The texts of a message that stand nowhere in the record, numbers compared as numbers."""
    held = kept.model_dump(mode="json")
    values = set(leaves(held))
    numbers = {float(text) for text in values if number(text)}
    found = (e.text.strip() for e in etree.fromstring(body).iter() if isinstance(e.tag, str) and e.text and e.text.strip())
    codes = {"741", "740", "703", "1", "2", "3", "4"}
    whole = "\n".join(values)
    return [text for text in found if text not in whole and not (number(text) and float(text) in numbers) and text not in codes]


def leaves(value: Any) -> Any:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves({"true": "true"}) if part is True and key == "prepaid" else leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value is not None:
        yield str(value).lower() if isinstance(value, bool) else str(value)


def number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("body", [MASTER.encode(), HOUSE.encode()], ids=["master", "house"])
def test_nothing_of_our_own_messages_is_lost(body: bytes) -> None:
    (kept,) = read(body)
    assert lost(body, kept) == []


@pytest.mark.skipif(not FOLDER.is_dir(), reason="published samples are not here")
@pytest.mark.clause("H7.2.1b1")
def test_nothing_of_published_messages_is_lost() -> None:
    for path in sorted(FOLDER.glob("*.xml")):
        (kept,) = read(path.read_bytes())
        assert lost(path.read_bytes(), kept) == [], path.name


def test_levels_links_and_totals() -> None:
    (master,), (house,) = read(MASTER), read(HOUSE)
    assert (master.level, master.identity, master.pieces) == ("master", "888-10000001/2026-11-20", 12)
    assert (house.level, house.master, house.pieces, house.master_pieces) == ("house", master.number, 5, 12)


def test_each_loading_unit_is_kept_once_with_its_line() -> None:
    units = "".join(UNIT.format(id=n, pieces=p).removesuffix("</IncludedMasterConsignmentItem>") for n, p in (("00001", 5), ("00002", 7)))
    (kept,) = read(MASTER.replace("</IncludedMasterConsignmentItem>", f"{units}</IncludedMasterConsignmentItem>"))
    assert [(unit.id, unit.kind, unit.owner, unit.pieces) for unit in kept.units] == [("00001", "AKE", "SI", 5), ("00002", "AKE", "SI", 7)]
    assert kept.goods[0].units == ("00001", "00002")


def test_pounds_and_cubic_centimetres_are_converted_and_kept() -> None:
    pounds = MASTER.replace('<IncludedTareGrossWeightMeasure unitCode="KGM">300.0', '<IncludedTareGrossWeightMeasure unitCode="LBR">1000')
    (kept,) = read(pounds)
    assert kept.gross_kg == pytest.approx(453.59237)
    assert any(one.value == "1000" for one in kept.stated or ())


@pytest.mark.parametrize(("body", "code"), [
    ("", "cargo_xml.empty"), ("<a>", "cargo_xml.xml"), ("<!DOCTYPE a><a/>", "cargo_xml.doctype"), ("<FlightManifest/>", "cargo_xml.root"),
    ("<Waybill/>", "cargo_xml.consignment"), ("<Waybill><MasterConsignment/></Waybill>", "cargo_xml.number"),
    (MASTER.replace("Creation", "Deletion"), "cargo_xml.purpose"),
])  # fmt: skip
def test_what_is_no_waybill_is_refused(body: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(body)
    assert refused.value.problems[0].code == code


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        read(body)


@given(st.integers(0, len(MASTER) - 1), st.sampled_from(["", "<", "&", "9" * 40, "-1", "NaN", "é"]))
def test_mangled_messages_are_read_or_refused(at: int, put: str) -> None:
    with suppress(Refused):
        (part,) = CargoXml().read((MASTER[:at] + put + MASTER[at + 1 :]).encode(), record="", office="").parts
        assert part.drafts[0].data["number"]  # type: ignore[union-attr]  # a submission
