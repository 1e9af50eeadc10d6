"""The shape of a database: said once, and said again when what shall be said or what the catalogue says is another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from kouan.app.supervisor.postgres import Postgres
from kouan.kernel.store import standing
from kouan.kernel.store.schema import secure
from tests.kernel.harness import admin

SAID = ["create table if not exists box (n int, mark text, readers int[])", *secure("box", "select")]
WRONGS = (
    "alter table box disable row level security", "alter table box no force row level security", "drop policy readers on box",
    "alter policy readers on box using (true)", "grant delete on box to kouan_app", "revoke select on box from kouan_app",
    "alter table box drop column mark", "alter table box add column more int", "alter table box alter column mark set default 'x'",
    "drop index box_n", "create or replace function twice(n int) returns int language sql as 'select n'",
    "alter table box disable trigger all", "alter table box drop constraint box_few", "grant execute on function twice to kouan_signer",
)  # fmt: skip
MORE = [
    "create index if not exists box_n on box (n)", "create or replace function twice(n int) returns int language sql as 'select 2 * n'",
    """create or replace function still() returns trigger language plpgsql as 'begin return null; end'""",
    "create or replace trigger box_still after insert on box execute function still()",
    "alter table box drop constraint if exists box_few", "alter table box add constraint box_few check (n < 9)",
    "alter table box add column if not exists mark text", "alter table box alter column mark drop default",
    "revoke delete on box from kouan_app", "alter table box enable trigger all", "revoke execute on function twice from kouan_signer",
]  # fmt: skip


@pytest.fixture
async def owner(cluster: Postgres) -> AsyncIterator[Any]:
    """The owner's connection to an empty database."""
    await admin(cluster, "create database standing owner kouan_owner")
    conn = await asyncpg.connect(host=str(cluster.socket), user="kouan_owner", database="standing")
    yield conn
    await conn.close()
    await admin(cluster, "drop database standing")


async def say(conn: Any, statements: list[str]) -> None:
    await standing.begin(conn)
    for statement in statements:
        await conn.execute(statement)
    await standing.keep(conn, statements)


async def test_what_was_said_stands_until_it_or_the_catalogue_is_another(owner: Any) -> None:
    said = SAID + MORE
    assert not await standing.stands(owner, said)
    await say(owner, said)
    assert await standing.stands(owner, said)
    assert not await standing.stands(owner, said[:-1])
    assert not await standing.stands(owner, said[::-1])
    for wrong in WRONGS:
        await owner.execute(wrong)
        assert not await standing.stands(owner, said), wrong
        if "add column" in wrong:
            await owner.execute("alter table box drop column more")
        await say(owner, said)
        assert await standing.stands(owner, said), wrong


async def test_a_shape_that_was_begun_and_not_ended_does_not_stand(owner: Any) -> None:
    await say(owner, SAID)
    await standing.begin(owner)
    assert not await standing.stands(owner, SAID)
