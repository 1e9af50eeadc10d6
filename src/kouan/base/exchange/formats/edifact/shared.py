"""What the container messages' mappings share: ship, places, containers and parties as a record names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from kouan.base.exchange.codecs.edifact.container import Facts, Means, Place, Reference, Sheet, Unit
from kouan.base.exchange.codecs.problem import MOST
from kouan.standards.identifiers.api import check

FUNCTIONS: Mapping[str, str] = {"1": "cancel", "3": "cancel", "4": "change", "5": "change", "2": "change"}
"""DE 1225 to the function of an order or plan."""
_SITES = {"BER": "BERTH", "TER": "TERMINAL"}
LOADING, DISCHARGE, DELIVERY = ("9", "6", "76"), ("11", "12", "61"), ("7", "8", "83", "20", "65")
"""Functions of places (DE 3227) of loading, of discharge, and where the cargo goes in the end, the newest first."""


def stated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in (None, "", [], ())}


def vessel(means: Means) -> str | None:
    """The ship by IMO number where it is one, else by its call sign or other number as sent."""
    number = means.id.removeprefix("IMO").strip()
    if number.isdigit() and len(number) == 7 and (means.listed in ("146", "") or check("imo", number).ok):
        return f"imo:{number}"
    return means.id.strip()[:60] or None


def place(found: Place | None) -> str | None:
    """A place reference: location, and the berth or terminal there; None where only a name is stated."""
    code = "".join(found.code.split())[:35] if found else ""
    if found is None or not code:
        return None
    within = "".join(found.within.split())[:35]
    site = _SITES.get(found.kind, found.kind)
    return f"place:{code}/{site}/{within}" if within and site else f"place:{code}"


def port(facts: Iterable[Facts | Means], *qualifiers: str) -> str | None:
    """The code of the first place of some functions, looked for in turn in several parts of a message."""
    for one in facts:
        for qualifier in qualifiers:
            for found in one.places:
                if found.qualifier == qualifier and (found.code or found.name):
                    return (found.code or found.name)[:25]
    return None


def where(facts: Iterable[Facts | Means], *qualifiers: str) -> str | None:
    """As `port`, as a place reference."""
    for one in facts:
        for qualifier in qualifiers:
            for found in one.places:
                if found.qualifier == qualifier and (named := place(found)):
                    return named
    return None


def party(facts: Iterable[Facts], *roles: str) -> str | None:
    """The code or name of the first party of some functions."""
    for one in facts:
        found = one.party(*roles)
        if found and (found.code or found.name):
            return (found.code or found.name)[:80]
    return None


def kilograms(amount: Decimal | None, most: int = 500_000) -> float | None:
    """A mass as records hold it; none where it is beyond any box."""
    return float(amount) if amount is not None and 0 <= amount <= most else None


def dangers(unit: Unit) -> list[str]:
    """The UN numbers in a box, each once."""
    return list(dict.fromkeys(hazard.un_number for hazard in unit.hazards if hazard.un_number))[:99]


def goods(unit: Unit) -> dict[str, Any]:
    """What orders and moves alike say of a box."""
    return {
        "size_type": unit.size_type[:10], "status": unit.full, "gross_kg": kilograms(unit.gross_kg),
        "seals": [seal[:60] for seal in dict.fromkeys(unit.seals)][:20], "dangerous": dangers(unit),
    }  # fmt: skip


def booking(facts: Facts) -> str | None:
    """The line's booking."""
    return facts.number_of("BN")[:100] or None


def bill(facts: Facts) -> str | None:
    """The bill of lading; SMDG plans write 1 where there is none."""
    found = facts.number_of("BM", "MB", "AAS")[:100]
    return found if found not in ("1", "") else None


def source(sheet: Sheet) -> str:
    """Which message said it."""
    return f"{sheet.type} {sheet.number}".strip()[:120]


def warnings(sheet: Sheet) -> tuple[dict[str, Any], ...]:
    """The notes of reading, as records keep them."""
    return tuple(note.out() for note in sheet.warnings[:MOST])


LOADS: Mapping[str | None, str] = {"full": "5", "empty": "4"}
"""DE 8169 by the status of a box."""
_KINDS = {"BERTH": "BER", "TERMINAL": "TER"}


def bare(ref: str | None) -> str:
    """A typed reference without its kind."""
    return (ref or "").partition(":")[2]


def carriage(ship: str | None, voyage: str | None, name: str | None = None) -> Means:
    """The ship's stage of a message that is written: by IMO number, else by call sign or other number."""
    scheme, _, number = bare(ship).rpartition(":")
    listed = "" if not number else "146" if scheme == "imo" else "103"
    return Means(stage="20", voyage=voyage or "", mode="1", id=number, listed=listed, name=name or "")


def located(ref: str | None, function: str) -> Iterator[Place]:
    """A place reference as a message states it, with the berth or terminal there; nothing for none."""
    if ref:
        code, _, rest = bare(ref).partition("/")
        site, _, within = rest.partition("/")
        yield Place(function, code, "", within, _KINDS.get(site, site) if within else "")


def ports(*found: tuple[str, str | None]) -> list[Place]:
    """Ports by function, those that are stated."""
    return [Place(function, code) for function, code in found if code]


def documents(*found: tuple[str, str | None]) -> list[Reference]:
    """Numbers of typed references by function, those that are stated."""
    return [Reference(function, bare(ref)) for function, ref in found if ref]
