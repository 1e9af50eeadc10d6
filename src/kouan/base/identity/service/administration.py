"""What the administrators do: each its own part, none to its own rights (GB/T 22239-2019 8.1.5).

The system administrator makes organisations and accounts, without rights; the security administrator gives rights,
takes them and erases; the audit administrator reads the trail and changes nothing. Administrators of the port office
look after the whole port, others after their own organisation: what lies outside is not found.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from kouan.base.identity import errors, rules
from kouan.base.identity.records import KINDS, SITE, Account, AccountKind, Organisation
from kouan.base.identity.service.directory import Directory
from kouan.base.identity.service.passwords import one_time
from kouan.base.identity.store import accounts, credentials, organisations, trail
from kouan.kernel import clock
from kouan.kernel.audit import Entry, note
from kouan.kernel.principal import ADMINS, Principal
from kouan.kernel.text import Text

ACCOUNT = Text("账户", "account")
ORGANISATION = Text("机构", "organisation")


@dataclass(frozen=True, slots=True)
class Admin:
    """An administrator at work: the directory, who it is, and the number of the call for the audit."""

    directory: Directory
    who: Principal
    request: str = ""

    def need(self, *roles: str) -> None:
        """Denied unless the administrator holds one of these roles."""
        if not self.who.roles.intersection(roles):
            raise errors.role_needed(roles)

    @property
    def reach(self) -> int | None:
        """The one organisation it looks after, or None for all."""
        return None if self.who.kind == SITE else self.who.org

    def entry(self, action: str, ref: str, reason: str = "") -> Entry:
        """An audit entry about a change of its."""
        return Entry.of(self.who, action, "allowed", ref=ref, reason=reason, request=self.request)


def _must(field: str, rule: str, problem: Text | None) -> None:
    if problem is not None:
        raise errors.refused(field, rule, problem)


async def make_organisation(admin: Admin, slug: str, kind: str, title: Text, code: str | None) -> Organisation:
    """A new organisation; system administrator of the port office only. Conflict when slug or code is taken."""
    admin.need("system-admin")
    if admin.reach is not None:
        raise errors.role_needed(("system-admin",))
    _must("slug", "identity.slug", rules.slug_problem(slug))
    if kind not in KINDS:
        known = Text(f"机构类别应为：{'、'.join(KINDS)}", f"The kind is one of: {', '.join(KINDS)}")
        _must("kind", "identity.kind", known)
    if code is not None:
        _must("code", "identity.code", rules.code_problem(code))
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        try:
            made = await organisations.insert(conn, slug, kind, title, code)
        except asyncpg.UniqueViolationError as problem:
            raise errors.taken("code" if "code" in (problem.constraint_name or "") else "slug") from None
        await note(conn, admin.entry("identity.organisation.make", f"org:{made.id}", kind))
    return made


async def change_organisation(
    admin: Admin, number: int, *, title: Text | None = None, code: str | None = None, active: bool | None = None
) -> Organisation:
    """Change an organisation; switching it off ends the access of all its accounts at their next call."""
    admin.need("system-admin")
    found = admin.directory.org(number)
    if found is None or found.kind == "platform" or admin.reach not in (None, number):
        raise errors.unknown(ORGANISATION)
    if active is False and number == admin.who.org:
        raise errors.own_account()
    if code is not None:
        _must("code", "identity.code", rules.code_problem(code))
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        try:
            changed = await organisations.update(conn, number, title, code, active)
        except asyncpg.UniqueViolationError:
            raise errors.taken("code") from None
        if changed is None:
            raise errors.unknown(ORGANISATION)
        stated = {"title": title, "code": code, "active": active}
        what = ", ".join(name for name, value in stated.items() if value is not None)
        await note(conn, admin.entry("identity.organisation.change", f"org:{number}", what))
    return changed


async def list_accounts(admin: Admin, org: int | None, after: tuple[int, str] | None, limit: int) -> list[Account]:
    """Accounts within reach, by organisation and name."""
    admin.need("system-admin", "security-admin")
    if admin.reach is not None and org not in (None, admin.reach):
        raise errors.unknown(ORGANISATION)
    return await accounts.page(admin.directory.pool, org or admin.reach, after, limit)


async def make_account(admin: Admin, org: int, name: str, title: Text, kind: AccountKind) -> tuple[Account, str | None]:
    """A new account without any role, and for a person its one-time password, shown this once."""
    admin.need("system-admin")
    found = admin.directory.org(org)
    if found is None or not found.active or found.kind == "platform" or admin.reach not in (None, org):
        raise errors.unknown(ORGANISATION)
    _must("name", "identity.name", rules.name_problem(name))
    password = one_time() if kind == "person" else None
    made_hash = await admin.directory.passwords.hash(password) if password else None
    new = accounts.New(org, name, title, kind, made_hash, must_change=kind == "person")
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        try:
            made = await accounts.insert(conn, new)
        except asyncpg.UniqueViolationError:
            raise errors.taken("name") from None
        await note(conn, admin.entry("identity.account.make", f"account:{made.id}", kind))
    return made, password


async def _within(admin: Admin, account: UUID, *, other: bool = True) -> Account:
    found = await accounts.get(admin.directory.pool, account)
    if found is None or admin.reach not in (None, found.org):
        raise errors.unknown(ACCOUNT)
    if other and str(found.id) == admin.who.user:
        raise errors.own_account()
    return found


async def grant(admin: Admin, account: UUID, roles: Collection[str], clearance: int | None) -> Account:
    """Replace the roles and the clearance of another's account; it holds from that account's next call on.

    Without a stated clearance the roles' own counts: 3 for officers, 1 for the security administrator, else 2. Refused
    when the roles exclude each other.
    """
    admin.need("security-admin")
    found = await _within(admin, account)
    org = admin.directory.org(found.org)
    wanted = sorted(set(roles))
    _must("roles", "identity.roles", rules.roles_problem(wanted, org.kind if org else ""))
    if not rules.separated(wanted):
        raise errors.separation()
    level = clearance if clearance is not None else rules.default_clearance(wanted)
    if ADMINS.intersection(wanted) and (level > 2 or found.kind == "service"):
        reason = Text("管理员须为人员账户，密级至多 2 级", "An administrator is a person, of clearance 2 at most")
        _must("clearance" if found.kind == "person" else "roles", "GB/T 22239 8.1.5", reason)
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        changed = await accounts.set_roles(conn, account, wanted, level)
        before = f"{' '.join(found.roles)}/{found.clearance} -> {' '.join(wanted)}/{level}"
        await note(conn, admin.entry("identity.account.grant", f"account:{account}", before))
    if changed is None:
        raise errors.unknown(ACCOUNT)
    return changed


async def switch(admin: Admin, account: UUID, *, active: bool) -> Account:
    """Switch another's account off or on. On again, and off for administrators: security administrator only."""
    admin.need("system-admin", "security-admin")
    found = await _within(admin, account)
    if active or ADMINS.intersection(found.roles):
        admin.need("security-admin")
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        changed = await accounts.set_active(conn, account, active)
        if not active:
            await credentials.revoke_all(conn, account, clock.now())
        await note(conn, admin.entry("identity.account.switch", f"account:{account}", "on" if active else "off"))
    if changed is None:
        raise errors.unknown(ACCOUNT)
    return changed


