"""The enterprise domain: what the port knows of a firm in eight facets, and the single records behind each total.

Everything is summed by PostgreSQL over the records' own tables, out of the rows and fields that the asker may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg

from kouan.base.enterprise.api import Enterprise
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.reading import Query, page
from kouan.operations.subjects import seen, store
from kouan.operations.subjects.facets import FACETS, SOURCES, UNITS, Source
from kouan.standards.identifiers.api import check

NOBODY = -1
LONGEST = 60
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A firm, its record as the asker may see it, and from when until when its papers were filed; None: without bound.

    `names`: the spellings by which papers name it: its code, its organisation, its number of registration with customs.
    """

    code: str
    item: Mapping[str, Any] | None
    org: int
    names: list[str]
    since: datetime | None
    until: datetime | None


async def asked(port: Port, who: Principal, code: str, since: datetime | None, until: datetime | None) -> Asked:
    """The firm of a credit code in any spelling."""
    bare = code.strip().removeprefix("enterprise:").removeprefix("ENTERPRISE:")
    known = check("uscc", bare).value or bare.upper()
    org = port.orgs.named(known)
    slug = port.orgs.slug(org) if org is not None else ""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = await page(conn, Enterprise, Query({"code": known}, "", "", 1, who), port.vault)
        items = await shown(port, who, Enterprise, list(found.rows), conn)
    item = items[0] if items else None
    held = (item["data"].get("qualifications") or ()) if item else ()
    registered = (one["number"] for one in held if one["kind"] == "declarant" and one["number"])
    names = [known, f"enterprise:{known}", *registered, *((slug, f"org:{slug}") if slug else ())]
    return Asked(known, item, NOBODY if org is None else org, names, since, until)


def _given(of: Source, who: Principal, firm: Asked) -> list[Any]:
    cls = of.record
    first = seen.at_least(int(firm.since.timestamp() * 1000) - DAY_MS) if firm.since else seen.at_least(0)
    clear = who.clearance >= seen.level(cls, of.amount.uses)
    matching, counting = seen.parties(cls, of.uses), seen.parties(cls, of.amount.uses)
    return [
        firm.code, f"enterprise:{firm.code}", firm.org, firm.names, who.org, matching, counting, clear, first, firm.since, firm.until,
    ]  # fmt: skip


async def enterprise(port: Port, who: Principal, firm: Asked) -> dict[str, Any]:
    """A firm's identity and its eight facets, with the total of each source as far as the caller may read it."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        told = {code: await _totals(conn, who, firm, of) for code, of in SOURCES.items()}
    return {
        "code": firm.code, "ref": f"enterprise:{firm.code}", "item": firm.item,
        "simulated": bool(firm.item and firm.item["data"].get("simulated")),
        "facets": [
            {"code": facet, "title": title.out(), "sources": [told[code] for code, of in SOURCES.items() if of.facet == facet]}
            for facet, title in FACETS.items()
        ],
    }  # fmt: skip


async def _totals(conn: Connection, who: Principal, firm: Asked, of: Source) -> dict[str, Any]:
    rows = await store.firm_totals(conn, of, _given(of, who, firm))
    return {
        "code": of.code, "record": of.record.facts.name, "title": of.record.facts.title.out(),
        "whole": seen.whole(of.record, of.uses, who), "count": sum(row["n"] for row in rows),
        "hidden": sum(row["hidden"] for row in rows), "totals": _amounts(rows),
    }  # fmt: skip


def _amounts(rows: Sequence[asyncpg.Record]) -> list[dict[str, Any]]:
    return [
        {"unit": row["unit"], "title": UNITS[row["unit"]].out() if row["unit"] in UNITS else None, "total": text_of(row["total"])}
        for row in rows if row["total"] is not None
    ]  # fmt: skip


def text_of(amount: Decimal) -> str:
    """An amount without needless zeros, never in scientific notation."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


async def records(
    port: Port, who: Principal, firm: Asked, of: Source, after: int, limit: int
) -> tuple[dict[str, Any], list[dict[str, Any]], int | None]:
    """A source's total, a page of the records that it is made of (the newest first), and where the next page begins."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        totals = await _totals(conn, who, firm, of)
        rows = await store.firm_page(conn, of, _given(of, who, firm), after, limit + 1)
    listed = [
        {
            "record": of.record.facts.name, "id": str(row["id"]), "ref": row["ref"], "at": stamp(row["filed_at"]),
            "unit": row["unit"] if row["clear"] else "",
            "value": text_of(row["amount"]) if row["amount"] is not None and row["clear"] else None,
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return totals, listed, rows[limit - 1]["seq"] if len(rows) > limit else None
