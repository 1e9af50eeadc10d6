"""Counting: a record's facts are made anew whenever it changes, and the totals follow by the difference."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kouan.kernel.database import Connection, scope
from kouan.kernel.indicators import KIND, QUANTILES, Indicator, Seen, Step
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.finding import by_ids, equal
from kouan.kernel.store.ops import Row
from kouan.kernel.words import every
from kouan.operations.monitoring import folding, rights, store
from kouan.operations.monitoring.adding import COUNTED, EVERYONE, Cell, Fact, changes_of, spelled
from kouan.operations.monitoring.records import Figure
from kouan.operations.monitoring.rules import indicator

FIGURE = Figure.facts.name
BATCH = 500
REMEMBERED = 20_000
"""Records of which a process remembers at which version it counted them."""


@cache
def _by_record(indicators: tuple[type[Indicator], ...]) -> dict[str, tuple[type[Indicator], ...]]:
    found: dict[str, list[type[Indicator]]] = {}
    for one in indicators:
        if one.tally:
            found.setdefault(one.tally.record, []).append(one)
    return {record: tuple(all_) for record, all_ in found.items()}


def counting(record: str) -> tuple[type[Indicator], ...]:
    """The indicators whose formulas count records of a type."""
    return _by_record(every(Indicator)).get(record, ())


def counted_records() -> tuple[str, ...]:
    """All record types that count for something, loaded figures among them."""
    return tuple(sorted({FIGURE, *_by_record(every(Indicator))}))


async def count_told(port: Port, record: str, versions: Mapping[str, int]) -> None:
    """Count records of a type of which one is told that they reached some versions; not those that this process counted at
    that version or a later one before. Version 0 is always counted."""
    known: dict[str, int] = port.extras.setdefault("operations.monitoring.counted", {})
    ids = [one for one, version in versions.items() if not version or known.get(one, 0) < version]
    for start in range(0, len(ids), BATCH):
        counted = await count(port, record, [UUID(one) for one in ids[start : start + BATCH]])
        for one, version in counted.items():
            known.pop(one, None)
            known[one] = version
    for old in list(islice(known, max(len(known) - REMEMBERED, 0))):
        del known[old]


async def count_all(port: Port, record: str, ids: Sequence[str]) -> None:
    """Count records of a type, a few hundred in a transaction."""
    for start in range(0, len(ids), BATCH):
        await count(port, record, [UUID(one) for one in ids[start : start + BATCH]])


async def count(port: Port, record: str, ids: Sequence[UUID]) -> dict[str, int]:
    """Make the facts of some records of a type anew and change the totals by the difference; the version at which each was
    counted. Safe to repeat."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
        await store.lock(conn, ids)
        rows = await by_ids(conn, record_type(record), ids)
        before = await store.facts_of(conn, ids)
        now = await _facts(conn, port, record, rows)
        gone, come = (before.difference(now), set(now) - before) if before else ((), now)
        await store.replace(conn, gone, come)
        await _follow(conn, port, gone, come)
    return {str(row.id): row.version for row in rows}


async def _facts(conn: Connection, port: Port, record: str, rows: Sequence[Row]) -> list[Fact]:
    zone = ZoneInfo(port.site.zone)
    if record == FIGURE:
        return [fact for row in rows for fact in _loaded(port, row, zone)]
    indicators = counting(record)
    steps = await store.steps_of(conn, [row.id for row in rows]) if any(_asks_steps(one) for one in indicators) else {}
    placed = _placed(indicators)
    kinds = await _kinds(conn, placed, rows)
    found = []
    for row in rows:
        doc = {**row.doc, **{f"{name}{KIND}": kinds.get(str(row.doc.get(name))) for name in placed}}
        seen = Seen(doc, row.filed_at, tuple(_step(step) for step in steps.get(row.id, ())))
        for one in indicators:
            found += _counted(port, one, row, seen)
    return found


@cache
def _placed(indicators: tuple[type[Indicator], ...]) -> frozenset[str]:
    return frozenset().union(*(one.tally.kinds() for one in indicators if one.tally))


async def _kinds(conn: Connection, placed: Iterable[str], rows: Sequence[Row]) -> dict[str, str]:
    """The kinds of the places that some records name where a formula asks for them."""
    refs = sorted({str(row.doc[name]) for name in placed for row in rows if row.doc.get(name)})
    return await store.kinds_of(conn, refs) if refs else {}


def _asks_steps(one: type[Indicator]) -> bool:
    return one.tally is not None and (one.tally.hit is not None or any(moment.acts for moment in one.tally.moments()))


def _step(row: Any) -> Step:
    return Step(row["action"], row["at"], row["org"], row["automatic"])


def _counted(port: Port, one: type[Indicator], row: Row, seen: Seen) -> list[Fact]:
    assert one.tally is not None
    parts = folding.parts_of(one, seen)
    if not parts:
        return []
    firm = _firm(port, one, row)
    readers = readers_of(record_type(one.tally.record), _uses(one), row) | ({firm} if firm else set())
    known, simulated = tuple(sorted(readers)), row.doc.get("simulated") is True
    return [
        Fact(row.id, one.code, at, one.tally.record, row.ref, COUNTED, part.at, spelled(part.by), firm, part.bin, part.n,
             part.value, simulated, known)
        for at, part in enumerate(parts)
    ]  # fmt: skip


