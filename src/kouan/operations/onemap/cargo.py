"""Ships and their cargo on the map (港区电子地图): where each ship lies, what stands ashore for it, what is aboard, how far it is.

Amounts are boxes and kilograms as moves tell them. What is to be done is what orders to the terminal (COPRAR) and, for
discharging, manifests state, and at least what has been told. A box is handled directly (直装、直提) when it goes between
ship and gate without being put down in the yard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from kouan.facilities.yard.api import voyage_of
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.operations.onemap import store

LEFT_SINCE = timedelta(hours=12)
Voyage = tuple[str, str]
Row = Mapping[str, Any] | asyncpg.Record


@dataclass(slots=True)
class Work:
    """One side of a ship's work: the boxes wanted, by number and by count alone, and where those told of are."""

    wanted: set[str] = field(default_factory=set)
    unnamed: int = 0
    ashore: dict[str, float] = field(default_factory=dict)
    done: dict[str, float] = field(default_factory=dict)
    direct: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)

    def out(self) -> dict[str, Any]:
        """As the API shows it; `percent` is None where nothing is known to be done."""
        total = max(len(self.wanted | self.ashore.keys() | self.done.keys()), len(self.done) + self.unnamed if self.unnamed else 0)
        return {
            "total": total, "ashore": len(self.ashore), "ashore_kg": round(sum(self.ashore.values()), 1), "done": len(self.done),
            "done_kg": round(sum(self.done.values()), 1), "direct": len(self.direct), "left": len(self.left),
            "percent": round(100 * len(self.done) / total, 1) if total else None,
        }  # fmt: skip


@dataclass(slots=True)
class Handling:
    """Both sides of a ship's work. Loading is done when a box is aboard, discharging when it is ashore."""

    load: Work = field(default_factory=Work)
    discharge: Work = field(default_factory=Work)


def sums(
    stays: Sequence[Row], ordered: Sequence[Row], listed: Sequence[Row],
    put_down: Mapping[str, Sequence[datetime]],
) -> dict[Voyage, Handling]:  # fmt: skip
    """Each voyage's work, out of stays at the terminal, orders to it, manifests, and when boxes were put down in the yard."""
    found: dict[Voyage, Handling] = {}

    def of(row: Row) -> Handling:
        return found.setdefault((row["vessel"], voyage_of(row["voyage"]) or ""), Handling())

    for row in ordered:
        work = of(row).load if row["task"] == "load" else of(row).discharge
        if row["box"]:
            work.wanted.add(row["box"])
        else:
            work.unnamed += row["number"]
    for row in listed:
        of(row).discharge.wanted.add(row["box"])
    for row in stays:
        _stay(of(row), row, put_down.get(row["container"], ()))
    return found


def _stay(handling: Handling, row: Row, put_down: Sequence[datetime]) -> None:
    box, kg, ended = row["container"], row["gross_kg"] or 0.0, row["ended"]
    through = ended is not None and not any(row["began"] <= at <= ended for at in put_down)
    if row["discharged"] is not None:
        handling.discharge.done[box] = kg
        if ended is None:
            handling.discharge.ashore[box] = kg
        else:
            handling.discharge.left.add(box)
            if through and row["how_out"] == "gate-out":
                handling.discharge.direct.add(box)
    elif ended is None:
        handling.load.ashore[box] = kg
    elif row["how_out"] == "load":
        handling.load.done[box] = kg
        if through and row["how_in"] == "gate-in":
            handling.load.direct.add(box)


async def ships(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The ships of the port with their cargo, as far as the caller may see calls, plans, moves, orders and manifests."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        calls = await store.calls(conn, now() - LEFT_SINCE)
        vessels = sorted({row["vessel"] for row in calls if row["vessel"]})
        stays = await store.stays(conn, vessels)
        put_down = await store.put_down(conn, sorted({row["container"] for row in stays if row["ended"] is not None}))
        work = sums(stays, await store.ordered(conn, vessels), await store.listed(conn, vessels, port.site.code), put_down)
    return [_ship(row, work.get((row["vessel"], voyage_of(row["voyage"]) or ""), Handling())) for row in calls]


def _ship(row: Row, handling: Handling) -> dict[str, Any]:
    return {
        "call": row["ref"], "ship": row["ship"], "vessel": row["vessel"], "voyage": row["voyage"],
        "eta": stamp(row["eta"]) if row["eta"] else None, "berth": row["berth"], "plan": row["plan"], "stop": row["plan_state"],
        "since": stamp(row["since"]) if row["since"] else None, "leaves": row["leaves"],
        "load": handling.load.out(), "discharge": handling.discharge.out(),
    }  # fmt: skip
