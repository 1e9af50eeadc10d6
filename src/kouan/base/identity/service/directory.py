"""Who calls, and which organisations there are: asked at every call, answered from memory while nothing changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import asyncpg

from kouan.base.identity import errors
from kouan.base.identity.records import Organisation
from kouan.base.identity.rules import default_clearance
from kouan.base.identity.service.credential import Credential
from kouan.base.identity.service.epoch import Epoch
from kouan.base.identity.service.passwords import Passwords
from kouan.base.identity.service.provider import Provider
from kouan.base.identity.store import credentials, organisations
from kouan.base.identity.store.rows import text
from kouan.kernel import clock
from kouan.kernel.audit import AuditWriter
from kouan.kernel.database import Pool
from kouan.kernel.errors import Failure
from kouan.kernel.principal import Principal
from kouan.kernel.settings import Settings
from kouan.kernel.suites import folder
from kouan.kernel.text import Text
from kouan.kernel.waking import Ear

SESSION_IDLE = timedelta(hours=1)
SESSION_LASTS = timedelta(hours=12)
LOOK = 1.0  # seconds between looks at the epoch in a process without calls, while something is accepted or nobody would tell
AT_REST = 5.0  # and while nothing is: a change of the organisations is told of
TOUCH = 30.0  # seconds between writes of what was used last
MOST_KNOWN = 50_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who showed a credential. `expires` is UTC."""

    principal: Principal
    name: str
    title: Text
    org_title: Text
    credential: Credential
    expires: datetime


@dataclass(slots=True)
class _Known:
    caller: Caller
    epoch: int
    seen: datetime


@dataclass(frozen=True, slots=True)
class _Snapshot:
    version: int = -1
    by_id: Mapping[int, Organisation] = field(default_factory=dict)
    by_name: Mapping[str, Organisation] = field(default_factory=dict)
    by_kind: Mapping[str, tuple[Organisation, ...]] = field(default_factory=dict)
    services: Mapping[int, Principal] = field(default_factory=dict)


