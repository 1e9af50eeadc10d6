"""The HTTP application: every module's routes, every record's routes, the web client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request

from kouan.app import registry
from kouan.app.compose import platform, settle
from kouan.app.http import health, meta, pages, rulebook
from kouan.app.http import tiles as site_tiles
from kouan.app.http.bulkheads import Bulkheads
from kouan.app.http.described import describe, described_router
from kouan.app.http.dry import LowWater
from kouan.app.http.guards import CSP, Guards
from kouan.app.http.observed import Observed
from kouan.app.http.signposts import Signposts
from kouan.app.http.tiles import Tiles, policy
from kouan.base.exchange.api import to_csv, to_xlsx
from kouan.base.identity.api import calling, note_denial
from kouan.base.profile.api import plans
from kouan.facilities.gate.api import Conductor
from kouan.facilities.telemetry.api import HISTORY, Bus, History, Seals, attach
from kouan.kernel.database import Connection, Pool
from kouan.kernel.http import problems, work
from kouan.kernel.http.records import record_router
from kouan.kernel.ledger.routes import ledger_router
from kouan.kernel.modules import modules
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_types
from kouan.kernel.room import Room
from kouan.kernel.settings import Settings
from kouan.operations.onemap.api import Feed
from kouan.operations.site.api import SiteView
from kouan.operations.traffic.api import View


def create(settings: Settings) -> FastAPI:
    """The application of a process; it opens what it needs when it starts and closes it when it ends."""
    registry.load()
    room = Room.of(settings)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with platform(settings, room=room) as opened:
            app.state.platform, app.state.port = opened, opened.port
            app.state.directory = opened.directory
            opened.port.keeper = plans(opened.port)
            bus = Bus(settings.nats_url, settings.site, settings.replicas)
            app.state.feed = feed = Feed(opened.port, bus, opened.directory)
            attach(opened.port, bus, feed.picture)
            opened.port.extras.setdefault(HISTORY, History(settings.home, Seals(opened.port.pool, opened.port.vault)))
            bus.start()
            conductor = Conductor(opened.port, settings.nats_url)
            conductor.start()
            await feed.start()
            app.state.traffic = picture = View()
            await picture.start(bus)
            app.state.site = site = SiteView()
            await site.start(bus)
            settle()
            yield
            await conductor.stop()
            await feed.stop()
            await bus.close()

    app = FastAPI(title="Kouan 口岸", version="0.1.0", openapi_url=None, docs_url=None, redoc_url=None, lifespan=life)
    app.state.settings = settings
    app.state.writers = {"csv": to_csv, "xlsx": to_xlsx}
    problems.install(app)
    app.state.authenticate, app.state.note_denial = _authenticate, note_denial
    _routes(app, settings.home)
    app.add_middleware(Bulkheads)
    app.add_middleware(LowWater, room=room)
    app.add_middleware(Observed)
    app.state.tiles = tiles = Tiles.of(settings.tiles)
    app.add_middleware(Guards, csp=policy(CSP, tiles))
    app.router.middleware_stack = Signposts(app.router)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend its schema
    return app


async def _authenticate(request: Request) -> Principal:
    return (await calling(request)).principal


def _routes(app: FastAPI, home: Path) -> None:
    def connection() -> AbstractAsyncContextManager[Connection]:
        source: Pool = app.state.port.pool
        return source.acquire()

    app.include_router(health.router)
    app.include_router(meta.router)
    app.include_router(rulebook.router)
    app.include_router(site_tiles.router)
    app.include_router(work.router)
    app.include_router(ledger_router(connection, lambda: app.state.port.vault.suite))
    for module in modules():
        for router in module.routes:
            app.include_router(router)
    for cls in record_types():
        if cls.facts.http:
            app.include_router(record_router(cls))
    app.include_router(described_router(app, home))
    app.include_router(pages.router)
    app.router.routes[:0] = [way for module in modules() for way in module.ways]


async def serve(settings: Settings, app: FastAPI) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
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
        ws_per_message_deflate=False,
        ws_max_size=64 * 1024,
    )
    await uvicorn.Server(config).serve()
