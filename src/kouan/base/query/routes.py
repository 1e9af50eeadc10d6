"""The doors of query: tables and columns, a built query, SQL, either as a file (HS/T 82 7.2.5)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.identity.api import request_id
from kouan.base.query import errors, service
from kouan.base.query.asked import EXAMPLE, MOST_ROWS, Asked
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.reads import SHEET
from kouan.kernel.http.records import business, reply

router = APIRouter(prefix="/api/query", tags=["base.query"], responses=RESPONSES)
SQL = "select state, count(*) as n from base_declaration_declaration group by all order by n desc"
Statement = Annotated[str, Field(min_length=1, max_length=20_000)]
Both = dict[str, str]


class ColumnOut(BaseModel):
    """A column of an answer, with words for its values where they are a closed set."""

    name: str
    title: Both
    type: str
    unit: str
    record: str
    field: str
    values: dict[str, Both]


class AnswerOut(BaseModel):
    """Rows of an answer, in the order of `columns`; times in UTC, decimals as text.

    `total`: rows that there are, where that is known; `truncated`: there are more than these. `loaded`: records that were gone through, by
    type. `behind`: for each row of a built query the records that it is made of, by alias, the first 50 of each.
    """

    columns: list[ColumnOut]
    rows: list[list[Any]]
    count: int
    total: int | None
    truncated: bool
    loaded: dict[str, int]
    behind: list[dict[str, Any]]


class SqlIn(BaseModel):
    """One SELECT over tables named like `base_declaration_declaration` (`/api/query/tables`)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"sql": SQL}})
    sql: Statement
    limit: int = Field(default=1000, ge=1, le=MOST_ROWS)


class DownloadIn(BaseModel):
    """A built query or a statement, and the format of its file."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"query": EXAMPLE, "format": "csv"}})
    query: Asked | None = None
    sql: Statement | None = None
    format: Literal["csv", "xlsx", "json"] = "csv"


class TablesOut(BaseModel):
    """The tables that can be queried: name in SQL, record type, title."""

    tables: list[dict[str, Any]]


class TableOut(BaseModel):
    """A table: columns that the caller may use, and other tables that hold the same things (`on` here, `to` there)."""

    name: str
    record: str
    title: Both
    columns: list[dict[str, Any]]
    joins: list[dict[str, str]]


@router.get("/tables", response_model=TablesOut, operation_id="query_tables", summary="Tables that can be queried")
async def known(who: Caller) -> Response:
    """All record types with public doors. That a type exists is told to everyone; its rows, to their readers alone."""
    business(who)
    return reply({"tables": service.known()})


@router.get("/tables/{record}", response_model=TableOut, operation_id="query_table", summary="A table's columns and joins")
async def table(record: Annotated[str, Path(max_length=120, examples=["base.declaration.declaration"])], who: Caller) -> Response:
    """Columns with titles, types, units and the kinds of things they name."""
    business(who)
    return reply(service.described(who, record))


@router.post("", response_model=AnswerOut, operation_id="query", summary="Query several record types")
async def ask(asked: Asked, who: Caller, port: ThePort) -> Response:
    """Join, filter, group and total records of several types, of those that the caller may see. Nothing is kept."""
    business(who)
    return reply(await service.ask(port, who, asked))


@router.post("/sql", response_model=AnswerOut, operation_id="query_sql", summary="Query by SQL")
async def ask_sql(asked: SqlIn, request: Request, who: Caller, port: ThePort) -> Response:
    """One SELECT (DuckDB's dialect) over what the caller may see, in a process without a way out. What is refused is audited."""
    business(who)
    return reply(await service.ask_sql(port, who, asked.sql, limit=asked.limit, request=request_id(request)))


@router.post("/download", response_class=Response, operation_id="query_download", summary="The answer of a query as a file")
async def download(asked: DownloadIn, request: Request, who: Caller, port: ThePort) -> Response:
    """CSV, XLSX or JSON; text that a spreadsheet would take for a formula is made harmless. The use is on record before it leaves."""
    business(who)
    if (asked.query is None) == (asked.sql is None):
        raise errors.refused(errors.EITHER, "query", "either")
    if asked.query is not None:
        found = await service.ask(port, who, asked.query, whole=True)
    else:
        found = await service.ask_sql(port, who, asked.sql or "", whole=True, request=request_id(request))
    if asked.format == "json":
        body = orjson.dumps({"columns": found["columns"], "rows": found["rows"], "truncated": found["truncated"]})
    else:
        heads = [_head(one["title"]) for one in found["columns"]]
        rows = [[orjson.dumps(cell).decode() if isinstance(cell, list | dict) else cell for cell in row] for row in found["rows"]]
        body = request.app.state.writers[asked.format](heads, rows)
    headers = {"Content-Disposition": f'attachment; filename="query.{asked.format}"', "X-Truncated": str(found["truncated"]).lower()}
    return Response(body, media_type=SHEET.get(asked.format, "application/json"), headers=headers)


def _head(title: Both) -> str:
    return title["zh"] if title["zh"] == title["en"] else f"{title['zh']} / {title['en']}"
