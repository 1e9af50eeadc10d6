"""Synchronise a library now."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.registers import service
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.registers"], responses=RESPONSES)


class SyncOut(BaseModel):
    """What came of one reading. `changes`: references of the changes; `unknown`: entries about firms or places not known here."""

    library: str
    read: int
    changed: int
    refused: int
    unknown: int
    changes: list[str]
    problem: BothLanguages | None


@router.post("/api/registers/libraries/{id}/sync", response_model=SyncOut, operation_id="registers_sync", summary="Synchronise now")
async def sync(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """Reads on from where it was read to; for the organisation that filed the library."""
    business(who)
    return reply(await service.sync(port, who, id))
