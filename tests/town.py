"""A whole demo port in one process for tests: PostgreSQL, seeded organisations, the HTTP application, the worker.

The database lives as long as the test session; each test opens the platform on it and uses fresh references.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kouan.app.compose import Platform, migrate, platform
from kouan.app.demo.seed import seed
from kouan.app.http.server import create
from kouan.app.supervisor.postgres import Postgres
from kouan.base.declaration.api import Declaration
from kouan.kernel.database import scope
from kouan.kernel.following import Following
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.settings import Settings
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.kernel.work import Worker
from kouan.supervision.targeting.service import Desk, Policy
from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import TRADER, Bill, Goods, Voyage
from kouan_sim.traders import Desk as Trade

GREEN = Goods("84581100", "Numerically controlled lathes, SIM test goods", "DE", "CS", 4, 11_200, 10_400, 210_000)
RISKY = Goods("93063000", "Cartridges, SIM test goods", "DE", "CT", 4, 1_000, 900, 20_000, un="0012")
DECLARATION = "/api/records/base/declaration/declaration"
BOOKING = "/api/records/services/booking/booking"
WORKING = ("officer", "operator", "clerk")


@functools.cache
def data_folder() -> Settings:
    """A migrated and seeded data folder with its database, made once a session and removed at its end."""
    home = Path(tempfile.mkdtemp(prefix="kouan-town-"))
    server = Postgres(home)
    server.start()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(server.stop)
    (home / "demo.marker").touch()
    settings = Settings(home=home, demo=True, database_socket=str(server.socket))

    async def make() -> None:
        await migrate(settings)
        async with platform(settings) as opened:
            await seed(opened)

    asyncio.run(make())
    return settings


@dataclass
class Town:
    """A port at work: its HTTP application, its data, its trade."""

    app: FastAPI
    opened: Platform
    accounts: list[dict[str, Any]]
    refs: References = field(default_factory=References)
    clients: dict[tuple[str, str], httpx.AsyncClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trade = Trade(self.refs, "TST")

    @property
    def port(self) -> Port:
        """The port of the process."""
        return self.opened.port

    def client(self, org: str, role: str = "") -> httpx.AsyncClient:
        """A client that calls as a demo account; the organisation's working role unless one is named."""
        if (org, role) not in self.clients:
            fits = [a for a in self.accounts if a["org"] == org and (a["role"] == role if role else a["role"] in WORKING)]
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            headers = {"Authorization": f"Bearer {fits[0]['token']}", "Accept": "application/json"}
            self.clients[org, role] = httpx.AsyncClient(transport=transport, base_url="http://port", headers=headers)
        return self.clients[org, role]

    async def call(self, org: str, method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        """The answer to a call, which must have the status expected."""
        answer = await self.client(org).request(method, path, json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def work(self, rounds: int = 4) -> None:
        """Do all tasks that are due, and those that they cause."""
        worker = Worker(self.port)
        for _ in range(rounds):
            while await worker.step():
                pass
        await Following(self.port).all()
        await self.port.pool.execute("update follower set lease_until = null")  # whoever works next follows at once

    def voyage(self, *bills: Bill) -> Voyage:
        """A voyage with some bills that arrives in six hours."""
        return self.trade.voyage(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=6), 0, extra=bills)

    def bill(self, goods: Goods, boxes: int = 1) -> Bill:
        """A bill of lading for some goods, to the demo's trader."""
        return self.trade.bill(goods, boxes, TRADER)

    async def manifest(self, voyage: Voyage) -> dict[str, Any]:
        """File a voyage's cargo report as its carrier."""
        return await self.intake("carrier", "edifact", cuscar(voyage, datetime.now(UTC)))

    async def declare(self, voyage: Voyage, bill: Bill, **more: Any) -> str:
        """File a declaration for a bill as the trader; answers its reference number."""
        reference = self.refs.next("D")
        await self.intake("trader", "wco-dec", wco_declaration(voyage, bill, reference, datetime.now(UTC), **more))
        return reference

    async def intake(self, org: str, kind: str, body: bytes) -> dict[str, Any]:
        """Post a message; it must be accepted."""
        answer = await self.client(org).post(f"/api/intake/{kind}", content=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def declared(self, reference: str) -> Row:
        """A declaration as it is kept."""
        async with scope(self.port.pool, (0, PLATFORM.org), clearance=4) as conn:
            rows = await equal(conn, Declaration, {"functional_reference": reference})
        assert len(rows) == 1
        return rows[0]

    async def state(self, reference: str) -> str:
        """The state of a declaration."""
        return (await self.declared(reference)).state

    async def trace(self, org: str, key: str) -> Any:
        """What an organisation learns of a key."""
        return await self.call(org, "POST", "/api/trace", {"ref": key})

    async def order_of(self, reference: str, org: str = "customs") -> Any:
        """The open inspection order of a declaration, as an organisation sees it."""
        items = (await self.call(org, "GET", "/api/inspections"))["items"]
        return next(item for item in items if item["data"]["declaration"].endswith("/" + reference.upper()))

    async def book(self, vehicle: str, boxes: list[str], direction: str, opens: timedelta, **more: Any) -> None:
        """Book a window of two hours that opens so much from now."""
        start = datetime.now(UTC) + opens
        body = {
            "number": self.refs.next("BK"), "vehicle": vehicle, "containers": boxes, "direction": direction,
            "opens": start.isoformat(), "closes": (start + timedelta(hours=2)).isoformat(), **more,
        }  # fmt: skip
        await self.call("trucker", "POST", BOOKING, body, 201)

    async def present(self, lane: str, vehicle: str, boxes: list[str], **more: Any) -> Any:
        """Present a vehicle at a lane as the terminal's cameras do."""
        body = {"vehicle": vehicle, "containers": boxes, "direction": lane.partition("-")[0], **more}
        return await self.call("terminal", "POST", f"/api/gates/{lane}/passages", body, 201)


@functools.cache
def doors(settings: Settings) -> FastAPI:
    """The application's doors, which take seconds to build and keep nothing between tests but their middleware."""
    return create(settings)


@asynccontextmanager
async def open_town(settings: Settings) -> AsyncIterator[Town]:
    """The demo port, opened in this event loop; nobody is chosen by chance."""
    async with platform(settings) as opened:
        opened.port.extras["supervision.targeting.desk"] = Desk(opened.port, Policy(share=0.0))
        app = doors(settings)
        app.middleware_stack = None  # built anew in this test's loop
        app.state.platform, app.state.port, app.state.directory = opened, opened.port, opened.directory
        accounts = json.loads((settings.home / "demo.json").read_text())["accounts"]
        made = Town(app, opened, accounts)
        yield made
        for client in made.clients.values():
            await client.aclose()


@pytest.fixture
def town_data() -> Settings:
    """The data folder of the session; the server ends with the thread that started it, so this is the main one."""
    return data_folder()


@pytest.fixture
async def town(town_data: Settings) -> AsyncIterator[Town]:
    """The demo port for one test."""
    async with open_town(town_data) as made:
        yield made
