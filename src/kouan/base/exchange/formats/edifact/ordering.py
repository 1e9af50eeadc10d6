"""Handling orders as COPARN and COPRAR D.00B for the terminal that carries them out: release orders, discharge and loading lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from kouan.base.exchange.codecs.edifact import container
from kouan.base.exchange.codecs.edifact.container import Envelope, Moment, Party, Sheet, Unit
from kouan.base.exchange.formats.edifact import shared
from kouan.base.movement.api import HandlingOrder, OrderedUnit

WRITTEN: Mapping[str, tuple[str, str, str]] = {
    "discharge": ("COPRAR", "118", "DISCHARGE ORDER"), "load": ("COPRAR", "121", "LOADING ORDER"),
    "release": ("COPARN", "129", "RELEASE ORDER"), "accept": ("COPARN", "126", "ACCEPTANCE ORDER"),
    "announce": ("COPARN", "104", "ANNOUNCEMENT"), "call-down": ("COPARN", "690", "CALL DOWN ORDER"),
    "empty-advice": ("COPARN", "125", "EMPTY DISPOSITION"), "on-hire": ("COPARN", "134", "ON HIRE ORDER"),
    "off-hire": ("COPARN", "136", "OFF HIRE ORDER"), "stuff": ("COPARN", "131", "STUFFING ORDER"),
    "strip": ("COPARN", "112", "STRIPPING ORDER"),
}  # fmt: skip
"""Message type, document name (DE 1001) and its words by the task of an order."""
_FUNCTION = {"original": "9", "change": "4", "cancel": "1"}
_AT = {"discharge": "11", "load": "9"}


def write_order(order: HandlingOrder, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One order as one message. Raises ValueError for a task that neither message asks for, CodecError for its text."""
    if order.task not in WRITTEN:
        raise ValueError(f"neither COPARN nor COPRAR orders {order.task}")
    kind, document, title = WRITTEN[order.task]
    sheet = Sheet(
        type=kind, release=("D", "00B"), document=document, title=title, number=order.number, function=_FUNCTION[order.function]
    )
    sheet.moments += _moments(order)
    sheet.references += shared.documents(("BN", order.booking), ("BM", order.bill))
    sheet.remarks += [("AAI", order.reason)] if order.reason else []
    where = list(shared.located(order.place, _AT.get(order.task, "165")))
    if order.vessel or order.voyage:
        ship = shared.carriage(order.vessel, order.voyage)
        ship.places += where
        sheet.means.append(ship)
    else:
        sheet.places += where
    named = (("TR", order.operator), ("CF", order.carrier), ("HL", order.haulier))
    sheet.parties += (Party(role, name) for role, name in named if name)
    sheet.units += (_unit(unit) for unit in order.units)
    return container.write(sheet, envelope, lines=lines)


def _moments(order: HandlingOrder) -> Iterator[Moment]:
    if order.opens:
        yield Moment("7", order.opens)
    if order.closes:
        yield Moment("36", order.closes)


def _unit(told: OrderedUnit) -> Unit:
    unit = Unit(
        kind="CN", id=shared.bare(told.equipment), size_type=told.size_type or "", load=shared.LOADS.get(told.status, ""),
        count=told.count, cell=told.position or "", seals=list(told.seals),
        temperature=Decimal(str(told.temperature_c)) if told.temperature_c is not None else None,
    )  # fmt: skip
    unit.references += shared.documents(("BN", told.booking), ("BM", told.bill))
    unit.places += shared.ports(("9", told.loading), ("11", told.discharge))
    unit.goods += [told.remarks] if told.remarks else []
    if told.gross_kg is not None:
        unit.weights["G"] = Decimal(str(told.gross_kg))
    unit.hazards += (container.Hazard(un_number=number) for number in told.dangerous)
    return unit

