"""Entitlement by party: who is a reader of a record, in which part, and what that part sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

from kouan.kernel.database import Connection
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Party, Record, type_of_ref
from kouan.kernel.store.ops import Orgs
from kouan.kernel.store.schema import table

EVERYONE = 0
REMEMBERED = 4096


def parties_of(record: Record, filer: int, orgs: Orgs, inherited: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """For each declared party, the organisations that are it for this record.

    `inherited`: readers of the records that `like:` parties refer to, by reference.
    """
    return {party.name: sorted(set(_members(party, record, filer, orgs, inherited))) for party in record.facts.parties}


def _members(
    party: Party, record: Record, filer: int, orgs: Orgs, inherited: Mapping[str, Sequence[int]]
) -> Iterable[int]:
    if party.by == "filer":
        return (filer,)
    if party.by == "everyone":
        return (EVERYONE,)
    how, _, what = party.by.partition(":")
    if how == "kind":
        return orgs.of_kind(what)
    value = getattr(record, what)
    if how == "like":
        return inherited.get(str(value), ())
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(number for v in values if v is not None and (number := orgs.named(str(v))) is not None)


def likes(record: Record) -> list[str]:
    """The references whose readers a record inherits."""
    fields = [p.by.removeprefix("like:") for p in record.facts.parties if p.by.startswith("like:")]
    return [str(value) for name in fields if (value := getattr(record, name)) is not None]


async def inherited(conn: Connection, records: Iterable[Record]) -> dict[str, list[int]]:
    """The readers of the records that some records refer to by their `like:` parties."""
    found: dict[str, list[int]] = {}
    for ref in {ref for record in records for ref in likes(record)}:
        if cls := type_of_ref(ref):
            rows = await conn.fetch(f"select readers from {table(cls)} where ref = $1 limit 20", ref)
            found[ref] = sorted({number for row in rows for number in row["readers"]})
    return found


def readers_of(parties: Mapping[str, Sequence[int]], filer: int) -> list[int]:
    """The reader set kept with the row: all its parties, the filer, and the platform that keeps it."""
    return sorted({PLATFORM.org, filer, *(number for members in parties.values() for number in members)})


def readers_of_fields(record: Record, names: AbstractSet[str], parties: Mapping[str, Sequence[int]], filer: int) -> list[int]:
    """Those readers of a record who see at least one of some fields; a reference is found by no one else."""
    seeing = (p.name for p in record.facts.parties if p.sees == "*" or p.sees & names)
    return sorted({PLATFORM.org, filer, *(number for name in seeing for number in parties.get(name, ()))})


def scope_of(principal: Principal) -> tuple[int, ...]:
    """The organisations whose rows a principal may read."""
    return (EVERYONE, principal.org)


def roles_in(parties: Mapping[str, Sequence[int]], principal: Principal) -> list[str]:
    """Which parties a principal's organisation is for a record."""
    return [name for name, members in parties.items() if principal.org in members or EVERYONE in members]


def visible(
    cls: type[Record], parties: Mapping[str, Sequence[int]], filer: int, principal: Principal
) -> frozenset[str]:
    """The fields that a principal's parties may see; the filer and the platform see all."""
    if principal.org in (filer, PLATFORM.org):
        return _seen(cls, None)
    return _seen(cls, tuple(roles_in(parties, principal)))


@lru_cache(maxsize=REMEMBERED)
def _seen(cls: type[Record], roles: tuple[str, ...] | None) -> frozenset[str]:
    """The fields that some of a record type's parties see together; None: all fields."""
    everything = frozenset(cls.fields)
    if roles is None:
        return everything
    seen: set[str] = set()
    for party in cls.facts.parties:
        if party.name in roles:
            seen |= everything if party.sees == "*" else party.sees
    return frozenset(seen)


def shown(
    cls: type[Record],
    values: Mapping[str, Any],
    parties: Mapping[str, Sequence[int]],
    filer: int,
    principal: Principal,
) -> tuple[dict[str, Any], list[str], bool]:
    """The values that a principal may see, the names that are masked by level, and whether restricted data is shown."""
    fields = visible(cls, parties, filer, principal)
    clearance = clearance_for(principal, filer)
    data: dict[str, Any] = {}
    masked: list[str] = []
    restricted = False
    for name in cls.fields:
        if name not in fields:
            continue
        value = values.get(name)
        if value is not None and cls.fields[name].level > clearance:
            masked.append(name)
            value = mask(value)
        elif value is not None and cls.fields[name].level >= 3:
            restricted = True
        data[name] = value
    return data, masked, restricted


def clearance_for(principal: Principal, filer: int) -> int:
    """The highest level that a principal reads of a record: its own, and at least 3 of what its organisation filed."""
    return max(principal.clearance, 3) if principal.org == filer else principal.clearance


def mask(value: Any) -> str:
    """A value hidden by level: the first character of a text, else stars alone."""
    return f"{value[0]}***" if isinstance(value, str) and len(value) > 2 else "***"
