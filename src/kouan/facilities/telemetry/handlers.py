"""What telemetry does about filed facts: a metric's setting takes effect."""

from __future__ import annotations

from kouan.facilities.telemetry.numbers import Numbers, Wanted
from kouan.facilities.telemetry.records import Setting
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

SETTING = Setting.facts.name


class ApplySetting(Handler):
    """A setting that was filed or changed is what readings are screened by from now on, in every process."""

    code = "facilities.telemetry.apply_setting"
    title = Text("应用测点设置", "Apply a metric's setting")
    on = (f"{SETTING}:filed", f"{SETTING}:amend")

    async def handle(self, event: Event, port: Port) -> None:
        """State the series so."""
        kept = await port.get(PLATFORM, SETTING, event.record_id)
        assert isinstance(kept.data, Setting)
        stated = kept.data
        limits = {
            "low": stated.low, "high": stated.high, "rate": stated.rate, "stuck": stated.stuck_s, "oldest": stated.oldest_s,
            "offset": stated.offset, "scale": stated.scale,
        }  # fmt: skip
        offices = [port.orgs.slug(number) for number in port.orgs.of_kind("portoffice")]
        readers = [port.orgs.slug(number) for ref in stated.readers if (number := port.orgs.named(ref)) is not None]
        orgs = sorted({port.orgs.slug(kept.filed_by), *offices, *readers})
        wanted = Wanted(stated.device, stated.metric, stated.unit, stated.data_level, stated.simulated, orgs, limits)
        await Numbers(port.pool).state(wanted)
