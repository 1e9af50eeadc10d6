"""A declarant answered in WCO Response messages: the chain of a receipt, notice by notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.base.exchange.codecs import wco
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.wco import responses
from kouan.base.exchange.codecs.wco.model import Statement
from kouan.base.exchange.codecs.wco.responses import Fault, Response
from kouan.base.exchange.service import quarantine
from kouan.base.exchange.service.answering import NONE
from kouan.base.receipt.api import receipt
from kouan.kernel.errors import NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal

MEDIA = "application/xml"
FORMAT = "wco-dec"
FUNCTIONS: Mapping[str, str] = {
    "filed": "02", "received": "02", "accepted": "01", "rejected": "03", "targeted": "05", "held": "05", "released": "08",
    "completed": "09", "cancelled": "10",
}
"""Function code of the notice that a step of the chain is; steps without one are not told (an inspection's results)."""
_ERROR, _REASON, _LONGEST = 8, "AES", 512


async def answer(port: Port, who: Principal, number: UUID, language: str) -> bytes:
    """The notices of a declaration's receipt so far, in one message; NotFound for another receipt than a declaration's.

    Reasons are in `language` ("zh" or "en"). The declaration's number is the receipt, by which it can be amended.
    """
    found = await receipt(port, who, number)
    about = found["receipt"]
    if about["format"] != FORMAT:
        raise NotFound(NONE)
    reference = await _reference(port, who, about)
    said = [r for step in found["chain"] for r in _notice(step, number, reference, language)]
    if about["ledger"]["status"] == "refused":
        said = [await _refused(port, who, number, one, language) if one.function == "03" else one for one in said]
    return responses.write(said)


async def _reference(port: Port, who: Principal, about: Mapping[str, Any]) -> str:
    """The declarant's reference: of the record; of a refused body, what can be read of it."""
    if about["records"]:
        kept = await port.get(who, about["records"][0]["record"], about["records"][0]["id"])
        return kept.data.functional_reference if isinstance(kept.data, Declaration) else ""
    _, body = await quarantine.body_of(port, who, UUID(about["id"]))
    try:
        return wco.read(body).functional_reference
    except CodecError:
        return ""


def _notice(step: Mapping[str, Any], number: UUID, reference: str, language: str) -> Iterator[Response]:
    function = FUNCTIONS.get(step["code"])
    if function is None:
        return
    at = datetime.fromisoformat(step["at"])
    reason = (step["reason"] or {}).get(language) or ""
    yield Response(
        function=function, reference=f"{number.hex[-12:]}-{step['seq']}", issued=at, answered=reference, id=str(number),
        accepted=at if function == "01" else None, rejected=at if function == "03" else None,
        cancelled=at if function == "10" else None,
        statements=(Statement(text=_line(reason), type=_REASON),) if reason else (),
    )  # fmt: skip


async def _refused(port: Port, who: Principal, number: UUID, notice: Response, language: str) -> Response:
    """The notice with every problem for which the body was refused."""
    held = await quarantine.held(port, who)
    problem: Mapping[str, Any] = next((one["problem"] for one in held if one["id"] == str(number)), {})
    errors = tuple(
        Fault(_code(one["code"]), _line(f"{one['code']}: {one['reason'][language]} [{one.get('position') or one['field']}]"))
        for one in problem.get("problems") or ([problem] if problem else [])
    )
    return Response(
        function=notice.function, reference=notice.reference, issued=notice.issued, answered=notice.answered, id=notice.id,
        rejected=notice.rejected, errors=errors,
    )  # fmt: skip


def _code(code: str) -> str:
    """Eight characters of a code: what follows the codec's own name, without signs."""
    return "".join(char for char in (code.partition(".")[2] or code) if char.isalnum()).upper()[:_ERROR]


def _line(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:_LONGEST]