async def revoke(admin: Admin, account: UUID) -> None:
    """End all tokens and sessions of an account, one's own included; security administrator only."""
    admin.need("security-admin")
    await _within(admin, account, other=False)
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        await credentials.revoke_all(conn, account, clock.now())
        await note(conn, admin.entry("identity.account.revoke", f"account:{account}"))


async def reset_password(admin: Admin, account: UUID) -> str:
    """A one-time password for a person who lost theirs; ends its sessions and tokens.

    Not for administrators: whoever could reset those would be all three of them. Theirs are reset at the machine.
    """
    admin.need("security-admin")
    found = await _within(admin, account)
    if ADMINS.intersection(found.roles):
        reason = Text("管理员的密码只能在服务器上重置", "An administrator's password is reset at the machine only")
        _must("id", "GB/T 22239 8.1.5", reason)
    if not found.local:
        _must("id", "identity.password", Text("该账户没有本地密码", "This account has no password here"))
    password = one_time()
    made = await admin.directory.passwords.hash(password)
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        await accounts.set_password(conn, account, made, must_change=True)
        await credentials.revoke_all(conn, account, clock.now())
        await note(conn, admin.entry("identity.password.reset", f"account:{account}"))
    return password


async def erase(admin: Admin, account: UUID) -> None:
    """Forget the person behind another's account for good; its number stays in trail and ledger."""
    admin.need("security-admin")
    found = await _within(admin, account)
    if found.kind == "service":
        _must("id", "identity.erase", Text("服务账户不属于个人", "A service account is nobody's person"))
    async with admin.directory.pool.acquire() as conn, conn.transaction():
        await credentials.revoke_all(conn, account, clock.now())
        await accounts.erase(conn, account)
        await note(conn, admin.entry("identity.account.erase", f"account:{account}"))


async def read_trail(admin: Admin, wanted: trail.Wanted, limit: int) -> Sequence[asyncpg.Record]:
    """Entries of the security audit within reach, newest first; audit administrator only, and itself audited."""
    admin.need("audit-admin")
    if admin.reach is not None:
        if wanted.org not in (None, admin.reach):
            raise errors.unknown(ORGANISATION)
        wanted = replace(wanted, org=admin.reach)
    await admin.directory.audit.settle()
    found = await trail.page(admin.directory.pool, wanted, limit)
    await admin.directory.audit.write(admin.entry("identity.audit.read", "", f"{len(found)} entries"))
    return found
