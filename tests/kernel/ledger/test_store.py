"""The ledger in PostgreSQL: proofs at every size, erasure, consistency, who may do what."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import ASGITransport, AsyncClient

from kouan.kernel.errors import Failure, Refused, Unavailable
from kouan.kernel.ledger import leader, store, tiles, tree
from kouan.kernel.ledger.audit import audit
from kouan.kernel.ledger.failures import UnknownEntry
from kouan.kernel.ledger.routes import ledger_router
from kouan.kernel.ledger.tables import ddl
from kouan.kernel.ledger.verify import verify, verify_consistency
from kouan.kernel.suites.suite import Suite

SUITES = pytest.mark.parametrize("site", ["intl", "sm"], indirect=True)


def holds(proof: dict[str, Any], document: bytes | None = None) -> bool:
    return verify(json.dumps(proof, indent=2).encode(), document).ok


async def test_a_filing_is_proved(site: Any) -> None:
    async with site.connect() as conn, site.signing():
        (entry,) = await site.file(conn)
        proof = await site.proof(conn, entry)
        assert proof["entry"]["id"] == str(entry)
        assert holds(proof, site.documents[entry])
        assert not holds(proof, b"another document")
        assert await store.positions(conn, [entry, uuid4()]) == {entry: 0}


async def test_it_waits_for_commit_and_checkpoint(site: Any) -> None:
    async with site.connect() as conn, site.connect() as other:
        (entry,) = await site.file(conn)
        assert await store.proof(conn, site.suite, entry) is None
        assert await store.positions(conn, [entry]) == {}
        with pytest.raises(UnknownEntry):
            await store.proof(conn, site.suite, uuid4())
        with pytest.raises(Unavailable):
            await store.checkpoint(conn)
        async with site.signing():
            transaction = other.transaction()
            await transaction.start()
            (uncommitted,) = await site.file(other)
            await site.settled(conn, 1)
            await transaction.rollback()
            await site.proof(conn, entry)
            with pytest.raises(UnknownEntry):
                await store.proof(conn, site.suite, uncommitted)


async def test_later_numbers_that_commit_first(site: Any) -> None:
    async with site.connect() as slow, site.connect() as fast, site.signing():
        transaction = slow.transaction()
        await transaction.start()
        (early,) = await site.file(slow)
        (late,) = await site.file(fast)
        before = await site.proof(fast, late)
        assert await store.positions(fast, [early]) == {}
        await transaction.commit()
        after = await site.proof(fast, early)
        numbers = dict(await fast.fetch("SELECT id, seq FROM ledger_entry"))
        assert numbers[early] < numbers[late]
        assert (before["leaf_index"], after["leaf_index"]) == (0, 1)
        assert holds(before)
        assert holds(after)
        assert (await audit(fast, site.suite)).ok


async def test_a_transaction_that_stays_open_long(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading of the queue has moved on above its numbers, and comes back for them."""
    monkeypatch.setattr(leader, "LATE_SECONDS", 0.4)
    async with site.connect() as slow, site.connect() as fast, site.signing():
        transaction = slow.transaction()
        await transaction.start()
        early = await site.file(slow, 3)
        for _ in range(6):
            (late,) = await site.file(fast)
            await site.proof(fast, late)
        await transaction.commit()
        assert holds(await site.proof(fast, early[0]))
        assert sorted((await store.positions(fast, early)).values()) == [6, 7, 8]


