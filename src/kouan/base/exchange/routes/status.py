"""The public status: open to everyone, without content."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.exchange.service import status
from kouan.kernel.http.deps import ThePort
from kouan.kernel.http.problems import BothLanguages
from kouan.kernel.http.records import reply

router = APIRouter(tags=["base.exchange"])


class SelfOut(BaseModel):
    """The platform: up or down, since when, and the share of the last days in which it was up."""

    title: BothLanguages
    status: str
    since: str | None
    available_percent: float


class PartyOut(SelfOut):
    """A party's system, since it is known at most."""

    name: str
    org: str


class OutageOut(BaseModel):
    """One outage; `ended` is null while it lasts."""

    name: str
    title: BothLanguages
    org: str
    began: str
    ended: str | None
    seconds: int


class StatusOut(BaseModel):
    """Now, and the outages of the last days."""

    at: str
    days: int
    since: str
    platform: SelfOut
    parties: list[PartyOut]
    outages: list[OutageOut]


@router.get("/api/status", response_model=StatusOut, operation_id="status", summary="Who is away, now and lately")
async def now(port: ThePort) -> Response:
    """Outages of the platform and of parties' systems, now and in the last seven days."""
    return reply(await status.status(port))
