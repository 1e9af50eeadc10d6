"""A PostgreSQL of our own for the session, a fresh ledger for each test, and a log in memory for pure tests."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

import kouan.kernel
from kouan.app.supervisor.postgres import Postgres
from kouan.kernel.ledger import canonical, signer, store, tree
from kouan.kernel.ledger.entry import Entry, Sealed, fields, seal_many
from kouan.kernel.ledger.keys import SigningKey
from kouan.kernel.ledger.statements import Checkpoint, Rotation
from kouan.kernel.ledger.tables import ddl
from kouan.kernel.suites import folder
from kouan.kernel.suites.intl import INTL
from kouan.kernel.suites.known import SUITES
from kouan.kernel.suites.sm import SM
from kouan.kernel.suites.suite import Suite

ORIGIN = "CNWHH"
SOURCE = Path(next(iter(kouan.kernel.__path__))).parents[1]
SIGNER = (
    "import sys; from pathlib import Path; from kouan.kernel.ledger.signer import serve;"
    " sys.exit(serve({'host': sys.argv[1], 'user': 'kouan_signer', 'database': sys.argv[2]},"
    " Path(sys.argv[3]), sys.argv[4]))"
)


def make_entry(**changes: Any) -> Entry:
    """An entry as a filing makes it."""
    facts: dict[str, Any] = {
        "id": uuid4(), "at": datetime.now(UTC), "action": "file", "record": "base.declaration.declaration",
        "subject": "s:" + uuid4().hex, "version": 1, "org": "trader", "actor": "a:" + uuid4().hex,
        "grant": "base.declaration.declaration:write", "format": "wco-dec",
    }  # fmt: skip
    return Entry(**{**facts, **changes})


@dataclass
class Site:
    """One database with a ledger, and one data folder beside it."""

    server: Postgres
    database: str
    home: Path
    suite: Suite = INTL
    documents: dict[UUID, bytes] = field(default_factory=dict)

    def options(self, role: str) -> dict[str, Any]:
        return {**self.server.dsn(role), "database": self.database}

    @asynccontextmanager
    async def connect(self, role: str = "kouan_app") -> AsyncIterator[Any]:
        conn = await asyncpg.connect(**self.options(role))
        try:
            yield conn
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # its server may be dead
                await conn.close()

    def sealed(self, count: int) -> list[Sealed]:
        pairs = []
        for _ in range(count):
            entry, document = make_entry(), os.urandom(20)
            self.documents[entry.id] = document
            pairs.append((entry, self.suite.hash(document)))
        return seal_many(self.suite, pairs)

    async def file(self, conn: Any, count: int = 1) -> list[UUID]:
        sealed = self.sealed(count)
        await store.append(conn, sealed)
        return [one.id for one in sealed]

    @asynccontextmanager
    async def signing(self, origin: str = ORIGIN, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
        stop = asyncio.Event()
        task = asyncio.create_task(signer.run(self.options("kouan_signer"), self.home, stop, origin, **more))
        try:
            yield task
        finally:
            stop.set()
            if not task.done():
                await asyncio.wait_for(task, 10)

    def start_signer(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", SIGNER, str(self.server.socket), self.database, str(self.home), ORIGIN],
            env={**os.environ, "PYTHONPATH": str(SOURCE)}, stderr=subprocess.PIPE,
        )  # fmt: skip

    async def proof(self, conn: Any, entry: UUID, seconds: float = 20) -> dict[str, Any]:
        """The proof of an entry, once it is there."""
        limit = time.monotonic() + seconds
        while (found := await store.proof(conn, self.suite, entry)) is None:
            assert time.monotonic() < limit, "no proof in time"
            await asyncio.sleep(0.02)
        return found

    async def settled(self, conn: Any, size: int, seconds: float = 20) -> dict[str, Any]:
        """The checkpoint, once it covers `size` leaves."""
        limit = time.monotonic() + seconds
        sql = "SELECT max(size) FROM ledger_checkpoint"
        while (-1 if (found := await conn.fetchval(sql)) is None else found) < size:
            assert time.monotonic() < limit, "no checkpoint in time"
            await asyncio.sleep(0.02)
        return await store.checkpoint(conn)

    async def copy(self, home: Path | None = None) -> Site:
        """The database as it stands now, as a backup would restore it."""
        name = f"t{uuid4().hex}"
        await _admin(self.server, f"CREATE DATABASE {name} TEMPLATE {self.database} OWNER kouan_owner")
        return Site(self.server, name, home or self.home, self.suite, self.documents)


async def _admin(server: Postgres, *commands: str) -> None:
    conn = await asyncpg.connect(host=str(server.socket), user="postgres", database="postgres")
    for command in commands:
        await conn.execute(command)
    await conn.close()


async def make_site(server: Postgres, home: Path, suite: Suite = INTL) -> Site:
    """A database of its own with the ledger's tables."""
    folder.state(home, suite.code)
    name = f"t{uuid4().hex}"
    await _admin(server, f"CREATE DATABASE {name} OWNER kouan_owner")
    site = Site(server, name, home, suite)
    async with site.connect("kouan_owner") as conn:
        for statement in ddl(suite):
            await conn.execute(statement)
    return site


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    home = Path(tempfile.mkdtemp(prefix="kouan-ledger-"))
    with Postgres(home) as running:
        yield running
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that a test may kill."""
    home = Path(tempfile.mkdtemp(prefix="kouan-ledger-"))
    with Postgres(home) as running:
        yield running
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def site(server: Postgres, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """A fresh ledger: by the default suite, or by the one that a test names as the fixture's parameter."""
    made = await make_site(server, tmp_path, SUITES[getattr(request, "param", INTL.code)])
    yield made
    await _admin(server, f"DROP DATABASE IF EXISTS {made.database} WITH (FORCE)")


