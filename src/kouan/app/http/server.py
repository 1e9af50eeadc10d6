"""The HTTP application: every module's routes, every record's routes, the web client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi

from kouan.app import registry
from kouan.app.compose import platform, settle
from kouan.app.http import health, meta, pages
from kouan.app.http.bulkheads import Bulkheads
from kouan.app.http.dry import LowWater
from kouan.app.http.guards import Guards
from kouan.base.exchange.api import to_csv, to_xlsx
from kouan.base.identity.api import calling, note_denial
from kouan.facilities.gate.api import Conductor
from kouan.facilities.telemetry.api import Bus, attach
from kouan.kernel.database import Connection, Pool
from kouan.kernel.http import problems, work
from kouan.kernel.http.problems import ProblemOut
from kouan.kernel.http.records import record_router
from kouan.kernel.ledger.routes import ledger_router
from kouan.kernel.modules import modules
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.room import Room
from kouan.kernel.settings import Settings
from kouan.operations.onemap.api import Feed

OPEN = (
    "/api/health", "/api/status", "/api/ledger/key", "/api/ledger/checkpoint", "/api/ledger/consistency",
    "/api/session", "/api/session/demo", "/api/session/oidc", "/api/session/oidc/start", "/api/session/oidc/callback",
)  # fmt: skip
"""Doors that ask for no credentials: health, the public status, what a stranger verifies proofs by, and the ways to sign in."""


def create(settings: Settings) -> FastAPI:
    """The application of a process; it opens what it needs when it starts and closes it when it ends."""
    registry.load()
    room = Room.of(settings)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with platform(settings, room=room) as opened:
            app.state.platform, app.state.port = opened, opened.port
            app.state.directory = opened.directory
            bus = Bus(settings.nats_url, settings.site)
            app.state.feed = feed = Feed(opened.port, bus)
            attach(opened.port, bus, feed.picture)
            bus.start()
            conductor = Conductor(opened.port, settings.nats_url)
            conductor.start()
            await feed.start()
            settle()
            yield
            await conductor.stop()
            await feed.stop()
            await bus.close()

    app = FastAPI(title="Kouan 口岸", version="0.1.0", docs_url=None, redoc_url=None, lifespan=life)
    app.state.settings = settings
    app.state.writers = {"csv": to_csv, "xlsx": to_xlsx}
    problems.install(app)
    app.state.authenticate, app.state.note_denial = _authenticate, note_denial
    _routes(app)
    app.add_middleware(Bulkheads)
    app.add_middleware(LowWater, room=room)
    app.add_middleware(Guards)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend its schema
    return app


async def _authenticate(request: Request) -> Principal:
    return (await calling(request)).principal


def _routes(app: FastAPI) -> None:
    def connection() -> AbstractAsyncContextManager[Connection]:
        source: Pool = app.state.port.pool
        return source.acquire()

    app.include_router(health.router)
    app.include_router(meta.router)
    app.include_router(work.router)
    app.include_router(ledger_router(connection))
    for module in modules():
        for router in module.routes:
            app.include_router(router)
    for cls in record_types():
        if cls.facts.http:
            app.include_router(record_router(cls))
    app.include_router(pages.router)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title,
        version=app.version,
        routes=app.routes,
        description="The open platform for smart ports of entry. 智慧口岸开放平台。",
    )
    parts = schema.setdefault("components", {}).setdefault("schemas", {})
    for cls in record_types():
        for name, part in cls.model_json_schema(ref_template="#/components/schemas/{model}").get("$defs", {}).items():
            parts.setdefault(name, part)
    shapes = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.update(shapes.pop("$defs", {}))
    parts["ProblemOut"] = shapes
    schemes = schema["components"].setdefault("securitySchemes", {})
    schemes["bearer"] = {"type": "http", "scheme": "bearer"}
    schemes["session"] = {"type": "apiKey", "in": "cookie", "name": "kouan_session"}
    schema["security"] = [{"bearer": []}, {"session": []}]
    for path in OPEN:
        for operation in schema["paths"][path].values():
            operation["security"] = []
    app.openapi_schema = schema
    return schema


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        create(settings),
        host=settings.bind,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        lifespan="on",
        backlog=2048,
    )
    await uvicorn.Server(config).serve()
