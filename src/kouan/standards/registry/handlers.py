"""What the registry does about an accepted proposal: the standard gets its next version."""

from __future__ import annotations

from kouan.kernel.events import Event
from kouan.kernel.formats import Draft
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.standards.registry import service
from kouan.standards.registry.records import Proposal, Standard


class MakeVersion(Handler):
    """An accepted proposal becomes the standard's next version, filed by the port office's service account, once."""

    code = "standards.registry.make_version"
    title = Text("建议通过后形成标准新版本", "An accepted proposal makes the standard's next version")
    on = (f"{Proposal.facts.name}:accept",)
    acts_for = "portoffice"

    async def handle(self, event: Event, port: Port) -> None:
        """File the next version under the proposal's own key."""
        steward = port.service(self.acts_for)
        kept = await port.get(steward, Proposal.facts.name, event.record_id)
        proposal = kept.data
        assert isinstance(proposal, Proposal)
        if data := await service.accepted(port, steward, proposal):
            draft = Draft(Standard.facts.name, data, renew=True)
            await port.file(steward, [draft], body=event.id.encode(), key=f"proposal-{event.record_id}")
