"""Converting messages without filing them: UN/EDIFACT to JSON and back (H12.2c*)."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.exchange.codecs.edifact.as_json import InterchangeDoc
from kouan.base.exchange.routes.intake import read_body
from kouan.base.exchange.service import converting
from kouan.kernel.http.deps import Caller
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply

router = APIRouter(prefix="/api/convert", tags=["base.exchange"], responses=RESPONSES)
MOST = 1000
BINARY: dict[str, Any] = {"requestBody": {
    "required": True, "content": {converting.MEDIA: {"schema": {"type": "string", "format": "binary"}}}}}  # fmt: skip


class JsonOut(BaseModel):
    """The interchanges without loss; of each message whether our reader takes it, what is wrong, and the records in it."""

    interchanges: list[InterchangeDoc]
    messages: list[dict[str, Any]]
    notices: list[dict[str, Any]]


class JsonIn(BaseModel):
    """Interchanges as the other door told them; what it told beside them is passed over."""

    model_config = ConfigDict(extra="ignore")
    interchanges: list[InterchangeDoc] = Field(min_length=1, max_length=MOST)


@router.post("/edifact/json", response_model=JsonOut, operation_id="convert_edifact_json", openapi_extra=BINARY,
             summary="EDIFACT to JSON")  # fmt: skip
async def to_json(request: Request, who: Caller) -> Response:
    """Any message type. A damaged body is refused with every problem and its place; nothing is filed or kept."""
    business(who)
    return reply(await asyncio.to_thread(converting.as_json, await read_body(request)))


@router.post("/json/edifact", operation_id="convert_json_edifact", summary="JSON to EDIFACT", response_class=Response,
             responses={200: {"content": {converting.MEDIA: {}}, "description": "The interchanges"}})  # fmt: skip
async def to_edifact(told: JsonIn, who: Caller) -> Response:
    """Service characters, character set, counts and references as told; refused where these do not fit.

    Slips that lose nothing are named by code in X-Kouan-Notices.
    """
    business(who)
    body, notices = await asyncio.to_thread(converting.as_edifact, told.interchanges)
    return Response(body, media_type=converting.MEDIA, headers={"X-Kouan-Notices": ", ".join(notices)} if notices else None)
