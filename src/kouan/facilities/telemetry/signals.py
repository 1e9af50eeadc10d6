"""The signals of telemetry. They are streamed, not filed: what may not be lost is a Record."""

from __future__ import annotations

from kouan.kernel.signals import Signal
from kouan.kernel.text import Text


class VesselPosition(Signal):
    """Where a ship is, as it reports by AIS (ITU-R M.1371); public inside the port."""

    code = "vessel.position"
    title = Text("船舶位置", "Vessel position")
    readings = {"lon": "deg", "lat": "deg", "sog": "kn", "cog": "deg", "heading": "deg"}  # noqa: RUF012 - read-only facts
    level = 1
