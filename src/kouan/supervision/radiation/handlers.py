"""An alarm opens a case."""

from __future__ import annotations

from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.formats import Draft
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.supervision.radiation.records import Measurement, RadiationCase

MEASUREMENT = Measurement.facts.name
CARRIED = ("lane", "radiation", "vehicle", "containers", "person", "curve", "nuclide")


class OpenCase(Handler):
    """A curve above its background becomes a case, once."""

    code = "supervision.radiation.open_case"
    title = Text("辐射报警立案", "Open a case of a radiation alarm")
    on = (f"{MEASUREMENT}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """File the case with its curve; safe to repeat, since its key is the measurement."""
        kept = await port.get(PLATFORM, MEASUREMENT, event.record_id)
        scan = kept.data
        assert isinstance(scan, Measurement)
        if not scan.curve.alarm:
            return
        told = scan.model_dump(mode="json")
        data = {name: told[name] for name in CARRIED} | {
            "measurement": kept.ref, "at": told["curve"]["at"], "peak_cps": scan.curve.peak,
            "threshold_cps": round(scan.curve.threshold, 3),
        }  # fmt: skip
        try:
            await port.file(PLATFORM, [Draft(RadiationCase.facts.name, data)], key=f"radiation:{kept.ref}")
        except Conflict as already:
            if already.code != "natural_key_kept":
                raise
