"""Refused bodies set aside for their sender: sealed under a key of their own, capped for each organisation, expiring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.principal import PLATFORM
from kouan.kernel.suites.suite import Unopened
from kouan.kernel.vault import Vault

_INSERT = """insert into quarantine (id, org, at, format, size, sealed, problem, expires, readers)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_LIST = """select id, at, format, size, problem, expires, sealed = ''::bytea erased from quarantine where org = $1
    order by at desc, id desc limit $2"""
_SURPLUS = """select id from (
      select id, row_number() over newest as number, sum(size) over newest as bytes from quarantine where org = $1
      window newest as (order by at desc, id desc)) kept
    where number > $2 or (bytes > $3 and number > 1)"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused body to be set aside."""

    id: UUID
    org: int
    at: datetime
    expires: datetime
    format: str
    body: bytes
    problem: Mapping[str, Any]


def _subject(refusal: UUID) -> str:
    return f"quarantine:{refusal}"


async def keep(conn: Connection, vault: Vault, refusal: Refusal) -> None:
    """Set a body aside in the caller's transaction."""
    subject = _subject(refusal.id)
    keys = await vault.subject_keys(conn, [subject], create=True)
    sealed = keys[subject].seal(refusal.body, refusal.id.bytes)
    await conn.execute(
        _INSERT, refusal.id, refusal.org, refusal.at, refusal.format, len(refusal.body), sealed, refusal.problem,
        refusal.expires, [PLATFORM.org, refusal.org],
    )  # fmt: skip


async def held(conn: Connection, org: int, most: int) -> Sequence[asyncpg.Record]:
    """What is set aside for an organisation, newest first, without the bodies."""
    return await conn.fetch(_LIST, org, most)


async def is_erased(conn: Connection, org: int, refusal: UUID) -> bool:
    """Whether a refusal stands, but its content was erased by law."""
    sql = "select sealed = ''::bytea from quarantine where id = $1 and org = $2"
    return bool(await conn.fetchval(sql, refusal, org))


async def body(conn: Connection, vault: Vault, org: int, refusal: UUID) -> tuple[str, bytes] | None:
    """Format and body as it was posted; None when there is none of that number, or its key is gone."""
    row = await conn.fetchrow("select format, sealed from quarantine where id = $1 and org = $2", refusal, org)
    subject = _subject(refusal)
    keys = await vault.subject_keys(conn, [subject], create=False)
    if row is None or subject not in keys:
        return None
    try:
        return row["format"], keys[subject].open(row["sealed"], refusal.bytes)
    except Unopened:
        return None


async def behind(conn: Connection, after: UUID, most: int) -> list[UUID]:
    """The next refusals of all organisations in the connection's scope, by number."""
    rows = await conn.fetch("select id from quarantine where id > $1 order by id limit $2", after, most)
    return [row["id"] for row in rows]


async def whole(conn: Connection, vault: Vault, refusal: UUID) -> tuple[bytes | None, Any] | None:
    """A refusal's body, None where its key is gone, and its problem; None when it was dropped meanwhile. Locked."""
    row = await conn.fetchrow("select sealed, problem from quarantine where id = $1 for update", refusal)
    if row is None:
        return None
    subject = _subject(refusal)
    key = (await vault.subject_keys(conn, [subject], create=False)).get(subject)
    try:
        return (key.open(row["sealed"], refusal.bytes) if key and row["sealed"] else None), row["problem"]
    except Unopened:
        return None, row["problem"]


async def erase(conn: Connection, refusal: UUID, problem: Any) -> None:
    """Destroy a body, its key and the answer that it was given; the refusal stays with the reason that is given here."""
    await conn.execute("update quarantine set sealed = ''::bytea, problem = $2 where id = $1", refusal, problem)
    await conn.execute("delete from subject_key where subject = $1", _subject(refusal))
    await conn.execute("delete from message_answer where receipt = $1", refusal)


async def surplus(conn: Connection, org: int, count: int, size: int) -> list[UUID]:
    """What an organisation holds beyond `count` bodies or `size` bytes: the oldest; its newest always stays."""
    return [row["id"] for row in await conn.fetch(_SURPLUS, org, count, size)]


async def expired(conn: Connection, at: datetime, most: int) -> list[UUID]:
    """What has stood for its time, in the connection's scope."""
    rows = await conn.fetch("select id from quarantine where expires <= $1 order by expires limit $2", at, most)
    return [row["id"] for row in rows]


async def drop(conn: Connection, refusals: Sequence[UUID]) -> int:
    """Forget bodies and their keys; answers how many there were in the connection's scope."""
    gone = await conn.fetch("delete from quarantine where id = any($1) returning id", list(refusals))
    await conn.execute("delete from subject_key where subject = any($1)", [_subject(row["id"]) for row in gone])
    return len(gone)