def _loaded(port: Port, row: Row, zone: ZoneInfo) -> list[Fact]:
    found = folding.loaded(row.doc, zone)
    if found is None or indicator(found[0]) is None:
        return []
    code, source, part = found
    name = f"{source}:{port.orgs.slug(row.org)}"
    dims = spelled(part.by)
    readers = tuple(sorted(set(row.readers)))
    return [Fact(row.id, code, 0, FIGURE, row.ref, name, part.at, dims, row.org, part.bin, part.n, part.value, False, readers)]


def _firm(port: Port, one: type[Indicator], row: Row) -> int:
    """The organisation whose own figure it is; 0 without one."""
    if one.firm == "@filer":
        return row.org
    named = row.doc.get(one.firm) if one.firm else None
    return (port.orgs.named(str(named)) or 0) if named else 0


@cache
def _uses(one: type[Indicator]) -> frozenset[str]:
    return one.tally.uses() if one.tally else frozenset()


@cache
def _seeing(cls: type[Record], used: frozenset[str]) -> tuple[str, ...]:
    return tuple(party.name for party in cls.facts.parties if party.sees == "*" or party.sees >= used)


def readers_of(cls: type[Record], used: frozenset[str], row: Row) -> set[int]:
    """Those who see all of some fields of a record, by one of their parts in it; its filer; the platform."""
    seeing = _seeing(cls, used)
    return {PLATFORM.org, row.org, *(number for name in seeing for number in row.parties.get(name, ()))}


async def _follow(conn: Connection, port: Port, gone: Iterable[Fact], come: Iterable[Fact]) -> None:
    found = changes_of(gone, come, ZoneInfo(port.site.zone))
    readers = {cell: _cell_readers(port, indicator(fact.indicator), cell, fact) for cell, (_, fact) in found.items()}
    await store.change(conn, {cell: by for cell, (by, _) in found.items()}, readers, _shares(every(Indicator)))


@cache
def _shares(indicators: tuple[type[Indicator], ...]) -> dict[str, float]:
    return {one.code: QUANTILES[one.how] for one in indicators if one.how in QUANTILES}


def _cell_readers(port: Port, of: type[Indicator] | None, cell: Cell, fact: Fact) -> list[int]:
    """Who reads a total: those whom the indicator names; its parts only those of them who see what divides it."""
    if of is None:
        return [PLATFORM.org]
    parts = not cell.whole and cell.source == COUNTED
    if cell.org:
        return sorted({PLATFORM.org, *(() if parts and not rights.divides(of, "", own=True) else (cell.org,))})
    named = set(rights.dividers(of)) if parts else set(of.readers)
    found = {PLATFORM.org} if cell.source == COUNTED else {PLATFORM.org, fact.org}
    if "*" in named:
        return sorted(found | {EVERYONE})
    return sorted(found | {number for kind in named for number in port.orgs.of_kind(kind)})


def formulas_of(record: str) -> str:
    """A mark that changes when a formula over a record type comes, goes or is revised."""
    said = [f"{one.code}={one.revision}" for one in counting(record)]
    return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:24]


async def catch_up(port: Port, until: datetime, clock: Callable[[], datetime]) -> bool:
    """Count the records of every type whose formulas are new or changed, until a moment; whether all is done.

    It goes on where it stopped. What is filed meanwhile is counted by itself.
    """
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        stand = await store.counted(conn)
    if all(name in stand and stand[name]["done"] and stand[name]["formulas"] == formulas_of(name) for name in counted_records()):
        return True
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        await store.forget(conn, [one.code for one in every(Indicator)])
    for name in counted_records():
        held = stand.get(name)
        same = held is not None and held["formulas"] == formulas_of(name)
        if held is not None and same and held["done"]:
            continue
        upto = int(held["upto"]) if held is not None and same else 0
        if not await _count_from(port, name, upto, until, clock):
            return False
    return True


async def summarize(port: Port) -> None:
    """Make the summaries of days that were counted before there were any, and note which values dimensions had; once."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        stand = await store.counted(conn)
        if store.PARTS not in stand:
            await store.gather(conn)
            await store.note(conn, store.PARTS, "", 0, True)
    if store.SUMMARIES in stand:
        return
    for code, share in _shares(every(Indicator)).items():
        while True:
            async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
                days = await store.unsummarized(conn, code, share, BATCH)
                if not days:
                    break
                await store.summarize(conn, days)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        await store.note(conn, store.SUMMARIES, "", 0, True)


async def _count_from(port: Port, name: str, upto: int, until: datetime, clock: Callable[[], datetime]) -> bool:
    formulas = formulas_of(name)
    while True:
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            rows = await equal(conn, record_type(name), {}, after=upto, limit=BATCH)
        if rows:
            await count(port, name, [row.id for row in rows])
            upto = rows[-1].seq
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await store.note(conn, name, formulas, upto, not rows)
        if not rows:
            return True
        if clock() >= until:
            return False
