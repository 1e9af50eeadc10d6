"""BAPLIE as a stowage plan, IFTSTA as status events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kouan.base.exchange.codecs.edifact import baplie, iftsta
from kouan.base.exchange.codecs.edifact.container import Sheet, Status, Unit, faults
from kouan.base.exchange.codecs.edifact.model import Message
from kouan.base.exchange.formats.edifact import shared
from kouan.kernel.errors import Problem
from kouan.kernel.formats import Draft, Submission, Unread

STOWAGE, STATUS = "base.movement.stowage", "base.movement.status"
ACTIVITIES = {"UV": "discharge", "AE": "load", "I": "gate-in", "OA": "gate-out"}
"""Letters that lines send as a status (of ANSI X12 practice) to the activity that they mean."""
WORDS = {"1": "Arrived", "21": "Delivered", "24": "Departed"}
"""Codes of Recommendation 24 in words of our own, for senders who give the code alone."""
_HAPPENED = ("334", "78", "7", "203", "178", "186", "132", "133")
_PLACES = ("175", "14", "1", "41", "165", "9", "11", "60", "5", "7")


def read_plan(message: Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """A bay plan as one record. Raises CodecError where the message cannot be taken."""
    sheet = baplie.read(message, number, notices)
    at = sheet.moment("137", "97") or sheet.ship_moment("133", "178", "132")
    if at is None:
        raise faults.TIME.error(sheet.position, "DTM/2380")
    draft = Draft(STOWAGE, _plan(sheet, at, message.reference), sheet.position, shared.warnings(sheet))
    return [Submission((draft,), sheet.position)]


def _plan(sheet: Sheet, at: datetime, reference: str) -> dict[str, Any]:
    cells, ship = [_cell(unit) for unit in sheet.units], (sheet.ship, sheet)
    boxes = [cell for cell in cells if cell.get("equipment") or cell.get("size_type")]
    return shared.stated({
        "number": (sheet.number or f"{sheet.type}-{reference}")[:70], "vessel": shared.vessel(sheet.ship),
        "ship_name": sheet.ship.name[:70], "voyage": sheet.voyage[:35], "departure": shared.port(ship, "5"),
        "next_port": shared.port(ship, "61"), "at": at, "departed_at": sheet.ship_moment("133", "136"),
        "arrives_at": sheet.ship_moment("132"), "carrier": sheet.ship.carrier[:80] or shared.party((sheet,), "CA"),
        "boxes": len(boxes), "dangerous_boxes": sum("hazards" in cell for cell in cells),
        "reefers": sum("temperature_c" in cell for cell in cells), "cells": cells, "source": shared.source(sheet),
    })  # fmt: skip


def _cell(unit: Unit) -> dict[str, Any]:
    return shared.stated({
        "position": unit.cell[:25], "equipment": unit.id[:40], "size_type": unit.size_type[:10], "status": unit.full,
        "gross_kg": shared.kilograms(unit.gross_kg, 1_000_000), "verified": unit.verified,
        "loading": shared.port((unit,), "9", "6"), "discharge": shared.port((unit,), "11", "12"),
        "delivery": shared.port((unit,), *shared.DELIVERY), "operator": (shared.party((unit,), "CF", "CA") or "")[:40],
        "booking": shared.booking(unit), "bill": shared.bill(unit), "hazards": list(_hazards(unit)),
        "temperature_c": float(unit.temperature) if unit.temperature is not None and -300 < unit.temperature < 1000 else None,
        "oversize": "; ".join(unit.sizes)[:120],
        "handling": "; ".join((*unit.handling, *(text for _, text in unit.remarks)))[:400],
    })  # fmt: skip


def _hazards(unit: Unit) -> Iterator[dict[str, Any]]:
    for hazard in unit.hazards[:99]:
        flash = hazard.flashpoint
        yield shared.stated({
            "un_number": hazard.un_number[:10], "imdg_class": hazard.hazard_class[:8],
            "packing_group": hazard.packing_group[:4],
            "flashpoint_c": float(flash) if flash is not None and -300 < flash < 2000 else None,
            "description": (hazard.description or (" ".join(unit.goods) if len(unit.hazards) == 1 else ""))[:400],
        })  # fmt: skip


def read_status(message: Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """Each status of each box as an event of its own. Raises CodecError where the message cannot be taken."""
    sheet = iftsta.read(message, number, notices)
    if not sheet.statuses:
        raise faults.CODE.error(sheet.position, "STS")
    notes = shared.warnings(sheet)
    found: list[Submission | Unread] = []
    for status in sheet.statuses:
        for box in _boxes(sheet, status):
            found.append(_status(sheet, status, box, () if found else notes))
    return found


def _boxes(sheet: Sheet, status: Status) -> list[str]:
    units = [unit.id for unit in status.units if unit.id]
    single = status.number_of("EQ", "AAQ") or ("" if units else sheet.number_of("EQ", "AAQ"))
    return list(dict.fromkeys(units or ([single] if single else [""])))


def _status(sheet: Sheet, status: Status, box: str, notes: tuple[dict[str, Any], ...]) -> Submission | Unread:
    at = status.moment(*_HAPPENED)
    if not status.code and not status.text:
        return Unread((faults.CODE.at(status.position, "STS/C555"),), status.position)
    if at is None:
        if (at := sheet.moment("137", "7", "334")) is None:
            return Unread((faults.TIME.at(status.position, "DTM/2380"),), status.position)
        notes = (*notes, faults.WHOLE.at(status.position, "DTM/2005").out())
    means = next(iter(status.means), None) or sheet.ship
    data = shared.stated({
        "equipment": box[:40], "bill": shared.bill(status) or shared.bill(sheet),
        "booking": shared.booking(status) or shared.booking(sheet), "code": (status.code or status.text)[:40],
        "text": (status.text or WORDS.get(status.code, "") or status.remark())[:400],
        "activity": ACTIVITIES.get(status.code), "at": at, "place": shared.where((status, means), *_PLACES),
        "vessel": shared.vessel(means) if means.mode in ("1", "10", "11") else None,
        "voyage": means.voyage[:35] if means.mode in ("1", "10", "11") else None,
        "vehicle": means.id[:30] if means.mode == "3" else None, "consignee": shared.party((status, sheet), "CN"),
        "source": shared.source(sheet),
    })  # fmt: skip
    return Submission((Draft(STATUS, data, status.position, notes),), status.position)
