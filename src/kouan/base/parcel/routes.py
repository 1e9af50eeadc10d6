"""Parcels by their logistics numbers, many at once. Numbers travel in the body, not in an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.base.parcel import service
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import ItemOut, business, reply

router = APIRouter(prefix="/api/parcels", tags=["base.parcel"], responses=RESPONSES)
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NumbersIn(BaseModel):
    """Logistics numbers, as they stand on the labels."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"numbers": ["RR 123 456 785 CN"]}})
    numbers: list[Number] = Field(min_length=1, max_length=1000)


class ParcelOut(BaseModel):
    """One parcel: its papers as the caller may see them, who paid (masked by level), and where the papers do not agree."""

    number: str
    ref: str
    list: ItemOut | None
    parcel: ItemOut | None
    order: ItemOut | None
    payment: ItemOut | None
    payer: str | None
    differences: tuple[BothLanguages, ...]


class ParcelsOut(BaseModel):
    """Parcels in the order asked for, each once."""

    items: list[ParcelOut]


@router.post("/resolve", response_model=ParcelsOut, operation_id="parcels_resolve")
async def resolve(asked: NumbersIn, who: Caller, port: ThePort) -> Response:
    """List, payer, order, payment and logistics of up to a thousand parcels."""
    business(who)
    return reply({"items": await service.resolve(port, who, asked.numbers)})
