"""A PostgreSQL of its own (fsync on) with the platform's real tables, and what a measurement of a decision shares."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bench._platform import cpu_of, family, machine
from kouan.app import registry
from kouan.app.compose import migrate
from kouan.app.supervisor.postgres import Postgres
from kouan.kernel import vault
from kouan.kernel.audit import AuditWriter
from kouan.kernel.database import APP, pool
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.settings import Settings
from kouan.kernel.store.batch import Batcher
from kouan.kernel.store.filing import Env
from kouan.kernel.store.ops import Site

CUSTOMS, TRADER = 10, 12
ORGS: Mapping[str, tuple[int, str]] = {
    "customs": (CUSTOMS, "customs"), "trader": (TRADER, "trader"), "terminal": (15, "terminal"),
    "portoffice": (16, "portoffice"), "border": (17, "border"), "maritime": (18, "maritime"),
}  # fmt: skip


class Orgs:
    """Some organisations, known by number."""

    def of_kind(self, kind: str) -> tuple[int, ...]:
        """Numbers of a kind."""
        return tuple(number for number, its in ORGS.values() if its == kind)

    def named(self, name: str) -> int | None:
        """The number of a slug."""
        found = ORGS.get(name.partition(":")[2] or name)
        return found[0] if found else None

    def slug(self, number: int) -> str:
        """The slug of a number."""
        return next((slug for slug, (its, _) in ORGS.items() if its == number), "?")

    def service(self, kind: str) -> Principal:
        """Whoever acts for a kind."""
        return who(kind)


def who(slug: str) -> Principal:
    """A person of an organisation."""
    number, kind = ORGS[slug]
    return Principal(number, slug, kind, f"user:{slug}", frozenset({"officer"}), 2)


@dataclass
class House:
    """The server, its settings and keys."""

    server: Postgres
    settings: Settings

    async def connect(self, user: str) -> Any:
        """A connection as a database user."""
        return await asyncpg.connect(host=str(self.server.socket), user=user, database="kouan")

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of this process and of the server with its children."""
        pid = self.server.holder()
        assert pid is not None
        return {"client": time.process_time(), "postgres": sum(cpu_of(one) for one in family(pid))}

    @asynccontextmanager
    async def port(self, *, size: int, lanes: int) -> AsyncIterator[Port]:
        """A process's port with a committer of that size."""
        source = await pool(self.settings, APP, lanes + 4)
        keys, site = vault.Vault.at(self.settings.home), Site("CNWHH", "9901")
        batcher = Batcher(source, Env(Orgs(), keys, site), size=size, lanes=lanes)
        batcher.start()
        trail = await AuditWriter.open(source, token=keys.token)
        try:
            yield Port(source, keys, Orgs(), site, batcher, trail)
        finally:
            await batcher.stop()
            await trail.close()
            await source.close()


@contextmanager
def house() -> Iterator[House]:
    """A server in a temporary folder with every table of the registry; removed at the end."""
    registry.load()
    home = Path(tempfile.mkdtemp(prefix="kouan-decide-"))
    try:
        with Postgres(home) as server:
            settings = Settings(home=home, database_socket=str(server.socket))
            asyncio.run(migrate(settings))
            yield House(server, settings)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def spent(before: Mapping[str, float], after: Mapping[str, float], each: int) -> dict[str, float]:
    """CPU milliseconds for one of `each`, by process, and together."""
    by = {name: round(1000 * (after[name] - before[name]) / each, 3) for name in after}
    return {**by, "together": round(sum(by.values()), 3)}


def tell(about: str | None, measured: Mapping[str, Any]) -> None:
    """Print a measurement with what it was measured on."""
    first = (about or "").strip().splitlines()[0]
    print(json.dumps({"measured": first, **measured, "machine": machine()}, ensure_ascii=False, indent=1, default=str))


def parser(about: str | None) -> argparse.ArgumentParser:
    """A command line."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def plan_of(rows: list[Any]) -> dict[str, Any]:
    """What an EXPLAIN (analyze, format json) says in short: kinds of node, rows thrown away, milliseconds."""
    found = rows[0][0]
    tree = (json.loads(found) if isinstance(found, str) else found)[0]
    kinds: list[str] = []
    removed = 0
    left = [tree["Plan"]]
    while left:
        node = left.pop()
        kinds.append(f"{node['Node Type']} {node.get('Index Name', '')}".strip())
        removed += node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1)
        left += node.get("Plans", [])
    return {"nodes": kinds, "rows_thrown_away": removed, "ms": round(tree["Execution Time"], 3)}


def median(values: list[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]


def quiet() -> dict[str, str]:
    """The environment for a child that imports what this process imports."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