@SUITES
async def test_proofs_across_tiles(site: Any) -> None:
    """Sizes around and over the width of tiles; every proof is by another way through the tree."""
    async with site.connect() as conn, site.signing():
        entries: list[Any] = []
        checkpoints = []
        for count in (1, 254, 1, 1, 255, 3, 997, 10_000):
            entries += await site.file(conn, count)
            checkpoints.append(await site.settled(conn, len(entries)))
            for index in {0, 1, 255, 256, len(entries) // 2, len(entries) - 2, len(entries) - 1}:
                if 0 <= index < len(entries):
                    proof = await store.proof(conn, site.suite, entries[index])
                    assert proof is not None
                    assert proof["checkpoint"]["size"] == len(entries)
                    assert holds(proof, site.documents[entries[index]])
        bodies = await conn.fetch(
            "SELECT body FROM ledger_entry e JOIN ledger_leaf l ON l.entry = e.id ORDER BY leaf_index"
        )
        edge = tree.Frontier(site.suite)
        edge.extend(tree.leaf_hash(site.suite, row[0]) for row in bodies)
        assert checkpoints[-1]["root"] == edge.root().hex()
        await _consistency(conn, site.suite, checkpoints)
        found = await audit(conn, site.suite)
        assert (found.problems, found.size, found.root) == ([], len(entries), edge.root().hex())
        assert found.checkpoints >= len(checkpoints)


async def _consistency(conn: Any, suite: Suite, checkpoints: list[dict[str, Any]]) -> None:
    for at, old in enumerate(checkpoints):
        same = await store.consistency(conn, suite, old["size"], old["size"])
        assert (same["path"], same["roots"]) == ([], {"from": old["root"], "to": old["root"]})
        for new in checkpoints[at + 1 :]:
            answer = await store.consistency(conn, suite, old["size"], new["size"])
            assert answer["roots"] == {"from": old["root"], "to": new["root"]}
            assert verify_consistency(suite, old["size"], new["size"], old["root"], new["root"], answer["path"])
            assert not verify_consistency(suite, old["size"], new["size"], new["root"], old["root"], answer["path"])


async def test_reading_while_it_grows(site: Any) -> None:
    async with site.connect() as conn, site.connect() as writer, site.signing():
        first = await site.file(conn, 200)
        await site.settled(conn, 200)

        async def write() -> None:
            for _ in range(40):
                await site.file(writer, 50)
                await asyncio.sleep(0.02)

        writing = asyncio.create_task(write())
        sizes = set()
        while not writing.done():
            for entry in first[::40]:
                proof = await store.proof(conn, site.suite, entry)
                assert proof is not None
                assert holds(proof)
                sizes.add(proof["checkpoint"]["size"])
        await writing
        assert len(sizes) > 2


@SUITES
async def test_erasure(site: Any) -> None:
    async with site.connect() as conn, site.signing():
        gone, kept = await site.file(conn, 2)
        saved = await site.proof(conn, gone)
        assert await store.forget(conn, [gone]) == 1
        assert await store.forget(conn, [gone, uuid4()]) == 0
        now = await site.proof(conn, gone)
        assert now["disclosure"] is None
        assert now["entry"] == saved["entry"]
        assert holds(saved, site.documents[gone])
        assert holds(now)
        assert not holds(now, site.documents[gone])
        assert holds(await site.proof(conn, kept), site.documents[kept])
        assert (await audit(conn, site.suite)).ok


async def test_erasure_before_the_checkpoint(site: Any) -> None:
    async with site.connect() as conn:
        (gone,) = await site.file(conn)
        await store.forget(conn, [gone])
        async with site.signing():
            assert holds(await site.proof(conn, gone))


@pytest.mark.parametrize(("old", "new"), [(0, 2), (-1, 2), (1, 4), (3, 2), (2**70, 2**71), (1, -5)])
async def test_consistency_that_cannot_be(site: Any, old: int, new: int) -> None:
    async with site.connect() as conn, site.signing():
        await site.file(conn, 3)
        await site.settled(conn, 3)
        with pytest.raises(Refused) as caught:
            await store.consistency(conn, site.suite, old, new)
        assert caught.value.code == "ledger.consistency"
        assert caught.value.field in {"from", "to"}


FORBIDDEN = {
    "kouan_app": [
        "DELETE FROM ledger_entry", "UPDATE ledger_entry SET body = ''", "UPDATE ledger_entry SET salt = NULL",
        "DELETE FROM ledger_pending", "INSERT INTO ledger_leaf VALUES (9, uuidv7(), sha256('a'))",
        "INSERT INTO ledger_pending VALUES (9, uuidv7(), sha256('a'))", "UPDATE ledger_key SET until = now()",
        "INSERT INTO ledger_checkpoint SELECT size + 1, root, at, key, signature, body FROM ledger_checkpoint",
        "UPDATE ledger_request SET done = now()", "TRUNCATE ledger_entry", "DELETE FROM ledger_rotation",
    ],
    "kouan_signer": [
        "DELETE FROM ledger_entry", "UPDATE ledger_entry SET body = ''", "UPDATE ledger_leaf SET leaf_index = 9",
        "DELETE FROM ledger_leaf", "DELETE FROM ledger_checkpoint", "UPDATE ledger_tile SET root = sha256('a')",
        "SELECT ledger_forget('{}')", "UPDATE ledger_key SET spki = ''", "DELETE FROM ledger_key",
    ],
    "kouan_owner": [
        "DELETE FROM ledger_entry", "UPDATE ledger_entry SET body = ''", "TRUNCATE ledger_leaf",
        "UPDATE ledger_entry SET salt = sha256('a')", "DELETE FROM ledger_leaf", "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_checkpoint SET size = 9", "DELETE FROM ledger_tile", "UPDATE ledger_rotation SET number = 9",
        "UPDATE ledger_entry SET at = now(), salt = NULL, document = NULL",
    ],
}  # fmt: skip


@pytest.mark.parametrize("role", FORBIDDEN)
async def test_nobody_rewrites(site: Any, role: str) -> None:
    async with site.connect() as conn, site.connect(role) as hand:
        async with site.signing():
            await site.file(conn, 3)
            await site.settled(conn, 3)
        for command in FORBIDDEN[role]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await hand.execute(command)
        assert (await audit(conn, site.suite)).ok


async def test_tables_can_be_made_again(site: Any) -> None:
    async with site.connect() as conn, site.connect("kouan_owner") as owner, site.signing():
        (entry,) = await site.file(conn)
        await site.proof(conn, entry)
        for statement in ddl(site.suite):
            await owner.execute(statement)
        assert holds(await site.proof(conn, entry))


TAMPERING = {
    "changed": "UPDATE ledger_entry SET body = body || ' ' WHERE seq = 2",
    "missing": "DELETE FROM ledger_entry WHERE seq = 2",
    "leaf": "UPDATE ledger_leaf SET hash = sha256('a') WHERE leaf_index = 7",
    "gap": "UPDATE ledger_leaf SET leaf_index = 999 WHERE leaf_index = 299",
    "tile": "UPDATE ledger_tile SET hashes = substr(hashes, 33) || substr(hashes, 1, 32)",
    "no tile": "DELETE FROM ledger_tile",
    "root": "UPDATE ledger_checkpoint SET root = sha256('a') WHERE size = 300",
    "signature": "UPDATE ledger_checkpoint SET signature = sha512('a') WHERE size = 300",
    "cut": "DELETE FROM ledger_leaf WHERE leaf_index >= 290",
    "astray": "INSERT INTO ledger_entry (id, at, body) VALUES (uuidv7(), now(), 'x'); DELETE FROM ledger_pending",
}


BY_SUITE = [*((kind, "intl") for kind in TAMPERING), ("changed", "sm"), ("leaf", "sm"), ("signature", "sm")]


@pytest.mark.parametrize(("kind", "site"), BY_SUITE, indirect=["site"])
async def test_the_audit_finds(site: Any, kind: str) -> None:
    async with site.connect() as conn, site.connect("kouan_owner") as owner:
        async with site.signing():
            await site.file(conn, 300)
            await site.settled(conn, 300)
        assert (await audit(conn, site.suite)).ok
        for table in ("entry", "leaf", "tile", "checkpoint"):
            await owner.execute(f"ALTER TABLE ledger_{table} DISABLE TRIGGER USER")
        await owner.execute(TAMPERING[kind])
        found = await audit(conn, site.suite)
        assert not found.ok
        assert all(problem.zh and problem.en for problem in found.problems)


async def test_a_missing_tile_is_said(site: Any) -> None:
    async with site.connect() as conn, site.connect("kouan_owner") as owner:
        async with site.signing():
            entries = await site.file(conn, 300)
            await site.settled(conn, 300)
        await owner.execute("ALTER TABLE ledger_tile DISABLE TRIGGER USER")
        await owner.execute("DELETE FROM ledger_tile")
        with pytest.raises(tiles.BrokenTree, match=r"tile \(0, 0\)"):
            await store.proof(conn, site.suite, entries[0])


@SUITES
async def test_doors(site: Any) -> None:
    app = FastAPI()
    app.include_router(ledger_router(site.connect, lambda: site.suite))

    @app.exception_handler(Failure)
    async def failed(_: Request, failure: Failure) -> JSONResponse:
        return JSONResponse(failure.out(), failure.status)

    async with AsyncClient(transport=ASGITransport(app), base_url="http://port/api/ledger") as client:
        assert [(await client.get(path)).status_code for path in ("/key", "/checkpoint")] == [503, 503]
        async with site.connect() as conn, site.signing():
            await site.file(conn, 2)
            await site.settled(conn, 2)
            await site.file(conn, 3)
            await site.settled(conn, 5)
        key = await client.get("/key")
        assert key.headers["content-type"].startswith("text/plain")
        assert key.text.startswith("-----BEGIN PUBLIC KEY-----\n")
        checkpoint = (await client.get("/checkpoint")).json()
        assert checkpoint["size"] == 5
        told = (await client.get("/suite")).json()
        assert told["suite"] == checkpoint["suite"] == site.suite.code
        assert told["title"] == site.suite.title.out()
        assert checkpoint["key"] == site.suite.fingerprint(site.suite.spki_of(key.content) or b"")
        answer = (await client.get("/consistency?from=2&to=5")).json()
        assert set(answer) == {"suite", "from", "to", "roots", "path"}
        assert verify_consistency(site.suite, 2, 5, answer["roots"]["from"], checkpoint["root"], answer["path"])
        for query in ("from=0&to=5", "from=2&to=6", "from=-1&to=5", "from=a&to=5", f"from=2&to={9**99}"):
            assert (await client.get(f"/consistency?{query}")).status_code == 422


async def test_a_rush_after_quiet_hours(site: Any) -> None:
    """Statistics that know an empty queue must not make the planner step through a full one row by row."""
    async with site.connect() as conn, site.connect("kouan_owner") as owner, site.signing():
        size = 0
        for _ in range(8):
            await site.file(conn)
            size += 1
            await site.settled(conn, size)
        await owner.execute("VACUUM ANALYZE ledger_pending")
        await site.file(conn, 20_000)
        await site.settled(conn, size + 20_000, seconds=15)
