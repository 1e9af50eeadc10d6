"""Devices that the platform connects to, in tests: an entry of the register, its connection, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from kouan.facilities.devices.lines import LINES
from kouan.facilities.devices.polling import Pollers
from kouan.facilities.devices.records import Device
from kouan.facilities.devices.register import Entry, Register, read
from kouan.facilities.devices.telling import Told, Value


@dataclass
class Heard:
    """What was heard of a device."""

    told: list[Told] = field(default_factory=list)
    gone: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def values(self) -> list[Value]:
        """All its readings."""
        return [value for one in self.told for value in one.values]

    def last(self, metric: str) -> float | None:
        """The newest value of a metric."""
        return next((value.value for value in reversed(self.values) if value.metric == metric), None)

    @property
    def refused(self) -> Counter[str]:
        """What could not be read."""
        return sum((one.refused for one in self.told), Counter())


def registered(driver: str, address: str, metrics: dict[str, str], login: tuple[str, str] | None = None, **more: float) -> Register:
    """A register with one device."""
    data = Device.model_validate({
        "code": "L-1", "name_zh": "设备", "name_en": "Device", "kind": "other", "driver": driver, "address": address,
        "metrics": [{"name": name, "source": source} for name, source in metrics.items()], **more,
    })  # fmt: skip
    row = {"id": UUID(int=1), "doc": data.model_dump(mode="json"), "state": "commissioned", "org": 2, "readers": []}
    found = read([row], {}, [])
    entry: Entry = replace(found.entries["L-1"], login=login)
    return replace(found, entries={"L-1": entry})


@asynccontextmanager
async def listening(register: Register) -> AsyncIterator[Heard]:
    """The platform's connection to the device of a register."""
    heard = Heard()
    pollers = Pollers(lambda _, told: heard.told.append(told), LINES, lambda _, cause, away: heard.gone.append((cause, away)))
    await pollers.keep(register)
    try:
        yield heard
    finally:
        await pollers.stop()
