"""CUSREP as a port call: what a conveyance report says of ship, voyage, ports and times; a later one keeps the rest."""

from __future__ import annotations

import re
from typing import Any

from kouan.base.exchange.codecs.edifact import cusrep
from kouan.base.exchange.codecs.edifact.container import Means, Sheet, faults
from kouan.base.exchange.codecs.edifact.model import Message
from kouan.base.exchange.formats.edifact import shared
from kouan.base.exchange.formats.imo_fal.mapping import CALL, FalSubmission
from kouan.kernel.errors import Problem
from kouan.kernel.formats import Draft, Submission, Unread
from kouan.kernel.references import make

_ARRIVAL, _DEPARTURE = ("132", "178", "252"), ("133", "136", "189", "186")
_LOCODE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\Z")
_CREW, _PASSENGERS = "crew", "passengers"


def read(message: Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """A port call, merged with what is kept of it. Raises CodecError where ship, voyage or port are not stated."""
    sheet = cusrep.read(message, number, notices)
    ship = sheet.ship
    vessel, port, voyage = shared.vessel(ship), _port(sheet), sheet.voyage[:35]
    if not vessel:
        raise faults.SHIP.error(sheet.position, "TDT/8213")
    if not voyage:
        raise faults.VOYAGE.error(sheet.position, "TDT/8028")
    if not port:
        raise faults.PORT.error(sheet.position, "LOC/3225")
    head = {"port": port, "vessel": make("vessel", vessel), "voyage": voyage}
    draft = Draft(CALL, {**head, **_call(sheet, ship)}, sheet.position, shared.warnings(sheet), renew=True)
    return [FalSubmission((draft,), f"message {number}")]


def _port(sheet: Sheet) -> str | None:
    """The port of the call: where the ship arrives, else (in a report of departure) whence it departs."""
    return _locode(sheet, "60", "153", "11") or _locode(sheet, "5", "94")


def _locode(sheet: Sheet, *functions: str) -> str | None:
    for function in functions:
        found = shared.port((sheet.ship, sheet), function)
        if found and _LOCODE.match(found.upper()):
            return found.upper()
    return None


def _call(sheet: Sheet, ship: Means) -> dict[str, Any]:
    arrives = _locode(sheet, "60", "153", "11") is not None
    return shared.stated({
        "ship_name": ship.name[:70], "flag": ship.flag.upper() if len(ship.flag) == 2 else None,
        "call_sign": ship.id[:10] if ship.listed == "103" else None, "eta": sheet.ship_moment(*_ARRIVAL),
        "etd": sheet.ship_moment(*_DEPARTURE), "last_port": _locode(sheet, "125", *(("5", "94") if arrives else ())),
        "next_port": _locode(sheet, "61", *(() if arrives else ("8",))),
        "berth_wish": shared.where((ship, sheet), "164", "187"), "cargo_summary": sheet.remark("AAA", "AAI")[:400],
        "agent_name": shared.party((sheet,), "AG", "CG", "MS"), "crew_count": _count(sheet, _CREW),
        "passenger_count": _count(sheet, _PASSENGERS),
    })  # fmt: skip


def _count(sheet: Sheet, of: str) -> int | None:
    found = (amount for kind, amount in sheet.totals if COUNTED.get(kind) == of)
    return next((int(amount) for amount in found if 0 <= amount <= 20_000), None)


COUNTED = {"41": _CREW, "42": _PASSENGERS}
"""Control totals (DE 6069) of persons aboard."""
