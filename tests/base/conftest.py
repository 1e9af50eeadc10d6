"""A PostgreSQL of our own for the session, a fresh database for each test, and a port on it with ten organisations."""

from __future__ import annotations

import asyncio
import importlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.datastructures import State

from kouan.app.supervisor.postgres import Postgres
from kouan.kernel import audit, vault
from kouan.kernel.audit import AuditWriter
from kouan.kernel.database import _codec
from kouan.kernel.errors import NotSignedIn
from kouan.kernel.http import problems
from kouan.kernel.ledger import signer
from kouan.kernel.ledger.tables import ddl
from kouan.kernel.modules import modules
from kouan.kernel.outgoing import WAYS
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.store.batch import Batcher
from kouan.kernel.store.filing import Env
from kouan.kernel.store.ops import Site
from kouan.kernel.store.schema import statements
from kouan.kernel.suites.intl import INTL
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault
from kouan.kernel.ways import Ways
from kouan.kernel.work import Worker

MODULES = (
    "kouan.base.place.module", "kouan.base.portcall.module", "kouan.base.conveyance.module", "kouan.base.manifest.module",
    "kouan.base.movement.module", "kouan.base.quality.module", "kouan.base.ingest.module",
    "kouan.base.declaration.module", "kouan.base.receipt.module", "kouan.base.exchange.module",
    "kouan.supervision.clearance.module", "kouan.supervision.disposal.module", "kouan.base.push.module", "kouan.base.erasure.module",
)  # fmt: skip
KINDS = (
    "customs", "border", "maritime", "transport", "portoffice", "terminal", "carrier", "agent", "trader", "trucker",
)  # fmt: skip


def load() -> None:
    """Let the modules under test register their parts."""
    for name in MODULES:
        importlib.import_module(name)


@dataclass(frozen=True)
class Org:
    """One organisation of the test's port."""

    id: int
    slug: str
    title: Text


@dataclass
class Orgs:
    """Organisations numbered from 10, each with its kind as slug; `strangers` are of the kind of another."""

    numbers: dict[str, int] = field(default_factory=lambda: {kind: 10 + at for at, kind in enumerate(KINDS)})
    kinds: dict[str, str] = field(default_factory=lambda: {kind: kind for kind in KINDS})

    def add(self, slug: str, kind: str) -> None:
        self.numbers[slug] = 10 + len(self.numbers)
        self.kinds[slug] = kind

    def of_kind(self, kind: str) -> tuple[int, ...]:
        return tuple(self.numbers[slug] for slug, its in self.kinds.items() if its == kind)

    def named(self, name: str) -> int | None:
        return self.numbers.get(name.removeprefix("org:").removeprefix("enterprise:").lower())

    def slug(self, number: int) -> str:
        return next((slug for slug, its in self.numbers.items() if its == number), "?")

    def service(self, kind: str) -> Principal:
        return self.service_of(self.of_kind(kind)[0])

    def service_of(self, org: int) -> Principal:
        slug = self.slug(org)
        return Principal(org, slug, self.kinds[slug], f"service:{slug}", frozenset({"operator"}), service=True)

    def org(self, key: int | str) -> Org | None:
        slug = self.slug(key) if isinstance(key, int) else key
        return Org(self.numbers[slug], slug, Text(slug, slug)) if slug in self.numbers else None


