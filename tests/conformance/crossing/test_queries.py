"""THE CROSSING TEST, by query: every table that SQL can name, asked whole by accounts of every kind, holds their rows alone."""

from __future__ import annotations

import zlib

import pytest

from kouan.base.query.tables import tables
from kouan.kernel.store.schema import table as stored
from tests.conformance.conftest import Database
from tests.conformance.crossing.expected import World, leaks
from tests.conformance.crossing.test_crossing import walking
from tests.conftest import Running
from tests.turns import TURN

ASKING = [
    "customs-viewer", "border-officer", "maritime-viewer", "terminal-operator", "carrier-clerk", "agent-viewer", "trader-clerk",
    "trucker-clerk",
]  # fmt: skip
APART = ["portoffice-system-admin", "portoffice-security-admin", "portoffice-audit-admin"]
AT_ONCE = 8
"""Tables of one statement."""
WRITTEN = """select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r' and pg_relation_size(c.oid) > 0"""


def due(name: str, table: str, turn: int) -> bool:
    """Whether it is an account's turn to ask a table: half of the accounts ask it at each run, the other half at the next turn."""
    return (ASKING.index(name) + zlib.crc32(table.encode()) + turn) % 2 == 0


def test_each_table_is_asked_by_half_of_the_accounts_and_at_the_next_turn_by_the_others() -> None:
    for table in tables():
        first, then = ({name for name in ASKING if due(name, table, turn)} for turn in (TURN, TURN + 1))
        assert (len(first), first | then) == (len(ASKING) // 2, set(ASKING))


@pytest.fixture(scope="module")
def written(world: World, database: Database) -> set[str]:
    """The tables into which anything was ever written: the others hold nothing for anyone."""
    found = {row["name"] for row in database.fetch(WRITTEN)}
    assert {stored(one.record) for one in world.instances} <= found
    return found


@pytest.mark.parametrize("name", ASKING)
async def test_sql_over_every_table_holds_the_declared_rows(platform: Running, world: World, written: set[str], name: str) -> None:
    async with walking(platform, world, name) as reader:
        known = [(table, cls) for table, cls in tables().items() if stored(cls.facts.name) in written and due(name, table, TURN)]
        assert len(known) > 40
        for some in (known[at : at + AT_ONCE] for at in range(0, len(known), AT_ONCE)):
            parts = ", ".join(f"(select to_json(list(x)) from (select * from {table}) x)" for table, _ in some)
            answer = await reader.ask("/api/query/sql", {"sql": f"select {parts}"})
            assert answer.status_code == 200, answer.text
            found = leaks(answer.text, reader.forbidden)
            assert not found, f"{name} saw {found} in {[table for table, _ in some]}"
            for (_, cls), told in zip(some, answer.json()["rows"][0], strict=True):
                mine = [one for one in world.instances if one.cls is cls and world.fields(one, reader.account)]
                others = [one for one in world.instances if one.cls is cls and not world.fields(one, reader.account)]
                assert all(one.id in (told or "") for one in mine), f"{name} {cls.facts.name}"
                assert not any(one.id in (told or "") for one in others), f"{name} {cls.facts.name}"


@pytest.mark.parametrize("name", APART)
async def test_administrators_ask_nothing(platform: Running, world: World, name: str) -> None:
    async with walking(platform, world, name) as reader:
        sql = {"sql": "select 1"}
        for path, body in (("", {"from": "base.declaration.declaration"}), ("/sql", sql), ("/download", sql)):
            assert (await reader.ask(f"/api/query{path}", body)).status_code == 403
        assert (await reader.get("/api/query/tables/base.declaration.declaration")).status_code == 403


@pytest.mark.parametrize("name", ["terminal-operator", "trucker-clerk"])
async def test_a_hidden_value_is_not_found_by_a_built_query(platform: Running, world: World, name: str) -> None:
    """A condition on a field that the account's party does not see finds no record that has the value."""
    async with walking(platform, world, name) as reader:
        hidden = [
            (one, field) for one in world.instances if one.cls.facts.http for field, value in one.data.items()
            if field not in world.fields(one, reader.account) and isinstance(value, str) and value in world.canaries
            and one.cls.fields[field].level < 3
        ]  # fmt: skip
        assert hidden
        for one, field in hidden[:: max(1, len(hidden) // 12)]:
            asked = {"from": one.record, "where": [{"column": field, "value": one.data[field]}], "select": ["id"]}
            answer = await reader.ask("/api/query", asked)
            assert answer.status_code in (200, 422), answer.text
            assert one.id not in answer.text, f"{name} {one.record}.{field}"
