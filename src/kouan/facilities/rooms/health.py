"""How a machine room does: limits, dependencies, and what fails with what. Pure functions over records and readings."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kouan.facilities.rooms.records import Asset, Sensor, Service

WET = frozenset({"leak", "smoke"})


@dataclass(frozen=True, slots=True)
class Breach:
    """A sensor of an asset beyond its limit."""

    asset: Asset
    sensor: Sensor
    value: float
    limit: float
    above: bool


@dataclass(frozen=True, slots=True)
class Web:
    """Assets and services by reference, and who depends on each."""

    assets: Mapping[str, Asset]
    services: Mapping[str, Service]
    users: Mapping[str, Sequence[str]]

    def depending(self, ref: str) -> tuple[list[str], list[str]]:
        """Assets and services that depend on something, however far, the nearest first. A circle is walked once."""
        seen, waiting, found = {ref}, deque([ref]), []
        while waiting:
            for user in self.users.get(waiting.popleft(), ()):
                if user not in seen:
                    seen.add(user)
                    waiting.append(user)
                    found.append(user)
        return [one for one in found if one in self.assets], [one for one in found if one in self.services]


def web(assets: Iterable[Asset], services: Iterable[Service]) -> Web:
    """The web of dependencies."""
    known, served = {f"asset:{one.code}": one for one in assets}, {f"itservice:{one.code}": one for one in services}
    users: dict[str, list[str]] = {}
    for ref, asset in known.items():
        for needed in asset.depends_on:
            users.setdefault(needed, []).append(ref)
    for ref, service in served.items():
        for needed in (*service.depends_on, *service.needs):
            users.setdefault(needed, []).append(ref)
    return Web(known, served, users)


def breach(asset: Asset, sensor: Sensor, value: float | None) -> Breach | None:
    """Whether a value is beyond the asset's limits; None when it is not, or is not known."""
    if value is None:
        return None
    high = sensor.high if sensor.high is not None else 0.0 if sensor.measure in WET else None
    if high is not None and value > high:
        return Breach(asset, sensor, value, high, True)
    if sensor.low is not None and value < sensor.low:
        return Breach(asset, sensor, value, sensor.low, False)
    return None


def breaches(assets: Iterable[Asset], value: Callable[[Sensor], float | None]) -> list[Breach]:
    """All sensors beyond their limits."""
    found = [breach(asset, sensor, value(sensor)) for asset in assets for sensor in asset.sensors]
    return [one for one in found if one is not None]
