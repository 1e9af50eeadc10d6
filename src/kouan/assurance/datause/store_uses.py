"""What is asked of the record of use line by line and in sums; of the audit beside it; of keys and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

By = Literal["hour", "day", "org", "account", "record", "door"]
Kind = Literal["restricted", "denied", "erasure", "watching"]
RESTRICTED = "outcome = 'allowed' and level >= 3 and position(':' in action) > 0"
"""Entries of the audit about data of levels 3-4 that were shown or handed over: their actions name what was read, a colon, and how."""
_USE_KEYS = {
    "hour": "date_trunc('hour', at, {zone})", "day": "date_trunc('day', at, {zone})", "org": "org", "account": "account",
    "record": "record", "door": "door",
}  # fmt: skip
_USED = """max(org) org, bool_or(service) service, sum(n)::bigint n, sum(masked)::bigint masked, count(distinct account)::int accounts,
    max(at) last"""
_AUDITED = f"""max(org) org, count(*) filter (where {RESTRICTED})::int restricted, count(*) filter (where outcome = 'denied')::int denied,
    max(at) last"""
_AUDIT_KEYS = {**_USE_KEYS, "record": "split_part(action, ':', 1)"}
_KINDS = {
    "restricted": RESTRICTED, "denied": "outcome = 'denied'", "erasure": "action in ('erase', 'erase.examine')",
    "watching": "action like 'datause.%'",
}  # fmt: skip
# A record that one of the references names may be among those that a question went through without a list.
_AMONG = """unlisted > 0 and exists (select from ref r where r.record_id = any({ids}) and r.record = data_use.record and r.at <= data_use.at
    and (data_use.org = any(r.readers) or 0 = any(r.readers)))"""
_DAYS = """select day, org, account, service, record, door, rows, n, masked from data_use_day
    where day >= ($1::timestamptz at time zone 'UTC')::date and day <= ($2::timestamptz at time zone 'UTC')::date
        and ($3::int is null or org = $3) and ($4::text is null or account = $4) and ($5::text is null or record = $5)
        and ($6::text is null or door = $6) order by day desc, n desc limit $7"""
_NAMING = "select distinct record_id from ref where ref = any($1) order by record_id desc limit $2"
_LINE = "select id, at, org, account, service, record, door, ids, n, masked, unlisted from data_use where id = $1"
_HELD = "select split_part(subject, ':', 1) kind, count(*)::int n from subject_key group by 1 order by 2 desc, 1"
_ERASED = "select split_part(subject, ':', 1) kind, count(*)::int n, max(at) last from erased_subject group by 1 order by 2 desc, 1"
_TOKENS = """with told as (select distinct ref, record from ref where ref >= $1 and ref < $2 order by ref limit $3),
    spread as (select ref, record, count(*) over (partition by ref) types from told)
    select record, count(*)::int tokens, count(*) filter (where types > 1)::int joined from spread group by 1
    union all
    select '', count(distinct ref)::int, count(distinct ref) filter (where types > 1)::int from spread"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which uses are asked for: a span (UTC), and what narrows it. `ids`: uses of these records; `refs`: audit entries about these."""

    since: datetime
    until: datetime
    org: int | None = None
    account: str | None = None
    record: str | None = None
    door: str | None = None
    ids: tuple[UUID, ...] | None = None
    refs: tuple[str, ...] = ()


