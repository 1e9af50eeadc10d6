"""A cargo report as records: its head is a manifest, each of its bills a consignment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kouan.base.exchange.codecs.edifact.cuscar import CargoReport, Consignment, GoodsItem, Party
from kouan.base.exchange.drafts import FILER
from kouan.kernel.formats import Draft
from kouan.kernel.text import Text

FUNCTIONS = {"1": "cancel", "3": "cancel", "2": "change", "4": "change", "5": "change", "36": "change"}
NO_BILL = Text("没有提运单号，以舱单号加序号代之", "No transport document is named: the manifest's number and line stand for it")


def drafts_of(report: CargoReport) -> tuple[Draft, ...]:
    """The manifest and its consignments. Bills that stand in several groups are put together."""
    bills: dict[str, list[Consignment]] = {}
    for at, consignment in enumerate(report.consignments, 1):
        bills.setdefault(consignment.bill or consignment.document or f"{report.reference}/{at}", []).append(consignment)
    manifest = f"manifest:{FILER}/{report.reference}"
    head = Draft(
        "base.manifest.manifest", _head(report, len(bills)), report.position, tuple(w.out() for w in report.warnings)
    )
    return (head, *(_consignment(manifest, bill, parts) for bill, parts in bills.items()))


def _head(report: CargoReport, consignments: int) -> dict[str, Any]:
    vessel = f"imo:{report.imo}" if report.imo else report.call_sign
    return _stated({
        "number": report.reference, "function": FUNCTIONS.get(report.function, "original"), "vessel": vessel or None,
        "ship_name": report.conveyance_name[:70], "voyage": report.voyage, "carrier_code": report.carrier[:35],
        "port": report.place[:25], "arrival": report.arrival, "consignments": consignments,
    })  # fmt: skip


def _consignment(manifest: str, bill: str, parts: list[Consignment]) -> Draft:
    first = parts[0]
    goods = [item for part in parts for item in part.goods]
    data = _stated({
        "manifest": manifest, "bill": bill, "master_bill": first.master_bill or None, "loading": first.loading[:25],
        "discharge": first.discharge[:25], "delivery": first.delivery[:25], "consignor": _party(first.consignor),
        "consignee": _party(first.consignee), "consignee_code": first.consignee.code[:35] if first.consignee else None,
        "notify": _party(first.notify), "containers": list(dict.fromkeys(c for p in parts for c in p.containers)),
        "goods": [_goods(item, at) for at, item in enumerate(goods, 1)],
        "packages": _sum(part.packages for part in parts), "gross_kg": _sum(part.gross_kg for part in parts),
    })  # fmt: skip
    named = first.bill or first.document
    warnings = () if named else (_unnamed(first.position),)
    return Draft("base.manifest.consignment", data, first.position, warnings)


def _unnamed(position: str) -> dict[str, Any]:
    return {
        "code": "cuscar.bill", "field": "bill", "rule": "CUSCAR CNI", "reason": NO_BILL.out(), "position": position
    }  # fmt: skip


def _goods(item: GoodsItem, number: int) -> dict[str, Any]:
    return _stated({
        "sequence": item.sequence if item.sequence is not None else number, "description": item.description[:2000],
        "packages": item.packages, "package_type": item.package_type[:35], "gross_kg": _float(item.gross_kg),
        "volume_m3": _float(item.volume_m3), "hs": item.hs[0][:18] if item.hs else None,
        "un_number": item.un_numbers[0][:4] if item.un_numbers else None, "marks": item.marks[:2000],
    })  # fmt: skip


def _party(party: Party | None) -> str | None:
    if party is None:
        return None
    lines = (party.name, *party.address, party.postcode, party.city, party.country)
    return ", ".join(line for line in lines if line)[:400] or None


def _sum(values: Iterable[Any]) -> Any:
    stated = [value for value in values if value is not None]
    return sum(stated) if stated else None


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
