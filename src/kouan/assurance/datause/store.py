"""What is asked of the record of use and of the security audit; and what the routine checks found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection, Pool

DDL: tuple[str, ...] = (
    """create table if not exists security_check (
        id bigint generated always as identity primary key, at timestamptz not null, code text not null, ok boolean not null,
        found jsonb not null)""",
    "create index if not exists security_check_code on security_check (code, id desc)",
    "revoke all on security_check from kouan_app",
    "grant select, insert on security_check to kouan_app",
)
SAMPLE = 100
_HEAVY = """select account, org, bool_or(service) service from data_use where at >= $1
    group by account, org having sum(n) >= $2 order by sum(n) desc limit 50"""
_TOUCHED = """select u.record, u.door, (count(distinct i) + max(u.unlisted))::int n, min(u.at) first, max(u.at) last
    from data_use u left join unnest(u.ids) i on true where u.account = $1 and u.at >= $2 group by 1, 2 order by n desc, 1, 2"""
# What is not listed may be the same records each time: of each type the most at once.
_DISTINCT = """select (count(*) + (select coalesce(sum(most), 0) from (
        select max(unlisted) most from data_use where account = $1 and at >= $2 group by record) y))::int n,
    (array_agg(i order by i))[:$3] some from (
    select distinct i from data_use u, unnest(u.ids) i where u.account = $1 and u.at >= $2) x"""
_ROWS = """select i id, u.record, min(u.at) first, max(u.at) last, array_agg(distinct u.door) doors
    from data_use u, unnest(u.ids) i where u.account = $1 and u.at >= $2 and u.at < $3 and ($4::uuid is null or i > $4)
    group by i, u.record order by i limit $5"""
_MANY = """select record, door, max(unlisted) n, min(at) first, max(at) last from data_use
    where account = $1 and at >= $2 and at < $3 and unlisted > 0 group by 1, 2 order by 3 desc, 1, 2"""
_READERS = """select id, at, org, account, door, unlisted > 0 and not ids @> array[$1::uuid] as among from data_use
    where (ids @> array[$1::uuid] or (unlisted > 0 and record = $4 and at >= $5 and (org = any($6) or 0 = any($6))))
        and ($2::bigint is null or id < $2) order by id desc limit $3"""
_NOW = """select account, org, sum(n)::int n, min(at) first, max(at) last from data_use
    where at >= $1 and not service group by 1, 2 having sum(n) >= $2"""
_HABIT = """select account, count(distinct (at at time zone $4)::date)::int days,
    array_agg(distinct extract(hour from at at time zone $4)::int) hours
    from data_use where account = any($1) and at >= $2 and at < $3 group by 1"""
_TOP = """select account, org, bool_or(service) service, sum(n)::bigint n, sum(masked)::bigint masked, max(at) last
    from data_use where at >= $1 group by 1, 2 order by n desc limit $2"""
_SUM = """select coalesce(sum(n), 0)::bigint n, coalesce(sum(masked), 0)::bigint masked, count(distinct account)::int accounts
    from data_use where at >= $1"""
_DENIED = """select account, org, action, reason, count(*)::int n, max(at) last from audit
    where outcome = 'denied' and at >= $1 group by 1, 2, 3, 4 order by n desc limit $2"""
_MAY = """select t || ': ' || p from unnest($1::text[]) t, unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) p
    where to_regclass(t) is not null and has_table_privilege('kouan_app', t, p) order by 1"""
_OPEN = """select w.name from unnest($1::text[]) w(name) left join pg_class c on c.oid = to_regclass(w.name)
    where c.relrowsecurity is distinct from true or pg_get_userbyid(c.relowner) = 'kouan_app' order by 1"""
_FREE = "select rolname from pg_roles where rolname in ('kouan_app', 'kouan_signer') and (rolsuper or rolbypassrls) order by 1"
_CHECKS = "select distinct on (code) code, at, ok, found from security_check order by code, id desc"


@dataclass(frozen=True, slots=True)
class Reader:
    """What one account was shown in a span: how many records, at which doors, the first ids of them."""

    account: str
    org: int
    service: bool
    rows: int
    first: datetime
    last: datetime
    doors: tuple[Mapping[str, Any], ...]
    some: tuple[UUID, ...]


async def heavy(conn: Connection, since: datetime, rows: int) -> list[Reader]:
    """The accounts that were shown so many different records since a moment."""
    found = []
    for one in await conn.fetch(_HEAVY, since, rows):
        # What was listed at several doors, or again after a while, is one record: only now is it worth counting so.
        whole = await conn.fetchrow(_DISTINCT, one["account"], since, SAMPLE)
        if whole is None or whole["n"] < rows:
            continue
        doors = await conn.fetch(_TOUCHED, one["account"], since)
        told = tuple({"record": row["record"], "door": row["door"], "rows": row["n"]} for row in doors[:20])
        first, last = min(row["first"] for row in doors), max(row["last"] for row in doors)
        found.append(Reader(one["account"], one["org"], one["service"], whole["n"], first, last, told, tuple(whole["some"] or ())))
    return found


async def rows(pool: Pool, account: str, since: datetime, until: datetime, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """The records that an account was shown in a span, by their number."""
    return list(await pool.fetch(_ROWS, account, since, until, after, limit))


async def many(pool: Pool, account: str, since: datetime, until: datetime) -> list[asyncpg.Record]:
    """What an account's questions went through in a span that is not listed record by record: types and doors, the most at once."""
    return list(await pool.fetch(_MANY, account, since, until))


