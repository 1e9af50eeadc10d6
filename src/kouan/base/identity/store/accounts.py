"""Accounts and what signing in needs of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from kouan.base.identity.records import Account, AccountKind
from kouan.base.identity.store import rows
from kouan.kernel.database import Connection, Pool
from kouan.kernel.text import Text

TRIES = 5
FIRST_LOCK, LONGEST_LOCK = 30, 900  # seconds

_GET = "select *, password_hash is not null as local from account where id = $1"
_SEVERAL = "select *, password_hash is not null as local from account where id = any($1) order by id"
_NAMED = """select a.*, a.password_hash is not null as local from account a join organisation o on o.id = a.org
    where o.slug = $1 and a.name = $2"""
_LIST = """select *, password_hash is not null as local from account
    where ($1::int is null or org = $1) and ($2 = '' or (org, name) > ($3, $2)) order by org, name limit $4"""
_INSERT = """insert into account (org, name, title, kind, password_hash, must_change, roles, clearance, issuer, subject)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning *, password_hash is not null as local"""
_CHARGE = """update account a set failed = a.failed + 1, locked_until = case when a.failed + 1 >= $4
        then $3::timestamptz + make_interval(secs => least($6::float8, $5 * power(2, least(a.failed + 1 - $4, 20)))) end
    from organisation o
    where o.id = a.org and o.slug = $1 and a.name = $2 and a.kind = 'person' and a.password_hash is not null
        and a.active and o.active and (a.locked_until is null or a.locked_until <= $3)
    returning a.id, a.org, a.name, o.slug, a.password_hash, a.must_change"""
_CLEAR = "update account set failed = 0, locked_until = null where id = $1"
_RENEW = """update account set password_hash = $2, must_change = $3, failed = 0, locked_until = null, changed = now()
    where id = $1"""
_ROLES = """update account set roles = $2, clearance = $3, changed = now() where id = $1
    returning *, password_hash is not null as local"""
_ACTIVE = """update account set active = $2, changed = now() where id = $1
    returning *, password_hash is not null as local"""
_ERASE = """update account set name = 'erased-' || id, title = '{"zh": "已删除", "en": "Erased"}', password_hash = null,
    issuer = null, subject = null, roles = '{}', clearance = 1, active = false, changed = now() where id = $1"""
_ADMIN = "select exists (select from account where roles && array['system-admin','security-admin','audit-admin'])"
_STANDING = """select a.roles, a.clearance from account a join organisation o on o.id = a.org
    where a.id = $1 and a.org = $2 and a.active and o.active"""
_BY_SUBJECT = "select *, password_hash is not null as local from account where issuer = $1 and subject = $2"


class Charged(NamedTuple):
    """An account whose password may be tried once more."""

    id: UUID
    org: int
    name: str
    slug: str
    password_hash: str
    must_change: bool


class New(NamedTuple):
    """What an account begins with."""

    org: int
    name: str
    title: Text
    kind: AccountKind = "person"
    password_hash: str | None = None
    must_change: bool = False
    roles: Sequence[str] = ()
    clearance: int = 2
    issuer: str | None = None
    subject: str | None = None


def _one(row: asyncpg.Record | None) -> Account | None:
    return rows.account(row) if row else None


async def get(source: Connection | Pool, account: UUID) -> Account | None:
    """An account by its number."""
    return _one(await source.fetchrow(_GET, account))


async def named(source: Connection | Pool, slug: str, name: str) -> Account | None:
    """An account by its organisation's short name and its own."""
    return _one(await source.fetchrow(_NAMED, slug, name))


async def by_subject(source: Connection | Pool, issuer: str, subject: str) -> Account | None:
    """The account of an identity provider's subject."""
    return _one(await source.fetchrow(_BY_SUBJECT, issuer, subject))


async def standing(source: Connection | Pool, account: UUID, org: int) -> tuple[frozenset[str], int] | None:
    """Roles and clearance of an account of an organisation; None when either is switched off, or there is none."""
    row = await source.fetchrow(_STANDING, account, org)
    return (frozenset(row["roles"]), row["clearance"]) if row else None


async def page(source: Connection | Pool, org: int | None, after: tuple[int, str] | None, limit: int) -> list[Account]:
    """Accounts by organisation and name, of one organisation or all; `after` is the last one seen."""
    last_org, last_name = after or (0, "")
    found = await source.fetch(_LIST, org, last_name, last_org, limit)
    return [rows.account(row) for row in found]


async def insert(conn: Connection, new: New) -> Account:
    """A new account; UniqueViolationError for a taken name, CheckViolationError for roles that exclude each other."""
    row = await conn.fetchrow(
        _INSERT, new.org, new.name, new.title.out(), new.kind, new.password_hash, new.must_change, list(new.roles),
        new.clearance, new.issuer, new.subject,
    )  # fmt: skip
    assert row is not None
    return rows.account(row)


async def charge(source: Connection | Pool, slug: str, name: str, at: datetime) -> Charged | None:
    """Count a try before its password is checked, so that tries at the same time are all counted.

    None when there is no such local account or it is locked. From the fifth try on the account locks: 30 seconds,
    doubling with each further one up to 15 minutes; a right password clears it (`clear`).
    """
    row = await source.fetchrow(_CHARGE, slug, name, at, TRIES, FIRST_LOCK, LONGEST_LOCK)
    return Charged(*row) if row else None


async def clear(source: Connection | Pool, account: UUID) -> None:
    """Forget the failed tries of an account."""
    await source.execute(_CLEAR, account)


async def set_password(conn: Connection, account: UUID, password_hash: str, *, must_change: bool) -> None:
    """Replace the password of an account and unlock it."""
    await conn.execute(_RENEW, account, password_hash, must_change)


async def set_roles(conn: Connection, account: UUID, roles: Sequence[str], clearance: int) -> Account | None:
    """Replace roles and clearance; CheckViolationError for roles that exclude each other."""
    return _one(await conn.fetchrow(_ROLES, account, list(roles), clearance))


async def set_active(conn: Connection, account: UUID, active: bool) -> Account | None:
    """Switch an account on or off."""
    return _one(await conn.fetchrow(_ACTIVE, account, active))


async def erase(conn: Connection, account: UUID) -> None:
    """Forget the person behind an account; its number stays, as the trail and the ledger name it."""
    await conn.execute(_ERASE, account)


async def several(source: Connection | Pool, ids: Sequence[UUID]) -> list[Account]:
    """The accounts with these numbers, those that there are."""
    return [rows.account(row) for row in await source.fetch(_SEVERAL, list(ids))]


async def has_administrator(source: Connection | Pool) -> bool:
    """Whether any administrator stands, which makes a site initialised."""
    return bool(await source.fetchval(_ADMIN))
