"""Reading under a grant: in its owner's scope, within its conditions, its fields, its time, at the caller's own level.

A grant widens no generic door. Every read under a grant, and every try without one, is in the audit before it is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.grant import errors, store
from kouan.base.grant.rules import STATE
from kouan.base.identity.api import KINDS
from kouan.kernel import clock
from kouan.kernel.audit import Entry
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope, set_scope
from kouan.kernel.errors import Denied
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import clearance_for, mask, scope_of, visible
from kouan.kernel.store.ops import Row, encode_cursor
from kouan.kernel.store.shape import opened

ACTION = "shared:read"
RESTRICTED = 3
MOST = 100
"""Grants of one record type that one answer may be made of."""


@dataclass(frozen=True, slots=True)
class Held:
    """A grant in force as its user holds it. `owner`: in whose name it is read."""

    id: UUID
    ref: str
    number: str
    owner: Principal
    where: Mapping[str, str]
    fields: frozenset[str]
    purpose: str

    def shows(self, cls: type[Record], name: str) -> bool:
        """Whether a field of a record type is within the grant."""
        if self.fields:
            return name in self.fields
        return name == STATE or (name in cls.fields and cls.fields[name].level < RESTRICTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of shared records: conditions, whose (slug, "" for all), behind which cursor, how many."""

    where: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    after: str = ""
    limit: int = 50


@dataclass(slots=True)
class _Read:
    """A row with the grants under which it is read."""

    row: Row
    under: list[Held]


def type_named(name: str) -> type[Record]:
    """The record type of a full name that doors read; NotFound otherwise."""
    try:
        cls = record_type(name)
    except KeyError:
        raise errors.unknown_type() from None
    if not cls.facts.http:
        raise errors.unknown_type()
    return cls


async def held(port: Port, who: Principal, cls: type[Record], owner: str = "") -> list[Held]:
    """The grants of a record type under which a caller may read now. Refused when they are too many for one answer."""
    at = clock.now()
    rows = await store.held(port.pool, who.org, who.slug, cls.facts.name, at, MOST * 10)
    found = [one for row in rows if (one := _held(port, row, at)) and owner in ("", one.owner.slug)]
    if len(found) > MOST or (len(rows) == MOST * 10 and not owner):
        raise errors.too_many()
    return found


def _held(port: Port, row: asyncpg.Record, at: datetime) -> Held | None:
    doc = row["doc"]
    begins = doc.get("valid_from")
    owner = owner_of(port, doc["grantor"])
    if owner is None or (begins and datetime.fromisoformat(begins) > at):
        return None
    where = {one["name"]: one["value"] for one in doc.get("where") or ()}
    return Held(row["id"], row["ref"], doc["number"], owner, where, frozenset(doc.get("shows") or ()), doc["purpose"])


def owner_of(port: Port, ref: str) -> Principal | None:
    """An organisation as the one in whose name shared data are read; None when it is unknown or switched off."""
    number = port.orgs.named(ref)
    kind = next((kind for kind in KINDS if number in port.orgs.of_kind(kind)), None)
    if number is None or kind is None:
        return None
    return Principal(number, port.orgs.slug(number), kind, "", frozenset(), clearance=4, grant="shared")


async def page(port: Port, who: Principal, cls: type[Record], asked: Asked, request: str = "") -> dict[str, Any]:
    """A page of what is shared with a caller, the newest first; Denied (`no_grant`) without a grant in force."""
    grants = await held(port, who, cls, asked.owner)
    if not grants:
        raise await refused(port, who, cls, "", request)
    usable = [one for one in grants if all(one.shows(cls, name.partition(".")[0]) for name in asked.where)]
    if not usable:
        raise errors.outside(next(n for n in asked.where if not all(one.shows(cls, n.partition(".")[0]) for one in grants)))
    reads, more = await _gather(port, who, cls, usable, asked)
    items = await _shown(port, who, cls, reads, request, usable)
    last = encode_cursor(None, reads[-1].row.seq) if more and reads else None
    return {"items": items, "next": last}


async def one(port: Port, who: Principal, cls: type[Record], record_id: UUID, request: str = "") -> dict[str, Any]:
    """One shared record; Denied (`no_grant`) when no grant in force covers it, whether it is there or not."""
    grants = await held(port, who, cls)
    reads: list[_Read] = []
    for grant in grants:
        async with scope(port.pool, scope_of(grant.owner), clearance=who.clearance) as conn:
            row = await reading.one(conn, cls, record_id)
            if row is None:
                continue
            query = _query(grant, {"ref": row.ref}, Asked(limit=2))
            if query and any(found.id == record_id for found in (await reading.page(conn, cls, query, port.vault)).rows):
                reads = [_Read(row, [*(reads[0].under if reads else ()), grant])]
    if not reads:
        raise await refused(port, who, cls, str(record_id), request)
    return (await _shown(port, who, cls, reads, request, grants))[0]


