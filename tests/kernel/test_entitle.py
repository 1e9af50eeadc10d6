"""Entitlement: who reads a record is who it declares, and what they see is what it declares; computed here once more."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.database import scope
from kouan.kernel.formats import Draft
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import mask, parties_of, readers_of, roles_in, scope_of, shown, visible
from kouan.kernel.store.reading import one
from kouan.kernel.store.shape import items
from tests.kernel.harness import KEYS, ORGS, House, Orgs, who

SLUGS = st.sampled_from(sorted(ORGS))
PARTNERS = st.none() | SLUGS | st.just("nobody")
SEES: dict[str, set[str]] = {
    "border": {"*"}, "customs": {"number", "count", "boxes"}, "partner": {"number", "amount", "secret"},
}  # fmt: skip


def expected(cls: Any, filer: str, partner: str | None, reader: str) -> set[str]:
    """The fields of a thing that an organisation may see, by the declaration read once more by hand."""
    kind = ORGS[reader][1]
    mine = {"*"} if reader == filer else set()
    if kind in ("border", "customs"):
        mine |= SEES[kind]
    if reader == partner:
        mine |= SEES["partner"]
    return set(cls.fields) if "*" in mine else mine


def test_parties_readers_and_fields_are_those_declared(nouns: ModuleType) -> None:
    @given(SLUGS, PARTNERS, SLUGS)
    def check(filer: str, partner: str | None, reader: str) -> None:
        thing = nouns.Thing(number="N", partner=partner)
        filed_by = ORGS[filer][0]
        parties = parties_of(thing, filed_by, Orgs(), {})
        readers = readers_of(parties, filed_by)
        wanted = expected(nouns.Thing, filer, partner, reader)
        assert visible(nouns.Thing, parties, filed_by, who(reader)) == wanted
        assert (ORGS[reader][0] in readers) == bool(wanted)
        assert PLATFORM.org in readers
        assert set(readers) <= {PLATFORM.org, *(number for number, _ in ORGS.values())}

    check()


LEVELS = {"number": 1, "person": 2, "name": 3, "code": 4, "remark": 1}
VALUES = {name: f"VALUE-OF-{name}" for name in LEVELS}


def test_what_is_shown_is_entitled_and_cleared_or_masked(nouns: ModuleType) -> None:
    @given(SLUGS, SLUGS, st.integers(1, 4), st.sets(st.sampled_from(sorted(LEVELS))))
    def check(filer: str, reader: str, clearance: int, empty: set[str]) -> None:
        values = {name: None if name in empty else value for name, value in VALUES.items()}
        filed_by = ORGS[filer][0]
        parties = parties_of(nouns.Dossier(number="N"), filed_by, Orgs(), {})
        data, masked, restricted = shown(nouns.Dossier, values, parties, filed_by, who(reader, clearance=clearance))
        kind = ORGS[reader][1]
        mine = set(LEVELS) if reader == filer or kind == "border" else {"number", "remark"} if kind == "customs" else set()
        limit = max(clearance, 3) if reader == filer else clearance
        hidden = {n for n in mine if values[n] is not None and LEVELS[n] > limit}
        assert set(data) == mine
        assert set(masked) == hidden
        assert all(data[name] == values[name] for name in mine - hidden)
        assert all(data[name] != values[name] and len(data[name]) <= 4 for name in hidden)
        assert restricted == any(LEVELS[n] >= 3 and values[n] is not None for n in mine - hidden)

    check()


@given(st.text(max_size=50) | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
def test_a_mask_tells_no_more_than_the_first_character(value: Any) -> None:
    masked = mask(value)
    assert masked in {"***", f"{value[0]}***" if isinstance(value, str) and value else "***"}
    assert len(masked) <= 4


def test_everyone_means_every_organisation(nouns: ModuleType) -> None:
    parties = parties_of(nouns.Quota(code="Q", total=1), ORGS["customs"][0], Orgs(), {})
    for slug in ORGS:
        assert "everyone" in roles_in(parties, who(slug))
        assert visible(nouns.Quota, parties, ORGS["customs"][0], who(slug)) == {"code", "total"}


def test_a_scope_is_the_callers_organisation_and_what_is_everyones() -> None:
    assert scope_of(who("trader")) == (0, 12)


async def seen(house: House, slug: str, cls: Any) -> list[dict[str, Any]]:
    async with house.reading(slug) as conn:
        from_table = await conn.fetch(f"select id from r_test_store_{cls.facts.ref}")
        rows = [await one(conn, cls, row["id"]) for row in from_table]
        return (await items(conn, cls, rows, who(slug), KEYS, Orgs()))[0]


async def test_readers_of_a_subject_read_what_is_said_about_it(house: House, nouns: ModuleType) -> None:
    thing = await house.kept("thing", {"number": "N-1", "partner": "agent"})
    await house.file("remark", {"about": thing.ref, "text": "hello", "inner": "among us"}, by="terminal")
    mine = await seen(house, "terminal", nouns.Remark)
    assert mine[0]["data"] == {"about": "thing:TRADER/N-1", "text": "hello", "inner": "among us"}
    for slug in ("trader", "agent", "border", "customs", "customs2"):
        assert [item["data"] for item in await seen(house, slug, nouns.Remark)] == [
            {"about": "thing:TRADER/N-1", "text": "hello"}
        ]
    assert await seen(house, "rival", nouns.Remark) == []


async def test_a_remark_about_nothing_known_is_its_authors_alone(house: House, nouns: ModuleType) -> None:
    await house.file("remark", {"about": "thing:TRADER/GONE", "text": "hello"}, by="terminal")
    assert len(await seen(house, "terminal", nouns.Remark)) == 1
    for slug in set(ORGS) - {"terminal"}:
        assert await seen(house, slug, nouns.Remark) == []


TABLES = ("r_test_store_thing", "r_test_store_dossier", "version", "ref", "event", "submission")


REFS = {"trader": 3, "border": 3 + 2, "customs": 2 + 1, "customs2": 2 + 1, "agent": 1 + 2}
"""How many references of that thing and dossier each may find: customs sees the boxes of the one and no person."""


async def test_a_reference_is_found_by_those_who_see_its_field(house: House) -> None:
    await house.file("thing", {"number": "N-1", "boxes": ["B1"], "parent": "T9", "partner": "agent", "lines": [{"box": "B2"}]})
    finds = {"trader": 5, "border": 5, "customs": 2, "customs2": 2, "agent": 1, "rival": 0, "terminal": 0}
    for slug, expected in finds.items():
        async with house.reading(slug) as conn:
            assert await conn.fetchval("select count(*) from ref") == expected, slug
        hits = await house.port.find(who(slug), "test.store.thing", ref="thing:T9")
        assert len(hits) == (slug in ("trader", "border")), slug


async def test_the_database_itself_shows_rows_to_their_readers_only(house: House) -> None:
    await house.file("thing", {"number": "N-1", "boxes": ["B1"], "partner": "agent"})
    await house.port.file(who("agent"), [Draft("test.store.dossier", {"number": "D-1", "person": "p1", "name": "Wang"})])
    shared = {"agent", "border", "customs", "customs2"}
    readers = {"thing": {"trader", *shared}, "dossier": shared}
    for slug in ORGS:
        async with house.reading(slug) as conn:
            counts = {name: await conn.fetchval(f"select count(*) from {name}") for name in TABLES}
        wants = {name: slug in orgs for name, orgs in readers.items()}
        both, refs = sum(wants.values()), counts.pop("ref")
        assert counts == {
            "r_test_store_thing": wants["thing"], "r_test_store_dossier": wants["dossier"], "version": both,
            "event": both, "submission": both,
        }, slug  # fmt: skip
        assert refs == REFS.get(slug, 0), slug


async def test_without_a_scope_or_with_an_empty_one_there_is_no_row(house: House) -> None:
    await house.file("thing", {"number": "N-1"})
    async with house.port.pool.acquire() as conn:
        assert [await conn.fetchval(f"select count(*) from {name}") for name in TABLES] == [0] * len(TABLES)
    async with scope(house.port.pool, ()) as conn:
        assert [await conn.fetchval(f"select count(*) from {name}") for name in TABLES] == [0] * len(TABLES)


async def test_a_scope_ends_with_its_transaction(house: House) -> None:
    await house.file("thing", {"number": "N-1"})
    async with house.port.pool.acquire() as conn:
        async with conn.transaction():
            await conn.execute("select set_config('app.orgs', '12', true)")
            assert await conn.fetchval("select count(*) from r_test_store_thing") == 1
        assert await conn.fetchval("select count(*) from r_test_store_thing") == 0


async def test_the_application_may_not_lift_the_guard(house: House) -> None:
    for sql in (
        "alter table r_test_store_thing disable row level security", "drop policy readers on r_test_store_thing",
        "set role kouan_owner", "set role postgres", "alter role kouan_app bypassrls", "delete from r_test_store_thing",
        "delete from version", "update version set doc = '{}'", "delete from event", "update ledger_entry set id = id",
        "delete from ledger_entry", "truncate version", "delete from audit", "update audit set org = 1",
        "create table mine (a int)",
    ):  # fmt: skip
        async with house.port.pool.acquire() as conn:
            await conn.execute("select set_config('app.orgs', '0,1,10,11,12', false)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(sql)


def test_an_administrator_alone_does_not_write() -> None:
    assert not who("customs", "audit-admin").writes
    assert not who("customs", "viewer").writes
    assert who("customs", "clerk").writes
    assert Principal(1, "a", "a", "u", frozenset({"viewer", "clerk"})).writes
