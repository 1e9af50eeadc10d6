"""What links do about events: tell the partner of signatures, give what agreements say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kouan.base.exchange.api import reach
from kouan.cooperation.link import errors
from kouan.cooperation.link.connectors.platform.connector import Platform
from kouan.cooperation.link.records import PARTNER, Agreement
from kouan.cooperation.link.service import agreements, giving
from kouan.cooperation.link.sharing import givable
from kouan.kernel.events import Event
from kouan.kernel.handlers import Follower, Handler, Told
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

AGREEMENT = Agreement.facts.name


class TellPartner(Handler):
    """This side signed or ended an agreement: the partner's line is set up, and it is told."""

    code = "cooperation.link.tell_partner"
    title = Text("签署或终止协定即告知对方", "Tell the partner that an agreement was signed or ended")
    on = (f"{AGREEMENT}:sign", f"{AGREEMENT}:end")

    async def handle(self, event: Event, port: Port) -> None:
        """Reach the partner at the address of the newest signature; safe to repeat.

        Raises NotFound while this process does not know the partner: it may have been made an organisation a moment ago.
        """
        kept = await port.get(PLATFORM, AGREEMENT, event.record_id)
        agreement = agreements.of(kept)
        number = port.orgs.named(agreement.partner)
        if number is None or number not in port.orgs.of_kind(PARTNER):
            raise errors.no_partner(agreement.partner)
        await giving.say(port, kept, event.what, event.version, event.at, event.id)
        if event.what == "sign":
            address = f"{agreement.address.rstrip('/')}/api/links/{agreement.own_name}"
            await reach(port, Platform.code, number, address, event.principal.user)


class Give(Follower):
    """Whatever happens to a record that an agreement gives is given out."""

    code = "cooperation.link.give"
    title = Text("按协定提供数据", "Give what agreements say")
    settle = timedelta(0)
    past = False

    @classmethod
    def topics(cls) -> tuple[str, ...]:
        """All that can happen to what can be given."""
        return tuple(sorted(f"{name}:{what}" for name in givable() for what in ("filed", "amend", *_actions(name))))

    async def heeds(self, port: Port) -> bool:
        """Only while an agreement is in force."""
        return await agreements.any_in_force(port)

    async def follow(self, told: Sequence[Told], port: Port) -> None:
        """Keep what is given out; the outbox takes it from there."""
        await giving.give(port, told)


def _actions(record: str) -> set[str]:
    life = lifecycle_of(record)
    return {action.name for track in life.tracks for action in track.actions} if life else set()
