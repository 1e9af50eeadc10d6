"""What the registry declares, what the running platform shows of it, and its database seen from below."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from kouan.app import registry
from kouan.kernel.database import _codec
from tests.conftest import Running

registry.load()


@dataclass
class Database:
    """The platform's database, reached past the platform; a line to it stays open for each role, with a scope and without."""

    socket: str
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _lines: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def fetch(self, sql: str, *values: Any, orgs: Iterable[int] | None = None, user: str = "kouan_app") -> list[Any]:
        """Rows as a role sees them, with `app.orgs` set to some organisations or not set at all."""

        async def ask() -> list[Any]:
            # A setting that was set once is never again as if it had not been: so what has no scope has a line of its own.
            key = (user, orgs is not None)
            if key not in self._lines:
                self._lines[key] = await asyncpg.connect(host=self.socket, user=user, database="kouan")
                await _codec(self._lines[key])
            if orgs is not None:
                await self._lines[key].execute("select set_config('app.orgs', $1, false)", ",".join(map(str, orgs)))
            found: list[Any] = await self._lines[key].fetch(sql, *values)
            return found

        return self._loop.run_until_complete(ask())

    def close(self) -> None:
        """Hang up."""
        for line in self._lines.values():
            line.terminate()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


@contextlib.contextmanager
def database_of(platform: Running) -> Iterator[Database]:
    """A running platform's database."""
    opened = Database(json.loads((platform.home / "run" / "ports.json").read_text())["database_socket"])
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="session")
def database(platform: Running) -> Iterator[Database]:
    """The running platform's database."""
    with database_of(platform) as opened:
        yield opened


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
