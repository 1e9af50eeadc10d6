"""What the registry declares, what the running platform shows of it, and its database seen from below."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from kouan.app import registry
from kouan.kernel.database import _codec
from tests.conftest import Running

registry.load()


@dataclass(frozen=True)
class Database:
    """The platform's database, reached past the platform."""

    socket: str

    def fetch(self, sql: str, *values: Any, orgs: Iterable[int] | None = None, user: str = "kouan_app") -> list[Any]:
        """Rows as a role sees them, with `app.orgs` set to some organisations or not set at all."""

        async def ask() -> list[Any]:
            conn = await asyncpg.connect(host=self.socket, user=user, database="kouan")
            try:
                await _codec(conn)
                if orgs is not None:
                    await conn.execute("select set_config('app.orgs', $1, false)", ",".join(map(str, orgs)))
                return await conn.fetch(sql, *values)
            finally:
                await conn.close()

        return asyncio.run(ask())


@pytest.fixture(scope="session")
def database(platform: Running) -> Database:
    """The running platform's database."""
    return Database(json.loads((platform.home / "run" / "ports.json").read_text())["database_socket"])


@pytest.fixture(scope="session")
def openapi(platform: Running) -> dict[str, Any]:
    """What the platform says of its own doors."""
    with platform.client() as stranger:
        found: dict[str, Any] = stranger.get("/openapi.json").json()
    return found


@pytest.fixture(scope="session")
def meta(platform: Running) -> dict[str, Any]:
    """What the platform tells the web client of its registry, as a customs officer."""
    with platform.client("customs") as customs:
        found: dict[str, Any] = customs.get("/api/meta").json()
    return found
