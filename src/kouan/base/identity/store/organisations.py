"""Organisations, the services that act for them, and the epoch of all identity."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from kouan.base.identity.records import SERVICE, Organisation
from kouan.base.identity.store import rows
from kouan.kernel.database import Connection, Pool
from kouan.kernel.text import Text

_ALL = "select id, slug, kind, title, code, active from organisation order by id"
_SERVICES = """select a.id, a.org, a.roles, a.clearance from account a join organisation o on o.id = a.org
    where a.kind = 'service' and a.name = $1 and a.active and o.active order by a.org"""
_EPOCH = "select value, orgs from identity_epoch"
_INSERT = """insert into organisation (slug, kind, title, code) values ($1, $2, $3, $4)
    returning id, slug, kind, title, code, active"""
_UPDATE = """update organisation set title = coalesce($2, title), code = coalesce($3, code),
    active = coalesce($4, active), changed = now() where id = $1 returning id, slug, kind, title, code, active"""
_SERVICE = """insert into account (org, name, title, kind, roles) values ($1, $2, $3, 'service', '{operator}')
    on conflict (org, name) do nothing"""
_SERVICE_TITLE = Text("自动处理服务", "Automatic processing")


async def alone(conn: Connection) -> None:
    """Let only one transaction at a time found a site or seed a demo."""
    await conn.execute("select pg_advisory_xact_lock(hashtext('kouan identity'))")


async def epoch(conn: Connection, seconds: float) -> tuple[int, int]:
    """The two counters of the epoch row; TimeoutError after some seconds."""
    row = await conn.fetchrow(_EPOCH, timeout=seconds)
    assert row is not None, "identity_epoch has its row from the first migration on"
    return row["value"], row["orgs"]


async def everything(source: Connection | Pool) -> tuple[list[Organisation], Sequence[asyncpg.Record]]:
    """All organisations, and the service accounts (id, org, roles, clearance) that may act for them."""
    organisations = [rows.organisation(row) for row in await source.fetch(_ALL)]
    return organisations, await source.fetch(_SERVICES, SERVICE)


async def insert(conn: Connection, slug: str, kind: str, title: Text, code: str | None) -> Organisation:
    """A new organisation with its service account; UniqueViolationError when slug or code is taken."""
    row = await conn.fetchrow(_INSERT, slug, kind, title.out(), code)
    assert row is not None
    await conn.execute(_SERVICE, row["id"], SERVICE, _SERVICE_TITLE.out())
    return rows.organisation(row)


async def update(
    conn: Connection, org: int, title: Text | None, code: str | None, active: bool | None
) -> Organisation | None:
    """The changed organisation, or None when there is none of that number; None leaves a column as it is."""
    row = await conn.fetchrow(_UPDATE, org, title.out() if title else None, code, active)
    return rows.organisation(row) if row else None