@dataclass
class House:
    """A running port: database, worker, HTTP application, and callers by organisation."""

    port: Port
    orgs: Orgs
    app: FastAPI
    options: dict[str, Any]
    home: Path

    def who(self, slug: str, role: str = "officer", clearance: int | None = None) -> Principal:
        level = clearance or (3 if role == "officer" else 2)
        return Principal(
            self.orgs.numbers[slug], slug, self.orgs.kinds[slug], f"user:{slug}", frozenset({role}), level
        )

    def client(self, slug: str = "", role: str = "officer") -> httpx.AsyncClient:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {slug}/{role}"} if slug else {})
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://port", headers=headers, timeout=60)

    async def work(self, rounds: int = 3) -> None:
        """Do all tasks that are due, and those that they cause."""
        worker = Worker(self.port)
        for _ in range(rounds):
            while await worker.step():
                pass

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        """What lies in the database, seen by the superuser."""
        conn = await asyncpg.connect(**{**self.options, "user": "postgres"})
        try:
            await _codec(conn)
            return await conn.fetch(sql, *values)
        finally:
            await conn.close()

    @asynccontextmanager
    async def signing(self) -> AsyncIterator[None]:
        """With the ledger's signer at work."""
        stop = asyncio.Event()
        options = {**self.options, "user": "kouan_signer"}
        task = asyncio.create_task(signer.run(options, self.home, stop, "CNWHH"))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 10)


async def _admin(server: Postgres, *commands: str, database: str = "postgres", user: str = "postgres") -> None:
    conn = await asyncpg.connect(host=str(server.socket), user=user, database=database)
    for command in commands:
        await conn.execute(command)
    await conn.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    home = Path(tempfile.mkdtemp(prefix="kouan-exchange-"))
    with Postgres(home) as running:
        yield running
    shutil.rmtree(home, ignore_errors=True)


DATABASE = "exchange"
EMPTY = """do $$ declare names text; begin
    set local session_replication_role = replica;  -- the ledger refuses to be emptied otherwise
    for names in select quote_ident(tablename) from pg_tables where schemaname = 'public' loop
        execute 'delete from ' || names;  -- for a handful of rows much quicker than truncate, which makes new files
    end loop;
end $$"""


@pytest.fixture(scope="session")
def database(server: Postgres) -> str:
    """The name of a migrated database, which each test finds empty."""
    load()
    parts = [*statements(record_types()), *ddl(INTL), *vault.DDL, *audit.DDL, *(s for m in modules() for s in m.ddl)]
    asyncio.run(_migrate(server, parts))
    return DATABASE


async def _migrate(server: Postgres, parts: list[str]) -> None:
    await _admin(server, f"create database {DATABASE} owner kouan_owner")
    await _admin(server, f"alter database {DATABASE} set synchronous_commit = off")
    await _admin(server, *parts, *parts, database=DATABASE, user="kouan_owner")


async def _authenticate(request: Request) -> Principal:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        raise NotSignedIn(Text("未登录", "Not signed in"))
    slug, _, role = secret.partition("/")
    found: Principal = request.app.state.house.who(slug, role)
    return found


@cache
def _doors() -> FastAPI:
    """All routes of all modules; made once, since making them takes longer than most tests."""
    app = FastAPI()
    problems.install(app)
    for module in modules():
        for router in module.routes:
            app.include_router(router)
    app.router.routes[:0] = [way for module in modules() for way in module.ways]
    return app


def _application(port: Port) -> FastAPI:
    app = _doors()
    app.state = State()
    app.state.port, app.state.authenticate = port, _authenticate
    app.state.settings = SimpleNamespace(demo=True)
    return app


@pytest.fixture
async def house(server: Postgres, database: str, tmp_path: Path) -> AsyncIterator[House]:
    """A port on an empty database."""
    await _admin(server, EMPTY, database=database)
    options = {"host": str(server.socket), "user": "kouan_app", "database": database}
    pool = await asyncpg.create_pool(
        min_size=1, max_size=12, init=_codec, server_settings={"plan_cache_mode": "force_custom_plan", "timezone": "UTC"},
        **options,
    )  # fmt: skip
    orgs, keys = Orgs(), Vault.of(b"k" * 32)
    site = Site("CNWHH", "9901")
    batcher = Batcher(pool, Env(orgs, keys, site))
    batcher.start()
    writer = await AuditWriter.open(pool, token=keys.token)
    port = Port(pool, keys, orgs, site, batcher, writer, {"demo": True, WAYS: Ways(demo=True)})
    made = House(port, orgs, _application(port), options, tmp_path)
    made.app.state.house = made
    yield made
    await batcher.stop()
    await writer.close()
    await pool.close()
