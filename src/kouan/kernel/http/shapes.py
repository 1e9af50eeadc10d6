"""Shapes of the generated answers, for OpenAPI; what is answered has already been shaped by the store."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response


class ItemOut(BaseModel):
    """One record as the caller may see it."""

    id: UUID
    record: str
    ref: str
    version: int
    state: str
    tracks: dict[str, Any]
    filed_at: str
    filed_by: str
    updated_at: str
    data: dict[str, Any]
    masked: list[str]
    parties: list[str]
    warnings: list[dict[str, Any]]
    receipt: UUID


class PageOut(BaseModel):
    """A page of a list; `next` is the cursor of the following one, `estimate` about how many there are."""

    items: list[ItemOut]
    next: str | None
    estimate: int


class SearchIn(BaseModel):
    """A list asked for in the body: conditions (`field` or `field.gte`), also those that no address may hold."""

    where: dict[str, str] = Field(default={}, max_length=20, examples=[{"document_number": "E00000001"}])
    sort: str = Field(default="", max_length=80)
    after: str = Field(default="", max_length=400)
    limit: int = Field(default=50, ge=1, le=500)


class ReceiptOut(BaseModel):
    """The signed receipt of an accepted filing."""

    id: UUID


class FiledOut(BaseModel):
    """What filing one record answers."""

    receipt: ReceiptOut
    item: ItemOut


class HistoryOut(BaseModel):
    """All versions of a record, oldest first."""

    versions: list[dict[str, Any]]


class ActIn(BaseModel):
    """An action's note and the fields that it sets."""

    model_config = ConfigDict(extra="forbid")
    note: str = ""
    data: dict[str, Any] = {}


def reply(content: Any, status: int = 200) -> Response:
    """A JSON answer without a second validation of what was just read."""
    return Response(orjson.dumps(content), status_code=status, media_type="application/json")
