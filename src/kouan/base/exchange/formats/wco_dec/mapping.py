"""A WCO declaration as a record: references in their one spelling, masses in kg, money as stated."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs.wco import Document, GoodsDeclaration, Item, Location, Party, Transport
from kouan.base.permit.api import KINDS
from kouan.kernel.references import make

IMO_NUMBER = "10"
"""Identification type code of a ship's IMO number (WCO R013; UN/EDIFACT 8179 use)."""


def data_of(declaration: GoodsDeclaration) -> dict[str, Any]:
    """The fields of the declaration's record; what is not stated is left out."""
    d = declaration
    border = d.border_transport or d.arrival_transport
    first = d.items[0] if d.items else None
    return _stated({
        "functional_reference": d.functional_reference, "function_code": d.function_code, "type_code": d.type_code,
        "office": d.office, "declarant": _party(d.declarant), "importer": _party(d.importer),
        "exporter": _party(d.exporter or d.consignor), "agent": _party(d.agent), "vessel": _vessel(border),
        "transport_mode": border.mode if border else None, "containers": _each_once("container", d.container_ids),
        "bills": _each_once("bill", d.bills), "items": [_item(item) for item in d.items],
        "invoice_amount": d.invoice.value if d.invoice else None,
        "invoice_currency": d.invoice.currency if d.invoice else None, "origin": first.origin if first else None,
        "hs": first.commodity if first else None, "destination": d.destination[:4] or None, "gross_kg": _gross(d), "packages": _packages(d),
        "goods_location": _location(d.goods_location), "accepted_at": d.accepted or d.issued,
    })  # fmt: skip


def spelled(kind: str, ref: str) -> str:
    """A reference in its one spelling; as it is where it is none."""
    try:
        return make(kind, ref.removeprefix(f"{kind}:"))
    except ValueError:
        return ref


def _each_once(kind: str, named: Iterable[str]) -> list[str]:
    """What is named, without what is the same in another spelling."""
    found: dict[str, str] = {}
    for one in named:
        if one.strip():
            found.setdefault(spelled(kind, one), one)
    return list(found.values())


def _item(item: Item) -> dict[str, Any]:
    value = item.value
    package = next((p.type for p in item.packages if p.type), "")
    procedures = " ".join(f"{p.current}{p.previous}" for p in item.procedures if p.current or p.previous)
    return _stated({
        "sequence": item.sequence, "description": item.description[:2000], "hs": item.commodity[:22],
        "origin": item.origin[:4], "destination": item.destination[:4],
        "value": value.value if value else None, "currency": value.currency if value else None,
        "net_kg": _float(item.net_kg), "gross_kg": _float(item.gross_kg), "packages": item.quantity,
        "package_type": package[:4], "procedure": procedures[:20], "documents": _documents(item),
        "permits": _permits(item),
    })  # fmt: skip


def _documents(item: Item) -> list[str]:
    return list(dict.fromkeys(_document(d) for d in (*item.documents, *item.previous_documents)))[:200]


def _document(document: Document) -> str:
    return ":".join(part for part in (f"{document.category}{document.type}", document.id) if part)


def _permits(item: Item) -> list[dict[str, Any]]:
    """Licences and certificates by kind and number; a quantity that is not stated is the net mass."""
    found = []
    for document in item.documents:
        if document.type.upper() in KINDS and document.id.strip():
            stated = document.written_off is not None
            quantity, unit = (document.written_off, document.unit) if stated else (item.net_kg, "KGM" if item.net_kg else "")
            found.append(_stated({"permit": f"{document.type}/{document.id}", "quantity": quantity or None, "unit": unit[:3]}))
    return found[:99]


def _party(party: Party | None) -> str | None:
    return (party.id or party.name)[:80] if party else None


def _vessel(transport: Transport | None) -> str | None:
    if transport is None:
        return None
    digits = transport.id.upper().removeprefix("IMO").strip()
    is_number = len(digits) == 7 and digits.isascii() and digits.isdigit()
    return f"imo:{digits}" if is_number and transport.id_type in ("", IMO_NUMBER) else None


def _gross(declaration: GoodsDeclaration) -> float | None:
    stated = [item.gross_kg for item in declaration.items if item.gross_kg is not None]
    total = declaration.total_gross_kg if declaration.total_gross_kg is not None else sum(stated, Decimal(0))
    return float(total) if stated or declaration.total_gross_kg is not None else None


def _packages(declaration: GoodsDeclaration) -> int | None:
    stated = [item.quantity for item in declaration.items if item.quantity is not None]
    if declaration.total_packages is not None:
        return declaration.total_packages
    return sum(stated) if stated else None


def _location(location: Location | None) -> str | None:
    return (location.name or location.id)[:80] if location else None


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}
