"""Reading doors of a record type: list, one, history, export, template."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import Denied, NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.shapes import HistoryOut, ItemOut, PageOut, SearchIn, reply
from kouan.kernel.port import Port
from kouan.kernel.principal import ADMINS, Principal
from kouan.kernel.records import Record
from kouan.kernel.references import kinds, make
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import Row
from kouan.kernel.store.schema import filters
from kouan.kernel.store.shape import items, versions
from kouan.kernel.text import Text

RESERVED = frozenset({"sort", "after", "limit", "format"})
ADMIN = Text("管理员账号不处理业务数据", "Administrators do not see business data")
TOO_HIGH = Text("您的数据级别不足以按该字段查找", "Your clearance does not reach this field")
PRIVATE = Text(
    "个人标识不得出现在网址中，请用查询页", "A personal reference may not stand in an address; use the search page"
)
EXPORT_MOST = 100_000
SHEET = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Sort = Annotated[str, Query(max_length=80)]
RecordId = Annotated[UUID, Path()]
Door = Callable[..., Coroutine[Any, Any, Response]]


def add(router: APIRouter, cls: type[Record]) -> None:
    """Put the reading doors of a record type on its router."""
    name, title = cls.facts.name.replace(".", "_"), cls.facts.title.en
    by = {"parameters": _parameters(cls)}
    doors: tuple[tuple[str, Door, str, Any, str, Any], ...] = (
        ("", _listing(cls), "list", PageOut, "List", by),
        ("/export", _exporting(cls), "export", None, "Export", by),
        ("/template", _template(cls), "template", None, "Template to fill in", None),
        ("/{id}", _one(cls), "read", ItemOut, "Read", None),
        ("/{id}/history", _history(cls), "history", HistoryOut, "History", None),
    )
    for path, door, what, shape, verb, extra in doors:
        router.add_api_route(path, door, methods=["GET"], response_model=shape, operation_id=f"{name}_{what}",
                             summary=f"{verb}: {title}", openapi_extra=extra)  # fmt: skip
    router.add_api_route("/search", _search(cls), methods=["POST"], response_model=PageOut,
                         operation_id=f"{name}_search", summary=f"Search: {title}")  # fmt: skip


def business(principal: Principal) -> None:
    """Raises Denied for the three administrators, who are kept apart from business data (GB/T 22239 8.1.5)."""
    if principal.roles and principal.roles <= ADMINS:
        raise Denied(ADMIN, rule="separation")


async def shown(
    port: Port, principal: Principal, cls: type[Record], rows: list[Row], conn: Connection
) -> list[dict[str, Any]]:
    """Rows as items; that they were shown is noted, and reads of restricted fields are audited before they are answered."""
    out, restricted = await items(conn, cls, rows, principal, port.vault, port.orgs)
    port.uses.note(principal, cls.facts.name, (row.id for row in rows), masked=sum(bool(item["masked"]) for item in out))
    action = f"{cls.facts.name}:read"
    await asyncio.gather(*(port.audit.read(principal, action, ref, 3) for ref in restricted))
    return out


async def read_one(port: Port, who: Principal, cls: type[Record], record_id: UUID) -> dict[str, Any]:
    """One record as the caller may see it; NotFound outside its scope."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        row = await reading.one(conn, cls, record_id)
        if row is None:
            raise NotFound(MISSING)
        return (await shown(port, who, cls, [row], conn))[0]


def list_query(
    cls: type[Record], request: Request, who: Principal, sort: str, after: str, limit: int
) -> reading.Query:
    """The list that a request asks for; Refused when it filters by a personal reference."""
    where = {name: text for name, text in request.query_params.items() if name not in RESERVED}
    known = kinds()
    for name in where:
        facts = cls.fields.get(name.partition(".")[0])
        if facts and ((facts.reference in known and known[facts.reference].personal) or facts.level >= 3):
            raise Refused(PRIVATE, field=name, rule="personal", code="filter.personal")
    return reading.Query(where, sort, after, limit, who)


def _parameters(cls: type[Record]) -> list[dict[str, Any]]:
    types = {"bigint": "integer", "double precision": "number", "numeric": "number", "boolean": "boolean"}
    beside = {name: title for name, title in reading.narrowing().items() if name not in cls.fields}
    return [
        {
            "name": name, "in": "query", "required": False, "description": f"{facts.title.en} {facts.title.zh}",
            "schema": {"type": types.get(sql, "string")},
        }
        for name, sql in filters(cls).items()
        if (facts := cls.fields[name]).level < 3
    ] + [
        {"name": name, "in": "query", "required": False, "description": f"{title.en} {title.zh}", "schema": {"type": "string"}}
        for name, title in beside.items()
    ]  # fmt: skip


