"""What others may import of telemetry: the stream, the latest picture, the door for posted sentences."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from kouan.facilities.telemetry.beside import INSTANT, joined
from kouan.facilities.telemetry.beside import readings as readings_of
from kouan.facilities.telemetry.beside import records as records_of
from kouan.facilities.telemetry.bus import AWAY, Bus
from kouan.facilities.telemetry.causes import name_causes
from kouan.facilities.telemetry.drivers.samples import check as check_samples
from kouan.facilities.telemetry.history.reading import History
from kouan.facilities.telemetry.intake import Intake
from kouan.facilities.telemetry.leases import poor
from kouan.facilities.telemetry.lookout import Lookout
from kouan.facilities.telemetry.mirror import Mirror
from kouan.facilities.telemetry.movers import Movers
from kouan.facilities.telemetry.numbers import (
    Entity,
    Numbers,
    Series,
    Wanted,
    entity_key,
    kind_of,
    mmsi_key,
    own_ref,
    readable,
)
from kouan.facilities.telemetry.picture import Picture, Ship
from kouan.facilities.telemetry.posting import read_batch, read_body
from kouan.facilities.telemetry.publishing import partition_of, publish
from kouan.facilities.telemetry.refusals import reason
from kouan.facilities.telemetry.sealing import Seals
from kouan.facilities.telemetry.service import CHANGES, Stream
from kouan.facilities.telemetry.ships import EPOCH, documents, frames_of, micros, moment
from kouan.facilities.telemetry.signals import (
    BAD,
    BY_MMSI,
    ESTIMATED,
    GOOD,
    KIND_BITS,
    KIND_NAMES,
    KINDS,
    LATE,
    SIMULATED,
    UNCERTAIN,
    Position,
    Reading,
    VesselStatic,
)  # fmt: skip
from kouan.facilities.telemetry.state import Index, State
from kouan.facilities.telemetry.store import everything, keep
from kouan.facilities.telemetry.watching import Watch, Watcher, declared, watches
from kouan.facilities.telemetry.worker import REMEMBERED, VESSEL
from kouan.kernel.errors import Unavailable
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.settings import Settings

__all__ = [
    "AWAY", "BAD", "BY_MMSI", "CHANGES", "EPOCH", "ESTIMATED", "GOOD", "HISTORY", "INSTANT", "KINDS", "KIND_BITS", "KIND_NAMES", "LATE",
    "REMEMBERED", "SIMULATED", "UNCERTAIN", "VESSEL", "Bus", "Entity", "History", "Index", "Lookout", "Mirror", "Movers", "Numbers",
    "Picture", "Position", "Reading", "Seals", "Series", "Ship", "State", "Stream", "VesselStatic", "Wanted", "Watch",
    "Watcher", "attach", "check_samples", "declared", "entity_key", "everything", "history_of", "intake_of",
    "joined", "kind_of", "micros", "mirror_of", "mmsi_key", "moment", "name_causes", "own_ref", "partition_of", "poor", "publish",
    "read_batch", "readable", "readings_of", "records_of", "ships_of", "watches",
]  # fmt: skip


HOOK = "intake:"
OFF_LOOP = 64 << 10
MIRROR, INTAKE, HISTORY = "telemetry.mirror", "telemetry.intake", "telemetry.history"


def attach(port: Port, bus: Bus, picture: Picture) -> None:
    """Let this process take posted signals in (nmea, readings, positions), and follow the latest picture (`mirror_of`)."""
    port.extras[INTAKE] = intake = Intake(bus, Numbers(port.pool, Seals(port.pool, port.vault)))
    port.extras[MIRROR] = mirror = Mirror(bus)
    mirror.start()

    async def nmea(who: Principal, body: bytes) -> dict[str, Any]:
        # A long log takes seconds: beside the loop, so that nobody else waits for it.
        read = await asyncio.to_thread(read_body, body) if len(body) > OFF_LOOP else read_body(body)
        observations, accepted, refused = read
        try:
            await intake.take(frames_of(observations), who.slug)
        except Unavailable:
            picture.fold(observations)
            states = [(s["mmsi"], datetime.fromisoformat(s["at"]), s) for s in picture.changes() if s.get("at")]
            await keep(port.pool, VESSEL, states)
        return {"accepted": accepted, "refused": [{**r, **reason(r["code"])} for r in refused]}

    for name, take in (("nmea", nmea), ("readings", intake.readings), ("positions", intake.positions)):
        port.extras[f"{HOOK}{name}"] = take


def mirror_of(port: Port) -> Mirror:
    """The latest picture as this serving process sees it."""
    found: Mirror = port.extras[MIRROR]
    return found


def ships_of(port: Port, since: datetime) -> list[Ship]:
    """What reports by AIS as this serving process sees it now, unless its last position is older than a moment."""
    state = mirror_of(port).state
    positions = state.latest("position")
    positions = positions.pick(positions["at"] >= micros(since))
    return documents(positions, state.latest("vessel_static", positions["key"]))


def intake_of(port: Port) -> Intake:
    """The doors of posted signals of this serving process, and the numbers that it knows."""
    found: Intake = port.extras[INTAKE]
    return found


def history_of(port: Port) -> History:
    """The history, as this process reads it."""
    found: History | None = port.extras.get(HISTORY)
    if found is None:
        found = port.extras[HISTORY] = History(Settings.read().home, Seals(port.pool, port.vault))
    return found
