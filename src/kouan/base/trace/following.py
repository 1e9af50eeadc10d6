"""From one reference to every document about it: breadth first along what the caller may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kouan.base.portcall.api import PortCall
from kouan.base.trace import store
from kouan.kernel.clock import now
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type, type_of_ref
from kouan.kernel.references import kinds
from kouan.kernel.store.finding import by_ids, mentioning
from kouan.kernel.store.ops import Row
from kouan.kernel.store.shape import items

DEPTH = 3
MOST = 500
FIRST, AFTER = 60, 100
CALL = PortCall.facts.name
NEAR = timedelta(days=45)
LOOK_BACK = timedelta(days=180)
CALLS = 3


@dataclass(slots=True)
class Found:
    """The documents of a trace by id, with their rows.

    `direct`: those that mention the start; `side`: those told for context only (a line's manifest, a ship's call);
    `restricted`: record type and reference of what was read at level 3.
    """

    items: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    rows: dict[UUID, Row] = field(default_factory=dict)
    direct: set[UUID] = field(default_factory=set)
    side: set[UUID] = field(default_factory=set)
    restricted: list[tuple[str, str]] = field(default_factory=list)


class Follower:
    """One trace under way, in the caller's scope."""

    def __init__(self, conn: Connection, port: Port, who: Principal) -> None:
        self._conn, self._port, self._who = conn, port, who
        self.found = Found()

    async def follow(self, starts: Sequence[str]) -> Found:
        """All documents that hang together with some references."""
        found, seen, frontier = self.found, set(starts), list(starts)
        siblings = {start.partition(":")[0] for start in starts}
        for depth in range(DEPTH + 1):
            links = await (self._newest(frontier) if depth == 0 else store.some(self._conn, frontier, AFTER))
            fresh = await self._read(links)
            if depth == 0:
                found.direct.update(fresh)
                found.side.update(await self._read(await self._named(fresh)))
            nexts = (ref for one in fresh for ref in trail(found.items[one], own=depth == 0, without=siblings))
            frontier = [ref for ref in dict.fromkeys(nexts) if ref not in seen]
            seen.update(frontier)
            if not frontier or len(found.items) >= MOST:
                break
        found.side.update(await self._read(await self._calls()))
        return found

    async def _newest(self, starts: Sequence[str]) -> dict[str, list[UUID]]:
        # A ship is on each declaration of its cargo: without a limit in time years of others' papers would be looked at.
        if not all(store.much_used(start) for start in starts):
            return await store.newest(self._conn, starts, FIRST, UUID(int=0))
        return await store.newest_in_time(self._conn, starts, FIRST, before(now() - LOOK_BACK))

    async def _read(self, links: Mapping[str, Sequence[UUID]]) -> list[UUID]:
        fresh: list[UUID] = []
        for name, ids in links.items():
            wanted = sorted((one for one in ids if one not in self.found.items), reverse=True)
            wanted = wanted[: MOST - len(self.found.items)]
            if wanted:
                fresh += await self._items(record_type(name), wanted)
        return fresh

    async def _items(self, cls: type[Record], ids: Sequence[UUID]) -> list[UUID]:
        rows = await by_ids(self._conn, cls, ids)
        port = self._port
        shapes, restricted = await items(self._conn, cls, rows, self._who, port.vault, port.orgs)
        port.uses.note(self._who, cls.facts.name, (row.id for row in rows), masked=sum(bool(one["masked"]) for one in shapes))
        self.found.restricted += [(cls.facts.name, ref) for ref in restricted]
        for row, shape in zip(rows, shapes, strict=True):
            self.found.rows[row.id], self.found.items[row.id] = row, shape
        return [row.id for row in rows]

    async def _named(self, fresh: Sequence[UUID]) -> dict[str, list[UUID]]:
        """Records that documents name without their references being followed further (a line's manifest)."""
        refs = {ref for one in fresh for ref in references(self.found.items[one]) if not _trails(ref)}
        wanted: dict[str, list[str]] = {}
        for ref in refs:
            if (cls := type_of_ref(ref)) and cls.facts.kind != "state":
                wanted.setdefault(cls.facts.name, []).append(ref)
        links: dict[str, list[UUID]] = {}
        for name, mine in wanted.items():
            links[name] = [one for ids in (await mentioning(self._conn, name, mine, limit=1)).values() for one in ids]
        return links

    async def _calls(self) -> dict[str, list[UUID]]:
        """The calls of the ships that documents name, near to these documents in time."""
        found = self.found
        ships: dict[str, list[datetime]] = {}
        for one, item in found.items.items():
            if item["record"] != CALL and isinstance(ship := item["data"].get("vessel"), str):
                ships.setdefault(ship, []).append(found.rows[one].filed_at)
        links = await mentioning(self._conn, CALL, sorted(ships), limit=CALLS) if ships else {}
        moments = {one: moment_of(one) for ids in links.values() for one in ids}
        near = [
            one for ship, ids in links.items() for one in ids if any(abs(moments[one] - at) < NEAR for at in ships[ship])
        ]
        return {CALL: near}


def before(moment: datetime) -> UUID:
    """The least identifier of records made at a moment or after it (UUIDv7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def moment_of(identifier: UUID) -> datetime:
    """When a record was made, out of its identifier (UUIDv7)."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def references(item: Mapping[str, Any]) -> Iterator[str]:
    """The references in the fields of a document that the caller sees."""
    for name, facts in record_type(item["record"]).fields.items():
        value = item["data"].get(name) if facts.reference else None
        for ref in value if isinstance(value, list | tuple) else (value,):
            if isinstance(ref, str) and ":" in ref:
                yield ref


def trail(item: Mapping[str, Any], *, own: bool, without: set[str]) -> Iterator[str]:
    """References that lead on from a document: kinds with a trail, but no siblings of the start; its own one."""
    if own or _trails(item["ref"]):
        yield item["ref"]
    for ref in references(item):
        if _trails(ref) and ref.partition(":")[0] not in without:
            yield ref


def _trails(ref: str) -> bool:
    kind = kinds().get(ref.partition(":")[0])
    return kind is not None and kind.trail
