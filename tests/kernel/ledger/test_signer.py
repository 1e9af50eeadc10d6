"""The signing process: one leader, no lost or second history, whatever dies."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kouan.kernel.ledger import store, witness
from kouan.kernel.ledger.audit import audit
from kouan.kernel.ledger.failures import EXIT_CODE, LedgerRefused
from kouan.kernel.ledger.leader import Leader
from kouan.kernel.ledger.statements import pem_of
from kouan.kernel.ledger.verify import verify

ORIGIN = "CNWHH"
SUITES = pytest.mark.parametrize("site", ["intl", "sm"], indirect=True)


def judge(proof: dict[str, Any], key: str | None = None) -> Any:
    return verify(json.dumps(proof).encode(), key=None if key is None else key.encode())


async def refusal(site: Any, **more: Any) -> str:
    async with site.signing(**more) as task:
        with pytest.raises(LedgerRefused) as caught:
            await asyncio.wait_for(task, 10)
    assert caught.value.reason.zh
    return caught.value.reason.en


def keys(site: Any) -> list[Path]:
    return sorted((site.home / "signer").iterdir())


async def grow(site: Any, count: int, size: int) -> Any:
    async with site.connect() as conn, site.signing():
        await site.file(conn, count)
        return await site.settled(conn, size)


async def rotated(conn: Any, requests: list[Any]) -> None:
    async with asyncio.timeout(20):
        while not all([await store.is_rotated(conn, one) for one in requests]):
            await asyncio.sleep(0.05)


async def test_the_key_is_private(site: Any) -> None:
    await grow(site, 1, 1)
    (file,) = keys(site)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    file.parent.chmod(0o755)
    (file.parent / f".{file.name}.4711").write_bytes(b"half a key")
    await grow(site, 1, 2)
    assert keys(site) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@SUITES
async def test_rotation(site: Any) -> None:
    async with site.connect() as conn, site.signing():
        (entry,) = await site.file(conn)
        old_proof, old_key, (old_file,) = await site.proof(conn, entry), await store.current_key(conn), keys(site)
        pems = [old_key]
        for _ in range(2):
            requests = [await store.request_rotation(conn, "a:token") for _ in range(2)]
            await rotated(conn, requests)
            pems.append(await store.current_key(conn))
        (later,) = await site.file(conn)
        proofs = [await site.proof(conn, entry), await site.proof(conn, later)]
        assert len(set(pems)) == 3
        for proof in proofs:
            assert len(proof["rotations"]) == 2
            assert pem_of(base64.b64decode(proof["key"]["spki"])) == pems[-1]
            assert all(judge(proof, pem).pinned for pem in pems)
        assert judge(old_proof, old_key).pinned
        assert not judge(old_proof, pems[-1]).ok
        (new_file,) = keys(site)
        assert old_file.name != new_file.name
        found = await audit(conn, site.suite)
        assert (found.ok, found.size) == (True, 4)
        rotation = await conn.fetchrow("SELECT entry, body FROM ledger_rotation WHERE number = 1")
        proof = await site.proof(conn, rotation["entry"])
        assert proof["entry"]["action"] == "ledger.rotate"
        assert verify(json.dumps(proof).encode(), rotation["body"]).ok
    await grow(site, 1, 5)
    async with site.connect() as conn:
        assert (await audit(conn, site.suite)).ok


@pytest.mark.parametrize(
    "kind", [asyncpg.ConnectionDoesNotExistError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError]
)
async def test_a_rotation_cut_short(site: Any, kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction of a rotation fails after the new key was written: nothing is lost."""
    await grow(site, 1, 1)
    signing = Leader._sign
    failures = iter([True])

    async def fail(self: Leader, *given: Any) -> Any:
        if next(failures, False):
            raise kind("cut short")
        return await signing(self, *given)

    monkeypatch.setattr(Leader, "_sign", fail)
    async with site.connect() as conn:
        key = await store.current_key(conn)
        request = await store.request_rotation(conn, "a:token")
        async with site.signing():
            await rotated(conn, [request])
            (entry,) = await site.file(conn)
            proof = await site.proof(conn, entry)
        assert judge(proof, key).pinned
        assert len(proof["rotations"]) == 1
        assert (await audit(conn, site.suite)).ok