@pytest.fixture
def site_maker() -> Any:
    return make_site


@pytest.fixture
def entry_maker() -> Callable[..., Entry]:
    return make_entry


@dataclass
class MemoryLog:
    """A log without a database, to build proofs from and to tamper with."""

    sealed: list[Sealed] = field(default_factory=list)
    suite: Suite = INTL
    named: str | None = "intl"
    keys: list[SigningKey] = field(default_factory=list)
    rotations: list[dict[str, Any]] = field(default_factory=list)
    origin: str = ORIGIN

    def __post_init__(self) -> None:
        self.keys.append(self.new_key())

    def grow(self, count: int) -> None:
        self.sealed += seal_many(self.suite, ((make_entry(), self.suite.hash(str(at).encode())) for at in range(count)))

    def new_key(self) -> SigningKey:
        return SigningKey.of(self.suite, self.suite.new_private())

    def rotate(self) -> None:
        old, new = self.keys[-1], self.new_key()
        statement = Rotation(
            self.origin, canonical.to_base64(old.spki), canonical.to_base64(new.spki), len(self.sealed),
            "2026-01-31T08:00:00.000000Z", self.named,
        )  # fmt: skip
        self.rotations.append(self._signed(old, statement.body()))
        self.keys.append(new)

    def checkpoint(self) -> Checkpoint:
        root = tree.Frontier(self.suite)
        root.extend(one.leaf(self.suite) for one in self.sealed)
        return Checkpoint(
            self.origin, len(self.sealed), root.root().hex(), "2026-01-31T08:00:01.500000Z",
            self.keys[-1].fingerprint, self.named,
        )  # fmt: skip

    def path(self, index: int) -> list[str]:
        leaves = [one.leaf(self.suite) for one in self.sealed]
        found = []
        for start, end in tree.inclusion_ranges(index, len(leaves)):
            part = tree.Frontier(self.suite)
            part.extend(leaves[start:end])
            found.append(part.root().hex())
        return found

    def proof(self, index: int) -> dict[str, Any]:
        one, key = self.sealed[index], self.keys[-1]
        return {
            **({"v": 2, "suite": self.named} if self.named else {"v": 1}),
            "entry": fields(one.body), "leaf_index": index, "path": self.path(index),
            "checkpoint": self._signed(key, self.checkpoint().body()),
            "key": {"fingerprint": key.fingerprint, "spki": canonical.to_base64(key.spki)},
            "rotations": self.rotations,
            "disclosure": {"salt": one.salt.hex(), "document": one.document.hex()},
        }  # fmt: skip

    @staticmethod
    def _signed(key: SigningKey, body: bytes) -> dict[str, Any]:
        return {**fields(body), "signature": canonical.to_base64(key.sign(body))}


def _make_log(suite: Suite, *, named: bool = True) -> MemoryLog:
    made = MemoryLog(suite=suite, named=suite.code if named else None)
    made.grow(7)
    made.rotate()
    made.grow(6)
    made.rotate()
    made.grow(6)
    return made


@pytest.fixture(params=["intl", "sm", "version 1"])
def log(request: pytest.FixtureRequest) -> MemoryLog:
    """Nineteen entries and two rotations: paths of several steps, a chain of several links.

    By each suite, and as it was written before statements named theirs."""
    return _make_log(SM if request.param == "sm" else INTL, named=request.param != "version 1")


@pytest.fixture(scope="session")
def honest() -> str:
    """A saved proof, for properties that draw their own variations of it."""
    return json.dumps(_make_log(INTL).proof(11))
