"""Tokens, sessions and sign-ins under way: kept by the SHA-256 of a random secret, never by the secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from kouan.base.identity.records import Session, Token
from kouan.base.identity.store import rows
from kouan.kernel.database import Connection, Pool

Source = Connection | Pool

_BEARER = """select t.id as credential, t.roles as narrowed, t.scopes, t.expires, t.last_used as seen,
        a.id as account, a.name, a.title, a.roles, a.clearance, a.kind as account_kind, o.id as org, o.slug, o.kind,
        o.title as org_title
    from token t join account a on a.id = t.account join organisation o on o.id = a.org
    where t.hash = $1 and t.revoked is null and t.expires > $2 and a.active and o.active"""
_BROWSER = """select s.id as credential, s.roles as narrowed, '{}'::text[] as scopes, s.expires, s.seen,
        a.id as account, a.name, a.title, a.roles, a.clearance, a.kind as account_kind, o.id as org, o.slug, o.kind,
        o.title as org_title
    from session s join account a on a.id = s.account join organisation o on o.id = a.org
    where s.hash = $1 and s.expires > $2 and s.seen > $3 and a.active and o.active and not a.must_change"""
_ISSUE = """insert into token (account, hash, name, roles, scopes, expires) values ($1, $2, $3, $4, $5, $6)
    returning *"""
_ISSUED = "select * from token where account = $1 order by created desc, id limit 200"
_ONE = "select * from token where id = $1"
_REVOKE = "update token set revoked = $2 where id = $1 and revoked is null"
_REVOKE_ALL = "update token set revoked = $2 where account = $1 and revoked is null"
_USED = """update token t set last_used = greatest(t.last_used, x.at)
    from unnest($1::bytea[], $2::timestamptz[]) x (hash, at) where t.hash = x.hash"""
_OPEN = (
    """insert into session (hash, account, roles, via, created, seen, expires) values ($1, $2, $3, $4, $5, $5, $6)"""
)
_OPENED = "select * from session where account = $1 and expires > $2 order by created desc limit 200"
_END = "delete from session where hash = $1"
_END_ONE = "delete from session where id = $1 and account = $2"
_END_ALL = "delete from session where account = $1 and ($2::bytea is null or hash <> $2)"
_SEEN = """update session s set seen = greatest(s.seen, x.at) from unnest($1::bytea[], $2::timestamptz[]) x (hash, at)
    where s.hash = x.hash"""
_PRUNE = "delete from session where expires < $1"
_FLOW = """insert into signin_flow (hash, state, nonce, verifier, next, expires)
    select $1, $2, $3, $4, $5, $6 where (select count(*) from signin_flow) < $7"""
_TAKE_FLOW = "delete from signin_flow where hash = $1 returning state, nonce, verifier, next, expires"
_PRUNE_FLOWS = "delete from signin_flow where expires < $1"


class Flow(NamedTuple):
    """A sign-in that went to the identity provider and has not come back. `expires` is UTC."""

    state: str
    nonce: str
    verifier: str
    next: str
    expires: datetime


async def of_token(source: Source, digest: bytes, at: datetime) -> asyncpg.Record | None:
    """Token, account and organisation behind a digest, when all three hold at a moment."""
    return await source.fetchrow(_BEARER, digest, at)


async def of_session(source: Source, digest: bytes, at: datetime, seen_after: datetime) -> asyncpg.Record | None:
    """Session, account and organisation behind a digest, when all three hold and it was seen lately."""
    return await source.fetchrow(_BROWSER, digest, at, seen_after)


async def add_token(
    conn: Connection, account: UUID, digest: bytes, name: str, *,
    roles: Sequence[str] | None, scopes: Sequence[str], expires: datetime,
) -> Token:  # fmt: skip
    """A new token of an account; `roles` None means those of the account, whatever they become."""
    stated = None if roles is None else list(roles)
    row = await conn.fetchrow(_ISSUE, account, digest, name, stated, list(scopes), expires)
    assert row is not None
    return rows.token(row)


async def tokens(source: Source, account: UUID) -> list[Token]:
    """The tokens of an account, newest first."""
    return [rows.token(row) for row in await source.fetch(_ISSUED, account)]


async def token(source: Source, number: UUID) -> Token | None:
    """One token."""
    row = await source.fetchrow(_ONE, number)
    return rows.token(row) if row else None


async def revoke_token(conn: Connection, number: UUID, at: datetime) -> None:
    """End one token."""
    await conn.execute(_REVOKE, number, at)


async def revoke_all(conn: Connection, account: UUID, at: datetime) -> None:
    """End all tokens and sessions of an account."""
    await conn.execute(_REVOKE_ALL, account, at)
    await conn.execute(_END_ALL, account, None)


async def add_session(
    conn: Connection,
    digest: bytes,
    account: UUID,
    via: str,
    *,
    roles: Sequence[str] | None,
    at: datetime,
    expires: datetime,
) -> None:
    """A new session; `roles` narrows those of the account. Expired ones are cleared away at the same time."""
    await conn.execute(_PRUNE, at)
    await conn.execute(_OPEN, digest, account, None if roles is None else list(roles), via, at, expires)


async def sessions(source: Source, account: UUID, at: datetime) -> list[Session]:
    """The sessions of an account that have not expired, newest first."""
    return [rows.session(row) for row in await source.fetch(_OPENED, account, at)]


async def end_session(conn: Connection, digest: bytes) -> None:
    """Sign a session out."""
    await conn.execute(_END, digest)


async def end_one_session(conn: Connection, number: UUID, account: UUID) -> bool:
    """Sign one session of an account out; False when it has none of that number."""
    return await conn.execute(_END_ONE, number, account) == "DELETE 1"


async def end_sessions(conn: Connection, account: UUID, *, but: bytes | None = None) -> None:
    """Sign out all sessions of an account, or all but one."""
    await conn.execute(_END_ALL, account, but)


async def touch(source: Source, used_tokens: Mapping[bytes, datetime], seen_sessions: Mapping[bytes, datetime]) -> None:
    """Keep when tokens and sessions were used last. This raises no epoch."""
    for query, moments in ((_USED, used_tokens), (_SEEN, seen_sessions)):
        if moments:
            digests = sorted(moments)
            await source.execute(query, digests, [moments[digest] for digest in digests])


async def add_flow(source: Source, digest: bytes, flow: Flow, at: datetime, limit: int) -> bool:
    """Remember a sign-in under way; False when `limit` of them are under way already."""
    await source.execute(_PRUNE_FLOWS, at)
    return await source.execute(_FLOW, digest, *flow, limit) == "INSERT 0 1"


async def take_flow(source: Source, digest: bytes) -> Flow | None:
    """The sign-in under way behind a digest, which ends with this."""
    row = await source.fetchrow(_TAKE_FLOW, digest)
    return Flow(*row) if row else None
