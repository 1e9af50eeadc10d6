"""The door of the standards registry (H12.1*)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.standards.registry import service

router = APIRouter(tags=["standards.registry"], responses=RESPONSES)


class StandardsOut(BaseModel):
    """Standards: number, title, edition, layer, status, owner, scope, `difference` (what this port does otherwise), `over`,
    `version` (of the port's own record; 0 while it has none) and `adopters`, the modules that name it with what names it."""

    items: list[dict[str, Any]]
    count: int


@router.get("/api/standards", response_model=StandardsOut, operation_id="standards", summary="Search the standards registry")
async def standards(who: Caller, port: ThePort, q: Annotated[str, Query(max_length=80)] = "") -> Response:
    """By any words in Chinese or English: number, title, scope, owner, what it is about."""
    business(who)
    return reply(await service.listed(port, who, q))
