"""UN/EDIFACT: customs cargo reports (CUSCAR D.95B and later) become a manifest and its consignments."""

from __future__ import annotations

from typing import ClassVar

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact import cuscar
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.edifact.mapping import drafts_of
from kouan.base.exchange.samples import bundled
from kouan.kernel.errors import Problem, Refused
from kouan.kernel.formats import Format, Reading, Sample, Submission, Unread
from kouan.kernel.text import Text

SUPPORTED = ("CUSCAR",)
OTHER = Text(
    "已识别报文类型 {found},但目前只受理:" + "、".join(SUPPORTED),
    "The message type {found} was recognised, but only these are taken: " + ", ".join(SUPPORTED),
)
NONE = Text("交换中没有报文", "There is no message in this interchange")


class Edifact(Format):
    """Each message is one submission; several in a body are answered one by one."""

    code = "edifact"
    title = Text("UN/EDIFACT 舱单报文", "UN/EDIFACT cargo report")
    standard = "ISO 9735; UN/EDIFACT CUSCAR D.95B"
    records: ClassVar[tuple[str, ...]] = ("base.manifest.manifest", "base.manifest.consignment")
    media = "application/edifact"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when the interchange is damaged, or when it holds one message and that is of another type."""
        try:
            reading = edifact.read(body)
        except CodecError as error:
            raise Refused.of(error.problems) from None
        if reading.problems:
            raise Refused.of(reading.problems)
        messages = [message for interchange in reading.interchanges for message in interchange.messages]
        if not messages:
            raise Refused(NONE, rule="ISO 9735", field="UNH", code="edifact.empty")
        parts = [_part(m, at, reading.notices if at == 1 else ()) for at, m in enumerate(messages, 1)]
        return Reading(parts, batch=len(parts) > 1)

    def samples(self) -> tuple[Sample, ...]:
        """Cargo reports of the demo port's own carrier."""
        return bundled("cuscar-", self.title, self.records[0])


def _part(message: edifact.Message, number: int, notices: tuple[Problem, ...]) -> Submission | Unread:
    position = f"message {number}"
    if not cuscar.is_cargo_report(message):
        return Unread((_other(message, number),), position)
    try:
        return Submission(drafts_of(cuscar.report_of(message, number, notices)), position)
    except CodecError as error:
        return Unread(error.problems, position)


def _other(message: edifact.Message, number: int) -> Problem:
    found = "".join(char for char in message.type[:12] if char.isprintable()) or "?"
    reason = Text(OTHER.zh.format(found=found), OTHER.en.format(found=found))
    at = f"message {number}, byte {message.header.position}"
    return Problem("edifact.type", "UNH/0065", "UN/EDIFACT S009", reason, at)
