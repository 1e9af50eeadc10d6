"""A PostgreSQL of our own with the kernel's tables for the tests' own words, and ports on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from kouan.app.supervisor.postgres import Postgres
from kouan.kernel import audit, vault
from kouan.kernel.audit import AuditWriter
from kouan.kernel.database import Connection, Pool, _codec, scope
from kouan.kernel.formats import Draft
from kouan.kernel.ledger.tables import ddl
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.rules import Kept
from kouan.kernel.store.batch import Batcher
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.filing import Env
from kouan.kernel.store.ops import Filed, Site
from kouan.kernel.store.schema import statements
from kouan.kernel.suites.intl import INTL
from kouan.kernel.vault import Vault
from kouan.kernel.waking import Waking

ORGS: Mapping[str, tuple[int, str]] = {
    "customs": (10, "customs"), "border": (11, "border"), "trader": (12, "trader"), "rival": (13, "trader"),
    "agent": (14, "agent"), "terminal": (15, "terminal"), "customs2": (16, "customs"),
}  # fmt: skip
KEYS = Vault.of(b"k" * 32)


class Orgs:
    """Seven organisations, two of the kinds trader and customs."""

    def of_kind(self, kind: str) -> tuple[int, ...]:
        return tuple(number for number, its in ORGS.values() if its == kind)

    def named(self, name: str) -> int | None:
        found = ORGS.get(name.removeprefix("org:"))
        return found[0] if found else None

    def slug(self, number: int) -> str:
        return next((slug for slug, (its, _) in ORGS.items() if its == number), "?")

    def service(self, kind: str) -> Principal:
        return who(kind, "operator")


def who(slug: str, role: str = "officer", clearance: int = 2) -> Principal:
    """A person of an organisation."""
    number, kind = ORGS[slug]
    return Principal(number, slug, kind, f"user:{slug}", frozenset({role}), clearance)


async def admin(server: Postgres, *commands: str, database: str = "postgres", user: str = "postgres") -> None:
    """Run statements as the cluster's administrator (or as the owner)."""
    conn = await asyncpg.connect(host=str(server.socket), user=user, database=database)
    try:
        for command in commands:
            await conn.execute(command)
    finally:
        await conn.close()


async def migrate(server: Postgres, database: str) -> None:
    """Make a database with the tables of all declared record types; twice, as every statement may be repeated."""
    await admin(server, f"create database {database} owner kouan_owner")
    parts = [*statements(record_types()), *ddl(INTL), *vault.DDL, *audit.DDL]
    await admin(server, *parts, *parts, database=database, user="kouan_owner")


async def empty(server: Postgres, database: str) -> None:
    """Make a database as it was after its migration; much quicker than a new copy, which waits for two checkpoints."""
    conn = await asyncpg.connect(host=str(server.socket), user="postgres", database=database)
    try:
        names = [row["tablename"] for row in await conn.fetch("select tablename from pg_tables where schemaname = 'public'")]
        await conn.execute("set session_replication_role = replica")
        # For a handful of rows much quicker than truncate, which makes new files.
        await conn.execute("; ".join(f"delete from {name}" for name in names))
        await conn.execute(
            "select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences"
            " where schemaname = 'public' and last_value is not null"
        )
    finally:
        await conn.close()


async def pool(options: Mapping[str, Any], size: int = 8) -> Pool:
    """A pool as `kouan_app`, set up as the platform sets up its own."""
    settings = {"plan_cache_mode": "force_custom_plan", "timezone": "UTC"}
    return await asyncpg.create_pool(min_size=1, max_size=size, init=_codec, server_settings=settings, **options)


@asynccontextmanager
async def port_on(options: Mapping[str, Any], *, lanes: int = 2, size: int = 128) -> AsyncIterator[Port]:
    """A process's port on a database."""
    source = await pool(options)
    batcher = Batcher(source, Env(Orgs(), KEYS, Site("CNWHH", "9901")), lanes=lanes, size=size)
    batcher.start()
    writer, waking = await AuditWriter.open(source, token=KEYS.token), Waking(source)
    try:
        yield Port(source, KEYS, Orgs(), Site("CNWHH", "9901"), batcher, writer, waking=waking)
    finally:
        await waking.stop()
        await batcher.stop()
        await writer.close()
        await source.close()


@dataclass
class House:
    """A port on a database of its own, and what tests ask of it."""

    port: Port
    options: dict[str, Any]
    home: Path

    async def file(self, record: str, data: Mapping[str, Any], *, by: str = "trader", **more: Any) -> Filed:
        """File one record of the tests' own types."""
        return await self.port.file(who(by), [Draft(f"test.store.{record}", data)], **more)

    async def kept(self, record: str, data: Mapping[str, Any], *, by: str = "trader") -> Kept:
        """The record kept for a filing."""
        return (await self.file(record, data, by=by)).kept[0]

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        """What lies in the database, whoever may read it."""
        conn = await asyncpg.connect(**{**self.options, "user": "postgres"})
        try:
            await _codec(conn)
            return await conn.fetch(sql, *values)
        finally:
            await conn.close()

    async def value(self, sql: str, *values: Any) -> Any:
        """The one value of a query, whoever may read it."""
        return (await self.rows(sql, *values))[0][0]

    @asynccontextmanager
    async def reading(self, slug: str) -> AsyncIterator[Connection]:
        """A connection that sees what an organisation may see."""
        async with scope(self.port.pool, scope_of(who(slug))) as conn:
            yield conn


async def outcomes(*calls: Any) -> list[Any]:
    """What concurrent calls answered or raised."""
    return await asyncio.gather(*calls, return_exceptions=True)