class Directory:
    """Resolves credentials to callers and names to organisations, for one process.

    A revocation, a removed role, a switched-off account or organisation holds at the next call in every process: each
    call asks for the epoch of identity (one row), and what is remembered counts only under the epoch it was read under.
    Organisations are answered from a snapshot of the last epoch seen, at most a second old without calls.
    """

    def __init__(self, pool: Pool, settings: Settings, audit: AuditWriter, ear: Ear | None = None) -> None:
        self.pool, self.settings, self.audit = pool, settings, audit
        self._ear = ear or Ear()
        self.suite = folder.stated(settings.home)
        self.passwords = Passwords()
        self.providers: dict[str, Provider] = {}
        self._epoch = Epoch(pool)
        self._known: dict[bytes, _Known] = {}
        self._used: dict[str, dict[bytes, datetime]] = {"token": {}, "session": {}}
        self._snapshot = _Snapshot()
        self._reading = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, pool: Pool, settings: Settings, audit: AuditWriter, ear: Ear | None = None) -> Self:
        """A directory that works until `close`; the migration has been run. It keeps one connection of the pool."""
        directory = cls(pool, settings, audit, ear)
        await directory.refresh()
        directory._keeper = asyncio.create_task(directory._keep(), name="identity-directory")
        return directory

    async def close(self) -> None:
        """Write what was used last and let go of everything."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self._touch()
        await self._epoch.close()
        self.passwords.close()

    async def resolve(self, credential: Credential) -> Caller:
        """The caller behind a credential as of now; NotSignedIn when it does not hold, Unavailable when nobody knows.

        Long answers (live streams) call it again from time to time, to end when the credential does.
        """
        value = await self.refresh()
        at = clock.now()
        known = self._known.get(credential.digest)
        if known is None or known.epoch != value or known.seen < at - SESSION_IDLE:
            known = await self._read(credential, value, at)
        if known.caller.expires <= at:
            raise errors.no_longer_valid()
        known.seen = self._used[credential.kind][credential.digest] = at
        return known.caller

    async def refresh(self) -> int:
        """Make the organisations those of now; answers the epoch."""
        value, orgs = await self._epoch.read()
        if orgs != self._snapshot.version:
            async with self._reading:
                if orgs != self._snapshot.version:
                    self._snapshot = await self._read_snapshot(orgs)
        return value

    def org(self, key: int | str) -> Organisation | None:
        """The organisation with that number, short name or code (also one switched off), or None."""
        if isinstance(key, int):
            return self._snapshot.by_id.get(key)
        return self._snapshot.by_name.get(key) or self._snapshot.by_name.get(key.strip().upper())

    def orgs(self) -> tuple[Organisation, ...]:
        """All organisations by number, the platform's own and those switched off among them."""
        return tuple(self._snapshot.by_id.values())

    def orgs_of_kind(self, kind: str) -> tuple[Organisation, ...]:
        """The active organisations of a kind, by number."""
        return self._snapshot.by_kind.get(kind, ())

    def service(self, kind: str) -> Principal:
        """The service account of the first active organisation of a kind; NotFound when there is none."""
        for org in self.orgs_of_kind(kind):
            if org.id in self._snapshot.services:
                return self._snapshot.services[org.id]
        raise errors.unknown(Text(f"服务账户（{kind}）", f"service account ({kind})"))

    def service_of(self, org: int) -> Principal:
        """The service account of an organisation; NotFound when it has none that is active."""
        if org not in self._snapshot.services:
            raise errors.unknown(Text("服务账户", "service account"))
        return self._snapshot.services[org]

    async def _read(self, credential: Credential, value: int, at: datetime) -> _Known:
        try:
            if credential.kind == "token":
                row = await credentials.of_token(self.pool, credential.digest, at)
            else:
                row = await credentials.of_session(self.pool, credential.digest, at, at - SESSION_IDLE)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            raise errors.no_database() from None
        if row is None:
            self._known.pop(credential.digest, None)
            raise errors.no_longer_valid()
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        known = _Known(_caller(row, credential), value, at)
        self._known[credential.digest] = known
        return known

    async def _read_snapshot(self, version: int) -> _Snapshot:
        try:
            found, services = await organisations.everything(self.pool)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            raise errors.no_database() from None
        by_id = {org.id: org for org in found}
        by_kind: dict[str, tuple[Organisation, ...]] = {}
        for org in found:
            if org.active:
                by_kind[org.kind] = (*by_kind.get(org.kind, ()), org)
        names = {org.code: org for org in found if org.code} | {org.slug: org for org in found}
        acting = {row["org"]: _service(row, by_id[row["org"]]) for row in services}
        return _Snapshot(version, by_id, names, by_kind, acting)

    async def _keep(self) -> None:
        touched = asyncio.get_running_loop().time()
        while True:
            await self._ear.pause(LOOK, AT_REST)
            with contextlib.suppress(Failure):
                await self.refresh()
            if asyncio.get_running_loop().time() - touched >= TOUCH:
                touched = asyncio.get_running_loop().time()
                await self._touch()

    async def _touch(self) -> None:
        tokens, sessions = self._used["token"], self._used["session"]
        self._used = {"token": {}, "session": {}}
        try:
            await credentials.touch(self.pool, tokens, sessions)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as problem:
            _log.warning("when credentials were used last could not be kept: %s", type(problem).__name__)


def _caller(row: asyncpg.Record, credential: Credential) -> Caller:
    held = frozenset(row["roles"])
    roles = held if row["narrowed"] is None else held & frozenset(row["narrowed"])
    clearance = row["clearance"] if roles == held else min(row["clearance"], default_clearance(roles))
    principal = Principal(
        org=row["org"], slug=row["slug"], kind=row["kind"], user=str(row["account"]), roles=roles, clearance=clearance,
        service=row["account_kind"] == "service", scopes=frozenset(row["scopes"]),
    )  # fmt: skip
    return Caller(principal, row["name"], text(row["title"]), text(row["org_title"]), credential, row["expires"])


def _service(row: asyncpg.Record, org: Organisation) -> Principal:
    return Principal(
        org=org.id, slug=org.slug, kind=org.kind, user=str(row["id"]), roles=frozenset(row["roles"]),
        clearance=row["clearance"], service=True,
    )  # fmt: skip
