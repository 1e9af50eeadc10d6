"""Signing in with an account of the single window, through its OpenID Connect provider."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from kouan.base.identity import errors, rules
from kouan.base.identity.records import Account, Organisation
from kouan.base.identity.service import provider
from kouan.base.identity.service.credential import digest, new_secret
from kouan.base.identity.service.directory import Directory
from kouan.base.identity.service.signin import Opened, open_session
from kouan.base.identity.store import accounts, credentials
from kouan.kernel import clock
from kouan.kernel.audit import Entry, note
from kouan.kernel.errors import Denied, NotFound, NotSignedIn
from kouan.kernel.principal import ADMINS
from kouan.kernel.text import Text

LASTS = timedelta(minutes=10)
MOST = 10_000
_log = logging.getLogger(__name__)
_NEXT = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~%?&=-]*")


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in under way: where the browser goes, and the secret of the cookie that binds the answer to it."""

    address: str
    secret: str


def find_provider(directory: Directory, known: dict[str, provider.Provider]) -> provider.Provider:
    """The site's provider, read again whenever its file changes; NotFound without one."""
    try:
        config = provider.read_config(directory.settings.home)
    except provider.BadConfig as problem:
        _log.error("single window sign-in is off: %s", problem)
        raise errors.misconfigured() from None
    if config is None:
        raise NotFound(Text("本站未配置单一窗口登录", "This site has no single window sign-in"), code="no_oidc")
    mark = config.model_dump_json()
    if mark not in known:
        known.clear()
        known[mark] = provider.Provider(config)
    return known[mark]


async def start(directory: Directory, party: provider.Provider, following: str) -> Started:
    """Begin a sign-in; `following` is the page of ours to open afterwards."""
    secret, state, nonce, verifier = new_secret(), new_secret(), new_secret(), secrets.token_urlsafe(48)
    address = await party.start(state, nonce, verifier)
    at = clock.now()
    page = following if _NEXT.fullmatch(following) else "/"
    flow = credentials.Flow(state, nonce, verifier, page, at + LASTS)
    if not await credentials.add_flow(directory.pool, digest(secret, directory.suite), flow, at, MOST):
        raise errors.busy()
    return Started(address, secret)


async def finish(
    directory: Directory, party: provider.Provider, *, secret: str, state: str, code: str, request: str = ""
) -> tuple[Opened, str]:
    """A session for who comes back from the provider, and the page to open.

    NotSignedIn for an answer that was not asked for here or does not verify; Denied for a person of an organisation
    that this port does not know, or without a role that it knows. Both are audited.
    """
    flow = await credentials.take_flow(directory.pool, digest(secret, directory.suite)) if secret else None
    if flow is None or flow.expires <= clock.now() or not hmac.compare_digest(flow.state.encode(), state.encode()):
        raise _noted(directory, provider.refused("state"), request)
    try:
        claims = await party.finish(code, flow.verifier, flow.nonce)
    except NotSignedIn as failure:
        raise _noted(directory, failure, request) from None
    account, roles = await _account(directory, party.config, claims, request)
    opened = await open_session(directory, account.id, account.org, "oidc", roles=roles, request=request)
    return opened, flow.next


def _noted(directory: Directory, failure: NotSignedIn, request: str) -> NotSignedIn:
    entry = Entry("identity.session.open", "denied", reason=f"oidc {failure.rule}", request=request)
    directory.audit.offer(entry)
    return failure


async def _account(
    directory: Directory, config: provider.Config, claims: Mapping[str, Any], request: str
) -> tuple[Account, list[str]]:
    await directory.refresh()
    code = claims.get(config.claims.org)
    org = directory.org(code) if isinstance(code, str) else None
    known = org is not None and org.code == str(code).strip().upper()
    if org is None or not known or not org.active:
        raise _no_entry(Text("本口岸没有您所属的机构", "This port does not know your organisation"), "unknown_org")
    stated = _roles(config, claims, org)
    found = await accounts.by_subject(directory.pool, config.issuer, str(claims["sub"]))
    if found is None:
        if not stated:
            raise _no_entry(Text("您在本口岸没有角色", "You have no role at this port"), "no_role")
        return await _make(directory, org, config, claims, stated, request), stated
    if found.org != org.id or not found.active:
        raise _no_entry(
            Text("该账户已停用或属于其他机构", "This account is off or of another organisation"), "account_off"
        )
    return found, stated


def _no_entry(reason: Text, code: str) -> Denied:
    return Denied(reason, code=code)


def _roles(config: provider.Config, claims: Mapping[str, Any], org: Organisation) -> list[str]:
    """Roles of ours that the provider states; an administrator is made by this port alone."""
    stated = claims.get(config.claims.roles)
    several = stated if isinstance(stated, list) else [stated]
    names = [name for name in several if isinstance(name, str)]
    ours = {config.roles.get(name, name) for name in names}
    fit = {role for role in ours if rules.roles_problem([role], org.kind) is None}
    return sorted(fit - ADMINS)


async def _make(
    directory: Directory,
    org: Organisation,
    config: provider.Config,
    claims: Mapping[str, Any],
    roles: list[str],
    request: str,
) -> Account:
    subject = str(claims["sub"])
    mark = hashlib.sha256(f"{config.issuer}\0{subject}".encode()).hexdigest()[:16]
    shown = "".join(c for c in str(claims.get(config.claims.name, "")) if c.isprintable()).strip()[:100]
    title = Text(shown, shown) if shown else Text("单一窗口用户", "Single window user")
    new = accounts.New(
        org.id, f"oidc-{mark}", title, roles=roles, clearance=rules.default_clearance(roles), issuer=config.issuer,
        subject=subject,
    )  # fmt: skip
    async with directory.pool.acquire() as conn, conn.transaction():
        try:
            made = await accounts.insert(conn, new)
        except asyncpg.UniqueViolationError:
            raise errors.busy() from None
        reason = f"oidc {' '.join(roles)}"
        await note(
            conn, Entry("identity.account.make", "allowed", org.id, str(made.id), reason=reason, request=request)
        )
    return made
