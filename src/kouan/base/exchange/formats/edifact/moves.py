"""COARRI and CODECO as moves, one for each box; each stands or falls by itself, so that a repeated message adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from kouan.base.exchange.codecs.edifact import coarri, codeco
from kouan.base.exchange.codecs.edifact.container import Means, Sheet, Unit, faults
from kouan.base.exchange.codecs.edifact.container.codes import FUNCTIONS, activity_of
from kouan.base.exchange.codecs.edifact.model import Message
from kouan.base.exchange.drafts import FILER
from kouan.base.exchange.formats.edifact import shared
from kouan.kernel.errors import Problem
from kouan.kernel.formats import Draft, Submission, Unread
from kouan.kernel.references import make

MOVE = "base.movement.move"
_TIMES = ("203", "7", "403", "404", "234", "181", "17", "334", "178", "132")
_LATE = ("203", "7", "137")
_INLAND = frozenset(("1", "10", "30", "2", "3"))
_ROAD = "3"
_HERE = {"discharge": ("11", "165", "60"), "load": ("9", "165", "5"), "restow": ("11", "9", "165")}


def read(message: Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """A report's moves. Raises CodecError where the message cannot be taken as a whole."""
    codec = coarri if message.type == coarri.TYPE else codeco
    sheet = codec.read(message, number, notices)
    task = codec.task(sheet)
    if not task:
        raise faults.KIND.error(sheet.position, "BGM/1001", found=sheet.document)
    units = [unit for unit in sheet.units if unit.kind]
    if not units:
        raise faults.EMPTY.error(sheet.position, "EQD")
    notes = shared.warnings(sheet)
    return [_submission(sheet, unit, task, notes if at == 0 else ()) for at, unit in enumerate(units)]


def _submission(sheet: Sheet, unit: Unit, task: str, notes: tuple[dict[str, object], ...]) -> Submission | Unread:
    own = unit.moment(*_TIMES)
    at = own or sheet.moment(*_LATE)
    if at is None:
        return Unread((faults.TIME.at(unit.position, "DTM/2380"),), unit.position)
    if own is None:
        notes = (*notes, faults.WHOLE.at(unit.position, "DTM/2005").out())
    return Submission((Draft(MOVE, _move(sheet, unit, activity_of(task, unit), at), unit.position, notes),), unit.position)


def _move(sheet: Sheet, unit: Unit, activity: str, at: datetime) -> dict[str, object]:
    function = FUNCTIONS.get(sheet.function, "original")
    truck = _truck(sheet, unit)
    parts = (unit, sheet.ship, sheet)
    facts = (unit, sheet)
    return shared.stated({
        **shared.goods(unit), "equipment": unit.id[:40], "activity": activity, "at": at, "position": unit.cell[:40],
        "function": function, "corrects": _corrected(unit, activity, at) if function != "original" else None,
        "place": shared.where((sheet.ship, sheet, unit), *_HERE.get(activity, ())) or shared.where(
            parts, "165", "89", "88", "9", "11"),
        "vessel": shared.vessel(_ship(sheet)), "voyage": _voyage(sheet),
        "vehicle": truck.id[:30] if truck and truck.mode == _ROAD else None,
        "bill": shared.bill(unit) or shared.bill(sheet), "booking": shared.booking(unit) or shared.booking(sheet),
        "operator": shared.party(facts, "TR", "TE", "DEP", "MS", "FR"), "carrier": shared.party(facts, "CF", "CA"),
        "trucker": (truck.carrier or truck.carrier_name)[:80] if truck else None,
        "consignee": shared.party((unit,), "CN", "CZ"), "damage": "; ".join(unit.damages)[:400],
        "source": shared.source(sheet),
    })  # fmt: skip


def _ship(sheet: Sheet) -> Means:
    """The ship; a gate message may name nothing but the truck."""
    ship = sheet.ship
    return Means() if ship.mode in (_ROAD, "2") else ship


def _voyage(sheet: Sheet) -> str:
    return "" if sheet.ship.mode in (_ROAD, "2") else sheet.voyage[:35]


def _truck(sheet: Sheet, unit: Unit) -> Means | None:
    """The inland carriage of a box: its own stage, or that of the whole message."""
    found = (means for means in (*unit.means, *sheet.means) if means.stage in _INLAND or means.mode == _ROAD)
    return next((means for means in found if means.id or means.carrier), None)


def _corrected(unit: Unit, activity: str, at: datetime) -> str | None:
    """The report that a correction is about, where it was told of the same box, activity and moment."""
    if not unit.id:
        return None
    slot = f"/{unit.cell[:40]}" if unit.cell and activity in ("stack", "shift", "restow") else ""
    box = make("container", unit.id[:40]).partition(":")[2]
    return f"move:{FILER}/{box}/{activity}/{at.astimezone(UTC).isoformat()}{slot}"
