"""The doors of transport papers beside the generated ones: a shipment, and a container fetched by a delivery order."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.base.transport import service
from kouan.base.transport.records.papers import DeliveryOrder
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply
from kouan.kernel.text import Text

router = APIRouter(tags=["base.transport"], responses=RESPONSES)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
NO_BOX = Text("请写明所提的集装箱", "State the container that is fetched")


class ShipmentOut(BaseModel):
    """A shipment: its legs in order, covering and house documents, gaps, and the papers beside."""

    shipment: str
    legs: list[dict[str, Any]]
    covers: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    papers: list[dict[str, Any]]


class CollectIn(BaseModel):
    """The container that is fetched, and by which vehicle."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"container": "MSKU9070323", "vehicle": "鲁B12345"}})
    container: Line = Field(min_length=1, description="container number, in any spelling")
    vehicle: Line = Field(default="", description="plate")


@router.get("/api/shipments/{order}", response_model=ShipmentOut, operation_id="shipment", summary="A shipment's legs")
async def shipment(order: Annotated[str, Path(min_length=1, max_length=120)], who: Caller, port: ThePort) -> Response:
    """Every transport document of one order that the caller may see, leg by leg, whatever the mode; gaps are flagged."""
    business(who)
    return reply(await service.shipment(port, who, order))


@router.post("/api/delivery-orders/{id}/collect", response_model=ItemOut, operation_id="delivery_order_collect",
             summary="Fetch a container by its delivery order")  # fmt: skip
async def collect(id: Annotated[UUID, Path()], asked: CollectIn, who: Caller, port: ThePort) -> Response:
    """Let one container go under a delivery order, once (409 the second time); the terminal's own."""
    business(who)
    try:
        kept = await service.collect(port, who, id, asked.container, asked.vehicle)
    except ValueError:
        raise Refused(NO_BOX, field="container", rule="reference", code="container_missing") from None
    return reply(await read_one(port, who, DeliveryOrder, UUID(kept.id)))
