"""The traffic picture where it is served: the last parts heard from the stream, and how old they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kouan.facilities.telemetry.api import Bus, micros
from kouan.kernel import clock
from kouan.kernel.principal import Principal
from kouan.operations.traffic import telling
from kouan.operations.traffic.density import CELL

AUTHORITIES = frozenset({"customs", "border", "maritime", "portoffice", "platform"})
HANDLERS = AUTHORITIES | {"terminal", "transport"}
"""Kinds of organisation that see every vehicle in the port; others see those that are theirs."""
STALE = 10.0
Columns = Mapping[str, list[Any]]


class View:
    """What the stream told last."""

    def __init__(self) -> None:
        self.tracks: list[Columns] = []
        self.summary: dict[str, Any] = {}
        self._parts: dict[int, Columns] = {}
        self._at = 0

    async def start(self, bus: Bus) -> None:
        """Begin to listen."""
        await bus.listen(telling.PICTURE, self._heard)
        await bus.listen(telling.SUMMARY, self._summed)

    async def _heard(self, part: Any) -> None:
        if part["at"] != self._at:
            self._at, self._parts = part["at"], {}
        self._parts[part["part"]] = part["columns"]
        if len(self._parts) == part["parts"]:
            self.tracks = [self._parts[number] for number in sorted(self._parts)]

    async def _summed(self, summary: Any) -> None:
        self.summary = summary

    def age(self) -> float | None:
        """Seconds since the picture was made; None when none was heard."""
        return max((micros(clock.now()) - self.summary["at"]) / 1e6, 0.0) if self.summary else None

    def rows(self, who: Principal, box: tuple[float, float, float, float] | None = None) -> Iterator[dict[str, Any]]:
        """The tracks that a caller sees, each as a dict; in a box (west, south, east, north) where one is named."""
        for columns in self.tracks:
            for place in range(len(columns["number"])):
                lon, lat = columns["lon"][place], columns["lat"][place]
                if box is not None and not (box[0] <= lon <= box[2] and box[1] <= lat <= box[3]):
                    continue
                if columns["level"][place] <= who.clearance and sees(who, columns["kind"][place], columns["orgs"][place]):
                    yield {name: columns[name][place] for name in telling.COLUMNS if name not in ("orgs", "level")}

    def pairs(self, who: Principal) -> list[dict[str, Any]]:
        """The close pairs that a caller sees: those of ships that tell who they are, all for those who watch the waters."""
        return [pair for pair in self.summary.get("pairs", ()) if known(who, pair["ships"])]

    def contacts(self, who: Principal) -> list[dict[str, Any]]:
        """Ships side by side, likewise."""
        return [one for one in self.summary.get("contacts", ()) if known(who, one["ships"])]

    def occupied(self, who: Principal) -> list[dict[str, Any]]:
        """Places with those that are in them, as far as the caller sees them; others are counted."""
        found = []
        for place in self.summary.get("occupied", ()):
            seen = [one for one in place["movers"] if sees(who, one["kind"], ["-"] if one["kind"] != "ship" else [])]
            found.append({**place, "movers": seen, "count": len(place["movers"])})
        return found

    def density(self) -> list[dict[str, Any]]:
        """Cells of the grid as GeoJSON features."""
        return [
            {
                "type": "Feature", "id": number, "properties": {"now": now, "ship_minutes": minutes},
                "geometry": {"type": "Polygon", "coordinates": [[
                    [west, south], [west + CELL, south], [west + CELL, south + CELL], [west, south + CELL], [west, south],
                ]]},
            }
            for number, (west, south, now, minutes) in enumerate(self.summary.get("density", ()))
        ]  # fmt: skip


def sees(who: Principal, kind: str, orgs: list[str]) -> bool:
    """Whether a caller sees a mover: ships that tell their position are everyone's, radar targets those of the authorities."""
    if kind == "ship":
        return True
    if kind == "radar":
        return who.kind in AUTHORITIES
    return who.kind in HANDLERS or who.slug in orgs or f"org:{who.slug}" in orgs


def known(who: Principal, ships: list[dict[str, Any]]) -> bool:
    """Whether a caller sees all ships of a pair."""
    return who.kind in AUTHORITIES or not any(ship.get("only_radar") for ship in ships)
