"""A PostgreSQL of our own, an application that holds nothing but identity, and the demo cast."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from kouan.app.supervisor.postgres import Postgres
from kouan.base.identity.api import DDL, Directory, seed_demo
from kouan.base.identity.module import MODULE
from kouan.base.identity.service import passwords
from kouan.kernel import audit, database
from kouan.kernel.errors import Failure
from kouan.kernel.settings import Settings

EMPTY = """
    delete from audit; delete from signin_flow; delete from session; delete from token; delete from account;
    delete from organisation where id <> 1;
    alter table organisation alter column id restart with 10; alter table audit alter column id restart with 1
"""


def application() -> FastAPI:
    """Identity's own routes, with failures answered as problem+json."""
    app = FastAPI()

    @app.exception_handler(Failure)
    async def problem(request: Request, failure: Failure) -> JSONResponse:
        return JSONResponse(failure.out(), failure.status, media_type="application/problem+json")

    for router in MODULE.routes:
        app.include_router(router)
    return app


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash at the least cost; the real one is measured in test_passwords."""
    monkeypatch.setattr(passwords, "PASSES", 1)
    monkeypatch.setattr(passwords, "KIBIBYTES", 8)


@pytest.fixture(scope="session")
def server() -> Iterator[Settings]:
    """A migrated database; its folder is short, as a socket's path must be."""
    home = Path(tempfile.mkdtemp(prefix="kouan-id-"))
    try:
        with Postgres(home) as postgres:
            settings = Settings(home, database_socket=str(postgres.socket))
            asyncio.run(migrate(settings))
            yield settings
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def migrate(settings: Settings) -> None:
    """Run the DDL twice: it must be idempotent."""
    conn = await database.connect(settings, database.OWNER)
    for statement in (*audit.DDL, *DDL) * 2:
        await conn.execute(statement)
    await conn.close()


@pytest.fixture
async def settings(server: Settings, tmp_path: Path) -> Settings:
    """An empty database and a data folder of its own."""
    conn = await database.connect(server, database.OWNER)
    await conn.execute(EMPTY)
    await conn.close()
    return replace(server, home=tmp_path)


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[database.Pool]:
    """Connections of the application."""
    made = await database.pool(settings, database.APP)
    yield made
    await made.close()


@pytest.fixture
async def demo(settings: Settings, pool: database.Pool) -> dict[tuple[str, str], dict[str, Any]]:
    """The demo cast, seeded: entries of demo.json by organisation and account."""
    (settings.home / "demo.marker").touch()
    return {(e["org"], e["user"]): e for e in await seed_demo(pool, settings.home)}


@pytest.fixture
async def directory(settings: Settings, pool: database.Pool) -> AsyncIterator[Directory]:
    """A directory with its audit."""
    writer = await audit.AuditWriter.open(pool)
    made = await Directory.open(pool, replace(settings, demo=True), writer)
    yield made
    await made.close()
    await writer.close()


@pytest.fixture
async def app(demo: object, directory: Directory) -> FastAPI:
    """The application over the demo cast."""
    made = application()
    made.state.directory = directory
    return made


@pytest.fixture
async def bare_app(settings: Settings, directory: Directory) -> FastAPI:
    """The application of a real site: no demo, nobody in it."""
    made = application()
    directory.settings = settings
    made.state.directory = directory
    return made


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


class Bearer:
    """Calls as a demo account by its token."""

    def __init__(self, client: httpx.AsyncClient, demo: dict[tuple[str, str], dict[str, Any]]) -> None:
        self.client, self.demo = client, demo

    async def __call__(self, org: str, role: str, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.demo[org, role]['token']}"}
        return await self.client.request(method, path, json=body, headers=headers)


@pytest.fixture
async def bearer(app: FastAPI, demo: dict[tuple[str, str], dict[str, Any]]) -> AsyncIterator[Bearer]:
    """Calls by token, without any cookie."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Bearer(client, demo)


Trail = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def trail(pool: database.Pool, directory: Directory) -> Trail:
    """The audit so far, of one action or all."""

    async def read(action: str = "") -> list[dict[str, Any]]:
        assert await directory.audit.settle()
        rows = await pool.fetch("select * from audit where $1 = '' or action = $1 order by id", action)
        return [dict(row) for row in rows]

    return read
