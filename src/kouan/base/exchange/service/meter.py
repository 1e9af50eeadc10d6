"""The once-only meter: what was typed once against what five parties were told (mission W04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import asyncpg

from kouan.base.exchange.store import deliveries
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of

CALL = "base.portcall.port_call"
MOST = 100


async def meter(port: Port, who: Principal) -> dict[str, Any]:
    """Port calls that the caller may see, newest first (at most 100), and the totals of all of them.

    `typed`: fields that the filer filled in; `delivered`: the sum of the fields that each party was told, which is what
    would have been typed without the platform; `saved_percent`: the share of those that nobody had to type.
    """
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await deliveries.meter(conn, CALL)
    calls = [_call(port, ref, list(of_ref)) for ref, of_ref in groupby(rows, key=lambda row: row["ref"])]
    calls.sort(key=lambda call: call["at"], reverse=True)
    return {"calls": calls[:MOST], "totals": _totals(calls)}


def _call(port: Port, ref: str, rows: list[asyncpg.Record]) -> dict[str, Any]:
    typed = max(row["typed"] for row in rows)
    delivered = sum(row["fields"] for row in rows)
    return {
        "ref": ref,
        "at": stamp(min(row["created"] for row in rows)),
        "typed": typed,
        "delivered": delivered,
        "receivers": [
            {"org": port.orgs.slug(r["org"]), "fields": r["fields"], "receipt": r["answer"], "state": _state(r["state"])}
            for r in rows
        ],
        "saved_percent": saved(typed, delivered),
    }


def _state(state: str) -> str:
    return "waiting" if state == "dead" else state


def _totals(calls: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    listed = list(calls)
    typed, delivered = (sum(call[name] for call in listed) for name in ("typed", "delivered"))
    receipts = sum(1 for call in listed for receiver in call["receivers"] if receiver["receipt"])
    return {
        "calls": len(listed), "typed": typed, "delivered": delivered, "receipts": receipts,
        "saved_percent": saved(typed, delivered),
    }  # fmt: skip


def saved(typed: int, delivered: int) -> float:
    """Per cent of the delivered fields that were not typed again; 0 when nothing was delivered."""
    return round(max(0.0, 100.0 * (1 - typed / delivered)), 1) if delivered else 0.0
