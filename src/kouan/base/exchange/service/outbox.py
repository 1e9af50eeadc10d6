"""The outbox: a kept fact becomes a delivery for each party whose connector tells it and who is a reader of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.base.exchange.service import subsets
from kouan.base.exchange.service.moments import MOMENTS
from kouan.base.exchange.service.subsets import Wanted
from kouan.base.exchange.store import addresses, deliveries, routes, versions
from kouan.base.exchange.store.deliveries import Told
from kouan.base.exchange.store.routes import Route
from kouan.kernel.clock import now
from kouan.kernel.connectors import Connector
from kouan.kernel.database import scope
from kouan.kernel.events import Event
from kouan.kernel.handlers import Told as Heard
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.together import Together
from kouan.kernel.words import every

EXTRA = "exchange.outbox"
ANYONE = "*"
NONE = "none"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Fact:
    """A version of a record that parties may have to be told of."""

    event: UUID
    ref: str
    wanted: Wanted
    what: str
    by: int


def telling(record: str) -> tuple[type[Connector], ...]:
    """The connectors that tell of a record type."""
    return tuple(connector for connector in every(Connector) if record in connector.tells)


async def tell(port: Port, event: Event) -> int:
    """Put a delivery in the outbox for every party concerned; safe to repeat. Answers how many parties there are."""
    wanted = Wanted(event.record, UUID(event.record_id), event.version, event.principal.org)
    return await _together(port)(Fact(UUID(event.id), event.ref, wanted, event.what, event.principal.org))


def live_of(connector: type[Connector]) -> Mapping[str, tuple[str, ...]]:
    """What a connector tells only while the party's own system is switched on: record → moments."""
    found: Mapping[str, tuple[str, ...]] = getattr(connector, "live", {})
    return found


async def any_live(port: Port) -> bool:
    """Whether any system that is told of what happens as it happens is switched on."""
    connectors = [one.code for one in every(Connector) if live_of(one)]
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        return bool(await addresses.switched_on(conn, connectors))


async def tell_live(port: Port, heard: Sequence[Heard]) -> int:
    """Put what happened in the outbox of the parties whose systems are switched on and are told of it; safe to repeat.

    What such a party is told of these records anyway goes in with it where it does not stand there yet, so that it is told
    in order. Answers how many parties there are.
    """
    connectors = [one.code for one in every(Connector) if live_of(one)]
    usual = {f"{one.record}:{moment}" for one in heard for moment in MOMENTS}
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        lit = await addresses.switched_on(conn, connectors)
        if not lit:
            return 0
        rows = await versions.events(conn, {UUID(one.record_id) for one in heard}, {UUID(one.event) for one in heard}, usual)
    facts = [
        Fact(row["id"], row["ref"], Wanted(row["record"], row["record_id"], row["version"], row["org"]),
             row["topic"].partition(":")[2], row["org"])
        for row in rows
    ]  # fmt: skip
    parts = [facts[at : at + AT_ONCE] for at in range(0, len(facts), AT_ONCE)]
    return sum([sum((await _write(port, part, lit)).values()) for part in parts])


def _together(port: Port) -> Together[Fact, int]:
    """What the process's handlers tell at the same moment is written in one transaction."""
    found: Together[Fact, int] | None = port.extras.get(EXTRA)
    if found is None:

        async def write(facts: Sequence[Fact]) -> Mapping[Fact, int]:
            return await _write(port, facts)

        found = port.extras[EXTRA] = Together(write)
    return found


async def _write(port: Port, facts: Sequence[Fact], lit: AbstractSet[tuple[str, int]] | None = None) -> Mapping[Fact, int]:
    """`lit`: only the systems that are switched on and told of a record live; all parties without it."""
    at = now()
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        filers = await versions.filers(conn, [f.wanted.record_id for f in facts if f.what != "filed"])
        wanted = {f: replace(f.wanted, filer=filers.get(f.wanted.record_id, f.wanted.filer)) for f in facts}
        found = await subsets.contents(conn, port.vault, wanted.values())
        known = await routes.every(conn)
        told = {fact: list(_told(port, fact, found.get(fact.wanted.mark), known, at, lit)) for fact in facts}
        await deliveries.add(conn, [one for its in told.values() for one in its])
    return {fact: len(its) for fact, its in told.items()}


def _told(
    port: Port, fact: Fact, content: subsets.Content | None, known: Mapping[tuple[str, int, str], Route], at: datetime,
    lit: AbstractSet[tuple[str, int]] | None,
) -> Iterable[Told]:
    if content is None:
        return
    counts = {name: subsets.leaves(value) for name, value in content.values.items()}
    typed = sum(counts.values())
    for connector in telling(content.record):
        if not _tells(connector, fact, live=lit is not None):
            continue
        for org in _receivers(port, connector, content):
            if lit is not None and (connector.code, org) not in lit:
                continue
            who = subsets.party(connector, org, port.orgs.slug(org))
            route = known.get((connector.code, org, content.record))
            if org != fact.by and _leads(connector, route, content) and subsets.concerns(content, who, connector):
                fields = sum(counts.get(name, 0) for name in subsets.names(content, who, connector))
                yield Told(
                    uuid7(), fact.event, connector.code, org, content.record, content.record_id, fact.ref,
                    fact.wanted.version, content.filer, fields, typed, at, content.readers, fact.what,
                )  # fmt: skip


def _tells(connector: type[Connector], fact: Fact, *, live: bool) -> bool:
    """Whether a connector tells of what happened; `live`: to a system that is switched on, or else always."""
    record, moments = fact.wanted.record, getattr(connector, "moments", {})
    usual = fact.what in (*MOMENTS, *moments.get(record, ()))
    lively = live_of(connector).get(record, ())
    return bool(lively) and (usual or fact.what in lively) if live else usual


def _receivers(port: Port, connector: type[Connector], content: subsets.Content) -> Iterable[int]:
    """The readers of a record that a connector leads to. Who did it needs no telling."""
    if connector.org == ANYONE:
        return (org for org in content.readers if org != PLATFORM.org)
    return (org for org in port.orgs.of_kind(connector.org) if org in content.readers)


def _leads(connector: type[Connector], route: Route | None, content: subsets.Content) -> bool:
    """Whether a party's route, or without one its connector, lets a fact through."""
    if route is None:
        return not getattr(connector, "opt_in", False)
    if route.form == NONE:
        return False
    return not route.field or _says(content.values.get(route.field), route.value)


def _says(stated: Any, value: str) -> bool:
    values = stated if isinstance(stated, list | tuple) else [stated]
    return any(str(one).casefold() == value.casefold() for one in values if one is not None)
