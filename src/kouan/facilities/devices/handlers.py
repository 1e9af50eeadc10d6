"""What the register does about events: a retired device loses its credentials, work on a device takes it out of use and back."""

from __future__ import annotations

from uuid import UUID

from kouan.facilities.devices import store
from kouan.facilities.devices.records import Device, Maintenance
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text

DEVICE, WORK = Device.facts.name, Maintenance.facts.name
FOLLOWS = {"begin": "maintain", "finish": "resume", "cancel": "resume"}


class EndCredentials(Handler):
    """A retired device enters no more."""

    code = "facilities.devices.end_credentials"
    title = Text("停用设备即收回凭据", "Take back a retired device's credentials")
    on = (f"{DEVICE}:retire",)

    async def handle(self, event: Event, port: Port) -> None:
        """Its account ends."""
        kept = await port.get(PLATFORM, DEVICE, event.record_id)
        assert isinstance(kept.data, Device)
        await store.take_account(port.pool, Settings.read().home, kept.data.code)


class FollowWork(Handler):
    """Work on a device begins or ends: the device is in maintenance meanwhile, so that its silence raises no warning."""

    code = "facilities.devices.follow_work"
    title = Text("维护期间设备转入维护状态", "A device is in maintenance while it is worked on")
    on = tuple(f"{WORK}:{action}" for action in FOLLOWS)

    async def handle(self, event: Event, port: Port) -> None:
        """Its owner's service account moves it on; a device that is elsewhere already stays there."""
        work = await port.get(PLATFORM, WORK, event.record_id)
        assert isinstance(work.data, Maintenance)
        kept = next(iter(await port.find(PLATFORM, DEVICE, key=work.data.device.partition(":")[2])), None)
        if kept is None:
            return
        try:
            await port.act(port.service("portoffice"), DEVICE, UUID(str(kept.id)), FOLLOWS[event.what])
        except Conflict:
            return
