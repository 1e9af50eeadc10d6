"""What profiles are judged on: the live book of profiles, and looks at declarations with the facts that the book asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kouan.base.declaration.api import Declaration
from kouan.base.enterprise.api import Enterprise
from kouan.base.portcall.api import PortCall
from kouan.kernel.database import Connection
from kouan.kernel.rules import Found, Kept, Need
from kouan.kernel.store.facts import load
from kouan.kernel.store.ops import Orgs
from kouan.supervision.targeting import store
from kouan.supervision.targeting.compiling import EMPTY, Book, standing
from kouan.supervision.targeting.looking import Look, newest_call
from kouan.supervision.targeting.rules import lines_of

CALL, FIRM = PortCall.facts.name, Enterprise.facts.name
YEAR = timedelta(days=365)
CALLS = 20


class Shelf:
    """Keeps the book of live profiles as long as nothing about them changes and the port's day does not."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._stamp: tuple[Any, ...] = ()
        self._book = EMPTY

    async def book(self, conn: Connection, at: datetime) -> Book:
        """The book as it stands now: one small question each time, compiled anew only when its answer differs."""
        today = at.astimezone(self._zone).date()
        stamp = (today, *await store.stamp_of(conn))
        if stamp != self._stamp:
            live = await store.live(conn) if stamp[1] else []
            self._book, self._stamp = Book(standing(live, today)), stamp
        return self._book


async def looks(
    conn: Connection, book: Book, asked: Sequence[tuple[Kept, Found]], orgs: Orgs, fresh: Iterable[str] = ()
) -> dict[str, Look]:
    """For some declarations, by identifier, how the book sees them; `fresh`: those whose declarant never declared before."""
    if not book.profiles or not asked:
        return {}
    data = {kept.id: _data(kept) for kept, _ in asked}
    facts = await load(conn, [need for one in data.values() for need in _needs(book, one)], orgs)
    past = await _past(conn, book, data.values(), asked[0][1].at)
    first = set(fresh)
    return {
        kept.id: Look(
            data[kept.id], lines_of(data[kept.id], found), _firm(data[kept.id], facts), _call(data[kept.id], facts),
            kept.id in first, past.get(data[kept.id].declarant or "", (0, 0)),
        )
        for kept, found in asked
    }  # fmt: skip


def _data(kept: Kept) -> Declaration:
    assert isinstance(kept.data, Declaration)
    return kept.data


def _needs(book: Book, one: Declaration) -> Iterable[Need]:
    if "trader" in book.wants and one.declarant:
        yield _firm_need(one.declarant)
    if "route" in book.wants and one.vessel:
        yield Need(CALL, ref=one.vessel, most=CALLS)


def _firm_need(name: str) -> Need:
    return Need(FIRM, key=name.strip().upper())


def _firm(one: Declaration, facts: Mapping[Need, Sequence[Kept]]) -> Enterprise | None:
    found = facts.get(_firm_need(one.declarant), ()) if one.declarant else ()
    data = found[0].data if found else None
    return data if isinstance(data, Enterprise) else None


def _call(one: Declaration, facts: Mapping[Need, Sequence[Kept]]) -> PortCall | None:
    return newest_call(facts.get(Need(CALL, ref=one.vessel, most=CALLS), ()), one.voyage) if one.vessel else None


async def _past(conn: Connection, book: Book, data: Iterable[Declaration], at: datetime) -> dict[str, tuple[int, int]]:
    names = sorted({one.declarant for one in data if one.declarant}) if book.counting else []
    return await store.past(conn, names, at - YEAR) if names else {}
