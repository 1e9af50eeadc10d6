"""Declared calls and the ships that are seen: which track is whose call, and when she will be here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from kouan.facilities.telemetry.api import SIMULATED
from kouan.kernel.clock import stamp
from kouan.kernel.store.ops import Row
from kouan.operations.traffic import geo
from kouan.operations.traffic.fairways import Fairway
from kouan.operations.traffic.fusion import SHIP
from kouan.operations.traffic.identity import NUMBER
from kouan.operations.traffic.picture import Traffic

REACHED = geo.MILE / 2
"""Metres around the pilot station within which a ship has come."""
LIES = 0.6
"""Knots below which a ship in a berth lies there."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a declared call says of its ship."""

    ref: str
    vessel: str
    mmsi: str
    name: str
    eta: datetime
    berth: str = ""

    @property
    def imo(self) -> str:
        """The IMO number that was declared, or nothing."""
        return self.vessel.removeprefix("vessel:imo:") if self.vessel.startswith("vessel:imo:") else ""


@dataclass(slots=True)
class Calls:
    """The calls around now, by MMSI and by IMO number; of several the one that is expected soonest."""

    by_mmsi: dict[str, Call] = field(default_factory=dict)
    by_imo: dict[str, Call] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Calls:
        """Out of kept port calls, in order of their declared arrival."""
        made = cls()
        for row in rows:
            doc = row.doc
            eta, berth = datetime.fromisoformat(doc["eta"]), doc.get("berth_wish") or ""
            call = Call(row.ref, doc["vessel"], doc.get("mmsi") or "", doc["ship_name"], eta, berth)
            if call.mmsi:
                made.by_mmsi[call.mmsi] = call
            if call.imo:
                made.by_imo[call.imo] = call
        return made

    def find(self, key: int, imo: str) -> Call | None:
        """The call of a ship as she is seen."""
        return (self.by_imo.get(imo) if imo else None) or self.by_mmsi.get(f"{key & NUMBER:09d}")


@dataclass(frozen=True, slots=True)
class Expected:
    """When a ship of a declared call will be at a place, by her track."""

    call: str
    vessel: str
    name: str
    place: str
    eta: datetime
    declared: datetime
    distance_nm: float
    speed_kn: float
    simulated: bool
    arrived: bool = False

    def record(self, seen: datetime) -> dict[str, Any]:
        """As an approach is kept."""
        return {
            "vessel": self.vessel, "name": self.name[:80], "seen": seen, "eta": self.eta, "declared": stamp(self.declared),
            "distance_nm": self.distance_nm, "speed_kn": self.speed_kn, "simulated": self.simulated,
        }  # fmt: skip

    def out(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "call": self.call, "vessel": self.vessel, "name": self.name, "place": self.place, "eta": stamp(self.eta),
            "declared": stamp(self.declared), "distance_nm": self.distance_nm, "speed_kn": self.speed_kn,
            "simulated": self.simulated, "arrived": self.arrived,
        }  # fmt: skip


def due_at(traffic: Traffic, calls: Calls, line: Fairway, pilot: tuple[str, float], now: datetime) -> list[Expected]:
    """The ships of declared calls that come in, each at the pilot station and at the end of the fairway."""
    seen = traffic.seen
    found: list[Expected] = []
    for place in np.flatnonzero((seen.kind == SHIP) & (seen.at > seen.now - 600_000_000)).tolist():
        key = int(seen.key[place])
        call = calls.find(key, traffic.identities.of(key).sound_imo)
        if call is not None:
            found += _of(traffic, place, call, line, pilot, now)
    return found


def _of(traffic: Traffic, place: int, call: Call, line: Fairway, pilot: tuple[str, float], now: datetime) -> list[Expected]:
    seen = traffic.seen
    ship = float(seen.lon[place]), float(seen.lat[place]), float(seen.ve[place]), float(seen.vn[place])
    along, aside, _ = (float(x[0]) for x in line.project(np.array([ship[0]]), np.array([ship[1]])))
    speed, sim = round(float(seen.speed[place]), 1), bool(seen.flags[place] & SIMULATED)
    name = traffic.identities.of(int(seen.key[place])).name or call.name
    station, mark = pilot
    berthed = speed < LIES and bool(traffic.within("berth")[place])
    reached = {station: along >= mark - REACHED and aside < 2 * geo.MILE, call.berth: berthed}
    found = []
    for at, end in ((station, mark), (call.berth, line.length)):
        facts = (call.ref, call.vessel, name, at)
        if not at:
            continue
        if reached[at]:
            found.append(Expected(*facts, now, call.eta, 0.0, speed, sim, arrived=True))
        elif due := line.due(ship, end, mark):
            eta = now + timedelta(seconds=min(due.seconds, 30 * 86_400.0))
            found.append(Expected(*facts, eta, call.eta, round(due.metres / geo.MILE, 2), speed, sim))
    return found
