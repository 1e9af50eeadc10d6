"""What a serving process knows of a lane now: its devices, the vehicle that waits, what was commanded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kouan.facilities.gate.fusing import Fused, Visit, Visits
from kouan.facilities.gate.reading import Beat, Observed
from kouan.facilities.gate.records import DEVICES, Lane
from kouan.kernel.clock import now, stamp

ALIVE = timedelta(seconds=30)
"""A device that said nothing for so long is silent; devices beat every ten seconds or so."""
MOST_DEVICES = 40


@dataclass(slots=True)
class Heard:
    """When a device last said something, and whether its last will has come."""

    at: datetime
    away: bool = False


@dataclass(slots=True)
class Pending:
    """A vehicle that waits for a person to enter what no device read. `missing`: kinds without a value."""

    id: str
    visit: Visit
    fused: Fused
    missing: tuple[str, ...]
    since: datetime
    trouble: Mapping[str, str] | None = None


@dataclass(slots=True)
class Commanded:
    """The last command and whether the lane's devices confirmed it."""

    number: str
    shape: Mapping[str, Any]
    sent: datetime
    tries: int = 1
    confirmed_at: datetime | None = None
    confirmed_by: list[str] = field(default_factory=list)

    def out(self) -> dict[str, Any]:
        """As the page is told."""
        return {
            "barrier": self.shape["barrier"], "lamp": self.shape["lamp"], "display": self.shape["display"], "sent": stamp(self.sent),
            "confirmed": self.confirmed_at is not None, "by": list(self.confirmed_by), "tries": self.tries,
        }  # fmt: skip


@dataclass(slots=True)
class LaneNow:
    """One lane at this moment."""

    code: str
    visits: Visits = field(default_factory=Visits)
    heard: dict[tuple[str, str], Heard] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    commanded: Commanded | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def hear(self, one: Observed | Beat) -> None:
        """A device said something."""
        if len(self.heard) >= MOST_DEVICES and (one.kind, one.device) not in self.heard:
            self.counts["devices"] += 1
            return
        self.heard[(one.kind, one.device)] = Heard(now(), isinstance(one, Beat) and one.away)

    def living(self) -> frozenset[str]:
        """The kinds of which a device lives."""
        since = now() - ALIVE
        return frozenset(kind for (kind, _), heard in self.heard.items() if not heard.away and heard.at >= since)

    def wanted(self, lane: Lane | None) -> frozenset[str]:
        """The kinds that ought to read a vehicle here: those that the lane states, else those that were heard."""
        stated = frozenset(lane.devices) if lane else frozenset()
        return stated or frozenset(kind for kind, _ in self.heard)

    def complete(self, visit: Visit, lane: Lane | None) -> bool:
        """Whether every device that lives has read the vehicle."""
        return (self.wanted(lane) & self.living()) <= visit.kinds

    def missing(self, visit: Visit, lane: Lane | None) -> tuple[str, ...]:
        """What a person must be asked for: silent devices' values, and a plate that none has read."""
        silent = self.wanted(lane) - self.living() - visit.kinds
        unread = {"plate"} - visit.kinds
        return tuple(kind for kind in DEVICES if kind in silent | unread)

    def devices(self, lane: Lane | None) -> list[dict[str, Any]]:
        """The lane's devices and whether they live; a stated kind that was never heard stands as silent."""
        since = now() - ALIVE
        rows = [
            {"kind": kind, "device": device, "alive": not heard.away and heard.at >= since, "at": stamp(heard.at)}
            for (kind, device), heard in sorted(self.heard.items())
        ]
        known = {kind for kind, _ in self.heard}
        return rows + [{"kind": kind, "device": "", "alive": False, "at": None} for kind in sorted(self.wanted(lane) - known)]
