"""Where parties' systems are reached, and since when they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from kouan.kernel.database import Connection

_PUT = """insert into connector_address (connector, org, address, set_by, set_at, readers)
    values ($1, $2, $3, $4, now(), $5)
    on conflict (connector, org) do update set address = $3, set_by = $4, set_at = now(), readers = $5, failures = 0,
      outage_since = null, next_probe = null, last_error = null, checked_at = null, check_failed = null"""
_LINES = """select connector, org, address, outage_since is not null as out from connector_address a
    where (next_probe is null or next_probe <= now()) and (
      select true from delivery d where d.connector = a.connector and d.org = a.org and d.state = 'waiting'
        and d.next_try <= now() and (d.lease_until is null or d.lease_until < now()) limit 1)"""
# Not `exists`: that is planned as a join of all that waits, though nobody may have an address to hand it to.
_AWAY = """update connector_address set failures = failures + 1, outage_since = coalesce(outage_since, now()),
      last_error = $3, next_probe = now()
      + make_interval(secs => least(0.5 * power(2.0, least(failures, 10)), $5) * (0.75 + 0.5 * random()))
    where connector = $1 and org = $2 and address = $4 returning failures"""
LONGEST_PROBE = 5.0
_BACK = """update connector_address a set failures = 0, outage_since = null, next_probe = null, last_ok = now(),
      last_error = null from (select connector, org, outage_since from connector_address
        where connector = $1 and org = $2 for update) b
    where a.connector = b.connector and a.org = b.org returning b.outage_since is not null as was_out"""
_STATES = """select a.connector, a.org, a.address, a.set_at, a.failures, a.outage_since, a.last_ok, a.last_error,
      a.checked_at, a.check_failed, a.next_probe from connector_address a"""
_WAITING = """select connector, org, count(*) filter (where state = 'waiting') as waiting,
      count(*) filter (where state = 'dead') as dead from delivery
    where state in ('waiting', 'dead') group by connector, org"""


async def put(conn: Connection, connector: str, org: int, address: str, by: str, readers: Sequence[int]) -> None:
    """Set a party's address; its outage is forgotten, what waits is tried at once."""
    await conn.execute(_PUT, connector, org, address, by, list(readers))
    await conn.execute(
        "update delivery set next_try = now() where connector = $1 and org = $2 and state = 'waiting'", connector, org
    )


async def of(conn: Connection, connector: str, org: int) -> Sequence[asyncpg.Record]:
    """The address of one organisation's system, if it has one."""
    return await conn.fetch("select address from connector_address where connector = $1 and org = $2", connector, org)


async def drop(conn: Connection, connector: str, org: int) -> bool:
    """Forget a party's address; False when there was none."""
    sql = "delete from connector_address where connector = $1 and org = $2 returning org"
    return await conn.fetchval(sql, connector, org) is not None


async def lines(conn: Connection) -> Sequence[asyncpg.Record]:
    """Parties that may be tried now and have something due."""
    return await conn.fetch(_LINES)


async def switched_on(conn: Connection, connectors: Sequence[str]) -> frozenset[tuple[str, int]]:
    """Connector and organisation of the systems that have an address, of some connectors."""
    rows = await conn.fetch("select connector, org from connector_address where connector = any($1)", list(connectors))
    return frozenset((row["connector"], row["org"]) for row in rows)


async def away(conn: Connection, connector: str, org: int, address: str, error: str) -> bool:
    """A party did not answer at that address: it is asked again after a pause that doubles, up to five seconds, give or
    take a quarter. False when it is meanwhile reached elsewhere."""
    return await conn.fetchval(_AWAY, connector, org, error, address, LONGEST_PROBE) is not None


async def back(conn: Connection, connector: str, org: int) -> bool:
    """A party answered; whether it was away before."""
    return bool(await conn.fetchval(_BACK, connector, org))


async def states(conn: Connection) -> Sequence[asyncpg.Record]:
    """All addresses in the connection's scope, with how they do."""
    return await conn.fetch(_STATES)


async def waiting(conn: Connection) -> dict[tuple[str, int], tuple[int, int]]:
    """How much waits for each party, and how much is dead, in the connection's scope."""
    return {(r["connector"], r["org"]): (r["waiting"], r["dead"]) for r in await conn.fetch(_WAITING)}


async def checked(conn: Connection, connector: str, org: int, failed: Mapping[str, Any] | None) -> None:
    """Note what a check found: None when the party's system answers."""
    await conn.execute(
        "update connector_address set checked_at = now(), check_failed = $3 where connector = $1 and org = $2",
        connector, org, failed,
    )  # fmt: skip
