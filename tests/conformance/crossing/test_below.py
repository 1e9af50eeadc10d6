"""Past the platform: what the database itself shows an organisation, and what lies on the disk in the clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kouan.kernel.records import record_type
from kouan.kernel.store.schema import ROW_SECURED, table
from tests.conformance.conftest import Database
from tests.conformance.crossing.expected import Account, World, leaks
from tests.conftest import Running

ORGS = ["customs", "border", "maritime", "transport", "portoffice", "terminal", "carrier", "agent", "trader", "trucker"]
TABLES = """select c.relname as name, c.relrowsecurity as secured from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and has_table_privilege('kouan_app', c.oid, 'select') order by 1"""
OPEN = {"catalogue_entry": ("base.catalogue.dataset", "base.catalogue.element")}
"""What is written to be found by everyone: the index of the catalogue."""
LINES = "select to_jsonb(t)::text as line from {} t"


def of(world: World, org: str) -> Account:
    return next(account for account in world.accounts if account.org == org and account.business)


@pytest.mark.parametrize("org", ORGS)
def test_row_level_security_alone_gives_no_more(world: World, database: Database, org: str) -> None:
    account = of(world, org)
    mine = {one.id for one in world.instances if world.fields(one, account)}
    former = {one.id for one in world.former if world.fields(one, account)}
    known = {one.id for one in world.instances}
    for record in {one.record for one in world.instances}:
        rows = database.fetch(f"select id::text from {table(record)}", orgs=(0, account.number))
        expected = {one.id for one in world.instances if one.record == record} & mine
        assert {row["id"] for row in rows} & known == expected, record
    for shared in ("version", "ref", "event"):
        rows = database.fetch(f"select distinct record_id::text as id from {shared}", orgs=(0, account.number))
        seen = {row["id"] for row in rows} & known
        assert seen <= mine | former, shared
        assert seen >= mine, shared


@pytest.mark.parametrize("org", ORGS)
def test_no_table_holds_a_row_of_which_an_organisation_may_see_nothing(
    world: World, database: Database, org: str
) -> None:
    """Every table that the application reads at all, row by row: canaries of records that are not the organisation's."""
    account = of(world, org)
    readable = {one.id for one in (*world.instances, *world.former) if world.fields(one, account)}
    forbidden = {c for c in world.canaries if not any(one.id in readable for one, _ in world.homes(c))}
    forbidden -= {canary for canary, owner in world.granted.items() if owner == org}
    for row in database.fetch(TABLES):
        if row["secured"]:
            lines = database.fetch(LINES.format(row["name"]), orgs=(0, account.number))
            found = leaks("\n".join(line["line"] for line in lines), forbidden)
            assert not found, f"{org} finds {found} in {row['name']}"


def test_without_a_scope_no_secured_table_has_a_row(world: World, database: Database) -> None:
    secured = [row["name"] for row in database.fetch(TABLES) if row["secured"]]
    assert set(ROW_SECURED) <= set(secured)
    assert {table(one.record) for one in world.instances} <= set(secured)
    for orgs in (None, ()):
        for name in secured:
            assert database.fetch(f"select 1 from {name} limit 1", orgs=orgs) == [], name


def test_tables_without_guard_hold_no_content(world: World, database: Database) -> None:
    """Work, keys, ledger and accounts are not guarded by row: what a record says may not stand there."""
    natural = {canary for canary in world.canaries if any(name == "(reference)" for _, name in world.homes(canary))}
    content = world.canaries - natural
    for row in database.fetch(TABLES):
        if not row["secured"]:
            lines = database.fetch(LINES.format(row["name"]))
            said = {c for c in content if all(one.record in OPEN.get(row["name"], ()) for one, _ in world.homes(c))}
            found = leaks("\n".join(line["line"] for line in lines), content - said)
            assert not found, f"{found} in {row['name']}"


def restricted(world: World) -> set[str]:
    """Canaries of level 3-4, those that name persons, and those of refused messages."""
    found = set(world.granted)
    for one in world.instances:
        for name, value in world.sent.get(one.id, {}).items():
            facts = record_type(one.record).fields.get(name)
            if facts and (facts.level >= 3 or facts.reference == "person"):
                found |= {canary for canary in world.canaries if canary in str(value)}
    return found


def test_restricted_values_lie_nowhere_in_the_clear(world: World, platform: Running) -> None:
    """Names, documents and quarantined bodies: not in the database's files or its log of changes, the stream, the logs."""
    secret = {canary.encode() for canary in restricted(world)}
    assert len(secret) >= 8
    files = [path for path in platform.home.rglob("*") if path.is_file() and path.stat().st_size < 64 << 20]
    assert any("pg_wal" in str(path) for path in files)
    for path in [*files, platform.log]:
        content = read(path)
        found = [canary for canary in secret if canary in content]
        assert not found, f"{found} in {path}"
    public = [canary.encode() for canary in world.canaries if world.homes(canary) and canary.encode() not in secret]
    assert any(canary in read(path) for path in files for canary in public[:20]), "nothing at all was found: the search is blind"


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_no_token_or_canary_stands_in_a_log(world: World, platform: Running) -> None:
    tokens = {account.token for account in world.accounts}
    for path in [platform.log, *(platform.home / "log").rglob("*")]:
        text = read(path).decode("utf-8", "replace") if path.is_file() else ""
        assert not leaks(text, tokens | world.canaries), path


def test_the_signer_and_the_owner_see_what_they_need_only(database: Database) -> None:
    granted = database.fetch(
        """select table_name t from information_schema.role_table_grants
           where grantee = 'kouan_signer' and table_schema = 'public'"""
    )
    names = {row["t"] for row in granted}
    assert all(name.startswith("ledger") for name in names), names


def test_the_application_changes_no_history(database: Database) -> None:
    rows: list[Any] = database.fetch(
        """select table_name t, privilege_type p from information_schema.role_table_grants
           where grantee = 'kouan_app' and table_schema = 'public'"""
    )
    rights = {(row["t"], row["p"]) for row in rows}
    for name in ("version", "event", "audit", "data_use", "security_check", "ledger_checkpoint", "submission"):
        assert not {("UPDATE", "DELETE", "TRUNCATE")} & {p for t, p in rights if t == name}
        assert {p for t, p in rights if t == name} <= {"SELECT", "INSERT"}, name
