"""Writing doors of a record type: file, amend, act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from kouan.kernel.errors import Refused
from kouan.kernel.formats import Draft
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.reads import Door, RecordId, business, read_one
from kouan.kernel.http.shapes import ActIn, FiledOut, ItemOut, reply
from kouan.kernel.keepable import validated
from kouan.kernel.records import Record
from kouan.kernel.text import Text

BODY = Text("请求体应为 JSON 对象", "The body must be a JSON object")
Key = Annotated[str, Header(max_length=128, pattern=r"^[\x21-\x7e]*$")]
Version = Annotated[int, Header(ge=1, le=2**31 - 1)]
ActionName = Annotated[str, Path(max_length=64)]


def add(router: APIRouter, cls: type[Record]) -> None:
    """Put the writing doors of a record type on its router."""
    name, title = cls.facts.name.replace(".", "_"), cls.facts.title.en
    body = _body(cls)
    router.add_api_route("", _filing(cls), methods=["POST"], response_model=FiledOut, status_code=201,
                         operation_id=f"{name}_file", summary=f"File: {title}", openapi_extra=body)  # fmt: skip
    if cls.facts.amendable:
        router.add_api_route("/{id}", _amending(cls), methods=["PUT"], response_model=ItemOut,
                             operation_id=f"{name}_amend", summary=f"Amend: {title}", openapi_extra=body)  # fmt: skip
    router.add_api_route("/{id}/actions/{action}", _acting(cls), methods=["POST"], response_model=ItemOut,
                         operation_id=f"{name}_act", summary=f"Act on: {title}")  # fmt: skip


def _body(cls: type[Record]) -> dict[str, Any]:
    schema = cls.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    example = {name: facts.example for name, facts in cls.fields.items() if facts.example is not None}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def _filing(cls: type[Record]) -> Door:
    async def file(request: Request, who: Caller, port: ThePort, idempotency_key: Key = "") -> Response:
        business(who)
        body = await request.body()
        draft = Draft(cls.facts.name, _object(body))
        filed = await port.file(who, [draft], format="json", body=body, key=idempotency_key)
        item = await read_one(port, who, cls, UUID(filed.kept[0].id))
        return reply({"receipt": {"id": filed.receipt}, "item": item}, 201)

    return file


def _amending(cls: type[Record]) -> Door:
    async def amend(request: Request, id: RecordId, who: Caller, port: ThePort, if_match: Version) -> Response:
        business(who)
        body = await request.body()
        await port.amend(who, validated(cls, _object(body)), id, if_match, body)
        return reply(await read_one(port, who, cls, id))

    return amend


def _acting(cls: type[Record]) -> Door:
    async def act(
        request: Request, id: RecordId, action: ActionName, who: Caller, port: ThePort, asked: ActIn | None = None
    ) -> Response:
        business(who)
        given, body = asked or ActIn(), await request.body()
        await port.act(who, cls.facts.name, id, action, changes=given.data, note=given.note, body=body)
        return reply(await read_one(port, who, cls, id))

    return act


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(BODY, rule="json", code="structure.json") from None
    if not isinstance(found, dict):
        raise Refused(BODY, rule="json", code="structure.json")
    return found
