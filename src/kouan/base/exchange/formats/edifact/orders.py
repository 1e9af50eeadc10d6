"""COPARN and COPRAR as handling orders: one message is one order; a change takes the place of what was ordered."""

from __future__ import annotations

from typing import Any

from kouan.base.exchange.codecs.edifact import coparn, coprar
from kouan.base.exchange.codecs.edifact.container import Sheet, Unit, faults
from kouan.base.exchange.codecs.edifact.model import Message
from kouan.base.exchange.formats.edifact import shared
from kouan.kernel.errors import Problem
from kouan.kernel.formats import Draft, Submission, Unread

ORDER = "base.movement.handling_order"
_OPENS, _CLOSES = ("7", "194", "201", "234", "64", "181", "200"), ("36", "63", "194", "206", "61")
_AT = {"discharge": ("11", "165", "60"), "load": ("9", "165", "88", "5")}


def read(message: Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """An order. Raises CodecError where the message cannot be taken."""
    codec = coparn if message.type == coparn.TYPE else coprar
    sheet = codec.read(message, number, notices)
    task = codec.task(sheet)
    if not task:
        raise faults.KIND.error(sheet.position, "BGM/1001", found=sheet.document)
    draft = Draft(
        ORDER, _order(sheet, task, message.reference), sheet.position, shared.warnings(sheet), renew=_renews(sheet)
    )
    return [Submission((draft,), sheet.position)]


def _renews(sheet: Sheet) -> bool:
    return shared.FUNCTIONS.get(sheet.function, "original") != "original"


def _order(sheet: Sheet, task: str, reference: str) -> dict[str, Any]:
    facts = (sheet, *sheet.units)
    inland = [means for unit in sheet.units for means in unit.means if means.mode in ("3", "2", "8")]
    return shared.stated({
        "number": (sheet.number or sheet.number_of("BN", "ACW") or f"{sheet.type}-{reference}")[:90], "task": task,
        "function": shared.FUNCTIONS.get(sheet.function, "original"),
        "units": [_unit(unit) for unit in sheet.units if unit.kind][:5000],
        "vessel": shared.vessel(sheet.ship), "voyage": sheet.voyage[:35],
        "booking": shared.booking(sheet) or next((b for u in sheet.units if (b := shared.booking(u))), None),
        "bill": shared.bill(sheet),
        "place": shared.where((sheet.ship, sheet, *sheet.units), *_AT.get(task, ()), "98", "99", "165", "89", "88"),
        "opens": _first(facts, _OPENS), "closes": _first(facts, _CLOSES),
        "operator": shared.party(facts, "TR", "TE", "DEP", "MR", "FR"), "carrier": shared.party(facts, "CF", "CA"),
        "haulier": shared.party(facts, "HL", "CX") or next((m.carrier[:80] for m in inland if m.carrier), None),
        "reason": sheet.remark("AAI", "SIN", "CHG")[:400], "source": shared.source(sheet),
    })  # fmt: skip


def _first(facts: tuple[Any, ...], qualifiers: tuple[str, ...]) -> Any:
    return next((at for one in facts if (at := one.moment(*qualifiers))), None)


def _unit(unit: Unit) -> dict[str, Any]:
    return shared.stated({
        **shared.goods(unit), "equipment": unit.id[:40], "count": unit.count, "booking": shared.booking(unit),
        "bill": shared.bill(unit), "loading": shared.port((unit,), *shared.LOADING),
        "discharge": shared.port((unit,), *shared.DISCHARGE), "position": unit.cell[:40],
        "temperature_c": float(unit.temperature) if unit.temperature is not None and abs(unit.temperature) <= 100 else None,
        "remarks": "; ".join((*unit.goods, *(text for _, text in unit.remarks)))[:1000],
    })  # fmt: skip