class _Where:
    """Conditions with their values."""

    def __init__(self, wanted: Wanted) -> None:
        self.values: list[Any] = []
        self.parts = [f"at >= {self.bind(wanted.since)}", f"at < {self.bind(wanted.until)}"]

    def bind(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def equal(self, **wanted: Any) -> None:
        self.parts += [f"{name} = {self.bind(value)}" for name, value in wanted.items() if value is not None]

    def __str__(self) -> str:
        return " and ".join(self.parts)


def _uses(wanted: Wanted) -> tuple[_Where, str]:
    """Conditions on the record of use, and how many of the wanted records a line lists (NULL where none are named)."""
    where = _Where(wanted)
    where.equal(org=wanted.org, account=wanted.account, record=wanted.record, door=wanted.door)
    if wanted.ids is None:
        return where, "null::int"
    ids = f"{where.bind(list(wanted.ids))}::uuid[]"
    where.parts.append(f"(ids && {ids} or ({_AMONG.format(ids=ids)}))")
    return where, f"cardinality(array(select unnest(ids) intersect select unnest({ids})))"


def _sql(columns: str, table: str, where: _Where, tail: str) -> str:
    """A statement of fragments of this file; whatever a caller says stands in its values."""
    return f"select {columns} from {table} where {where} {tail}"  # noqa: S608 - fragments of this file


def _trail(wanted: Wanted) -> _Where:
    where = _Where(wanted)
    where.equal(org=wanted.org, account=wanted.account)
    if wanted.record is not None:
        where.parts.append(f"split_part(action, ':', 1) = {where.bind(wanted.record)}")
    if wanted.refs:
        where.parts.append(f"ref = any({where.bind(list(wanted.refs))}::text[])")
    return where


async def used(conn: Connection, wanted: Wanted, by: By | None, zone: str, most: int) -> list[asyncpg.Record]:
    """Sums of records shown and masked by a key, the largest first; all in one sum without a key."""
    where, _ = _uses(wanted)
    key = _USE_KEYS[by].format(zone=where.bind(zone)) if by in ("hour", "day") else (_USE_KEYS[by] if by else "''")
    columns = f"{key} k, {_USED}"
    return list(await conn.fetch(_sql(columns, "data_use", where, f"group by 1 order by n desc limit {int(most)}"), *where.values))


async def audited(conn: Connection, wanted: Wanted, by: By | None, zone: str, most: int) -> list[asyncpg.Record]:
    """Numbers of restricted reads and of denials by a key; the audit knows no doors by which it could be grouped."""
    if by == "door" or wanted.door is not None:
        return []
    where = _trail(wanted)
    key = _AUDIT_KEYS[by].format(zone=where.bind(zone)) if by in ("hour", "day") else (_AUDIT_KEYS[by] if by else "''")
    where.parts.append(f"(outcome = 'denied' or {RESTRICTED})")
    tail = f"group by 1 order by restricted desc, denied desc limit {int(most)}"
    return list(await conn.fetch(_sql(f"{key} k, {_AUDITED}", "audit", where, tail), *where.values))


async def lines(conn: Connection, wanted: Wanted, before: int | None, limit: int) -> list[asyncpg.Record]:
    """Lines of the record of use, the newest first; `hit`: how many of the wanted records a line lists, 0 where they are only among very
    many. The connection must be able to read every row."""
    where, hit = _uses(wanted)
    if before is not None:
        where.parts.append(f"id < {where.bind(before)}")
    columns = f"id, at, org, account, service, record, door, n, masked, unlisted, {hit} hit"
    return list(await conn.fetch(_sql(columns, "data_use", where, f"order by id desc limit {int(limit)}"), *where.values))


async def spread(conn: Connection, wanted: Wanted, limit: int) -> list[asyncpg.Record]:
    """The same, one row for each record that a line lists (without a number where it lists none)."""
    where, _ = _uses(wanted)
    if wanted.ids is not None:
        where.parts.append(f"(i is null or i = any({where.bind(list(wanted.ids))}::uuid[]))")
    columns, tail = "at, org, account, service, record, door, masked, unlisted, n, i record_id", f"order by id desc, i limit {int(limit)}"
    return list(await conn.fetch(_sql(columns, "data_use left join unnest(ids) i on true", where, tail), *where.values))


async def line(conn: Connection, use: int) -> asyncpg.Record | None:
    """One line with the records that it lists."""
    return await conn.fetchrow(_LINE, use)


async def thinned(conn: Connection, wanted: Wanted, limit: int) -> list[asyncpg.Record]:
    """Counts by day of what was thinned; none for single records, whose numbers are gone by then."""
    if wanted.ids is not None:
        return []
    told = (wanted.since, wanted.until, wanted.org, wanted.account, wanted.record, wanted.door, limit)
    return list(await conn.fetch(_DAYS, *told))


async def trail(conn: Connection, kind: Kind, wanted: Wanted, before: int | None, limit: int) -> list[asyncpg.Record]:
    """Entries of the security audit of a kind, the newest first."""
    where = _trail(wanted)
    where.parts.append(_KINDS[kind])
    if before is not None:
        where.parts.append(f"id < {where.bind(before)}")
    columns = "id, at, org, account, action, ref, level, outcome, reason"
    return list(await conn.fetch(_sql(columns, "audit", where, f"order by id desc limit {int(limit)}"), *where.values))


async def naming(conn: Connection, refs: Sequence[str], most: int) -> tuple[UUID, ...]:
    """The newest records that some references name or that mention them. The connection must be able to read every row."""
    return tuple(row["record_id"] for row in await conn.fetch(_NAMING, list(refs), most))


async def keys(conn: Connection) -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
    """Keys of subjects that are held, and subjects erased, by kind of reference."""
    return list(await conn.fetch(_HELD)), list(await conn.fetch(_ERASED))


async def tokens(conn: Connection, kind: str, most: int) -> list[asyncpg.Record]:
    """In how many record types the tokens of a personal kind stand, and how many of them in more than one; the row without a record type
    is of all. Of the first `most` pairs of token and type."""
    return list(await conn.fetch(_TOKENS, f"{kind}:T_", f"{kind}:T`", most))
