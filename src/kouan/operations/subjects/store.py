"""The read models as SQL over the records' own tables: nothing is copied, so nothing can go stale.

A view has one row for each event: at, port ('' the site's own), kind, value. Row-level security hides rows; a row whose fields
the caller's parties do not all see counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row
from kouan.kernel.store.schema import table
from kouan.operations.subjects import seen
from kouan.operations.subjects.measures import Measure


@dataclass(frozen=True, slots=True)
class View:
    """How a measure's rows are read: SQL expressions over its table, which column bounds them by time, what counts but once."""

    at: str
    kind: str = "''"
    value: str = "1"
    where: str = "true"
    port: str = "''"
    once: str = ""
    bound: str = "f_at"
    slack: str = "interval '0'"


_SIGN = "case coalesce(doc->>'function', 'original') when 'original' then 1 when 'cancellation' then -1 else 0 end"
_QUAY = "f_activity in ('discharge', 'load')"
_TRIP = "coalesce((doc->>'actual')::timestamptz, (doc->>'estimated')::timestamptz, f_scheduled)"
_IN = "case when f_activity in ('discharge', 'gate-in') then 'in' else 'out' end"
VIEWS: Mapping[str, View] = {
    "trips.ships": View(
        "f_at", "case doc->>'activity' when 'arrived' then 'in' else 'out' end", where="doc->>'activity' in ('arrived', 'departed')",
        once="f_call, doc->>'activity'",
    ),
    "trips.vehicles": View("f_at", "f_direction", where="f_decision = 'open'"),
    "trips.conveyances": View(_TRIP, "f_mode", port="f_port", bound="f_scheduled", slack="interval '3 days'"),
    "cargo.mass": View("f_at", _IN, f"{_SIGN} * coalesce((doc->>'gross_kg')::numeric, 0) / 1000", _QUAY),
    "cargo.classes": View(
        "f_at",
        "case when jsonb_array_length(coalesce(nullif(doc->'dangerous', 'null'), '[]')) > 0 then 'dangerous'"
        " else coalesce(doc->>'status', '?') end",
        _SIGN, _QUAY,
    ),
    "persons.ships": View("f_eta", value="coalesce((doc->>'passenger_count')::numeric, 0)", port="f_port", bound="f_eta"),
    "persons.conveyances": View(
        _TRIP, "f_mode", "coalesce((doc->>'passenger_count')::numeric, 0)", port="f_port", bound="f_scheduled", slack="interval '3 days'"
    ),
    "stock.boxes": View(
        "f_at", _IN, f"{_SIGN} * case when f_activity in ('discharge', 'gate-in') then 1 else -1 end",
        "f_activity in ('discharge', 'gate-in', 'load', 'gate-out')",
    ),
}  # fmt: skip


def _select(of: Measure, what: str, tail: str = "") -> str:
    """What is asked of the view's rows in [$1, $2) that the caller ($3, with its parties $4) sees all of, of port $5, at site $6."""
    view = VIEWS[of.code]
    once, first = (f"distinct on ({view.once})", f"order by {view.once}, seq") if view.once else ("", "")
    return f"""select {what} from (select * from (
        select {once} id, ref, seq, {view.at} as at, {view.kind} as kind, ({view.value})::float8 as value,
          coalesce((doc->>'simulated')::boolean, false) as simulated, coalesce(nullif({view.port}, ''), $6) as port
        from {table(of.record)} r
        where {view.where} and {view.bound} >= $1::timestamptz - {view.slack} and {view.bound} < $2::timestamptz + {view.slack}
          and {seen.seen("r", "$3::int", "$4::text[]")}
        {first}) found
      where at >= $1 and at < $2 and value <> 0 and ($5 = '' or port = $5)) events
      {tail}"""  # noqa: S608 - names of the registry


def _given(of: Measure, who: Principal, span: tuple[datetime, datetime], port: str, site: str) -> list[Any]:
    return [*span, who.org, seen.parties(of.record, of.uses), port, site]


async def hours(
    conn: Connection, of: Measure, who: Principal, span: tuple[datetime, datetime], port: str, site: str, zone: str
) -> list[asyncpg.Record]:
    """Hour (0 to 23 of the port's zone), kind, how many and how much, simulated among them."""
    what = "extract(hour from at at time zone $7)::int as hour, kind, count(*)::bigint n, sum(value)::float8 total"
    sql = _select(of, f"{what}, bool_or(simulated) simulated", "group by 1, 2 order by 1, 2")
    return list(await conn.fetch(sql, *_given(of, who, span, port, site), zone))


async def total(conn: Connection, of: Measure, who: Principal, span: tuple[datetime, datetime], port: str, site: str) -> float:
    """How much a measure comes to in a time."""
    found = await conn.fetchval(_select(of, "coalesce(sum(value), 0)::float8"), *_given(of, who, span, port, site))
    return float(found)


async def events(
    conn: Connection, of: Measure, who: Principal, span: tuple[datetime, datetime], port: str, site: str, kind: str,
    after: tuple[datetime, int] | None, limit: int,
) -> tuple[int, float, Sequence[asyncpg.Record]]:  # fmt: skip
    """The single events of a time: how many, what they come to, and a page of them, the oldest first."""
    given = [*_given(of, who, span, port, site), kind]
    chosen = "where ($7 = '' or kind = $7)"
    row = await conn.fetchrow(_select(of, "count(*)::bigint n, coalesce(sum(value), 0)::float8 total", chosen), *given)
    assert row is not None
    beyond = "and (at, seq) > ($8, $9)" if after else ""
    tail = f"{chosen} {beyond} order by at, seq limit {int(limit)}"
    page = await conn.fetch(_select(of, "id, ref, seq, at, kind, value, simulated, port", tail), *given, *(after or ()))
    return row["n"], row["total"], page


async def mentions(conn: Connection, ref: str, most: int) -> dict[str, list[Any]]:
    """The newest records that name a reference, by type, as far as the connection's scope finds them by it."""
    sql = "select record, record_id from ref where ref = $1 order by record_id desc limit $2"
    found: dict[str, list[Any]] = {}
    for row in await conn.fetch(sql, ref, most):
        found.setdefault(row["record"], []).append(row["record_id"])
    return found


async def by_refs(conn: Connection, cls: type[Record], refs: Sequence[str]) -> list[Row]:
    """The records of a type that references name."""
    if not refs:
        return []
    sql = f"select {COLUMNS} from {table(cls)} where ref = any($1)"  # noqa: S608 - names of the registry
    return [row_of(raw) for raw in await conn.fetch(sql, list(refs))]