async def refused(port: Port, who: Principal, cls: type[Record], record_id: str, request: str) -> Denied:
    """The refusal of a try without a grant, once it is in the audit."""
    reason = f"no_grant {cls.facts.name}"
    await port.audit.write(Entry.of(who, ACTION, "denied", ref=record_id or cls.facts.name, reason=reason, request=request))
    return errors.no_grant(cls)


async def mine(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The grants in force of a caller's organisation, each with its door."""
    at = clock.now()
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.mine(conn, who.slug, at, 500)
    docs = [(row, one) for row in rows if (one := _held(port, row, at))]
    return [
        {
            "id": str(one.id), "number": one.number, "owner": one.owner.slug, "record": row["doc"]["record"],
            "where": row["doc"].get("where") or [], "shows": sorted(one.fields), "purpose": one.purpose,
            "valid_until": row["doc"]["valid_until"], "href": f"/api/shared/{row['doc']['record']}",
        }
        for row, one in docs
    ]  # fmt: skip


def _query(grant: Held, where: Mapping[str, str], asked: Asked) -> reading.Query | None:
    """The owner's query for what a caller asks under a grant; None when the two exclude each other."""
    if any(grant.where.get(name, value) != value for name, value in where.items()):
        return None
    return reading.Query(where, "", asked.after, asked.limit, grant.owner, grant.where, own=True)


async def _gather(
    port: Port, who: Principal, cls: type[Record], grants: Sequence[Held], asked: Asked
) -> tuple[list[_Read], bool]:
    """The newest rows under any of some grants, each once, and whether there are more behind them."""
    found: dict[UUID, _Read] = {}
    more = False
    async with scope(port.pool, (), clearance=who.clearance) as conn:
        for grant in grants:
            if (query := _query(grant, asked.where, asked)) is None:
                continue
            await set_scope(conn, scope_of(grant.owner), clearance=who.clearance)
            got = await reading.page(conn, cls, query, port.vault)
            more = more or got.next is not None
            for row in got.rows:
                found.setdefault(row.id, _Read(row, [])).under.append(grant)
    reads = sorted(found.values(), key=lambda read: -read.row.seq)
    return reads[: asked.limit], more or len(reads) > asked.limit


async def _shown(
    port: Port, who: Principal, cls: type[Record], reads: Sequence[_Read], request: str, asked: Iterable[Held]
) -> list[dict[str, Any]]:
    """Rows as the caller may see them, once their reading is in the audit under each grant."""
    async with port.pool.acquire() as conn:
        contents = await opened(conn, cls, [read.row for read in reads], port.vault)
    out: list[dict[str, Any]] = []
    level: dict[str, int] = {}
    for read, values in zip(reads, contents, strict=True):
        item, highest = _item(port, who, cls, read, values)
        out.append(item)
        for grant in read.under:
            level[grant.ref] = max(level.get(grant.ref, 1), highest)
    port.uses.note(who, cls.facts.name, (read.row.id for read in reads))
    one = f" {reads[0].row.id}" if len(reads) == 1 else ""
    used = [grant for grant in asked if grant.ref in level] or list(asked)[:1]
    count = {grant.ref: sum(grant in read.under for read in reads) for grant in used}
    entries = [
        Entry.of(who, ACTION, "allowed", ref=grant.ref, level=level.get(grant.ref, 1), request=request,
                 reason=f"{cls.facts.name}{one}: {count[grant.ref]}; {grant.number}: {grant.purpose}")
        for grant in used
    ]  # fmt: skip
    await asyncio.gather(*(port.audit.write(entry) for entry in entries))
    return out


def _item(
    port: Port, who: Principal, cls: type[Record], read: _Read, values: Mapping[str, Any]
) -> tuple[dict[str, Any], int]:
    """One row under its grants, and the highest level of what it shows unmasked."""
    row = read.row
    names = {
        name for grant in read.under for name in visible(cls, row.parties, row.org, grant.owner) if grant.shows(cls, name)
    }  # fmt: skip
    data: dict[str, Any] = {}
    masked: list[str] = []
    highest = 1
    for name in (name for name in cls.fields if name in names):
        value, level = values.get(name), cls.fields[name].level
        if value is not None and level > clearance_for(who, row.org):
            masked.append(name)
            value = mask(value)
        elif value is not None:
            highest = max(highest, level)
        data[name] = value
    named = all(part == "@filer" or (part in names and part not in masked) for part in cls.facts.key)
    shows_state = any(grant.shows(cls, STATE) for grant in read.under)
    return {
        "id": str(row.id),
        "record": cls.facts.name,
        "ref": row.ref if named else None,
        "version": row.version,
        "state": row.state if shows_state else None,
        "filed_at": stamp(row.filed_at),
        "filed_by": port.orgs.slug(row.org),
        "updated_at": stamp(row.updated_at),
        "data": data,
        "masked": masked,
        "grants": [grant.number for grant in read.under],
    }, highest
