"""Reading under entitlement: lists with filter, sort and paging by cursor, one record, its history."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from kouan.kernel.database import Connection
from kouan.kernel.errors import Refused
from kouan.kernel.keepable import DIGITS
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record
from kouan.kernel.references import make
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row, decode_cursor, encode_cursor
from kouan.kernel.store.schema import filters, table
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault

UNKNOWN = Text("不能按该字段筛选或排序", "This field is not a declared filter")
BAD = Text("筛选值的类型不符", "The filter's value is not of the field's type")
BAD_CURSOR = Text("翻页游标无效", "This is not a cursor of this list")
MOST = 500
FEW = 1000
"""So many rows are counted, and sorted when they are all that a list has."""
_META = {"state": "text", "filed_at": "timestamptz", "updated_at": "timestamptz", "ref": "text"}
_COMPARE = {"": "=", "gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
_NAME = re.compile(r"([a-z_][a-z0-9_]*)(?:\.(gte|gt|lte|lt|in))?\Z")


@dataclass(frozen=True, slots=True)
class Query:
    """A list asked for: conditions (`field` or `field.gte` → text), sort (`-field`), cursor, size.

    `who` asks: a field that `who` does not see in a record neither finds that record nor gives it its place.
    `bounds`: conditions that hold besides. `own`: only records that `who` filed, or sees whole as a party of its own.
    """

    where: Mapping[str, str]
    sort: str = ""
    after: str = ""
    limit: int = 50
    who: Principal | None = None
    bounds: Mapping[str, str] = made(default_factory=dict)
    own: bool = False

    @property
    def narrow(self) -> bool:
        """Whether it asks for less than all that the caller may see."""
        return bool(self.where or self.bounds or self.own)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list and the cursor behind them (None at the end)."""

    rows: Sequence[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Size:
    """How large a list is. `about`: its rows, the planner's estimate where they are more than a few; `few`: whether they
    are not; `near`: whether the caller may see but a few rows of this type at all.

    The planner cannot know how few rows a caller may see. It would walk the whole table in the list's order for them.
    """

    about: int
    few: bool
    near: bool


@dataclass(frozen=True, slots=True)
class Clauses:
    """What a list asks for, as SQL: `begin` calls the rows that the caller may see `near`, `where` narrows them, with the values of its
    places."""

    begin: str
    where: str
    values: Sequence[Any]


Narrow = Callable[[type[Record], str, Callable[[Any], str]], str]
_narrows: dict[str, tuple[Text, Narrow]] = {}


def narrows(name: str, title: Text, condition: Narrow) -> None:
    """Let the lists of all record types be narrowed by what is kept beside them (register down); a field of that name goes first.

    `condition`: the SQL of a text over the list's rows (their columns without a prefix), out of the type, the text and a
    function that binds a value. It must show no more than the caller's scope does.
    """
    _narrows[name] = title, condition


def narrowing() -> dict[str, Text]:
    """What lists of all record types can be narrowed by, with its title."""
    return {name: title for name, (title, _) in _narrows.items()}


class _Sql:
    """Conditions with their parameters."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def bind(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


def _refuse(text: Text, field: str, code: str) -> Refused:
    return Refused(text, field=field, rule="filter", code=code)


def _column(cls: type[Record], field: str) -> tuple[str, str]:
    if field in _META:
        return field, _META[field]
    declared = filters(cls)
    if field not in declared:
        raise _refuse(UNKNOWN, field, "filter.unknown")
    return f"f_{field}", declared[field]


def typed(text: str, sql: str, field: str) -> Any:
    """A filter's text as a value of the column's type; Refused when it is not one."""
    try:
        if "\x00" in text:
            raise ValueError
        text.encode()  # a lone surrogate is no text
        if sql in ("timestamptz", "date"):
            moment = datetime.fromisoformat(text)
            return date(moment.year, moment.month, moment.day) if sql == "date" else moment.astimezone()
        if sql == "bigint":
            return _bounded(int(text))
        if sql == "numeric":
            return _bounded_decimal(Decimal(text))
        if sql == "double precision":
            return float(text)
        if sql == "boolean":
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise _refuse(BAD, field, "filter.type") from None
    return text


def _bounded(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _bounded_decimal(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number.adjusted()) > DIGITS:
        raise ValueError
    return number


def _condition(cls: type[Record], name: str, text: str, vault: Vault, sql: _Sql) -> None:
    match = _NAME.match(name)
    if not match:
        raise _refuse(UNKNOWN, name[:64], "filter.unknown")
    field, compare = match.group(1), match.group(2) or ""
    if not compare and field in _narrows and field not in cls.fields:
        sql.parts.append(_narrows[field][1](cls, str(typed(text, "text", field)), sql.bind))
        return
    column, kind = _column(cls, field)
    facts = cls.fields.get(field)
    if facts and facts.reference:
        text = _reference(facts.reference, text, field)
    if kind == "bytea":
        sql.parts.append(f"{column} = {sql.bind(vault.blind(f'{cls.facts.name}.{field}', text))}")
    elif kind == "text[]":
        sql.parts.append(f"{column} @> {sql.bind([text])}::text[]")
        if facts and facts.reference:
            # Row-level security lets only leakproof operators use an index; that of a list's elements is none.
            about = f"ref = {sql.bind(text)} and record = {sql.bind(cls.facts.name)}"
            sql.parts.append(f"id in (select record_id from ref where {about})")
    elif compare == "in":
        sql.parts.append(f"{column} = any({sql.bind([typed(t, kind, field) for t in text.split(',')])})")
    else:
        sql.parts.append(f"{column} {_COMPARE[compare]} {sql.bind(typed(text, kind, field))}")


def _reference(kind: str, text: str, field: str) -> str:
    try:
        return make(kind, text)
    except ValueError:
        raise _refuse(BAD, field, "filter.type") from None


def _order(cls: type[Record], query: Query) -> tuple[str, str, bool]:
    down = query.sort.startswith("-") or not query.sort
    field = query.sort.lstrip("-")
    column, kind = _column(cls, field) if field and field not in ("filed_at", "seq") else ("", "")
    if kind in ("bytea", "text[]"):
        raise _refuse(UNKNOWN, field, "filter.unknown")
    return column, kind, down


def _position(query: Query, column: str, kind: str) -> tuple[Any, int] | None:
    if not query.after:
        return None
    try:
        value, seq = decode_cursor(query.after)
        seq = _bounded(seq)
    except (ValueError, UnicodeError):
        raise _refuse(BAD_CURSOR, "after", "cursor") from None
    if value is not None and not column:
        raise _refuse(BAD_CURSOR, "after", "cursor")
    return (None if value is None else typed(value, kind, query.sort.lstrip("-"))), seq


async def page(conn: Connection, cls: type[Record], query: Query, vault: Vault, *, size: Size | None = None) -> Page:
    """One page of a list; rows without the value that it is sorted by stand at its end.

    `size`: that of the list, where it is known. The connection's scope decides which rows there are. Raises Refused for
    a bad query.
    """
    column, kind, down = _order(cls, query)
    position = _position(query, column, kind)
    size = size or await size_of(conn, cls, query, vault)
    limit = max(1, min(query.limit, MOST))
    raw: list[asyncpg.Record] = []
    if column and not (position and position[0] is None):
        raw = await _sorted(conn, cls, query, vault, column, position, down, limit + 1, size)
        position = None
    if not column or (len(raw) <= limit and _may_be_empty(cls, query.sort.lstrip("-"), query.who)):
        raw += await _unsorted(conn, cls, query, vault, column, position, down, limit + 1 - len(raw), size)
    rows = [row_of(r) for r in raw[:limit]]
    if len(raw) <= limit:
        return Page(rows, None)
    last = raw[limit - 1]
    value = last["sort_value"]
    text = None if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return Page(rows, encode_cursor(text, last["seq"]))


def _may_be_empty(cls: type[Record], field: str, who: Principal | None) -> bool:
    declared = cls.model_fields.get(field)
    return declared is not None and (not declared.is_required() or bool(_seen(cls, field, who, _Sql())))


def _seen(cls: type[Record], field: str, who: Principal | None, sql: _Sql) -> str:
    """The condition under which a caller sees a field of a row; empty where it always does."""
    if who is None or field not in cls.fields or who.org == PLATFORM.org:
        return ""
    seeing = [party for party in cls.facts.parties if party.sees == "*" or field in party.sees]
    if len(seeing) == len(cls.facts.parties) or {"everyone", f"kind:{who.kind}"} & {party.by for party in seeing}:
        return ""
    mine = [f"parties->{sql.bind(party.name)}::text @> {sql.bind([who.org])}::jsonb" for party in seeing]
    return f"({' or '.join((f'org = {sql.bind(who.org)}::int', *mine))})"


def _wanted(cls: type[Record], query: Query, vault: Vault) -> _Sql:
    sql = _Sql()
    for name, wanted in (*query.where.items(), *query.bounds.items()):
        _condition(cls, name, wanted, vault, sql)
        if seen := _seen(cls, name.partition(".")[0], query.who, sql):
            sql.parts.append(seen)
    if query.own and query.who and (mine := _own(cls, query.who, sql)):
        sql.parts.append(mine)
    return sql


def _own(cls: type[Record], who: Principal, sql: _Sql) -> str:
    """The condition under which an organisation filed a record or sees it whole in its own name; empty where it always does."""
    whole = [party for party in cls.facts.parties if party.sees == "*" and party.by.startswith(("kind:", "field:"))]
    if f"kind:{who.kind}" in {party.by for party in whole}:
        return ""
    named = [party for party in whole if party.by.startswith("field:")]
    mine = [f"parties->{sql.bind(party.name)}::text @> {sql.bind([who.org])}::jsonb" for party in named]
    return f"({' or '.join((f'org = {sql.bind(who.org)}::int', *mine))})"


async def _sorted(
    conn: Connection, cls: type[Record], query: Query, vault: Vault, column: str,
    position: tuple[Any, int] | None, down: bool, most: int, size: Size,
) -> list[asyncpg.Record]:  # fmt: skip
    sql = _wanted(cls, query, vault)
    way, beyond = ("desc", "<") if down else ("asc", ">")
    if position:
        sql.parts.append(f"({column}, seq) {beyond} ({sql.bind(position[0])}, {sql.bind(position[1])}::bigint)")
    sql.parts.append(f"{column} is not null")
    if seen := _seen(cls, query.sort.lstrip("-"), query.who, sql):
        sql.parts.append(seen)
    return await _rows(conn, cls, sql, column, (f"{column} {way}", f"seq {way}"), most, size)


async def _unsorted(
    conn: Connection, cls: type[Record], query: Query, vault: Vault, empty: str,
    position: tuple[Any, int] | None, down: bool, most: int, size: Size,
) -> list[asyncpg.Record]:  # fmt: skip
    sql = _wanted(cls, query, vault)
    way, beyond = ("desc", "<") if down else ("asc", ">")
    if position:
        sql.parts.append(f"seq {beyond} {sql.bind(position[1])}::bigint")
    if empty:
        seen = _seen(cls, query.sort.lstrip("-"), query.who, sql)
        sql.parts.append(f"({empty} is null or not {seen})" if seen else f"{empty} is null")
    return await _rows(conn, cls, sql, "", (f"seq {way}",), most, size)


async def _rows(
    conn: Connection, cls: type[Record], sql: _Sql, column: str, order: tuple[str, ...], most: int, size: Size
) -> list[asyncpg.Record]:
    where, by, value = _where(sql), ", ".join(order), column or "null::text"
    # Bound, also because a statement without parameters would keep the plan that was made for another caller.
    limit = f"limit {sql.bind(most)}::bigint"
    if not size.few:
        text = f"select {COLUMNS}, {value} as sort_value from {table(cls)} {where} order by {by} {limit}"
        return await conn.fetch(text, *sql.values)
    # Found first and sorted then: materialised, so that the planner does not walk an index in the list's order.
    names = ", ".join(filter(None, ("id", "seq", column)))
    top = f"select * from few order by {by} {limit}"
    return await conn.fetch(
        f"""{_near(cls, size.near)}, few as materialized (select {names} from near {where})
            select {COLUMNS}, {value} as sort_value from {table(cls)} where id in (select id from ({top}) top)
            order by {by}""",
        *sql.values,
    )


def _where(sql: _Sql) -> str:
    return f"where {' and '.join(sql.parts)}" if sql.parts else ""


def _near(cls: type[Record], near: bool) -> str:
    """The rows that the caller may see: all of them first when they are few, else as the planner likes."""
    return f"with near as {'' if near else 'not '}materialized (select * from {table(cls)})"


async def _counted(conn: Connection, cls: type[Record], sql: _Sql, near: bool) -> int:
    some = f"select 1 from near {_where(sql)} limit {sql.bind(FEW + 1)}::bigint"
    return int(await conn.fetchval(f"{_near(cls, near)} select count(*) from ({some}) few", *sql.values))


async def size_of(conn: Connection, cls: type[Record], query: Query, vault: Vault) -> Size:
    """How large a list is: exact counts of large ones are not worth their time. Raises Refused for a bad query."""
    reach = await _counted(conn, cls, _Sql(), near=False)
    near = reach <= FEW
    count = await _counted(conn, cls, _wanted(cls, query, vault), near) if query.narrow else reach
    if count <= FEW:
        return Size(count, few=True, near=near)
    sql = _wanted(cls, query, vault)
    plan = await conn.fetchval(f"explain (format json) select 1 from {table(cls)} {_where(sql)}", *sql.values)
    tree = plan if isinstance(plan, list) else orjson.loads(plan)
    return Size(max(int(tree[0]["Plan"]["Plan Rows"]), count), few=False, near=near)


async def clauses(conn: Connection, cls: type[Record], query: Query, vault: Vault) -> Clauses:
    """The SQL of all rows that a list has, for who reads them as they lie. Raises Refused for a bad query."""
    near = await _counted(conn, cls, _Sql(), near=False) <= FEW
    sql = _wanted(cls, query, vault)
    return Clauses(_near(cls, near), _where(sql), sql.values)


async def estimate(conn: Connection, cls: type[Record], query: Query, vault: Vault) -> int:
    """How many rows a list has, the planner's estimate where they are many."""
    return (await size_of(conn, cls, query, vault)).about


async def one(conn: Connection, cls: type[Record], record_id: UUID) -> Row | None:
    """One record, or None when there is none in the connection's scope."""
    raw = await conn.fetchrow(f"select {COLUMNS} from {table(cls)} where id = $1", record_id)
    return row_of(raw) if raw else None


async def history(conn: Connection, record_id: UUID) -> list[Mapping[str, Any]]:
    """All versions of a record in the connection's scope, oldest first, each with what it states."""
    rows = await conn.fetch(
        "select record_id, version, at, org, account, action, state, doc, sealed, parties from version"
        " where record_id = $1 order by version",
        record_id,
    )
    versions: list[Mapping[str, Any]] = []
    stated: Mapping[str, Any] = {"doc": {}, "sealed": {}}
    for row in rows:
        if row["doc"] is not None:
            stated = {"doc": row["doc"], "sealed": row["sealed"]}
        versions.append({**row, **stated})
    return versions
