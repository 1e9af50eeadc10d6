"""The commodity domain (商品业务域; HS/T 82 7.2.4 a) 2)): rates, twelve months of trade, partners and modes of an HS code.

Counted are the goods lines of declarations that the asker reads whole; those rejected or cancelled do not count. Money of different
currencies is not added up: each is told for itself, and partners and modes are ranked in the one that most lines are in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from kouan.base.declaration.api import Declaration
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.schema import table
from kouan.kernel.text import Text
from kouan.operations.subjects import seen
from kouan.operations.subjects.firm import text_of
from kouan.standards.codes import api as codes
from kouan.standards.parameters.api import rates

MONTHS, TOP = 12, 5
WAYS = {"in": Text("进口", "Import"), "out": Text("出口", "Export"), "?": Text("未说明", "Not stated")}
USES = frozenset({"items", "type_code", "accepted_at"})
VOID = ("rejected", "cancelled")
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An HS code, its twelve months (from, to), and what is picked of them: a month, a way, a partner, a mode ("" for all)."""

    hs: str
    span: tuple[datetime, datetime]
    month: str = ""
    way: str = ""
    partner: str = ""
    mode: str = ""


class Sum(NamedTuple):
    """What some goods lines come to. `money`: by currency."""

    lines: int
    declarations: int
    net_kg: float
    money: Mapping[str, Decimal]
    priced: Mapping[str, int]

    def out(self) -> dict[str, Any]:
        """The JSON shape."""
        values = [{"currency": code, "total": text_of(total)} for code, total in sorted(self.money.items())]
        return {"lines": self.lines, "declarations": self.declarations, "net_kg": self.net_kg, "values": values}


NOTHING = Sum(0, 0, 0.0, {}, {})


def span_of(port: Port, month: date | None) -> tuple[datetime, datetime]:
    """The twelve months that end with a month, this one without; in the port's zone."""
    zone = ZoneInfo(port.site.zone)
    last = month or now().astimezone(zone).date()
    end = last.year * 12 + last.month
    begin = end - MONTHS
    return datetime(begin // 12, begin % 12 + 1, 1, tzinfo=zone), datetime(end // 12, end % 12 + 1, 1, tzinfo=zone)


def months_of(span: tuple[datetime, datetime]) -> list[str]:
    """The months of a span, as `2026-11`."""
    first = span[0].year * 12 + span[0].month - 1
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, first + MONTHS)]


