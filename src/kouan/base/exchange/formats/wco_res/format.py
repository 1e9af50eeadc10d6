"""WCO Data Model 3.6, RES: what customs tells of a declaration, notice by notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.base.exchange.codecs.wco import responses
from kouan.base.exchange.codecs.wco.responses import NOTICES, Response
from kouan.base.exchange.formats.replies import RECORD, Reply
from kouan.base.exchange.samples import bundled
from kouan.kernel.clock import now
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Draft, Format, Reading, Sample
from kouan.kernel.text import Text

CODES: Mapping[str, str] = {
    "01": "accepted", "02": "received", "03": "rejected", "05": "targeted", "06": "documents", "07": "amended",
    "08": "released", "09": "completed", "10": "cancelled", "11": "replied", "13": "taxed", "14": "taxed", "15": "taxed",
}
"""Receipt code of each function; any other is a notice like others."""


class WcoResponse(Format):
    """Each response of a message is one answer."""

    code = "wco-res"
    title = Text("WCO 回执（XML）", "WCO response (XML)")
    standard = "WCO Data Model 3.6 RES"
    records: ClassVar[tuple[str, ...]] = (RECORD,)
    media = "application/xml"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when nothing can be made of it; slips of form are told as warnings."""
        try:
            reading = responses.read_all(body)
        except CodecError as error:
            raise Refused.of(error.problems) from None
        parts = [_reply(one, reading.slips, at) for at, one in enumerate(reading.responses, 1)]
        return Reading(parts, batch=len(parts) > 1)

    def samples(self) -> tuple[Sample, ...]:
        """Notices about a declaration of the demo port."""
        return bundled("wco-res-", self.title, RECORD)


def _reply(response: Response, slips: tuple[Problem, ...], number: int) -> Reply:
    position = f"response {number}"
    draft = Draft(RECORD, data_of(response), position, tuple(slip.out() for slip in slips))
    return Reply((draft,), position, tuple(filter(None, (response.answered, response.id))))


def data_of(response: Response) -> dict[str, Any]:
    """The fields of the answer's record but for the document that it is about."""
    notice, payable = NOTICES.get(response.function), response.payable
    said = "; ".join(_said(response))
    found = {
        "code": CODES.get(response.function, "noticed"), "reference": response.reference[:64], "at": response.issued or now(),
        "reason_zh": f"{notice.title.zh}：{said}"[:400] if notice and said else None, "reason_en": said[:400] or None,
        "notice": (notice.name if notice else f"RES{response.function}")[:8], "number": response.id[:70] or None,
        "document_version": response.version, "payable": payable.value if payable else None,
        "currency": payable.currency[:3] if payable else None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, "")}


def _said(response: Response) -> Iterator[str]:
    """Errors, statements and states in the agency's own words and codes."""
    for error in response.errors:
        path = "/".join(f"{section}{f'[{number}]' if number else ''}{tag}" for number, section, tag in error.pointers)
        yield " ".join(part for part in (error.code, error.text, f"({path})" if path else "") if part)
    for statement in response.statements:
        if statement.text or statement.code:
            yield " ".join(part for part in (statement.code, statement.text) if part)
    for state in response.states:
        yield f"status {state.code}" + (f" {state.at.isoformat()}" if state.at else "")