async def test_a_restored_backup_refuses(site: Any) -> None:
    await grow(site, 5, 5)
    backup = await site.copy()
    await grow(site, 5, 10)
    said = await refusal(backup)
    assert "has 5 entries" in said
    assert "saw 10" in said
    process = backup.start_signer()
    _, error = await asyncio.to_thread(process.communicate, timeout=20)
    assert process.returncode == EXIT_CODE
    assert "拒绝启动" in error.decode()
    await grow(site, 1, 11)


async def test_a_second_history_refuses(site: Any, tmp_path: Path) -> None:
    """A backup that went on elsewhere, under another witness, and is now larger than what ours saw."""
    await grow(site, 5, 5)
    backup = await site.copy(tmp_path / "elsewhere")
    await grow(site, 5, 10)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "signer").symlink_to(site.home / "signer")
    await grow(backup, 9, 14)
    backup.home = site.home
    assert "history was changed" in await refusal(backup)


async def test_another_witness_counts_too(site: Any, tmp_path: Path) -> None:
    far = tmp_path / "far" / "away"
    async with site.connect() as conn, site.signing(witnesses=[far]):
        await site.file(conn, 3)
        await site.settled(conn, 3)
    backup = await site.copy()
    async with site.connect() as conn, site.signing(witnesses=[far]):
        await site.file(conn, 3)
        await site.settled(conn, 6)
    witness.path_of(site.home / "witness", ORIGIN).unlink()
    assert str(far) in await refusal(backup, witnesses=[far])


async def test_an_empty_database_beside_a_witness_refuses(site: Any, server: Any, site_maker: Any) -> None:
    await grow(site, 1, 1)
    assert "has 0 entries" in await refusal(await site_maker(server, site.home))


@pytest.mark.parametrize("content", ["", "{}", "[]", "forged", "other origin"])
async def test_a_witness_that_was_changed_refuses(site: Any, content: str) -> None:
    await grow(site, 3, 3)
    path = witness.path_of(site.home / "witness", ORIGIN)
    honest = path.read_text()
    forged = {
        "forged": honest.replace('"size":3', '"size":1'),
        "other origin": honest.replace('"origin":"CNWHH"', '"origin":"CNXXX"'),
    }
    path.write_text(forged.get(content, content))
    assert "validly signed" in await refusal(site)
    path.write_text(honest)
    await grow(site, 1, 4)


async def test_the_check_stands_alone(site: Any) -> None:
    await grow(site, 2, 2)
    backup = await site.copy()
    await grow(site, 2, 4)
    async with site.connect() as conn, backup.connect() as old:
        await witness.check(conn, site.suite, ORIGIN, [site.home / "witness"])
        with pytest.raises(LedgerRefused):
            await witness.check(old, site.suite, ORIGIN, [site.home / "witness"])


async def test_a_witness_that_cannot_be_written_delays_nothing(site: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    async with site.connect() as conn, site.signing(witnesses=[blocked / "here"]):
        (entry,) = await site.file(conn)
        assert judge(await site.proof(conn, entry)).ok
        blocked.unlink()
        (entry,) = await site.file(conn)
        await site.settled(conn, 2)
    seen = witness.read(witness.path_of(blocked / "here", ORIGIN), site.suite)
    assert seen is not None
    assert seen.checkpoint.size == 2


async def test_a_witness_that_cannot_be_read_refuses(site: Any) -> None:
    await grow(site, 1, 1)
    path = witness.path_of(site.home / "witness", ORIGIN)
    path.unlink()
    path.mkdir()
    assert "cannot be read" in await refusal(site)


async def test_another_origin_refuses(site: Any) -> None:
    await grow(site, 1, 1)
    assert "never changes" in await refusal(site, origin="CNXXX")


@SUITES
async def test_a_missing_or_foreign_key_refuses(site: Any) -> None:
    await grow(site, 1, 1)
    (file,) = keys(site)
    pem = file.read_bytes()
    file.unlink()
    assert "signing key is missing" in await refusal(site)
    file.write_bytes(b"no key")
    assert f"not the {site.suite.signature_name} key" in await refusal(site)
    file.write_bytes(pem)
    await grow(site, 1, 2)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_leaf SET hash = sha256('a') WHERE leaf_index = 299",
        "UPDATE ledger_tile SET root = sha256('a')",
        "DELETE FROM ledger_leaf WHERE leaf_index = 299",
        "INSERT INTO ledger_leaf VALUES (300, uuidv7(), sha256('a'))",
        "UPDATE ledger_checkpoint SET signature = sha512('a') WHERE size = 300",
        "DELETE FROM ledger_checkpoint WHERE size = 300",
    ],
)
async def test_a_damaged_tree_refuses(site: Any, damage: str) -> None:
    async with site.connect() as conn, site.signing():
        for size in (150, 300):
            await site.file(conn, 150)
            await site.settled(conn, size)
    async with site.connect("kouan_owner") as owner:
        for table in ("leaf", "tile", "checkpoint"):
            await owner.execute(f"ALTER TABLE ledger_{table} DISABLE TRIGGER USER")
        await owner.execute(damage)
    (site.home / "witness" / f"{ORIGIN}.json").unlink()
    assert "damaged" in await refusal(site)


