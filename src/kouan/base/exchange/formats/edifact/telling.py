"""Stowage plans as BAPLIE, status events as IFTSTA, port calls as CUSREP: what reading gives back with the same facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs.edifact import baplie, cusrep, iftsta
from kouan.base.exchange.codecs.edifact.container import Envelope, Hazard, Means, Moment, Party, Reference, Sheet, Unit
from kouan.base.exchange.codecs.edifact.container import Status as Said
from kouan.base.exchange.formats.edifact import shared
from kouan.base.exchange.formats.edifact.conveyance import COUNTED
from kouan.base.movement.api import Cell, Status, Stowage

PLAN, REPORT, ARRIVAL = "659", "23", "85"
"""Document names (DE 1001) of a bay plan, a status report and a conveyance report."""
NO_BILL = "1"
"""What plans of SMDG write where there is no bill: each box has one reference at least."""


def write_plan(plan: Stowage, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One plan as BAPLIE D.95B (SMDG 2.2). Raises CodecError for text that cannot be sent."""
    ship = shared.carriage(plan.vessel, plan.voyage, plan.ship_name)
    ship.carrier = plan.carrier or ""
    ship.places += shared.ports(("5", plan.departure), ("61", plan.next_port))
    ship.moments += _moments(("133", plan.departed_at), ("132", plan.arrives_at))
    sheet = Sheet(
        type=baplie.TYPE, release=("D", "95B"), association="SMDG22", document=PLAN, number=plan.number, function="9",
        moments=_moments(("137", plan.at)), means=[ship], units=[_cell(cell) for cell in plan.cells],
    )  # fmt: skip
    return baplie.write(sheet, envelope, lines=lines)


def _cell(cell: Cell) -> Unit:
    boxed = cell.equipment or cell.size_type or cell.status
    unit = Unit(
        cell=cell.position, kind="CN" if boxed else "", id=shared.bare(cell.equipment), size_type=cell.size_type or "",
        load=shared.LOADS.get(cell.status, ""), hazards=[_hazard(hazard) for hazard in cell.hazards],
        references=shared.documents(("BN", cell.booking), ("BM", cell.bill)) or [Reference("BM", NO_BILL)],
        places=shared.ports(("9", cell.loading), ("11", cell.discharge), ("83", cell.delivery)),
        sizes=cell.oversize.split("; ") if cell.oversize else [],
        remarks=[("HAN", piece) for piece in (cell.handling or "").split("; ") if piece],
        parties=[Party("CA", cell.operator)] if cell.operator else [], temperature=_decimal(cell.temperature_c),
    )  # fmt: skip
    if cell.gross_kg is not None:
        unit.weights["VGM" if cell.verified else "WT"] = Decimal(str(cell.gross_kg))
    return unit


def _hazard(told: Any) -> Hazard:
    return Hazard(told.imdg_class, told.un_number, told.packing_group, _decimal(told.flashpoint_c), told.description)


def write_status(status: Status, number: str, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One event as IFTSTA D.00B; `number` is the report's own. Raises CodecError for text that cannot be sent."""
    said = Said(
        code=status.code, text=status.text or "", category="1", moments=_moments(("334", status.at)),
        references=[Reference("CNI", shared.bare(status.bill))] if status.bill else [],
        parties=[Party("CN", status.consignee)] if status.consignee else [], means=list(_carried(status)),
        units=[Unit(kind="CN", id=shared.bare(status.equipment))] if status.equipment else [],
    )  # fmt: skip
    said.references += shared.documents(("BM", status.bill), ("BN", status.booking))
    said.places += shared.located(status.place, "175")
    sheet = Sheet(
        type=iftsta.TYPE, release=("D", "00B"), document=REPORT, number=number, function="9",
        moments=_moments(("137", envelope.prepared or status.at)), statuses=[said],
    )  # fmt: skip
    return iftsta.write(sheet, envelope, lines=lines)


def _carried(status: Status) -> Iterator[Means]:
    if status.vessel or status.voyage:
        yield shared.carriage(status.vessel, status.voyage)
    elif status.vehicle:
        yield Means(stage="30", mode="3", id=shared.bare(status.vehicle))


def write_call(call: Mapping[str, Any], number: str, envelope: Envelope, *, lines: bool = False) -> bytes:
    """What a reader sees of a port call, as CUSREP D.95B. Raises ValueError without ship, voyage and port, CodecError for its text."""
    if not (call.get("vessel") and call.get("voyage") and call.get("port")):
        raise ValueError("a conveyance report names a ship, its voyage and the port")
    ship = shared.carriage(call["vessel"], call["voyage"], call.get("ship_name"))
    ship.flag = call.get("flag") or ""
    ship.places += shared.located(call.get("berth_wish"), "164")
    counts = {of: kind for kind, of in COUNTED.items()}
    persons = ((counts["crew"], call.get("crew_count")), (counts["passengers"], call.get("passenger_count")))
    sheet = Sheet(
        type=cusrep.TYPE, release=("D", "95B"), document=ARRIVAL, number=number, function="9",
        moments=_moments(("132", call.get("eta")), ("133", call.get("etd"))),
        places=shared.ports(("125", call.get("last_port")), ("60", call["port"]), ("61", call.get("next_port"))),
        remarks=[("AAI", call["cargo_summary"])] if call.get("cargo_summary") else [], means=[ship],
        parties=[Party("AG", "", call["agent_name"])] if call.get("agent_name") else [],
        totals=[(kind, Decimal(count)) for kind, count in persons if count is not None],
    )  # fmt: skip
    return cusrep.write(sheet, envelope, lines=lines)


def _moments(*found: tuple[str, datetime | str | None]) -> list[Moment]:
    return [Moment(function, _moment(at)) for function, at in found if at]


def _moment(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
