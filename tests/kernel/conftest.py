"""The tests' own words, one PostgreSQL for the session, a fresh database for each test that keeps something."""

from __future__ import annotations

import asyncio
import importlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kouan.app.supervisor.postgres import Postgres
from tests.kernel import sandbox
from tests.kernel.harness import House, admin, empty, migrate, port_on


@pytest.fixture(scope="session")
def declared_nouns() -> tuple[ModuleType, sandbox.Registries]:
    """The module of the tests' own words and what it declares."""
    return sandbox.declared(lambda: importlib.import_module("tests.kernel.nouns"))


@pytest.fixture
def nouns(declared_nouns: tuple[ModuleType, sandbox.Registries]) -> Iterator[ModuleType]:
    """The tests' own words, alone in the registry for one test."""
    module, registries = declared_nouns
    with sandbox.only(registries):
        follows = (module.Follows.told, module.Follows.poison)
        for heard in (module.HANDLED, module.FAULTS, module.PAUSES, module.RUNS, module.HearsToo.heard, *follows):
            heard.clear()
        yield module


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    """The PostgreSQL of the kernel's tests."""
    home = Path(tempfile.mkdtemp(prefix="kouan-kernel-"))
    with Postgres(home) as running:
        yield running
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(cluster: Postgres, declared_nouns: tuple[ModuleType, sandbox.Registries]) -> str:
    """The name of a migrated database, to be copied."""
    with sandbox.only(declared_nouns[1]):
        asyncio.run(migrate(cluster, "template_kernel"))
    return "template_kernel"


@pytest.fixture(scope="session")
def shared_database(cluster: Postgres, migrated: str) -> str:
    """The database that tests use one after the other, emptied behind each."""
    asyncio.run(admin(cluster, f"create database kernel template {migrated} owner kouan_owner"))
    return "kernel"


@pytest.fixture
async def house(cluster: Postgres, shared_database: str, nouns: ModuleType, tmp_path: Path) -> AsyncIterator[House]:
    """A port on an empty database."""
    options = {"host": str(cluster.socket), "user": "kouan_app", "database": shared_database}
    async with port_on(options) as port:
        yield House(port, options, tmp_path)
    await empty(cluster, shared_database)
