"""The ledger's numbers: durable entries per second, and how soon after commit a proof can be had.

Runs alone: starts its own PostgreSQL (fsync on) and signer in a temporary folder, files from this process over
several connections, a group commit of entries to each transaction as intake does. Beside it, in the same server:
a plain SHA-256 hash chain, which has no signatures, no short proofs and one writer at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from kouan.app.supervisor.postgres import Postgres
from kouan.kernel.ledger import store, verify
from kouan.kernel.ledger.entry import Entry, Sealed, seal_many
from kouan.kernel.ledger.tables import ddl
from kouan.kernel.suites.intl import INTL

WRITERS = 4
GROUP = 50
LOAD_SECONDS = 15.0
PACED_SECONDS = 12.0
PACED_PER_S = 2_000
CHAIN_SECONDS = 8.0
SIGNER = (
    "import sys; from pathlib import Path; from kouan.kernel.ledger.signer import serve;"
    " sys.exit(serve({'host': sys.argv[1], 'user': 'kouan_signer', 'database': 'kouan'}, Path(sys.argv[2]), 'BENCH'))"
)
TICK = os.sysconf("SC_CLK_TCK")
Connect = Callable[[], Awaitable[Any]]


def entries(count: int) -> list[Sealed]:
    """Fresh sealed entries, as large as those of real filings."""
    now = datetime.now(UTC)
    return seal_many(INTL, (
        (
            Entry(
                uuid4(), now, "file", "base.declaration.declaration", "s:" + os.urandom(16).hex(), 1, "trader",
                "a:" + os.urandom(16).hex(), "base.declaration.declaration:write", "wco-dec",
            ),
            sha256(os.urandom(8)).digest(),
        )
        for _ in range(count)
    ))  # fmt: skip


def _cpu_of(pid: int) -> float:
    """CPU seconds of a process and of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(one) for one in fields[11:15]) / TICK


def _cpu(server: int, signer: int) -> dict[str, float]:
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return {
        "client": time.process_time(),
        "signer": _cpu_of(signer),
        "postgres": sum(_cpu_of(pid) for pid in (server, *map(int, children))),
    }


def _spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: round(after[name] - before[name], 2) for name in after}


async def _write(connect: Connect, until: float) -> list[UUID]:
    conn, kept = await connect(), []
    while time.monotonic() < until:
        sealed = entries(GROUP)
        await store.append(conn, sealed)
        kept += [one.id for one in sealed]
    await conn.close()
    return kept


async def _placed(conn: Any) -> int:
    return int(await conn.fetchval("SELECT coalesce(max(size), 0) FROM ledger_checkpoint"))


async def saturate(connect: Connect, cpu: Callable[[], dict[str, float]]) -> dict[str, Any]:
    """As many entries as go; counted until the last is signed."""
    conn, before, began = await connect(), cpu(), time.monotonic()
    first = await _placed(conn)
    until = began + LOAD_SECONDS
    written = await asyncio.gather(*(_write(connect, until) for _ in range(WRITERS)))
    kept = [entry for one in written for entry in one]
    committed = time.monotonic() - began
    while await _placed(conn) < first + len(kept):
        await asyncio.sleep(0.02)
    took, spent = time.monotonic() - began, _spent(before, cpu())
    proof = json.dumps(await store.proof(conn, INTL, kept[-1])).encode()
    await conn.close()
    return {
        "per_s": round(len(kept) / took), "per_cpu_s": round(len(kept) / sum(spent.values())), "entries": len(kept),
        "cpu_s": spent, "drain_s": round(took - committed, 2), "proof_holds": verify.verify(proof).ok,
    }  # fmt: skip


async def _pace(connect: Connect, rate: float, until: float, watched: asyncio.Queue[tuple[UUID, float]]) -> int:
    conn, filed, due = await connect(), 0, time.monotonic()
    while time.monotonic() < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sealed = entries(GROUP)
        await store.append(conn, sealed)
        watched.put_nowait((sealed[0].id, time.monotonic()))
        filed += GROUP
        due += GROUP / rate
    await conn.close()
    return filed


async def _watch(connect: Connect, watched: asyncio.Queue[tuple[UUID, float]], waits: list[float]) -> None:
    conn = await connect()
    while True:
        entry, committed = await watched.get()
        while await store.proof(conn, INTL, entry) is None:
            await asyncio.sleep(0.005)
        waits.append(time.monotonic() - committed)
        watched.task_done()


