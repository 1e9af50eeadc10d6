"""The full record of use: who was shown which records and fields, when, at which door; and the entries of the audit beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kouan.assurance.datause import store_uses as store
from kouan.assurance.datause.store_uses import Kind, Wanted
from kouan.base.identity.api import clearances
from kouan.base.trace.api import resolve
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import ADMINS, PLATFORM, Principal
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import clearance_for, scope_of, visible
from kouan.kernel.store.finding import by_ids
from kouan.kernel.store.ops import Row

TOKEN = re.compile(r"(?<![A-Z0-9_])T_[A-Z2-7]{26}(?![A-Z0-9])")
MOST_RECORDS, MOST_DAYS, MOST_FILE = 500, 200, 100_000
"""Records whose uses are looked for at once; days of thinned counts in one answer; rows of a file."""
HEADS = ("at", "organisation", "account", "kind", "record", "record_id", "door", "records_in_question", "masked_in_line", "not_listed")


async def meant(port: Port, text: str) -> tuple[str, tuple[str, ...], tuple[UUID, ...]]:
    """What a reference in any spelling stands for: how it is shown, the references it means, and the newest records that name or mention
    them. A person's stands as its token."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        shown, refs = await resolve(conn, port, text)
        return shown, tuple(refs), await store.naming(conn, refs, MOST_RECORDS) if refs else ()


async def uses(port: Port, wanted: Wanted, before: int | None, limit: int) -> dict[str, Any]:
    """Lines of the record of use, the newest first; with the first page also counts by day of what was thinned."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await store.lines(conn, wanted, before, limit)
        days = await store.thinned(conn, wanted, MOST_DAYS) if before is None else []
    items = [_line(port, dict(row)) | {"hit": row["hit"]} for row in rows]
    told = [{**dict(row), "day": row["day"].isoformat(), "org": port.orgs.slug(row["org"])} for row in days]
    return {"items": items, "days": told, "next": rows[-1]["id"] if len(rows) == limit else None}


def _line(port: Port, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("id", "account", "service", "record", "door", "masked", "unlisted")}
    return {**told, "at": stamp(row["at"]), "org": port.orgs.slug(row["org"]), "rows": row["n"]}


async def table(port: Port, wanted: Wanted) -> list[list[Any]]:
    """The same as rows of a file, one for each record that was shown."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await store.spread(conn, wanted, MOST_FILE)
    return [
        [stamp(row["at"]), port.orgs.slug(row["org"]), row["account"], "system" if row["service"] else "person", row["record"],
         str(row["record_id"] or ""), row["door"], row["n"], row["masked"], row["unlisted"]] for row in rows
    ]  # fmt: skip


async def within(port: Port, who: Principal, use: int, after: UUID | None, limit: int) -> dict[str, Any]:
    """The records of a line, each with its fields of levels 2-4 that the reader is shown, and which of them masked.

    They follow from what is declared and from the reader's clearance as these are now: the record of use keeps no values. A record's
    reference and its page are told to whom its row may be shown. Raises NotFound.
    """
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        row = await store.line(conn, use)
        if row is None:
            raise NotFound(MISSING)
        ids = sorted(id_ for id_ in row["ids"] if after is None or id_ > after)[:limit]
        cls = next((one for one in record_types() if one.facts.name == row["record"]), None)
        found = await by_ids(conn, cls, ids) if cls else []
        known = await clearances(conn, [row["account"]])
    open_to = await _open_to(port, who, cls, ids) if cls else {}
    reader = Principal(row["org"], port.orgs.slug(row["org"]), "", row["account"], frozenset(), clearance=known.get(row["account"], 1))
    by_id = {one.id: one for one in found}
    items = [
        {"id": str(id_), "ref": open_to.get(id_), "kept": id_ in by_id,
         "fields": _fields(cls, by_id[id_], reader) if cls and id_ in by_id else []} for id_ in ids
    ]  # fmt: skip
    return {"use": _line(port, dict(row)), "clearance": known.get(row["account"]), "items": items,
            "next": str(ids[-1]) if len(ids) == limit else None}  # fmt: skip


async def _open_to(port: Port, who: Principal, cls: type[Record], ids: Sequence[UUID]) -> dict[UUID, str]:
    """References of those records that the caller's own organisation reads; none for administrators."""
    if who.roles <= ADMINS:
        return {}
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        return {row.id: row.ref for row in await by_ids(conn, cls, ids)}


def _fields(cls: type[Record], row: Row, reader: Principal) -> list[dict[str, Any]]:
    clearance, seen = clearance_for(reader, row.org), visible(cls, row.parties, row.org, reader)
    there = [(name, facts) for name, facts in cls.fields.items() if name in seen and (name in row.sealed or row.doc.get(name) is not None)]
    return [{"name": name, "title": facts.title.out(), "level": facts.level, "masked": facts.level > clearance}
            for name, facts in sorted(there, key=lambda one: -one[1].level) if facts.level > 1]  # fmt: skip


def _token_in(ref: str) -> str | None:
    """The person's token that a reference holds, without the rest of it, which is business data."""
    found = TOKEN.search(ref)
    return f"person:{found.group()}" if found else None


async def trail(port: Port, who: Principal, kind: Kind, wanted: Wanted, before: int | None, limit: int) -> dict[str, Any]:
    """Entries of the security audit of a kind, the newest first. What they are about is told to audit administrators, and otherwise as
    far as it is a person's token."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await store.trail(conn, kind, wanted, before, limit)
    whole = "audit-admin" in who.roles
    items = [
        {"id": row["id"], "at": stamp(row["at"]), "org": port.orgs.slug(row["org"]) if row["org"] else "", "account": row["account"],
         "action": row["action"], "level": row["level"], "outcome": row["outcome"], "reason": row["reason"],
         "ref": row["ref"] if whole else _token_in(row["ref"])} for row in rows
    ]  # fmt: skip
    return {"items": items, "next": rows[-1]["id"] if len(rows) == limit else None}