def _listing(cls: type[Record]) -> Door:
    async def listing(
        request: Request, who: Caller, port: ThePort, sort: Sort = "",
        after: Annotated[str, Query(max_length=400)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:  # fmt: skip
        business(who)
        return reply(await _page(port, who, cls, list_query(cls, request, who, sort, after, limit)))

    return listing


async def _page(port: Port, who: Principal, cls: type[Record], query: reading.Query) -> dict[str, Any]:
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        size = await reading.size_of(conn, cls, query, port.vault)
        page = await reading.page(conn, cls, query, port.vault, size=size)
        out = await shown(port, who, cls, list(page.rows), conn)
    return {"items": out, "next": page.next, "estimate": size.about}


def _private(cls: type[Record], name: str, text: str, who: Principal, port: Port) -> tuple[str, str]:
    """A condition; a personal reference becomes the tokens that it is kept under, and a restricted field needs its clearance."""
    facts = cls.fields.get(name.partition(".")[0])
    if facts is None:
        return name, text
    if facts.level >= 3 and facts.level > who.clearance:
        raise Denied(TOO_HIGH, field=name, rule="level")
    known = kinds().get(facts.reference)
    if known is None or not known.personal:
        return name, text
    try:
        tokens = port.vault.tokens(make(facts.reference, text))
        listed = len(tokens) > 1 and filters(cls).get(name) == "text"
        return (f"{name}.in", ",".join(tokens)) if listed else (name, tokens[0])
    except ValueError:
        raise Refused(PRIVATE, field=name, rule="reference", code="filter.type") from None


def _search(cls: type[Record]) -> Door:
    async def search(asked: SearchIn, who: Caller, port: ThePort) -> Response:
        business(who)
        where = dict(_private(cls, name, text, who, port) for name, text in asked.where.items())
        return reply(await _page(port, who, cls, reading.Query(where, asked.sort, asked.after, asked.limit, who)))

    return search


def _one(cls: type[Record]) -> Door:
    async def one(id: RecordId, who: Caller, port: ThePort) -> Response:
        business(who)
        return reply(await read_one(port, who, cls, id))

    return one


def _history(cls: type[Record]) -> Door:
    async def history(id: RecordId, who: Caller, port: ThePort) -> Response:
        business(who)
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            row = await reading.one(conn, cls, id)
            if row is None:
                raise NotFound(MISSING)
            port.uses.note(who, cls.facts.name, (id,))
            found = await reading.history(conn, id)
            if any(v["sealed"] for v in found):
                await port.audit.read(who, f"{cls.facts.name}:history", row.ref, 3)
            out = await versions(conn, cls, found, who, port.vault, port.orgs, row.org)
        return reply({"versions": out})

    return history


def _exporting(cls: type[Record]) -> Door:
    async def export(
        request: Request, who: Caller, port: ThePort,
        format: Annotated[str, Query(pattern="^(csv|xlsx|json)$")] = "csv", sort: Sort = "",
    ) -> Response:  # fmt: skip
        business(who)
        rows: list[dict[str, Any]] = []
        after = ""
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            while len(rows) < EXPORT_MOST:
                query = list_query(cls, request, who, sort, after, 500)
                page = await reading.page(conn, cls, query, port.vault)
                rows += await shown(port, who, cls, list(page.rows), conn)
                port.uses.note(who, cls.facts.name, (row.id for row in page.rows), whole=True)
                if page.next is None:
                    break
                after = page.next
        await port.uses.settle()
        return _file(request, cls, format, rows)

    return export


def _template(cls: type[Record]) -> Door:
    async def template(
        request: Request, who: Caller, format: Annotated[str, Query(pattern="^(csv|xlsx)$")] = "csv"
    ) -> Response:
        business(who)
        example = [_plain(facts.example) for facts in cls.fields.values()]
        heads = [f"{facts.title.zh} / {facts.title.en}" for facts in cls.fields.values()]
        return _sheet(request, format, heads, [example], f"{cls.facts.name.replace('.', '-')}-template")

    return template


def _file(request: Request, cls: type[Record], kind: str, rows: list[dict[str, Any]]) -> Response:
    name = cls.facts.name.replace(".", "-")
    if kind == "json":
        return Response(orjson.dumps(rows), media_type="application/json", headers=_as_file(f"{name}.json"))
    meta = ("ref", "state", "filed_at", "filed_by")
    table = [[*(row[m] for m in meta), *(_plain(row["data"].get(f)) for f in cls.fields)] for row in rows]
    return _sheet(request, kind, [*meta, *cls.fields], table, name)


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list | tuple) else value


def _sheet(request: Request, kind: str, heads: list[str], rows: list[list[Any]], name: str) -> Response:
    body = request.app.state.writers[kind](heads, rows)
    return Response(body, media_type=SHEET[kind], headers=_as_file(f"{name}.{kind}"))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
