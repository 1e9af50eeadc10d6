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
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.operations.subjects import seen, store
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


def _given(port: Port, who: Principal, of: Asked) -> list[Any]:
    first = seen.at_least(int(of.span[0].timestamp() * 1000) - DAY_MS)
    parties = seen.parties(Declaration, USES)
    return [of.hs, *of.span, who.org, parties, port.site.zone, first, list(VOID), of.month, of.way, of.partner, of.mode]


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
        rows = await store.goods_sums(conn, _given(port, who, of))
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
    given = _given(port, who, of)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        total = _by(await store.goods_sums(conn, given), "all").get("", NOTHING)
        rows = await store.goods_page(conn, given, after, limit)
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
