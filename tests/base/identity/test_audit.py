"""The audit: append-only, without personal data, read by its administrator alone, never silently lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from kouan.kernel import audit, database, references
from kouan.kernel.audit import AuditWriter, Entry, note
from kouan.kernel.database import Pool
from kouan.kernel.errors import Unavailable
from kouan.kernel.principal import PLATFORM
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text

Demo = dict[tuple[str, str], dict[str, Any]]
Bearer = Trail = Callable[..., Any]


@pytest.fixture
def person() -> Iterator[None]:
    references.reference_kind("testperson", Text("测试人员", "Test person"), personal=True)
    yield
    del references._kinds["testperson"]


async def count(pool: Pool) -> int:
    return int(await pool.fetchval("select count(*) from audit"))


@pytest.mark.parametrize("statement", ["update audit set outcome = 'allowed'", "delete from audit", "truncate audit"])
async def test_the_application_cannot_change_the_trail(statement: str, pool: Pool) -> None:
    await note(pool, Entry("test", "denied"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)
    assert await count(pool) == 1


async def test_the_signer_has_no_business_with_identity(settings: Settings) -> None:
    conn = await database.connect(settings, database.SIGNER)
    for table in ("audit", "account", "token", "session", "organisation"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetch(f"select * from {table}")
    await conn.close()


async def test_a_note_stands_or_falls_with_its_transaction(pool: Pool) -> None:
    async with pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        await note(conn, Entry("test", "allowed"), Entry("test", "allowed"))
        await transaction.rollback()
    assert await count(pool) == 0


async def test_entries_are_durable_when_write_returns(pool: Pool) -> None:
    writer = await AuditWriter.open(pool)
    await asyncio.gather(*(writer.write(Entry("test", "allowed", reason=str(n))) for n in range(300)))
    assert await count(pool) == 300
    await writer.close()


async def test_only_restricted_reads_are_entered(pool: Pool) -> None:
    writer = await AuditWriter.open(pool)
    for level in (1, 2, 3, 4):
        await writer.read(PLATFORM, "read", "container:MSKU9070323", level)
    await writer.close()
    rows = await pool.fetch("select org, account, ref, level, outcome from audit order by level")
    assert [tuple(row) for row in rows] == [
        (1, "service:platform", "container:MSKU9070323", level, "allowed") for level in (3, 4)
    ]


async def test_a_restricted_read_is_refused_when_it_cannot_be_entered(pool: Pool, settings: Settings) -> None:
    """Nothing is lost either: what was taken is written when the database takes it again."""
    writer = await AuditWriter.open(pool)
    owner = await database.connect(settings, database.OWNER)
    await owner.execute("revoke insert on audit from kouan_app")
    try:
        with pytest.raises(Unavailable):
            await writer.read(PLATFORM, "read", "x:1", 3)
        with pytest.raises(Unavailable):
            await writer.read(PLATFORM, "read", "x:2", 3)
        writer.offer(Entry("denied", "denied"))
        assert await count(pool) == 0
    finally:
        await owner.execute("grant insert on audit to kouan_app")
        await owner.close()
    assert await writer.settle(5)
    assert await pool.fetchval("select count(*) from audit where action = 'denied'") == 1
    await writer.read(PLATFORM, "read", "x:3", 3)
    await writer.close()


async def test_a_stuck_table_refuses_in_time(pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PATIENCE", 0.3)
    writer = await AuditWriter.open(pool)
    owner = await database.connect(settings, database.OWNER)
    async with owner.transaction():
        await owner.execute("lock table audit in access exclusive mode")
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable):
            await writer.read(PLATFORM, "read", "x:1", 3)
        assert asyncio.get_running_loop().time() - started < 2
    await owner.close()
    await writer.close()


async def test_a_full_queue_refuses_and_drops_nothing(pool: Pool) -> None:
    writer = await AuditWriter.open(pool, limit=10)
    for _ in range(10):
        writer.offer(Entry("test", "denied"))
    with pytest.raises(Unavailable):
        writer.offer(Entry("test", "denied"))
    assert await writer.settle()
    assert await count(pool) == 10
    writer.offer(Entry("test", "denied"))
    await writer.close()
    assert await count(pool) == 11
    with pytest.raises(Unavailable):
        writer.offer(Entry("test", "denied"))


async def test_personal_references_stand_as_tokens(person: None, pool: Pool) -> None:
    await note(pool, Entry("read", "allowed", ref="testperson:370202199001011234"))
    token = "testperson:t_abcdefghijklmnopqrstuvwxyz"
    await note(pool, Entry("read", "allowed", ref="testperson:370202199001011234"), token=lambda _ref: token)
    writer = await AuditWriter.open(pool, token=lambda _ref: token)
    await writer.write(Entry("read", "allowed", ref="testperson:370202199001011234"))
    await writer.close()
    assert [r["ref"] for r in await pool.fetch("select ref from audit order by id")] == ["testperson:*", token, token]


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "长" * 5000, "x" * 100_000])
async def test_no_text_can_block_the_trail(text: str, pool: Pool) -> None:
    writer = await AuditWriter.open(pool)
    await writer.write(Entry(text, "denied", account=text, ref=text, reason=text, request=text, level=9))
    await writer.close()
    assert await count(pool) == 1


async def test_reading_with_filters_and_pages(bearer: Bearer, pool: Pool, demo: Demo) -> None:
    at = datetime.now(UTC) - timedelta(days=1)
    made = [
        Entry(f"act{n % 3}", "denied" if n % 2 else "allowed", 10 + n % 4, f"a{n % 5}", f"r:{n % 7}", 1 + n % 4,
              at=at + timedelta(minutes=n))
        for n in range(60)
    ]  # fmt: skip
    await note(pool, *made)

    async def read(query: str) -> Any:
        answer = await bearer("portoffice", "audit-admin", "GET", f"/api/identity/audit?{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    until = "until=" + (at + timedelta(minutes=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query, wanted in (
        ("action=act1", [e for e in made if e.action == "act1"]),
        ("outcome=denied", [e for e in made if e.outcome == "denied"]),
        ("org=12&account=a3", [e for e in made if e.org == 12 and e.account == "a3"]),
        ("ref=r:5", [e for e in made if e.ref == "r:5"]),
        ("level=3", [e for e in made if e.level >= 3]),
        ("since=" + (at + timedelta(minutes=40)).isoformat().replace("+", "%2B"), made[40:]),
    ):
        found = (await read(f"limit=500&{until}&{query}"))["items"]
        assert [e["at"] for e in found] == [e.at.isoformat().replace("+00:00", "Z") for e in reversed(wanted)], query
    seen: list[int] = []
    after = ""
    while True:
        page = await read(f"limit=7&{until}{after}")
        seen += [e["id"] for e in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == 60
    assert seen == sorted(seen, reverse=True)
    reads = await pool.fetchval("select count(*) from audit where action = 'identity.audit.read'")
    assert reads == 6 + 9
    for wrong in ("limit=0", "after=-1", "outcome=maybe", "since=yesterday", "since=2026-01-01T00:00:00", "action=%00"):
        answer = await bearer("portoffice", "audit-admin", "GET", f"/api/identity/audit?{wrong}")
        assert answer.status_code == 422, wrong
    for edge in ("since=0001-01-01T00:00:00%2B14:00", "until=9999-12-31T23:59:59-12:00"):
        await read(edge)
