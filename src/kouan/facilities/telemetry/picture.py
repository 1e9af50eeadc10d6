"""The latest picture: what is known of each ship now, folded from observations in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kouan.kernel import clock

MOST = 200_000
FUTURE = timedelta(minutes=2)
_MOVING = ("lon", "lat", "sog", "cog", "heading", "status")
_STATIC = ("name", "imo", "call_sign", "ship_type", "length_m", "beam_m", "draught_m", "destination")
Ship = dict[str, Any]


def moment(value: object) -> datetime:
    """When something was observed: its own time where it has a plausible one, else now (UTC)."""
    present = clock.now()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return present
    if not isinstance(value, datetime) or value.tzinfo is None or value > present + FUTURE:
        return present
    return value.astimezone(UTC)


class Picture:
    """Ships by MMSI. A position older than the one that is held changes nothing (out-of-order reports)."""

    def __init__(self) -> None:
        self.ships: dict[str, Ship] = {}
        self._changed: set[str] = set()

    def fold(self, observations: Iterable[Mapping[str, Any]]) -> int:
        """Take observations in; answers how many changed something."""
        count = 0
        for seen in observations:
            mmsi = str(seen["mmsi"])
            if mmsi not in self.ships and len(self.ships) >= MOST:
                continue
            if self._one(mmsi, seen):
                self._changed.add(mmsi)
                count += 1
        return count

    def _one(self, mmsi: str, seen: Mapping[str, Any]) -> bool:
        ship = self.ships.setdefault(mmsi, {"mmsi": mmsi, "simulated": False})
        before = dict(ship)
        if seen.get("simulated"):
            ship["simulated"] = True
        ship["kind"] = seen.get("kind", ship.get("kind", "ship"))
        for name in _STATIC:
            if seen.get(name) not in (None, ""):
                ship[name] = seen[name]
        if seen.get("lon") is not None and seen.get("lat") is not None:
            at = moment(seen.get("at"))
            if at.isoformat() >= ship.get("at", ""):
                ship.update({name: seen.get(name) for name in _MOVING})
                ship["at"] = at.isoformat()
        return ship != before

    def changes(self) -> list[Ship]:
        """The ships that changed since the last call."""
        found = [self.ships[mmsi] for mmsi in self._changed]
        self._changed.clear()
        return found

    def restore(self, ships: Iterable[Ship]) -> None:
        """Put ships as they were kept; newer ones that are already known stay."""
        for ship in ships:
            self.ships.setdefault(str(ship["mmsi"]), dict(ship))
