"""REST for every record type: list, one, file, amend, act, history, export, template."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from kouan.kernel.database import scope
from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.port import Port
from kouan.kernel.principal import ADMINS, Principal
from kouan.kernel.reasons import problems_of
from kouan.kernel.records import Record
from kouan.kernel.references import kinds
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import Row
from kouan.kernel.store.reading import Query as ListQuery
from kouan.kernel.store.schema import filters
from kouan.kernel.store.shape import items, versions
from kouan.kernel.text import Text

RESERVED = frozenset({"sort", "after", "limit"})
ADMIN = Text("管理员账号不处理业务数据", "Administrators do not see business data")
PRIVATE = Text(
    "个人标识不得出现在网址中,请用查询页", "A personal reference may not stand in an address; use the search page"
)
BODY = Text("请求体应为 JSON 对象", "The body must be a JSON object")
EXPORT_MOST = 100_000


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

    note: str = ""
    data: dict[str, Any] = {}


def reply(content: Any, status: int = 200) -> Response:
    """A JSON answer without a second validation of what was just read."""
    return Response(orjson.dumps(content), status_code=status, media_type="application/json")


def business(principal: Principal) -> None:
    """Raises Denied for the three administrators, who are kept apart from business data (GB/T 22239 8.1.5)."""
    if principal.roles and principal.roles <= ADMINS:
        raise Denied(ADMIN, rule="separation")


async def shown(
    port: Port, principal: Principal, cls: type[Record], rows: list[Row], conn: Any
) -> list[dict[str, Any]]:
    """Rows as items; reads of restricted fields are on the audit trail before they are answered."""
    out, restricted = await items(conn, cls, rows, principal, port.vault, port.orgs)
    action = f"{cls.facts.name}:read"
    await asyncio.gather(*(port.audit.read(principal, action, ref, 3) for ref in restricted))
    return out


def list_query(cls: type[Record], request: Request, sort: str, after: str, limit: int) -> ListQuery:
    """The list that a request asks for; Refused when it filters by a personal reference."""
    where = {name: text for name, text in request.query_params.items() if name not in RESERVED and name != "format"}
    known = kinds()
    for name in where:
        facts = cls.fields.get(name.partition(".")[0])
        if facts and facts.reference in known and known[facts.reference].personal:
            raise Refused(PRIVATE, field=name, rule="personal", code="filter.personal")
    return ListQuery(where, sort, after, limit)


def parameters(cls: type[Record]) -> list[dict[str, Any]]:
    """OpenAPI parameters of a list's declared filters."""
    types = {"bigint": "integer", "double precision": "number", "numeric": "number", "boolean": "boolean"}
    found = []
    for name, sql in filters(cls).items():
        title = cls.fields[name].title
        found.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": f"{title.en} {title.zh}",
                "schema": {"type": types.get(sql, "string")},
            }
        )
    return found


def record_router(cls: type[Record]) -> APIRouter:
    """The routes of one record type."""
    facts = cls.facts
    board, module, record = facts.name.split(".")
    router = APIRouter(
        prefix=f"/api/records/{board}/{module}/{record}", tags=[f"{board}.{module}"], responses=RESPONSES
    )
    _reads(router, cls)
    _writes(router, cls)
    return router


