"""What targeting does about events: results are fed back, and an approved edition takes the place of its elders."""

from __future__ import annotations

from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.supervision.inspection.api import InspectionOrder
from kouan.supervision.targeting import feedback, service
from kouan.supervision.targeting.profiles import Profile

ORDER = InspectionOrder.facts.name
PROFILE = Profile.facts.name


class FeedBack(Handler):
    """All agencies have entered what they found: whatever had selected the goods learns of it."""

    code = "supervision.targeting.feed_back"
    title = Text("查验结果反馈布控", "Feed inspection results back")
    on = (f"{ORDER}:enter",)

    async def handle(self, event: Event, port: Port) -> None:
        """Keep the result of a finished visit; one that still waits for an agency changes nothing."""
        order = await port.get(PLATFORM, ORDER, event.record_id)
        if order.state == "finished":
            await feedback.feed_back(port, order)


class TakeOver(Handler):
    """A new edition is approved: the elder editions of its code stand as retired. Only the newest was judged anyway."""

    code = "supervision.targeting.take_over"
    title = Text("新版次替代旧版次", "A new edition takes over")
    on = (f"{PROFILE}:approve",)
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Retire the elder editions that are still active."""
        profile = await port.get(PLATFORM, PROFILE, event.record_id)
        assert isinstance(profile.data, Profile)
        for elder in await service.elder_editions(port, profile.data):
            try:
                await port.act(port.service("customs"), PROFILE, elder, "retire", note=profile.ref)
            except Conflict as already:
                if already.code != "not_in_state":
                    raise
