"""IATA Cargo-XML: air waybills (XFWB) and house waybills (XFZB)."""

from __future__ import annotations

from typing import Any, ClassVar

from lxml import etree

from kouan.base.transport.formats.cargo_xml.mapping import house, waybill
from kouan.base.transport.formats.cargo_xml.samples import HOUSE, MASTER
from kouan.base.transport.formats.cargo_xml.tree import Tree, name, parse, refusal
from kouan.base.transport.records.document import Document
from kouan.kernel.formats import Draft, Format, Reading, Sample, Submission
from kouan.kernel.text import Text

RECORD = Document.facts.name
STANDARD = "IATA Cargo-XML"
OTHER = Text("根元素应为 Waybill 或 HouseWaybill，不是 {found}", "The root is Waybill or HouseWaybill, not {found}")
DELETION = Text("该报文要求删除运单；请由签发人办理，本接口只收新单", "The message asks to delete a waybill; this door takes new ones only")
NO_NUMBER = Text("报文没有运单号", "The message states no waybill number")
NO_CONSIGNMENT = Text("报文没有货物部分（{name}）", "The message has no consignment ({name})")
MANY = Text("报文中不认识的内容过多", "The message holds too much that is not known here")
MOST = 4990
DELETIONS = frozenset({"deletion", "delete", "cancellation"})


class CargoXml(Format):
    """One message is one submission; every house consignment of it is a document."""

    code = "cargo-xml"
    title = Text("航空运单报文（Cargo-XML）", "Air waybill message (Cargo-XML)")
    standard = "IATA Cargo-XML XFWB, XFZB 3.00"
    records: ClassVar[tuple[str, ...]] = (RECORD,)
    media = "application/xml"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when it is no air waybill message. What has no field of its own is kept under `stated`."""
        tree = Tree(parse(body))
        root = name(tree.root)
        place = f"line {tree.root.sourceline}, /{root[:60]}"
        if root not in ("Waybill", "HouseWaybill"):
            raise refusal("cargo_xml.root", STANDARD, OTHER.fill(found=root[:60]), place)
        purpose = tree.one(tree.root, "MessageHeaderDocument/PurposeCode")
        if purpose is not None and (purpose.text or "").strip().lower() in DELETIONS:
            raise refusal("cargo_xml.purpose", STANDARD, DELETION, place, "PurposeCode")
        found = _documents(tree, root, place)
        rest = [{"path": path, "value": value} for path, value in tree.left()]
        if len(rest) > MOST:
            raise refusal("cargo_xml.many", STANDARD, MANY, place)
        found[0]["stated"] = [*found[0].get("stated", ()), *rest]
        if any(not one.get("number") for one in found):
            raise refusal("cargo_xml.number", STANDARD, NO_NUMBER, place, "number")
        return Reading([Submission(tuple(Draft(RECORD, one) for one in found))])

    def samples(self) -> tuple[Sample, ...]:
        """A master and a house waybill of our own, invented."""
        return (
            Sample("cargo-xml-master.xml", Text("主运单（模拟）", "Master air waybill (simulated)"), MASTER.encode(), RECORD),
            Sample("cargo-xml-house.xml", Text("分运单（模拟）", "House air waybill (simulated)"), HOUSE.encode(), RECORD),
        )


def _documents(tree: Tree, root: str, place: str) -> list[dict[str, Any]]:
    consignments = _consignments(tree, root)
    if not consignments:
        wanted = "MasterConsignment" if root == "Waybill" else "MasterConsignment/IncludedHouseConsignment"
        raise refusal("cargo_xml.consignment", STANDARD, NO_CONSIGNMENT.fill(name=wanted), place)
    return [waybill(tree)] if root == "Waybill" else [house(tree, one) for one in consignments]


def _consignments(tree: Tree, root: str) -> list[etree._Element]:
    return tree.all(tree.root, "MasterConsignment" if root == "Waybill" else "MasterConsignment/IncludedHouseConsignment")