async def readers(
    pool: Pool, record_id: UUID, before: int | None, limit: int, *, among: tuple[str, datetime, Sequence[int]]
) -> list[asyncpg.Record]:
    """Who was shown a record, the newest first; `among`: also who asked about all of its type, since when, out of which organisations."""
    return list(await pool.fetch(_READERS, record_id, before, limit, *among))


async def present(conn: Connection, since: datetime, rows: int) -> list[asyncpg.Record]:
    """Persons' accounts that were shown so many records since a moment."""
    return list(await conn.fetch(_NOW, since, rows))


async def habits(
    conn: Connection, accounts: Sequence[str], since: datetime, until: datetime, zone: str
) -> dict[str, tuple[int, frozenset[int]]]:
    """For each account on how many days of a span it read, and in which hours of the day (in the port's zone)."""
    found = await conn.fetch(_HABIT, list(accounts), since, until, zone)
    return {row["account"]: (row["days"], frozenset(row["hours"])) for row in found}


async def picture(conn: Connection, since: datetime, most: int) -> dict[str, Any]:
    """Reads and denials since a moment: sums, who reads most, who is denied most."""
    return {
        **dict(await conn.fetchrow(_SUM, since) or {}),
        "top": [dict(row) for row in await conn.fetch(_TOP, since, most)],
        "refused": [dict(row) for row in await conn.fetch(_DENIED, since, most)],
    }  # fmt: skip


async def thin(conn: Connection, before: datetime, evidence: Sequence[str], most: int) -> int:
    """Make counts by day of so many rows before a moment at most, the oldest first; those of some accounts stay. How many it were."""
    return int(await conn.fetchval("select data_use_thin($1, $2, $3)", before, list(evidence), most))


async def tables_open(conn: Connection, tables: Sequence[str]) -> list[str]:
    """Those of some tables that are under no row-level security, or whose owner is the role that serves."""
    return _names(await conn.fetch(_OPEN, list(tables)))


async def may_change(conn: Connection, trails: Sequence[str]) -> list[str]:
    """What the role that serves may do to some tables beside adding to them."""
    return _names(await conn.fetch(_MAY, list(trails)))


async def unbound(conn: Connection) -> list[str]:
    """Those of the roles that serve that row-level security does not bind."""
    return _names(await conn.fetch(_FREE))


def _names(rows: Sequence[asyncpg.Record]) -> list[str]:
    return [str(row[0]) for row in rows]


async def checks(conn: Connection) -> list[asyncpg.Record]:
    """What each routine check found the last time."""
    return list(await conn.fetch(_CHECKS))


async def keep_checks(conn: Connection, at: datetime, found: Mapping[str, Sequence[str]]) -> None:
    """Keep what routine checks found; a check that found nothing is well."""
    said = [(at, code, not faults, list(faults)) for code, faults in found.items()]
    await conn.executemany("insert into security_check (at, code, ok, found) values ($1, $2, $3, $4)", said)
