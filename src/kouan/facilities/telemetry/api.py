"""What others may import of telemetry: the stream, the latest picture, the door for posted sentences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.picture import Picture, Ship
from kouan.facilities.telemetry.refusals import reason
from kouan.facilities.telemetry.service import CHANGES, POSITION, REMEMBERED, VESSEL, Stream, read_body
from kouan.facilities.telemetry.store import everything, keep
from kouan.kernel.port import Port

__all__ = ["CHANGES", "REMEMBERED", "VESSEL", "Bus", "Picture", "Ship", "Stream", "attach", "everything"]


SIGNAL_HOOK = "intake:nmea"


def attach(port: Port, bus: Bus, picture: Picture) -> None:
    """Let POST /api/intake/nmea of this process publish what it reads."""

    async def take(_who: Any, body: bytes) -> dict[str, Any]:
        observations, accepted, refused = read_body(body)
        for observation in observations:
            if "at" in observation:
                observation["at"] = observation["at"].isoformat()
        if observations and not await bus.send(POSITION, observations):
            picture.fold(observations)
            states = [(s["mmsi"], datetime.fromisoformat(s["at"]), s) for s in picture.changes() if s.get("at")]
            await keep(port.pool, VESSEL, states)
        return {"accepted": accepted, "refused": [{**r, **reason(r["code"])} for r in refused]}

    port.extras[SIGNAL_HOOK] = take
