"""The door of the work list."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import reply
from kouan.operations.worklist import service

router = APIRouter(tags=["operations.worklist"], responses=RESPONSES)


class PostOut(BaseModel):
    """A call that the suggested action makes."""

    url: str
    body: dict[str, Any]


class ActOut(BaseModel):
    """The suggested action: a page to open or a call to make."""

    title: BothLanguages
    href: str | None
    post: PostOut | None


class WorkItemOut(BaseModel):
    """Something that needs the caller: what, why, until when, and what to do."""

    title: BothLanguages
    why: BothLanguages
    ref: str
    record: str
    id: str
    due: str | None
    state: str | None
    action: ActOut | None


class WorkListOut(BaseModel):
    """The caller's work list, the soonest due first."""

    items: list[WorkItemOut]
    count: int


@router.get("/api/worklist", response_model=WorkListOut, operation_id="worklist")
async def worklist(who: Caller, port: ThePort) -> Response:
    """What needs the caller, why, and one suggested action for each."""
    items = await service.worklist(port, who)
    return reply({"items": [item.out() for item in items], "count": sum(item.why is not service.NOTHING for item in items)})
