"""Which grants are in force, asked at every read by one look into an index; and what was read under a grant.

Nothing is remembered between calls, so that a revocation holds at the next call in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from kouan.kernel.database import Connection, Pool

DDL: tuple[str, ...] = (
    "create index if not exists grant_held on r_base_grant_grant (f_grantee, f_record, f_valid_until) where state = 'granted'",
    # One statement, so that row-level security is set and used in one exchange with the database: this is asked at every read.
    """create or replace function grant_held(who int, user_ref text, wanted text, moment timestamptz, most int)
        returns table (id uuid, ref text, doc jsonb) language plpgsql as $f$
    begin
        perform set_config('app.orgs', '0,' || who, true);
        return query select g.id, g.ref, g.doc from r_base_grant_grant g
            where g.f_grantee = user_ref and g.f_record = wanted and g.f_valid_until > moment and g.state = 'granted'
            order by g.f_valid_until desc limit most;
    end $f$""",
)


async def held(source: Pool, org: int, slug: str, record: str, at: datetime, most: int) -> Sequence[asyncpg.Record]:
    """Grants of a record type that an organisation holds at a moment, those that begin later included."""
    return await source.fetch("select * from grant_held($1, $2, $3, $4, $5)", org, f"org:{slug}", record, at, most)


async def mine(conn: Connection, slug: str, at: datetime, most: int) -> Sequence[asyncpg.Record]:
    """All grants in force of the organisation in whose scope the connection reads."""
    sql = """select id, ref, doc from r_base_grant_grant where f_grantee = $1 and f_valid_until > $2 and state = 'granted'
        order by f_record, seq limit $3"""
    return await conn.fetch(sql, f"org:{slug}", at, most)


async def uses(source: Pool, ref: str, after: int | None, limit: int) -> Sequence[asyncpg.Record]:
    """What the audit says was read under a grant, newest first."""
    sql = """select id, at, org, action, outcome, level, reason from audit where ref = $1 and ($2::bigint is null or id < $2)
        order by id desc limit $3"""
    return await source.fetch(sql, ref, after, limit)