async def test_one_leads_and_another_stands_by(site: Any) -> None:
    async with site.connect() as conn:
        async with site.signing():
            await site.settled(conn, 0)
            async with site.signing() as second:
                entries = await site.file(conn, 10)
                await site.settled(conn, 10)
                holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                assert await conn.fetchval(holders) >= 1
                assert not second.done()
                pid = await conn.fetchval(
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
                    " (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                admin = await asyncpg.connect(host=str(site.server.socket), user="postgres", database="postgres")
                await admin.fetchval("SELECT pg_terminate_backend($1)", pid)
                await admin.close()
                entries += await site.file(conn, 10)
                await site.settled(conn, 20)
        assert await store.positions(conn, entries) == dict(zip(entries, range(20), strict=True))
        assert (await audit(conn, site.suite)).ok


@SUITES
@pytest.mark.slow
async def test_killed_again_and_again_under_load(site: Any) -> None:
    """kill -9 of the signer in the middle of a load: every entry once, in one history."""
    async with site.connect() as conn:
        entries: list[Any] = []
        process = site.start_signer()
        for _ in range(4):
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                entries += await site.file(conn, 40)
                await asyncio.sleep(0.01)
            process.kill()
            await asyncio.to_thread(process.communicate)
            assert process.returncode == -signal.SIGKILL
            process = site.start_signer()
        await site.settled(conn, len(entries))
        process.terminate()
        await asyncio.to_thread(process.communicate, timeout=10)
        assert process.returncode == 0
        indexes = await store.positions(conn, entries)
        assert sorted(indexes.values()) == list(range(len(entries)))
        found = await audit(conn, site.suite)
        assert (found.problems, found.size) == ([], len(entries))
        assert judge(await site.proof(conn, entries[0])).ok


@pytest.mark.slow
async def test_the_database_is_killed(own_server: Any, site_maker: Any, tmp_path: Path) -> None:
    """kill -9 of PostgreSQL under load only delays: what was acknowledged is there, once, with a proof."""
    site = await site_maker(own_server, tmp_path)
    kept: list[Any] = []
    async with site.signing() as task:
        for _ in range(2):
            async with site.connect() as conn:
                for _ in range(30):
                    kept += await site.file(conn, 20)
                    await asyncio.sleep(0.01)
                os.kill(own_server.holder(), signal.SIGKILL)
            own_server.start()
        async with site.connect() as conn:
            kept += await site.file(conn, 5)
            await site.settled(conn, len(kept))
            indexes = await store.positions(conn, kept)
            assert sorted(indexes.values()) == list(range(len(kept)))
            assert (await audit(conn, site.suite)).ok
            assert judge(await site.proof(conn, kept[0])).ok
        assert not task.done()


def test_other_processes_cannot_read_its_memory() -> None:
    """PR_GET_DUMPABLE (3) answers 0: the kernel gives the process's memory to root alone."""
    program = (
        "import ctypes, sys; from kouan.kernel.ledger.signer import harden; libc = ctypes.CDLL(None);"
        " before = libc.prctl(3); done = harden(); sys.exit(f'{before} {done} {libc.prctl(3)}')"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.stderr.split() == ["1", "True", "0"]


async def test_a_clock_set_back(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await grow(site, 1, 1)
    monkeypatch.setattr(
        "kouan.kernel.clock._now",
        lambda: datetime(2001, 1, 1, tzinfo=UTC),
    )
    second = await grow(site, 1, 2)
    assert second["at"] >= first["at"]


@pytest.mark.parametrize("origin", ["", "../x", "a/b", ".hidden", "港口", "x" * 101, "a\n"])
def test_origins_that_name_no_log(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        witness.check_origin(origin)