async def paced(connect: Connect, cpu: Callable[[], dict[str, float]]) -> dict[str, Any]:
    """2,000 entries a second offered; how long after each commit its proof can be fetched."""
    watched: asyncio.Queue[tuple[UUID, float]] = asyncio.Queue()
    waits: list[float] = []
    watching = asyncio.create_task(_watch(connect, watched, waits))
    before, began = cpu(), time.monotonic()
    until = began + PACED_SECONDS
    filed = sum(await asyncio.gather(*(_pace(connect, PACED_PER_S / WRITERS, until, watched) for _ in range(WRITERS))))
    await watched.join()
    spent = _spent(before, cpu())
    watching.cancel()
    waits.sort()
    return {
        "offered_per_s": PACED_PER_S, "filed_per_s": round(filed / (time.monotonic() - began)), "samples": len(waits),
        "p50_ms": round(1000 * waits[len(waits) // 2]), "p99_ms": round(1000 * waits[len(waits) * 99 // 100]),
        "max_ms": round(1000 * waits[-1]), "cpu_s": spent,
    }  # fmt: skip


CHAIN = """
    CREATE TABLE chain (seq bigint PRIMARY KEY, id uuid UNIQUE, body bytea NOT NULL, hash bytea NOT NULL);
    CREATE TABLE chain_head (seq bigint, hash bytea);
    INSERT INTO chain_head VALUES (0, sha256(''))"""


async def _link(connect: Connect, until: float) -> int:
    conn, kept = await connect(), 0
    while time.monotonic() < until:
        sealed = entries(GROUP)
        async with conn.transaction():
            seq, last = await conn.fetchrow("SELECT seq, hash FROM chain_head FOR UPDATE")
            rows = []
            for one in sealed:
                seq, last = seq + 1, sha256(last + one.body).digest()
                rows.append((seq, one.id, one.body, last))
            await conn.copy_records_to_table("chain", records=rows)
            await conn.execute("UPDATE chain_head SET seq = $1, hash = $2", seq, last)
        kept += len(rows)
    await conn.close()
    return kept


async def chain(connect: Connect, cpu: Callable[[], dict[str, float]]) -> dict[str, Any]:
    """The peer: a hash chain in the same server, same entries, same groups, same number of writers."""
    conn = await connect()
    await conn.execute(CHAIN)
    await conn.close()
    before, began = cpu(), time.monotonic()
    until = began + CHAIN_SECONDS
    kept = sum(await asyncio.gather(*(_link(connect, until) for _ in range(WRITERS))))
    took, spent = time.monotonic() - began, _spent(before, cpu())
    spent.pop("signer")
    return {"per_s": round(kept / took), "per_cpu_s": round(kept / sum(spent.values())), "cpu_s": spent}


async def _measure(server: Postgres, home: Path) -> dict[str, Any]:
    owner = await asyncpg.connect(**server.dsn("kouan_owner"))
    for statement in ddl(INTL):
        await owner.execute(statement)
    await owner.close()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SIGNER, str(server.socket), str(home)]
    signer = await asyncio.create_subprocess_exec(*command, env=env)
    pid = server.holder()
    assert pid is not None

    def cpu() -> dict[str, float]:
        return _cpu(pid, signer.pid)

    async def app() -> Any:
        return await asyncpg.connect(**server.dsn("kouan_app"))

    async def owner_connection() -> Any:
        return await asyncpg.connect(**server.dsn("kouan_owner"))

    try:
        conn = await app()
        while not await conn.fetchval("SELECT count(*) FROM ledger_checkpoint"):
            await asyncio.sleep(0.05)
        await conn.close()
        proofs = await paced(app, cpu)
        load = await saturate(app, cpu)
    finally:
        signer.terminate()
        await signer.wait()
    return {"name": "ledger", **load, "p99_ms": proofs["p99_ms"], "proof": proofs, "peers": {
        "sha256 hash chain, same PostgreSQL": await chain(owner_connection, cpu),
        "tessera": {"absent": "a Go library, not installed here"},
    }, "writers": WRITERS, "group": GROUP, "fsync": True}  # fmt: skip


def run() -> dict[str, Any]:
    """Measure and answer: per_s, per_cpu_s (all processes together), p99_ms (commit to proof at 2,000/s), peers."""
    home = Path(tempfile.mkdtemp(prefix="kouan-bench-"))
    try:
        with Postgres(home) as server:
            return asyncio.run(_measure(server, home))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    print(json.dumps(run(), indent=None if given.json else 2))
