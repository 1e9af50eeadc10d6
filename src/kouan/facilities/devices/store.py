"""What is kept of devices beside their records: how each does now, and the accounts of the broker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kouan.facilities.devices import credentials
from kouan.facilities.devices.credentials import Account
from kouan.kernel.database import Connection, Pool
from kouan.kernel.waking import wake

MOST = 20_000
DDL: tuple[str, ...] = (
    """create table if not exists device_state (
        code text primary key, online boolean not null, since timestamptz, seen_at timestamptz, born_at timestamptz,
        died_at timestamptz, why text not null default '', messages bigint not null default 0, readings bigint not null default 0,
        refused jsonb not null default '{}', last jsonb not null default '{}')""",
    """create table if not exists device_account (
        code text primary key, hashed text not null, publish text[] not null, subscribe text[] not null,
        made_at timestamptz not null default now(), made_by text not null)""",
    """create table if not exists device_login (
        code text primary key, wrapped bytea not null, made_at timestamptz not null default now(), made_by text not null)""",
    "grant select, insert, update, delete on device_state, device_account, device_login to kouan_app",
)
_PUT_STATE = """
insert into device_state (code, online, since, seen_at, born_at, died_at, why, messages, readings, refused, last)
select * from unnest($1::text[], $2::bool[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::text[],
  $8::bigint[], $9::bigint[], $10::jsonb[], $11::jsonb[])
on conflict (code) do update set online = excluded.online, since = excluded.since, seen_at = excluded.seen_at,
  born_at = excluded.born_at, died_at = excluded.died_at, why = excluded.why, messages = excluded.messages,
  readings = excluded.readings, refused = excluded.refused, last = excluded.last"""


async def put_states(pool: Pool, rows: Sequence[Sequence[Any]]) -> None:
    """Keep how some devices do; each row in the order of the table's columns."""
    if rows:
        await pool.execute(_PUT_STATE, *(list(column) for column in zip(*rows, strict=True)))


async def states(pool: Pool, codes: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """How devices do, by code; all of them unless some are named."""
    rows = await pool.fetch("select * from device_state where $1::text[] is null or code = any($1)", codes)
    return {row["code"]: dict(row) for row in rows}


async def mark(conn: Connection) -> tuple[Any, ...]:
    """Changes when any device's entry or login does."""
    row = await conn.fetchrow(
        """select count(*) n, coalesce(sum(version), 0) v, (select count(*) from device_login) l,
             (select max(made_at) from device_login) m from r_facilities_devices_device"""
    )
    return tuple(row) if row else ()


async def registered(conn: Connection) -> list[dict[str, Any]]:
    """All devices: content, state, owner's number and reader numbers."""
    rows = await conn.fetch("select id, doc, state, org, readers from r_facilities_devices_device order by seq limit $1", MOST)
    return [dict(row) for row in rows]


async def asked(conn: Connection, limit: int = 200) -> list[dict[str, Any]]:
    """Commands that wait for an answer, the oldest first."""
    sql = "select id, doc, filed_at from r_facilities_devices_command where state = 'asked' order by seq limit $1"
    return [dict(row) for row in await conn.fetch(sql, limit)]


async def give_account(pool: Pool, home: Path, account: Account, by: str) -> datetime:
    """Let an account be the device's only one; answers when it was made."""
    made: datetime = await pool.fetchval(
        """insert into device_account (code, hashed, publish, subscribe, made_by) values ($1, $2, $3, $4, $5)
           on conflict (code) do update set hashed = excluded.hashed, publish = excluded.publish, subscribe = excluded.subscribe,
             made_at = now(), made_by = excluded.made_by returning made_at""",
        account.user, account.hashed, list(account.publish), list(account.subscribe), by,
    )  # fmt: skip
    await write_accounts(pool, home)
    return made


async def take_account(pool: Pool, home: Path, code: str) -> bool:
    """Let a device enter no more; whether it had an account."""
    gone = await pool.fetchval("delete from device_account where code = $1 returning code", code)
    await write_accounts(pool, home)
    return gone is not None


async def give_login(pool: Pool, code: str, wrapped: bytes, by: str) -> None:
    """Let this be how the platform enters a device's own server."""
    sql = """insert into device_login (code, wrapped, made_by) values ($1, $2, $3) on conflict (code) do update set
               wrapped = excluded.wrapped, made_at = clock_timestamp(), made_by = excluded.made_by"""
    await pool.execute(sql, code, wrapped, by)
    await wake(pool)


async def take_login(pool: Pool, code: str) -> None:
    """The platform enters a device's own server as nobody in particular."""
    await pool.execute("delete from device_login where code = $1", code)
    await wake(pool)


async def logins(conn: Connection) -> dict[str, bytes]:
    """The logins as they are kept, by device."""
    return {row["code"]: row["wrapped"] for row in await conn.fetch("select code, wrapped from device_login")}


async def accounts(pool: Pool, codes: Sequence[str]) -> dict[str, datetime]:
    """When the accounts of some devices were made."""
    rows = await pool.fetch("select code, made_at from device_account where code = any($1::text[])", list(codes))
    return {row["code"]: row["made_at"] for row in rows}


async def write_accounts(pool: Pool, home: Path) -> None:
    """State all accounts to the broker; writers take turns, so that the last change stands in the file."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("select pg_advisory_xact_lock(hashtext('device_account'))")
        rows = await conn.fetch("select code, hashed, publish, subscribe from device_account order by code")
        credentials.write(home, [Account(r["code"], r["hashed"], tuple(r["publish"]), tuple(r["subscribe"])) for r in rows])
