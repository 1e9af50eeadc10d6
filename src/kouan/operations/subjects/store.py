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

from kouan.base.declaration.api import Declaration
from kouan.kernel.database import Connection
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row
from kouan.kernel.store.schema import table
from kouan.operations.subjects import seen
from kouan.operations.subjects.facets import Source
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


async def mentions(conn: Connection, refs: Sequence[str], most: int) -> dict[str, list[Any]]:
    """The newest records that name any of some references, by type, as far as the connection's scope finds them by it."""
    sql = "select distinct record, record_id from ref where ref = any($1) order by record_id desc limit $2"
    found: dict[str, list[Any]] = {}
    for row in await conn.fetch(sql, list(refs), most):
        found.setdefault(row["record"], []).append(row["record_id"])
    return found


async def by_refs(conn: Connection, cls: type[Record], refs: Sequence[str]) -> list[Row]:
    """The records of a type that references name."""
    if not refs:
        return []
    sql = f"select {COLUMNS} from {table(cls)} where ref = any($1)"  # noqa: S608 - names of the registry
    return [row_of(raw) for raw in await conn.fetch(sql, list(refs))]


def _goods() -> str:
    """SQL: the goods lines of a code in a time that the asker sees; filed since the begin, for none is filed before it is made.

    The partner of an import is the line's country of origin, of an export the line's country of destination, else the declaration's.
    """
    seeing = seen.seen("r", "g.who", "g.parties")
    return f"""select id, ref, seq, at, way, partner, mode, currency, amount, net_kg, description, month from (
        select r.id, r.ref, r.seq, t.at, t.way,
          coalesce(case t.way when 'out' then coalesce(nullif(line->>'destination', ''), nullif(r.doc->>'destination', ''))
            else nullif(line->>'origin', '') end, '?') as partner,
          coalesce(nullif(line->>'procedure', ''), '?') as mode, coalesce(line->>'currency', '') as currency,
          nullif(line->>'value', '')::numeric as amount, coalesce((line->>'net_kg')::float8, 0) as net_kg,
          line->>'description' as description, to_char(t.at at time zone g.zone, 'YYYY-MM') as month, g.since, g.until,
          g.month as want_month, g.way as want_way, g.partner as want_partner, g.mode as want_mode
        from (select $1::text as hs, $2::timestamptz as since, $3::timestamptz as until, $4::int as who, $5::text[] as parties,
                $6::text as zone, $7::uuid as begin_id, $8::text[] as void, $9::text as month, $10::text as way, $11::text as partner,
                $12::text as mode) g
        join {table(Declaration)} r on r.id >= g.begin_id and r.state <> all(g.void)
        cross join lateral (select coalesce((r.doc->>'accepted_at')::timestamptz, r.filed_at) as at,
          case left(upper(r.doc->>'type_code'), 2) when 'IM' then 'in' when 'EX' then 'out' else '?' end as way) t
        cross join lateral jsonb_array_elements(r.doc->'items') line
        where {seeing} and translate(line->>'hs', '. -', '') like g.hs || '%') found
      where at >= since and at < until and (want_month = '' or month = want_month) and (want_way = '' or way = want_way)
        and (want_partner = '' or partner = want_partner) and (want_mode = '' or mode = want_mode)"""  # noqa: S608 - registry names


async def goods_sums(conn: Connection, given: Sequence[Any]) -> list[asyncpg.Record]:
    """Lines, declarations, mass and money by month, way, partner, mode and altogether; `kind` says by which. `given`: what `g` is."""
    sql = f"""select case grouping(month, way, partner, mode) when 7 then 'month' when 11 then 'way' when 13 then 'partner'
          when 14 then 'mode' else 'all' end as kind, coalesce(month, way, partner, mode, '') as name, currency,
        grouping(currency) = 1 as overall, count(*)::bigint as lines, count(distinct id)::bigint as declarations,
        sum(net_kg)::float8 as net_kg, sum(amount) as amount, count(amount)::bigint as priced
      from ({_goods()}) line
      group by grouping sets ((month), (month, currency), (way), (way, currency), (partner), (partner, currency), (mode), (mode, currency),
        (), (currency))"""  # noqa: S608 - registry names
    return list(await conn.fetch(sql, *given))


async def goods_page(conn: Connection, given: Sequence[Any], after: tuple[datetime, int] | None, limit: int) -> list[asyncpg.Record]:
    """A page of the declarations behind a total, the newest first, and one more where there is one."""
    beyond = "where (at, seq) < ($13, $14)" if after else ""
    sql = f"""select id, ref, seq, min(at) at, min(way) way, count(*)::bigint lines, sum(net_kg)::float8 net_kg,
        array_agg(distinct partner) partners, array_agg(distinct mode) modes, min(description) description
      from ({_goods()}) found {beyond} group by id, ref, seq
      order by min(at) desc, seq desc limit {int(limit) + 1}"""  # noqa: S608 - registry names
    return list(await conn.fetch(sql, *given, *(after or ())))


def _firm(of: Source) -> str:
    """SQL: the firm's rows that the asker sees: seq, id, ref, filed_at, unit, value, and whether the value is clear to it."""
    return f"""select r.seq, r.id, r.ref, r.filed_at, {of.amount.unit} unit, ({of.amount.value})::numeric amount,
          (r.org = g.who or g.clear) and {seen.seen("r", "g.who", "g.counting")} clear
        from (select $1::text code, $2::text ref, $3::int org, $4::text[] names, $5::int who, $6::text[] matching, $7::text[] counting,
                $8::bool clear, $9::uuid since_id, $10::timestamptz since, $11::timestamptz until) g
        join {table(of.record)} r on {of.match}
        where {seen.seen("r", "g.who", "g.matching")} and r.id >= g.since_id
          and (g.since is null or r.filed_at >= g.since) and (g.until is null or r.filed_at < g.until)"""  # noqa: S608 - registry names


async def firm_totals(conn: Connection, of: Source, given: Sequence[Any]) -> list[asyncpg.Record]:
    """What a source comes to by unit, and how many of its amounts are not clear to the asker. `given`: what `g` is."""
    sql = f"""select unit, count(*)::bigint n, sum(amount) filter (where clear) total,
          count(*) filter (where amount is not null and not clear)::bigint hidden
        from ({_firm(of)}) found group by unit order by unit"""  # noqa: S608 - registry names
    return list(await conn.fetch(sql, *given))


async def firm_page(conn: Connection, of: Source, given: Sequence[Any], after: int, most: int) -> list[asyncpg.Record]:
    """The records of a source behind a sequence number, the newest first."""
    behind = "where ($12::bigint = 0 or seq < $12) order by seq desc limit $13"
    sql = f"select * from ({_firm(of)}) found {behind}"  # noqa: S608 - registry names
    return list(await conn.fetch(sql, *given, after, most))
