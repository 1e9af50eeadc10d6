"""The parties' systems: their addresses and how they do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.exchange.service import parties
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.exchange"], responses=RESPONSES)
Name = Annotated[str, Path(max_length=64)]


class ConnectorOut(BaseModel):
    """A party's system. `status`: none (no address: the inbox is worked by hand), up or down. `breaker`: none, closed,
    open (nothing is tried until `next_probe`) or half-open; `signed`: whether a key was fetched, for its own party.
    """

    name: str
    title: BothLanguages
    org: str
    tells: list[str]
    status: str
    breaker: str
    next_probe: str | None
    signed: bool | None
    address: str | None
    outage_since: str | None
    last_ok: str | None
    error: str | None
    check: dict[str, Any] | None
    waiting: int
    dead: int


class AddressIn(BaseModel):
    """Where the party's system takes deliveries."""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(max_length=parties.LONGEST, examples=["https://single-window.example/kouan"])


@router.get("/api/connectors", response_model=list[ConnectorOut], summary="The parties' systems")
async def listed(who: Caller, port: ThePort) -> Response:
    """Those of the caller's organisation; all of them for the port office."""
    business(who)
    return reply(await parties.states(port, who))


@router.put("/api/connectors/{name}", response_model=ConnectorOut, summary="Set the address of the own system")
async def put(name: Name, asked: AddressIn, request: Request, who: Caller, port: ThePort) -> Response:
    """By who works in the receiving organisation; https, or this machine in a demo folder."""
    business(who)
    demo = bool(request.app.state.settings.demo)
    return reply(await parties.set_address(port, who, name, asked.address, demo=demo))


class SecretOut(BaseModel):
    """The key, shown once (Standard Webhooks: `whsec_` and base64)."""

    secret: str


@router.post("/api/connectors/{name}/secret", status_code=201, response_model=SecretOut, summary="A new signing key")
async def secret(name: Name, who: Caller, port: ThePort) -> Response:
    """What goes to the own system is signed by it from now on (HMAC-SHA256); the former key signs for a day more."""
    business(who)
    return reply({"secret": await parties.new_secret(port, who, name)}, 201)


@router.delete("/api/connectors/{name}", status_code=204, response_class=Response, summary="Forget the own address")
async def forget(name: Name, who: Caller, port: ThePort) -> Response:
    """Deliveries stand in the inbox from then on and are answered there."""
    business(who)
    await parties.forget(port, who, name)
    return Response(status_code=204)
