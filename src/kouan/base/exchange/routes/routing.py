"""Routes of organisations' own systems, and any kept record as a message of another standard."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.exchange.service import routing
from kouan.base.exchange.store.routes import Route
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.exchange"], responses=RESPONSES)
Name = Annotated[str, Path(max_length=64)]
RecordName = Annotated[str, Path(max_length=120)]


class RouteIn(BaseModel):
    """`form`: json, xml, wco, edifact, fal, fal-xlsx, or none (not told); told only where `field` says `value`, when stated."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, json_schema_extra={"example": {"form": "xml", "field": "port", "value": "CNWHH"}}
    )
    form: str = Field(max_length=20)
    field: str | None = Field(default=None, max_length=64)
    value: str | None = Field(default=None, max_length=240, pattern=r"^[^\x00]*$")


class RouteOut(BaseModel):
    """A route of one organisation's system."""

    connector: str
    org: str
    record: str
    form: str
    field: str | None
    value: str | None


@router.get("/api/routes", response_model=list[RouteOut], operation_id="routes", summary="Routes of the own systems")
async def listed(who: Caller, port: ThePort) -> Response:
    """What is told otherwise than the connectors say; all organisations' for the port office."""
    business(who)
    return reply(await routing.listed(port, who))


@router.put("/api/routes/{name}/{record}", response_model=RouteOut, operation_id="routes_put", summary="Set a route")
async def put(name: Name, record: RecordName, asked: RouteIn, who: Caller, port: ThePort) -> Response:
    """By officers and operators of the receiving organisation; it widens nothing that they may see."""
    business(who)
    route = Route(name, who.org, record, asked.form, asked.field or "", asked.value or "")
    return reply(await routing.put(port, who, name, record, route))


@router.delete(
    "/api/routes/{name}/{record}", status_code=204, response_class=Response, operation_id="routes_drop", summary="Forget a route"
)
async def drop(name: Name, record: RecordName, who: Caller, port: ThePort) -> Response:
    """The connector's own way holds again."""
    business(who)
    await routing.drop(port, who, name, record)
    return Response(status_code=204)


@router.get(
    "/api/messages/{record}/{id}", response_class=Response, operation_id="message", summary="A record as a message",
    responses={200: {"content": {"application/json": {}, "application/xml": {}, "application/edifact": {}}}},
)  # fmt: skip
async def message(
    record: RecordName, id: Annotated[UUID, Path()], who: Caller, port: ThePort,
    form: Annotated[str, Query(max_length=20, description="json, xml, wco, edifact, fal or fal-xlsx")] = "json",
) -> Response:  # fmt: skip
    """A kept record, as far as the caller sees it, as EDIFACT, XML, JSON or workbook; a port call with its lists."""
    business(who)
    found = await routing.message(port, who, record, id, form)
    name = f'attachment; filename="{id}.{found.suffix}"'
    return Response(found.body, media_type=found.media, headers={"Content-Disposition": name})
