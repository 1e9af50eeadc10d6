"""API tokens and sessions: everybody their own, the security administrator those of services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from kouan.base.identity import errors
from kouan.base.identity.records import SITE, Account, Session, Token
from kouan.base.identity.service.credential import digest, new_token
from kouan.base.identity.service.directory import Caller, Directory
from kouan.base.identity.store import accounts, credentials
from kouan.kernel import clock
from kouan.kernel.audit import Entry, note
from kouan.kernel.text import Text

TOKEN = Text("令牌", "token")
SESSION = Text("会话", "session")


@dataclass(frozen=True, slots=True)
class Order:
    """A wanted token. `roles` None means those of the account at each call; `days` until it expires."""

    name: str
    days: int = 90
    roles: Collection[str] | None = None
    scopes: Collection[str] = field(default_factory=tuple)


async def issue_own(directory: Directory, who: Caller, order: Order, request: str = "") -> tuple[Token, str]:
    """A token for the caller's own account and its secret, shown this once; needs a session, not another token."""
    if who.credential.kind != "session":
        raise errors.session_needed()
    held = who.principal.roles
    if order.roles is not None and not held.issuperset(order.roles):
        raise errors.role_needed(set(order.roles) - held)
    return await _issue(directory, UUID(who.principal.user), order, who, request)


async def issue_for_service(
    directory: Directory, who: Caller, account: UUID, order: Order, request: str = ""
) -> tuple[Token, str]:
    """A token for a service account within reach and its secret, shown this once; security administrator only."""
    found = await _reached(directory, who, account)
    if found.kind != "service":
        reason = Text("个人的令牌由本人签发", "A person's tokens are issued by that person")
        raise errors.refused("id", "identity.token", reason)
    return await _issue(directory, found.id, order, who, request)


async def _reached(directory: Directory, who: Caller, account: UUID) -> Account:
    if "security-admin" not in who.principal.roles:
        raise errors.role_needed(("security-admin",))
    found = await accounts.get(directory.pool, account)
    if found is None or (who.principal.kind != SITE and found.org != who.principal.org):
        raise errors.unknown(Text("账户", "account"))
    return found


async def _issue(directory: Directory, account: UUID, order: Order, who: Caller, request: str) -> tuple[Token, str]:
    secret = new_token()
    roles = None if order.roles is None else sorted(set(order.roles))
    expires = clock.now() + timedelta(days=order.days)
    async with directory.pool.acquire() as conn, conn.transaction():
        made = await credentials.add_token(
            conn, account, digest(secret, directory.suite), order.name, roles=roles, scopes=sorted(set(order.scopes)), expires=expires
        )
        entry = Entry.of(who.principal, "identity.token.issue", "allowed", ref=f"token:{made.id}", request=request)
        await note(conn, entry)
    return made, secret


async def list_tokens(directory: Directory, who: Caller, account: UUID | None = None) -> list[Token]:
    """The caller's own tokens, or for the security administrator those of an account within reach."""
    if account is None or str(account) == who.principal.user:
        return await credentials.tokens(directory.pool, UUID(who.principal.user))
    await _reached(directory, who, account)
    return await credentials.tokens(directory.pool, account)


async def revoke_token(directory: Directory, who: Caller, number: UUID, request: str = "") -> None:
    """End one of the caller's own tokens, or as security administrator any within reach; holds at its next call."""
    found = await credentials.token(directory.pool, number)
    if found is None:
        raise errors.unknown(TOKEN)
    if str(found.account) != who.principal.user:
        if "security-admin" not in who.principal.roles:
            raise errors.unknown(TOKEN)
        await _reached(directory, who, found.account)
    async with directory.pool.acquire() as conn, conn.transaction():
        await credentials.revoke_token(conn, number, clock.now())
        entry = Entry.of(who.principal, "identity.token.revoke", "allowed", ref=f"token:{number}", request=request)
        await note(conn, entry)


async def list_sessions(directory: Directory, who: Caller) -> list[Session]:
    """Where the caller's account is signed in."""
    return await credentials.sessions(directory.pool, UUID(who.principal.user), clock.now())


async def end_session(directory: Directory, who: Caller, number: UUID, request: str = "") -> None:
    """Sign one of the caller's own sessions out."""
    async with directory.pool.acquire() as conn, conn.transaction():
        if not await credentials.end_one_session(conn, number, UUID(who.principal.user)):
            raise errors.unknown(SESSION)
        entry = Entry.of(who.principal, "identity.session.end", "allowed", ref=f"session:{number}", request=request)
        await note(conn, entry)
