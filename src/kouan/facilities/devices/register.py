"""The register as the hub knows it: devices in use, found by code and by address, and the series of their metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.facilities.devices.lifecycle import IN_USE
from kouan.facilities.devices.records import Device, Metric
from kouan.facilities.telemetry.api import Wanted

REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Entry:
    """A device in use: its record, state and who reads its data (slugs). `metrics` by name, `sources` by address in the device.

    `login`: user and password by which the platform enters the device's own server.
    """

    id: UUID
    data: Device
    state: str
    orgs: tuple[str, ...]
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    sources: Mapping[str, Metric] = field(default_factory=dict)
    login: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def code(self) -> str:
        """Its code."""
        return self.data.code

    def metric(self, name: str) -> Metric | None:
        """The metric that the device means by a name."""
        return self.metrics.get(name) or self.sources.get(name)


@dataclass(frozen=True, slots=True)
class Register:
    """All devices in use; `known` are the codes of the others, which may not be heard."""

    entries: Mapping[str, Entry]
    lanes: Mapping[str, Entry]
    plants: Mapping[str, Entry]
    known: frozenset[str]


EMPTY = Register({}, {}, {}, frozenset())


def read(
    rows: Iterable[Mapping[str, Any]], slugs: Mapping[int, str], everyone: Iterable[str],
    logins: Mapping[str, tuple[str, str]] | None = None,
) -> Register:  # fmt: skip
    """The register out of the kept rows. `slugs`: organisations by number; `everyone`: those who read of every device."""
    entries: dict[str, Entry] = {}
    known: set[str] = set()
    for row in rows:
        data = Device.model_validate(row["doc"])
        if row["state"] not in IN_USE:
            known.add(data.code)
            continue
        readers = {slugs[number] for number in row["readers"] if number in slugs}
        by_source = {metric.source: metric for metric in data.metrics if metric.source}
        orgs = tuple(sorted(readers | set(everyone)))
        entries[data.code] = Entry(row["id"], data, row["state"], orgs, {m.name: m for m in data.metrics}, by_source,
                                   (logins or {}).get(data.code))  # fmt: skip
    lanes = {entry.data.address.lower(): entry for entry in entries.values() if entry.data.driver == "lane"}
    plants = {entry.data.address: entry for entry in entries.values() if entry.data.driver == "sparkplug"}
    return Register(entries, lanes, plants, frozenset(known))


def series_of(entry: Entry) -> list[Wanted]:
    """What the series of a device's metrics state."""
    data = entry.data
    return [
        Wanted(data.code, metric.name, metric.unit, data.data_level, data.simulated, entry.orgs, limits_of(metric), data.holder or "")
        for metric in data.metrics
    ]


def limits_of(metric: Metric) -> dict[str, Any]:
    """The limits and the calibration by which a metric's readings are screened; a metric setting of its own goes before them."""
    return {"by": REGISTER, "low": metric.low, "high": metric.high, "offset": metric.offset, "scale": metric.scale}


def due(entry: Entry, now: datetime) -> bool:
    """Whether the device's calibration is over."""
    return entry.data.calibration_due is not None and entry.data.calibration_due < now
