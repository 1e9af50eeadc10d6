"""Moves as COARRI and CODECO for partners: what the platform tells a carrier or terminal of discharge, loading and gate."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kouan.base.exchange.codecs.edifact import container
from kouan.base.exchange.codecs.edifact.container import Envelope, Means, Moment, Party, Sheet, Unit
from kouan.base.exchange.codecs.edifact.container.codes import SHIFTER, WRITTEN
from kouan.base.exchange.formats.edifact import shared
from kouan.base.movement.api import Move

_FUNCTION = {"original": "9", "correction": "5", "cancellation": "1"}
_HERE = {"discharge": "11", "load": "9", "restow": "9"}


def write_moves(moves: Sequence[Move], number: str, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One COARRI or CODECO (D.00B) with moves of the same activity, function, ship and voyage.

    `number` is the report's own (BGM 1004). Raises ValueError for no moves, for moves that differ in these, and for an
    activity that neither message reports (stuffing, moves to and from an inspection bay, stacking).
    """
    kinds = {(move.activity, move.function, move.vessel, move.voyage) for move in moves}
    if len(kinds) != 1 or moves[0].activity not in WRITTEN:
        raise ValueError("moves of one reported activity, function, ship and voyage make a message")
    return container.write(_sheet(moves, number), envelope, lines=lines)


def _sheet(moves: Sequence[Move], number: str) -> Sheet:
    first = moves[0]
    kind, document, title = WRITTEN[first.activity]
    sheet = Sheet(
        type=kind, release=("D", "00B"), document=document, title=title, number=number, function=_FUNCTION[first.function]
    )
    if first.vessel or first.voyage:
        ship = shared.carriage(first.vessel, first.voyage)
        sheet.means.append(ship)
        ship.places += shared.located(first.place, _HERE.get(first.activity, "165"))
    else:
        sheet.places += shared.located(first.place, "165")
    if first.operator:
        sheet.parties.append(Party("TR", first.operator))
    sheet.units += (_unit(move) for move in moves)
    return sheet


def _unit(move: Move) -> Unit:
    unit = Unit(
        kind="CN", id=shared.bare(move.equipment), size_type=move.size_type or "", load=shared.LOADS.get(move.status, ""),
        movement=SHIFTER if move.activity == "restow" else "", cell=move.position or "", seals=list(move.seals),
    )
    unit.moments.append(Moment("203" if move.activity in ("discharge", "load", "restow") else "7", move.at))
    unit.references += shared.documents(("BM", move.bill), ("BN", move.booking))
    if move.gross_kg is not None:
        unit.weights["G"] = Decimal(str(move.gross_kg))
    if move.carrier:
        unit.parties.append(Party("CF", move.carrier))
    if move.damage:
        unit.damages.append(move.damage)
    unit.hazards += [container.Hazard(un_number=number) for number in move.dangerous]
    if move.vehicle or move.trucker:
        unit.means.append(Means(stage="1", mode="3", id=shared.bare(move.vehicle), carrier=move.trucker or ""))
    return unit

