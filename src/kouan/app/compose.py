"""Composition: the one place that puts database, keys, identity and the committer together."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kouan.app import registry
from kouan.assurance.running.api import collecting
from kouan.base.identity.api import Directory, Organisation
from kouan.kernel import audit, metering, uses, vault
from kouan.kernel.audit import AuditWriter
from kouan.kernel.database import APP, OWNER, connect, pool
from kouan.kernel.ledger import tables
from kouan.kernel.modules import modules
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.room import Room
from kouan.kernel.settings import Settings
from kouan.kernel.store import schema, standing
from kouan.kernel.store.batch import PRESSING, Batcher
from kouan.kernel.store.filing import Env
from kouan.kernel.store.ops import Site
from kouan.kernel.text import Text
from kouan.kernel.uses import Uses
from kouan.kernel.vault import Vault
from kouan.kernel.waking import Waking

MIGRATING = 0x6B6F75616E6D6967


class Organisations:
    """The directory as the store knows it: numbers and slugs."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._numbers: dict[str, tuple[tuple[Organisation, ...], tuple[int, ...]]] = {}

    def of_kind(self, kind: str) -> tuple[int, ...]:
        """Numbers of the active organisations of a kind."""
        known = self._directory.orgs_of_kind(kind)
        held = self._numbers.get(kind)
        if held is None or held[0] is not known:
            held = self._numbers[kind] = (known, tuple(org.id for org in known))
        return held[1]

    def named(self, name: str) -> int | None:
        """The number of the organisation with that slug or code, bare or as `org:`/`enterprise:` reference."""
        bare = name.removeprefix("org:").removeprefix("enterprise:")
        found = self._directory.org(bare)
        return found.id if found else None

    def slug(self, number: int) -> str:
        """The slug of an organisation; `?` when unknown."""
        found = self._directory.org(number)
        return found.slug if found else "?"

    def title(self, name: str) -> Text:
        """The title of the organisation with that slug or code, bare or as reference; the bare name when unknown."""
        bare = name.removeprefix("org:").removeprefix("enterprise:")
        found = self._directory.org(bare)
        return found.title if found else Text(bare, bare)

    def service(self, kind: str) -> Principal:
        """The service account of the first organisation of a kind."""
        return self._directory.service(kind)


@dataclass(slots=True)
class Platform:
    """What a process of the platform holds while it runs."""

    settings: Settings
    directory: Directory
    port: Port
    room: Room


async def migrate(settings: Settings) -> None:
    """Bring the database to what the registry says, unless it is there; one process at a time, each statement idempotent."""
    registry.load()
    conn = await connect(settings, OWNER)
    try:
        await conn.execute("select pg_advisory_lock($1)", MIGRATING)
        await conn.execute("set client_min_messages = warning")  # that most of it stands already need not be told
        for statement in vault.DDL:
            await conn.execute(statement)
        suite = await vault.bind_key(conn, settings.home, settings.suite)
        statements = [*tables.ddl(suite), *audit.DDL, *uses.DDL, *metering.DDL, *schema.statements(record_types())]
        for module in modules():
            statements += module.ddl
        if not await standing.stands(conn, statements):
            await standing.begin(conn)
            for statement in statements:
                await conn.execute(statement)
            await standing.keep(conn, statements)
    finally:
        await conn.close()


@asynccontextmanager
async def platform(settings: Settings, *, connections: int = 10, room: Room | None = None) -> AsyncIterator[Platform]:
    """Database, keys, identity, audit and committer of a process, closed in order at the end."""
    registry.load()
    keys = Vault.at(settings.home)
    source = await pool(settings, APP, connections)
    room = room or Room.of(settings)
    trail = await AuditWriter.open(source, token=keys.token, room=room)
    used = await Uses.open(source, room=room)
    waking = Waking(source)
    directory = await Directory.open(source, settings, trail, waking.ear())
    orgs = Organisations(directory)
    site = Site(settings.site, settings.office, settings.zone, settings.demo)
    env = Env(orgs, keys, site)
    batcher, pressing = Batcher(source, env, room=room), Batcher(source, env, room=room, gather=PRESSING, busy=1)
    batcher.start()
    pressing.start()
    meters = asyncio.create_task(metering.Keeper().run(source), name="meters")
    exporter = collecting(metering.process_name())
    try:
        port = Port(source, keys, orgs, site, batcher, trail, pressing=pressing, waking=waking, uses=used)
        yield Platform(settings, directory, port, room)
    finally:
        meters.cancel()
        await asyncio.gather(meters, return_exceptions=True)
        await waking.stop()
        await batcher.stop()
        await pressing.stop()
        await directory.close()
        await used.close()
        await trail.close()
        if exporter is not None:
            await exporter.stop()
        source.terminate()


def settle() -> None:
    """Spare the garbage collector what a process holds from its start to its end: a full pass would stall it for long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
