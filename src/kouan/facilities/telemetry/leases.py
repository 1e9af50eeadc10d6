"""Who does what among several processes of the stream: leases in PostgreSQL, renewed each second, taken over when they run out.

A process that was killed on this machine is known to be gone at once, one that hangs after `HELD` seconds. While the
database is away nobody can take a lease, so whoever holds one goes on.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kouan.facilities.telemetry.reader import Place
from kouan.kernel.database import Connection, Pool

HELD = 4.0
PICTURE, WATCH = "picture", "watch"
"""What one process alone does: keep the picture (of `kouan stream`), run the watchers (of `kouan watch`)."""
PARTS = {PICTURE: "stream", WATCH: "watch"}
MISSED = 3.0
"""Seconds after a lease ran out, and nobody took it, from which on it is said that what it stands for is not done."""
DDL: tuple[str, ...] = (
    """create table if not exists telemetry_lease (
        name text primary key, owner text not null, until timestamptz not null,
        stream bigint not null default 0, number bigint not null default 0)""",
    """create table if not exists telemetry_worker (owner text primary key, until timestamptz not null)""",
    "alter table telemetry_worker add column if not exists told jsonb not null default '{}'",
    "alter table telemetry_worker add column if not exists keeps boolean not null default true",
    "grant select, insert, update, delete on telemetry_lease, telemetry_worker to kouan_app",
)
_TAKE = """
insert into telemetry_lease (name, owner, until) values ($1, $2, now() + $3 * interval '1 second')
on conflict (name) do update set owner = excluded.owner, until = excluded.until
where telemetry_lease.owner = $2 or telemetry_lease.until < now() or telemetry_lease.owner = any($4::text[])
returning stream, number"""
_RENEW = """
with me as (insert into telemetry_worker (owner, until, told, keeps) values ($1, now() + $2 * interval '1 second', $3, $4)
    on conflict (owner) do update set until = excluded.until, told = excluded.told),
  mine as (update telemetry_lease set until = now() + $2 * interval '1 second',
      stream = case when name = $7 and $5::bigint > 0 then $5 else stream end,
      number = case when name = $7 and $5::bigint > 0 then $6 else number end
    where owner = $1 returning name)
select array(select name from mine) as mine, array(select owner from telemetry_worker where owner <> $1) as others,
  (select count(*)::int from telemetry_worker where keeps and owner <> $1) + $4::int as keepers,
  exists (select from telemetry_worker where until < now() and owner <> $1) as late"""


def myself() -> str:
    """A name that tells this run of this process from every other, and by which others of this machine see that it is gone."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}:{secrets.token_hex(3)}"


@dataclass(slots=True)
class Leases:
    """The leases of one process: `lead`, which one process has of all that ask for it, and partitions, which they share."""

    pool: Pool
    lead: str
    parts: tuple[str, ...] = ()
    owner: str = field(default_factory=myself)
    held: dict[str, Place] = field(default_factory=dict)

    async def round(self, place: Place, told: Mapping[str, Any]) -> None:
        """Renew what is held, give back what is more than a fair share, take what is free.

        `place`: how far the leading process is; `told`: what this process says of itself.
        Raises what the database raises; what is held stays held then.
        """
        async with self.pool.acquire() as conn:
            now = await conn.fetchrow(
                _RENEW, self.owner, HELD, dict(told), bool(self.parts), place.stream, place.number, self.lead
            )
            assert now is not None
            share = -(-len(self.parts) // max(now["keepers"], 1))
            held = {name: known for name, known in self.held.items() if name in now["mine"]}
            gone = [owner for owner in now["others"] if dead(owner)]
            # Nobody came or went, and all that is due to this process is its own: that is all there is to do.
            if gone or now["late"] or self.lead not in held or len(held) - 1 != share:
                async with conn.transaction():
                    await self._divide(conn, held, gone)
        self.held = held

    async def _divide(self, conn: Connection, held: dict[str, Place], gone: list[str]) -> None:
        """Forget who is gone, give back what is more than a fair share, take what is free."""
        await conn.execute("delete from telemetry_worker where until < now() or owner = any($1::text[])", gone)
        keepers = await conn.fetchval("select count(*) from telemetry_worker where keeps")
        share = -(-len(self.parts) // max(keepers, 1))
        await self._share(conn, held, share)
        for name in (self.lead, *self.parts):
            parts = sum(1 for known in held if known != self.lead)
            if name not in held and (name == self.lead or parts < share):
                row = await conn.fetchrow(_TAKE, name, self.owner, HELD, gone)
                if row is not None:
                    held[name] = Place(row["stream"], row["number"])

    async def release(self) -> None:
        """Give everything back, so that others need not wait."""
        await self.pool.execute("delete from telemetry_worker where owner = $1", self.owner)
        await self.pool.execute(
            "update telemetry_lease set until = now() - interval '1 second' where owner = $1", self.owner
        )
        self.held = {}

    async def _share(self, conn: Connection, held: dict[str, Place], share: int) -> None:
        parts = [name for name in sorted(held) if name != self.lead]
        for name in parts[share:]:
            await conn.execute(
                "update telemetry_lease set until = now() - interval '1 second' where name = $1 and owner = $2",
                name,
                self.owner,
            )
            del held[name]


async def poor(conn: Connection) -> str:
    """What hangs, of what one process does alone: "stream" or "watch"; "" while all is well, or nobody ever did it."""
    row = await conn.fetchrow(
        "select name from telemetry_lease where name = any($1) and until < now() - $2 * interval '1 second' order by name limit 1",
        list(PARTS), MISSED,
    )  # fmt: skip
    return PARTS[row["name"]] if row else ""


async def workers(pool: Pool) -> list[dict[str, Any]]:
    """The processes of the stream that are there now, with what they say of themselves."""
    rows = await pool.fetch("select owner, told from telemetry_worker where until > now() order by owner")
    return [{"owner": row["owner"], **row["told"]} for row in rows]


def _started(pid: int) -> str:
    """When a process of this machine began, in ticks since boot; "" when it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def dead(owner: str) -> bool:
    """Whether a process that named itself so ran on this machine and has ended."""
    host, pid, started, _ = (*owner.split(":"), "", "", "", "")[:4]
    return host == socket.gethostname() and pid.isdecimal() and _started(int(pid)) != started