def _reads(router: APIRouter, cls: type[Record]) -> None:
    name = cls.facts.name.replace(".", "_")

    async def listing(
        request: Request,
        who: Caller,
        port: ThePort,
        sort: Annotated[str, Query(max_length=80)] = "",
        after: Annotated[str, Query(max_length=400)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        business(who)
        query = list_query(cls, request, sort, after, limit)
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            page = await reading.page(conn, cls, query, port.vault)
            about = await reading.estimate(conn, cls, query, port.vault)
            out = await shown(port, who, cls, list(page.rows), conn)
        return reply({"items": out, "next": page.next, "estimate": about})

    async def export(
        request: Request,
        who: Caller,
        port: ThePort,
        format: Annotated[str, Query(pattern="^(csv|xlsx|json)$")] = "csv",
        sort: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        business(who)
        return await _export(request, who, port, cls, format, sort)

    async def template(
        who: Caller,
        request: Request,
        format: Annotated[str, Query(pattern="^(csv|xlsx)$")] = "csv",
    ) -> Response:
        business(who)
        heads = [f.name for f in cls.fields.values()]
        example = [_plain(f.example) for f in cls.fields.values()]
        return _sheet(request, format, heads, [example], f"{name}-template")

    async def one(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
        business(who)
        return reply(await read_one(port, who, cls, id))

    async def past(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
        business(who)
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            row = await reading.one(conn, cls, id)
            if row is None:
                raise NotFound(MISSING)
            found = await reading.history(conn, id)
            if any(v["sealed"] for v in found):
                await port.audit.read(who, f"{cls.facts.name}:history", row.ref, 3)
            out = await versions(conn, cls, found, who, port.vault, port.orgs, row.org)
        return reply({"versions": out})

    title = cls.facts.title.en
    router.add_api_route(
        "",
        listing,
        methods=["GET"],
        response_model=PageOut,
        operation_id=f"{name}_list",
        summary=f"List: {title}",
        openapi_extra={"parameters": parameters(cls)},
    )
    router.add_api_route(
        "/export",
        export,
        methods=["GET"],
        response_class=Response,
        operation_id=f"{name}_export",
        summary=f"Export: {title}",
        openapi_extra={"parameters": parameters(cls)},
    )
    router.add_api_route(
        "/template",
        template,
        methods=["GET"],
        response_class=Response,
        operation_id=f"{name}_template",
        summary=f"Template to fill in: {title}",
    )
    router.add_api_route(
        "/{id}", one, methods=["GET"], response_model=ItemOut, operation_id=f"{name}_read", summary=f"Read: {title}"
    )
    router.add_api_route(
        "/{id}/history",
        past,
        methods=["GET"],
        response_model=HistoryOut,
        operation_id=f"{name}_history",
        summary=f"History: {title}",
    )


def _writes(router: APIRouter, cls: type[Record]) -> None:
    name, title = cls.facts.name.replace(".", "_"), cls.facts.title.en
    schema: dict[str, Any] = {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": cls.model_json_schema(ref_template="#/components/schemas/{model}")}
            },
        }
    }
    schema["requestBody"]["content"]["application/json"]["schema"].pop("$defs", None)

    async def file(
        request: Request, who: Caller, port: ThePort, idempotency_key: Annotated[str, Header(max_length=128)] = ""
    ) -> Response:
        business(who)
        body = await request.body()
        filed = await port.file(
            who, [Draft(cls.facts.name, _object(body))], format="json", body=body, key=idempotency_key
        )
        item = await read_one(port, who, cls, UUID(filed.kept[0].id))
        return reply({"receipt": {"id": filed.receipt}, "item": item}, 201)

    async def amend(
        request: Request,
        id: Annotated[UUID, Path()],
        who: Caller,
        port: ThePort,
        if_match: Annotated[int, Header(ge=1, le=2**31 - 1)],
    ) -> Response:
        business(who)
        body = await request.body()
        try:
            record = cls.model_validate(_object(body))
        except ValidationError as error:
            raise Refused.of(problems_of(error)) from None
        await port.amend(who, record, id, if_match, body)
        return reply(await read_one(port, who, cls, id))

    async def act(
        request: Request,
        id: Annotated[UUID, Path()],
        action: Annotated[str, Path(max_length=64)],
        who: Caller,
        port: ThePort,
        asked: ActIn | None = None,
    ) -> Response:
        business(who)
        given = asked or ActIn()
        await port.act(who, cls.facts.name, id, action, changes=given.data, note=given.note, body=await request.body())
        return reply(await read_one(port, who, cls, id))

    router.add_api_route(
        "",
        file,
        methods=["POST"],
        response_model=FiledOut,
        status_code=201,
        operation_id=f"{name}_file",
        summary=f"File: {title}",
        openapi_extra=schema,
    )
    if cls.facts.amendable:
        router.add_api_route(
            "/{id}",
            amend,
            methods=["PUT"],
            response_model=ItemOut,
            operation_id=f"{name}_amend",
            summary=f"Amend: {title}",
            openapi_extra=schema,
        )
    router.add_api_route(
        "/{id}/actions/{action}",
        act,
        methods=["POST"],
        response_model=ItemOut,
        operation_id=f"{name}_act",
        summary=f"Act on: {title}",
    )


async def read_one(port: Port, who: Principal, cls: type[Record], record_id: UUID) -> dict[str, Any]:
    """One record as the caller may see it; NotFound outside its scope."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        row = await reading.one(conn, cls, record_id)
        if row is None:
            raise NotFound(MISSING)
        return (await shown(port, who, cls, [row], conn))[0]


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(BODY, rule="json", code="structure.json") from None
    if not isinstance(found, dict):
        raise Refused(BODY, rule="json", code="structure.json")
    return found


async def _export(request: Request, who: Principal, port: Port, cls: type[Record], kind: str, sort: str) -> Response:
    rows: list[dict[str, Any]] = []
    after = ""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        while len(rows) < EXPORT_MOST:
            page = await reading.page(conn, cls, list_query(cls, request, sort, after, 500), port.vault)
            rows += await shown(port, who, cls, list(page.rows), conn)
            if page.next is None:
                break
            after = page.next
    name = cls.facts.name.replace(".", "-")
    if kind == "json":
        body = orjson.dumps(rows)
        return Response(body, media_type="application/json", headers=_as_file(f"{name}.json"))
    heads = ["ref", "state", "filed_at", "filed_by", *cls.fields]
    table = [
        [r["ref"], r["state"], r["filed_at"], r["filed_by"], *(_plain(r["data"].get(f)) for f in cls.fields)]
        for r in rows
    ]
    return _sheet(request, kind, heads, table, name)


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list | tuple) else value


def _sheet(request: Request, kind: str, heads: list[str], rows: list[list[Any]], name: str) -> Response:
    body = request.app.state.writers[kind](heads, rows)
    media = (
        "text/csv; charset=utf-8"
        if kind == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    return Response(body, media_type=media, headers=_as_file(f"{name}.{kind}"))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
