"""The conformance rules, and an interface's key."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.verification import service
from kouan.base.verification.criteria import CRITERIA
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.verification"], responses=RESPONSES)


class CriterionOut(BaseModel):
    """One conformance rule and the standard that asks it."""

    code: str
    title: BothLanguages
    source: str


class CriteriaOut(BaseModel):
    """All of them, in the order in which they are tried."""

    items: list[CriterionOut]


class KeyOut(BaseModel):
    """The signing key of one interface (Standard Webhooks: `whsec_` and base64)."""

    secret: str


@router.get("/api/verification/criteria", response_model=CriteriaOut, operation_id="verification_criteria", summary="The conformance rules")
async def criteria(who: Caller) -> Response:
    """By which interfaces are judged."""
    business(who)
    return reply({"items": [one.out() for one in CRITERIA]})


@router.get("/api/verification/interfaces/{id}/key", response_model=KeyOut, operation_id="verification_key", summary="An interface's key")
async def key(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """By which the messages of its verification are signed; for the organisation that submitted it."""
    business(who)
    return reply({"secret": await service.key_of(port, who, id)})
