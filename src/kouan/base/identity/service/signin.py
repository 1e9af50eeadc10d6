"""Signing in and out with a local account."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kouan.base.identity import errors
from kouan.base.identity.records import Account
from kouan.base.identity.rules import password_problem
from kouan.base.identity.service.credential import new_secret, session_credential
from kouan.base.identity.service.directory import SESSION_LASTS, Caller, Directory
from kouan.base.identity.store import accounts, credentials
from kouan.kernel import clock
from kouan.kernel.audit import Entry, note

FAILURE_TAKES = 0.25
_trying: weakref.WeakValueDictionary[tuple[str, str], asyncio.Lock] = weakref.WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed at the door. `new_password` replaces the password when it was the right one."""

    org: str
    user: str
    password: str
    new_password: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: its secret, for the cookie alone, and who is in it."""

    secret: str
    caller: Caller


async def sign_in(directory: Directory, attempt: Attempt, request: str = "") -> Opened:
    """Open a session by password.

    NotSignedIn, always alike and never faster than a quarter second, for a wrong organisation, name or password or a
    locked account; Denied when the password must be replaced first; Refused when the new one is too weak.
    """
    started = asyncio.get_running_loop().time()
    charged = await _check(directory, attempt)
    if charged is None:
        known = await accounts.named(directory.pool, attempt.org, attempt.user)
        directory.audit.offer(_failed(known, request))
        await asyncio.sleep(max(0.0, started + FAILURE_TAKES - asyncio.get_running_loop().time()))
        raise errors.bad_credentials()
    if attempt.new_password is not None:
        await _replace(directory, charged, attempt.password, attempt.new_password, request=request)
    elif charged.must_change:
        raise errors.password_change_required()
    elif directory.passwords.outdated(charged.password_hash):
        made = await directory.passwords.hash(attempt.password)
        async with directory.pool.acquire() as conn:
            await accounts.set_password(conn, charged.id, made, must_change=False)
    return await open_session(directory, charged.id, charged.org, "password", request=request)


def _failed(known: Account | None, request: str) -> Entry:
    if known is None:
        return Entry("identity.session.open", "denied", reason="unknown account", request=request)
    return Entry(
        "identity.session.open", "denied", known.org, str(known.id), reason="wrong password or locked", request=request
    )


async def _check(directory: Directory, attempt: Attempt) -> accounts.Charged | None:
    # Tries on one account wait for each other, so that several right ones at once are not counted as a flood.
    lock = _trying.setdefault((attempt.org, attempt.user), asyncio.Lock())
    async with lock:
        charged = await accounts.charge(directory.pool, attempt.org, attempt.user, clock.now())
        right = await directory.passwords.matches(charged.password_hash if charged else None, attempt.password)
        if charged is None or not right:
            return None
        await accounts.clear(directory.pool, charged.id)
        return charged


async def _replace(
    directory: Directory, who: accounts.Charged, old: str, new: str, *, keep: bytes | None = None, request: str = ""
) -> None:
    problem = password_problem(new, (who.name, who.slug))
    if problem is None and new == old:
        problem = errors.SAME_PASSWORD
    if problem is not None:
        raise errors.weak_password(problem)
    made = await directory.passwords.hash(new)
    async with directory.pool.acquire() as conn, conn.transaction():
        await accounts.set_password(conn, who.id, made, must_change=False)
        await credentials.end_sessions(conn, who.id, but=keep)
        await note(conn, Entry("identity.password.change", "allowed", who.org, str(who.id), request=request))


async def change_password(directory: Directory, who: Caller, password: str, new: str, request: str = "") -> None:
    """Replace the caller's own password, given the old one, and sign out its other sessions."""
    charged = await _check(directory, Attempt(who.principal.slug, who.name, password))
    if charged is None:
        raise errors.bad_credentials()
    keep = who.credential.digest if who.credential.kind == "session" else None
    await _replace(directory, charged, password, new, keep=keep, request=request)


async def open_session(
    directory: Directory, account: UUID, org: int, via: str, *, roles: Sequence[str] | None = None, request: str = ""
) -> Opened:
    """A session for an account that proved itself; `roles` narrows what it may in this session."""
    secret, at = new_secret(), clock.now()
    credential = session_credential(secret, directory.suite)
    expires: datetime = at + SESSION_LASTS
    async with directory.pool.acquire() as conn, conn.transaction():
        await credentials.add_session(conn, credential.digest, account, via, roles=roles, at=at, expires=expires)
        await note(conn, Entry("identity.session.open", "allowed", org, str(account), reason=via, request=request))
    return Opened(secret, await directory.resolve(credential))


async def sign_out(directory: Directory, who: Caller, request: str = "") -> None:
    """End the session that the caller came with; a token stays as it is."""
    if who.credential.kind != "session":
        return
    async with directory.pool.acquire() as conn, conn.transaction():
        await credentials.end_session(conn, who.credential.digest)
        await note(conn, Entry.of(who.principal, "identity.session.close", "allowed", request=request))
