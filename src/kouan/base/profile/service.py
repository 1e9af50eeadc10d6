"""Which modules a caller's port uses: the profiles in force, kept at hand for a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kouan.base.profile.records import Profile
from kouan.kernel.database import GONE, Connection, scope
from kouan.kernel.errors import Problem
from kouan.kernel.modules import MODES, Module, module_of
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text

EXTRA = "base.profile.plans"
FRESH, STALE = 1.0, 5.0
"""Seconds after which what was read is read again meanwhile, and after which callers wait for it."""
PATIENCE = 2.0
MOST = 500
OFF = "PROFILE-OFF"
CLOSED = Text(
    "{port}的口岸方案未启用“{what}”：{why}。已有资料仍可查阅",
    "The plan of {port} does not use “{what}”: {why}. What is kept already can still be read",
)
OTHER_MODE = Text("该口岸为{mode}口岸", "it is a port for {mode}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A profile in force: the port's record and the numbers of the organisations that work there."""

    id: str
    profile: Profile
    orgs: frozenset[int]

    @property
    def port(self) -> str:
        """The port's code."""
        return self.profile.port

    @property
    def name(self) -> Text:
        """The port's name."""
        return Text(self.profile.name_zh, self.profile.name_en)

    def without(self, module: Module) -> Text | None:
        """Why the port does not use a module; None when it does. What the plan says goes before the mode."""
        for one in self.profile.plan:
            if one.module == module.name:
                return None if one.on else Text(one.reason, one.reason)
        return self._foreign(module.modes)

    def closed(self, cls: type[Record]) -> Text | None:
        """Why the port takes in no records of a type; None when it does."""
        own = module_of(cls.facts.name)
        if own and (why := self.without(own)):
            return why
        chosen = own and any(one.module == own.name and one.on for one in self.profile.plan)
        return None if chosen else self._foreign(cls.facts.modes)

    def _foreign(self, wanted: Sequence[str]) -> Text | None:
        if not wanted or self.profile.modes & set(wanted):
            return None
        held = [MODES[mode] for mode in MODES if mode in self.profile.modes]
        zh, en = "、".join(one.zh for one in held), " and ".join(one.en.lower() for one in held)
        return Text(OTHER_MODE.zh.format(mode=zh), OTHER_MODE.en.format(mode=en))


class Plans:
    """All profiles of a platform, read again when they are more than a second old; who files in a surge does not wait for it."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._held: tuple[Plan, ...] | None = None
        self._read = 0.0
        self._lock = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    async def all(self) -> tuple[Plan, ...]:
        """The profiles in force, by port. While the database is away, those that were known last."""
        age = time.monotonic() - self._read
        if self._held is None or age > STALE:
            async with self._lock:
                if self._held is None or time.monotonic() - self._read > STALE:
                    await self._look()
        elif age > FRESH and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look())
        return self._held or ()

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE), scope(self._port.pool, (0, PLATFORM.org)) as conn:
                self._held = await self._load(conn)
        except (*GONE, TimeoutError):
            if self._held is None:
                return
        self._read = time.monotonic()

    async def _load(self, conn: Connection) -> tuple[Plan, ...]:
        found = []
        for row in await equal(conn, Profile, {}, limit=MOST):
            profile = Profile.model_validate(row.doc)
            numbers = (self._port.orgs.named(name) for name in profile.organisations)
            found.append(Plan(str(row.id), profile, frozenset(n for n in numbers if n is not None)))
        return tuple(sorted(found, key=lambda one: one.port))

    async def of(self, who: Principal) -> tuple[Plan, ...]:
        """The plans under which a caller works: of the ports that name its organisation, else of the site's own port.

        Empty where no profile was made: then all modules are in use.
        """
        known = await self.all()
        return tuple(one for one in known if who.org in one.orgs) or tuple(one for one in known if one.port == self._port.site.code)

    async def closed(self, principal: Principal, records: Collection[str]) -> Mapping[str, Problem]:
        """Those of some record types that none of the caller's ports takes in, each with the reason."""
        mine = await self.of(principal)
        found = {}
        for name in records:
            cls = record_type(name)
            if mine and (why := shut(mine, cls)):
                found[name] = Problem(OFF, "", OFF, why)
        return found


def shut(plans: Sequence[Plan], cls: type[Record]) -> Text | None:
    """Why none of some ports takes in records of a type; None when one does."""
    reasons = [(one, one.closed(cls)) for one in plans]
    if not reasons or any(why is None for _, why in reasons):
        return None
    one, why = reasons[0]
    assert why is not None
    title = cls.facts.title
    return Text(
        CLOSED.zh.format(port=one.name.zh, what=title.zh, why=why.zh), CLOSED.en.format(port=one.name.en, what=title.en, why=why.en)
    )


def used(plans: Sequence[Plan], module: Module) -> bool:
    """Whether one of some ports uses a module; without any profile all are used."""
    return not plans or any(one.without(module) is None for one in plans)


def plans(port: Port) -> Plans:
    """The profiles of a platform, as this process knows them."""
    held = port.extras.get(EXTRA)
    if not isinstance(held, Plans):
        held = port.extras[EXTRA] = Plans(port)
    return held
