"""From records to tables of columns: rows of the caller's scope, fields of its parties, no column above its clearance.

`load` reads records whole, for built queries of few and for restricted columns; `Feed` hands the columns of a statement over as they come
out of the database, of as many records as there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.query import errors, store
from kouan.base.query.tables import RESTRICTED, Column, Kind, table_name
from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import scope_of, visible
from kouan.kernel.store.ops import Row
from kouan.kernel.store.shape import opened
from kouan.kernel.text import Text

MOST, MOST_RESTRICTED, PAGE = 20_000, 2_000, 500
"""Records of one type that a built query loads whole, and that are listed one by one in the record of use; those that a query with
restricted columns loads, each of which is audited; rows at a time."""
BEHIND = (Column("_id", Text("记录号", "Record number"), "text", "row", "id"), Column("_ref", Text("标识", "Reference"), "text", "row", "ref"))
"""Columns by which an answer leads to the records behind it."""
_ARROW: Mapping[Kind, Any] = {
    "text": pa.string(), "json": pa.string(), "integer": pa.int64(), "number": pa.float64(), "decimal": pa.decimal128(38, 9),
    "boolean": pa.bool_(), "date": pa.date32(), "time": pa.timestamp("us", tz="UTC"), "list": pa.list_(pa.string()),
}  # fmt: skip
_READ: Mapping[Kind, Callable[[Any], Any]] = {
    "text": str, "json": lambda value: orjson.dumps(value).decode(), "integer": int, "number": float, "decimal": lambda v: Decimal(str(v)),
    "boolean": bool, "date": date.fromisoformat, "time": datetime.fromisoformat, "list": lambda value: [str(part) for part in value],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be loaded of a record type: columns, conditions as lists have them, or the values (`keys`) that a stored column (`key`)
    is to hold."""

    cls: type[Record]
    columns: Sequence[Column]
    where: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    keys: Sequence[str] = ()


@dataclass(slots=True)
class Loaded:
    """The rows of a record type: the table, and the reference of each record by its number."""

    table: pa.Table
    refs: dict[str, str]
    json: list[str]


class Feed:
    """Rows of a record type for a statement, column by column as they come out of the database: nothing of them is kept here.

    `once`: they are gone through once and are not held; `count`: how many they were.
    """

    def __init__(self, port: Port, who: Principal, wanted: Wanted, *, once: bool = False, whole: bool = False) -> None:
        self._port, self._who, self._wanted, self._whole = port, who, wanted, whole
        self.once, self.count = once, 0

    def told(self) -> dict[str, Any]:
        """What the process must know to read them: kinds of the columns by name."""
        return {"columns": {one.name: one.kind for one in self._wanted.columns}, "once": self.once}

    async def hand_over(self, take: store.Take) -> None:
        """Read them as the caller may see them, and put the use on record, also when the statement breaks off."""
        port, who, cls = self._port, self._who, self._wanted.cls
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            clauses = await reading.clauses(conn, cls, reading.Query(self._wanted.where, who=who), port.vault)
            ids = await store.ids(conn, clauses, MOST + 1)
            if len(ids) <= MOST:
                port.uses.note(who, cls.facts.name, ids, whole=self._whole)
                self.count = await store.copied(conn, cls, self._wanted.columns, who, ids, take)
                return
            self.count = len(ids)
            try:
                self.count = await store.copied(conn, cls, self._wanted.columns, who, clauses, take)
            finally:
                port.uses.note_many(who, cls.facts.name, self.count)


async def many(port: Port, who: Principal, wanted: Wanted) -> bool:
    """Whether a caller may see more records, by what is asked of them, than `load` loads."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        clauses = await reading.clauses(conn, wanted.cls, reading.Query(wanted.where, who=who), port.vault)
        return await store.more(conn, clauses, MOST)


async def load(port: Port, who: Principal, wanted: Wanted) -> Loaded:
    """The rows that a caller may see, whose restricted values are in the audit; Refused when they are too many."""
    restricted = [column.of for column in wanted.columns if column.level >= RESTRICTED]
    most = MOST_RESTRICTED if restricted else MOST
    cells: dict[str, list[Any]] = {"_id": [], **{column.name: [] for column in wanted.columns}}
    refs: dict[str, str] = {}
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        async for rows in _pages(port, who, conn, wanted, most + 1):
            contents = await opened(conn, wanted.cls, rows, port.vault) if restricted else [row.doc for row in rows]
            for row, values in zip(rows, contents, strict=True):
                _add(cells, wanted, row, values, visible(wanted.cls, row.parties, row.org, who), port)
                refs[str(row.id)] = row.ref
            if len(refs) > most:
                text = errors.MUCH_RESTRICTED if restricted else errors.MUCH
                raise errors.refused(text, "where", "most", table=table_name(wanted.cls), most=most)
            await _audited(port, who, wanted.cls, restricted, rows, contents)
    names = ["_id", *(column.name for column in wanted.columns)]
    arrays = [pa.array(cells["_id"], pa.string()), *(_array(column.kind, cells[column.name]) for column in wanted.columns)]
    return Loaded(pa.table(arrays, names), refs, [column.name for column in wanted.columns if column.kind == "json"])


async def _pages(port: Port, who: Principal, conn: Connection, wanted: Wanted, most: int) -> AsyncIterator[list[Row]]:
    if wanted.key:
        rows = await store.holding(conn, wanted.cls, wanted.key, wanted.keys, most, who)
        for at in range(0, len(rows), PAGE):
            yield rows[at : at + PAGE]
        return
    query = reading.Query(wanted.where, "", "", PAGE, who)
    size = await reading.size_of(conn, wanted.cls, query, port.vault)
    after: str | None = ""
    while after is not None:
        page = await reading.page(conn, wanted.cls, reading.Query(wanted.where, "", after, PAGE, who), port.vault, size=size)
        yield list(page.rows)
        after = page.next


def _add(
    cells: dict[str, list[Any]], wanted: Wanted, row: Row, values: Mapping[str, Any], seen: frozenset[str], port: Port
) -> None:
    cells["_id"].append(str(row.id))
    for column in wanted.columns:
        if column.source == "field":
            value = values.get(column.of) if column.of in seen else None
            cells[column.name].append(None if value is None else _READ[column.kind](value))
        elif column.source == "track":
            cells[column.name].append(row.tracks.get(column.of, {}).get("state"))
        else:
            cells[column.name].append(_of_row(row, column.of, port))


def _of_row(row: Row, name: str, port: Port) -> Any:
    if name == "filed_by":
        return port.orgs.slug(row.org)
    value = getattr(row, name)
    return str(value) if isinstance(value, UUID) else value


def distinct(table: pa.Table, column: Column) -> list[str]:
    """The different values of a column of texts, or of its lists."""
    values = table.column(column.name).combine_chunks()
    return [one for one in (values.flatten() if column.kind == "list" else values).unique().to_pylist() if one is not None]


def _array(kind: Kind, cells: list[Any]) -> Any:
    try:
        return pa.array(cells, _ARROW[kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # a decimal of more digits than the type holds
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())


async def _audited(
    port: Port, who: Principal, cls: type[Record], restricted: Sequence[str], rows: Sequence[Row], contents: Sequence[Mapping[str, Any]]
) -> None:
    shown = [
        row.ref for row, values in zip(rows, contents, strict=True)
        if any(values.get(name) is not None and name in visible(cls, row.parties, row.org, who) for name in restricted)
    ]  # fmt: skip
    await asyncio.gather(*(port.audit.read(who, f"{cls.facts.name}:read", ref, RESTRICTED) for ref in shown))
