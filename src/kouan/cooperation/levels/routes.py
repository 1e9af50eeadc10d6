"""Instructions about an incident, given to whoever reported it, and how far they have come."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Path, Request
from pydantic import ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.base.exchange.api import Instruction
from kouan.cooperation.levels import service
from kouan.kernel.dated import Dated
from kouan.kernel.errors import Denied
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import FiledOut, business, read_one, reply
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/levels", tags=["cooperation.levels"], responses=RESPONSES)
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")]
Measure = Literal["inform", "assist", "inspect", "hold", "escort", "deny-gate", "dispose"]
NOT_AN_AUTHORITY = Text("只有主管部门可以下达指令", "Only an authority gives instructions")


class InstructionIn(Dated):
    """What is to be done about the incident, by whoever reported it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"number": "CNWHH-ZL-001", "measure": "dispose", "subject": "Cordon off row 12 and report"}},
    )
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]
    measure: Measure
    subject: Line
    text: Words | None = None
    due: datetime | None = None
    urgent: bool = Field(default=False)


@router.post("/incidents/{id}/instructions", status_code=201, response_model=FiledOut, operation_id="levels_instruct")
async def instruct(
    id: Annotated[UUID, Path()], asked: InstructionIn, request: Request, who: Caller, port: ThePort,
    idempotency_key: Annotated[str, Header(max_length=128, pattern=r"^[\x21-\x7e]*$")] = "",
) -> Response:  # fmt: skip
    """Goes to the platform below that reported the incident, and on down to the site; each level's progress comes back."""
    business(who)
    if who.kind not in Instruction.facts.filers:
        raise Denied(NOT_AN_AUTHORITY, rule="level:instruct")
    incident = await port.get(who, service.INCIDENT, id)
    data = asked.model_dump(exclude_none=True)
    body = orjson.dumps([str(id), data], option=orjson.OPT_SORT_KEYS)
    filed = await service.instruct(port, who, incident, data, body, idempotency_key)
    item = await read_one(port, who, Instruction, UUID(filed.kept[0].id))
    return reply({"receipt": {"id": filed.receipt}, "item": item}, 201)