def _lines() -> str:
    """SQL: the goods lines of a code in a time that the asker sees; filed since the begin, for none is filed before it is made.

    What is exported has its origin here: its partner, the country of destination, no declaration states.
    """
    seeing = seen.seen("r", "g.who", "g.parties")
    return f"""select id, ref, seq, at, way, partner, mode, currency, amount, net_kg, description, month from (
        select r.id, r.ref, r.seq, t.at, t.way,
          case t.way when 'out' then '?' else coalesce(nullif(line->>'origin', ''), '?') end as partner,
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


def _given(port: Port, who: Principal, of: Asked) -> list[Any]:
    first = seen.at_least(int(of.span[0].timestamp() * 1000) - DAY_MS)
    parties = seen.parties(Declaration, USES)
    return [of.hs, *of.span, who.org, parties, port.site.zone, first, list(VOID), of.month, of.way, of.partner, of.mode]


async def _sums(conn: Connection, port: Port, who: Principal, of: Asked) -> list[asyncpg.Record]:
    """Lines, declarations, mass and money by month, way, partner, mode and altogether; `kind` says by which."""
    sql = f"""select case grouping(month, way, partner, mode) when 7 then 'month' when 11 then 'way' when 13 then 'partner'
          when 14 then 'mode' else 'all' end as kind, coalesce(month, way, partner, mode, '') as name, currency,
        grouping(currency) = 1 as overall, count(*)::bigint as lines, count(distinct id)::bigint as declarations,
        sum(net_kg)::float8 as net_kg, sum(amount) as amount, count(amount)::bigint as priced
      from ({_lines()}) line
      group by grouping sets ((month), (month, currency), (way), (way, currency), (partner), (partner, currency), (mode), (mode, currency),
        (), (currency))"""  # noqa: S608 - registry names
    return list(await conn.fetch(sql, *_given(port, who, of)))


def _by(rows: Sequence[asyncpg.Record], kind: str) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for row in rows:
        if row["kind"] == kind and row["overall"]:
            found[row["name"]] = Sum(row["lines"], row["declarations"], row["net_kg"], {}, {})
    for row in rows:
        if row["kind"] == kind and not row["overall"] and row["amount"] is not None:
            one = found[row["name"]]
            found[row["name"]] = one._replace(
                money={**one.money, row["currency"]: row["amount"]}, priced={**one.priced, row["currency"]: row["priced"]}
            )
    return found


async def commodity(port: Port, who: Principal, of: Asked, on: date) -> dict[str, Any]:
    """Basics and rates of a code on a day, and the trade of its twelve months out of the declarations that the caller reads."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await _sums(conn, port, who, of)
    known = codes.lookup("hs", of.hs) or codes.ancestor("hs", of.hs)
    total = _by(rows, "all").get("", NOTHING)
    money = max(total.priced, key=lambda code: (total.priced[code], code), default="")
    months, ways, partners, modes = (_by(rows, kind) for kind in ("month", "way", "partner", "mode"))
    unstated = partners.pop("?", NOTHING)
    return {
        "code": of.hs, "on": on.isoformat(), "name": known.name.out() if known else None, "named_by": known.code if known else None,
        "rates": await rates(port, who, of.hs, on), "whole": seen.whole(Declaration, USES, who), "currency": money,
        "total": total.out(), "months": [{"month": month, **months.get(month, NOTHING).out()} for month in months_of(of.span)],
        "ways": [{"way": way, "title": WAYS[way].out(), **one.out()} for way, one in sorted(ways.items())],
        "partners": _ranked(partners, money, _country), "partner_unstated": unstated.lines,
        "modes": _ranked(modes, money, lambda code: None if code != "?" else WAYS["?"]),
    }  # fmt: skip


def _country(code: str) -> Text | None:
    found = codes.lookup("country", code)
    return found.name if found else None


def _ranked(sums: Mapping[str, Sum], money: str, name: Any) -> list[dict[str, Any]]:
    """The five largest by value in one currency, then by mass, then by lines."""

    def rank(item: tuple[str, Sum]) -> tuple[Decimal, float, int, str]:
        code, one = item
        return -one.money.get(money, Decimal(0)), -one.net_kg, -one.lines, code

    best = sorted(sums.items(), key=rank)[:TOP]
    return [{"code": code, "name": text.out() if (text := name(code)) else None, **one.out()} for code, one in best]


async def lines(
    port: Port, who: Principal, of: Asked, after: tuple[datetime, int] | None, limit: int
) -> tuple[dict[str, Any], list[dict[str, Any]], tuple[datetime, int] | None]:
    """The goods lines behind a total: what they come to, a page of declarations (the newest first), where the next begins."""
    beyond = "where (at, seq) < ($13, $14)" if after else ""
    sql = f"""select id, ref, seq, min(at) at, min(way) way, count(*)::bigint lines, sum(net_kg)::float8 net_kg,
        array_agg(distinct partner) partners, array_agg(distinct mode) modes, min(description) description
      from ({_lines()}) found {beyond} group by id, ref, seq
      order by min(at) desc, seq desc limit {int(limit) + 1}"""  # noqa: S608 - registry names
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        total = _by(await _sums(conn, port, who, of), "all").get("", NOTHING)
        rows = await conn.fetch(sql, *_given(port, who, of), *(after or ()))
    listed = [
        {
            "record": Declaration.facts.name, "id": str(row["id"]), "ref": row["ref"], "at": stamp(row["at"]), "way": row["way"],
            "lines": row["lines"], "net_kg": row["net_kg"], "partners": row["partners"], "modes": row["modes"],
            "description": row["description"] or "",
        }
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    return total.out(), listed, (last["at"], last["seq"]) if last else None
