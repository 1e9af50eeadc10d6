"""What clearance does about declarations, and about whatever they may have waited for."""

from __future__ import annotations

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.base.permit.api import Certificate
from kouan.base.portcall.api import PortCall
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.supervision.inspection.api import InspectionOrder
from kouan.supervision.release import service

DECLARATION = Declaration.facts.name
CONSIGNMENT = Consignment.facts.name
CALL = PortCall.facts.name
ORDER = InspectionOrder.facts.name
CERTIFICATE = Certificate.facts.name


class ClearDeclaration(Handler):
    """A declaration that is filed or amended is assessed, and released or targeted."""

    code = "supervision.release.clear"
    title = Text("自动审核与放行", "Assess and release by rules")
    on = (f"{DECLARATION}:filed", f"{DECLARATION}:amend")
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Bring the declaration as far as it goes by itself."""
        await service.clear(port, event.record_id, event.at)


class ManifestCame(Handler):
    """A manifest line came: declarations under its bills may have waited for it."""

    code = "supervision.release.manifest_came"
    title = Text("舱单到达后放行", "Release what waited for a manifest")
    on = (f"{CONSIGNMENT}:filed", f"{CONSIGNMENT}:amend")
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Release what waits under the line's bills."""
        await service.release_under(port, event.record_id)


class CallAnswered(Handler):
    """Customs accepted a ship's call: declarations of her cargo may have waited for it."""

    code = "supervision.release.call_answered"
    title = Text("船舶动态获接受后放行", "Release what waited for a ship's call")
    on = (f"{CALL}:accept",)
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Release what waits aboard; answers of other agencies change nothing."""
        if event.data.get("track") != "customs":
            return
        kept = await port.get(PLATFORM, CALL, event.record_id)
        assert isinstance(kept.data, PortCall)
        await service.release_aboard(port, kept.data.vessel)


class VisitFinished(Handler):
    """All agencies have entered what they found: the goods follow the class that decides."""

    code = "supervision.release.visit_finished"
    title = Text("查验完毕后分类处置", "Release by class after the visit")
    on = (f"{ORDER}:enter",)
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Let the declaration follow a finished visit; one that still waits for an agency changes nothing."""
        order = await port.get(PLATFORM, ORDER, event.record_id)
        if order.state == "finished":
            await service.follow_visit(port, order)


class CertificateVerified(Handler):
    """An issuer stands by a certificate: the declaration that cites it may have waited for that."""

    code = "supervision.release.certificate_verified"
    title = Text("证件核查通过后放行", "Release what waited for a certificate")
    on = (f"{CERTIFICATE}:filed", f"{CERTIFICATE}:confirm")
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Release its declaration if nothing else is missing."""
        certificate = await port.get(PLATFORM, CERTIFICATE, event.record_id)
        assert isinstance(certificate.data, Certificate)
        if certificate.state == "valid":
            await service.release_one(port, certificate.data.declaration)
