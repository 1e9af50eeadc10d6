"""A manifest with its consignments, or one consignment alone, as CUSCAR D.95B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs.edifact import cuscar
from kouan.base.exchange.outgoing.fact import Fact, bare
from kouan.base.manifest.api import WITHDRAWN

FUNCTIONS = {"cancel": "1", "change": "4"}
ORIGINAL, DELETION = "9", "3"
CONSIGNMENT = "base.manifest.consignment"


def write(fact: Fact) -> bytes:
    """The manifest and what belongs to it. Raises CodecError for text that cannot be sent."""
    return _sent(fact, _head(fact, [one for one in fact.under(CONSIGNMENT) if one.get("status") != WITHDRAWN]))


def write_one(fact: Fact) -> bytes:
    """One consignment under its manifest's number. Raises CodecError for text that cannot be sent."""
    report = cuscar.CargoReport(
        reference=_number(fact.text("manifest")), function=DELETION if fact.text("status") == WITHDRAWN else FUNCTIONS["change"],
        consignments=(_consignment(fact.data, 1),), equipment=_equipment((fact.data,)),
    )  # fmt: skip
    return _sent(fact, report)


def _sent(fact: Fact, report: cuscar.CargoReport) -> bytes:
    reference = "".join(char for char in fact.event if char.isalnum())[-14:].upper()
    return cuscar.write(report, cuscar.Envelope(fact.sender[:35].upper(), fact.receiver[:35].upper(), reference, fact.at))


def _number(ref: str) -> str:
    """`manifest:CARRIER/NO` → `NO`."""
    return bare(ref).partition("/")[2] or bare(ref)


def _head(fact: Fact, consignments: Sequence[Mapping[str, Any]]) -> cuscar.CargoReport:
    text = fact.text
    scheme, _, number = bare(fact.data.get("vessel")).rpartition(":")
    place, arrival = text("port"), fact.data.get("arrival")
    at = datetime.fromisoformat(arrival) if isinstance(arrival, str) else arrival
    return cuscar.CargoReport(
        reference=text("number"), function=FUNCTIONS.get(text("function"), ORIGINAL), voyage=text("voyage"),
        mode="1", carrier=text("carrier_code"), conveyance_id=number if scheme in ("imo", "") else "",
        conveyance_name=text("ship_name"), places=(cuscar.Place("60", place),) if place else (),
        moments=(cuscar.Moment("132", at.astimezone(UTC), place),) if at else (),
        equipment=_equipment(consignments),
        consignments=tuple(_consignment(one, n) for n, one in enumerate(consignments, 1)),
    )  # fmt: skip


def _equipment(consignments: Sequence[Mapping[str, Any]]) -> tuple[cuscar.Equipment, ...]:
    boxes = dict.fromkeys(bare(ref) for one in consignments for ref in one.get("containers") or ())
    return tuple(cuscar.Equipment(box) for box in boxes)


def _consignment(data: Mapping[str, Any], number: int) -> cuscar.Consignment:
    bill, master = bare(data.get("bill")), bare(data.get("master_bill"))
    places = (("9", data.get("loading")), ("11", data.get("discharge")), ("7", data.get("delivery")))
    parties = (("CZ", data.get("consignor"), ""), ("CN", data.get("consignee"), data.get("consignee_code") or ""),
               ("N1", data.get("notify"), ""))  # fmt: skip
    references = [cuscar.Reference("BM", bill)] if bill else []
    references += [cuscar.Reference("MB", master)] if master else []
    boxes = tuple(cuscar.Placement(bare(ref)) for ref in data.get("containers") or ())
    goods = data.get("goods") or [_sum(data)]
    return cuscar.Consignment(
        sequence=number, bill=bill, document=bill,
        places=tuple(cuscar.Place(qualifier, str(code)) for qualifier, code in places if code),
        parties=tuple(_party(role, str(name or ""), code) for role, name, code in parties if name or code),
        references=tuple(references), goods=tuple(_goods(item, boxes) for item in goods),
    )  # fmt: skip


def _sum(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The goods of a consignment of which only the totals are known."""
    return {"sequence": 1, "packages": data.get("packages"), "gross_kg": data.get("gross_kg")}


def _party(role: str, text: str, code: str) -> cuscar.Party:
    name, _, rest = text.partition(", ")
    lines = tuple(rest[start : start + 35] for start in range(0, min(len(rest), 105), 35))
    return cuscar.Party(role, code=code, name=name[:35], address=lines)


def _goods(item: Mapping[str, Any], boxes: tuple[cuscar.Placement, ...]) -> cuscar.GoodsItem:
    return cuscar.GoodsItem(
        sequence=item.get("sequence"), packages=item.get("packages"), package_type=item.get("package_type") or "",
        description=item.get("description") or "", gross_kg=_decimal(item.get("gross_kg")),
        volume_m3=_decimal(item.get("volume_m3")), marks=item.get("marks") or "",
        hs=(item["hs"],) if item.get("hs") else (), un_numbers=(item["un_number"],) if item.get("un_number") else (),
        placements=boxes,
    )  # fmt: skip


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
